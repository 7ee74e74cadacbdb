"""The axes of the target."""

import torch
from torch import nn

from .build import Built, head_on, lstm, net
from .data import BATCH, HIDDEN, HORIZON, future, past, table, target, time_first
from .registry import wrong


@wrong(
    "a target without its axis",
    y=target(BATCH),
    cause="the target's axes don't match.",
    says="The output is (5, 1) but y is (5,): an elementwise loss would broadcast both to "
    "(5, 5), each answer against the targets of others.",
    repair="give y its axes: y[:, None].",
)
class TargetWithoutItsAxis(nn.Module):
    """The output is (5, 1), the target (5,): the loss compares each with each."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@wrong(
    "a target without its axis",
    inputs=time_first,
    axes="seq batch feature",
    y=target(BATCH, 1),
    cause="the target's axes don't match.",
    says="The output is (5,) but y is (5, 1): an elementwise loss would broadcast both to "
    "(5, 5), each answer against the targets of others.",
    repair="give yhat its axes: yhat[:, None].",
)
def output_without_its_axis():
    """`out.view(-1)` gives (5,), the target is (5, 1)."""
    gru, head = nn.GRU(2, HIDDEN), nn.Linear(HIDDEN, 1)
    return lambda x: head(gru(x)[1][-1]).view(-1)


@wrong(
    "a target without its axis",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="the target's axes don't match.",
    says="The output is (5, 1, 1) but y is (5, 1): an elementwise loss would broadcast both "
    "to (5, 5, 1), each answer against the targets of others.",
    repair="give y its axes: y[:, None, :].",
)
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


@wrong(
    "a target without its axis",
    y=target(BATCH, HORIZON),
    cause="the target's axes don't match.",
    says="The output is (5, 7, 1) but y is (5, 7): an elementwise loss broadcasts such "
    "shapes, or fails, by their sizes.",
    repair="give y its axes: y[:, :, None].",
)
def target_axis_of_the_forecast():
    """The output is (batch, horizon, target), the target (batch, horizon): no loss takes both."""
    return Built(
        lambda self, x: self.fc(self.rnn(x)[0][:, -1]).unsqueeze(-1),
        rnn=lstm(),
        fc=nn.Linear(3, HORIZON),
    )


@wrong(
    "a target without its axis",
    y=target(BATCH, 1, 1),
    causal=True,
    cause="the output has an answer for each of the 12 steps of x, y has 1.",
    says="The output is (5, 12, 1) but y is (5, 1, 1): an elementwise loss would broadcast "
    "both to (5, 12, 1), each answer against the targets of others.",
    repair="one step is asked for: keep the last one, yhat[:, -1:].",
)
def every_step_against_the_last():
    """One output a step, and a target for the last one: it is compared with all of them."""
    return head_on(lambda self, x: self.rnn(x)[0])


@wrong(
    "as many answers as input steps",
    y=target(BATCH, HORIZON, 1),
    cause="the output has an answer for each of the 12 steps of x, y has 7.",
    says="The output is (5, 12, 1) but y is (5, 7, 1): no elementwise loss takes both.",
    repair="let the model give 7 steps, or hand over a y of 12.",
)
def as_many_forecasts_as_steps():
    """The decoder runs over all that was encoded, where seven steps are asked for."""

    def forward(self, x):
        out, state = self.rnn(x)
        return self.fc(self.decoder(torch.zeros_like(out) + out[:, -1:], state)[0])

    return net(forward, decoder=lstm(3, 3))


@wrong(
    "as many answers as input steps",
    inputs=past,
    y=future()[:, -7:],
    cause="the output has an answer for each of the 12 steps of x, y has 7.",
    says="The output is (5, 12, 2) but y is (5, 7, 2): no elementwise loss takes both.",
    repair="yhat[:, -7:], the steps that y goes with.",
)
def all_steps_where_the_last_seven_are_asked_for():
    """Each step answers the next one, and the target leaves the first steps out."""
    return head_on(lambda self, x: self.rnn(x)[0], fc=nn.Linear(3, 2))
