"""Several forecasts, each from a state of its own."""

import torch
from torch import nn

from .data import BATCH, HIDDEN, HORIZON, SEQ, target, time_first, univariate, windows
from .registry import wrong


@wrong(
    "one of the last states for each forecast",
    y=target(BATCH, HORIZON, 1),
    cause="the head decodes the last 7 states, one for each forecast step, so the first "
    "forecast has not seen the newest inputs.",
    says="yhat[:, 0] has seen x[:, :6] only, yhat[:, 6] more.",
    repair=(
        "decode all from the last state h, Linear(hidden, 7 * target)(h), and cut"
        " that into 7 steps. If output steps answer the input steps beside them, "
        "pass causal=True."
    ),
)
class LastStatesDecoded(nn.Module):
    """One of the last seven states for each of seven forecasts, as two libraries had it."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -HORIZON:])


@wrong(
    "one of the last states for each forecast",
    inputs=time_first,
    axes="seq batch feature",
    y=target(HORIZON, BATCH, 2),
    cause="the head decodes the last 7 states, one for each forecast step, so the first "
    "forecast has not seen the newest inputs.",
    says="yhat[0] has seen x[:6] only, yhat[6] more.",
    repair=(
        "decode all from the last state h, Linear(hidden, 7 * target)(h), and cut"
        " that into 7 steps. If output steps answer the input steps beside them, "
        "pass causal=True."
    ),
)
class TimeFirstLastStates(nn.Module):
    """The same in a time-first GRU: all steps are decoded, and then the last seven are kept."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.head(self.norm(self.gru(x)[0]))[-HORIZON:]


@wrong(
    "one of the last states for each forecast",
    inputs=univariate,
    y=target(BATCH, HORIZON, 1),
    cause="the head decodes the last 7 states, one for each forecast step, so the first "
    "forecast has not seen the newest inputs.",
    says="yhat[:, 0] has seen x[:, :6] only, yhat[:, 6] more.",
    repair=(
        "decode all from the last state h, Linear(hidden, 7 * target)(h), and cut"
        " that into 7 steps. If output steps answer the input steps beside them, "
        "pass causal=True."
    ),
)
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


@wrong(
    "one of the last states for each forecast",
    inputs=windows,
    y=target(BATCH, HORIZON),
    cause="the head decodes the last 7 states, one for each forecast step, so the first "
    "forecast has not seen the newest inputs.",
    says="yhat[:, 0] has seen x[:, :6] only, yhat[:, 6] more.",
    repair=(
        "decode all from the last state h, Linear(hidden, 7 * target)(h), and cut"
        " that into 7 steps. If output steps answer the input steps beside them, "
        "pass causal=True."
    ),
)
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
