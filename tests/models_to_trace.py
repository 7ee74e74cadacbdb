"""Models of many styles. Each is built from sizes, so that a test can make all of them equal."""

from dataclasses import dataclass

import torch
from composed_models import (
    Attention,
    ConvFirst,
    DirectForecast,
    EncoderDecoder,
    FromScratch,
    MixedStates,
    RepeatedContext,
    Scrambled,
    SelfAttention,
)
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


@dataclass
class Sizes:
    """All different, so that nothing agrees by chance."""

    batch: int = 5
    seq: int = 12
    feature: int = 2
    hidden: int = 3
    layers: int = 4
    horizon: int = 6
    words: int = 11

    @property
    def x(self):
        return torch.rand(self.batch, self.seq, self.feature)

    @property
    def lengths(self):
        return torch.arange(self.batch).remainder(self.seq - 1).add(2).clamp(max=self.seq)


class Newcomer(nn.Module):
    """The class of the conversation that this course answers: it stores its hidden state."""

    def __init__(self, seq=12, hidden_size=3):
        super().__init__()
        self.seq, self.hidden_size = seq, hidden_size
        self.lstm = nn.LSTM(1, hidden_size, 1, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)
        self.hidden = (torch.zeros(1, 1, hidden_size), torch.zeros(1, 1, hidden_size))

    def forward(self, x):
        x = x.view(1, self.seq, 1)
        out, self.hidden = self.lstm(x, self.hidden)
        out = out.view(-1, self.hidden_size)
        out = self.fc(out)
        return out[-1]


class ManyToOne(nn.Module):
    def __init__(self, s, rnn=nn.LSTM, batch_first=True, **options):
        super().__init__()
        self.rnn = rnn(s.feature, s.hidden, batch_first=batch_first, **options)
        width = options.get("proj_size") or s.hidden
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(width, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        last = out[:, -1] if self.rnn.batch_first else out[-1]
        return self.fc(self.drop(last))


class ManyToMany(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.norm = nn.LayerNorm(s.hidden)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        return self.fc(self.norm(self.lstm(x)[0]))


class Stacked(nn.Module):
    """Layers and directions: h_n taken apart and the two ends of the last layer joined."""

    def __init__(self, s):
        super().__init__()
        self.s = s
        self.lstm = nn.LSTM(s.feature, s.hidden, s.layers, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * s.hidden, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        h_n = h_n.view(self.s.layers, 2, -1, self.s.hidden)
        return self.fc(torch.cat([h_n[-1, 0], h_n[-1, 1]], dim=1))


class CellLoop(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.cell = nn.LSTMCell(s.feature, s.hidden)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        state, outputs = None, []
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
            outputs.append(self.fc(state[0]))
        return torch.stack(outputs, dim=1)


class TimeFirstCells(nn.Module):
    """Two cells in a loop over the first axis; nothing but the loop says that it is time."""

    def __init__(self, s):
        super().__init__()
        self.hidden_size = s.hidden
        self.lower = nn.GRUCell(s.feature, s.hidden)
        self.upper = nn.GRUCell(s.hidden, s.hidden)

    def forward(self, x):
        lower = upper = x.new_zeros(x.shape[1], self.hidden_size)
        for step in x:
            lower = self.lower(step, lower)
            upper = self.upper(lower, upper)
        return upper


class Packed(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = self.lstm(packed)
        out, lengths = pad_packed_sequence(out, batch_first=True)
        return self.fc(out[torch.arange(len(x)), lengths - 1])


class Words(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.embedding = nn.Embedding(s.words, 2 * s.hidden)
        self.lstm = nn.LSTM(2 * s.hidden, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, s.words)

    def forward(self, words):
        out, _ = self.lstm(self.embedding(words))
        return self.fc(out)


def sequential(s):
    return nn.Sequential(nn.LSTM(s.feature, s.hidden, batch_first=True), nn.Linear(s.hidden, 1))


def cases(s):
    """name -> (model, inputs, axes): everything that has a golden file."""
    time_first = s.x.transpose(0, 1).contiguous()
    words = torch.randint(s.words, (s.batch, s.seq))
    return {
        "newcomer": (Newcomer(s.seq, s.hidden), [torch.rand(s.seq, 1)], None),
        "many_to_one": (ManyToOne(s), [s.x], None),
        "many_to_many": (ManyToMany(s), [s.x], None),
        "gru": (ManyToOne(s, nn.GRU), [s.x], None),
        "time_first": (ManyToOne(s, nn.RNN, batch_first=False), [time_first], "seq batch feature"),
        "forgotten_batch_first": (
            ManyToOne(s, batch_first=False),
            [s.x],
            "batch seq feature",
        ),
        "unbatched": (ManyToMany(s), [torch.rand(s.seq, s.feature)], None),
        "layers_and_directions": (Stacked(s), [s.x], None),
        "proj_size": (ManyToOne(s, proj_size=s.hidden - 1), [s.x], None),
        "cells_in_a_loop": (CellLoop(s), [s.x], None),
        "time_first_cells": (TimeFirstCells(s), [time_first], None),
        "packed": (Packed(s), [s.x, s.lengths], None),
        "embedding": (Words(s), [words], None),
        "attention": (Attention(s), [s.x], None),
        "self_attention": (SelfAttention(s), [s.x], None),
        "conv_first": (ConvFirst(s), [s.x], None),
        "encoder_decoder": (EncoderDecoder(s), [s.x], None),
        "repeated_context": (RepeatedContext(s), [time_first], None),
        "direct_forecast": (DirectForecast(s), [s.x], None),
        "from_scratch": (FromScratch(s), [s.x], "batch seq feature"),
        "scrambled": (Scrambled(s), [time_first], "seq batch feature"),
        "mixed_states": (MixedStates(s), [s.x], None),
        "sequential": (sequential(s), [s.x], None),
    }
