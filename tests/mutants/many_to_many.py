"""`ManyToManyLSTM` with one mistake each; the first two are also mistakes 5 and 6 of the corpus."""

import torch
from torch import nn

from lstm_helpers import ManyToManyLSTM

from .look_ahead import ALL_STEPS, TWO_DIRECTIONS
from .registry import HIDDEN, SEQ, future, mutant, past


@mutant(5, *TWO_DIRECTIONS, inputs=past, y=future()[..., :1], causal=True)
class ManyToManyInTwoDirections(ManyToManyLSTM):
    """A backward half has read the targets."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        how = {"num_layers": self.lstm.num_layers, "batch_first": True, "bidirectional": True}
        self.lstm = nn.LSTM(input_size, hidden_size, **how)
        self.linear = nn.Linear(2 * hidden_size, output_size)

    def step(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.linear(out), state


@mutant(6, *ALL_STEPS, inputs=past, y=future()[..., :1], causal=True)
class ManyToManyOverAllSteps(ManyToManyLSTM):
    """`Linear(hidden * seq, seq * target)`: one layer over all steps."""

    def __init__(self, input_size=2, hidden_size=HIDDEN, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        self.linear = nn.Linear(hidden_size * SEQ, SEQ * output_size)

    def step(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.linear(out.flatten(1)).unflatten(1, (SEQ, -1)), state


class BatchFirstForgotten(ManyToManyLSTM):
    def __init__(self, input_size, hidden_size, output_size=1, **how):
        super().__init__(input_size, hidden_size, output_size, **how)
        self.lstm.batch_first = False


class LastStateForEveryStep(ManyToManyLSTM):
    def forward(self, x):
        return super().forward(x)[:, -1:].expand(-1, x.shape[1], -1)


class OneStepLate(ManyToManyLSTM):
    """Step t is answered from the state before it: the newest step is never read."""

    def forward(self, x):
        return super().forward(torch.cat((x[:, :1] * 0, x[:, :-1]), dim=1))


class StepsAndBatchSwappedByView(ManyToManyLSTM):
    def forward(self, x):
        return super().forward(x).reshape(x.shape[1], len(x), -1).transpose(0, 1)


class StateForgotten(ManyToManyLSTM):
    def step(self, x, state=None):
        return super().step(x)


class StateOfTheCallBefore(ManyToManyLSTM):
    def step(self, x, state=None):
        yhat, new = super().step(x, state)
        return yhat, state or new


class CellStateLost(ManyToManyLSTM):
    def step(self, x, state=None):
        yhat, (h_n, c_n) = super().step(x, state)
        return yhat, (h_n, torch.zeros_like(c_n))


class PairTurnedAround(ManyToManyLSTM):
    def step(self, x, state=None):
        yhat, (h_n, c_n) = super().step(x, state)
        return yhat, (c_n, h_n)


class StateDetached(ManyToManyLSTM):
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
