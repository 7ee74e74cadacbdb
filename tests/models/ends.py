"""The ends of two directions."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .build import head_on, lstm, unpacked
from .data import (
    BATCH,
    FULL_LENGTHS,
    HIDDEN,
    LENGTHS,
    padded_with_lengths,
    ragged,
    target,
    time_first,
)
from .registry import wrong


@wrong(
    "the last step of two directions",
    y=target(BATCH, 1),
    cause="out[:, -1, :] reads it, of an output with two directions.",
    says="The backward half of lstm is read at one step only, where it starts: it has seen "
    "one step of the window.",
    repair="torch.cat((h_n[-2], h_n[-1]), dim=-1), or out[:, 0, 3:] for that half.",
)
class LastOutputOfBothDirections(nn.Module):
    """`out[:, -1]` of a BiLSTM: the backward half has seen the last step only."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


@wrong(
    "the last step of two directions",
    inputs=time_first,
    axes="seq batch feature",
    y=target(BATCH, 1),
    cause="out[-1] reads it, of an output with two directions.",
    says="The backward half of gru in rnn is read at one step only, where it starts: it has "
    "seen one step of the window.",
    repair="torch.cat((h_n[-2], h_n[-1]), dim=-1), or out[0, :, 3:] for that half.",
)
class TimeFirstLastOutputOfBothDirections(nn.Module):
    """`out[-1]` of a time-first, two-layer BiGRU, joined by a sum of the two halves."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, HIDDEN, num_layers=2, bidirectional=True, dropout=0.2)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        forward, backward = self.rnn(x)[0][-1].chunk(2, dim=-1)
        return self.fc(self.dropout(forward + backward))


@wrong(
    "the last step of two directions",
    inputs=padded_with_lengths,
    lengths=LENGTHS,
    y=target(BATCH, 1),
    cause=("the index [tensor, tensor] on (5, 11, 6) reads it, of an output with two directions."),
    says="The backward half of lstm is read at one step only, where it starts: it has seen "
    "one step of the window.",
    repair="torch.cat((h_n[-2], h_n[-1]), dim=-1).",
)
class PackedLastOutputOfBothDirections(nn.Module):
    """The last real output of a packed BiLSTM: its backward half has seen that one step only."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(out[torch.arange(len(x)), lengths - 1])


@wrong(
    "the last step of two directions",
    inputs=ragged,
    lengths=FULL_LENGTHS,
    cause=("the index [tensor, tensor] on (5, 12, 6) reads it, of an output with two directions."),
    says="The backward half of lstm in rnn is read at one step only, where it starts: it has"
    " seen one step of the window.",
    repair="torch.cat((h_n[-2], h_n[-1]), dim=-1).",
)
def packed_last_real_step_of_both_directions():
    """`out[i, lengths - 1]` of a packed BiLSTM, in a batch whose longest sample fills it."""
    return head_on(
        lambda self, x, n: unpacked(self, x, n)[torch.arange(len(x)), n - 1],
        rnn=lstm(2, 3, bidirectional=True),
        fc=nn.Linear(6, 1),
    )


@wrong(
    "the last step of two directions",
    cause="out[:, 0] reads it, of an output with two directions.",
    says="The forward half of lstm in rnn is read at one step only, where it starts: it has "
    "seen one step of the window.",
    repair="torch.cat((h_n[-2], h_n[-1]), dim=-1), or out[:, -1, :3] for that half.",
)
def first_output_of_both_directions():
    """`out[:, 0]` of a BiLSTM: there it is the forward half that has read one step only."""
    return head_on(
        lambda self, x: self.rnn(x)[0][:, 0],
        rnn=lstm(2, 3, bidirectional=True),
        fc=nn.Linear(6, 1),
    )


@wrong(
    "the last step of two directions",
    cause=(
        "it walks from the newest step to the oldest, and the index [:, -1] on "
        "(5, 12, 6) reads it where it starts."
    ),
    says="lstm in back is read at the first step that it walks only: that state has seen one step.",
    repair="h_n[-1] of back, where it ends.",
)
class TwoLayersBackAndForth(nn.Module):
    """A direction made by hand: the window is turned around, its output back, `[:, -1]` read."""

    def __init__(self):
        super().__init__()
        self.there = nn.LSTM(2, HIDDEN, batch_first=True)
        self.back = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        there, back = self.there(x)[0], self.back(x.flip(1))[0].flip(1)
        return self.fc(torch.cat([there, back], dim=-1)[:, -1])


@wrong(
    "the last step of two directions",
    cause=(
        "it walks from the newest step to the oldest, and is read where it starts, at the newest."
    ),
    says=(
        "Of the loop over gru_cell in back only the first turn is read: that "
        "state has seen one step."
    ),
    repair="read the state after its last turn.",
)
class TwoLoopsBackAndForth(nn.Module):
    """The same with cells: what the second loop has after its first turn is read."""

    def __init__(self):
        super().__init__()
        self.there = nn.GRUCell(2, HIDDEN)
        self.back = nn.GRUCell(2, HIDDEN)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        steps = x.unbind(1)
        h = x.new_zeros(len(x), HIDDEN)
        there = [h := self.there(x_t, h) for x_t in steps]
        h = x.new_zeros(len(x), HIDDEN)
        back = [h := self.back(x_t, h) for x_t in reversed(steps)][::-1]
        return self.fc(torch.cat([there[-1], back[-1]], dim=-1))
