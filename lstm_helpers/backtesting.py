"""Forecasts from many points in the past, each made as if nothing after it had happened yet."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from torch import nn

from lstm_helpers._arguments import a_function, at_least, shown
from lstm_helpers._forecast_rows import layout
from lstm_helpers._order import show_date
from lstm_helpers._origins import Series, all_series, rows_of
from lstm_helpers._progress import progress
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers

_FORECAST = "(history, horizon, future) -> yhat"


def backtest(table, forecast: Callable, *, origins, horizon: int, known=()) -> pd.DataFrame:
    """Forecast from several points in the past, as it would have been done there.

    At each origin `forecast` gets the rows up to it and nothing after them: what it fits, scales
    or chooses, it does inside, anew for each origin. It gets copies, in the kind of `table`, and
    is called in order of time.

    Args:
        table: a DataFrame, Series, array or tensor (time, feature), or a list of them.
        forecast: (history, horizon, future) -> yhat. `history` is the table up to the origin.
            `future` holds the known columns of the `horizon` rows after it, and None without any.
            yhat is (horizon, target), (horizon,) for one target, (1, horizon, target) as `predict`
            returns it, or what `Windows.to_frame` makes of this; a DataFrame or a Series names its
            targets, anything else has all columns that are not known. For a list of tables
            `history` and `future` are lists, and so is yhat, or (series, horizon, target).
        origins: the last known rows, each a date or a row number, counted from the end where it is
            negative. Whole numbers are always row numbers. A date cuts all tables of a list at the
            same time, a row number each at its own row.
        horizon: rows to forecast after each origin; the table has to have them.
        known: columns that are known ahead, by name or position.

    Returns:
        The layout of `Windows.to_frame`, in the units of yhat. The index is the date of the target.
        Columns: `cutoff`, the date of the origin; `ahead`, the rows from there (1 is the next row);
        for a list `series`, counted from 0; then the targets.

    Raises:
        TypeError: `table` is no table, `forecast` no function, or returns no numbers; `horizon` or
            a row number is no whole number.
        ValueError: an origin is no row of the table, or leaves fewer than `horizon` rows; dates
            are out of order; a column is unknown; yhat has another shape, is for other dates, names
            other columns, or has NaN.

    Source: Tashman, "Out-of-sample tests of forecasting accuracy: an analysis and review", 2000.

    >>> from lstm_helpers import load_flights, seasonal_naive
    >>> def last_year(history, horizon, future):
    ...     return seasonal_naive(history, 12, horizon)
    >>> backtest(load_flights(), last_year, origins=["1958-12", "1959-12"], horizon=2)
                   cutoff  ahead  passengers
    month
    1959-01-01 1958-12-01      1         340
    1959-02-01 1958-12-01      2         318
    1960-01-01 1959-12-01      1         360
    1960-02-01 1959-12-01      2         342
    """
    horizon, forecast = at_least(1, horizon=horizon), _a_forecast(forecast)
    several = isinstance(table, list | tuple)
    series = all_series(table, known, several)
    rows = rows_of(origins, series, horizon)
    parts = []
    with progress("backtest", "origins", len(rows)) as step:
        for at in rows:
            each = _ask(forecast, series, at, horizon, several)
            for number, (one, row, yhat) in enumerate(zip(series, at, each, strict=True)):
                values = _read(yhat, one, row, horizon, several)
                first = list(parts[0].columns[2 + several :]) if parts else list(values.columns)
                if list(values.columns) != first:
                    raise ValueError(
                        f"{_said(one, row, several)} has the columns {list(values.columns)}, but "
                        f"the first one had {first}: return the same ones every time."
                    )
                due, cutoff = one.due(row, horizon), one.index[np.full(horizon, row)]
                ahead = 1 + np.arange(horizon)
                parts.append(layout(cutoff, ahead, number if several else None, due, values))
            step()
    return pd.concat(parts)


def _a_forecast(forecast) -> Callable:
    if isinstance(forecast, nn.Module):
        raise TypeError(
            f"forecast is a model, {type(forecast).__name__}, but a function {_FORECAST} is "
            "needed: write one that fits a model to history and asks it."
        )
    return a_function(_FORECAST, forecast=forecast)


def _ask(forecast: Callable, series: list[Series], at: tuple, horizon: int, several: bool) -> list:
    """What is forecast from these rows, one part for each series."""
    given = [one.cut(row, horizon) for one, row in zip(series, at, strict=True)]
    histories, futures = (list(part) for part in zip(*given, strict=True))
    history, future = (histories, futures) if several else (histories[0], futures[0])
    origin = show_date(series[0].index[at[0]])
    try:
        yhat = forecast(history, horizon, future if series[0].known else None)
    except Exception as error:
        error.add_note(f"backtest: raised by forecast for the origin {origin}.")
        raise
    return _of_each(yhat, len(series), origin) if several else [yhat]


def _said(one: Series, row: int, several: bool) -> str:
    return f"the forecast from {show_date(one.index[row])}" + f" for {one.name}" * several


def _of_each(yhat, count: int, origin: str) -> list:
    """What was returned for a list of tables, one part for each."""
    if isinstance(yhat, pd.DataFrame) and "series" in yhat.columns:
        return [yhat[yhat["series"] == number] for number in range(count)]
    parts = yhat if isinstance(yhat, list | tuple) else None
    if isinstance(yhat, np.ndarray | Tensor) and yhat.ndim == 3:
        parts = list(yhat)
    if parts is None or len(parts) != count:
        raise ValueError(
            f"the forecast from {origin} is {shown(yhat)}, but one for each of {count} tables is "
            "needed: return a list of them, in the same order."
        )
    return list(parts)


def _read(yhat, one: Series, row: int, horizon: int, several: bool) -> pd.DataFrame:
    """A forecast as a table (horizon, target), whose columns are named."""
    said, target = _said(one, row, several), one.target
    if isinstance(yhat, pd.DataFrame | pd.Series):
        _check_dates(yhat.index, one, row, horizon, said)
    if isinstance(yhat, pd.Series):
        target = [name for name in target if name == yhat.name] or target
    elif isinstance(yhat, pd.DataFrame):
        beside = ["cutoff", "ahead", *["series"] * several]
        yhat = yhat[[name for name in yhat.columns if name not in beside]]
        wrong = [name for name in yhat.columns if name not in target]
        if wrong or not len(yhat.columns) or not yhat.columns.is_unique:
            raise ValueError(
                f"{said} has the columns {list(yhat.columns)}, but {target} can be forecast: "
                "return a DataFrame with some of these, each once, or an array."
            )
        target = list(yhat.columns)
    values = numbers(**{said: yhat})
    values = values[0] if values.ndim == 3 and len(values) == 1 else values
    values = values[:, None] if values.ndim == 1 else values
    if values.shape != (horizon, len(target)):
        raise ValueError(
            f"{said} is {values.shape}, but (horizon={horizon}, target={len(target)}) is needed, "
            f"of the targets {target}: return a row for each step, and a DataFrame or a Series "
            "that names its columns where only some are forecast."
        )
    if not np.isfinite(values).all():
        bad = (~np.isfinite(values)).sum()
        raise ValueError(
            f"{said} has NaN or infinity in {bad} of {values.size} places, which an error measure "
            "may skip in silence: forecast a number for each step."
        )
    return pd.DataFrame(values, columns=target)


def _check_dates(given: pd.Index, one: Series, row: int, horizon: int, said: str) -> None:
    """Refuse a forecast for other dates; row numbers say nothing where the table has dates."""
    due = one.due(row, horizon)
    numbered = pd.api.types.is_numeric_dtype(given)
    counted = numbered and (
        not pd.api.types.is_numeric_dtype(due) or given.equals(pd.RangeIndex(len(given)))
    )
    if counted or len(given) != horizon or given.equals(due):  # the length is refused later
        return
    raise ValueError(
        f"{said} is for {show_date(given[0])} to {show_date(given[-1])}, but the {horizon} rows "
        f"after it are {show_date(due[0])} to {show_date(due[-1])}: forecast these, or return an "
        "array, without dates."
    )
