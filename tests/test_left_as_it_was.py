"""What the instruments leave as it was, beyond tensors, lists and dicts."""

from collections import deque

import pytest
import torch
from torch import nn

from lstm_helpers import check_model, dependencies, trace_shapes

X = torch.rand(5, 12, 2)
INSTRUMENTS = {
    "trace_shapes": lambda model: trace_shapes(model, X),
    "check_model": lambda model: check_model(model, X, y=torch.rand(5, 1, 1)),
    "dependencies": lambda model: dependencies(model, X),
}


class Remembering(nn.Module):
    """Keeps its last answers, as a moving average would."""

    def __init__(self, latest):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)
        self.latest = latest

    def forward(self, x):
        yhat = self.linear(self.lstm(x)[0][:, -1])[:, None]
        self.latest.append(yhat.detach())
        return yhat


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("longest", [None, 2])
def test_a_deque_that_forward_fills_is_as_before(instrument, longest):
    """One that is full would have lost what it held."""
    held = [torch.rand(1), torch.rand(1)]
    latest = deque(held, longest)
    model = Remembering(latest)
    INSTRUMENTS[instrument](model)
    assert model.latest is latest
    assert latest.maxlen == longest
    assert len(latest) == 2
    assert all(now is before for now, before in zip(latest, held, strict=True))
