"""Where do the rows of an array stand? One row of the table is another: which row answers most?"""

from collections.abc import Callable

import numpy as np

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lining_up import Lines
from lstm_helpers._preparing.results import Piece

_PROBES = 8
_CLEARLY = 3.0  # times as large as in any other row
_CLOSE = 1e-9


def by_single_rows(base, ask: Callable, given: Given) -> list[Lines | None]:
    """The lines of arrays that nothing else lines up.

    A row of an array stands where the one row of the table does that it answers to more than to
    any other. A window begins with the first row that it reads.

    Args:
        ask: (row,) True for rows that are to be others -> pieces, or None.
    """
    found = list(base.lines)
    lost = [n for n, lines in enumerate(found) if lines is None and base.pieces[n].index is None]
    if given.panel or not lost:
        return found
    rows = np.linspace(0, given.last, _PROBES + 2)[1:-1].astype(int)
    every = np.arange(given.last + 1)
    windows = [n for n in lost if base.pieces[n].steps]
    if windows:
        asked = [(row, ask(every <= row)) for row in rows]
        for number in windows:
            found[number] = _windows(number, base.pieces, asked, given)
    lost = [n for n in lost if not base.pieces[n].steps and _has_no_windows_beside(n, base.pieces)]
    if lost:
        asked = [(row, ask(every == row)) for row in rows]
        for number in lost:
            found[number] = _single(number, base.pieces, asked, given)
    return found


def _has_no_windows_beside(number: int, pieces: list[Piece]) -> bool:
    return not any(piece.steps and len(piece) == len(pieces[number]) for piece in pieces)


def _windows(number: int, pieces, asked, given: Given) -> Lines | None:
    """The last window that changes with the rows up to one begins with this row, or before it."""
    piece, pairs = pieces[number], []
    for row, others in asked:
        sizes = _changes(number, pieces, others)
        if sizes is not None and sizes.any() and not sizes[-1]:
            pairs.append((row, np.flatnonzero(sizes)[-1]))
    begin = _begin(pairs)
    if begin is None or begin + len(piece) + piece.steps - 1 > len(given.when):
        return None
    rows = begin + np.arange(len(piece))[:, None] + np.arange(piece.steps)
    return Lines(given.when[rows[:, -1]], rows)


def _single(number: int, pieces, asked, given: Given) -> Lines | None:
    """The row that changes most, and clearly more than any other."""
    piece, pairs = pieces[number], []
    for row, others in asked:
        sizes = _changes(number, pieces, others)
        if sizes is None or not sizes.any():
            continue
        first, *rest = np.sort(sizes)[::-1][:2]
        if first > _CLEARLY * max(rest, default=0.0) and _is_most(number, pieces, others, first):
            pairs.append((row, int(sizes.argmax())))
    begin = _begin(pairs)
    if begin is None or begin + len(piece) > len(given.when):
        return None
    rows = begin + np.arange(len(piece))[:, None]
    return Lines(given.when[rows[:, 0]], rows)


def _is_most(number: int, pieces, others, size: float) -> bool:
    """Whether no row of another piece changes as much: the row that was replaced is in this one."""
    for other in range(len(pieces)):
        alike = len(pieces[other].columns) == len(pieces[number].columns)
        sizes = _changes(other, pieces, others) if alike and other != number else None
        if sizes is not None and sizes.max(initial=0.0) * _CLEARLY > size:
            return False
    return True


def _begin(pairs: list[tuple[int, int]]) -> int | None:
    """The row of the table that the first row stands for, where several agree on it."""
    begins = {int(row - place) for row, place in pairs}
    if len(pairs) < 2 or len(begins) > 1 or (begin := begins.pop()) < 0:
        return None
    return begin


def _changes(number: int, pieces: list[Piece], others: list[Piece] | None) -> np.ndarray | None:
    """(row,) how far the rows of a piece are from what they were."""
    if others is None or len(others) != len(pieces):
        return None
    one, other = pieces[number], others[number]
    if len(one) != len(other) or len(one.columns) != len(other.columns):
        return None
    total = np.zeros(len(one))
    for mine, its in zip(one.columns, other.columns, strict=True):
        if mine.dtype.kind not in "biuf" or its.dtype.kind not in "biuf":
            return None
        scale = np.nanmax(np.abs(mine.astype(float)), initial=0.0) or 1.0
        sizes = np.nan_to_num(np.abs(mine.astype(float) - its.astype(float))) / scale
        sizes = sizes.max(axis=1) if sizes.ndim == 2 else sizes
        total = np.maximum(total, np.where(sizes > _CLOSE, sizes, 0.0))
    return total
