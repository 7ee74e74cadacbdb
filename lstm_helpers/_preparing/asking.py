"""Run somebody's `prepare` on other tables, always from the same random numbers, and compare."""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lining_up import Lines, line_up
from lstm_helpers._preparing.replacing import replaced
from lstm_helpers._preparing.results import Piece, pieces_of
from lstm_helpers._running.generators import same_generators

_CLOSE = {4: 1e-5, 2: 1e-2}  # of the column's largest number, for its bytes; else:
_CLOSE_ENOUGH = 1e-9


class Refused(Exception):
    """`prepare` takes the table, but no other rows in it."""


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
    """What is another up to a cut: (piece, column) -> change, and what is there no more."""

    changes: dict[tuple[int, int], Change] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: dict[int, np.ndarray] = field(default_factory=dict)
    other_length: bool = False
    unlike: list[int] = field(default_factory=list)


class Asked:
    """Somebody's `prepare`, the table it is asked about, and what it makes of it."""

    def __init__(self, prepare: Callable, given: Given, keep=(), target=(), step=lambda: None):
        self.prepare, self.given, self.keep, self.target = prepare, given, keep, target
        self._step, self._seen = step, {}

    def first(self) -> list[Piece]:
        """What it makes of the table itself; its own error comes through."""
        with same_generators(0):
            pieces = pieces_of(self.prepare(self.given.as_it_came(_copy(self.given.frame))))
        self.base = Answer(pieces, line_up(pieces, self.given, self.target))
        return pieces

    def again(self) -> Answer:
        """What it makes of the same table once more."""
        return self._answer(self.given.frame)

    def differs(self, cut: int, way: str, only=None) -> Difference:
        """What changes up to a cut; columns past their range are tried within it if refused.

        Raises:
            Refused: it raises on other rows.
        """
        key = cut, way, None if only is None else tuple(only)
        if key not in self._seen:
            self._seen[key] = self._differs(cut, way, only)
        return self._seen[key]

    def _differs(self, cut, way, only) -> Difference:
        refused = None
        for one in (way, "columns")[: 1 + (way == "stretched")]:
            try:
                other = self._answer(replaced(self.given, cut, one, keep=self.keep, only=only))
            except Exception as error:
                refused = error
                continue
            return difference(self.base, other, cut)
        raise Refused(f"{type(refused).__name__}: {refused}") from refused

    def _answer(self, frame: pd.DataFrame) -> Answer:
        with (
            same_generators(0),
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),  # it has said it once
        ):
            warnings.simplefilter("ignore")
            pieces = pieces_of(self.prepare(self.given.as_it_came(_copy(frame))))
        self._step()
        base = getattr(self, "base", None)
        if base is not None and _same_rows(base.pieces, pieces):
            return Answer(pieces, base.lines)
        return Answer(pieces, line_up(pieces, self.given, self.target))


def _copy(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.copy().set_axis(frame.index.copy(deep=True))


def _same_rows(some: list[Piece], others: list[Piece]) -> bool:
    """Whether the rows of all pieces are called the same, or are as many where they have no name."""
    if len(some) != len(others):
        return False
    for one, other in zip(some, others, strict=True):
        if len(one) != len(other) or (one.index is None) != (other.index is None):
            return False
        if one.index is not None and not one.index.equals(other.index):
            return False
    return True


def difference(base: Answer, other: Answer, cut: int) -> Difference:
    """What is another in the rows that belong to times up to the cut."""
    found = Difference()
    found.other_length = sum(map(len, base.pieces)) != sum(map(len, other.pieces))
    theirs = {piece.name: n for n, piece in enumerate(other.pieces)}
    for number, piece in enumerate(base.pieces):
        lines, at = base.lines[number], theirs.get(piece.name)
        if lines is None:
            continue
        if at is None or other.lines[at] is None:
            found.unlike.append(number)
            continue
        piece2, lines2 = other.pieces[at], other.lines[at]
        pairs = _pairs(number, base, at, other, cut)
        if pairs is None:
            found.unlike.append(number)
            continue
        mine, its, gone = pairs
        if len(gone):
            found.rows[number] = gone
        _compare(found, number, piece, piece2, mine, its, lines, cut)
    return found


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
    theirs = {_key(name): n for n, name in enumerate(piece2.names)}
    for column, name in enumerate(piece.names):
        values = piece.columns[column]
        at = theirs.get(_key(name))
        if at is None:
            if len(mine) and not _constant(values[mine]):
                found.columns.append(piece.called(column))
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


def _key(name):
    return (type(name).__name__, str(name))


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
