"""Styles that once raised a false alarm, got no answer, or got the wrong cause."""

from dataclasses import dataclass

import torch
from styles import LENGTHS, Built, lstm
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence


def last(self, x):
    return self.fc(self.rnn(x)[0][:, -1])


def scaled_to_one(self, x):
    if not ((x >= 0) & (x <= 1)).all():
        raise ValueError("scale x to 0..1")
    return last(self, x)


@dataclass
class Output:
    loss: torch.Tensor | None
    logits: torch.Tensor


def wavenet(self, x):
    """The last residual has no layer after it, only its skip has a reader."""
    z, total = self.first(x.mT), 0
    for i, gate in enumerate(self.gates):
        h = torch.tanh(gate(F.pad(z, (2**i, 0))))
        skip, residual = self.skips[i], self.residuals[i]
        total, z = total + skip(h), z + residual(h)
    return self.fc(total.mT)


def wavenet_layers():
    return {
        "first": nn.Conv1d(2, 4, 1),
        "gates": nn.ModuleList(nn.Conv1d(4, 4, 2, dilation=2**i) for i in range(3)),
        "skips": nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(3)),
        "residuals": nn.ModuleList(nn.Conv1d(4, 4, 1) for _ in range(3)),
        "fc": nn.Linear(4, 1),
    }


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside, self.back, self.ahead = nn.Linear(24, 8), nn.Linear(8, 24), nn.Linear(8, 6)

    def forward(self, x):
        h = torch.relu(self.inside(x))
        return self.back(h), self.ahead(h)


def nbeats(self, x):
    """The last block's backcast has no block after it."""
    rest, forecast = x.flatten(1), 0
    for block in self.blocks:
        back, ahead = block(rest)
        rest, forecast = rest - back, forecast + ahead
    return forecast


def weighed_variables(self, x):
    """A weight for each variable, by softmax; with one variable it is 1."""
    weights = torch.softmax(self.score(x), dim=-1)
    return last(self, x * weights)


RIGHT = {
    "compiled": lambda: torch.compile(net(last), backend="eager"),
    "refuses what is out of range": lambda: net(scaled_to_one),
    "a loss of None first": lambda: net(lambda self, x: Output(None, last(self, x))),
    "lazy": lambda: Built(last, rnn=lstm(), fc=nn.LazyLinear(1)),
}

SPARE = {  # right, and asked about
    "wavenet": (lambda: Built(wavenet, **wavenet_layers()), "residuals.2.weight"),
    "nbeats": (
        lambda: Built(nbeats, blocks=nn.ModuleList(Block() for _ in range(3))),
        "blocks.2.back.weight",
    ),
    "one variable": (
        lambda: Built(weighed_variables, score=nn.Linear(1, 1), rnn=lstm(1, 3), fc=nn.Linear(3, 1)),
        "softmax goes over an axis of one",
    ),
}


def net(function, **more):
    return Built(function, rnn=lstm(), fc=nn.Linear(3, 1), **more)


class Overruled(nn.Module):
    """`eval()` leaves it in training mode."""

    def __init__(self):
        super().__init__()
        self.rnn, self.drop, self.fc = lstm(), nn.Dropout(0.5), nn.Linear(3, 1)

    def train(self, mode=True):
        return super().train(True)

    def forward(self, x):
        return self.fc(self.drop(self.rnn(x)[0][:, -1]))


class RunningMean(nn.Module):
    """A buffer that every call replaces, in eval mode too."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = lstm(), nn.Linear(3, 1)
        self.register_buffer("level", torch.zeros(5, 1, 2))

    def forward(self, x):
        self.level = 0.9 * self.level + 0.1 * x.mean(1, keepdim=True).detach()
        return self.fc(self.rnn(x - self.level)[0][:, -1])


def first_cell_state(self, x):
    h = x.new_zeros(len(x), 3)
    states = [h := self.cell(x_t, h) for x_t in x.unbind(1)]
    return self.fc(states[0])


def unread_encoder(self, x):
    _, state = self.rnn(x)
    return self.fc(self.ahead(x.new_zeros(len(x), 6, 2))[0])


def sorted_by_length(self, x, lengths):
    """Packed in order of length, and not put back."""
    lengths, order = lengths.sort(descending=True)
    packed = pack_padded_sequence(x[order], lengths, batch_first=True)
    return self.fc(self.rnn(packed)[1][0][-1])


def packed_by_samples(self, x, lengths):
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    return self.fc(self.rnn(packed)[1][-1])


def by_numpy(self, x):
    return self.fc(torch.from_numpy(self.rnn(x)[0].detach().numpy())[:, -1])


def random_start(x):
    return torch.randn(1, len(x), 3), torch.zeros(1, len(x), 3)


def sees_one_ahead(self, x):
    q, k, v = self.qkv(x).chunk(3, -1)
    open_ = torch.ones(12, 12).tril(1).bool()
    return self.fc((q @ k.mT).masked_fill(~open_, -1e9).softmax(-1) @ v)


# name: (model, more inputs, arguments, what the report says, what it must not say)
WRONG = {
    "numpy inside": (lambda: net(by_numpy), (), {}, r"numpy.*lets no gradient pass", "never read"),
    "rounded": (
        lambda: net(lambda self, x: torch.round(100 * last(self, x))), (), {},
        r"rounding.*lets no gradient pass", "never read",
    ),
    "first step": (
        lambda: net(lambda self, x: self.fc(self.rnn(x)[0][:, 0])), (), {},
        r"newest 11 .*\[:, 0\]", "directions",
    ),
    "first cell state": (
        lambda: Built(first_cell_state, cell=nn.GRUCell(2, 3), fc=nn.Linear(3, 1)), (), {},
        "newest 11 ", "directions",
    ),
    "one sample's last value for all": (
        lambda: net(lambda self, x: last(self, x) + x[-1, -1, :1]), (), {},
        r"the index \[-1, -1, :1\]", "joins",
    ),
    "sorted by length": (
        lambda: net(sorted_by_length), (LENGTHS.flip(0),), {"lengths": LENGTHS.flip(0)},
        "another order", "joins",
    ),
    "packed, batch_first forgotten": (
        lambda: Built(packed_by_samples, rnn=nn.GRU(2, 3), fc=nn.Linear(3, 1)),
        (torch.full((12,), 5),), {}, "packed batch .*batch_first was forgotten", "empty_like",
    ),
    "steps as channels": (
        lambda: net(lambda self, x: self.fc(self.mix(self.rnn(x)[0])), mix=nn.Conv1d(12, 12, 1)),
        (), {"causal": True}, r"takes the steps of \(5, 12, 3\) for channels", "pads",
    ),
    "a mask one step too wide": (
        lambda: Built(sees_one_ahead, qkv=nn.Linear(2, 9), fc=nn.Linear(3, 1)),
        (), {"causal": True}, "mask that lets some later steps in", "without a mask",
    ),
    "unread encoder": (
        lambda: net(unread_encoder, ahead=lstm()), (), {}, r"rnn\.weight_ih_l0.*never read",
        "new_zeros",
    ),
    "random start": (
        lambda: net(lambda self, x: self.fc(self.rnn(x, random_start(x))[0][:, -1])), (), {},
        "randn .*an initial state is zeros", "dropout",
    ),
    "softmax over one answer": (
        lambda: net(lambda self, x: torch.softmax(last(self, x), 1)), (), {},
        r"softmax on \(5, 1\)", "parameters",
    ),
    "a share that must stay below 1, detached": (
        lambda: net(
            lambda self, x: last(self, x) + torch.quantile(x[:, -1], self.q.detach(), -1)[:, None],
            q=nn.Parameter(torch.tensor(0.95)),
        ),
        (), {}, r"q never gets? a gradient", "could not be made out",
    ),
    "eval overruled": (Overruled, (), {}, "dropout in drop is active in eval mode", "outside"),
    "a buffer replaced": (RunningMean, (), {}, r"kept between calls in self\.level", "random"),
}  # fmt: skip
