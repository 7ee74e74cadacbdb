"""Padded sequences that are read past their true ends."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .build import head_on
from .data import (
    BATCH,
    FULL_LENGTHS,
    HIDDEN,
    LENGTHS,
    VOCAB,
    padded,
    padded_tokens,
    padded_with_lengths,
    target,
)
from .registry import wrong


@wrong(
    "padding read",
    inputs=padded,
    lengths=LENGTHS,
    y=target(BATCH, 1),
    cause="the index [:, -1] on (5, 12, 3) reads a padded step.",
    says="x[4] has 2 real steps of 12, and without padding yhat[4] is another one.",
    repair="out[torch.arange(len(lengths)), lengths - 1].",
)
class LastStepOfPadded(nn.Module):
    """`out[:, -1]` of a padded batch: the state after steps that do not exist."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1])


@wrong(
    "padding read",
    inputs=padded_with_lengths,
    lengths=LENGTHS,
    y=target(BATCH, 1),
    cause="the index [:, -1] on (5, 11, 3) drops x[0, 8].",
    says="yhat[0] has not seen x[0, 8], the last real step of its sample.",
    repair=("out[torch.arange(len(lengths)), lengths - 1], or h_n[-1] of a packed sequence."),
)
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


@wrong(
    "padding read",
    inputs=lambda: (*padded_tokens(), LENGTHS),
    axes="batch seq",
    lengths=LENGTHS,
    y=target(BATCH, 4),
    cause="the index [tensor, tensor] on (5, 12, 3) reads a padded step.",
    says=("x[4] has 2 real steps of 12, and without padding yhat[4] can't be computed."),
    repair="out[torch.arange(len(lengths)), lengths - 1].",
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


@wrong(
    "padding read",
    inputs=padded,
    lengths=LENGTHS,
    y=target(BATCH, 1),
    cause=("the backward direction of gru starts in the padding: the batch is not packed."),
    says="x[4] has 2 real steps of 12, and without padding yhat[4] is another one.",
    repair=("pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) before it."),
)
class StateOfPaddedBothDirections(nn.Module):
    """h_n of a BiGRU over padded sequences: one half ends in the padding, one starts there."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(torch.cat([h_n[-2], h_n[-1]], dim=1))


@wrong(
    "padding read",
    lengths=FULL_LENGTHS,
    cause="amax takes padded steps with the real ones.",
    says="x[4] has 5 real steps of 12, and without padding yhat[4] is another one.",
    repair=(
        "masked_fill(padded, -torch.inf) before it, with padded = "
        "torch.arange(12)[:, None] >= lengths[:, None, None]."
    ),
)
def largest_state_padding_included():
    """The largest state of the window, whichever step it is at."""
    return head_on(lambda self, x: self.rnn(x)[0].amax(1))
