"""The rows of `roll_out`."""

import pandas as pd
import torch
from torch import nn

from arguments.rows_models import MUCH
from arguments.table import Case, refused, row, said, tensor, whole
from lstm_helpers import EncoderDecoderLSTM, ManyToManyLSTM, ManyToOneLSTM, Windows, roll_out


def made(kind, *sizes, **how):
    with torch.random.fork_rng(devices=[]):
        return kind(*sizes, **how)


def model(s, targets=None):
    """All features are targets, or so many."""
    return made(ManyToManyLSTM, s.feature, s.hidden, targets or s.feature)


def x(s):
    return tensor(s.batch, s.seq, s.feature)


def of(argument):
    """Rows of an argument in a call that is right but for it."""

    def add(mode, wrong, error, text, right, use):
        refused("roll_out", argument, mode, use, wrong, error, text, right)

    return add


def asked(mode, error, wrong, text, *right, **how):
    """`wrong` and `right` make models."""
    for mend in right:
        refused(
            "roll_out",
            "model",
            mode,
            lambda s, make: roll_out(make(s), x(s), s.horizon, **how),
            lambda s: wrong,
            error,
            text,
            lambda s, mend=mend: mend,
        )


class Returns(nn.Module):
    """Returns what a function makes of x."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Steps(Returns):
    """Has a method `step`, which is such a function."""

    def __init__(self, function):
        super().__init__(lambda x: x)
        self.step = function


asked(
    "None",
    TypeError,
    lambda s: None,
    "model is None, but an nn.Module is needed: pass the model itself.",
    model,
)
asked(
    "its class",
    TypeError,
    lambda s: ManyToManyLSTM,
    "model is the class ManyToManyLSTM, but a model is needed: make one of it, "
    "ManyToManyLSTM(...).",
    model,
)
asked(
    "a bare nn.LSTM",
    TypeError,
    lambda s: made(nn.LSTM, s.feature, s.feature, batch_first=True),
    "the model returns a tuple, but one tensor is needed, yhat (batch, horizon, target): write a "
    "forward that returns it, as in out, _ = self.lstm(x).",
    lambda s: Returns(lambda x: made(nn.LSTM, s.feature, s.feature, batch_first=True)(x)[0]),
)
RETURNS = "(batch, horizon, target) is needed, with a row for each window"
asked(
    "no axis of steps",
    ValueError,
    lambda s: Returns(lambda x: x[:, -1]),
    lambda s: (
        f"the model returns ({s.batch}, {s.feature}) for x (batch={s.batch}, seq={s.seq}, "
        f"feature={s.feature}), but {RETURNS}: keep the axis of the step, yhat[:, None]."
    ),
    lambda s: Returns(lambda x: x[:, -1][:, None]),
)
asked(
    "fewer rows",
    ValueError,
    lambda s: Returns(lambda x: x[1:, -1:]),
    lambda s: (
        f"the model returns ({s.batch - 1}, 1, {s.feature}) for x (batch={s.batch}, seq={s.seq}, "
        f"feature={s.feature}), but {RETURNS}: keep the batch first, and both other axes."
    ),
    lambda s: Returns(lambda x: x[:, -1:]),
)
asked(
    "fewer targets than features",
    ValueError,
    lambda s: model(s, 1),
    lambda s: (
        f"the model forecasts target=1, but of feature={s.feature} of x {s.feature} are to be "
        f"forecast, {list(range(s.feature))}, and 0 are known ahead: what a model reads next has "
        "to be either. Name what is known in known=, or use a model with "
        f"{s.feature} targets."
    ),
    model,
)
asked(
    "other features",
    ValueError,
    lambda s: made(ManyToOneLSTM, s.other, s.hidden, s.feature),
    lambda s: (
        f"x is (batch={s.batch}, seq={s.seq}, feature={s.feature}), but the model was built with "
        f"input_size={s.other}: build it with input_size={s.feature}, or pass the features it was "
        "made for."
    ),
    lambda s: made(ManyToOneLSTM, s.feature, s.hidden, s.feature),
)
asked(
    "one that can't run",
    ValueError,
    lambda s: Returns(lambda x: x @ torch.ones(s.other, 1)),
    lambda s: (
        f"the model can't run on a batch, x (batch={s.batch}, seq={s.seq}, feature={s.feature}): "
        f"{said(lambda: x(s) @ torch.ones(s.other, 1))}"
    ),
    lambda s: Returns(lambda x: x @ torch.ones(s.feature, s.feature)),
)
asked(
    "another method called step",
    TypeError,
    lambda s: Steps(lambda batch: batch),
    "the model's step can't be called with x and a state (too many positional arguments): let it "
    "be step(x, state) -> (yhat, state), or call the method otherwise.",
    lambda s: Steps(lambda x, state: (x, state)),
    lambda s: Returns(lambda x: x[:, -1:]),
)
asked(
    "a step without a state",
    TypeError,
    lambda s: Steps(lambda x, state: x),
    "the model's step returns a Tensor, but a pair (yhat, state) is needed: return both, or call "
    "the method otherwise.",
    lambda s: Steps(lambda x, state: (x, state)),
    lambda s: Returns(lambda x: x[:, -1:]),
)


def writer(s, **how):
    how = {"horizon": s.horizon, "target": [1], "known_size": s.feature - 1, **how}
    return made(EncoderDecoderLSTM, s.feature, s.hidden, **how)


def others(s):
    return [n for n in range(s.feature) if n != 1]


def later(s):
    return tensor(s.batch, s.horizon, s.feature - 1)


@row("roll_out", "model", "other known columns")
def _(s):
    def use(one):
        return roll_out(one, x(s), s.horizon, known=others(s), future=later(s))

    return Case(
        lambda: use(writer(s, known_size=s.feature)),
        ValueError,
        f"the model was built with known_size={s.feature}, but {s.feature - 1} features of x are "
        f"known ahead: name {s.feature} in known=.",
        lambda: use(writer(s)),
    )


@row("roll_out", "model", "another target")
def _(s):
    def use(**how):
        known = [n for n in range(s.feature) if n != how["target"][0]]
        return roll_out(writer(s), x(s), s.horizon, known=known, future=later(s), **how)

    return Case(
        lambda: use(target=[0]),
        ValueError,
        "the model was built with target=[1], but [0] of x are to be forecast: pass target=[1], or "
        "build it with target=[0].",
        lambda: use(target=[1]),
    )


def read(mode, wrong, error, text, right=x):
    of("x")(mode, wrong, error, text, right, lambda s, v: roll_out(model(s), v, s.horizon))


NEEDED = "but x (batch, seq, feature) or a Windows is needed"
read("None", None, TypeError, f"x is None, {NEEDED}: pass windows.newest(), or the Windows.")
for mend in (lambda s: cut(s).newest(), lambda s: cut(s)):
    read(
        "a table",
        lambda s: pd.DataFrame(tensor(30, s.feature).numpy()),
        TypeError,
        lambda s: (
            f"x is a DataFrame (30, {s.feature}), {NEEDED}: pass windows.newest(), or the Windows."
        ),
        mend,
    )
read(
    "an array",
    lambda s: x(s).numpy(),
    TypeError,
    lambda s: (
        f"x is a ndarray ({s.batch}, {s.seq}, {s.feature}), {NEEDED}: pass torch.as_tensor(x, "
        "dtype=torch.float32)."
    ),
    lambda s: torch.as_tensor(x(s).numpy(), dtype=torch.float32),
)
read(
    "one window",
    lambda s: x(s)[0],
    ValueError,
    lambda s: f"x is ({s.seq}, {s.feature}), {NEEDED}: one window is x[None].",
    lambda s: x(s)[0][None],
)
read(
    "one axis",
    lambda s: tensor(s.seq),
    ValueError,
    lambda s: f"x is ({s.seq},), {NEEDED}: keep these three axes.",
)
read(
    "no window",
    lambda s: x(s)[:0],
    ValueError,
    lambda s: (
        f"x is (batch=0, seq={s.seq}, feature={s.feature}), without a number, but one window with "
        "one step is needed at least: pass more rows."
    ),
)
read(
    "whole numbers",
    lambda s: x(s).long(),
    ValueError,
    lambda s: (
        f"x ({s.batch}, {s.seq}, {s.feature}) has dtype torch.int64, but forecasts become its next "
        "steps: use x.to(torch.float32)."
    ),
    lambda s: x(s).long().to(torch.float32),
)
read(
    "complex",
    lambda s: x(s) * 1j,
    ValueError,
    lambda s: (
        f"x ({s.batch}, {s.seq}, {s.feature}) has dtype torch.complex64, but forecasts become its "
        "next steps: use x.real.to(torch.float32)."
    ),
    lambda s: (x(s) * 1j).real.to(torch.float32),
)
read(
    "sparse",
    lambda s: x(s).to_sparse(),
    ValueError,
    lambda s: f"x ({s.batch}, {s.seq}, {s.feature}) is sparse, {NEEDED}: pass x.to_dense().",
    lambda s: x(s).to_sparse().to_dense(),
)


@row("roll_out", "x", "on meta")
def _(s):
    return Case(
        lambda: roll_out(model(s), x(s).to("meta"), s.horizon),
        ValueError,
        f"x ({s.batch}, {s.seq}, {s.feature}) holds no numbers, {NEEDED}: make it anew on the CPU.",
        lambda: roll_out(model(s), x(s), s.horizon),
    )


def cut(s, **how):
    return Windows(tensor(60, s.feature), s.seq, **how)


for mend in (
    lambda s: (Windows(tensor(60, s.feature).double(), s.seq, dtype=torch.float32), model(s)),
    lambda s: (x(s).double(), model(s).to(torch.float64)),
):
    of("x")(
        "in double precision",
        lambda s: (x(s).double(), model(s)),
        ValueError,
        lambda s: (
            "x has dtype torch.float64, but the model's weights have torch.float32: use "
            "Windows(..., dtype=torch.float32), or model.to(torch.float64)."
        ),
        mend,
        lambda s, v: roll_out(v[1], v[0], s.horizon),
    )
read(
    "windows with a gap",
    lambda s: cut(s, gap=s.other),
    ValueError,
    lambda s: (
        f"the windows have a gap of {s.other} steps before their targets, but a forecast becomes "
        "the next step of a window: cut windows without gap."
    ),
    cut,
)

whole("roll_out", "steps", lambda s, v: roll_out(model(s), x(s), v), least=1)


@row("roll_out", "steps", "no memory")
def _(s):
    return Case(
        lambda: roll_out(model(s), x(s), MUCH),
        ValueError,
        f"steps={MUCH} for {s.batch} windows: that is {MUCH * s.batch * s.feature} numbers, for "
        "which there is no memory. Choose smaller sizes.",
        lambda: roll_out(model(s), x(s), s.horizon),
    )


@row("roll_out", "steps", "more than the rows behind each window")
def _(s):
    one, steps = model(s, 1), s.horizon + 2
    windows = cut(s, horizon=s.horizon, known=others(s))
    return Case(
        lambda: roll_out(one, windows, steps),
        ValueError,
        f"steps is {steps}, but behind each window the table is sure to have {s.horizon} rows with "
        f"{others(s)}: cut windows with horizon={steps}, or pass future=, "
        f"(window={len(windows)}, steps={steps - 1}, known={s.feature - 1}).",
        lambda: [
            roll_out(one, cut(s, horizon=steps, known=others(s)), steps),
            roll_out(one, windows, steps, future=tensor(len(windows), steps - 1, s.feature - 1)),
        ],
        [one],
    )


def role(argument, mode, wrong, text, *right):
    """A call with a model of one target, [1], and the others known; `wrong` changes some of it."""
    for mend in right:
        refused(
            "roll_out",
            argument,
            mode,
            lambda s, how: roll_out(
                model(s, 1),
                x(s),
                **{"steps": s.horizon, "known": others(s), "future": later(s), **how},
            ),
            wrong,
            ValueError,
            text,
            mend,
        )


def none(s):
    return {}


role(
    "target",
    "both",
    lambda s: {"target": [1, 0]},
    "target and known share [0], but a feature that is known ahead needs no forecast: name each in "
    "one of them.",
    lambda s: {"target": [1]},
)
role(
    "target",
    "another one",
    lambda s: {"target": s.feature},
    lambda s: (
        f"target names {s.feature}, but the columns are {list(range(s.feature))}: choose from "
        f"these, or give a position from 0 to {s.feature - 1}."
    ),
    lambda s: {"target": 1},
)
role(
    "target",
    "columns of another table",
    lambda s: {"target": Windows(tensor(30, s.other), s.seq, target=[1]).target},
    lambda s: (
        f"target is [1] of a table with {s.other} columns, but x has {s.feature} features: give "
        "their positions in x."
    ),
    lambda s: {"target": Windows(tensor(30, s.feature), s.seq, target=[1]).target},
    lambda s: {"target": [1]},
)


def rest(s):
    return [n for n in range(s.feature) if n > 1]


role(
    "known",
    "not all others",
    lambda s: {"target": [1], "known": [0], "future": later(s)[..., :1]},
    lambda s: (
        f"x has {s.feature} features, of which [1] are forecast and [0] are known ahead, but after "
        f"the first forecast {rest(s)} have no value: name them in known= and pass their future=, "
        "or use a model that forecasts them, too, or one with horizon=steps in predict."
    ),
    none,
)
role(
    "known",
    "all",
    lambda s: {"known": list(range(s.feature))},
    lambda s: (
        f"x has {s.feature} features, and none of them is forecast: name fewer in known=, or one "
        "in target=."
    ),
    none,
)
role(
    "known",
    "a name",
    lambda s: {"known": "hour"},
    lambda s: (
        f"known names 'hour', but the columns are {list(range(s.feature))}: choose from these, or "
        f"give a position from 0 to {s.feature - 1}."
    ),
    none,
)
for argument in ("target", "known"):

    @row("roll_out", argument, "for windows")
    def _(s, argument=argument):
        windows = cut(s, horizon=s.horizon, known=others(s))
        return Case(
            lambda: roll_out(model(s, 1), windows, s.horizon, **{argument: [1]}),
            ValueError,
            f"{argument} was passed, but the windows know their columns, {argument} "
            f"{list(getattr(windows, argument))}: drop it, or cut windows with {argument}=.",
            lambda: roll_out(model(s, 1), windows, s.horizon),
        )


def shape(s):
    return f"(batch={s.batch}, steps={s.horizon - 1}, known={s.feature - 1})"


role(
    "future",
    "none",
    lambda s: {"future": None},
    lambda s: (
        f"{s.feature - 1} features of x are known ahead, but future is None: pass their values "
        f"after those in x, {shape(s)}."
    ),
    lambda s: {"future": later(s)[:, 1:]},
)
role(
    "future",
    "two axes",
    lambda s: {"future": later(s)[0]},
    lambda s: (
        f"future is ({s.horizon}, {s.feature - 1}), but {shape(s)} is needed, from the step after "
        "those that x holds: for one window, add its axis, future[None]."
    ),
    lambda s: {"future": later(s)[0][None].expand(s.batch, -1, -1)},
)
role(
    "future",
    "other columns",
    lambda s: {"future": tensor(s.batch, s.horizon, s.feature)},
    lambda s: (
        f"future is ({s.batch}, {s.horizon}, {s.feature}), but {shape(s)} is needed, from the step "
        "after those that x holds: pass one row of the known features for each step."
    ),
    none,
)
role(
    "future",
    "too short",
    lambda s: {"future": later(s)[:, 2:]},
    lambda s: (
        f"future has {s.horizon - 2} steps, but {s.horizon} steps of a forecast read "
        f"{s.horizon - 1}, since x holds the first: pass {shape(s)}, or ask for fewer steps."
    ),
    lambda s: {"future": later(s)[:, 1:]},
    lambda s: {"future": later(s)[:, 2:], "steps": s.horizon - 1},
)


def holey(s):
    future = later(s)
    future[1, s.horizon - 2, 0] = torch.nan
    return future


role(
    "future",
    "not a number",
    lambda s: {"future": holey(s)},
    lambda s: (
        f"future has NaN or infinity in 1 of {s.batch * (s.horizon - 1) * (s.feature - 1)} places "
        "that are read, but what is known ahead has to be known: fill them, or ask for fewer steps."
    ),
    lambda s: {"future": holey(s).nan_to_num(1.5)},
    lambda s: {"future": holey(s), "steps": s.horizon - 1},
)
of("future")(
    "text",
    "next.csv",
    TypeError,
    "future has dtype <U8, but numbers are needed. Try astype(float).",
    later,
    lambda s, v: roll_out(model(s, 1), x(s), s.horizon, known=others(s), future=v),
)


@row("roll_out", "future", "where no feature is known")
def _(s):
    return Case(
        lambda: roll_out(model(s), x(s), s.horizon, future=later(s)),
        ValueError,
        "future was passed, but no feature is known ahead: name them in known=, or drop future.",
        lambda: [
            roll_out(model(s), x(s), s.horizon),
            roll_out(model(s, 1), x(s), s.horizon, known=others(s), future=later(s)),
        ],
    )
