"""What `x[...]` does to axes: integers drop one, slices keep it, None adds one."""

import numpy as np
from torch import Tensor, arange, as_tensor, equal

from lstm_helpers._tracing.axes import UNKNOWN, Axes, name_of, new_axis, one, resized, size_of
from lstm_helpers._tracing.broadcast import line_up


def indexed(axes: Axes, index, axes_of) -> tuple[Axes, list]:
    """The axes of `x[index]`, and (axis, position) for each axis that an integer dropped.

    `axes_of` gives the axes of a tensor that is itself part of the index.
    """
    items = list(index) if isinstance(index, tuple) else [index]
    items = [_item(item) for item in items]
    taken = sum(_width(item) for item in items)
    at = next((i for i, item in enumerate(items) if item is Ellipsis), len(items))
    items[at : at + 1] = [slice(None)] * (len(axes) - taken)

    after, dropped, tensors = [], [], []
    left = iter(axes)
    for item in items:
        if item is None:
            after.append(one())
            continue
        read = [next(left) for _ in range(_width(item))]
        if isinstance(item, slice):
            after.append(resized(read[0], len(range(*item.indices(size_of(read[0]))))))
        elif isinstance(item, int):
            dropped.append((read[0], item % size_of(read[0])))
        else:
            tensors.append((len(after), read, item))
    if tensors:
        together = len({position for position, _, _ in tensors}) == 1
        at = tensors[0][0] if together else 0
        after[at:at] = _picked(tensors, axes_of)
    return tuple(after), dropped


def _item(item):
    """A slice, None, ..., an int, or a tensor: also for arrays, lists, ranges, True and False."""
    if isinstance(item, slice | type(None) | type(...)):
        return item
    if isinstance(item, list | tuple | range):
        item = as_tensor(list(item))
    elif isinstance(item, bool | np.ndarray | np.bool_):
        item = as_tensor(item)
    if isinstance(item, Tensor) and (item.dim() or not item.dtype.is_signed):
        return item
    return int(item)


def _width(item):
    if item is None or item is Ellipsis:
        return 0
    return item.dim() if isinstance(item, Tensor) and not item.dtype.is_signed else 1


def _picked(tensors, axes_of) -> Axes:
    """The axes that index tensors bring: their own names, or those of the axis they pick from."""
    picked, in_order = (), [id(item) for _, _, item in tensors if _counts_up(item)]
    for _, read, item in tensors:
        if _width(item) > 1 or not item.dtype.is_signed:  # a mask: some of the elements
            count = int(item.sum())
            own = (resized(read[0], count) if len(read) == 1 else new_axis(count),)
        else:
            own = axes_of(item)
            each_once = [id(item)] == in_order and len(item) == size_of(read[0])
            alone = len(tensors) == 1 and item.dim() == 1 and name_of(own[0]) == UNKNOWN
            if each_once or alone:
                own = (resized(read[0], len(item)),)
        picked = line_up(picked, own)
    return picked


def _counts_up(item) -> bool:
    """0, 1, 2, ...: where one index of several does, its axis is gone through."""
    return item.dim() == 1 and item.dtype.is_signed and equal(item.cpu(), arange(len(item)))
