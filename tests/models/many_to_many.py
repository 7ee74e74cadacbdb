"""`ManyToManyLSTM` with one mistake each, and which tests of its contract catch it.

The last five are wrong in `step` only. No checker that asks `forward` can see that, and so they
are no entries of the zoo.
"""

import torch
from torch import nn

from lstm_helpers import ManyToManyLSTM

from .data import HIDDEN, SEQ, future, past
from .registry import wrong


class Base(ManyToManyLSTM):
    """The right model, with sizes for the zoo."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)


@wrong(
    "two directions at every step",
    past,
    y=future()[..., :1],
    causal=True,
    cause="lstm has two directions: the backward one comes from the future.",
)
class ManyToManyInTwoDirections(Base):
    """A backward half has read the targets."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        how = {"num_layers": self.lstm.num_layers, "batch_first": True, "bidirectional": True}
        self.lstm = nn.LSTM(input_size, hidden_size, **how)
        self.linear = nn.Linear(2 * hidden_size, output_size)

    def step(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.linear(out), state


@wrong(
    "one layer over all steps",
    past,
    y=future()[..., :1],
    causal=True,
    cause="linear is one layer over all steps of the window, from (5, 36): each output step "
    "has a weight for every step.",
)
class ManyToManyOverAllSteps(Base):
    """`Linear(hidden * seq, seq * target)`: one layer over all steps."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        self.linear = nn.Linear(hidden_size * SEQ, SEQ * output_size)

    def step(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.linear(out.flatten(1)).unflatten(1, (SEQ, -1)), state


@wrong(
    "batch_first forgotten",
    past,
    y=future()[..., :1],
    causal=True,
    cause="lstm (batch_first=False, the default) walks along the batch axis as if it were "
    "seq: batch_first was forgotten.",
)
class BatchFirstForgotten(Base):
    """The layer inside walks along the samples."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        self.lstm.batch_first = False


@wrong(
    "the last state at every step",
    past,
    y=future()[..., :1],
    causal=True,
    cause=("the index [:, -1:] on (5, 12, 1) picks a step that each of the others is given."),
)
class LastStateForEveryStep(Base):
    """The last answer stands at every step."""

    def forward(self, x):
        return super().forward(x)[:, -1:].expand(-1, x.shape[1], -1)


@wrong(
    "the newest step ignored",
    past,
    y=future()[..., :1],
    causal=True,
    cause="the index [:, :-1] on (5, 12, 2) drops the newest input step.",
)
class OneStepLate(Base):
    """Step t is answered from the state before it: the newest step is never read."""

    def forward(self, x):
        return super().forward(torch.cat((x[:, :1] * 0, x[:, :-1]), dim=1))


@wrong(
    "view where transpose was needed",
    past,
    y=future()[..., :1],
    causal=True,
    cause="reshape from (5, 12, 1) to (12, 5, 1) cuts the same memory into other rows: it "
    "does not swap axes, the samples are scrambled.",
    meant=lambda yhat: yhat.transpose(0, 1),
)
class StepsAndBatchSwappedByView(Base):
    """The answers are brought to the front and back: once by a view, once by a transpose."""

    def forward(self, x):
        return super().forward(x).reshape(x.shape[1], len(x), -1).transpose(0, 1)


class StateForgotten(Base):
    """Every call starts from zeros."""

    def step(self, x, state=None):
        return super().step(x)


class StateOfTheCallBefore(Base):
    """The state that came in goes out again."""

    def step(self, x, state=None):
        yhat, new = super().step(x, state)
        return yhat, state or new


class CellStateLost(Base):
    """c_n is handed over as zeros."""

    def step(self, x, state=None):
        yhat, (h_n, c_n) = super().step(x, state)
        return yhat, (h_n, torch.zeros_like(c_n))


class PairTurnedAround(Base):
    """(c_n, h_n) for (h_n, c_n)."""

    def step(self, x, state=None):
        yhat, (h_n, c_n) = super().step(x, state)
        return yhat, (c_n, h_n)


class StateDetached(Base):
    """No gradient goes through the state."""

    def step(self, x, state=None):
        yhat, state = super().step(x, state)
        return yhat, tuple(part.detach() for part in state)


LOOKS_AHEAD = {"sees every step that it may", "linear in its own state"}
HANDS_NOTHING_OVER = {"two halves", "one step at a time", "gradient through the state"}
CAUGHT_BY = {  # which tests of the contract fail
    ManyToManyInTwoDirections: LOOKS_AHEAD | HANDS_NOTHING_OVER,
    ManyToManyOverAllSteps: LOOKS_AHEAD | HANDS_NOTHING_OVER,
    BatchFirstForgotten: LOOKS_AHEAD | HANDS_NOTHING_OVER | {"samples"},
    LastStateForEveryStep: LOOKS_AHEAD | HANDS_NOTHING_OVER,
    OneStepLate: LOOKS_AHEAD | HANDS_NOTHING_OVER,
    StepsAndBatchSwappedByView: LOOKS_AHEAD | HANDS_NOTHING_OVER | {"any batch size", "samples"},
    StateForgotten: HANDS_NOTHING_OVER,
    StateOfTheCallBefore: {"two halves", "one step at a time"},
    CellStateLost: HANDS_NOTHING_OVER,
    PairTurnedAround: HANDS_NOTHING_OVER,
    StateDetached: {"gradient through the state"},
}
