"""Mistakes 12, 14 and 15: what should hold still in eval mode does not."""

import random

import torch
import torch.nn.functional as F
from torch import nn

from .registry import (
    BATCH,
    HIDDEN,
    HORIZON,
    SEQ,
    VOCAB,
    mutant,
    table,
    target,
    time_first,
    tokens,
    univariate,
)

STATISTICS = (
    r"over the (whole )?batch",
    r"across the batch",
    r"batch.?norm",
    r"statistic",
    r"other samples",
    r"mixes? (the )?samples",
    r"dim=0",
)
KEPT_STATE = (r"hidden state", r"stateful", r"kept|keeps", r"between (two )?calls", r"remember")
RANDOM = (r"dropout", r"random", r"noise", r"stochastic")


@mutant(12, *STATISTICS, y=target(BATCH, 1))
class ScaledOverTheBatch(nn.Module):
    """x is scaled by the mean and spread over the samples that happen to be in the batch."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x = (x - x.mean(dim=0)) / (x.std(dim=0) + 1e-5)
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@mutant(12, *STATISTICS, y=target(BATCH, 1))
class BatchNormWithoutRunningStatistics(nn.Module):
    """BatchNorm with `track_running_stats=False` uses the batch's statistics for ever."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
        self.norm = nn.BatchNorm1d(HIDDEN, track_running_stats=False)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(torch.tanh(self.norm(self.gru(x)[0][:, -1])))


@mutant(12, *STATISTICS, inputs=table, axes="batch seq", y=target(BATCH, 1))
def min_max_over_everything():
    """Min-max scaling with the extremes of the whole batch."""
    rnn, head = nn.RNN(1, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(x):
        x = (x - x.min()) / (x.max() - x.min())
        return head(rnn(x.unsqueeze(-1))[1][-1])

    return forward


@mutant(12, *STATISTICS, r"softmax", inputs=tokens, axes="batch seq", y=target(BATCH, 4))
class AttentionNormalisedOverTheBatch(nn.Module):
    """`softmax(scores, dim=0)`: each step's weights add up to one over the samples."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.gru = nn.GRU(8, HIDDEN, batch_first=True)
        self.score = nn.Linear(HIDDEN, 1)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids):
        states, _ = self.gru(self.embedding(ids))
        weights = F.softmax(self.score(states), dim=0)
        return self.fc((weights * states).sum(dim=1))


@mutant(14, *KEPT_STATE, y=target(BATCH, 1))
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


@mutant(14, *KEPT_STATE, y=target(BATCH, SEQ, 1), causal=True)
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


@mutant(14, *KEPT_STATE, inputs=table, axes="batch seq", y=target(BATCH, 1))
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


@mutant(15, *RANDOM, y=target(BATCH, 1))
class FunctionalDropout(nn.Module):
    """`F.dropout(out)` without `training=self.training` drops for ever."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(F.dropout(out[:, -1], p=0.5))


@mutant(15, *RANDOM, inputs=time_first, axes="seq batch feature", y=target(BATCH, 1))
class DropoutMadeInForward(nn.Module):
    """A new `nn.Dropout` at each call is always in training mode."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, 8, num_layers=2, nonlinearity="relu")
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        _, h_n = self.rnn(x)
        return self.fc(nn.Dropout(0.3)(h_n[-1]))


@mutant(15, *RANDOM, r"h_?0", r"initial", y=target(BATCH, SEQ, 1), causal=True)
class RandomInitialState(nn.Module):
    """`torch.randn` for the initial state: a new answer at each call."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h_0 = torch.randn(1, x.size(0), HIDDEN)
        out, _ = self.lstm(x, (h_0, torch.zeros_like(h_0)))
        return self.fc(out)


@mutant(15, *RANDOM, r"\beval\b", inputs=univariate, y=target(BATCH, HORIZON, 1))
class NoisyDecoder(nn.Module):
    """Python's own random numbers disturb what the decoder feeds back, in eval mode too."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(1, HIDDEN, batch_first=True)
        self.decoder = nn.GRUCell(1, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h, y_t, steps = self.encoder(x)[1][0], x[:, -1], []
        for _ in range(HORIZON):
            h = self.decoder(y_t * random.uniform(0.8, 1.2), h)
            y_t = self.fc(h)
            steps.append(y_t)
        return torch.stack(steps, dim=1)


@mutant(15, *RANDOM, r"train\(", inputs=tokens, axes="batch seq", y=target(BATCH, 4))
class DropoutSwitchedOnInForward(nn.Module):
    """`self.drop.train()` in forward, left over from an experiment with uncertainty."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.drop = nn.Dropout(0.4)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 4)

    def forward(self, ids):
        self.drop.train()
        e = self.drop(self.embedding(ids))
        return self.fc(self.attend(e, e, e, need_weights=False)[0].mean(dim=1))
