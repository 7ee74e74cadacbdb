"""What is another in a result, up to a cut?"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lstm_helpers._preparing.lining_up import Lines
from lstm_helpers._preparing.results import Piece

_CLOSE = {4: 1e-5, 2: 1e-2}  # of the column's largest number, for its bytes; else:
_CLOSE_ENOUGH = 1e-9


@dataclass
class Answer:
    """What `prepare` made of one table."""

    pieces: list[Piece]
    lines: list[Lines | None]


@dataclass(frozen=True)
class Change:
    """What replacing the rows after a cut changes in a column, up to the cut.

    Attributes:
        when: the times of the rows that change, in order.
        edge: the size of the change in the first of them, beside the column's largest number.
        rows: the rows of the piece that change.
    """

    cut: int
    when: np.ndarray
    edge: float
    rows: np.ndarray

    @property
    def reach(self) -> int:
        """How many times the first of them lies before the first replaced row."""
        return self.cut + 1 - int(self.when[0])


@dataclass
class Difference:
    """What is another up to a cut.

    Attributes:
        changes: (piece, column) -> change.
        columns: (piece, column) that is there no more.
        rows: piece -> the times of rows that are there no more, in no piece.
        unlike: pieces whose rows can't be compared.
        other_length: there are more rows, or fewer.
        afterwards: something is another after the cut, as it should be.
    """

    changes: dict[tuple[int, int], Change] = field(default_factory=dict)
    columns: set[tuple[int, int]] = field(default_factory=set)
    rows: dict[int, np.ndarray] = field(default_factory=dict)
    other_length: bool = False
    unlike: list[int] = field(default_factory=list)
    afterwards: bool = False


def difference(base: Answer, other: Answer, cut: int) -> Difference:
    """What is another in the rows that belong to times up to the cut."""
    found = Difference()
    found.other_length = sum(map(len, base.pieces)) != sum(map(len, other.pieces))
    theirs = {(piece.name, piece.series): n for n, piece in enumerate(other.pieces)}
    for number, piece in enumerate(base.pieces):
        lines, at = base.lines[number], theirs.get((piece.name, piece.series))
        if lines is None:
            continue
        if at is None or other.lines[at] is None:
            found.unlike.append(number)
            continue
        piece2 = other.pieces[at]
        pairs = _pairs(number, base, at, other, cut)
        if pairs is None:
            found.unlike.append(number)
            continue
        mine, its, gone = pairs
        if len(gone):
            found.rows[number] = gone
        _compare(found, number, piece, piece2, mine, its, lines, cut)
        if not found.afterwards:
            found.afterwards = _changes_after(piece, piece2, lines, cut)
    found.afterwards = bool(found.afterwards or found.other_length or found.unlike or found.columns)
    return found


def _changes_after(piece: Piece, piece2: Piece, lines: Lines, cut: int) -> bool:
    if len(piece) != len(piece2):
        return True
    rows = np.flatnonzero(lines.when > cut)
    each = zip(piece.columns, piece2.columns, strict=False)
    return any(change_sizes(one, other, rows, rows).any() for one, other in each)


def _pairs(number, base: Answer, at, other: Answer, cut):
    """Rows up to the cut in both, side by side, and the times of those that are in one only."""
    lines, lines2 = base.lines[number], other.lines[at]
    if lines is lines2:
        rows = np.flatnonzero(lines.when <= cut)
        return rows, rows, np.empty(0, int)
    mine, its = (np.flatnonzero(one.when <= cut) for one in (lines, lines2))
    known = (lines.rows[mine] >= 0).all() and (lines2.rows[its] >= 0).all()
    if not known:
        same = len(mine) == len(its) and (lines.when[mine] == lines2.when[its]).all()
        return (mine, its, np.empty(0, int)) if same else None
    first, second = pd.Index(lines.rows[mine, -1]), pd.Index(lines2.rows[its, -1])
    if not (first.is_unique and second.is_unique):
        return (mine, its, np.empty(0, int)) if first.equals(second) else None
    place = second.get_indexer(first)
    gone = mine[place < 0]
    elsewhere = [one.rows.ravel() for n, one in enumerate(other.lines) if n != at and one]
    moved = np.isin(lines.rows[gone, -1], np.concatenate([*elsewhere, []]))
    return mine[place >= 0], its[place[place >= 0]], lines.when[gone[~moved]]


def _compare(found, number, piece, piece2, mine, its, lines, cut):
    theirs = {key: n for n, key in enumerate(_keys(piece2.names))}
    for column, key in enumerate(_keys(piece.names)):
        values = piece.columns[column]
        at = theirs.get(key)
        if at is None:
            if len(mine) and not _constant(values[mine]):
                found.columns.add((number, column))
            continue
        values2 = piece2.columns[at]
        sizes = change_sizes(values, values2, mine, its)
        changed = np.flatnonzero(sizes > 0)
        if not len(changed):
            continue
        when = lines.when[mine[changed]]
        first = when.min()
        edge = float(sizes[changed][when == first].max())
        found.changes[number, column] = Change(cut, np.unique(when), edge, mine[changed])


def _keys(names: list) -> list[tuple]:
    """Names that can be looked up; those that come twice are numbered."""
    said = [(type(name).__name__, str(name)) for name in names]
    return [(*one, said[:n].count(one)) for n, one in enumerate(said)]


def _constant(values) -> bool:
    return len(pd.unique(pd.Series(values.ravel()))) < 2


def change_sizes(values, values2, mine, its) -> np.ndarray:
    """(row,) how far values differ, beside the largest of the column; 0 where they are close."""
    one, other = values[mine], values2[its]
    if one.ndim != other.ndim or one.shape[1:] != other.shape[1:]:
        return np.ones(len(mine))
    kinds = one.dtype.kind + other.dtype.kind
    if not set(kinds) <= set("biufc"):
        apart = np.asarray(~(pd.Series(one.ravel()) == pd.Series(other.ravel()))).reshape(one.shape)
        both = np.asarray(pd.isna(one) & pd.isna(other))
        apart = (apart & ~both).astype(float)
        return apart.max(axis=1) if apart.ndim == 2 else apart
    largest = max(_largest(values), _largest(values2)) or 1.0
    # near the limit of float32 a number of float64 is cast on the way
    narrow = min(d.itemsize if d.kind == "f" else 8 for d in (one.dtype, other.dtype))
    close = _CLOSE.get(narrow, _CLOSE_ENOUGH)
    one, other = (part.astype(complex if "c" in kinds else float) for part in (one, other))
    with np.errstate(invalid="ignore"):
        sizes = np.abs(one - other) / largest
    equal = (one == other) | (np.isnan(one) & np.isnan(other))
    sizes = np.where(equal, 0.0, np.where(np.isnan(sizes), np.inf, sizes))
    sizes = np.where(sizes > close, sizes, 0.0)
    return sizes.max(axis=1) if sizes.ndim == 2 else sizes


def _largest(values) -> float:
    values = np.abs(values.astype(complex if values.dtype.kind == "c" else float))
    return float(values[np.isfinite(values)].max(initial=0.0))
