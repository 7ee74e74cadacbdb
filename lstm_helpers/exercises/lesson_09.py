"""Exercises of lesson 09: rows ahead, a mean of earlier rows, a preparation to repair."""

import numpy as np
import pandas as pd
import torch

from lstm_helpers.exercises._answers import as_number, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    first_wrong,
    no_result,
    right,
    same,
    wrong,
)
from lstm_helpers.windowing import Windows


def rows_ahead(answer) -> Verdict:
    """Of a centred mean of 9 rows."""
    number = as_number(answer)
    if number is None:
        return wrong(f"A whole number is needed, such as 3; this is {show(answer)}.")
    if number == 4:
        return right("The row itself, four before it, and four after it.")
    diagnoses = {
        9: "9 is the whole window, those before the row among them.",
        8: "8 are the others of the nine, on both sides. Half of them lie ahead.",
        5: "5 counts the row itself as ahead. It has happened.",
        0: "0 is right without center=True: then all nine end with the row.",
        -4: "-4 are the rows back. As many lie ahead: say how many, without a sign.",
    }
    needed = "The row stands in the middle of nine: how many come after it?"
    return wrong(diagnoses.get(number, f"{show(number)} is not the number. {needed}"))


def usual_delay(answer) -> Verdict:
    """A function table -> for each row the mean dep_delay of earlier rows of the same hour."""
    return first_wrong(answer, _usual, [(4, 3), (5, 2)])


def _usual(function, case) -> Verdict:
    days, hours = case
    table = _hours(days, hours)
    result = call(function, table)
    if problem := no_result(result):
        return problem
    values = _numbers(result)
    if values is None or isinstance(result, pd.DataFrame):
        return wrong(f"A Series of {len(table)} numbers is needed; this is {show(result)}.")
    if len(values) != len(table):
        return wrong(
            f"This is {show(result)}, with {len(values)} numbers for {len(table)} rows: each row "
            "needs its own."
        )
    by_hour = table["dep_delay"].groupby(table.index.hour)
    needed = by_hour.transform(lambda delay: delay.expanding().mean().shift())
    if isinstance(result, pd.Series) and not result.index.equals(table.index):
        return wrong("The rows are in another order than the table's: transform keeps the order.")
    if _agree(values, needed):
        return right("Earlier rows alone, of the same hour. The first of each hour has none.")
    delay, so_far = table["dep_delay"], by_hour.transform(lambda d: d.expanding().mean())
    diagnoses = [
        (by_hour.transform("mean"), "the mean of all rows of the hour, later ones among them."),
        (so_far, "up to the row and with it. Only earlier rows are asked for: shift by one."),
        (
            so_far.shift(),
            "moved by a row of the table, which is another hour: shift inside each group.",
        ),
        (delay.expanding().mean().shift(), "the mean of all earlier rows, whatever the hour."),
        (by_hour.shift(), "the delay of the day before alone. The mean of all days before it is."),
        (needed.fillna(0), "0 where no earlier row is. Nothing is known there: leave NaN."),
        (
            by_hour.transform(lambda d: d[::-1].expanding().mean().shift()[::-1]),
            "the mean of the later rows.",
        ),
    ]
    for other, diagnosis in diagnoses:
        if _agree(values, other):
            return wrong(f"This is {diagnosis}")
    changed = table.copy()
    changed.iloc[-1, 0] += 1000
    again = _numbers(call(function, changed))
    if again is not None and len(again) == len(values) and not _agree(again[:-1], values[:-1]):
        return wrong("Other values in the last row change the rows before it: they read it.")
    return wrong(
        f"Row {_first_other(values, needed)} should hold "
        f"{needed.iloc[_first_other(values, needed)]:.2f}, the mean of the earlier rows of its "
        "hour."
    )


def _agree(values, needed) -> bool:
    return np.allclose(values, np.asarray(needed, dtype=float), equal_nan=True)


def _first_other(values, needed) -> int:
    """The first row that should have a number and has another one."""
    needed = needed.to_numpy()
    other = ~np.isclose(values, needed) & ~np.isnan(needed)
    return (
        int(np.flatnonzero(other)[0]) if other.any() else int(np.flatnonzero(~np.isnan(needed))[0])
    )


def _numbers(result) -> np.ndarray | None:
    """The numbers of a Series, an array or a list, in one row; None for anything else."""
    try:
        values = np.asarray(result, dtype=float)
    except Exception:  # whatever the reader returned
        return None
    return values.ravel() if values.ndim == 1 else None


def _hours(days: int, hours: int) -> pd.DataFrame:
    """Some hours of some days; every delay differs from every other."""
    dates = pd.date_range("2013-01-01", periods=days, freq="D")
    index = pd.DatetimeIndex([d + pd.Timedelta(hours=6 + h) for d in dates for h in range(hours)])
    steps = np.random.default_rng(days).normal(10, 4, len(index))
    return pd.DataFrame({"dep_delay": steps.cumsum()}, index)


def honest_preparation(answer) -> Verdict:
    """A function table -> (train, test): windows of 6, the last 20 rows are the test targets."""
    return first_wrong(answer, _prepared, [2, 3])


def _prepared(function, columns: int) -> Verdict:
    table = _table(columns)
    result = call(function, table)
    if problem := no_result(result):
        return problem
    if not _are_windows(result):
        kinds = [type(w).__name__ for w in result] if isinstance(result, tuple | list) else []
        got = f"a {type(result).__name__} of {', '.join(kinds)}" if kinds else show(result)
        return wrong(f"Two Windows are needed, train and test; this is {got}.")
    train, test = result
    if not isinstance(train.dates(0)[0], pd.DatetimeIndex):
        return wrong(
            "The dates are gone: the scaler returned an array. "
            'Keep the table with set_output(transform="pandas").'
        )
    for windows in result:
        if windows.x.shape[1:] != (6, columns) or windows.y.shape[1:] != (1, columns):
            return wrong(f"Windows of 6 steps, and all {columns} columns predicted: {windows}.")
    last = table.index[-20:]
    seen = {date for i in range(len(train)) for dates in train.dates(i) for date in dates}
    if reached := sorted(seen & set(last)):
        return wrong(
            f"The training windows reach into the last 20 rows, as far as {reached[-1].date()}."
        )
    targets = [test.dates(i)[1][0] for i in range(len(test))]
    if targets != list(last):
        return wrong(_about_targets(targets, last))
    if len(train) < len(table) - 20 - 6:
        return wrong(f"Only {len(train)} training windows: {len(table) - 26} fit before the test.")
    return _scaled(function, table, train, test)


def _scaled(function, table, train, test) -> Verdict:
    if torch.allclose(train.x, Windows(table, 6, dtype=train.x.dtype).x[: len(train)]):
        return wrong("Nothing has been scaled.")
    other = table.copy()
    other.iloc[-20:] *= 1000
    again = call(function, other)
    if not _are_windows(again) or not torch.equal(again[0].x, train.x):
        return wrong(
            "The training windows change when only the last 20 rows of the table change: "
            "the scaler has seen them. Fit it on the rows before."
        )
    if not same(test.x[0], torch.cat([train.x[-1, 1:], train.y[-1]])):
        return wrong(
            "The same rows have other numbers in train and in test: each part has a scaler of its "
            "own. One scaler, fitted on the training part, is for both."
        )
    return right("The last 20 rows are each predicted once, and training has not seen them.")


def _about_targets(targets: list, last) -> str:
    if targets and set(targets) - set(last):
        return (
            f"The test windows predict {min(targets).date()} already, which is not among the last "
            "20 rows."
        )
    return (
        f"{len(set(targets))} of the last 20 rows are predicted. The first of them need the rows "
        "before the cut as input: context=6."
    )


def _table(columns: int) -> pd.DataFrame:
    """A series whose last rows lie higher: a scaler that saw them differs from one that did not."""
    steps = np.random.default_rng(columns).normal(0.1, 1, (80, columns))
    names = [f"column {i}" for i in range(columns)]
    dates = pd.date_range("2013-01-01", periods=80)
    return pd.DataFrame(steps.cumsum(axis=0), dates, names)


def _are_windows(result) -> bool:
    pair = isinstance(result, tuple | list) and len(result) == 2
    return pair and all(isinstance(w, Windows) and torch.is_tensor(w.x) for w in result)


CHECKS = {"09.1": rows_ahead, "09.2": usual_delay, "09.3": honest_preparation}
