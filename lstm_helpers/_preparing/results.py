"""What `prepare` returns, taken apart: every table in it, named as Python reaches it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from torch.utils.data import ConcatDataset, DataLoader, Subset, TensorDataset

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.samples import are_numbers, samples_of, to_numpy
from lstm_helpers._preparing.words import quoted
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows

_PLACE = re.compile(r"\.tensors(\[\d+\])$")
_LEAST = 8  # rows: fewer are no table, but means, bounds or shapes


@dataclass
class Piece:
    """One table, array or set of windows.

    Attributes:
        name: how it is reached, such as "out[0]".
        columns: (row,) each, or (row, step) for the features of windows in an array.
        labels: the code that chooses each column, such as '["temp"]'.
        names: what each column is called; its position in an array.
        index: what the rows are called; None in an array.
        windows, chosen: the `Windows` it is the table of, and which of them are in it.
        series: the number of this series, where the windows are of several.
    """

    name: str
    columns: list[np.ndarray]
    labels: list[str]
    names: list
    index: pd.Index | None = None
    windows: Windows | None = None
    chosen: np.ndarray | None = None
    series: int = 0
    frame: pd.DataFrame | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.columns[0])

    @property
    def steps(self) -> int:
        """Steps of each row where the rows are windows in an array; 0 where they are none."""
        return self.columns[0].shape[1] if self.columns[0].ndim == 2 else 0

    def called(self, column: int) -> str:
        """A column as code that can be typed."""
        return self.name + self.labels[column]


def pieces_of(result, given: Given) -> list[Piece]:
    """Every table in a result, in order; what is none is left out, such as a few numbers."""
    found = _pieces(result, "out", given)
    tables = [p for p in found if len(p) >= _LEAST or isinstance(p.index, pd.DatetimeIndex)]
    return tables or found


def _pieces(result, name: str, given: Given) -> list[Piece]:
    if isinstance(result, pd.DataFrame):
        labels = [f"[{quoted(column)}]" for column in result.columns]
        columns = [_values(result.iloc[:, at]) for at in range(result.shape[1])]
        found = Piece(name, columns, labels, list(result.columns), result.index, frame=result)
        return [found] if columns and len(found) else []
    if isinstance(result, pd.Series):
        return [Piece(name, [_values(result)], [""], [result.name], result.index)] * bool(
            len(result)
        )
    if isinstance(result, Windows):
        return _of_windows(result, name, None)
    if isinstance(result, Subset):
        inner = _pieces(result.dataset, f"{name}.dataset", given)
        return _chosen(inner, np.asarray(result.indices), name)
    if isinstance(result, DataLoader):
        return _pieces(result.dataset, f"{name}.dataset", given)
    if isinstance(result, TensorDataset):
        return _pieces(tuple(result.tensors), f"{name}.tensors", given)
    if isinstance(result, ConcatDataset):
        return _pieces(tuple(result.datasets), f"{name}.datasets", given)
    if isinstance(result, Mapping):
        return [
            piece
            for key, part in result.items()
            for piece in _pieces(part, f"{name}[{quoted(key)}]", given)
        ]
    if isinstance(result, list | tuple) and not are_numbers(result):
        if (samples := samples_of(result, given)) is not None:
            each = samples.items()
            return [piece for at, part in each for piece in _of_samples(part, f"{name}[i]{at}")]
        each = enumerate(result)
        return [piece for n, part in each for piece in _pieces(part, f"{name}[{n}]", given)]
    return _of_array(result, name)


def _of_array(result, name: str) -> list[Piece]:
    if isinstance(result, Tensor):
        result = to_numpy(result)
    elif hasattr(result, "toarray"):  # sparse, as encoders make them
        result = result.toarray()
    elif not isinstance(result, np.ndarray):
        result = np.asarray(result) if isinstance(result, list | tuple) else None
    if result is None or not result.ndim or not result.size:
        return []
    if result.ndim == 1:
        return [Piece(name, [result], [""], [0])]
    if result.ndim > 3:
        result = result.reshape(*result.shape[:2], -1)
    before = "[:, " if result.ndim == 2 else "[:, :, "
    return [_of_features(result, name, before)]


def _of_features(values: np.ndarray, name: str, before: str) -> Piece:
    """An array whose last axis has its columns, and what stands before their numbers."""
    features = range(values.shape[-1])
    labels = [f"{before}{feature}]" for feature in features]
    return Piece(name, [values[..., feature] for feature in features], labels, list(features))


def _of_samples(values: np.ndarray, name: str) -> list[Piece]:
    """What stands at one place of every sample: (sample, ...); i is any of them."""
    if values.ndim == 1:
        return [Piece(name, [values], [""], [0])]
    return [_of_features(values, name, "[" if values.ndim == 2 else "[:, ")] * bool(values.size)


def _of_windows(windows: Windows, name: str, chosen) -> list[Piece]:
    """The tables that windows are cut from: x and y are views of them."""
    found = []
    bounds = zip(windows._begins, windows._begins[1:], strict=False)
    several = len(windows._begins) > 2
    for number, (begin, end) in enumerate(bounds):
        values = to_numpy(windows._values[begin:end])
        x = f".x[{number}]" if several else ".x"
        labels = [f"{x}[:, :, {at}]" for at in range(values.shape[1])]
        index = windows._rows[number][0]
        columns = [values[:, at] for at in range(values.shape[1])]
        names = list(windows.columns)
        found.append(Piece(name, columns, labels, names, index, windows, chosen, number))
    return found


def _chosen(inner: list[Piece], indices: np.ndarray, name: str) -> list[Piece]:
    """Some windows of a set, or some rows of arrays."""
    found = []
    for piece in inner:
        if piece.windows is not None:
            # the table is that of the whole set; which windows are meant says `chosen`
            before = np.arange(len(piece.windows)) if piece.chosen is None else piece.chosen
            piece.chosen = before[indices]
            piece.name = f"{name}.dataset"
        else:
            piece.columns = [column[indices] for column in piece.columns]
            piece.index = None if piece.index is None else piece.index[indices]
            tensor = _PLACE.search(piece.name)  # of a TensorDataset, which gives a tuple
            piece.name = f"{name}[:]{tensor[1] if tensor else ''}"
        found.append(piece)
    return found


def _values(column: pd.Series) -> np.ndarray:
    """Numbers as they are, with NaN for what is missing; all else as objects."""
    dtype = column.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "biufcmM":
        return column.to_numpy()
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_numeric_dtype(dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    if isinstance(dtype, pd.SparseDtype):
        return np.asarray(column)
    return column.astype(object).to_numpy()
