"""Read a table into one tensor (time, feature), and refuse what no model can learn from."""

import mmap
import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import check_dense
from lstm_helpers._columns import check_columns
from lstm_helpers._numbers import check_dtype, to_dtype
from lstm_helpers._order import check_order
from lstm_helpers._typing import Shaped, Tensor


@dataclass(frozen=True)
class Table:
    """One series: its values, and what its rows and columns are called.

    `order` is the index as dates or numbers; None for words.
    """

    values: Shaped[Tensor, "time feature"]
    index: pd.Index
    order: pd.Index | None
    columns: list
    name: str = "series"


def read_tables(series, dtype: torch.dtype) -> list[Table]:
    """One table or a list of them, all with the same columns.

    Raises:
        TypeError, ValueError: as `read_table`; the columns differ.
    """
    dtype = check_dtype(dtype)
    if not isinstance(series, list | tuple):
        return [read_table(series, dtype)]
    tables = [read_table(one, dtype, f"series[{n}]") for n, one in enumerate(series)]
    if not tables:
        raise ValueError(
            "series is an empty list, but at least one table is needed: pass the table itself, or "
            "[table]."
        )
    for table in tables:
        if table.columns != tables[0].columns:
            raise ValueError(
                f"{table.name} has the columns {table.columns}, but series[0] has "
                f"{tables[0].columns}: all series need the same columns in the same order. "
                "Choose these in each."
            )
    return tables


def read_table(series, dtype: torch.dtype, name: str = "series") -> Table:
    """The values of a DataFrame, Series, array or tensor (time, feature), checked.

    The result shares memory with `series` where dtype and layout allow it.

    Raises:
        TypeError: `series` is none of these.
        ValueError: wrong number of axes, text, dates out of order, NaN or infinity, numbers that
            `dtype` would change.
    """
    if isinstance(series, pd.Series):
        series = series.to_frame()
    if isinstance(series, pd.DataFrame):
        order = check_order(series.index, name)
        check_columns(series, name)
        values, index, columns = _frame_values(series), series.index, list(series.columns)
    elif isinstance(series, np.ndarray | Tensor):
        values = _tensor_values(series, name)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2:
            raise ValueError(
                f"{name} is {tuple(values.shape)}, with {values.ndim} axes, but a table has two, "
                "(time, feature): pass the table itself. It is cut into windows here."
            )
        index, columns = pd.RangeIndex(len(values)), list(range(values.shape[1]))
        order = index
    else:
        raise TypeError(
            f"{name} is a {type(series).__name__}, but a table (time, feature) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them."
        )
    if not columns:
        raise ValueError(
            f"{name} has no columns, but at least one is needed: choose one, such as table[[name]]."
        )
    values = to_dtype(values, dtype, index, columns, name)
    return Table(values, index, order, columns, name)


def _frame_values(table: pd.DataFrame) -> Tensor:
    array = table.to_numpy()
    if array.dtype == object:  # numbers beside booleans or NA
        array = table.to_numpy(dtype=np.float64, na_value=np.nan)
    return _shared(array)


def _tensor_values(series: np.ndarray | Tensor, name: str) -> Tensor:
    if isinstance(series, Tensor):
        check_dense(series, name)
        if series.is_meta:
            raise ValueError(f"{name} is on the device meta, without numbers: pass one with them.")
        values = series.detach()
    else:
        if np.ma.is_masked(series):
            raise ValueError(
                f"{name} is masked in {np.ma.count_masked(series)} places, but every window needs "
                "numbers. Fill the gaps, for example with "
                "pd.DataFrame(series.astype(float).filled(np.nan)).ffill()."
            )
        series = np.asarray(series)
        if series.dtype.kind not in "biufc":
            raise ValueError(
                f"{name} has dtype {series.dtype}, but windows need numbers: "
                "pass the numeric columns only, or convert them with astype(float)."
            )
        values = series if series.dtype.kind == "c" else _shared(series)
    if values.dtype.kind == "c" if isinstance(values, np.ndarray) else values.is_complex():
        raise ValueError(
            f"{name} has dtype {values.dtype}, but windows need real numbers: "
            "use series.real, or two columns, series.real and series.imag."
        )
    return values


def _shared(array: np.ndarray) -> Tensor:
    """A tensor over the same memory where torch can read it and write to it, else over a copy.

    Windows are views: memory that must not be written to would end the process at the first write.
    """
    if not _is_writable(array):
        array = _on_write(array)
    with warnings.catch_warnings():  # pandas hands out read-only views of memory that is not
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        try:
            return torch.from_numpy(array)
        except (TypeError, ValueError):  # foreign byte order, reversed rows, more than 64 bits
            native = array.dtype.newbyteorder("=") if array.dtype.itemsize <= 8 else np.float64
            return torch.from_numpy(array.astype(native, order="C"))


def _is_writable(array: np.ndarray) -> bool:
    while isinstance(array, np.ndarray):
        if array.flags.writeable:
            return True
        array = array.base
    return False


def _on_write(array: np.ndarray) -> np.ndarray:
    """The array anew: a file mapped so that only pages that are written to are copied."""
    file = array
    while isinstance(file, np.ndarray) and not isinstance(file.base, mmap.mmap):
        file = file.base  # a part of a file, or other axes of it
    if isinstance(file, np.memmap) and file.filename and file.mode != "c" and array.flags.forc:
        order = "C" if array.flags.c_contiguous else "F"
        offset = file.offset + array.ctypes.data - file.ctypes.data
        how = {"mode": "c", "offset": offset, "shape": array.shape, "order": order}
        with suppress(OSError, ValueError):  # the file is gone by now, or nothing of it is asked
            return np.memmap(file.filename, array.dtype, **how)
    return array.copy()
