"""What the models refuse. (What they do is in test_contract.py.)"""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import ManyToOneLSTM


@given(st.integers(2, 9), st.integers(2, 9), st.integers(2, 5))
def test_other_axes_features_and_dtypes_are_refused(batch, seq, feature):
    model = ManyToOneLSTM(input_size=feature, hidden_size=3)
    for x, message in [
        (
            torch.rand(seq, feature),
            f"x is ({seq}, {feature}), with 2 axes, but the model needs three, "
            "(batch, seq, feature): one window is a batch of one, x[None].",
        ),
        (
            torch.rand(batch, seq, feature + 1),
            f"x is (batch={batch}, seq={seq}, feature={feature + 1}), but the model was built with "
            f"input_size={feature}: build it with input_size={feature + 1}, or pass the features "
            "it was made for.",
        ),
        (
            torch.rand(batch, seq, feature).double(),
            f"x (batch={batch}, seq={seq}, feature={feature}) has dtype torch.float64, but the "
            "model's weights have torch.float32: use x.to(torch.float32), or "
            "model.to(torch.float64).",
        ),
    ]:
        with pytest.raises(ValueError) as caught:
            model(x)
        assert str(caught.value) == message
