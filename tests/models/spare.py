"""Right models with something that is not read, about which a checker has to ask."""

import torch
import torch.nn.functional as F
from torch import nn

from .data import HIDDEN, univariate
from .registry import right


@right(
    question="residuals.2.weight, residuals.2.bias never get a gradient: the last ones of several",
    spared={
        "residuals.2.weight": "the last residual has no layer after it",
        "residuals.2.bias": "the last residual has no layer after it",
    },
)
class WaveNet(nn.Module):
    """The last residual has no layer after it, only its skip has a reader."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(2, 4, 1)
        self.gates = nn.ModuleList(nn.Conv1d(4, 4, 2, dilation=2**i) for i in range(3))
        self.skips = nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(3))
        self.residuals = nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(3))
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        z, total = self.first(x.mT), 0
        for i, gate in enumerate(self.gates):
            h = torch.tanh(gate(F.pad(z, (2**i, 0))))
            skip, residual = self.skips[i], self.residuals[i]
            total, z = total + skip(h), z + residual(h)
        return self.fc(total.mT)


class Block(nn.Module):
    """What is left of the window for the next block, and a part of the forecast."""

    def __init__(self):
        super().__init__()
        self.inside, self.back, self.ahead = nn.Linear(24, 8), nn.Linear(8, 24), nn.Linear(8, 6)

    def forward(self, x):
        h = torch.relu(self.inside(x))
        return self.back(h), self.ahead(h)


@right(
    question="blocks.2.back.weight, blocks.2.back.bias never get a gradient: the last ones",
    spared={
        "blocks.2.back.weight": "the last backcast has no block after it",
        "blocks.2.back.bias": "the last backcast has no block after it",
    },
)
class NBeats(nn.Module):
    """The last block's backcast has no block after it."""

    def __init__(self, used=3):
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range(3))
        self.used = used

    def forward(self, x):
        rest, forecast = x.flatten(1), 0
        for block in self.blocks[: self.used]:
            back, ahead = block(rest)
            rest, forecast = rest - back, forecast + ahead
        return forecast


@right(
    univariate,
    question="the softmax goes over an axis of one",
    spared={
        "score.weight": "a softmax over one variable is 1",
        "score.bias": "a softmax over one variable is 1",
    },
)
class WeighedVariables(nn.Module):
    """A weight for each variable, by softmax; with one variable it is 1."""

    def __init__(self):
        super().__init__()
        self.score = nn.Linear(1, 1)
        self.rnn = nn.LSTM(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        weights = torch.softmax(self.score(x), dim=-1)
        return self.fc(self.rnn(x * weights)[0][:, -1])
