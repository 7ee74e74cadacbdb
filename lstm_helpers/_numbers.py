"""Numbers stay what they are: what can't be read, is missing, or would change by the cast."""

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import shown
from lstm_helpers._order import show_date
from lstm_helpers._typing import Shaped, Tensor

_BLOCK = 65_536  # rows that are checked at a time: the checks need no second table
# Of torch's dtypes those that it can compare and calculate with.
_DTYPES = (
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16),
    *(torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8),
)
_EXACT = 2**53  # up to here float64 holds every whole number
# How dates are written as numbers: the range they lie in, and how pandas reads them.
_DATES = (
    (19_000_101, 21_001_231, 'format="%Y%m%d"'),
    (10**9, 2 * 10**9, 'unit="s"'),
    (10**12, 2 * 10**12, 'unit="ms"'),
    (10**18, 2 * 10**18, 'unit="ns"'),
)


def check_dtype(dtype) -> torch.dtype:
    """A dtype that numbers can have."""
    if not isinstance(dtype, torch.dtype):
        raise TypeError(
            f"dtype is {shown(dtype)}, but it has to be one of torch's, such as torch.float32."
        )
    if dtype not in _DTYPES:
        raise ValueError(f"dtype is {dtype}, but windows need numbers: try torch.float32.")
    return dtype


def to_dtype(
    values: Shaped[Tensor, "time feature"], dtype: torch.dtype, index: pd.Index, columns: list, name
) -> Tensor:
    """The values with this dtype, without a copy where they have it already.

    Raises:
        ValueError: NaN, infinity, or a number that would be another one afterwards.
    """
    _check_finite(values, index, columns, name)
    cast = values.to(dtype)
    if values.dtype == dtype or values.dtype == torch.bool:
        return cast
    for start in range(0, len(values), _BLOCK):
        before, after = values[start : start + _BLOCK], cast[start : start + _BLOCK]
        changed = _changed(before, after)
        if changed.any():
            row, column = changed.nonzero()[0].tolist()
            place = _place(start + row, columns[column], index)
            new = after[row, column].item()
            raise ValueError(
                f"{name} has {before[row, column].item()} in {place}, which {dtype} "
                f"{'turns into ' + str(new) if np.isfinite(new) else 'can not hold'}: "
                f"{_repair(before[row, column].item(), columns[column], dtype, name)}."
            )
    return cast


def _changed(before: Tensor, after: Tensor) -> Tensor:
    """Which numbers are others now. To round fractions is no change, to lose their steps is."""
    if not (before.is_floating_point() and after.is_floating_point()):
        return after.to(before.dtype) != before
    back = after.to(before.dtype)
    whole = (before == before.trunc()) & (before.abs() < _EXACT)
    changed = ~after.isfinite() | (whole & (back != before))
    lost = (back - before).abs().amax(0)
    for column in (lost > 1e-6 * (before.amax(0) - before.amin(0))).nonzero()[:, 0].tolist():
        steps = before[:, column].diff().abs()
        steps = steps[steps > 1e-12 * before[:, column].abs().max()]  # less is rounding itself
        if len(steps) and lost[column] > steps.median() / 2:
            changed[(back - before)[:, column].abs().argmax(), column] = True
    return changed


def _repair(number: float, column, dtype: torch.dtype, name: str) -> str:
    if not dtype.is_floating_point:
        return "use dtype=torch.float32"
    for least, most, how in _DATES:
        if least <= number <= most:
            whole = ".astype(int).astype(str)" if how.startswith("format") else ""
            return (
                "if it is a date, make it the index, table.set_index(pd.to_datetime(table.pop("
                f"{column!r}){whole}, {how})); if it is a number, use dtype=torch.float64"
            )
    return "use dtype=torch.float64, or scale the column"


def _all_finite(values: Tensor) -> bool:
    """Whether there is no NaN and no infinity, in one pass and without memory for the answers."""
    return not values.numel() or all(bool(edge.isfinite()) for edge in values.aminmax())


def _check_finite(values: Tensor, index: pd.Index, columns: list, name: str) -> None:
    """Say where the first NaN or infinity is."""
    if not values.is_floating_point():
        return
    alike = len(values) > 1 and values.stride(0) == 0  # rows of expand(): one stands for all
    rows = values[:1] if alike else values
    if _all_finite(rows):
        return
    count, first = 0, None
    for start in range(0, len(rows), _BLOCK):
        bad = ~torch.isfinite(rows[start : start + _BLOCK])
        if bad.any():
            places = bad.nonzero()
            first = first or (start + int(places[0, 0]), int(places[0, 1]))
            count += len(places)
    count *= len(values) if alike else 1
    value = "NaN" if values[first].isnan() else f"{values[first].item()}"
    more = f" and in {count - 1} other place{'s' * (count > 2)}" if count > 1 else ""
    raise ValueError(
        f"{name} has {value} in {_place(first[0], columns[first[1]], index)}{more}: "
        "every window needs numbers. Fill the gap, for example with table.ffill(), "
        "or pass the stretches between the gaps as a list."
    )


def _place(row: int, column, index: pd.Index) -> str:
    date = "" if isinstance(index, pd.RangeIndex) else f" ({show_date(index[row])})"
    return f"row {row}{date}, column {column!r}"
