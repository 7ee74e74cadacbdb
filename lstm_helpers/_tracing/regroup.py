"""How a view regroups axes: which pieces each new axis is made of.

A view keeps the order of the elements. So an old and a new axis share a boundary wherever their
running products of sizes agree, and between two shared boundaries axes are merged or split.
"""

from itertools import accumulate, groupby, pairwise, permutations
from math import prod
from operator import mul

from lstm_helpers._tracing.axes import Axes, Axis, Digit, Piece, new_axis, one, size_of, sizes_of


def regroup(axes: Axes, sizes: tuple[int, ...], free: int | None = None) -> Axes:
    """The axes after a view to `sizes`; `free` is the position that was written as -1."""
    if sizes == sizes_of(axes):
        return axes
    if 0 in sizes:  # without elements there is nothing to follow
        return tuple(new_axis(size) for size in sizes)
    new_bounds = _bounds(sizes)
    units = _units(axes, new_bounds)
    filled: dict[int, Axis] = {}
    for block in _blocks(units, new_bounds, sizes):
        filled |= _filled(block, units, new_bounds, sizes)
    _place_ones(filled, units, new_bounds, sizes, free)
    return tuple(filled[position] for position in range(len(sizes)))


def _blocks(units, new_bounds, sizes):
    """The new axes longer than 1, those together that no old boundary parts."""
    shared, block = {0, 1, *(end for _, end, _ in units)}, []
    for position, (_, end) in enumerate(new_bounds):
        if sizes[position] == 1:
            continue
        block.append(position)
        if end in shared:
            yield block
            block = []


def _filled(block, units, new_bounds, sizes) -> dict[int, Axis]:
    """The pieces of each new axis of a block."""
    first, last = new_bounds[block[0]][0], new_bounds[block[-1]][1]
    inside = tuple(
        piece
        for start, end, pieces in units
        for piece in pieces
        if first <= start and end <= last and (start < end or first < start < last)
    )
    if len(block) == 1:
        return {block[0]: _fused(inside)}
    # No boundary inside: each new axis is a digit of the flat index over all of them.
    return {
        at: (Piece(sizes[at], origin=Digit(inside, last // new_bounds[at][1])),) for at in block
    }


def _bounds(sizes):
    ends = list(accumulate(sizes, mul))
    return list(zip([1, *ends], ends, strict=False))


def _units(axes, new_bounds):
    """(start, end, pieces): whole axes where the view leaves them alone, else parts of pieces."""
    units = []
    for (start, end), axis in zip(_bounds(sizes_of(axes)), axes, strict=True):
        if (start, end) in new_bounds:
            units.append((start, end, axis))
        else:
            bounds = _bounds([piece.size for piece in axis])
            units += [(start * s, start * e, (p,)) for (s, e), p in zip(bounds, axis, strict=True)]
    for cut in sorted({end for _, end in new_bounds}):
        units = [part for unit in units for part in _split(unit, cut)]
    return units


def _split(unit, cut):
    start, end, pieces = unit
    if not start < cut < end or cut % start or end % cut:
        return [unit]
    outer, inner = pieces[0].split(cut // start)
    return [(start, cut, (outer,)), (cut, end, (inner,))]


def _fused(pieces: Axis) -> Axis:
    """Put digits of one source that stand side by side together again."""
    fused: list[Piece] = []
    for piece in pieces:
        last = fused[-1].origin if fused else None
        origin = piece.origin
        if (
            isinstance(last, Digit)
            and isinstance(origin, Digit)
            and last.source == origin.source
            and last.stride == origin.stride * piece.size
        ):
            size = fused.pop().size * piece.size
            if size == size_of(origin.source):
                fused += origin.source
            else:
                fused.append(Piece(size, origin=origin))
        else:
            fused.append(piece)
    return tuple(fused)


def _place_ones(filled, units, new_bounds, sizes, free):
    """Axes of size 1: kept where as many stand at a boundary as before, new ones otherwise."""
    new = [p for p, size in enumerate(sizes) if size == 1]
    old_at = {
        start: [pieces for s, e, pieces in units if s == e == start] for start, _, _ in units
    } | {end: [pieces for s, e, pieces in units if s == e == end] for _, end, _ in units}
    new_at = {start: list(at) for start, at in groupby(new, key=lambda p: new_bounds[p][0])}
    for boundary in {*old_at, *new_at}:
        old, places = old_at.get(boundary, []), new_at.get(boundary, [])
        if free in places and len(old) >= len(places):
            before, after = places.index(free), len(places) - places.index(free) - 1
            rest = old[before : len(old) - after]
            old = [*old[:before], sum(rest, ()), *old[len(old) - after :]]
        elif not places and free is not None and boundary in new_bounds[free]:
            ones = sum(old, ())
            at_end = boundary == new_bounds[free][1]
            filled[free] = filled[free] + ones if at_end else ones + filled[free]
        kept = old if len(old) == len(places) else [one() for _ in places]
        if len(places) == 2 and len(old) == 1 == len(old[0]):
            (whole,), ((first,), (second,)) = old[0], kept
            whole.cuts.setdefault(1, (first, second))  # what it is called, its parts tell
        filled |= dict(zip(places, kept, strict=True))


def scrambled(before: Axes, after: Axes) -> tuple[list[Axis], tuple[int, ...] | None] | None:
    """Whether a view scrambles: the axes that it cuts up, and the order that it takes them for.

    An axis may be split, neighbours may be merged, and a part of one may be merged with the whole
    of the next (patches). None of these scrambles.
    """
    across = cuts_across(before, after)
    order = meant(before, sizes_of(after)) if across else None
    mixed = any(piece.mixed for axis in after for piece in axis)
    if across and (order or mixed or _joins_parts(sizes_of(before), sizes_of(after))):
        return across, order
    return None


def _joins_parts(before, after) -> bool:
    """Whether a new axis is made of a part of one old axis and a part of another.

    (12, 6) to (2, 12, 3) does: the new 12 counts half of the old 12 and half of the 6. Splitting
    (12, 6 -> 2, 3) and merging (12, 2 -> 24), also of patches (12, 2 -> 3, 8), do not.
    """
    old, new = ([1, *(end for _, end in _bounds(shape[::-1]))] for shape in (before, after))
    return any(
        low not in old and high not in old and any(low < edge < high for edge in old)
        for low, high in pairwise(new)
    )


def cuts_across(before: Axes, after: Axes) -> list[Axis]:
    """The axes that a view took apart to put parts of them beside parts of others."""
    whole = {piece for axis in before for piece in axis}
    mixed = [
        axis
        for axis in after
        for piece in axis
        if isinstance(piece.origin, Digit)
        and piece not in whole
        and (len(axis) > 1 or len(piece.origin.source) > 1)
    ]
    sources = [p for axis in mixed for piece in axis for p in _sources(piece, whole)]
    return [axis for axis in before if any(piece in sources for piece in axis)]


def _sources(piece, whole):
    if piece in whole or not isinstance(piece.origin, Digit):
        return [piece]
    digits = [p for p in whole if isinstance(p.origin, Digit)]
    return [*piece.origin.source, *(p for p in digits if p.origin.source == piece.origin.source)]


def meant(axes: Axes, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The order of axes in which the same view would cut none of them."""
    if len(axes) > 5:
        return None
    orders = permutations(range(len(axes)))
    next(orders)  # the order as it is
    for order in sorted(orders, key=lambda order: sum(a != b for a, b in enumerate(order))):
        moved = tuple(axes[position] for position in order)
        ends = {end for _, end in _bounds(sizes_of(moved))}
        if all(end in ends for _, end in _bounds(sizes)) and prod(sizes) == prod(sizes_of(axes)):
            return order
    return None
