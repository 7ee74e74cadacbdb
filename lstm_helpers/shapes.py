"""Say what an axis is: shapes with names, and the one rule that guards a loss."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor


def named_sizes(shape, names) -> str:
    """'batch=5, seq=12': axis names beside their sizes, as the error texts show them."""
    return ", ".join(f"{name}={size}" for name, size in zip(names, shape, strict=True))


def label(x, axes: str) -> str:
    """The shape of `x` with the name of every axis.

    Args:
        x: anything with a `shape`: a tensor, an array, a table.
        axes: one name for each axis, separated by spaces.

    Raises:
        ValueError: the number of names is not the number of axes.

    >>> import torch
    >>> print(label(torch.rand(5, 12, 2), "batch seq feature"))
    (5, 12, 2)  batch=5 · seq=12 · feature=2
    """
    shape, names = tuple(x.shape), axes.split()
    if len(names) != len(shape):
        raise ValueError(
            f"x is {shape}: {len(shape)} axes, but {len(names)} names were given ({axes!r}): "
            f"give each axis one name."
        )
    return f"{shape}  " + " · ".join(f"{name}={size}" for name, size in zip(names, shape, strict=True))
