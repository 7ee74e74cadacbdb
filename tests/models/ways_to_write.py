"""Other ways to write a model down, other things to return."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .build import Last, last, net
from .data import BATCH, HIDDEN, SEQ, between_zero_and_one, table, target
from .registry import right


@right(y=target(BATCH, 1))
def sequential_with_adapter():
    """nn.Sequential with a small module between GRU and head."""
    gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
    return nn.Sequential(gru, Last(), nn.Linear(HIDDEN, 8), nn.Tanh(), nn.Linear(8, 1))


@right(table, axes="batch seq", y=target(BATCH, 1))
def closure():
    """A function over layers: nothing that could be copied or put into eval mode."""
    cell, head = nn.LSTMCell(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        state = None
        for x_t in x.T:
            state = cell(x_t[:, None], state)
        return head(state[0])

    return forward


@right(y=target(BATCH, 1))
def functional_rnn():
    """A recurrent net of bare tensors and `F.linear`."""
    w_x, w_h, w_y = torch.randn(HIDDEN, 2), torch.randn(HIDDEN, HIDDEN) / 2, torch.randn(1, HIDDEN)

    def forward(x):
        h = x.new_zeros(x.shape[0], HIDDEN)
        for t in range(x.shape[1]):
            h = torch.tanh(F.linear(x[:, t], w_x) + F.linear(h, w_h))
        return F.linear(h, w_y)

    return forward


@right(y=target(BATCH, 7, 2))
def naive_forecast():
    """The last value, seven times: a lambda without any weights."""
    return lambda x: x[:, -1:].expand(-1, 7, -1)


@right(y=target(BATCH, SEQ, 1), causal=True)
class OutputAndState(nn.Module):
    """Returns (output, state), so that a caller can go on from there."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.fc(out), state


@right()
class DictOfResults(nn.Module):
    """Returns a dict, as some training frameworks want it."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = self.lstm(x)[0][:, -1]
        return {"prediction": self.fc(h), "embedding": h}


@right(y=target(BATCH, 1))
class RemembersItsStateForInspection(nn.Module):
    """Keeps the last state as an attribute to look at; no call reads it."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        self.hidden = None

    def forward(self, x):
        out, self.hidden = self.lstm(x)
        return self.fc(out[:, -1])


@right(
    between_zero_and_one,
    y=target(BATCH, 1),
)
def compiled():
    """`torch.compile` around the module."""
    return torch.compile(net(), backend="eager")


@right(between_zero_and_one, y=target(BATCH, 1))
def lazy():
    """A head that learns its width from the first batch."""
    return net(fc=nn.LazyLinear(1))


@dataclass
class Output:
    """What transformers return: a loss, if there was a target, and the answer."""

    loss: torch.Tensor | None
    logits: torch.Tensor


@right(between_zero_and_one, y=target(BATCH, 1))
def loss_of_none_first():
    """A dataclass that starts with the loss, which is None."""
    return net(lambda self, x: Output(None, last(self, x)))
