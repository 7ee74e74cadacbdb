"""The table that was handed over: its rows in time, and which of its columns may be replaced."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import check_dense, check_room, shown
from lstm_helpers._order import read_order
from lstm_helpers._typing import Tensor

_LEAST = 8  # rows: with fewer there is hardly a cut with rows on both sides
_PLAIN = "table is {}, but a table (time, feature) is needed: pass a DataFrame, a Series, an array "


@dataclass(frozen=True)
class Given:
    """A table, row by row in time.

    Attributes:
        table: as it was handed over; it is never written to.
        frame: the same as a DataFrame.
        when: (row,) the number of each row's time, from 0; rows of one time share it.
        dates: what these times are called, in order; None where they are row numbers.
        date_at: the column that holds the dates, where the index does not.
        keys: columns that tell apart the rows of one time, such as the series of a panel.
    """

    table: Any
    frame: pd.DataFrame
    when: np.ndarray
    dates: pd.Index | None
    date_at: int | None
    keys: tuple[int, ...]

    @property
    def last(self) -> int:
        """The number of the last time."""
        return int(self.when.max())

    @property
    def panel(self) -> bool:
        """Whether several rows share a time."""
        return self.last + 1 < len(self.when)

    @cached_property
    def gaps(self) -> np.ndarray:
        """(row, column) where nothing is."""
        return self.frame.isna().to_numpy()

    def as_it_came(self, frame: pd.DataFrame):
        """Other values in the kind of the table: a copy that may be written to."""
        if isinstance(self.table, pd.DataFrame):
            return frame.copy()
        if isinstance(self.table, pd.Series):
            return frame.iloc[:, 0].rename(self.table.name).copy()
        if isinstance(self.table, Tensor):
            array = frame.to_numpy().reshape(tuple(self.table.shape))
            return self.table.new_tensor(array.copy())
        array = frame.to_numpy().astype(self.table.dtype)
        return array.reshape(self.table.shape)

    def time_of(self, labels: pd.Index) -> np.ndarray | None:
        """The last time of the table that is not after each of these dates; None for no dates."""
        if self.dates is None:
            return None
        kind = pd.api.types
        dated = kind.is_datetime64_any_dtype, kind.is_timedelta64_dtype
        same = labels.dtype == self.dates.dtype or any(
            is_one(labels.dtype) and is_one(self.dates.dtype) for is_one in dated
        )
        if not same or kind.is_numeric_dtype(labels.dtype):
            return None
        try:
            return self.dates.searchsorted(labels, side="right") - 1
        except TypeError:  # one with a time zone, one without
            return None


def read_given(table) -> Given:
    """The table as rows in time.

    Raises:
        TypeError: it is none.
        ValueError: it has too few rows, no column, or names that come twice.
    """
    frame = _frame(table)
    if not frame.columns.is_unique:
        raise ValueError(
            f"table has the columns {list(frame.columns)}, but every column needs its own name: "
            "keep the first of each, table.loc[:, ~table.columns.duplicated()]."
        )
    if len(frame) < _LEAST or not frame.shape[1]:
        raise ValueError(
            f"table is {tuple(frame.shape)}, with {len(frame)} rows and {frame.shape[1]} columns, "
            f"but at least {_LEAST} rows and one column are needed: pass a longer part of it."
        )
    rows, date_at = _times(table, frame)
    if rows is None:
        return Given(table, frame, np.arange(len(frame)), None, None, ())
    if rows.hasnans:
        row = int(np.argmax(rows.isna()))
        raise ValueError(
            f"table has no date in row {row}, but every row needs one: drop the row, or give it "
            "its date."
        )
    when, dates = pd.factorize(rows, sort=True)
    keys = _keys(frame, when, date_at) if len(dates) < len(frame) else ()
    if len(dates) < _LEAST:
        raise ValueError(
            f"table has {len(frame)} rows of {len(dates)} different dates, but at least {_LEAST} "
            "dates are needed: pass a longer part of it."
        )
    return Given(table, frame, when, dates, date_at, keys)


def _frame(table) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, pd.Series):
        return table.to_frame(0 if table.name is None else table.name)
    if isinstance(table, list | tuple):
        raise TypeError(
            f"table is a {type(table).__name__}, but one table (time, feature) is needed: glue "
            "several series, pd.concat(tables, keys=range(len(tables))), and take them apart in "
            "prepare."
        )
    if not isinstance(table, np.ndarray | Tensor):
        raise TypeError(f"{_PLAIN.format(shown(table))}or a tensor.")
    check_dense(table, "table")
    if table.ndim not in (1, 2):
        raise ValueError(
            f"table is {tuple(table.shape)}, with {table.ndim} axes, but a table has two, "
            "(time, feature): pass the table before it is cut into windows."
        )
    if not getattr(table, "is_meta", False):  # rows of expand() take no memory, their copies do
        check_room(int(np.prod(table.shape)), f"prepare is given a copy of {tuple(table.shape)}")
    if isinstance(table, Tensor):
        if table.is_meta:
            raise ValueError("table is on the device meta, without numbers: pass one with them.")
        table = table.detach().cpu()
        table = (table.float() if table.dtype == torch.bfloat16 else table).numpy()
    if np.ma.isMaskedArray(table) or table.dtype.names is not None:
        raise TypeError(f"{_PLAIN.format(shown(table))}of plain numbers, or a tensor.")
    return pd.DataFrame(table[:, None] if table.ndim == 1 else table)


def _times(table, frame: pd.DataFrame) -> tuple[pd.Index | None, int | None]:
    """The time of each row, and the column that holds it where the index does not."""
    if isinstance(table, np.ndarray | Tensor):
        return None, None
    index = frame.index
    levels = [index.get_level_values(n) for n in range(index.nlevels)]
    for rows in reversed(levels):
        if _is_dated(rows.dtype):
            return rows, None
    for at, dtype in enumerate(frame.dtypes):
        if _is_dated(dtype):
            return pd.Index(frame.iloc[:, at]), at
    for at in range(frame.shape[1]) if isinstance(index, pd.RangeIndex) else ():
        if (rows := _written_dates(frame.iloc[:, at])) is not None:
            return rows, at
    read = [read_order(rows)[0] for rows in reversed(levels)]
    rows = next((rows for rows in read if rows is not None), None)
    return (None, None) if isinstance(rows, pd.RangeIndex) and rows.step > 0 else (rows, None)


def _is_dated(dtype) -> bool:
    return isinstance(dtype, pd.PeriodDtype) or pd.api.types.is_datetime64_any_dtype(dtype)


def _written_dates(column: pd.Series) -> pd.Index | None:
    """Text such as 2024-02-27 as dates."""
    first = column.iloc[0] if len(column) else None
    if not isinstance(first, str) or not re.match(r"\d{4}-\d\d-\d\d", first):
        return None
    try:
        return pd.Index(pd.to_datetime(column, format="ISO8601"))
    except (TypeError, ValueError):
        return None


def _keys(frame: pd.DataFrame, when: np.ndarray, date_at: int | None) -> tuple[int, ...]:
    """The first column, or pair of neighbours, that tells apart the rows of one time."""
    words = [
        at
        for at, dtype in enumerate(frame.dtypes)
        if at != date_at and not pd.api.types.is_float_dtype(dtype)
    ]
    for several in ([(at,) for at in words], list(pairwise(words))):
        for at in several:
            told = frame.iloc[:, list(at)].reset_index(drop=True)
            try:
                if not told.assign(**{"when the row is": when}).duplicated().any():
                    return at
            except TypeError:  # lists, or others that can't be told apart
                continue
    return ()
