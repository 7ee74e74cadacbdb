"""Forecasts keep their dates: the newest window, and predictions as a table."""

import warnings

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import check_dense, true_or_false
from lstm_helpers._order import check_order, read_order, show_date
from lstm_helpers._steps import Step, regular_step
from lstm_helpers._tables import read_table
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers


def newest(windows, future) -> Tensor:
    """See `Windows.newest`."""
    ends = windows._begins[1:]
    for _, order in windows._rows:
        last = order[-windows.seq_len :] if order is not None else None
        if windows.freq is not None and len(gaps := Step(windows.freq, order).gaps(last, "series")):
            raise ValueError(
                f"the last {windows.seq_len} rows have a gap before {show_date(last[gaps[-1]])}, "
                "but the newest window needs rows without one: shorten seq_len, or fill the gap."
            )
    x = windows._values.new_empty(len(ends), windows.seq_len, len(windows.columns))
    for number, end in enumerate(ends):
        x[number] = windows._values[end - windows.seq_len : end]
    if not windows.known:
        if future is not None:
            raise ValueError(
                "future was passed, but no column is known ahead: name them in "
                "Windows(..., known=), or drop future."
            )
        return x
    if windows._several and not isinstance(future, list | tuple | None):
        raise TypeError(
            f"future is a {type(future).__name__}, but the windows are of {len(ends)} series: "
            "pass a list with one table for each."
        )
    futures = future if windows._several else [future]
    if future is None or len(futures) != len(ends):
        came = "none was passed" if future is None else f"{len(futures)} were passed"
        raise ValueError(
            f"columns {list(windows.known)} are known ahead, so the newest window needs their "
            f"values after each of {len(ends)} series, but {came}: "
            "pass future=, a table from the next row on, or a list of them for a list of series."
        )
    for number, table in enumerate(futures):
        name = f"future[{number}]" if windows._several else "future"
        x[number, -1, windows.known.at] = _next_row(windows, number, table, name).to(x)
    return x


def _next_row(windows, number: int, future, name: str) -> Tensor:
    """The known columns in the row after series `number`."""
    known = list(windows.known)
    if isinstance(future, pd.Series):
        future = future.to_frame()
    if isinstance(future, pd.DataFrame):
        missing = [column for column in known if column not in future.columns]
        if missing or not len(future):
            raise ValueError(
                f"{name} has {len(future)} rows and the columns {list(future.columns)}, but a row "
                f"with {known} is needed: pass the known columns from the next row on."
            )
        rows, (index, order) = check_order(future.index, name), windows._rows[number]
        if order is not None and isinstance(index[-1], str):  # day or month first: as in the table
            together, _ = read_order(index.append(future.index))
            rows = None if together is None else together[len(index) :]
        _check_zone(order, rows, name)
        if rows is not None and order is not None and type(rows) is type(order):
            step, numbered = _step(windows, order), isinstance(order, pd.RangeIndex)
            if not numbered and not _follows(step, order[-1], rows[0]):
                raise ValueError(
                    f"{name} begins at {show_date(rows[0])}, but the table ends at "
                    f"{show_date(order[-1])}: pass the rows after it, from the next one on."
                )
        return read_table(future[known].iloc[:1], windows._values.dtype, name).values[0]
    check_dense(future, name)
    numbered = isinstance(future, np.ndarray | Tensor) and future.ndim in (1, 2)
    first = future[:1] if numbered else future  # the others are not read
    values = read_table(first, windows._values.dtype, name).values
    at = {len(known): slice(None), len(windows.columns): windows.known.at}.get(values.shape[1])
    if at is None or not len(values):
        raise ValueError(
            f"{name} is {(len(future), values.shape[1])}, but (time, feature) with {len(known)} "
            f"features is needed, those that are known ahead: {known}."
        )
    return values[0, at]


def _check_zone(order, rows, name: str) -> None:
    """Refuse dates with a zone beside dates without one: which is later can't be said."""
    if not isinstance(rows, pd.DatetimeIndex) or not isinstance(order, pd.DatetimeIndex):
        return
    if (rows.tz is None) != (order.tz is None):
        own, zone = ("no zone", str(order.tz)) if rows.tz is None else (f"zone {rows.tz}", None)
        raise ValueError(
            f"{name} has dates with {own}, those of the table with {zone or 'no zone'}: "
            f"use {name}.tz_localize({zone!r})."
        )


def _follows(step: Step | None, last, first) -> bool:
    """Whether this is the next row; where no step is known, whether it comes later at all."""
    if step is None:
        return first > last
    try:
        return not len(step.gaps(pd.Index([last, first]), "future"))
    except ValueError:
        return False


def to_frame(windows, yhat, newest: bool) -> pd.DataFrame:
    """See `Windows.to_frame`."""
    values, newest = numbers(yhat=yhat), true_or_false(newest=newest)
    count, what = (len(windows._rows), "series") if newest else (len(windows), "window")
    steps, targets = windows._y_steps, len(windows.target)
    if values.shape != (count, steps, targets):
        axis = "seq" if windows.shifted else "horizon"
        other = "" if newest else ", or newest=True for the prediction of newest()"
        raise ValueError(
            f"yhat is {values.shape}, but ({what}={count}, {axis}={steps}, target={targets}) is "
            f"needed, one row for each {what}: pass what predict returns{other}."
        )
    check_names(windows.target, windows._several)
    if newest:
        begins, series = np.array(windows._begins[1:]) - windows.seq_len, np.arange(count)
    else:
        number = torch.arange(count)
        begins = windows._starts.rows(number).numpy()
        series = windows._starts.series(number).numpy()
    due = begins[:, None] + windows._offset + np.arange(steps)
    if windows.shifted:
        seen, ahead = begins[:, None] + np.arange(steps), np.full(steps, windows.gap + 1)
    else:
        seen = np.repeat(begins[:, None] + windows.seq_len - 1, steps, axis=1)
        ahead = windows.gap + 1 + np.arange(steps)
    labels = _labels(windows, windows.gap + windows.horizon if newest else 0)
    # each series' rows, and after them those that lie after the table
    more = (windows.gap + windows.horizon) * series[:, None] if newest else 0
    return layout(
        labels[(seen + more).ravel()],
        np.tile(ahead, count),
        np.repeat(series, steps) if windows._several else None,
        labels[(due + more).ravel()],
        pd.DataFrame(values.reshape(-1, targets), columns=list(windows.target)),
    )


def check_names(targets: list, several: bool) -> None:
    """Refuse a target that is called like a column that the layout puts beside it."""
    names = ["cutoff", "ahead", *["series"] * several]
    if taken := [name for name in targets if name in names]:
        raise ValueError(f"a target is called {taken[0]!r}, as a column of the result: rename it.")


def layout(cutoff, ahead, series, due: pd.Index, values: pd.DataFrame) -> pd.DataFrame:
    """Predictions as a table: what is predicted behind the row that it is counted from.

    Args:
        cutoff: for each row the date of the last row that was known.
        ahead: how many rows later it is due.
        series: the number of its series; None for a single one.
        due: the dates of the targets.
        values: the targets, in the same order; their index is not read.
    """
    table = {"cutoff": cutoff, "ahead": ahead} | ({} if series is None else {"series": series})
    return pd.concat([pd.DataFrame(table, index=due), values.set_axis(due)], axis=1)


def _labels(windows, more: int) -> pd.Index:
    """The index of all series one after the other, each with `more` dates after its table."""
    parts = []
    for index, order in windows._rows:
        parts.append(index)
        if more:
            step = _step(windows, order)
            if step is None:
                raise ValueError(
                    "the index is not regular, so the dates after the table are not known: "
                    "pass Windows(..., freq=), the step from one row to the next."
                )
            dates = [step.after(order[-1:], n + 1)[0] for n in range(more)]
            parts.append(_like(index, order, dates))
    return parts[0].append(parts[1:])


def _step(windows, order) -> Step | None:
    if windows.freq is not None:
        return Step(windows.freq, order)
    return regular_step(order)


def _like(index: pd.Index, order: pd.Index, dates: list) -> pd.Index:
    """Dates in the index's own kind: text, or dates without a time, where it holds these."""
    last = index[-1]
    if isinstance(last, str) and isinstance(dates[0], pd.Timestamp):
        for dayfirst in (False, True):
            with warnings.catch_warnings():  # of the day that comes first
                warnings.simplefilter("ignore")
                form = pd.tseries.api.guess_datetime_format(last, dayfirst=dayfirst)
            if form and (order.strftime(form) == index).all():
                return pd.Index([date.strftime(form) for date in dates])
    elif index.dtype == object and isinstance(dates[0], pd.Timestamp):
        timed = hasattr(last, "hour")
        return pd.Index([d.to_pydatetime() if timed else d.date() for d in dates], dtype=object)
    return pd.Index(dates)
