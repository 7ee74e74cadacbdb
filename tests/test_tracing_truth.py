"""Names against the truth: where each element went is followed by moving its coordinates.

The coordinates of every element are tensors like any other. The same operations move them, and
what a name claims about an axis is then read off: along `seq`, the seq coordinate runs and no
other does; along `batch*seq`, both run as in `divmod(i, seq)`; along `seq//4`, `seq // 4` does.
"""

import re
from math import prod

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_helpers import trace_shapes

AXES = ("batch", "seq", "feature", "layer")
FACTOR = re.compile(r"(\([a-z*]+\)|[a-z]+)(?://(\d+))?(?:%(\d+))?")


def coordinates(sizes):
    """For each axis a tensor of that shape: every element's position on the axis."""
    grids = torch.meshgrid(*map(torch.arange, sizes), indexing="ij")
    return dict(zip(AXES, grids, strict=False))


def runs_along(values, dim, expected) -> bool:
    """Whether `values` is `expected(i)` at index i of `dim`, whatever the other indices are."""
    i = torch.arange(values.shape[dim]).view([-1 if d == dim else 1 for d in range(values.dim())])
    return bool((values == expected(i)).all())


def claim_holds(name, dim, moved, sizes) -> bool:
    """Whether an axis called `name` is what the moved coordinates say."""
    length = next(iter(moved.values())).shape[dim]
    if length == 1 or "?" in name:
        return True
    words = set(re.findall("[a-z]+", name))
    for axis, values in moved.items():
        first = values.select(dim, 0).unsqueeze(dim)
        if axis not in words and bool((values != first).any()):
            return False  # another axis runs along this one
    if "+" in name:
        return all(bool((moved[axis] != moved[axis].select(dim, 0).unsqueeze(dim)).any())
                   for axis in words if sizes[axis] > 1)
    factors = []
    for source, stride, modulo in FACTOR.findall(name):
        names = source.strip("()").split("*")
        flat, whole = 0, prod(sizes[axis] for axis in names)
        for axis in names:
            flat = flat * sizes[axis] + moved[axis]
        stride = int(stride or 1)
        size = int(modulo or whole // stride)
        factors.append((flat // stride % size, size))
    if prod(size for _, size in factors) != length:  # a slice: one axis, each position once
        (values, _), = factors
        line = values.movedim(dim, 0).flatten(1)
        return bool((line == line[:, :1]).all()) and len(set(line[:, 0].tolist())) == length
    inner = 1
    for values, size in reversed(factors):
        if not runs_along(values, dim, lambda i, inner=inner, size=size: i // inner % size):
            # A permuted or flipped axis keeps its name.
            line = values.movedim(dim, 0).flatten(1)
            whole_axis = len(factors) == 1 and bool((line == line[:, :1]).all())
            if not (whole_axis and len(set(line[:, 0].tolist())) == length):
                return False
        inner *= size
    return True
