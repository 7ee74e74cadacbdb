"""Models whose whole traces are stored in tests/golden; built from sizes, to make all equal."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .data import (
    BATCH,
    SEQ,
    SIZES,
    target,
    time_first,
    tokens,
    unbatched,
    unbatched_variable,
    windows,
)
from .registry import right, wrong


@wrong(
    "a state kept between calls",
    unbatched_variable,
    axes="seq feature",
    golden="newcomer",
    cause="each call changes self.hidden, and the next one goes on from there.",
)
class Newcomer(nn.Module):
    """The class of the conversation that this course answers: it stores its hidden state."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.seq, self.hidden_size = s.seq, s.hidden
        self.lstm = nn.LSTM(1, s.hidden, 1, batch_first=True)
        self.fc = nn.Linear(s.hidden, 1)
        self.hidden = (torch.zeros(1, 1, s.hidden), torch.zeros(1, 1, s.hidden))

    def forward(self, x):
        x = x.view(1, self.seq, 1)
        out, self.hidden = self.lstm(x, self.hidden)
        out = out.view(-1, self.hidden_size)
        out = self.fc(out)
        return out[-1]


@right(golden="many_to_one", y=target(BATCH, 1))
class ManyToOne(nn.Module):
    """The last step, dropout, a linear head; any recurrent layer."""

    def __init__(self, s=SIZES, rnn=nn.LSTM, batch_first=True, **options):
        super().__init__()
        self.rnn = rnn(s.feature, s.hidden, batch_first=batch_first, **options)
        width = options.get("proj_size") or s.hidden
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(width, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        last = out[:, -1] if self.rnn.batch_first else out[-1]
        return self.fc(self.drop(last))


@right(golden="gru")
def many_to_one_gru(s=SIZES):
    """The same with a GRU."""
    return ManyToOne(s, nn.GRU)


@right(time_first, axes="seq batch feature", golden="time_first")
def many_to_one_time_first(s=SIZES):
    """The same with a plain RNN and x time first, as the layer wants it."""
    return ManyToOne(s, nn.RNN, batch_first=False)


@wrong(
    "batch_first forgotten",
    golden="forgotten_batch_first",
    cause="lstm in rnn (batch_first=False, the default) walks along the batch axis as if it "
    "were seq: batch_first was forgotten.",
)
def many_to_one_without_batch_first(s=SIZES):
    """The same where x has the batch first, and the layer has not."""
    return ManyToOne(s, batch_first=False)


@right(golden="proj_size")
def many_to_one_projected(s=SIZES):
    """The same with `proj_size`."""
    return ManyToOne(s, proj_size=s.hidden - 1)


@right(golden="many_to_many", y=target(BATCH, SEQ, 1), causal=True)
class ManyToMany(nn.Module):
    """One output a step, over LayerNorm."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.norm = nn.LayerNorm(s.hidden)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        return self.fc(self.norm(self.lstm(x)[0]))


@right(unbatched, axes="seq feature", causal=True, golden="unbatched")
def normed_every_step_unbatched(s=SIZES):
    """The same for one sequence without a batch axis."""
    return ManyToMany(s)


@right(golden="layers_and_directions")
class Stacked(nn.Module):
    """Layers and directions: h_n taken apart and the two ends of the last layer joined."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.s = s
        self.lstm = nn.LSTM(s.feature, s.hidden, s.layers, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * s.hidden, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        h_n = h_n.view(self.s.layers, 2, -1, self.s.hidden)
        return self.fc(torch.cat([h_n[-1, 0], h_n[-1, 1]], dim=1))


@right(causal=True, golden="cells_in_a_loop")
class CellLoop(nn.Module):
    """A cell, a loop over the steps, and a head at each."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.cell = nn.LSTMCell(s.feature, s.hidden)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        state, outputs = None, []
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
            outputs.append(self.fc(state[0]))
        return torch.stack(outputs, dim=1)


@right(time_first, axes="seq batch feature", golden="time_first_cells")
class TimeFirstCells(nn.Module):
    """Two cells in a loop over the first axis; nothing but the loop says that it is time."""

    def __init__(self, s=SIZES):
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


def with_any_lengths(s=SIZES):
    """x (batch, seq, feature) and lengths that fit any sizes."""
    lengths = torch.arange(s.batch).remainder(s.seq - 1).add(2).clamp(max=s.seq)
    return (*windows(s), lengths)


@right(with_any_lengths, lengths=with_any_lengths()[1], golden="packed")
class Packed(nn.Module):
    """Packed, unpacked, and `out[i, lengths - 1]` of an LSTM."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = self.lstm(packed)
        out, lengths = pad_packed_sequence(out, batch_first=True)
        return self.fc(out[torch.arange(len(x)), lengths - 1])


@right(tokens, axes="batch seq", causal=True, golden="embedding")
class Words(nn.Module):
    """Scores for the next word at every step, (batch, seq, class)."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.embedding = nn.Embedding(s.words, 2 * s.hidden)
        self.lstm = nn.LSTM(2 * s.hidden, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, s.words)

    def forward(self, words):
        out, _ = self.lstm(self.embedding(words))
        return self.fc(out)


@wrong(
    "a pair given to the next layer",
    golden="sequential",
    cause="Linear in 1 is given the pair (output, states) that LSTM in 0 returns.",
    says=(
        "The model raises TypeError on these inputs: linear(): argument 'input' "
        "(position 1) must be Tensor, not tuple."
    ),
    repair=(
        "take the output alone, out, _ = lstm(x), in a module of its own within nn.Sequential."
    ),
)
def sequential_without_adapter(s=SIZES):
    """nn.Sequential hands the pair (output, states) to the linear layer."""
    return nn.Sequential(nn.LSTM(s.feature, s.hidden, batch_first=True), nn.Linear(s.hidden, 1))
