"""The rule for operations that have none of their own: repeat them on shapes that tell."""

import torch

from lstm_helpers._running.tensors import tensors_in
from lstm_helpers._tracing.axes import UNKNOWN, name_of, new_axis, size_of, sizes_of
from lstm_helpers._tracing.broadcast import all_lined_up

PRIMES = [p for p in range(211, 400) if all(p % d for d in range(2, 20))]


def other(call, result):
    """Any other operation, repeated on shapes of distinct primes: what comes out tells what it was.

    First each axis has a prime of its own. Where that fails (axes that line up without being known
    to be the same), the axes are aligned from the right, as in broadcasting, or each size has a
    prime of its own. What fails on all of these gets no names.
    """
    outputs, axes = tensors_in(result), [call.axes(x) for x in call.tensors]
    for stand_ins in (_by_identity, _by_position, _by_size):
        try:
            sizes, axis_of = stand_ins(axes)
            ghosts = {
                id(x): torch.empty(shape, dtype=x.dtype, device="meta")
                for x, shape in zip(call.tensors, sizes, strict=True)
            }
            shapes = [ghost.shape for ghost in call.repeated_on(ghosts)]
        except Exception:  # whatever this operation says about such shapes
            continue
        if [len(shape) for shape in shapes] != [out.dim() for out in outputs]:
            continue
        if stand_ins is _by_position and any(map(_comes_twice, shapes)):
            continue
        known = axis_of()
        for out, shape in zip(outputs, shapes, strict=True):
            found = zip((known.get(prime, ()) for prime in shape), out.shape, strict=True)
            call.give(out, tuple(a if a and size_of(a) == n else new_axis(n) for a, n in found))
        return


def _comes_twice(shape) -> bool:
    """Whether an axis does: then this was no broadcasting."""
    return any(shape.count(size) > 1 for size in {*shape} - {1})


def _by_identity(several):
    primes = {}
    sizes = [
        [primes.setdefault(key, (PRIMES[len(primes)], axis))[0] for key, axis in _keyed(axes)]
        for axes in several
    ]
    return sizes, lambda: dict(primes.values())


def _keyed(axes):
    """Each axis with what is equal for it in several tensors, and differs for two in one tensor."""
    keys = [_key(axis) for axis in axes]
    ages = [min((piece.born for piece in axis), default=0) for axis in axes]
    older = [
        sum(k == key and a < age for k, a in zip(keys, ages, strict=True))
        for key, age in zip(keys, ages, strict=True)
    ]
    return zip(zip(keys, older, strict=True), axes, strict=True)


def _by_position(several):
    aligned = torch.broadcast_shapes(*map(sizes_of, several))
    primes = PRIMES[: len(aligned)]
    sizes = [
        [
            1 if size_of(a) < n else p
            for a, n, p in zip(axes[::-1], aligned[::-1], primes, strict=False)
        ][::-1]
        for axes in several
    ]
    return sizes, lambda: dict(zip(primes, all_lined_up(several)[::-1], strict=True))


def _by_size(several):
    """Where two axes of one size are not known to be the same, neither name is given."""
    primes = dict(zip(sorted(_sizes(several) - {1}), PRIMES, strict=False))
    sizes = [[primes.get(size, 1) for size in sizes_of(axes)] for axes in several]
    found = {}
    for axis in (axis for axes in several for axis in axes):
        found.setdefault(primes.get(size_of(axis)), {})[_key(axis)] = axis
    return sizes, lambda: {p: next(iter(a.values())) for p, a in found.items() if len(a) == 1}


def _sizes(several):
    return {size for axes in several for size in sizes_of(axes)}


def _key(axis):
    """Equal for one and the same axis in two tensors, whether by identity or by name."""
    name = name_of(axis)
    if UNKNOWN in name or name == "1":
        return tuple((piece.label.root, piece.size) for piece in axis)
    return name, size_of(axis)
