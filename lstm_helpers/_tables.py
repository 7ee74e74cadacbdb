"""Read a table into one tensor (time, feature), and refuse what no model can learn from."""

import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from lstm_helpers._typing import Shaped, Tensor

_BLOCK = 65_536  # rows that are checked for NaN at a time: the check needs no second table


@dataclass(frozen=True)
class Table:
    """One series: its values, and what its rows and columns are called."""

    values: Shaped[Tensor, "time feature"]
    index: pd.Index
    columns: list


def read_tables(series, dtype: torch.dtype, **window: int) -> list[Table]:
    """One table or a list of them, each long enough for one window, all with the same columns.

    Raises:
        TypeError, ValueError: as `read_table`; a series is too short, or its columns differ.
    """
    several = isinstance(series, list | tuple)
    tables = []
    for number, one in enumerate(series if several else [series], start=1):
        name = f"series {number} of {len(series)}" if several else "series"
        table = read_table(one, dtype, name)
        if len(table.values) < sum(window.values()):
            parts = " + ".join(f"{size} {steps}" for size, steps in window.items())
            raise ValueError(
                f"{name} has {len(table.values)} steps, but one window needs "
                f"{sum(window.values())} = {parts}: shorten seq_len or horizon, or pass more data."
            )
        if tables and table.columns != tables[0].columns:
            raise ValueError(
                f"{name} has the columns {table.columns}, but the first series has "
                f"{tables[0].columns}: all series need the same columns in the same order."
            )
        tables.append(table)
    if not tables:
        raise ValueError("series is an empty list, but at least one table is needed.")
    return tables


def read_table(series, dtype: torch.dtype, name: str = "series") -> Table:
    """The values of a DataFrame, Series, array or tensor (time, feature), checked.

    The result shares memory with `series` where dtype and layout allow it.

    Raises:
        TypeError: `series` is none of these.
        ValueError: wrong number of axes, text, dates out of order, NaN or infinity.
    """
    if isinstance(series, pd.Series):
        series = series.to_frame()
    if isinstance(series, pd.DataFrame):
        check_order(series.index, name)
        _check_columns(series, name)
        values, index, columns = _as_tensor(series), series.index, list(series.columns)
    elif isinstance(series, np.ndarray | Tensor):
        values = series if isinstance(series, Tensor) else _as_tensor(series, name)
        values = values.detach()
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2:
            raise ValueError(
                f"{name} is {tuple(values.shape)}, with {values.ndim} axes, but a table has two, "
                "(time, feature): pass the table itself. It is cut into windows here."
            )
        index, columns = pd.RangeIndex(len(values)), list(range(values.shape[1]))
    else:
        raise TypeError(
            f"{name} is a {type(series).__name__}, but a table (time, feature) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them."
        )
    if not columns:
        raise ValueError(f"{name} has no columns, but at least one is needed.")
    table = Table(values.to(dtype), index, columns)
    _check_finite(table, name)
    return table


def check_order(index: pd.Index, name: str) -> None:
    """Refuse dates or row numbers that are missing, repeated or out of order."""
    numeric = pd.api.types.is_numeric_dtype(index) and not pd.api.types.is_bool_dtype(index)
    if not (numeric or isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex)):
        return  # words have no order that could be checked
    if index.hasnans:
        row = int(np.argmax(index.isna()))
        raise ValueError(
            f"{name} has no date in row {row}, but every row needs one: "
            "drop the row, or give it its date."
        )
    if index.is_monotonic_increasing and index.is_unique:
        return
    row = int(np.argmax(index[1:] <= index[:-1])) + 1
    before, here = show_date(index[row - 1]), show_date(index[row])
    if here == before:
        raise ValueError(
            f"{name} has {here} in row {row - 1} and in row {row}, but a time can come only once: "
            "if the table holds several series, pass a list with one table each."
        )
    raise ValueError(
        f"{name} is out of order: row {row} is {here}, but row {row - 1} is {before}. "
        "Rows need to run from old to new: try table.sort_index()."
    )


def show_date(value) -> str:
    """A date without its midnight: '1949-01-01', not '1949-01-01 00:00:00'."""
    return str(value).removesuffix(" 00:00:00")


def _as_tensor(values, name: str = "series") -> Tensor:
    """A tensor over the same memory where torch can read it, else over a float64 copy."""
    array = values.to_numpy() if isinstance(values, pd.DataFrame) else values
    if array.dtype == object and isinstance(values, pd.DataFrame):  # numbers beside booleans or NA
        array = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {array.dtype}, but windows need numbers: "
            "pass the numeric columns only, or convert them with astype(float)."
        )
    with (
        warnings.catch_warnings()
    ):  # read-only memory, as pandas hands it out, is fine: we only read
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        try:
            return torch.from_numpy(array)
        except (TypeError, ValueError):  # foreign byte order, reversed rows
            return torch.from_numpy(array.astype(np.float64))


def _check_columns(table: pd.DataFrame, name: str) -> None:
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise ValueError(f"{name} has two columns {twice!r}: every column needs its own name.")
    for column, dtype in table.dtypes.items():
        if pd.api.types.is_datetime64_any_dtype(dtype):
            raise ValueError(
                f"column {column!r} of {name} holds dates, but windows need numbers: "
                f"make it the index, table.set_index({column!r})."
            )
        if not pd.api.types.is_numeric_dtype(dtype):
            example = next(iter(table[column].dropna()), "")
            raise ValueError(
                f"column {column!r} of {name} holds text such as {example!r}, but windows need "
                f"numbers: {_repair_text(column, str(example))}."
            )


def _repair_text(column, example: str) -> str:
    """What to try with a column of text, by what it looks like."""
    if re.fullmatch(r"\s*[-+]?[\d.]*\d,\d+\s*", example):
        return 'read the file with decimal commas, pd.read_csv(..., decimal=",")'
    if re.match(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", example):
        return (
            f"make dates of it and the index of them, table.set_index(pd.to_datetime(table.pop"
            f"({column!r}))), with dayfirst=True if the day comes before the month"
        )
    return f"drop it, table.drop(columns={column!r}), or convert it, pd.to_numeric"


def _check_finite(table: Table, name: str) -> None:
    """Say where the first NaN or infinity is; look block by block, to need no second table."""
    count, first = 0, None
    for start in range(0, len(table.values), _BLOCK):
        bad = ~torch.isfinite(table.values[start : start + _BLOCK])
        if bad.any():
            places = bad.nonzero()
            first = first or (start + int(places[0, 0]), int(places[0, 1]))
            count += len(places)
    if first is None:
        return
    row, column = first
    date = "" if isinstance(table.index, pd.RangeIndex) else f" ({show_date(table.index[row])})"
    value = "NaN" if table.values[first].isnan() else f"{table.values[first].item()}"
    more = f" and in {count - 1} other place{'s' * (count > 2)}" if count > 1 else ""
    raise ValueError(
        f"{name} has {value} in row {row}{date}, column {table.columns[column]!r}{more}: "
        "every window needs numbers. Fill the gap, for example with table.ffill(), "
        "or pass the stretches between the gaps as a list."
    )
