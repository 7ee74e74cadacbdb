"""What the models refuse, and that no argument is forgotten. (The rest is in test_contract.py.)"""

from inspect import signature

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM


@pytest.mark.parametrize("kind", [ManyToOneLSTM, ManyToManyLSTM])
@given(batch=st.integers(2, 9), seq=st.integers(2, 9), feature=st.integers(2, 5))
def test_other_axes_features_and_dtypes_are_refused(kind, batch, seq, feature):
    model = kind(input_size=feature, hidden_size=3)
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


@given(batch=st.integers(2, 9), seq=st.integers(2, 9), layers=st.integers(1, 3))
def test_a_state_of_other_sizes_is_refused(batch, seq, layers):
    model = ManyToManyLSTM(input_size=2, hidden_size=3, num_layers=layers)
    x = torch.rand(batch, seq, 2)
    _, (h_n, c_n) = model.step(x)
    needed = (
        f"but this model and x (batch={batch}, seq={seq}, feature=2) need (layer={layers}, "
        f"batch={batch}, hidden=3): pass the state that the call before returned, or None to "
        "start afresh."
    )
    for state, came in [
        ((h_n[:, 1:], c_n), f"h_n of the state is (layer={layers}, batch={batch - 1}, hidden=3)"),
        ((h_n, c_n[:, 1:]), f"c_n of the state is (layer={layers}, batch={batch - 1}, hidden=3)"),
        ((h_n[0], c_n[0]), f"h_n of the state is ({batch}, 3)"),
    ]:
        with pytest.raises(ValueError) as caught:
            model.step(x, state)
        assert str(caught.value) == f"{came}, {needed}"


@pytest.mark.parametrize(
    ("state", "came"),
    [(torch.rand(2, 5, 3), "a Tensor (2, 5, 3)"), ((torch.rand(1, 5, 3),), "of length 1")],
)
def test_a_state_that_is_no_pair_is_refused(state, came):
    with pytest.raises(TypeError) as caught:
        ManyToManyLSTM(input_size=2, hidden_size=3).step(torch.rand(5, 12, 2), state)
    assert str(caught.value) == (
        f"state is {came}, but the pair (h_n, c_n) is needed: pass the state "
        "that the call before returned, or None to start afresh."
    )


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ((None, None), TypeError, "h_n is None, but a tensor is needed"),
        (torch.zeros(2, 1, 5, 3).double().unbind(), ValueError, "h_n has dtype torch.float64, but"),
    ],
)
def test_a_state_of_another_kind_is_refused(state, kind, words):
    with pytest.raises(kind, match=f"{words}.*: pass the state that the call before returned"):
        ManyToManyLSTM(input_size=2, hidden_size=3).step(torch.rand(5, 12, 2), state)


KINDS = (ManyToOneLSTM, ManyToManyLSTM)
X = torch.rand(5, 12, 2)
# argument -> a value that no other axis has, and where it is seen
SEEN = {
    "input_size": (2, lambda model: model.lstm.weight_ih_l0.shape[1]),
    "hidden_size": (7, lambda model: model.lstm(X)[0].shape[2]),
    "output_size": (6, lambda model: model(X).shape[2]),
    "horizon": (9, lambda model: model(X).shape[1]),
    "num_layers": (3, lambda model: len(model.lstm(X)[1][0])),
    "dropout": (0.4, lambda model: 0.0 if torch.equal(model(X), model(X)) else model.lstm.dropout),
}


@pytest.mark.parametrize(
    ("kind", "argument"), [(kind, name) for kind in KINDS for name in signature(kind).parameters]
)
def test_every_argument_shows_in_what_the_model_does(kind, argument):
    """A model in training mode: there dropout lets two answers differ."""
    needed = {"input_size": 2, "hidden_size": 4, "num_layers": 2}
    value, seen = SEEN[argument]
    assert seen(kind(**needed | {argument: value})) == value
    if argument not in needed:
        default = signature(kind).parameters[argument].default
        assert seen(kind(**needed)) == default != value
