"""Small models with distinct sizes: batch 5, seq 12, feature 2, hidden 3."""

import random

import numpy as np
import torch
from torch import nn


class Forecaster(nn.Module):
    """LSTM and linear head; `read` picks from (output, h_n) what the head gets."""

    def __init__(self, read, *, width=3, target=1, layer=nn.LSTM, **options):
        super().__init__()
        self.rnn = layer(2, 3, **{"batch_first": True} | options)
        self.head = nn.Linear(width, target)
        self.read = read

    def forward(self, x):
        out, state = self.rnn(x)
        return self.head(self.read(out, state[0] if isinstance(state, tuple) else state))


def last_step(**options):
    return Forecaster(lambda out, h: out[:, -1], **options)


def every_step(**options):
    return Forecaster(lambda out, h: out, **options)


def last_six(**options):
    return Forecaster(lambda out, h: out[:, -6:], **options)


class Stateful(nn.Module):
    """Keeps its hidden state between calls."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head, self.state = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1), None

    def forward(self, x):
        out, self.state = self.rnn(x, self.state)
        return self.head(out)


class Tokens(nn.Module):
    """(batch, seq) token numbers; one class score per step."""

    def __init__(self, bidirectional=False):
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.rnn = nn.GRU(4, 3, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(6 if bidirectional else 3, 7)

    def forward(self, tokens):
        return self.head(self.rnn(self.embed(tokens))[0])


class Restless(nn.Module):
    """Changes whatever a forward pass can change."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.norm = nn.BatchNorm1d(3)
        self.drop = nn.Dropout(0.5)
        self.calls, self.seen, self.hidden = 0, [], None

    def forward(self, x):
        self.calls += 1
        self.seen.append(x.shape)
        out, self.hidden = self.lstm(x, self.hidden)
        print("in forward", random.random(), np.random.rand(), torch.rand(1))
        x += 1
        result = self.drop(self.norm(out[:, -1]))
        if x.shape[1] == 1:
            raise RuntimeError("one step is not enough")
        return result


def series(batch=5, seq=12, feature=2):
    return torch.randn(batch, seq, feature, generator=torch.Generator().manual_seed(1))


def words(batch=5, seq=12):
    return torch.randint(0, 7, (batch, seq), generator=torch.Generator().manual_seed(1))
