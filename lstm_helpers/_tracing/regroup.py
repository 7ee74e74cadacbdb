"""How a view regroups axes: which pieces each new axis is made of.

A view keeps the order of the elements. So an old and a new axis share a boundary wherever their
running products of sizes agree, and between two shared boundaries axes are merged or split.
"""

from itertools import accumulate, groupby, permutations
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
    for cut in sorted({end for _, end in new_bounds}):
        units = [part for unit in units for part in _split(unit, cut)]
    shared = {0, 1, *(end for _, end, _ in units)}
    filled: dict[int, Axis] = {}
    block: list[int] = []
    for position, (_, end) in enumerate(new_bounds):
        if sizes[position] == 1:
            continue
        block.append(position)
        if end not in shared:
            continue
        first = new_bounds[block[0]][0]
        inside = tuple(
            piece
            for s, e, pieces in units
            for piece in pieces
            if first <= s and e <= end and (s < e or first < s < end)
        )
        if len(block) == 1:
            filled[position] = _fused(inside)
        else:  # no boundary inside: each new axis is a digit of the flat index over all of them
            filled |= {
                at: (Piece(sizes[at], origin=Digit(inside, end // new_bounds[at][1])),)
                for at in block
            }
        block = []
    _place_ones(filled, units, new_bounds, sizes, free)
    return tuple(filled[position] for position in range(len(sizes)))


def _bounds(sizes):
    ends = list(accumulate(sizes, mul))
    return list(zip([1, *ends], ends, strict=False))


def _units(axes, new_bounds):
    """(start, end, pieces): whole axes where the view leaves them alone, else single pieces."""
    units = []
    for (start, end), axis in zip(_bounds(sizes_of(axes)), axes, strict=True):
        if (start, end) in new_bounds:
            units.append((start, end, axis))
        else:
            bounds = _bounds([piece.size for piece in axis])
            units += [(start * s, start * e, (p,)) for (s, e), p in zip(bounds, axis, strict=True)]
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
        filled |= dict(zip(places, kept, strict=True))


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
