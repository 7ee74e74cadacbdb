"""Random numbers that are drawn in eval mode, too."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .build import head_on, last, net
from .data import BATCH, HIDDEN, HORIZON, SEQ, VOCAB, target, time_first, tokens, univariate
from .registry import right, wrong


@wrong(
    "random in eval mode",
    y=target(BATCH, 1),
    cause="dropout is active in eval mode, on (5, 8).",
    says="Eval mode gives random answers.",
    repair=("F.dropout(x, p, training=self.training), or an nn.Dropout that is made in __init__."),
)
class FunctionalDropout(nn.Module):
    """`F.dropout(out)` without `training=self.training` drops for ever."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(F.dropout(out[:, -1], p=0.5))


@wrong(
    "random in eval mode",
    inputs=time_first,
    axes="seq batch feature",
    y=target(BATCH, 1),
    cause="dropout is active in eval mode, on (5, 8).",
    says="Eval mode gives random answers.",
    repair=("F.dropout(x, p, training=self.training), or an nn.Dropout that is made in __init__."),
)
class DropoutMadeInForward(nn.Module):
    """A new `nn.Dropout` at each call is always in training mode."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, 8, num_layers=2, nonlinearity="relu")
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        _, h_n = self.rnn(x)
        return self.fc(nn.Dropout(0.3)(h_n[-1]))


@wrong(
    "random in eval mode",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="randn draws the initial state of lstm in eval mode.",
    says="Eval mode gives random answers.",
    repair="zeros in its place, or no initial state.",
)
class RandomInitialState(nn.Module):
    """`torch.randn` for the initial state: a new answer at each call."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h_0 = torch.randn(1, x.size(0), HIDDEN)
        out, _ = self.lstm(x, (h_0, torch.zeros_like(h_0)))
        return self.fc(out)


@wrong(
    "random in eval mode",
    inputs=univariate,
    y=target(BATCH, HORIZON, 1),
    cause="Python's random is asked for numbers in eval mode.",
    says="Eval mode gives random answers.",
    repair="draw only `if self.training`.",
)
class NoisyDecoder(nn.Module):
    """Python's own random numbers disturb what the decoder feeds back, in eval mode too."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(1, HIDDEN, batch_first=True)
        self.decoder = nn.GRUCell(1, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h, y_t, steps = self.encoder(x)[1][0], x[:, -1], []
        for _ in range(HORIZON):
            h = self.decoder(y_t * random.uniform(0.8, 1.2), h)
            y_t = self.fc(h)
            steps.append(y_t)
        return torch.stack(steps, dim=1)


@wrong(
    "random in eval mode",
    inputs=tokens,
    axes="batch seq",
    y=target(BATCH, 4),
    cause=(
        "dropout in drop is active in eval mode: that layer is put into training "
        "mode while the model runs."
    ),
)
class DropoutSwitchedOnInForward(nn.Module):
    """`self.drop.train()` in forward, left over from an experiment with uncertainty."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.drop = nn.Dropout(0.4)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 4)

    def forward(self, ids):
        self.drop.train()
        e = self.drop(self.embedding(ids))
        return self.fc(self.attend(e, e, e, need_weights=False)[0].mean(dim=1))


@wrong(
    "random in eval mode",
    cause="dropout is active in eval mode, on (5, 3).",
    says="Eval mode gives random answers.",
    repair=("F.dropout(x, p, training=self.training), or an nn.Dropout that is made in __init__."),
)
def fresh_dropout_in_forward():
    """`nn.Dropout(0.5)(...)` in forward: a new module is in training mode."""
    return head_on(lambda self, x: nn.Dropout(0.5)(self.rnn(x)[0][:, -1]))


@wrong(
    "random in eval mode",
    cause="rand draws numbers in eval mode.",
    spared={"seed": "its numbers come from a generator that no seed outside reaches"},
)
def generator_of_its_own():
    """Noise from a generator that the model keeps."""
    model = net(lambda self, x: last(self, x) + torch.rand(5, 1, generator=self.numbers))
    model.numbers = torch.Generator().manual_seed(1)
    return model


@wrong(
    "random in eval mode",
    cause="numpy.random is asked for numbers in eval mode.",
    says="Eval mode gives random answers.",
    repair="draw only `if self.training`.",
)
def noise_from_numpy():
    """Noise from numpy's global generator."""
    return net(lambda self, x: self.fc(self.rnn(x)[0][:, -1] + np.random.rand()))


@wrong(
    "random in eval mode",
    cause="randn draws the initial state of lstm in rnn in eval mode.",
    says="Eval mode gives random answers.",
    repair="zeros in its place, or no initial state.",
)
def random_start():
    """h_0 from `torch.randn`, read at the last step."""

    def start(x):
        return torch.randn(1, len(x), 3), torch.zeros(1, len(x), 3)

    return head_on(lambda self, x: self.rnn(x, start(x))[0][:, -1])


@wrong(
    "random in eval mode",
    cause=(
        "dropout in drop is active in eval mode: train() of EvalOverruled leaves "
        "it in training mode."
    ),
)
class EvalOverruled(nn.Module):
    """`eval()` leaves it in training mode."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, batch_first=True)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(HIDDEN, 1)

    def train(self, mode=True):
        return super().train(True)

    def forward(self, x):
        return self.fc(self.drop(self.rnn(x)[0][:, -1]))


@wrong(
    "random in eval mode",
    cause="",
    says="Two calls with the same x give two answers, though the model and the generators of "
    "torch, numpy and random start from the same state.",
    spared={"seed": "the operating system's numbers have no seed"},
)
def noise_from_the_system():
    """Noise that no seed can repeat."""
    return net(lambda self, x: last(self, x) + random.SystemRandom().random())


@wrong(
    "random in eval mode",
    cause=(
        "dropout between the layers of lstm in rnn is active in eval mode: that "
        "layer is put into training mode while the model runs."
    ),
)
class LayersSwitchedOnInForward(nn.Module):
    """`self.rnn.train()` in forward: dropout between its layers stays active."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, num_layers=2, dropout=0.5, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        self.rnn.train()
        return self.fc(self.rnn(x)[0][:, -1])


@right(
    question="Eval mode draws random numbers (random), and none that were tried changes an answer"
)
def layers_left_out_in_training_only():
    """A die is thrown before the mode is asked: in eval mode no layer is ever left out."""

    def forward(self, x):
        for layer in (self.one, self.two):
            if random.random() < 0.9 or not self.training:
                x, _ = layer(x)
        return last(self, x)

    one, two = (nn.GRU(2, 2, batch_first=True) for _ in range(2))
    return net(forward, one=one, two=two)


@right(
    question="Eval mode draws random numbers (torch, numpy), and none that were tried changes an"
)
def noise_times_zero_in_eval_mode():
    """Noise of torch and numpy, which the mode switches off."""

    def forward(self, x):
        noise = torch.rand(len(x), 1) + np.random.rand()
        return last(self, x) + (noise if self.training else 0)

    return net(forward)
