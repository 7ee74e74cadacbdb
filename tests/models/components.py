"""Other layers, other data types, other weights."""

import warnings

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from .build import Built, Last, head_on, lstm, net
from .data import BATCH, FEATURE, HIDDEN, SEQ, series, target, tokens
from .registry import right


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


@right(
    lambda: (series(BATCH, SEQ, FEATURE).double(),),
    y=target(BATCH, 1),
    spared={"float64": "its forward calls float()"},
)
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


@right()
def frozen():
    """The LSTM is frozen, by its own method, and the head is trained."""
    model = net()
    model.rnn.requires_grad_(False)
    return model


@right()
def projected():
    """One layer with `proj_size`."""
    return net(rnn=lstm(2, 5, proj_size=3))


@right()
def normed_weights():
    """Weight norm on one layer of the head, spectral norm on the other."""
    return Built(
        lambda self, x: self.b(self.a(self.rnn(x)[0][:, -1])),
        rnn=lstm(),
        a=weight_norm(nn.Linear(3, 4)),
        b=spectral_norm(nn.Linear(4, 2)),
    )


@right(
    question="Is it meant for batches of 5 only?",
    spared={"alone": "its first state is made for five samples"},
)
def learnt_first_state():
    """h_0 and c_0 are one parameter, which starts from zeros."""
    return head_on(
        lambda self, x: self.rnn(x, (self.h.expand(1, 5, 3).contiguous(),) * 2)[0][:, -1],
        h=nn.Parameter(torch.zeros(1, 1, 3)),
    )
