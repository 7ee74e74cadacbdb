"""Layouts of the input and the ends of two directions."""

import torch
from torch import nn

from .data import (
    BATCH,
    FEATURE,
    HIDDEN,
    SEQ,
    VOCAB,
    series,
    table,
    target,
    time_first,
    tokens,
    univariate,
)
from .registry import right


@right(time_first, axes="seq batch feature", y=target(BATCH, 1))
class TimeFirst(nn.Module):
    """A time-first LSTM whose forecast is (batch, target)."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[-1])


@right(time_first, axes="seq batch feature", y=target(SEQ, BATCH, 1), causal=True)
class TimeFirstPerStep(nn.Module):
    """A time-first GRU that returns (seq, batch, target)."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.gru(x)[0])


@right(y=target(BATCH, SEQ, 1), causal=True)
class TransposedForATimeFirstLayer(nn.Module):
    """x is batch first, the layer is time first, and `transpose` stands on both sides of it."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x.transpose(0, 1))
        return self.fc(out).transpose(0, 1)


@right(lambda: (series(BATCH, FEATURE, SEQ),), axes="batch feature seq", y=target(BATCH, 1))
class FeatureSecond(nn.Module):
    """x comes as convolutions want it, and is permuted for the LSTM."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 8, 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = self.pool(torch.relu(self.conv(x))).permute(0, 2, 1)
        _, (h_n, _) = self.lstm(h)
        return self.fc(h_n[-1])


@right(table, axes="batch seq", y=target(BATCH, 1))
class NoFeatureAxis(nn.Module):
    """Windows of one variable; the model adds the feature axis."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x.unsqueeze(-1))[0][:, -1])


@right(table, axes="batch seq", y=target(BATCH, 1))
class LagsTransposed(nn.Module):
    """(windows, lags) made (lags, windows, 1) by `t()`, with a `view` that only adds an axis."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x = x.t().contiguous().view(x.size(1), x.size(0), 1)
        return self.fc(self.rnn(x)[1].view(x.size(1), HIDDEN))


@right(lambda: (series(SEQ, FEATURE),), axes="seq feature", y=target(SEQ, 1), causal=True)
class OneUnbatchedSequence(nn.Module):
    """A single sequence without a batch axis."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


@right(lambda: (series(8, SEQ, FEATURE),), y=target(8, 1))
class EightSamples(nn.Module):
    """Another batch size, with the initial state made from it."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h_0 = torch.zeros(2, x.size(0), HIDDEN)
        _, h_n = self.gru(x, h_0)
        return self.fc(h_n[-1])


@right(
    lambda: (series(1, SEQ, FEATURE),),
    y=target(1, 1),
    question="Do samples mix? A batch of one can't tell",
)
class OneSample(EightSamples):
    """A batch of one."""


@right(y=target(BATCH, 1))
class BothDirectionsToOne(nn.Module):
    """A BiLSTM's answer from the two ends: `h_n[-2]` and `h_n[-1]`."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(torch.cat([h_n[-2], h_n[-1]], dim=1))


@right(y=target(BATCH, 1))
class BothEndsOfTheOutput(nn.Module):
    """The forward half of the last step and the backward half of the first, by a safe `view`."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        out = out.view(x.size(0), x.size(1), 2, HIDDEN)
        return self.fc(torch.cat([out[:, -1, 0], out[:, 0, 1]], dim=1))


@right(y=target(BATCH, 4))
class AllStatesPermutedFirst(nn.Module):
    """h_n of all layers and directions, with the batch brought to the front before `reshape`."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(4 * HIDDEN, 4)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.permute(1, 0, 2).reshape(x.size(0), -1))


@right(lambda: (series(4, SEQ, FEATURE),), y=target(4, 1))
class LayersByView(nn.Module):
    """`h_n.view(layers, directions, batch, hidden)`, as the documentation says; four samples."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        h_n = self.lstm(x)[1][0].view(2, 2, x.size(0), HIDDEN)
        return self.fc(h_n[-1].transpose(0, 1).flatten(1))


@right(tokens, axes="batch seq", y=torch.tensor([1, 0, 3, 2, 1]))
class TokenClassifier(nn.Module):
    """Class logits against whole numbers (batch,), as cross_entropy wants them."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids):
        _, (h_n, _) = self.lstm(self.embedding(ids))
        return self.fc(h_n.squeeze(0))


@right(univariate, y=torch.tensor([2, 0, 1, 1, 2]))
class BidirectionalMaxPool(nn.Module):
    """All steps of both directions, by maximum: (batch, classes)."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 16, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(32, 3)

    def forward(self, x):
        return self.fc(self.lstm(x)[0].max(dim=1).values)


@right(lambda: (series(BATCH, SEQ, FEATURE), series(BATCH, 4, seed=9)), y=target(BATCH, 1))
class StaticCovariates(nn.Module):
    """A second input without a time axis joins the last state."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN + 4, 1)

    def forward(self, x, static):
        return self.fc(torch.cat([self.lstm(x)[0][:, -1], static], dim=1))
