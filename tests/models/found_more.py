"""States that are not handed on, rows that nothing fills, and right models that look odd."""

import random

import torch
from torch import nn

from .build import Built, last, lstm, net, unpacked
from .data import BATCH, LENGTHS, SEQ, padded_with_lengths, target, tokens
from .registry import right, wrong

NOT_HANDED_ON = "the state that a step returns is not handed to the next one."


TOGETHER = (
    "forward decides by a number that is made of the whole batch, as in `if`, bool() or item(): "
    "which way it goes depends on the company."
)


@wrong("one decision for the whole batch", cause=TOGETHER)
def one_of_two_heads_for_all():
    """The mean of all windows says which of two heads is asked."""

    def forward(self, x):
        h = self.rnn(x)[0][:, -1]
        return self.high(h) if x.mean() > 0 else self.fc(h)

    return net(forward, high=nn.Linear(3, 1))


@wrong("one decision for the whole batch", cause=TOGETHER)
def smaller_steps_where_any_value_is_large():
    """The largest value of the batch says how many small steps are made of each step."""

    def forward(self, x):
        turns, h, states = 2 if x.abs().max() > 4 else 1, torch.zeros_like(x[:, 0]), []
        for x_t in x.unbind(1):
            for _ in range(turns):
                h = h + self.step(h + x_t).tanh() / turns
            states.append(h)
        return torch.stack(states, 1)

    return Built(forward, step=nn.Linear(2, 2))


@wrong("a state never handed on", y=target(BATCH, 1), cause=NOT_HANDED_ON)
class EachStepFromZeros(nn.Module):
    """The loop gives every step the zeros that were meant for the first."""

    def __init__(self):
        super().__init__()
        self.cell, self.fc = nn.LSTMCell(2, 3), nn.Linear(3, 1)

    def forward(self, x):
        start = x.new_zeros(len(x), 3)
        for x_t in x.unbind(1):
            h, _ = self.cell(x_t, (start, start))
        return self.fc(h)


@wrong("a state never handed on", causal=True, cause=NOT_HANDED_ON)
class OneStepLayers(nn.Module):
    """An LSTM is called step by step, and its state is dropped each time."""

    def __init__(self):
        super().__init__()
        self.lstm, self.fc = lstm(), nn.Linear(3, 1)

    def forward(self, x):
        outs = [self.lstm(x[:, t : t + 1])[0] for t in range(x.shape[1])]
        return self.fc(torch.cat(outs, dim=1))


@wrong(
    "a backward pass not turned round",
    causal=False,
    cause="the outputs of a backward pass are not turned round again: its first one belongs to "
    "the last step.",
)
def backward_outputs_as_they_come():
    """The second LSTM reads x from its end, and its outputs stand beside the forward ones."""

    def forward(self, x):
        return self.fc(torch.cat((self.rnn(x)[0], self.back(x.flip(1))[0]), dim=2))

    return Built(forward, rnn=lstm(), back=lstm(), fc=nn.Linear(6, 1))


@right(causal=False)
def backward_outputs_turned_round():
    """The same, with the backward outputs in the order of the steps."""

    def forward(self, x):
        back = self.back(x.flip(1))[0].flip(1)
        return self.fc(torch.cat((self.rnn(x)[0], back), dim=2))

    return Built(forward, rnn=lstm(), back=lstm(), fc=nn.Linear(6, 1))


@wrong(
    "a row that nothing fills",
    cause="the index [0] on (5, 4, 1) writes into one row, and some rows get none.",
)
def forecasts_written_into_rows():
    """`out[i] = ...` for step i: the index stands where the sample's does."""

    def forward(self, x):
        h, out = self.rnn(x)[0][:, -1], torch.zeros(len(x), 4, 1)
        for i in range(4):
            out[i] = self.fc(h)[i]
        return out

    return net(forward)


@wrong(
    "layers that no optimizer hears of",
    y=target(BATCH, 1),
    cause="self.heads is a plain list, in which a module does not look for layers.",
)
class LayersInAList(nn.Module):
    """The heads are in a Python list: they work, and are never trained."""

    def __init__(self):
        super().__init__()
        self.lstm, self.heads = lstm(), [nn.Linear(3, 4), nn.Linear(4, 1)]

    def forward(self, x):
        z = self.lstm(x)[0][:, -1]
        for head in self.heads:
            z = head(z)
        return z


@wrong(
    "another output mixes samples",
    cause="lstm in spread (batch_first=False, the default) walks along the batch axis as if it "
    "were seq: batch_first was forgotten.",
)
def mean_and_spread():
    """The mean is right; the layer behind the second result forgot batch_first."""

    def forward(self, x):
        return last(self, x), self.head(self.spread(x)[0][:, -1])

    return net(forward, spread=nn.LSTM(2, 3), head=nn.Linear(3, 1))


@wrong(
    "random in eval mode",
    y=target(BATCH, 1),
    cause="Python's random is asked for numbers in eval mode.",
    says="Eval mode gives random answers.",
    repair="draw only `if self.training`.",
)
def seldom_another_answer():
    """A throw of Python's own dice that changes one answer in seven."""
    return net(lambda self, x: last(self, x) + (random.random() < 0.15))


@wrong(
    "view where transpose was needed",
    cause="reshape from (5, 12, 2) to (12, 5, 2) cuts the same memory into other rows: it does "
    "not swap axes, the samples are scrambled.",
    meant=lambda x: x.transpose(0, 1),
)
def reshape_behind_a_dropped_statistic():
    """A mean over the batch is computed and never taken; the reshape after it is what mixes."""

    def forward(self, x):
        scale = x.abs().mean(1, keepdim=True)
        scale = torch.where(scale > 0, scale, scale.mean(0, keepdim=True))
        return self.fc(self.rnn((x / scale).reshape(SEQ, BATCH, 2))[0].transpose(0, 1))

    return net(forward, rnn=nn.LSTM(2, 3))


PARTS = "Are they forecasts of what follows the window?"


@right(question=PARTS)
def an_answer_for_each_pair_of_steps():
    """A convolution with stride 2 in front: the six answers belong to pairs of steps."""

    def forward(self, x):
        return self.fc(self.rnn(self.conv(x.mT).mT)[0])

    return Built(forward, conv=nn.Conv1d(2, 4, 2, stride=2), rnn=lstm(4, 3), fc=nn.Linear(3, 5))


@right(inputs=padded_with_lengths, lengths=LENGTHS, y=target(BATCH, int(LENGTHS.max()), 1))
def unpacked_to_the_longest():
    """The longest sample is shorter than the padding: the answers end where it does."""
    return net(lambda self, x, n: self.fc(unpacked(self, x, n)))


@right(inputs=tokens, axes="batch seq", causal=True)
class HeadOverSelf(nn.Module):
    """A lambda that closes over the module: a copy of the model shares it."""

    def __init__(self):
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(11, 8), nn.GRU(8, 8, batch_first=True)
        self.head = lambda h: h @ self.embedding.weight.T

    def forward(self, tokens):
        return self.head(self.rnn(self.embedding(tokens))[0])
