"""Which row of the table does a row of a result belong to?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.results import Piece

_MOST = 0.5
_FURTHEST = 50  # rows that y may lie ahead of x
_ENOUGH = 6  # numbers that rise and fall as those of the table: fewer are found by chance


@dataclass
class Lines:
    """Where the rows of one piece stand in the table.

    Attributes:
        when: (row,) the number of the time that a row belongs to; below 0 before the first one.
        rows: (row, step) the rows of the table, -1 where that is not known; a single step
            where the piece holds no windows.
        beside: only its length says where it stands: y beside x, it seems.
        blocks: how many times of the table a row stands for, as after `resample`; 0 for its own.
    """

    when: np.ndarray
    rows: np.ndarray
    blocks: int = 0
    beside: bool = False

    @property
    def unclear(self) -> bool:
        """Whether several rows of the table stand in one row of what is no window."""
        return self.rows.shape[1] > 1


def line_up(pieces: list[Piece], given: Given, target=()) -> list[Lines | None]:
    """By the index where there is one, else by columns that were copied or scaled.

    Args:
        target: columns that do not say where a row stands.
    """
    table = _Steps(given)
    lines = [_by_index(piece, given, table) or table.find(piece, target) for piece in pieces]
    return beside(pieces, lines, given)


def _by_index(piece: Piece, given: Given, table: "_Steps") -> Lines | None:
    """By the dates in the index, or in a column of the table's name; by other labels of it."""
    if piece.index is None:
        return None
    if given.date_at is not None and piece.frame is not None:
        name = given.frame.columns[given.date_at]
        if name in piece.frame.columns:
            return _dated(piece, pd.Index(piece.frame[name]), given)
    index = piece.index
    for level in reversed(range(index.nlevels)):
        found = _dated(piece, index.get_level_values(level), given)
        if found is not None:
            return found
    own = given.frame.index
    if index.nlevels != own.nlevels or not own.is_unique:
        return None
    rows = own.get_indexer(index)
    if (rows < 0).any():
        return None
    if isinstance(own, pd.RangeIndex) and _counts_from_0(index):
        # numbers from 0 on may be those of the table, or counted anew
        found = table.find(piece, ())
        if found is not None and found.rows[0, 0] != 0:
            return found
    return Lines(given.when[rows], rows[:, None])


def _counts_from_0(index: pd.Index) -> bool:
    return bool((np.asarray(index) == np.arange(len(index))).all())


def _dated(piece: Piece, dates: pd.Index, given: Given) -> Lines | None:
    when = given.time_of(dates)
    if when is None:
        return None
    exact = (when >= 0) & (given.dates[np.maximum(when, 0)] == dates)
    rows = np.full(len(when), -1)
    if not given.panel:
        order = np.argsort(given.when, kind="stable")
        rows[exact] = order[when[exact]]
    elif given.frame.index.is_unique and piece.index.nlevels == given.frame.index.nlevels:
        rows = given.frame.index.get_indexer(piece.index)
    elif given.keys and piece.frame is not None:
        rows = _by_keys(piece.frame, when, given)
    return Lines(when, rows[:, None], _block(when, exact, given))


def _block(when: np.ndarray, exact: np.ndarray, given: Given) -> int:
    """How many times a row stands for, where rows lie regularly further apart than in the table."""
    steps = np.diff(np.unique(when))
    usual = int(np.median(steps)) if len(steps) > 2 else 0
    if not exact.all():
        return max(usual, 1)
    return usual if len(steps) > 2 and (steps > 1).mean() > 0.9 else 0


def _by_keys(frame: pd.DataFrame, when: np.ndarray, given: Given) -> np.ndarray:
    """The rows of the same date and the same series."""
    names = [given.frame.columns[at] for at in given.keys]
    if not set(names) <= set(frame.columns):
        return np.full(len(when), -1)
    own = pd.MultiIndex.from_arrays([given.when, *(given.frame[name] for name in names)])
    its = pd.MultiIndex.from_arrays([when, *(frame[name] for name in names)])
    return own.get_indexer(its) if own.is_unique else np.full(len(when), -1)


class _Steps:
    """How the columns of a table rise and fall: scaled ones do the same."""

    def __init__(self, given: Given):
        self.given = given
        columns = [given.frame.iloc[:, at] for at in range(given.frame.shape[1])]
        self.columns = [_numbers(column.to_numpy()) for column in columns]
        self.steps = [rise_and_fall(column) for column in self.columns]

    def find(self, piece: Piece, target) -> Lines | None:
        if piece.steps:
            return self._windows(piece)
        wanted = [
            column
            for column, name in zip(piece.columns, piece.names, strict=True)
            if name not in target or len(piece.columns) == 1
        ]
        begins, each = self._begins(wanted), np.arange(len(piece))[:, None]
        rows = each + begins if len(begins) else self._copied(wanted)
        if len(piece) == len(self.given.when) and (rows is None or _is_turned(rows)):
            rows = each  # as many rows, in order
        return None if rows is None else Lines(self.given.when[rows[:, -1]], rows)

    def _windows(self, piece: Piece) -> Lines | None:
        """By their first and last step, one after the other or in any order."""
        ends = []
        for step in (0, -1):
            columns = [column[:, step] for column in piece.columns]
            begins = self._begins(columns)
            found = np.arange(len(piece)) + begins[-1] if len(begins) else None
            ends.append(found)
        if any(end is None for end in ends) or (ends[1] - ends[0] != piece.steps - 1).any():
            first = self._copied_windows(piece)
            if first is None:
                return None
            ends = [first, first + piece.steps - 1]
        return Lines(self.given.when[ends[1]], ends[0][:, None] + np.arange(piece.steps))

    def _copied_windows(self, piece: Piece) -> np.ndarray | None:
        """The first rows of windows in any order, where their steps come once in the table."""
        for feature in piece.columns:
            for own in self.columns:
                if (
                    len(own) < piece.steps
                    or not np.isin(feature[0], own.astype(feature.dtype)).all()
                ):
                    continue
                whole = np.lib.stride_tricks.sliding_window_view(
                    own.astype(feature.dtype), piece.steps
                )
                places = {steps.tobytes(): row for row, steps in enumerate(whole)}
                if len(places) < len(whole):
                    continue
                rows = [places.get(np.ascontiguousarray(steps).tobytes(), -1) for steps in feature]
                if min(rows) >= 0:
                    return np.array(rows)
        return None

    def _begins(self, columns) -> np.ndarray:
        """The rows of the table from which on columns rise and fall as there, in order."""
        begins = []
        for column in columns:
            own = rise_and_fall(_numbers(column))
            if np.isin(own, (1, 255)).sum() < _ENOUGH or len(np.unique(own)) < 2:
                continue
            begins += [_only_place(own, steps) for steps in self.steps]
        return np.unique([begin for begin in begins if begin is not None]).astype(int)

    def _copied(self, columns) -> np.ndarray | None:
        """Rows in any order, where a column holds numbers that come once in the table."""
        for column in map(_numbers, columns):
            if len(column) < _ENOUGH or len(np.unique(column)) < len(column):
                continue
            for own in self.columns:
                index = pd.Index(own)
                if not index.is_unique or len(own) < _ENOUGH:
                    continue
                rows = index.get_indexer(pd.Index(column.astype(own.dtype)))
                if (rows >= 0).all():
                    return rows[:, None]
        return self._whole_rows(columns)

    def _whole_rows(self, columns) -> np.ndarray | None:
        """Rows in any order that are copied whole, each of which comes once."""
        if len(columns) != len(self.columns):
            return None
        own = pd.MultiIndex.from_arrays(self.columns)
        if not own.is_unique:
            return None
        rows = own.get_indexer(pd.MultiIndex.from_arrays([_numbers(c) for c in columns]))
        return rows[:, None] if (rows >= 0).all() else None


def _is_turned(rows: np.ndarray) -> bool:
    """Whether most rows follow each other, as after `np.roll`: no other order, but other rows."""
    return bool((np.diff(rows[:, 0]) == 1).mean() > _MOST)


def _numbers(column) -> np.ndarray:
    """A column as numbers, whatever it holds: words by the order of the alphabet."""
    column = np.asarray(column)
    if column.dtype.kind in "biuf":
        return column.astype(float)
    if column.dtype.kind in "mM":
        return column.astype("int64").astype(float)
    return pd.factorize(pd.Series(column).astype(str), sort=True)[0].astype(float)


def rise_and_fall(column: np.ndarray) -> np.ndarray:
    """1 where the next number is larger, 255 where it is smaller, 0 where it is equal, 2 at NaN."""
    steps = np.sign(np.diff(column))
    return np.where(np.isnan(steps), 2, steps).astype(np.int8).view(np.uint8)


def _only_place(part: np.ndarray, whole: np.ndarray) -> int | None:
    """Where one series of steps stands in another; None where it stands nowhere, or twice."""
    part, whole = part.tobytes(), whole.tobytes()
    first = whole.find(part)
    return first if first >= 0 and whole.find(part, first + 1) < 0 else None


def beside(pieces: list[Piece], lines: list[Lines | None], given: Given) -> list[Lines | None]:
    """The lines of pieces that have none, but are as long as one other, as y is as x."""
    found = list(lines)
    for number, piece in enumerate(pieces):
        same = [n for n, one in enumerate(pieces) if len(one) == len(piece) and n != number]
        if lines[number] is None and len(same) == 1 and lines[same[0]] is not None:
            rows = lines[same[0]].rows[:, -1:]
            ahead = None if piece.steps else _ahead_of(rows[:, 0], piece.columns[0], given)
            if ahead is None:
                found[number] = Lines(given.when[rows[:, 0]], rows, beside=True)
            else:
                rows = rows + ahead + np.arange(len(piece.columns))
                rows = np.minimum(rows, len(given.when) - 1)
                found[number] = Lines(given.when[rows[:, -1]], rows)
    return found


def _ahead_of(rows: np.ndarray, values: np.ndarray, given: Given) -> int | None:
    """How many rows later a column of the table holds these values."""
    for ahead in range(_FURTHEST):
        later = rows + ahead
        if later.max() >= len(given.when):
            return None
        for at in range(given.frame.shape[1]):
            own = _numbers(given.frame.iloc[:, at].to_numpy())[later].astype(values.dtype)
            if np.ptp(own) > 0 and np.array_equal(own, values):
                return ahead
    return None
