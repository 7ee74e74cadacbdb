"""Where tables are cut for a backtest, and what is handed out of them: never a row too many."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import at_least, is_real, items, shown
from lstm_helpers._forecast_rows import check_names
from lstm_helpers._named_columns import positions
from lstm_helpers._order import check_order, show_date
from lstm_helpers._typing import Tensor


@dataclass(frozen=True)
class Series:
    """One table: what its rows are called, and where its known and its other columns stand."""

    table: Any
    index: pd.Index
    order: pd.Index | None
    columns: list
    known: list[int]
    name: str

    @property
    def target(self) -> list:
        return [name for at, name in enumerate(self.columns) if at not in self.known]

    def due(self, row: int, horizon: int) -> pd.Index:
        """The dates of the rows after this one."""
        return self.index[row + 1 : row + 1 + horizon]

    def cut(self, row: int, horizon: int) -> tuple:
        """Copies of the rows up to this one, and of the known columns in those after it."""
        stop, end = row + 1, row + 1 + horizon
        if isinstance(self.table, pd.DataFrame | pd.Series):
            future = self.table.iloc[stop:end, self.known] if self.known else self.table.iloc[:0]
            return _pandas_copy(self.table.iloc[:stop]), _pandas_copy(future)
        future = self.table[stop:end, self.known] if self.known else self.table[:0]
        if isinstance(self.table, Tensor):
            return self.table[:stop].detach().clone(), future.detach().clone()
        return self.table[:stop].copy(), future.copy()


def _pandas_copy(part):
    """Also of the index, which would keep the memory of the whole one."""
    return part.copy().set_axis(part.index.copy(deep=True))


def all_series(table, known, several: bool) -> list[Series]:
    tables = table if several else [table]
    if not len(tables):
        raise ValueError(
            "table is an empty list, but at least one table is needed: pass the table itself, or "
            "[table]."
        )
    series = []
    for number, one in enumerate(tables):
        series.append(_one_series(one, known, f"table[{number}]" if several else "table"))
        if series[-1].columns != series[0].columns:
            raise ValueError(
                f"table[{number}] has the columns {series[-1].columns}, but table[0] has "
                f"{series[0].columns}: all tables need the same columns in the same order. "
                "Choose these in each."
            )
    check_names(series[0].target, several)
    return series


def _one_series(table, known, name: str) -> Series:
    if isinstance(table, pd.DataFrame | pd.Series):
        index, order = table.index, check_order(table.index, name)
        frame = table if isinstance(table, pd.DataFrame) else table.to_frame()
        columns = list(frame.columns)
        if not frame.columns.is_unique:
            raise ValueError(
                f"{name} has the columns {columns}, but every column needs its own name: "
                "keep the first of each, table.loc[:, ~table.columns.duplicated()]."
            )
    elif isinstance(table, np.ndarray | Tensor) and table.ndim in (1, 2):
        if isinstance(table, Tensor) and (table.layout is not torch.strided or table.is_meta):
            raise ValueError(
                f"{name} is sparse or on the device meta, but rows are cut from a dense table: "
                "use table.to_dense(), or make it anew on the CPU."
            )
        index = order = pd.RangeIndex(len(table))
        columns = list(range(table.shape[1] if table.ndim == 2 else 1))
    else:
        raise TypeError(
            f"{name} is {shown(table)}, but a table (time, feature) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them."
        )
    known = [] if known is None else positions(columns, known, "known")
    if len(known) == len(columns):
        raise ValueError(
            f"{name} has the columns {columns}, and known names them all, but one has to be "
            "forecast: name fewer in known."
        )
    return Series(table, index, order, columns, known, name)


def rows_of(origins, series: list[Series], horizon: int) -> list[tuple[int, ...]]:
    """For each origin the last known row of each series, in order of time."""
    several = items(origins)
    wanted = [origins] if several is None else several
    if not wanted:
        raise ValueError(
            "origins is empty, but at least one is needed: pass dates or numbers of last known "
            "rows, such as [-1 - horizon]."
        )
    rows = [tuple(_row(origin, one, horizon) for one in series) for origin in wanted]
    if len(set(rows)) < len(rows):
        twice = next(at for n, at in enumerate(rows) if at in rows[:n])
        raise ValueError(
            f"origins names {show_date(series[0].index[twice[0]])} twice, row {twice[0]}: "
            "name each once."
        )
    return sorted(rows)


def _row(origin, one: Series, horizon: int) -> int:
    """The row number of an origin that leaves a horizon."""
    count = len(one.index)
    last = count - 1 - horizon
    if last < 0:
        raise ValueError(
            f"{one.name} has {count} rows, but at least {horizon + 1} are needed, one and "
            f"horizon {horizon} after it: shorten horizon, or pass more data."
        )
    if is_real(origin) or isinstance(origin, bool | np.bool_):
        row = number = at_least(-(2**63), 2**63, origins=origin)
        row = number + count if number < 0 else number
        came = f"row {number}"
    else:
        row = _place(origin, one)
        came = f"{shown(origin)}, row {row}"
    if 0 <= row <= last:
        return row
    raise ValueError(
        f"origins names {came}, but {one.name} has {count} rows, and horizon {horizon} rows have "
        f"to follow: choose from row 0 to row {last}, {show_date(one.index[last])}, or shorten "
        "horizon."
    )


def _place(origin, one: Series) -> int:
    """The row of a date."""
    if isinstance(origin, date) and not isinstance(origin, datetime):
        readings = [origin, pd.Timestamp(origin)]
    else:
        readings = [origin]
    for rows in (one.index, one.order):
        for reading in readings if rows is not None else ():
            try:
                found = np.arange(len(rows))[rows.get_loc(reading)]
            except Exception:  # no such row, or nothing that could be one
                continue
            if found.size == 1:
                return int(found if found.ndim == 0 else found[0])
            raise ValueError(
                f"origins names {shown(origin)}, which is {found.size} rows of {one.name}, the "
                f"last of them row {found[-1]}, {show_date(one.index[found[-1]])}: name one row."
            )
    raise ValueError(
        f"origins names {shown(origin)}, which is no row of {one.name}: its rows run from "
        f"{show_date(one.index[0])} to {show_date(one.index[-1])}. Choose from these, or pass row "
        f"numbers, from 0 to {len(one.index) - 1}."
    )
