"""Mistakes 5, 6 and 7: outputs that have seen too much, or too little."""

import torch
from torch import nn

from .registry import (
    BATCH,
    HIDDEN,
    HORIZON,
    SEQ,
    VOCAB,
    future,
    history,
    mutant,
    past,
    target,
    text,
    time_first,
    tokens,
    univariate,
    windows,
)

TWO_DIRECTIONS = (r"direction", r"backward", r"reverse")
ALL_STEPS = (r"Linear", r"(all|over) (of )?(the )?(steps|time)", r"flatten", r"whole window")
LOOK_AHEAD = (r"look.?ahead", r"future", r"later")  # a checker can't name layers in a closure
LAST_STATES = (r"horizon", r"newest", r"last .*(states|steps|outputs)", r"not seen")


@mutant(5, *TWO_DIRECTIONS, y=target(BATCH, SEQ, 1), causal=True)
class PerStepBiLSTM(nn.Module):
    """A BiLSTM with one forecast a step: its backward half has read the answers."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


@mutant(5, *TWO_DIRECTIONS, inputs=past, y=future())
class ShiftedTargetBiGRU(nn.Module):
    """y is x shifted by one step, and forward and backward states are summed."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8, batch_first=True, bidirectional=True)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.head(out[..., :8] + out[..., 8:])


@mutant(5, *TWO_DIRECTIONS, inputs=tokens, axes="batch seq", y=text()[:, 1:])
class BidirectionalCharRNN(nn.Module):
    """The next character at every step, by an RNN that has read it already."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(VOCAB, 8)
        self.rnn = nn.RNN(8, HIDDEN, bidirectional=True)
        self.decoder = nn.Linear(2 * HIDDEN, VOCAB)

    def forward(self, ids):
        out, _ = self.rnn(self.encoder(ids).transpose(0, 1))
        return self.decoder(out).permute(1, 2, 0)  # (batch, classes, seq), as cross_entropy wants


@mutant(5, *TWO_DIRECTIONS, *LOOK_AHEAD, y=target(BATCH, SEQ, 1), causal=True)
def two_cell_loops():
    """Two hand-made loops, the second one from the end to the start."""
    there, back, head = nn.GRUCell(2, HIDDEN), nn.GRUCell(2, HIDDEN), nn.Linear(2 * HIDDEN, 1)

    def loop(cell, steps):
        h, states = torch.zeros(len(steps[0]), HIDDEN), []
        for x_t in steps:
            h = cell(x_t, h)
            states.append(h)
        return states

    def forward(x):
        steps = list(x.unbind(1))
        pairs = zip(loop(there, steps), loop(back, steps[::-1])[::-1], strict=True)
        return torch.stack([head(torch.cat(pair, dim=1)) for pair in pairs], dim=1)

    return forward


@mutant(6, *ALL_STEPS, y=target(BATCH, SEQ, 1), causal=True)
class FlattenedPerStepHead(nn.Module):
    """`Linear(hidden * seq, seq)`: the first forecast depends on the last input."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN * SEQ, SEQ)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out.reshape(x.size(0), -1)).unsqueeze(-1)


class Output(nn.Module):
    """An LSTM's output without its state, for nn.Sequential."""

    def forward(self, result):
        return result[0]


@mutant(6, *ALL_STEPS, inputs=past, y=future())
def sequential_flatten():
    """Flatten, Linear, Unflatten: every step's forecast reads the whole window."""
    return nn.Sequential(
        nn.GRU(2, HIDDEN, batch_first=True),
        Output(),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(SEQ * HIDDEN, SEQ * 2),
        nn.Unflatten(1, (SEQ, 2)),
    )


@mutant(6, *ALL_STEPS, *LOOK_AHEAD, inputs=lambda: (history(1)[:, :-1],), y=future(1))
def states_joined_into_one_linear():
    """A cell loop whose states are joined and mapped to all the forecasts at once."""
    cell, head = nn.RNNCell(1, HIDDEN), nn.Linear(HIDDEN * SEQ, SEQ)

    def forward(x):
        h, states = None, []
        for step in range(x.shape[1]):
            h = cell(x[:, step], h)
            states.append(h)
        return head(torch.cat(states, dim=-1))[:, :, None]

    return forward


@mutant(7, *LAST_STATES, y=target(BATCH, HORIZON, 1))
class LastStatesDecoded(nn.Module):
    """One of the last seven states for each of seven forecasts, as two libraries had it."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -HORIZON:])


@mutant(7, *LAST_STATES, inputs=time_first, axes="seq batch feature", y=target(HORIZON, BATCH, 2))
class TimeFirstLastStates(nn.Module):
    """The same in a time-first GRU: all steps are decoded, and then the last seven are kept."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.head(self.norm(self.gru(x)[0]))[-HORIZON:]


@mutant(7, *LAST_STATES, inputs=univariate, y=target(BATCH, HORIZON, 1))
class CausalTransformerLastPositions(nn.Module):
    """The last seven positions of a causal transformer, one for each forecast."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(1, 8)
        self.place = nn.Parameter(torch.randn(SEQ, 8))
        self.encoder = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        h = self.encoder(self.project(x) + self.place, src_mask=mask)
        return self.head(h)[:, -HORIZON:]


@mutant(7, *LAST_STATES, inputs=windows, y=target(BATCH, HORIZON))
def last_states_of_a_cell_loop():
    """`states[-horizon:]` of a cell loop: (batch, horizon) without an axis for the target."""
    cell, head = nn.LSTMCell(2, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        h = c = x.new_zeros(x.size(0), HIDDEN)
        states = []
        for x_t in x.transpose(0, 1):
            h, c = cell(x_t, (h, c))
            states.append(h)
        return torch.cat([head(state) for state in states[-HORIZON:]], dim=1)

    return forward
