"""Before and after the windows: split a table in order of time, scale predictions back."""

from numbers import Integral

import numpy as np
import pandas as pd

from lstm_helpers._arguments import at_least, check_dense, is_real, shown
from lstm_helpers._named_columns import Names, positions
from lstm_helpers._order import check_order
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers


def split_by_time(table, *, val: int | float, test: int | float, context: int = 0) -> tuple:
    """Cut a table into training, validation and test part, in order of time.

    Args:
        table: a DataFrame, Series, array or tensor, (time, ...), or a list of them, of which
            each is cut by itself.
        val: rows of the validation part, as a count or as a fraction below 1.
        test: rows of the test part, the last of the table, likewise.
        context: rows before the cut that validation and test part begin with. With
            context = seq_len + gap the first window's target is the part's own first row:
            windows may look back over the cut, targets never lie before it.

    Returns:
        train, val and test: views of `table`, or three lists of views for a list. A part of
        0 rows gets no context either.

    Raises:
        ValueError: the parts don't fit into the table, or its dates are out of order.
        TypeError: `table` is no table, or a count no number.

    >>> from lstm_helpers import load_flights
    >>> train, val, test = split_by_time(load_flights(), val=12, test=12, context=12)
    >>> len(train), len(val), len(test)
    (120, 24, 24)
    """
    if isinstance(table, list | tuple):
        if not table:
            raise ValueError(
                "table is an empty list, but at least one table is needed: pass the table itself, "
                "or [table]."
            )
        each = [
            _split(one, val, test, context, f"table[{number}]") for number, one in enumerate(table)
        ]
        return tuple(list(parts) for parts in zip(*each, strict=True))
    return _split(table, val, test, context, "table")


def _split(table, val, test, context, name: str) -> tuple:
    pandas = isinstance(table, pd.DataFrame | pd.Series)
    if not pandas and not (isinstance(table, np.ndarray | Tensor) and table.ndim):
        raise TypeError(
            f"{name} is a {type(table).__name__}, but a table (time, ...) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them."
        )
    check_dense(table, name)
    if pandas:
        check_order(table.index, name)
    rows, context = len(table), at_least(0, context=context)
    n_val, n_test = _count(val, rows, "val"), _count(test, rows, "test")
    n_train = rows - n_val - n_test
    if n_train < max(1, context):
        raise ValueError(
            f"{name} has {rows} rows, of which val {n_val} and test {n_test} leave "
            f"{max(n_train, 0)} for training, but at least {max(1, context)} are needed: "
            "shorten val, test or context."
        )
    cut = table.iloc if pandas else table

    def part(start, stop):
        return cut[start - context if stop > start else start : stop]

    return cut[:n_train], part(n_train, n_train + n_val), part(n_train + n_val, rows)


def inverse_target(scaler, values, columns) -> np.ndarray | list[np.ndarray]:
    """Scale predictions back to the table's own units when only some columns were predicted.

    A scikit-learn scaler wants all the columns that it was fitted on, (rows, columns);
    predictions have three axes and hold only some of them.

    Args:
        scaler: fitted, from scikit-learn, one that treats each column by itself, such as
            MinMaxScaler or StandardScaler.
        values: (..., target), a tensor or an array, or a list of them.
        columns: which of the scaler's columns they are: `windows.target`, or names. Numbers are
            positions where the scaler has no names.

    Returns:
        (..., target), the same shape as `values`; a list for a list.

    Raises:
        ValueError: a column is unknown to the scaler, which is not fitted, or `values` has another
            number of targets.
        TypeError: `scaler` can't scale back.

    >>> from sklearn.preprocessing import MinMaxScaler
    >>> scaler = MinMaxScaler().fit([[0.0, 100.0], [10.0, 300.0]])
    >>> import torch
    >>> inverse_target(scaler, torch.tensor([[[0.5]]]), columns=[1])
    array([[[200.]]])
    """
    scaler = _a_scaler(scaler)
    if isinstance(values, list | tuple) and values and isinstance(values[0], np.ndarray | Tensor):
        return [inverse_target(scaler, each, columns) for each in values]
    at = _scaled(scaler, columns)
    values = numbers(values=values)
    if values.shape[-1:] != (len(at),):
        raise ValueError(
            f"values is {values.shape}, but its last axis has to be target={len(at)} "
            f"for columns={shown(columns)}: name the columns that were predicted."
        )
    rows = np.zeros((values[..., 0].size, scaler.n_features_in_))
    if not len(rows):
        return values.astype(float)
    rows[:, at] = values.reshape(-1, len(at))
    try:
        return np.asarray(scaler.inverse_transform(rows))[:, at].reshape(values.shape)
    except Exception as error:
        raise ValueError(
            f"scaler {shown(scaler)} can't scale {rows.shape} back: {error}. Use one that treats "
            "each column by itself, such as MinMaxScaler."
        ) from error


def _a_scaler(scaler):
    """One of scikit-learn's that is fitted."""
    if isinstance(scaler, type) or not callable(getattr(scaler, "inverse_transform", None)):
        raise TypeError(
            f"scaler is {shown(scaler)}, but one of scikit-learn's is needed, with "
            "inverse_transform: pass the one that was fitted."
        )
    if not isinstance(getattr(scaler, "n_features_in_", None), int | np.integer):
        raise ValueError(f"scaler {shown(scaler)} is not fitted: use scaler.fit(train).")
    return scaler


def _scaled(scaler, columns) -> list[int]:
    """Where the columns stand in the scaler, which keeps names only where all are text."""
    size = scaler.n_features_in_
    if hasattr(scaler, "feature_names_in_"):
        names = list(scaler.feature_names_in_)
        at_place = isinstance(columns, Names) and list(columns) == columns.at  # cut from an array
        if not (at_place and columns.size == size):
            return positions(names, columns, "columns", by_number=False)
    if isinstance(columns, Names) and columns.size == size:
        return columns.at
    if isinstance(columns, Names) and list(columns) != columns.at:
        raise ValueError(
            f"columns are {list(columns)}, of a table with {columns.size} columns, but the scaler "
            f"has {size} without names: give their positions in the scaler."
        )
    return positions(list(range(size)), columns, "columns")


def _count(part: int | float, rows: int, name: str) -> int:
    """Rows of a part that is given as a count or as a fraction of the table."""
    if not is_real(part) or isinstance(part, Integral) or _counts(part):
        return at_least(0, **{name: part})
    if not 0 <= float(part) < 1:
        raise ValueError(
            f"{name} is {shown(part)}, but it has to be a whole number, or a fraction below 1."
        )
    return round(rows * float(part))


def _counts(part) -> bool:
    """Whether a number of numpy or torch is a whole one by its dtype."""
    if isinstance(part, Tensor):
        return not part.is_floating_point()
    return isinstance(part, np.ndarray | np.generic) and part.dtype.kind in "iu"
