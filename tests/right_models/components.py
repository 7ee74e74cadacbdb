"""Other layers, other data types, other ways to write a model down."""

import warnings

import torch
import torch.nn.functional as F
from mutants.registry import BATCH, FEATURE, HIDDEN, SEQ, right, series, table, target, tokens
from torch import nn
from torch.nn.utils.parametrizations import weight_norm


@right(y=target(BATCH, 1))
class Elman(nn.Module):
    """A plain RNN with ReLU, three layers."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, 8, num_layers=3, nonlinearity="relu", batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[1][-1])


@right(y=target(BATCH, 1))
class GRUWithoutBias(nn.Module):
    """A GRU without biases, and `select` for the last step."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, bias=False, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1, bias=False)

    def forward(self, x):
        return self.fc(self.gru(x)[0].select(1, -1))


@right(y=target(BATCH, 1))
class StackedCells(nn.Module):
    """Two LSTM cells in a loop over time, with zeros to start from."""

    def __init__(self):
        super().__init__()
        self.cells = nn.ModuleList([nn.LSTMCell(2, 8), nn.LSTMCell(8, HIDDEN)])
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        states = [(torch.zeros(x.size(0), c.hidden_size),) * 2 for c in self.cells]
        for x_t in x.unbind(dim=1):
            for i, cell in enumerate(self.cells):
                states[i] = cell(x_t, states[i])
                x_t = states[i][0]
        return self.fc(x_t)


@right(y=target(BATCH, 1))
class LearnedInitialState(nn.Module):
    """h_0 and c_0 are parameters, the same for all samples."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.h_0 = nn.Parameter(torch.randn(2, 1, HIDDEN) / 5)
        self.c_0 = nn.Parameter(torch.zeros(2, 1, HIDDEN))
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        state = (s.expand(-1, x.size(0), -1).contiguous() for s in (self.h_0, self.c_0))
        return self.fc(self.lstm(x, tuple(state))[0][:, -1])


@right(y=target(BATCH, 1))
class WeightNorm(nn.Module):
    """Weight normalisation on the head: its weight is not a leaf."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = weight_norm(nn.Linear(HIDDEN, 1))

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


@right(y=target(BATCH, 1))
class Projection(nn.Module):
    """`proj_size`: h has three numbers, c has eight."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, num_layers=2, proj_size=HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        with warnings.catch_warnings():  # torch says once that this is slow on a CPU
            warnings.simplefilter("ignore")
            _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@right(y=target(BATCH, 1))
class FrozenLSTM(nn.Module):
    """The LSTM is frozen, the head is trained."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True).requires_grad_(False)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


@right(lambda: (series(BATCH, SEQ, FEATURE).double(),), y=target(BATCH, 1))
class FloatInside(nn.Module):
    """x comes from numpy in float64, and `.float()` makes it fit."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x.float())[0][:, -1])


@right(lambda: (series(BATCH, SEQ, FEATURE).double(),), y=target(BATCH, 1).double())
def double_precision():
    """A model in float64."""
    return nn.Sequential(
        nn.LSTM(2, HIDDEN, batch_first=True), Last(), nn.Linear(HIDDEN, 1)
    ).double()


class Last(nn.Module):
    """The last step of a recurrent layer's output."""

    def forward(self, result):
        out, _ = result
        return out[:, -1]


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


@right(tokens, axes="batch seq", y=target(BATCH, HIDDEN))
class TwoTowers(nn.Module):
    """Two branches of one input, an LSTM and a bag of words, added."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.bag = nn.EmbeddingBag(11, HIDDEN)

    def forward(self, ids):
        return self.lstm(self.embedding(ids))[0][:, -1] + self.bag(ids)
