"""The order of rows: whatever holds their dates, they run from old to new, and each comes once."""

import re
import warnings

import numpy as np
import pandas as pd

_HOUR = pd.Timedelta(hours=1)


def check_order(index: pd.Index, name: str) -> pd.Index | None:
    """Refuse dates or row numbers that are missing, repeated or out of order.

    Returns:
        The index as dates or numbers; None for words, which have no order that could be checked.
    """
    if isinstance(index, pd.MultiIndex):
        raise ValueError(_several_levels(index, name))
    rows, code = read_order(index)
    if rows is None:
        return None
    if rows.hasnans:
        row = int(np.argmax(rows.isna()))
        raise ValueError(
            f"{name} has no date in row {row}, but every row needs one: "
            "drop the row, or give it its date."
        )
    if not (rows.is_monotonic_increasing and rows.is_unique):
        raise ValueError(_out_of_order(index, rows, code, name))
    return rows


def show_date(value) -> str:
    """A date without its midnight: '1949-01-01', not '1949-01-01 00:00:00'."""
    return str(value).removesuffix(" 00:00:00")


def read_order(index: pd.Index) -> tuple[pd.Index | None, str]:
    """The index as dates or numbers, and the code that makes them; None for what has no order."""
    code = "table.index"
    if isinstance(index.dtype, pd.ArrowDtype | pd.CategoricalDtype):
        index = pd.Index(index.astype(object).to_numpy()).infer_objects()
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex | pd.IntervalIndex):
        return index, code
    if pd.api.types.is_bool_dtype(index) or pd.api.types.is_complex_dtype(index):
        return None, code
    if pd.api.types.is_numeric_dtype(index):
        return index, code
    filled = index.dropna()
    if any(isinstance(value, str) for value in filled):
        return _read_text(index, filled)
    if len(filled) and isinstance(filled[0], pd.Period):
        return pd.PeriodIndex(index), code
    for how, convert in (("pd.to_datetime", pd.to_datetime), ("pd.to_numeric", pd.to_numeric)):
        try:
            return pd.Index(convert(index)), f"{how}({code})"
        except (TypeError, ValueError, OverflowError):
            continue
    try:  # dates of another calendar, or times of day: what can be compared has an order
        _ = filled[1:] <= filled[:-1]
    except TypeError:
        return None, code
    return index, code


def _read_text(index: pd.Index, filled: pd.Index) -> tuple[pd.Index | None, str]:
    """Text as numbers or dates, day or month first: whichever puts the rows in order."""
    code = "table.index"
    numbers = pd.to_numeric(index, errors="coerce")
    if numbers.isna().sum() == index.isna().sum():
        return pd.Index(numbers), f"pd.to_numeric({code})"
    if not re.search(r"\d.*\d.*\d", str(filled[0])):  # "Mon" is read as a date, but is a word
        return None, code
    read = []
    for how in ({"format": "ISO8601"}, {}, {"dayfirst": True}, {"utc": True}):
        given = "".join(f", {name}={value!r}" for name, value in how.items())
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                dates = pd.DatetimeIndex(pd.to_datetime(index, **how))
            except (TypeError, ValueError, OverflowError):
                continue
        if not how and any("dayfirst" in str(each.message) for each in told):
            continue  # the next reading is the same, and pandas has no doubt about it
        read.append((dates, f"pd.to_datetime({code}{given})"))
    in_order = [each for each in read if each[0].is_monotonic_increasing]
    return next(iter(in_order + read), (None, code))


def _several_levels(index: pd.MultiIndex, name: str) -> str:
    """One level tells the time, the others which series a row belongs to."""
    levels = range(index.nlevels)
    dated = [n for n in levels if isinstance(index.levels[n], pd.DatetimeIndex | pd.PeriodIndex)]
    time = (dated or [index.nlevels - 1])[0]
    others = [n for n in levels if n != time]
    return (
        f"{name} has rows of {index.nlevels} levels, {list(index.names)}, but they need one order "
        "in time: pass a list with one table each, "
        f"[part.droplevel({others}) for _, part in table.groupby(level={others})]."
    )


def _out_of_order(index: pd.Index, rows: pd.Index, code: str, name: str) -> str:
    back = np.flatnonzero(rows[1:] <= rows[:-1]) + 1
    row = int(back[0])
    before, here = show_date(index[row - 1]), show_date(index[row])
    twice = f"{name} has {here} in row {row - 1} and in row {row}, but a time can come only once: "
    wrong = f"{name} is out of order: row {row} is {here}, but row {row - 1} is {before}"
    if _is_double_hour(rows, back):
        return (
            f"{twice if here == before else wrong + '. '}"
            f"{'i' if here == before else 'I'}t is the hour that comes twice when clocks go back. "
            "Name the zone that the dates are from, such as "
            f'table.set_axis({code}.tz_localize("Europe/Berlin", ambiguous="infer")).'
        )
    if _are_glued(rows, back):
        return (
            f"{wrong}, and begins anew. If tables were glued together there, pass a list of them, "
            "[part for _, part in table.groupby("
            f"np.cumsum(np.r_[False, {code}[1:] <= {code}[:-1]]))]."
        )
    if here == before:
        return f"{twice}if the table holds several series, pass a list with one table each."
    sort = "table" if code == "table.index" else f"table.set_axis({code})"
    return f"{wrong}. Rows need to run from old to new: try {sort}.sort_index()."


def _is_double_hour(rows: pd.Index, back: np.ndarray) -> bool:
    """Without their zone, dates step back by an hour once a year, in an otherwise regular table."""
    if not isinstance(rows, pd.DatetimeIndex) or rows.tz is not None or len(rows) < 3:
        return False
    steps = pd.Series(rows[1:] - rows[:-1])
    usual = steps.mode()[0]
    years = 1 + (rows[-1] - rows[0]) / pd.Timedelta(days=180)
    return bool((usual - steps.iloc[back - 1] == _HOUR).all()) and len(back) <= years


def _are_glued(rows: pd.Index, back: np.ndarray) -> bool:
    """Every stretch has some rows, and begins before the middle of the one before it."""
    starts = [0, *back.tolist()]
    lengths = np.diff([*starts, len(rows)])
    middles = rows[[(start + stop) // 2 for start, stop in zip(starts, back, strict=False)]]
    return min(lengths) >= 3 and bool((rows[back] <= middles).all())
