"""Which row of the table does a row of a result belong to?"""

import numpy as np
import pandas as pd

from lstm_helpers._preparing.copied import Copied, rows_ahead
from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lines import Lines
from lstm_helpers._preparing.results import Piece

_FURTHEST = 50  # rows that y may lie ahead of x


def line_up(pieces: list[Piece], given: Given, target=()) -> list[Lines | None]:
    """By the index where there is one, else by columns that were copied or scaled.

    Args:
        target: columns that do not say where a row stands.
    """
    table = Copied(given)
    lines = [_by_index(piece, given, table) or table.find(piece, target) for piece in pieces]
    lines = [_by_named_y(n, pieces, lines) or one for n, one in enumerate(lines)]
    return beside(pieces, lines, given)


def _by_named_y(number: int, pieces: list[Piece], lines: list[Lines | None]) -> Lines | None:
    """The rows of an array of lags, where a y that is as long has the table's index."""
    piece, own = pieces[number], lines[number]
    if own is None or not own.unclear or piece.steps or piece.index is not None:
        return None
    same = [n for n, one in enumerate(pieces) if len(one) == len(piece) and n != number]
    if len(same) != 1 or pieces[same[0]].index is None or lines[same[0]] is None:
        return None
    its = lines[same[0]]
    ahead = np.unique(its.rows[:, -1] - own.rows[:, -1])
    return its if len(ahead) == 1 and 0 <= ahead[0] < _FURTHEST else None


def _by_index(piece: Piece, given: Given, table: Copied) -> Lines | None:
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


def beside(pieces: list[Piece], lines: list[Lines | None], given: Given) -> list[Lines | None]:
    """The lines of pieces that have none, but are as long as one other, as y is as x."""
    found = list(lines)
    for number, piece in enumerate(pieces):
        same = [n for n, one in enumerate(pieces) if len(one) == len(piece) and n != number]
        if lines[number] is None and len(same) == 1 and lines[same[0]] is not None:
            rows = lines[same[0]].rows[:, -1:]
            ahead = (
                None if piece.steps else rows_ahead(rows[:, 0], piece.columns[0], given, _FURTHEST)
            )
            if ahead is None:
                found[number] = Lines(given.when[rows[:, 0]], rows, beside=True)
            else:
                rows = rows + ahead + np.arange(len(piece.columns))
                rows = np.minimum(rows, len(given.when) - 1)
                found[number] = Lines(given.when[rows[:, -1]], rows)
    return found
