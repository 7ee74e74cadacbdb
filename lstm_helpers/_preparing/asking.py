"""Run somebody's `prepare` on other tables, always from the same random numbers."""

import io
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout

import numpy as np
import pandas as pd

from lstm_helpers._preparing.comparing import Answer, Difference, difference
from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lining_up import beside, line_up
from lstm_helpers._preparing.replacing import replaced
from lstm_helpers._preparing.results import Piece, pieces_of
from lstm_helpers._preparing.single_rows import by_single_rows
from lstm_helpers._running.generators import same_generators


class Refused(Exception):
    """`prepare` takes the table, but no other rows in it."""


class Asked:
    """Somebody's `prepare`, the table it is asked about, and what it makes of it."""

    def __init__(self, prepare: Callable, given: Given, keep=(), step=lambda: None):
        self.prepare, self.given, self.keep = prepare, given, keep
        self._step, self._seen = step, {}
        self.pieces: list[Piece] = []
        self.reads_the_table = False  # until something changes with it
        self.within_range = False  # where numbers beyond the range of their column are refused

    def first(self) -> list[Piece]:
        """What it makes of the table itself; its own error comes through."""
        with same_generators(0):
            result = self.prepare(self.given.as_it_came(_copy(self.given.frame)))
        self.pieces = pieces_of(result, self.given)
        return self.pieces

    def line_up(self, target) -> None:
        """Where the rows stand in the table; by single other rows where nothing else tells it."""
        self.target = target
        self.base = Answer(self.pieces, line_up(self.pieces, self.given, target))
        if None in self.base.lines:
            found = by_single_rows(self.base, self._with_other_rows, self.given)
            self.base = Answer(self.pieces, beside(self.pieces, found, self.given))

    def _with_other_rows(self, rows: np.ndarray) -> list[Piece] | None:
        """What it makes of a table in which these rows are other ones; None where it refuses."""
        try:
            return self._answer(replaced(self.given, rows, "rows", keep=self.keep)).pieces
        except Refused:
            return None

    def again(self) -> Answer:
        """What it makes of the same table once more.

        Raises:
            Refused: it takes it only once.
        """
        return self._answer(self.given.frame)

    def differs(self, cut: int, way: str, only=None) -> Difference:
        """What changes up to a cut; columns past their range are tried within it if refused.

        Raises:
            Refused: it raises on other rows.
        """
        key = cut, way, None if only is None else tuple(only)
        if key not in self._seen:
            self._seen[key] = self._differs(cut, way, only)
        if isinstance(self._seen[key], Refused):
            raise self._seen[key]
        return self._seen[key]

    def _differs(self, cut, way, only) -> "Difference | Refused":
        refused, where = None, self.given.when > cut
        for one in (way, "columns")[: 1 + (way == "stretched")]:
            try:
                other = self._answer(replaced(self.given, where, one, keep=self.keep, only=only))
            except Refused as error:
                refused = error
                continue
            self.within_range |= one == "columns"
            found = difference(self.base, other, cut)
            self.reads_the_table |= found.afterwards
            return found
        return refused

    def _answer(self, frame: pd.DataFrame) -> Answer:
        table = self.given.as_it_came(_copy(frame))
        with (
            same_generators(0),
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),  # it has said it once
        ):
            warnings.simplefilter("ignore")
            try:
                result = self.prepare(table)
            except Exception as error:
                raise Refused(f"{type(error).__name__}: {error}") from error
        self._step()
        pieces = pieces_of(result, self.given)
        if _same_rows(self.base.pieces, pieces):
            return Answer(pieces, self.base.lines)
        return Answer(pieces, line_up(pieces, self.given, self.target))


def _copy(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.copy().set_axis(frame.index.copy(deep=True))


def _same_rows(some: list[Piece], others: list[Piece]) -> bool:
    """Whether the rows of all pieces have the same names, or are as many without any."""
    if len(some) != len(others):
        return False
    for one, other in zip(some, others, strict=True):
        if len(one) != len(other) or (one.index is None) != (other.index is None):
            return False
        if one.index is not None and not one.index.equals(other.index):
            return False
    return True
