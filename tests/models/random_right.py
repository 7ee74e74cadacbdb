"""Right models put together at random: a front, a recurrent layer, what is read, a head."""

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

FRONTS = ("none", "linear", "causal convolution", "layer norm", "tokens")
READS = ("last", "states", "mean", "max", "attention", "all states", "every step", "flat window")
HEADS = ("linear", "relu", "dropout", "layer norm", "zero", "relu at the end")
SCALES = ("normal", "passengers", "unit")


@dataclass(frozen=True)
class Plan:
    batch: int
    seq: int
    feature: int
    hidden: int
    layers: int
    both: bool
    time_first: bool
    kind: type
    front: str
    read: str
    head: str
    scale: str
    target: int
    horizon: int | None
    residual: bool
    training: bool
    closure: bool
    seed: int


plans = st.builds(
    Plan,
    batch=st.integers(2, 6),
    seq=st.integers(3, 13),
    feature=st.integers(1, 4),
    hidden=st.integers(3, 9),
    layers=st.integers(1, 2),
    both=st.booleans(),
    time_first=st.booleans(),
    kind=st.sampled_from((nn.LSTM, nn.GRU, nn.RNN)),
    front=st.sampled_from(FRONTS),
    read=st.sampled_from(READS),
    head=st.sampled_from(HEADS),
    scale=st.sampled_from(SCALES),
    target=st.integers(1, 3),
    horizon=st.none() | st.integers(2, 7),
    residual=st.booleans(),
    training=st.booleans(),
    closure=st.booleans(),
    seed=st.integers(0, 10_000),
)


class RandomModel(nn.Module):
    """Batch first inside; a time-first plan transposes x on the way in."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        width = 4 if plan.front in ("linear", "causal convolution", "tokens") else plan.feature
        self.front = {
            "linear": lambda: nn.Linear(plan.feature, width),
            "causal convolution": lambda: nn.Conv1d(plan.feature, width, 3),
            "layer norm": lambda: nn.LayerNorm(plan.feature) if plan.feature > 2 else nn.Identity(),
            "tokens": lambda: nn.Embedding(9, width),
            "none": nn.Identity,
        }[plan.front]()
        self.rnn = plan.kind(
            width,
            plan.hidden,
            plan.layers,
            bidirectional=plan.both,
            batch_first=not plan.time_first,
        )
        ways = 2 if plan.both else 1
        per_step = plan.hidden * ways
        size = {
            "all states": per_step * plan.layers,
            "flat window": per_step * plan.seq,
        }.get(plan.read, per_step)
        self.score = nn.Linear(per_step, 1) if plan.read == "attention" else None
        self.head = self._head(size, plan.target * self.horizon)

    @property
    def horizon(self):
        return self.plan.horizon or 1 if self.plan.read != "every step" else 1

    def _head(self, size, out):
        kind = self.plan.head
        last = nn.Linear(size, out)
        if kind == "zero":
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
        before = {
            "relu": (nn.Linear(size, size), nn.ReLU()),
            "dropout": (nn.Dropout(0.5),),
            "layer norm": (nn.LayerNorm(size),),
        }.get(kind, ())
        return nn.Sequential(*before, last, *((nn.ReLU(),) if kind == "relu at the end" else ()))

    def forward(self, x):
        plan = self.plan
        z = x
        if plan.front == "causal convolution":
            z = z.movedim(0, 1) if plan.time_first else z
            z = self.front(F.pad(z.transpose(1, 2), (2, 0))).transpose(1, 2)
            z = z.movedim(0, 1) if plan.time_first else z
        else:
            z = self.front(z)
        out, state = self.rnn(z)
        h_n = state[0] if isinstance(state, tuple) else state
        out = out.transpose(0, 1) if plan.time_first else out
        y = self.head(self._read(out, h_n))
        if plan.read == "every step":
            return y.transpose(0, 1) if plan.time_first else y
        if plan.residual and plan.front != "tokens":
            y = y + (x[-1] if plan.time_first else x[:, -1])[:, :1]
        return y.view(len(y), plan.horizon, -1) if plan.horizon else y

    def _read(self, out, h_n):
        ways = 2 if self.plan.both else 1
        if self.plan.read == "attention":
            return (torch.softmax(self.score(out), 1) * out).sum(1)
        return {
            "last": lambda: torch.cat((h_n[-2], h_n[-1]), -1) if ways == 2 else out[:, -1],
            "states": lambda: h_n[-ways:].transpose(0, 1).flatten(1),
            "mean": lambda: out.mean(1),
            "max": lambda: out.max(1).values,
            "all states": lambda: h_n.transpose(0, 1).flatten(1),
            "every step": lambda: out,
            "flat window": lambda: out.flatten(1),
        }[self.plan.read]()


def built(plan):
    """(model, x, keyword arguments of `check_model`)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        model = RandomModel(plan).train(plan.training)
        shape = (plan.batch, plan.seq, plan.feature)
        if plan.front == "tokens":
            x = torch.randint(9, shape[:2])
        else:
            x = {
                "normal": lambda: torch.randn(shape),
                "passengers": lambda: torch.randint(100, 650, shape).float(),
                "unit": lambda: torch.rand(shape),
            }[plan.scale]()
    axes = "batch seq" if plan.front == "tokens" else "batch seq feature"
    if plan.time_first:
        x, axes = x.transpose(0, 1), axes.replace("batch seq", "seq batch")
    how = {"axes": axes}
    if plan.read == "every step" and not plan.both:
        how["causal"] = True
    if plan.closure:
        return (lambda x: model(x)), x, how
    return model, x, how
