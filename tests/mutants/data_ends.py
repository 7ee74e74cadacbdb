"""Mistakes 9, 13 and 16: the target's axes, the padded end, and inputs that are never read."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .registry import (
    BATCH,
    HIDDEN,
    HORIZON,
    LENGTHS,
    VOCAB,
    mutant,
    padded,
    padded_tokens,
    padded_with_lengths,
    table,
    target,
    time_first,
    univariate,
)

BROADCAST = (r"broadcast", r"y is \(", r"squeeze", r"None\]", r"\(N,?\)", r"same shape")
PADDING = (r"padd", r"lengths?", r"last real", r"pack")
IGNORED = (
    r"ignor",
    r"does not depend",
    r"depends on no",
    r"independent of",
    r"never (read|use|see)",
    r"not (read|used|seen)",
    r"constant",
    r"newest",
)


@mutant(9, *BROADCAST, y=target(BATCH))
class TargetWithoutItsAxis(nn.Module):
    """The output is (5, 1), the target (5,): the loss compares each with each."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@mutant(9, *BROADCAST, inputs=time_first, axes="seq batch feature", y=target(BATCH, 1))
def output_without_its_axis():
    """`out.view(-1)` gives (5,), the target is (5, 1)."""
    gru, head = nn.GRU(2, HIDDEN), nn.Linear(HIDDEN, 1)
    return lambda x: head(gru(x)[1][-1]).view(-1)


@mutant(9, *BROADCAST, inputs=table, axes="batch seq", y=target(BATCH, 1))
class HorizonAgainstNone(nn.Module):
    """The output is (batch, horizon, target), the target (batch, target): (5, 5, 1) compared."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(1, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        state = None
        for x_t in x.split(1, dim=1):
            state = self.cell(x_t, state)
        return self.fc(state[0]).unsqueeze(1)


@mutant(13, *PADDING, inputs=padded, lengths=LENGTHS, y=target(BATCH, 1))
class LastStepOfPadded(nn.Module):
    """`out[:, -1]` of a padded batch: the state after steps that do not exist."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


@mutant(13, *PADDING, inputs=padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class LastStepAfterUnpacking(nn.Module):
    """Packed and unpacked as it should be, but then `out[:, -1]`: zeros for all but the longest."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.fc(out[:, -1])


@mutant(
    13,
    *PADDING,
    inputs=lambda: (*padded_tokens(), LENGTHS),
    axes="batch seq",
    lengths=LENGTHS,
    y=target(BATCH, 4),
)
class OneStepPastTheEnd(nn.Module):
    """`out[i, lengths]` for `lengths - 1`: the first padded step is read."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8, padding_idx=0)
        self.rnn = nn.RNN(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids, lengths):
        out, _ = self.rnn(self.embedding(ids))
        return self.fc(out[torch.arange(len(ids)), lengths])


@mutant(13, *PADDING, inputs=padded, lengths=LENGTHS, y=target(BATCH, 1))
class StateOfPaddedBothDirections(nn.Module):
    """h_n of a BiGRU over padded sequences: one half ends in the padding, one starts there."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(torch.cat([h_n[-2], h_n[-1]], dim=1))


@mutant(16, *IGNORED, r"h_?0", y=target(BATCH, 1))
class InitialStateIntoHead(nn.Module):
    """The head reads the zeros that the LSTM started from."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h0 = torch.zeros(2, x.size(0), HIDDEN)
        c0 = torch.zeros(2, x.size(0), HIDDEN)
        _, _ = self.lstm(x, (h0, c0))
        return self.fc(h0[-1])


@mutant(16, *IGNORED, r"softmax", y=target(BATCH, 1))
class SoftmaxOfOneNumber(nn.Module):
    """A softmax over a single unit is 1 for every input."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return torch.softmax(self.fc(self.gru(x)[1][-1]), dim=1)


@mutant(16, *IGNORED, r"norm", inputs=univariate, y=target(BATCH, 1))
class LayerNormOfOneFeature(nn.Module):
    """`LayerNorm(1)` makes a zero of every value of a single variable."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(1)
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(self.norm(x))
        return self.fc(out[:, -1])


@mutant(16, *IGNORED, r"\[:, ?0\]", y=target(BATCH, HORIZON, 1))
class FirstStepForLastStep(nn.Module):
    """`out[:, 0]`: the state that has seen the oldest step and none of the newer ones."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, HORIZON)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, 0]).unsqueeze(-1)


@mutant(16, *IGNORED, inputs=table, axes="batch seq", y=target(BATCH, 1))
def newest_step_cut_off():
    """The window is taken for (inputs, target) a second time: its newest value is cut off."""
    cell, head = nn.GRUCell(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        h = None
        for x_t in x[:, :-1].unsqueeze(-1).unbind(1):
            h = cell(x_t, h)
        return head(h)

    return forward


@mutant(16, *IGNORED, r"no gradient", y=target(BATCH, HORIZON, 1))
class DecoderWithoutTheEncodersState(nn.Module):
    """The decoder starts from zeros and never gets the encoder's state."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(2, HIDDEN, batch_first=True)
        self.decoder = nn.LSTM(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, _state = self.encoder(x)
        out, _ = self.decoder(torch.zeros(x.size(0), HORIZON, 1))
        return self.fc(out)
