"""Which rows of the table were copied into an array, scaled or not?"""

import numpy as np
import pandas as pd

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lines import Lines
from lstm_helpers._preparing.results import Piece

_MOST = 0.5  # of the rows
_ENOUGH = 6  # numbers that rise and fall as those of the table: fewer are found by chance


class Copied:
    """The columns of a table, and how they rise and fall: scaled ones do the same."""

    def __init__(self, given: Given):
        self.given = given
        columns = [given.frame.iloc[:, at] for at in range(given.frame.shape[1])]
        self.columns = [numbers(column.to_numpy()) for column in columns]
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
                own = _cast(own, feature.dtype)
                if len(own) < piece.steps or not np.isin(feature[0], own).all():
                    continue
                whole = np.lib.stride_tricks.sliding_window_view(own, piece.steps)
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
            own = rise_and_fall(numbers(column))
            if np.isin(own, (1, 255)).sum() < _ENOUGH or len(np.unique(own)) < 2:
                continue
            begins += [_only_place(own, steps) for steps in self.steps]
        return np.unique([begin for begin in begins if begin is not None]).astype(int)

    def _copied(self, columns) -> np.ndarray | None:
        """Rows in any order, where a column holds numbers that come once in the table."""
        for column in columns:
            if len(column) < _ENOUGH or len(pd.unique(pd.Series(column))) < len(column):
                continue
            for own in self.columns:
                rows = _rows_of([_cast(own, column.dtype)], [column])
                if rows is not None:
                    return rows
        if len(columns) != len(self.columns):
            return None
        each = zip(self.columns, columns, strict=True)
        return _rows_of([_cast(own, column.dtype) for own, column in each], columns)


def _rows_of(table: list[np.ndarray], columns: list[np.ndarray]) -> np.ndarray | None:
    """Where rows stand in a table in which each comes once; None where one does not."""
    own = pd.MultiIndex.from_arrays([numbers(column) for column in table])
    if not own.is_unique:
        return None
    rows = own.get_indexer(pd.MultiIndex.from_arrays([numbers(column) for column in columns]))
    return rows[:, None] if (rows >= 0).all() else None


def _cast(column: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A column as a result holds it."""
    with np.errstate(invalid="ignore", over="ignore"):
        return column.astype(dtype) if dtype.kind in "biuf" else column


def _is_turned(rows: np.ndarray) -> bool:
    """Whether most rows follow each other, as after `np.roll`: no other order, but other rows."""
    return bool((np.diff(rows[:, 0]) == 1).mean() > _MOST)


def numbers(column) -> np.ndarray:
    """A column as numbers, whatever it holds: words by the order of the alphabet."""
    column = np.asarray(column)
    if column.dtype.kind in "biuf":
        return column.astype(float)
    if column.dtype.kind in "mM":
        return column.astype("int64").astype(float)
    try:
        return pd.factorize(pd.Series(column).astype(str), sort=True)[0].astype(float)
    except Exception:  # objects that can't be shown
        return np.full(len(column), np.nan)


def rise_and_fall(column: np.ndarray) -> np.ndarray:
    """1 where the next number is larger, 255 where it is smaller, 0 where it is equal, 2 at NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.sign(np.diff(column))
    return np.where(np.isnan(steps), 2, steps).astype(np.int8).view(np.uint8)


def _only_place(part: np.ndarray, whole: np.ndarray) -> int | None:
    """Where one series of steps stands in another; None where it stands nowhere, or twice."""
    part, whole = part.tobytes(), whole.tobytes()
    first = whole.find(part)
    return first if first >= 0 and whole.find(part, first + 1) < 0 else None


def rows_ahead(rows: np.ndarray, values: np.ndarray, given: Given, furthest: int) -> int | None:
    """How many rows later a column of the table holds these values, up to the furthest."""
    for ahead in range(furthest):
        later = rows + ahead
        if later.max() >= len(given.when):
            return None
        for at in range(given.frame.shape[1]):
            own = _cast(numbers(given.frame.iloc[:, at].to_numpy())[later], values.dtype)
            if np.ptp(own) > 0 and np.array_equal(own, values):
                return ahead
    return None
