"""What one call leaves behind for the next."""

import torch
from torch import nn

from .data import BATCH, HIDDEN, SEQ, table, target
from .registry import wrong


@wrong(
    "a state kept between calls",
    y=target(BATCH, 1),
    cause="each call changes self.hidden, and the next one goes on from there.",
)
class StateKeptInTheModule(nn.Module):
    """`self.hidden` goes on from the last batch, though the windows have nothing in common."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        self.hidden = None

    def forward(self, x):
        out, (h, c) = self.lstm(x, self.hidden)
        self.hidden = (h.detach(), c.detach())
        return self.fc(out[:, -1])


@wrong(
    "a state kept between calls",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="each call changes self.h, and the next one goes on from there.",
)
class StateKeptWithItsGraph(nn.Module):
    """The state is made once for five samples, and kept with the whole graph behind it."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        self.h = torch.zeros(2, BATCH, HIDDEN)

    def forward(self, x):
        out, self.h = self.gru(x, self.h)
        return self.fc(out)


@wrong(
    "a state kept between calls",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause=("what a call leaves is kept outside the model's attributes, as in a closure."),
    says="Two calls give two answers: what was asked before changes the second.",
    repair=("start each call anew: hand over what is to be kept as an argument and a result."),
)
def state_kept_in_a_closure():
    """A closure that keeps the cell's state from call to call."""
    cell, head = nn.GRUCell(1, HIDDEN), nn.Linear(HIDDEN, 1)
    state = {}

    def forward(x):
        h = state.get("h")
        for x_t in x.T:
            h = cell(x_t[:, None], h)
        state["h"] = h.detach()
        return head(h)

    return forward


@wrong(
    "a state kept between calls",
    cause="each call changes self.memory, and the next one goes on from there.",
    says="Two calls give two answers: what was asked before changes the second.",
    repair=("start each call anew: hand over what is to be kept as an argument and a result."),
)
class MemoryOfAnswers(nn.Module):
    """The answer is a mean with the answers to the two calls before."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        self.memory = []

    def forward(self, x):
        self.memory.append(self.rnn(x)[0][:, -1])
        return self.fc(torch.stack(self.memory[-3:]).mean(0))


@wrong(
    "a state kept between calls",
    cause="each call changes self.level, and the next one goes on from there.",
)
class RunningMean(nn.Module):
    """A buffer that every call replaces, in eval mode too."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        self.register_buffer("level", torch.zeros(5, 1, 2))

    def forward(self, x):
        self.level = 0.9 * self.level + 0.1 * x.mean(1, keepdim=True).detach()
        return self.fc(self.rnn(x - self.level)[0][:, -1])
