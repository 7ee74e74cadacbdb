"""What operations between layers do to axes: one rule for each family of operations."""

from contextlib import suppress

import torch
from torch import Tensor

from lstm_helpers._running.tensors import tensors_in
from lstm_helpers._tracing.axes import (
    Joined,
    Piece,
    new_axis,
    one,
    padded,
    resized,
    size_of,
    sizes_of,
)
from lstm_helpers._tracing.broadcast import all_lined_up, line_up
from lstm_helpers._tracing.indexing import indexed
from lstm_helpers._tracing.regroup import regroup
from lstm_helpers._tracing.stand_ins import PRIMES, other


def view(call, result):
    sizes = call.arg("size", ())
    if sizes and isinstance(sizes[0], torch.dtype):
        return
    free = next((i for i, size in enumerate(sizes) if isinstance(size, int) and size == -1), None)
    call.give(result, regroup(call.axes_of("input"), tuple(result.shape), free))


def flatten(call, result):
    axes = call.axes_of("input")
    first = call.arg("start_dim", 0) % max(len(axes), 1)
    last = call.arg("end_dim", -1) % max(len(axes), 1)
    merged = sum(axes[first : last + 1], ()) or one()
    call.give(result, (*axes[:first], merged, *axes[last + 1 :]))


def unflatten(call, result):
    axes = call.axes_of("input")
    dim = call.arg("dim") % len(axes)
    sizes = tuple(result.shape[dim : dim + 1 + result.dim() - len(axes)])
    call.give(result, (*axes[:dim], *regroup((axes[dim],), sizes), *axes[dim + 1 :]))


def unsqueeze(call, result):
    axes = call.axes_of("input")
    dim = call.arg("dim") % result.dim()
    call.give(result, (*axes[:dim], one(), *axes[dim:]))


def move(call, result):
    """Views that move, drop, slice or expand axes, repeated on a tensor whose strides tell all.

    Every axis of the stand-in has a prime of its own as stride, so that the strides of the result
    say which axis is which, whatever the sizes.
    """
    x = call.arg("input")
    axes = call.axes(x)
    strides = PRIMES[: len(axes)]
    ghost = torch.empty_strided([size_of(axis) for axis in axes], strides, device="meta")
    for real, moved in zip(tensors_in(result), call.repeated_on({id(x): ghost}), strict=True):
        call.give(
            real,
            tuple(
                resized(axes[strides.index(stride)], size) if stride in strides else new_axis(size)
                for size, stride in zip(moved.shape, moved.stride(), strict=True)
            ),
        )
        dropped = [axis for axis, stride in enumerate(strides) if stride not in moved.stride()]
        if len(dropped) == 1 and call.name in ("select", "unbind"):
            index = moved.storage_offset() // strides[dropped[0]]
            call.mark(real, axes[dropped[0]], index)


def cat(call, result):
    parts = [x for x in call.arg("tensors") if x.shape != (0,)]
    axes = [call.axes(x) for x in parts]
    dim = call.arg("dim", 0) % result.dim()
    along = [of_part[dim] for of_part in axes]
    others = all_lined_up([(*a[:dim], *a[dim + 1 :]) for a in axes])
    walked = call.walked(parts) if all(size_of(axis) == 1 for axis in along) else None
    data = [axis for x, axis in zip(parts, along, strict=True) if not call.is_blank(x)]
    filled = padded(data[0], result.shape[dim]) if len(data) == 1 else None
    call.give(result, (*others[:dim], walked or filled or _joined(along), *others[dim:]))


def _joined(along):
    if len(along) == 1:
        return along[0]
    size = sum(map(size_of, along))
    first = along[0][0]
    slices = all(len(axis) == 1 and axis[0].label.root is first.label.root for axis in along)
    if slices and len(set(along)) == len(along):
        return (Piece(size, first.label),)
    return (Piece(size, origin=Joined(tuple(along))),)


def stack(call, result):
    parts = call.arg("tensors")
    dim = call.arg("dim", 0) % result.dim()
    axes = all_lined_up([call.axes(x) for x in parts])
    new = call.walked(parts) or new_axis(len(parts))
    call.give(result, (*axes[:dim], new, *axes[dim:]))


def repeat(call, result):
    axes = call.axes_of("input")
    counts = tuple(
        n // size for n, size in zip(result.shape[-len(axes) or 1 :], sizes_of(axes), strict=False)
    )
    leading = [new_axis(n) for n in result.shape[: result.dim() - len(axes)]]
    call.give(result, (*leading, *(_copied(a, n) for a, n in zip(axes, counts, strict=True))))


def _copied(axis, count):
    if count == 1:
        return axis
    return new_axis(count) if size_of(axis) == 1 else new_axis(count) + axis


def repeat_interleave(call, result):
    x, n, dim = (call.arg(name) for name in ("input", "repeats", "dim"))
    if not isinstance(n, int) or dim is None:
        return
    axes, dim = list(call.axes(x)), dim % x.dim()
    if n > 1:
        axes[dim] = new_axis(n) if size_of(axes[dim]) == 1 else axes[dim] + new_axis(n)
    call.give(result, tuple(axes))


def unfold(call, result):
    """`Tensor.unfold`, windows along one axis; or `F.unfold`, blocks of an image."""
    if call.arg("dimension") is None:
        keep_first(call, result)
        return
    dim = call.arg("dimension")
    axes = list(call.axes_of("input"))
    axes[dim] = new_axis(result.shape[dim])
    call.give(result, (*axes, new_axis(result.shape[-1])))


def matmul(call, result):
    call.give(result, _product(call.axes_of("input"), call.axes_of("other")))


def add_product(call, result):
    """`torch.addmm` and its kind: a product, to which something is added."""
    axes = _product(call.axes_of("first"), call.axes_of("other"))
    if call.name.startswith("addbmm"):
        axes = axes[1:]  # summed over the batch
    call.give(result, line_up(axes, call.axes_of("input")))


def tensordot(call, result):
    """Some axes of both are summed over; the others stand side by side, as in `torch.inner`."""
    a, b = call.axes_of("input"), call.axes_of("other")
    dims = call.arg("dims", 2)
    if call.name == "inner":
        dims = ([-1], [-1])
    elif isinstance(dims, int):
        dims = range(len(a) - dims, len(a)), range(dims)
    rest = []
    for axes, summed in zip((a, b), dims, strict=True):
        gone = {dim % len(axes) for dim in summed} if axes else set()
        rest += [axis for dim, axis in enumerate(axes) if dim not in gone]
    call.give(result, tuple(rest))


def _product(left, right):
    a, b = list(left), list(right)
    row = [a.pop(-2)] if len(a) > 1 else []
    column = [b.pop()] if len(b) > 1 else []
    line_up((a.pop(),), (b.pop(),))
    return (*line_up(tuple(a), tuple(b)), *row, *column)


def einsum(call, result):
    equation, operands = call.arg("equation"), call.arg("operands")
    if not isinstance(equation, str) or "..." in equation:
        return
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    letters = {}
    for term, x in zip(inputs.split(","), operands, strict=True):
        for letter, axis in zip(term, call.axes(x), strict=True):
            (letters[letter],) = line_up((letters.get(letter, axis),), (axis,))
    if not arrow:
        terms = inputs.replace(",", "")
        output = "".join(sorted(c for c in letters if terms.count(c) == 1))
    call.give(result, tuple(letters[letter] for letter in output))


def gather(call, result):
    x, dim, index = (call.arg(name) for name in ("input", "dim", "index"))
    axes, picked = list(call.axes(x)), list(call.axes(index))
    along = picked[dim]
    axes[dim] = along
    aligned = line_up(tuple(picked), tuple(axes)) if sizes_of(axes) == sizes_of(picked) else picked
    call.give(result, tuple(aligned))


def keep(call, result):
    """Axis by axis the same as before, perhaps with another length."""
    axes = call.axes_of("input")
    for out in tensors_in(result):
        call.give(out, tuple(resized(a, n) for a, n in zip(axes, out.shape, strict=True)))


def keep_first(call, result):
    """Blocks of an image, a sampled image: the batch stays, and the channels where they are."""
    channels = call.name.startswith("grid_sample")
    batch = call.axes(call.tensors[0])[: 2 if channels else 1]
    for out in tensors_in(result):
        call.give(out, (*batch, *map(new_axis, out.shape[len(batch) :])))


def decomposed(call, result):
    """Of a batch of matrices: rows and columns become those of another basis."""
    *batch, _, _ = call.axes(call.tensors[0])
    for out in tensors_in(result):
        kept = batch[: out.dim()] if tuple(out.shape[: len(batch)]) == sizes_of(batch) else ()
        call.give(out, (*kept, *map(new_axis, out.shape[len(kept) :])))


def solved(call, result):
    """What solves a batch of equations has the columns of the right side."""
    other(call, result)
    for out in tensors_in(result):
        axes = list(call.recorder.axes(out))
        if out.dim() > 1:
            axes[-2] = new_axis(out.shape[-2])
        call.give(out, tuple(axes))


def drop_last(call, result):
    call.give(result, call.axes_of("input")[:-1])


def line_up_all(call, result):
    call.give(result, all_lined_up([call.axes(x) for x in call.tensors]))


def sum_to_size(call, result):
    axes = call.axes_of("input")
    pairs = zip(axes[len(axes) - result.dim() :], result.shape, strict=True)
    call.give(result, tuple(axis if size_of(axis) == size else one() for axis, size in pairs))


def pad(call, result):
    """By a constant, or by numbers of its own."""
    longer = padded if call.arg("mode", "constant") == "constant" else resized
    sizes = zip(call.axes_of("input"), result.shape, strict=True)
    call.give(result, tuple(longer(axis, size) for axis, size in sizes))


def getitem(call, result):
    axes, dropped = _indexed(call, call.arg("index"), tuple(result.shape))
    call.give(result, axes)
    call.dropped = dropped
    if len(dropped) == 1:
        call.mark(result, *dropped[0])


def _indexed(call, index, shape):
    """The reading of an index that gives this shape: PyTorch took some lists for tuples."""
    is_list = isinstance(index, list)
    for reading in (index, tuple(index)) if is_list else (index,):
        with suppress(*((TypeError, ValueError, RuntimeError, IndexError) if is_list else ())):
            found = indexed(call.axes_of("input"), reading, call.axes)
            if sizes_of(found[0]) == shape:
                return found
    return tuple(map(new_axis, shape)), []


def setitem(call, result):
    """Writing into a part of x lines the value's axes up with those of the part."""
    x, index, value = (call.arg(name) for name in ("input", "index", "value"))
    if isinstance(value, Tensor):
        line_up(_indexed(call, index, tuple(x[index].shape))[0], call.axes(value))
