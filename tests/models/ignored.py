"""Inputs that do not reach the output."""

import torch
from torch import nn

from .build import Built, head_on, last, lstm, net
from .data import BATCH, HIDDEN, HORIZON, table, target, univariate
from .registry import wrong


@wrong(
    "x ignored",
    y=target(BATCH, 1),
    cause="what lstm makes of x is never read.",
    says="The output ignores its input: no number of x changes it.",
    repair="read h_n[-1], which it returns.",
)
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


@wrong(
    "x ignored",
    y=target(BATCH, 1),
    cause="softmax on (5, 1) goes over an axis of one, and is 1 whatever it reads.",
)
class SoftmaxOfOneNumber(nn.Module):
    """A softmax over a single unit is 1 for every input."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return torch.softmax(self.fc(self.gru(x)[1][-1]), dim=1)


@wrong(
    "x ignored",
    inputs=univariate,
    y=target(BATCH, 1),
    cause=(
        "layer_norm on (5, 12, 1) in norm goes over an axis of one, and is 0, but"
        " for its bias, whatever it reads."
    ),
)
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


@wrong(
    "the newest step ignored",
    y=target(BATCH, HORIZON, 1),
    cause="the index [:, 0] on (5, 12, 3) drops the newest 11 input steps.",
)
class FirstStepForLastStep(nn.Module):
    """`out[:, 0]`: the state that has seen the oldest step and none of the newer ones."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, HORIZON)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, 0]).unsqueeze(-1)


@wrong(
    "the newest step ignored",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="the index [:, :-1] on (5, 12) drops the newest input step.",
)
def newest_step_cut_off():
    """The window is taken for (inputs, target) a second time: its newest value is cut off."""
    cell, head = nn.GRUCell(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        h = None
        for x_t in x[:, :-1].unsqueeze(-1).unbind(1):
            h = cell(x_t, h)
        return head(h)

    return forward


@wrong(
    "x ignored",
    y=target(BATCH, HORIZON, 1),
    cause="what lstm in encoder makes of x is never read.",
    says="The output ignores its input: no number of x changes it.",
    repair="hand its state on: decoder(..., state).",
)
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


@wrong(
    "the newest step ignored",
    cause="conv1d on (5, 2, 12) in conv drops the newest 2 input steps.",
)
def stride_that_leaves_steps_over():
    """A convolution of five steps with a stride of five reads ten steps of twelve."""
    return Built(
        lambda self, x: self.fc(self.conv(x.mT).mean(-1)),
        conv=nn.Conv1d(2, 3, 5, stride=5),
        fc=nn.Linear(3, 1),
    )


@wrong(
    "the newest step ignored",
    cause="the index [:, 0] on (5, 12, 3) drops the newest 11 input steps.",
)
def first_step():
    """`out[:, 0]`, one forecast."""
    return head_on(lambda self, x: self.rnn(x)[0][:, 0])


@wrong(
    "the newest step ignored",
    cause=("of the 12 turns of the loop over gru_cell in cell only the first is read."),
)
class FirstCellState(nn.Module):
    """A loop of cells collects its states, and the first one is read."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = x.new_zeros(len(x), HIDDEN)
        states = [h := self.cell(x_t, h) for x_t in x.unbind(1)]
        return self.fc(states[0])


@wrong(
    "x ignored",
    cause="what lstm in rnn makes of x is never read.",
    says="The output ignores its input: no number of x changes it.",
    repair="hand its state on: ahead(..., state).",
)
def decoder_of_zeros():
    """The encoder reads x, and the decoder starts from nothing."""

    def forward(self, x):
        _, state = self.rnn(x)
        return self.fc(self.ahead(x.new_zeros(len(x), 6, 2))[0])

    return net(forward, ahead=lstm())


@wrong(
    "x ignored",
    cause="softmax on (5, 1) goes over an axis of one, and is 1 whatever it reads.",
)
def softmax_over_one_answer():
    """Softmax over the one answer of a sample is 1."""
    return net(lambda self, x: torch.softmax(last(self, x), 1))
