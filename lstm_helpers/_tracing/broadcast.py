"""How the axes of several tensors meet in one elementwise result."""

from lstm_helpers._tracing.axes import UNKNOWN, Axes, Axis, name_of, new_axis, size_of


def line_up(left: Axes, right: Axes) -> Axes | None:
    """The axes of an elementwise result: aligned from the right, as PyTorch broadcasts.

    An axis without a name yet becomes the same axis as its partner. None where sizes clash.
    """
    short, long = sorted((left, right), key=len)
    padding = len(long) - len(short)
    aligned = list(long[:padding])
    for position, (a, b) in enumerate(zip(left[::-1], right[::-1], strict=False)):
        if size_of(a) != size_of(b) and 1 not in (size_of(a), size_of(b)):
            return None
        elsewhere = [axis for axes in (left, right) for axis in without(axes[::-1], position)]
        aligned.insert(padding, _same(a, b, elsewhere))
    return tuple(aligned)


def all_lined_up(several) -> Axes | None:
    first, *rest = several
    for axes in rest:
        first = line_up(first, axes)
    return first


def without(items, position):
    return [item for i, item in enumerate(items) if i != position]


def _same(a: Axis, b: Axis, elsewhere) -> Axis:
    if size_of(a) != size_of(b):
        return a if size_of(b) == 1 else b
    if a == b or name_of(a) == name_of(b) != UNKNOWN:
        return a
    first, second = (a, b) if name_of(b) in (UNKNOWN, "1") else (b, a)
    if name_of(second) not in (UNKNOWN, "1"):
        return new_axis(size_of(a))  # two known axes laid over each other: neither name is right
    roots = {piece.label.root for axis in elsewhere for piece in axis}
    if any(piece.label.root in roots for piece in second):
        return new_axis(size_of(a))  # such as x + x.T: one of the two names would be wrong
    if len(first) == len(second) == 1:
        first[0].label.merge(second[0].label)
    return first
