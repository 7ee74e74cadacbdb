"""Other rows after a cut, valid ones: what a table might have held, had time gone on otherwise."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lstm_helpers._preparing.given import Given

WAYS = ("rows", "stretched", "columns")  # the last one only where the second one is refused
_PAST_THE_RANGE = (0.5, 2.0)  # of the column's range, from its end


def replaced(
    given: Given,
    where: np.ndarray,
    way: str,
    *,
    keep: Iterable[int] = (),
    only: Iterable[int] | None = None,
) -> pd.DataFrame:
    """The table with other rows in some places, such as after a cut.

    Index, dates, keys, gaps, dtypes and the columns `keep` stay; columns that only rise go on
    rising.

    Args:
        where: (row,) True for a row that is replaced.
        way: "rows": each is another row of the table; "columns": each value is another of its
            column; "stretched": numbers lie beyond the range of their column.
        keep: columns, by position, that stay.
        only: columns that are replaced; all others stay.
    """
    frame, after = given.frame, np.flatnonzero(where)
    seed = [len(after), WAYS.index(way)]
    generator = np.random.default_rng(seed)
    rows = generator.integers(len(frame), size=len(after))
    may = set(may_be_replaced(given, keep))
    may = may if only is None else may & set(only)
    columns = []
    for at in range(frame.shape[1]):
        column = frame.iloc[:, at].array
        # drawn for every column, so that a column gets the same values whichever others do
        own = np.random.default_rng([*seed, at])
        if at not in may:
            columns.append(column)
            continue
        here = after[~given.gaps[after, at]]
        drawn = rows[~given.gaps[after, at]] if way == "rows" else None
        up = (len(after) + at) % 2 == 0
        columns.append(_other(column, given, at, here, drawn, way, own, up))
    other = pd.DataFrame(dict(enumerate(columns)), index=frame.index.copy(deep=True))
    other.columns, other.attrs = frame.columns, frame.attrs
    return other


def may_be_replaced(given: Given, keep: Iterable[int] = ()) -> list[int]:
    """The columns that are replaced, by position."""
    fixed = {*keep, *given.keys, given.date_at}
    dtypes = enumerate(given.frame.dtypes)
    return [at for at, dtype in dtypes if at not in fixed and _may_be_other(dtype)]


def _may_be_other(dtype) -> bool:
    kind = pd.api.types
    dated = kind.is_datetime64_any_dtype(dtype) or kind.is_timedelta64_dtype(dtype)
    return not (dated or isinstance(dtype, pd.PeriodDtype))


def _other(column, given, at, here, drawn, way, generator, up):
    """A column with other values in the rows `here`."""
    values = np.flatnonzero(~given.gaps[:, at])
    if not len(here):
        return column
    number = pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind in "iuf"
    if number and not given.panel and _rises(numbers := _numbers(column)[values]):
        return _rising(column, numbers, len(values) - len(here), here, way, generator)
    if number and way == "stretched" and len(np.unique(numbers := _numbers(column)[values])) > 2:
        return _put(column, here, _beyond(numbers, len(here), generator, up))
    if drawn is None:
        drawn = generator.choice(values, len(here))
    drawn = np.where(given.gaps[drawn, at], generator.choice(values, len(here)), drawn)
    take = np.arange(len(column))
    take[here] = drawn
    return column.take(take)


def _numbers(column) -> np.ndarray:
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))


def _rises(numbers: np.ndarray) -> bool:
    steps = np.diff(numbers)
    return bool((steps >= 0).all() and (steps > 0).sum() > 2)


def _rising(column, numbers, stays, here, way, generator):
    """Steps of the column itself, up to three times as large where it is stretched."""
    steps = generator.choice(np.diff(numbers), len(here))
    if way == "stretched":
        steps = steps * generator.integers(2, 4, len(here))
    begin = numbers[stays - 1] if stays else numbers[0]
    return _put(column, here, begin + np.cumsum(steps))


def _beyond(numbers, count, generator, up: bool) -> np.ndarray:
    """Numbers past the ends of the range, most of them past one; what is never negative stays so.

    Past both, as the largest number alone, or the smallest, may be what is read; past one rather
    than the other, as else a median stays where it is.
    """
    numbers = numbers[np.isfinite(numbers)]
    low, high = np.min(numbers), np.max(numbers)
    past = generator.uniform(*_PAST_THE_RANGE, count) * (high - low)
    if low < 0:
        below = low - past
    else:
        below = low * generator.uniform(0.2, 0.8, count) if low > 0 else high + past
    return np.where((np.arange(count) % 3 == 1) == up, below, high + past)


def _put(column, here, numbers):
    """The column with these numbers, as its dtype can hold them."""
    if column.dtype.kind in "iu":
        dtype = getattr(column.dtype, "numpy_dtype", column.dtype)
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        numbers = np.clip(np.rint(numbers), max(least, -(2.0**62)), min(most, 2.0**62))
        numbers = numbers.astype(dtype)
    elif (dtype := getattr(column.dtype, "numpy_dtype", column.dtype)).itemsize < 8:
        largest = float(np.finfo(dtype).max)
        numbers = np.clip(numbers, -largest, largest).astype(dtype)
    other = column.copy()
    other[here] = numbers
    return other
