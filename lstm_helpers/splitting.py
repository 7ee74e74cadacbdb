"""Before and after the windows: split a table in order of time, scale predictions back."""

import numpy as np
import pandas as pd

from lstm_helpers._arguments import as_array, at_least, positions
from lstm_helpers._tables import check_order


def split_by_time(table, *, val: int | float, test: int | float, context: int = 0) -> tuple:
    """Cut a table into training, validation and test part, in order of time.

    Args:
        table: a DataFrame, Series, array or tensor, (time, ...).
        val: rows of the validation part, as a count or as a fraction below 1.
        test: rows of the test part, the last of the table, likewise.
        context: rows before the cut that validation and test part begin with. With
            context = seq_len + gap the first window's target is the part's own first row:
            windows may look back over the cut, targets never lie before it.

    Returns:
        train, val and test: views of `table`. A part of 0 rows gets no context either.

    Raises:
        ValueError: the parts don't fit into the table, or its dates are out of order.

    >>> from lstm_helpers import load_flights
    >>> train, val, test = split_by_time(load_flights(), val=12, test=12, context=12)
    >>> len(train), len(val), len(test)
    (120, 24, 24)
    """
    if isinstance(table, pd.DataFrame | pd.Series):
        check_order(table.index, "table")
    rows = len(table)
    n_val, n_test = _count(val, rows, "val"), _count(test, rows, "test")
    n_train = rows - n_val - n_test
    if n_train < max(1, at_least(0, context=context)):
        raise ValueError(
            f"table has {rows} rows, of which val {n_val} and test {n_test} leave "
            f"{max(n_train, 0)} for training, but at least {max(1, context)} are needed: "
            "shorten val, test or context."
        )
    cut = table.iloc if isinstance(table, pd.DataFrame | pd.Series) else table

    def part(start, stop):
        return cut[start - context if stop > start else start : stop]

    return cut[:n_train], part(n_train, n_train + n_val), part(n_train + n_val, rows)


def inverse_target(scaler, values, columns) -> np.ndarray:
    """Scale predictions back to the table's own units when only some columns were predicted.

    A scikit-learn scaler wants all the columns that it was fitted on, (rows, columns);
    predictions have three axes and hold only some of them.

    Args:
        scaler: fitted, from scikit-learn, one that treats each column by itself, such as
            MinMaxScaler or StandardScaler.
        values: (..., target), a tensor or an array.
        columns: which of the scaler's columns they are, by name or position: `windows.target`.

    Returns:
        (..., target), the same shape as `values`.

    Raises:
        ValueError: a column is unknown to the scaler, or `values` has another number of targets.

    >>> from sklearn.preprocessing import MinMaxScaler
    >>> scaler = MinMaxScaler().fit([[0.0, 100.0], [10.0, 300.0]])
    >>> import torch
    >>> inverse_target(scaler, torch.tensor([[[0.5]]]), columns=[1])
    array([[[200.]]])
    """
    names = list(getattr(scaler, "feature_names_in_", range(scaler.n_features_in_)))
    at = positions(names, columns, "columns")
    values = as_array(values)
    if values.shape[-1:] != (len(at),):
        raise ValueError(
            f"values is {values.shape}, but its last axis has to be target={len(at)} "
            f"for columns={columns!r}: name the columns that were predicted."
        )
    rows = np.zeros((values[..., 0].size, len(names)))
    rows[:, at] = values.reshape(-1, len(at))
    return scaler.inverse_transform(rows)[:, at].reshape(values.shape)


def _count(part: int | float, rows: int, name: str) -> int:
    """Rows of a part that is given as a count or as a fraction of the table."""
    if isinstance(part, float) and 0 <= part < 1:
        return round(rows * part)
    if isinstance(part, float):
        raise ValueError(
            f"{name} is {part}, but it has to be a whole number, or a fraction below 1."
        )
    return at_least(0, **{name: part})
