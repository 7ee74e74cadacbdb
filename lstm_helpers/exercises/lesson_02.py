"""Exercises of lesson 02: a table's shape, columns known ahead, an honest preparation."""

import numpy as np
import pandas as pd
import torch

from lstm_helpers.exercises._answers import as_names, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    check_shape,
    first_wrong,
    no_result,
    right,
    same,
    wrong,
)
from lstm_helpers.windowing import Windows


def shape_of_a_batch(answer) -> Verdict:
    """x of 32 windows of 48 hours, all 6 columns in, 2 columns for 24 hours out."""
    return check_shape(
        answer,
        (32, 48, 6),
        "batch=32, seq=48, feature=6. The two columns and the 24 hours are those of y.",
        {
            (32, 48, 2): "(32, 48, 2) has the predicted columns only. All 6 go in: that two of "
            "them are predicted is a matter of y.",
            (32, 24, 2): "(32, 24, 2) is y: batch, horizon, target.",
            (32, 24, 6): "(32, 24, 6) has the horizon where the steps of the window belong.",
            (32, 72, 6): "(32, 72, 6) has the 24 hours of the horizon as well. They belong to y.",
            (
                32,
                48,
                4,
            ): "(32, 48, 4) leaves out the predicted columns. Their past goes in as well.",
            (32, 6, 48): "(32, 6, 48) makes 6 steps of 48 features. Time is seq, columns are "
            "feature.",
            (48, 32, 6): "(48, 32, 6) puts time first. With batch_first=True the batch is first.",
            (32, 48): "(32, 48) has no feature axis.",
            (32, 288): "(32, 288) puts steps and columns into one axis, 48 * 6 = 288: that is a "
            "row for ridge regression.",
            (32, 1, 288): "(32, 1, 288) makes features of the lags: the LSTM would read each "
            "window in one step.",
            (32, 48, 8760): "(32, 48, 8760) has the number of rows as input_size. It is the number "
            "of columns.",
            (8760, 48, 6): "(8760, 48, 6) has a window for every row. A batch holds 32 of them.",
            (8689, 48, 6): "(8689, 48, 6) is x of all windows: 8760 - 48 - 24 + 1. A batch holds "
            "32 of them.",
            (1, 1536, 6): "(1, 1536, 6) is one window of 32 * 48 hours.",
        },
    )


_AHEAD = {"weekday", "school_holiday", "price"}
_NOT_AHEAD = {
    "temperature": "temperature was measured on the day itself. On the evening before only a "
    "forecast of it exists, and the table has none.",
    "visitors": "visitors are counted when the day is over.",
    "sales": "sales are what is to be predicted.",
}


def known_ahead(answer) -> Verdict:
    """Which columns an ice cream shop knows on the evening before."""
    names = as_names(answer)
    if names is None:
        return wrong(f"A list of column names is needed; this is {show(answer)}.")
    if unknown := sorted(names - _AHEAD - set(_NOT_AHEAD)):
        return wrong(f"There is no column {unknown[0]!r}.")
    for name, why in _NOT_AHEAD.items():
        if name in names:
            return wrong(f"Not all of these: {why}")
    if missing := sorted(_AHEAD - names):
        hints = {"price": "it stands for weeks", "school_holiday": "it is in the calendar"}
        hint = hints.get(missing[0], "nothing is surer")
        return wrong(f"{missing[0]} could have been written down as well: {hint}.")
    return right("All three can be written down on the evening before.")


def honest_preparation(answer) -> Verdict:
    """A function table -> (train, test): windows of 6, the last 20 rows are the test targets."""
    return first_wrong(answer, _prepared, [2, 3])


def _prepared(function, columns: int) -> Verdict:
    table = _table(columns)
    result = call(function, table.copy())
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
    if torch.allclose(train.x, Windows(table, 6, dtype=train.x.dtype).x[: len(train)]):
        return wrong("Nothing has been scaled.")
    poisoned = table.copy()
    poisoned.iloc[-20:] *= 1000
    again = call(function, poisoned)
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


CHECKS = {"02.1": shape_of_a_batch, "02.2": known_ahead, "02.3": honest_preparation}
