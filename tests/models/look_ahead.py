"""Outputs that have seen later steps."""

import torch
import torch.nn.functional as F
from torch import nn

from .build import head_on
from .data import BATCH, HIDDEN, SEQ, VOCAB, future, history, past, target, text, tokens
from .registry import wrong


@wrong(
    "two directions at every step",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="lstm has two directions: the backward one comes from the future.",
)
class PerStepBiLSTM(nn.Module):
    """A BiLSTM with one forecast a step: its backward half has read the answers."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


@wrong(
    "two directions at every step",
    inputs=past,
    y=future(),
    cause="gru has two directions: the backward one comes from the future.",
)
class ShiftedTargetBiGRU(nn.Module):
    """y is x shifted by one step, and forward and backward states are summed."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8, batch_first=True, bidirectional=True)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.head(out[..., :8] + out[..., 8:])


@wrong(
    "two directions at every step",
    inputs=tokens,
    axes="batch seq",
    y=text()[:, 1:],
    cause="rnn_tanh in rnn has two directions: the backward one comes from the future.",
)
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


@wrong(
    "two directions at every step",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause=(
        "the loop over gru_cell walks from the newest step to the oldest, so that"
        " its states have seen later steps."
    ),
)
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


@wrong(
    "one layer over all steps",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="linear in fc is one layer over all steps of the window, from (5, 36): each output "
    "step has a weight for every step.",
)
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


@wrong(
    "one layer over all steps",
    inputs=past,
    y=future(),
    cause="linear in 4 is one layer over all steps of the window, from (5, 36): each output "
    "step has a weight for every step.",
)
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


@wrong(
    "one layer over all steps",
    inputs=lambda: (history(1)[:, :-1],),
    y=future(1),
    cause="linear is one layer over all steps of the window, from (5, 36): each output step "
    "has a weight for every step.",
)
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


@wrong(
    "one layer over all steps",
    causal=True,
    cause="einsum is one layer over all steps of the window, from (5, 12, 3): each output "
    "step has a weight for every step.",
)
def layer_over_all_steps_by_einsum():
    """A weight for each pair of steps, by einsum."""
    return head_on(
        lambda self, x: torch.einsum("bth,st->bsh", self.rnn(x)[0], self.mix),
        mix=nn.Parameter(torch.rand(SEQ, SEQ)),
    )


@wrong(
    "one layer over all steps",
    causal=True,
    cause="conv1d in mix takes the steps of (5, 12, 3) for channels: one layer over all steps"
    " of the window.",
)
def steps_as_channels():
    """`Conv1d(12, 12, 1)` on (batch, seq, hidden): the steps are its channels."""
    return head_on(lambda self, x: self.mix(self.rnn(x)[0]), mix=nn.Conv1d(SEQ, SEQ, 1))


@wrong(
    "padding on both sides",
    causal=True,
    cause="avg_pool1d pads on both sides, so that step t is computed from later steps.",
)
def centred_moving_average():
    """A mean over three steps, of which one is the next one."""
    return head_on(lambda self, x: self.rnn(F.avg_pool1d(x.mT, 3, 1, 1).mT)[0])


@wrong(
    "a statistic over the whole window",
    causal=True,
    cause="amax takes a statistic over the whole window, later steps included.",
)
def scaled_by_the_windows_extreme():
    """x over the largest number of its window."""
    return head_on(lambda self, x: self.rnn(x / x.abs().amax(1, keepdim=True).detach())[0])


@wrong(
    "the last state at every step",
    causal=True,
    cause="h_n of lstm in rnn has seen the whole window, and each step is given it.",
)
def last_state_at_every_step():
    """h_n is added to the output of every step."""
    return head_on(lambda self, x: self.rnn(x)[0] + self.rnn(x)[1][0][-1].unsqueeze(1))


@wrong(
    "two directions at every step",
    causal=True,
    cause="flip brings later steps to the front.",
)
def mirrored_window():
    """The window and its mirror image, added, and one layer over both."""
    return head_on(lambda self, x: self.rnn(x + x.flip(1))[0])
