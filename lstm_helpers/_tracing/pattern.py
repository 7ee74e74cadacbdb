"""Write a reshaping in einops notation: `batch seq hidden -> (batch seq) hidden`."""

import re
from collections import Counter

from lstm_helpers._tracing.axes import UNKNOWN, Axes, Axis, Digit, Piece


def pattern(before: Axes, after: Axes) -> str | None:
    """The einops pattern from one to the other; None where elements are dropped or mixed."""
    left, right = _refined(before, after), _refined(after, before)
    kept = Counter(p for axis in left for p in axis) & Counter(p for axis in right for p in axis)
    rest = [p for axes in (left, right) for axis in axes for p in axis if p not in kept]
    if before == after or max(kept.values(), default=0) > 1 or any(p.size > 1 for p in rest):
        return None
    names = _names(kept)
    text = f"{_side(left, names)} -> {_side(right, names)}"
    cut = [p for axis in left for p in axis if p not in {q for axis in before for q in axis}]
    return ", ".join([text, *(f"{names[p]}={p.size}" for p in cut[1:])])


def _refined(axes: Axes, others: Axes) -> Axes:
    """Each piece replaced by the digits that the other side has of it."""
    digits = [p for axis in others for p in axis if isinstance(p.origin, Digit)]

    def parts(piece: Piece) -> Axis:
        own = [d for d in digits if d.origin.source == (piece,)]
        return tuple(sorted(own, key=lambda d: -d.origin.stride)) or (piece,)

    return tuple(tuple(p for piece in axis for p in parts(piece)) for axis in axes)


def _names(pieces) -> dict[Piece, str]:
    """One identifier for each piece; pieces that share a name are numbered."""
    stems = {
        p: "axis" if p.name in (UNKNOWN, "1") else re.sub(r"\W+", "_", _stem(p)).strip("_")
        for p in pieces
    }
    total, seen, names = Counter(stems.values()), Counter(), {}
    for piece, stem in stems.items():
        seen[stem] += 1
        names[piece] = stem if total[stem] == 1 else f"{stem}{seen[stem]}"
    return names


def _stem(piece: Piece) -> str:
    if piece.word:
        return piece.word
    if isinstance(piece.origin, Digit) and len(piece.origin.source) == 1:
        source = piece.origin.source[0].own_name
        return source if source != UNKNOWN else piece.name
    return piece.name


def _side(axes: Axes, names) -> str:
    return " ".join(_axis(axis, names) for axis in axes) or "()"


def _axis(axis: Axis, names) -> str:
    shown = [names[p] for p in axis if p in names]
    if len(shown) > 1:
        return f"({' '.join(shown)})"
    return shown[0] if shown else "1"
