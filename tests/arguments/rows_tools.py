"""The rows of `mase`, `label` and `check_same_shape`."""

import numpy as np
import torch

from arguments.table import Case, refused, row, tensor, whole
from lstm_helpers import check_same_shape, label, mase

NUMBERS = "numbers are needed: pass a tensor, an array, a table or a list of numbers."
TEXT = "has dtype <U1, but numbers are needed. Try astype(float)."


def score(s, argument, value):
    how = {"y": tensor(s.batch), "yhat": tensor(s.batch) + 1, "history": np.arange(1.0, 30) ** 2}
    return mase(**{**how, argument: value})


def measured(argument, mode, wrong, error, text, right):
    refused("mase", argument, mode, lambda s, v: score(s, argument, v), wrong, error, text, right)


whole("mase", "season", lambda s, value: score(s, "season", value), least=1)
for argument in ("y", "yhat", "history"):
    right = (lambda s: tensor(s.batch)) if argument != "history" else (lambda s: [1.5, 2.5, 4.5])
    measured(argument, "text", "y", TypeError, f"{argument} {TEXT}", right)
    measured(argument, "None", None, TypeError, f"{argument} is None, but {NUMBERS}", right)
    measured(
        argument,
        "nothing",
        [],
        ValueError,
        f"{argument} is (0,), without a number: pass at least one.",
        right,
    )
    measured(
        argument,
        "NaN",
        [1.5, np.nan, np.inf],
        ValueError,
        f"{argument} has NaN or infinity in 2 of 3 places, but an error needs numbers: drop these "
        "steps from y, yhat and history.",
        right,
    )
    if argument != "history":
        measured(
            argument,
            "another shape",
            lambda s: tensor(s.batch, 1),
            ValueError,
            lambda s, argument=argument: (
                "y is {} but yhat is {}: both need the same shape, since each value is compared "
                "with its own prediction. Pass the same steps of both."
            ).format(*[(s.batch, 1), (s.batch,)][:: 1 if argument == "y" else -1]),
            lambda s: tensor(s.batch, 1)[:, 0],
        )
ONE_COLUMN = (
    "but one variable with more than season=1 steps is needed: pass one column of the training "
    "part."
)
measured(
    "history",
    "two variables",
    lambda s: tensor(s.seq, 2),
    ValueError,
    lambda s: f"history is ({s.seq}, 2), {ONE_COLUMN}",
    lambda s: tensor(s.seq, 2)[:, 1],
)
measured(
    "history", "one step", [2.5], ValueError, f"history is (1,), {ONE_COLUMN}", [2.5, 3.5, 5.0]
)
SAME = (
    "history repeats itself exactly, so the naive forecast has no error to divide by: use the mean "
    "absolute error instead."
)


@row("mase", "history", "one that never changes")
def _(s):
    y, yhat = tensor(s.batch), tensor(s.batch) + 1
    return Case(
        lambda: mase(y, yhat, [2.5] * s.seq),
        ValueError,
        SAME,
        lambda: torch.nn.L1Loss()(yhat, y),
        [y, yhat],
    )


measured(
    "history",
    "numbers near the end of float64",
    [1e308, -1e308, 1e308],
    ValueError,
    "y, yhat and history hold numbers whose differences are too large or too small for float64: "
    "multiply all three by the same number first.",
    np.array([1e308, -1e308, 1e308]) * 1e-10,
)
refused(
    *("mase", "season", "as long as the history", lambda s, v: score(s, "season", v), 29),
    ValueError,
    "history is (29,), but one variable with more than season=29 steps is needed: pass one column "
    "of the training part.",
    28,
)

refused(
    *("label", "x", "a list", lambda s, v: label(v, "batch seq"), [[1.5]], TypeError),
    "x is [[1.5]], which has no shape: pass a tensor, an array or a table.",
    torch.tensor([[1.5]]),
)
for value in (None, ["batch", "seq"]):
    refused(
        *("label", "axes", repr(value)),
        lambda s, axes: label(tensor(s.batch, s.seq, s.feature), axes),
        *(value, TypeError),
        f"axes is {value!r}, but text is needed, such as 'batch seq feature'.",
        "batch seq feature",
    )
for value, count in (("batch seq", 2), ("", 0), ("batch seq feature target", 4)):
    refused(
        *("label", "axes", f"{count} names"),
        lambda s, axes: label(tensor(s.batch, s.seq, s.feature), axes),
        value,
        ValueError,
        lambda s, value=value, count=count: (
            f"x is ({s.batch}, {s.seq}, {s.feature}), with 3 axes, but {value!r} names {count}: "
            "one name is needed for each axis. Add or drop names."
        ),
        "batch seq feature",
    )


# yhat, y, what the loss would do with them, the advice, and the right y and yhat
PAIRS = {
    "y without its axes": lambda s: (
        (s.batch, 1, 1),
        (s.batch,),
        f"the loss would broadcast both to ({s.batch}, 1, {s.batch})",
        "Give y its axes: y[:, None, None]",
        lambda yhat, y: (yhat, y[:, None, None]),
    ),
    "yhat without its axes": lambda s: (
        (s.batch, s.horizon),
        (s.batch, s.horizon, 1),
        "they can't be compared element by element",
        "Give yhat its axes: yhat[:, :, None]",
        lambda yhat, y: (yhat[:, :, None], y),
    ),
    "another order of axes": lambda s: (
        (s.batch, s.horizon, s.target),
        (s.batch, s.target, s.horizon),
        "they can't be compared element by element",
        "The axes are the same in another order: use transpose or permute, not view",
        lambda yhat, y: (yhat, y.transpose(1, 2)),
    ),
    "all steps": lambda s: (
        (s.batch, s.seq, s.target),
        (s.batch, 1, s.target),
        f"the loss would broadcast both to ({s.batch}, {s.seq}, {s.target})",
        "One step is asked for: keep the last one, yhat[:, -1:]",
        lambda yhat, y: (yhat[:, -1:], y),
    ),
    "other targets": lambda s: (
        (s.batch, s.horizon, s.target),
        (s.batch, s.horizon, s.other),
        "they can't be compared element by element",
        "Both need the same (batch, horizon, target): change the model's output or the target",
        lambda yhat, y: (yhat, tensor(*yhat.shape)),
    ),
}
AXES = ("batch", "horizon", "target")


def sized(shape):
    names = ("batch", "target") if len(shape) == 2 else AXES
    return "(" + ", ".join(f"{n}={size}" for n, size in zip(names, shape, strict=False)) + ")"


def pair(argument, mode, make):
    @row("check_same_shape", argument, mode)
    def _(s):
        ours, theirs, result, advice, repair = make(s)
        yhat, y = tensor(*ours), tensor(*theirs)
        return Case(
            lambda: check_same_shape(yhat, y),
            ValueError,
            f"yhat is {sized(ours)} but y is {sized(theirs)}: {result}. {advice}.",
            lambda: check_same_shape(*repair(yhat, y)),
            [yhat, y],
        )


for mode, make in PAIRS.items():
    for argument in ("yhat", "y"):
        pair(argument, mode, make)
for argument in ("yhat", "y"):
    for value in (None, [2.5]):
        refused(
            *("check_same_shape", argument, repr(value)),
            lambda s, v, a=argument: check_same_shape(**{"yhat": tensor(1), "y": tensor(1), a: v}),
            *(value, TypeError),
            f"{argument} is {value!r}, which has no shape: pass a tensor, an array or a table.",
            torch.tensor([2.5]),
        )
