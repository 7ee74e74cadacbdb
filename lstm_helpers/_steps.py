"""How far apart rows are: gaps where some are missing, and the dates after the last one."""

import warnings

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import Day, Tick

from lstm_helpers._arguments import is_real, shown
from lstm_helpers._order import show_date

_UNITS = (  # in nanoseconds
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
)


class Step:
    """The step from one row to the next: a frequency of pandas, or a number.

    Args:
        freq: such as "h", "MS", a Timedelta, a DateOffset, or 1 for row numbers.
        rows: dates or numbers; None for words.

    Raises:
        TypeError, ValueError: `freq` is none, or does not fit what the rows are.
    """

    def __init__(self, freq, rows: pd.Index | None, name: str = "series"):
        self.freq = freq
        dated = isinstance(rows, pd.DatetimeIndex | pd.TimedeltaIndex | pd.PeriodIndex)
        number = is_real(freq)
        if rows is None or not (dated or pd.api.types.is_numeric_dtype(rows)):
            raise ValueError(
                f"freq is {shown(freq)}, but the index of {name} holds neither dates nor numbers: "
                "make dates the index, or drop freq."
            )
        if dated == number:
            kind, example = ("dated", '"h"') if dated else ("numbered, not dated", "1")
            raise ValueError(
                f"freq is {shown(freq)}, but the rows of {name} are {kind}: "
                f"pass a step such as {example}, or make another column the index."
            )
        self._by = getattr(freq, "item", lambda: freq)() if number else _offset(freq, rows, name)
        if not (self._by if number else getattr(self._by, "n", self._by)) > 0:
            raise ValueError(
                f"freq is {shown(freq)}, but the step has to be above 0: "
                "pass the step from one row to the next."
            )

    def after(self, rows: pd.Index, times: int = 1) -> pd.Index:
        """What comes so many steps after each of the rows."""
        with warnings.catch_warnings():  # some offsets of pandas are slow, and say so
            warnings.simplefilter("ignore")
            if isinstance(rows, pd.PeriodIndex):
                return rows + times * (self._by // rows.freq.n)
            if isinstance(rows, pd.DatetimeIndex) and rows.tz is not None and not _exact(self._by):
                local = rows.tz_localize(None) + times * self._by  # a day is a day, of 23 hours too
                return local.tz_localize(rows.tz, ambiguous=False, nonexistent="shift_forward")
            return rows + times * self._by

    def gaps(self, rows: pd.Index, name: str) -> np.ndarray:
        """The numbers of the rows that come more than a step after the row before them.

        Raises:
            ValueError: a row comes less than a step after the one before it.
        """
        try:
            expected, found = self.after(rows[:-1]), rows[1:]
            _ = found == expected
        except Exception as error:  # beyond the dates and the numbers that pandas can hold
            raise ValueError(
                f"freq is {shown(self.freq)}, which can't be counted from the rows of {name} "
                f"({error}): pass the step from one row to the next."
            ) from error
        if isinstance(found, pd.DatetimeIndex) and found.tz is not None and not _exact(self._by):
            expected, found = expected.tz_localize(None), found.tz_localize(None)
        close = found == expected
        if pd.api.types.is_float_dtype(rows):
            close = np.isclose(found, expected, rtol=0, atol=1e-6 * self._by)
        early = np.flatnonzero(~close & (found < expected))
        if len(early):
            row = int(early[0]) + 1
            raise ValueError(
                f"freq is {shown(self.freq)}, but row {row} of {name} is {show_date(rows[row])} "
                f"and row {row - 1} is {show_date(rows[row - 1])}, which is less than a step: "
                "pass the smaller step."
            )
        return np.flatnonzero(~close) + 1


def does_not_fit(freq, rows: pd.Index, name: str) -> str:
    """What to say where no row comes one step after the row before it."""
    step = regular_step(rows)
    own = f"freq={getattr(step.freq, 'freqstr', step.freq)!r}" if step else "the step they have"
    return (
        f"freq is {shown(freq)}, but no row of {name} comes such a step after the row before it: "
        f"row 1 is {show_date(rows[1])} and row 0 is {show_date(rows[0])}. Pass {own}."
    )


def regular_step(rows: pd.Index | None, name: str = "series") -> Step | None:
    """The step that all rows keep, where they keep one."""
    if rows is None or len(rows) < 2:
        return None
    if isinstance(rows, pd.DatetimeIndex):
        local = rows.tz_localize(None)
        freqs = [rows.freq, rows[1] - rows[0], local[1] - local[0]]
        if len(rows) > 2:
            with warnings.catch_warnings():  # of what it will return one day
                warnings.simplefilter("ignore")
                freqs.insert(1, pd.infer_freq(local))
    elif isinstance(rows, pd.PeriodIndex):
        freqs = [(rows[1].ordinal - rows[0].ordinal) * rows.freq.base]
    else:
        freqs = [rows[1] - rows[0]]
    for freq in freqs:
        try:
            step = Step(freq, rows, name)
            if not len(step.gaps(rows, name)):
                return step
        except (TypeError, ValueError):
            continue
    return None


def describe(each: list[pd.Index | None]) -> str:
    """What the rows of all series show where they are not regular: '1 h apart, 3 longer gaps'."""
    irregular = [rows for rows in each if rows is not None and regular_step(rows) is None]
    found = [_spans(rows) for rows in irregular if len(rows) > 1]
    if not found or len({unit for _, unit in found}) > 1 or found[0][1] is None:
        return ""
    unit = found[0][1]
    spans, counts = np.unique(np.concatenate([numbers for numbers, _ in found]), return_counts=True)
    usual = spans[counts.argmax()]
    if 2 * counts.max() <= counts.sum():
        return f"{_words(spans[0], unit)} to {_words(spans[-1], unit)} apart"
    said = f"{_words(usual, unit)} apart"
    for word, many in (
        ("longer", counts[spans > usual].sum()),
        ("shorter", counts[spans < usual].sum()),
    ):
        said += f", {many} {word} gap{'s' * int(many > 1)}" if many else ""
    return said


def _spans(rows: pd.Index) -> tuple[np.ndarray, str | None]:
    """The steps between rows as numbers, and their unit; None for what can't be subtracted."""
    if isinstance(rows, pd.DatetimeIndex):
        local = rows.tz_localize(None)
        monthly = len(set(local.day)) == 1 or local.is_month_end.all()
        if monthly and (local[1:] - local[:-1]).min() >= pd.Timedelta(days=28):
            rows = local.to_period("M")
    if isinstance(rows, pd.PeriodIndex):
        return np.diff(rows.asi8), rows.freqstr.lstrip("0123456789")
    if isinstance(rows, pd.DatetimeIndex | pd.TimedeltaIndex):
        return (rows[1:] - rows[:-1]).as_unit("ns").asi8, "ns"
    if pd.api.types.is_numeric_dtype(rows):
        return np.diff(rows.to_numpy()), ""
    return np.zeros(0), None


def _words(span, unit: str) -> str:
    if unit != "ns":
        return f"{span:g} {unit}".strip()
    return next(f"{span // size} {name}" for name, size in _UNITS if span % size == 0)


def _offset(freq, rows: pd.Index, name: str):
    """The frequency as pandas counts with it; for periods, how many of theirs."""
    try:
        if isinstance(rows, pd.PeriodIndex):
            offset = pd.PeriodIndex([], freq=freq).freq
            if offset.base != rows.freq.base or offset.n % rows.freq.n:
                raise ValueError(f"its periods are {rows.freqstr}")
            return offset.n
        with warnings.catch_warnings():  # letters of older versions
            warnings.simplefilter("ignore")
            offset = to_offset(freq)
        if offset is None or (isinstance(rows, pd.TimedeltaIndex) and not _exact(offset)):
            raise ValueError("durations need an exact step")
        return offset
    except Exception as error:
        raise ValueError(
            f"freq is {shown(freq)}, which is no step between the rows of {name} ({error}): "
            'pass one of pandas\' frequencies, such as "h", "D" or "MS".'
        ) from None


def _exact(offset) -> bool:
    """An hour is; a day is not, where clocks are set forward and back."""
    return isinstance(offset, Tick) and not isinstance(offset, Day)
