"""Forecasts that need no training, and a measure that sets others beside them."""

import numpy as np

from lstm_helpers._arguments import as_array, at_least
from lstm_helpers._typing import Tensor


def last_value(x, horizon: int = 1):
    """The naive forecast: the last step of each window, again and again.

    Args:
        x: windows (batch, seq, feature), or one history (seq, feature) or (seq,).
        horizon: steps to forecast.

    Returns:
        (batch, horizon, feature), or (horizon, feature) or (horizon,);
        a tensor for a tensor, else an array.

    Raises:
        ValueError: the window is empty.

    >>> last_value(np.array([112, 118, 132]), horizon=2)
    array([132, 132])
    """
    return seasonal_naive(x, 1, horizon)


def seasonal_naive(x, season: int, horizon: int = 1):
    """The seasonal naive forecast: for each step, the value of one season before it.

    Beyond one season ahead it repeats the last season that is known.

    Args:
        x: windows (batch, seq, feature), or one history (seq, feature) or (seq,).
        season: steps in a season, such as 12 for months.
        horizon: steps to forecast.

    Returns:
        (batch, horizon, feature), or (horizon, feature) or (horizon,);
        a tensor for a tensor, else an array.

    Raises:
        ValueError: the window is shorter than a season.

    Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, section 5.2.

    >>> seasonal_naive(np.array([1, 2, 3, 11, 12, 13]), season=3, horizon=4)
    array([11, 12, 13, 11])
    """
    season, horizon = at_least(1, season=season), at_least(1, horizon=horizon)
    x = x if isinstance(x, Tensor) else np.asarray(x)
    axis = max(x.ndim - 2, 0)
    if x.shape[axis] < season:
        raise ValueError(
            f"x is {tuple(x.shape)} with {x.shape[axis]} steps, but a whole season of {season} "
            "is needed: use longer windows, or a shorter season."
        )
    steps = [x.shape[axis] - season + h % season for h in range(horizon)]
    return x[(slice(None),) * axis + (steps,)]


def mase(y, yhat, history, season: int = 1) -> float:
    """Mean absolute scaled error: 1 means as good as the naive forecast was on the history.

    The error of the forecast divided by that of the (seasonal) naive forecast, one step ahead,
    over the history. The season is 1 for "same as the last step", 12 for "same month last year".

    Args:
        y: what happened, any shape.
        yhat: what was predicted, the same shape, in the same units.
        history: the values before it, (time,), one variable.
        season: steps in a season.

    Raises:
        ValueError: the shapes differ, the history is no longer than a season, or it never changes.

    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.

    >>> mase(y=[[4.0]], yhat=[[5.0]], history=[1.0, 3.0, 5.0])
    0.5
    """
    y, yhat, history = as_array(y), as_array(yhat), as_array(history).squeeze()
    if y.shape != yhat.shape:
        raise ValueError(
            f"y is {y.shape} but yhat is {yhat.shape}: both need the same shape, "
            "since each value is compared with its own prediction."
        )
    if history.ndim != 1 or len(history) <= at_least(1, season=season):
        raise ValueError(
            f"history is {history.shape}, but one variable with more than season={season} steps "
            "is needed: pass one column of the training part."
        )
    naive_error = np.abs(history[season:] - history[:-season]).mean()
    if naive_error == 0:
        raise ValueError(
            "history repeats itself exactly, so the naive forecast has no error to divide by: "
            "use the mean absolute error instead."
        )
    return float(np.abs(y - yhat).mean() / naive_error)
