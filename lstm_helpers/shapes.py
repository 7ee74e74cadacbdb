"""Say what an axis is: shapes with names, and the one rule that guards a loss."""

from math import prod

import torch

from lstm_helpers._arguments import shown, text
from lstm_helpers._values import shape_of

_OUTPUT_AXES = {1: ("batch",), 2: ("batch", "target"), 3: ("batch", "horizon", "target")}


def label(x, axes: str) -> str:
    """The shape of `x` with the name of every axis.

    Args:
        x: anything with a `shape`: a tensor, an array, a table.
        axes: one name for each axis, separated by spaces.

    Raises:
        TypeError: `x` has no shape, or `axes` is no text.
        ValueError: the number of names is not the number of axes.

    >>> import torch
    >>> print(label(torch.rand(5, 12, 2), "batch seq feature"))
    (5, 12, 2)  batch=5 · seq=12 · feature=2
    """
    shape, names = shape_of(x=x), text("batch seq feature", axes=axes).split()
    if len(names) != len(shape):
        raise ValueError(
            f"x is {shape}, with {len(shape)} axes, but {shown(axes)} names {len(names)}: "
            "one name is needed for each axis. Add or drop names."
        )
    return f"{shape}  {named_sizes(shape, names, between=' · ')}"


def named(shape, axes=None) -> str:
    """A shape as the error texts show it; without names, those of a forecaster's output.

    >>> named((8, 1), ("seq", "feature"))
    '(seq=8, feature=1)'
    >>> named((8, 1))
    '(batch=8, target=1)'
    """
    names = axes or _OUTPUT_AXES.get(len(shape)) or [f"axis {i}" for i in range(len(shape))]
    return f"({named_sizes(shape, names)})"


def named_sizes(shape, names, between: str = ", ") -> str:
    """Axis names beside their sizes: 'batch=5, seq=12'."""
    return between.join(f"{name}={size}" for name, size in zip(names, shape, strict=True))


def check_same_shape(yhat, y) -> None:
    """Refuse a prediction and a target that an elementwise loss would broadcast.

    Args:
        yhat: the model's output, (batch, horizon, target).
        y: what it is compared with; it needs the same shape.

    Raises:
        TypeError: one of them has no shape.
        ValueError: the shapes differ.

    >>> import torch
    >>> check_same_shape(torch.rand(8, 1, 1), torch.rand(8))
    Traceback (most recent call last):
    ValueError: yhat is (batch=8, horizon=1, target=1) but y is (batch=8): the loss would
    broadcast both to (8, 1, 8). Give y its axes: y[:, None, None].
    """
    ours, theirs = shape_of(yhat=yhat), shape_of(y=y)
    if ours == theirs:
        return
    try:
        broadcast = tuple(torch.broadcast_shapes(ours, theirs))
        result = f"the loss would broadcast both to {broadcast}"
    except RuntimeError:
        result = "they can't be compared element by element"
    repair = target_repair(ours, theirs)
    raise ValueError(
        f"yhat is {named(ours)} but y is {named(theirs)}: {result}. "
        f"{repair[0].upper()}{repair[1:]}."
    )


def target_repair(ours: tuple, theirs: tuple, samples: int | None = None) -> str:
    """What to try when the shapes of yhat and y differ, as a clause.

    Args:
        ours, theirs: the shapes of yhat and y.
        samples: how many there are, where that is known.
    """
    if sorted(ours) == sorted(theirs):
        return "the axes are the same in another order: use transpose or permute, not view"
    for name, few, many in (("y", theirs, ours), ("yhat", ours, theirs)):
        if len(few) < len(many) and (index := _missing_axes(few, many)):
            return f"give {name} its axes: {name}[{index}]"
    if samples and prod(ours) < prod(theirs) and samples not in ours:
        return f"keep one answer for each of the {samples} samples"
    if len(ours) == len(theirs) == 3 and ours[::2] == theirs[::2] and theirs[1] == 1:
        return "one step is asked for: keep the last one, yhat[:, -1:]"
    return "both need the same (batch, horizon, target): change the model's output or the target"


def _missing_axes(few: tuple, many: tuple) -> str | None:
    """The index that turns `few` into `many` by adding axes of size 1, such as ':, None'."""
    parts, rest = [], list(few)
    for size in reversed(many):  # from the right, so that a horizon is added before a target
        if rest and rest[-1] == size:
            rest.pop()
            parts.append(":")
        elif size == 1:
            parts.append("None")
        else:
            return None
    return None if rest else ", ".join(reversed(parts))
