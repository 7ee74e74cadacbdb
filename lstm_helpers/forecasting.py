"""Forecasts that need no training, and a measure that sets others beside them."""

import numpy as np
import torch

from lstm_helpers._arguments import at_least, check_room
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers
from lstm_helpers.windowing import Windows


def last_value(x, horizon: int | None = None):
    """The naive forecast: the last step of each window, again and again.

    Args:
        x: a `Windows`, whose horizon, gap and targets it keeps; windows (batch, seq, feature);
            or one history (seq, feature) or (seq,).
        horizon: steps to forecast, 1 by default; not for a `Windows`.

    Returns:
        (batch, horizon, feature), or (horizon, feature) or (horizon,);
        a tensor for a tensor, else an array. For a `Windows` a tensor, shaped like its y.

    Raises:
        TypeError: x holds no numbers, or `horizon` is no whole number.
        ValueError: the window is empty, or `horizon` is below 1 or not that of the windows.

    >>> last_value(np.array([112, 118, 132]), horizon=2)
    array([132, 132])
    """
    return seasonal_naive(x, 1, horizon)


def seasonal_naive(x, season: int, horizon: int | None = None):
    """The seasonal naive forecast: for each step, the value of one season before it.

    Beyond one season ahead it repeats the last season that is known.

    Args:
        x: a `Windows`, whose horizon, gap and targets it keeps; windows (batch, seq, feature);
            or one history (seq, feature) or (seq,).
        season: steps in a season, such as 12 for months.
        horizon: steps to forecast, 1 by default; not for a `Windows`.

    Returns:
        (batch, horizon, feature), or (horizon, feature) or (horizon,);
        a tensor for a tensor, else an array. For a `Windows` a tensor, shaped like its y.

    Raises:
        TypeError: x holds no numbers, or a size is no whole number.
        ValueError: the window is shorter than a season; a size is below 1; `horizon` is not that of
            the windows, or too large for the memory; or targets are shifted, and the first steps
            of a window have no season before them.

    Source: Hyndman and Athanasopoulos, *Forecasting: Principles and Practice*, section 5.2.

    >>> seasonal_naive(np.array([1, 2, 3, 11, 12, 13]), season=3, horizon=4)
    array([11, 12, 13, 11])
    """
    season = at_least(1, season=season)
    if isinstance(x, Windows):
        return _of_windows(x, season, horizon)
    horizon = 1 if horizon is None else at_least(1, horizon=horizon)
    x = x.to_dense() if isinstance(x, Tensor) else numbers(x=x)
    return _repeat(x, max(x.ndim - 2, 0), season, 0, horizon)


def _repeat(x, axis: int, season: int, gap: int, horizon: int):
    """The last season again and again: the steps that come so many after the end of x."""
    if not x.ndim:
        raise ValueError(
            "x is one number without an axis, but a history (seq,) is needed: use x[None]."
        )
    if x.shape[axis] < season:
        raise ValueError(
            f"x is {tuple(x.shape)} with {x.shape[axis]} steps, but a whole season of {season} "
            "is needed: use longer windows, or a shorter season."
        )
    others = x.numel() if isinstance(x, Tensor) else x.size
    check_room(horizon * max(others // x.shape[axis], 1), f"horizon={horizon} for {tuple(x.shape)}")
    steps = x.shape[axis] - season + np.arange(gap, gap + horizon) % season
    return x[(slice(None),) * axis + (steps,)]


def _of_windows(windows: Windows, season: int, horizon: int | None) -> Tensor:
    if horizon is not None and at_least(1, horizon=horizon) != windows.horizon:
        raise ValueError(
            f"horizon is {horizon}, but the windows have {windows.horizon}: "
            "drop horizon, or cut windows with this one."
        )
    if windows.shifted and season > 1:
        raise ValueError(
            f"season is {season}, but targets are shifted, and the first steps of a window have no "
            "season before them: use last_value, or windows without shifted."
        )
    parts = []
    for x, _ in windows.loader(4096):
        x = x[..., windows.target.at]
        parts.append(x if windows.shifted else _repeat(x, 1, season, windows.gap, windows.horizon))
    return torch.cat(parts)


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
        ValueError: the shapes differ, a number is missing, the history is no longer than a
            season, or it never changes; or float64 can't hold the differences.
        TypeError: there are no numbers.

    Source: Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006.

    >>> mase(y=[[4.0]], yhat=[[5.0]], history=[1.0, 3.0, 5.0])
    0.5
    """
    season = at_least(1, season=season)
    y, yhat, history = (
        _finite(name, value) for name, value in (("y", y), ("yhat", yhat), ("history", history))
    )
    if y.shape != yhat.shape:
        raise ValueError(
            f"y is {y.shape} but yhat is {yhat.shape}: both need the same shape, "
            "since each value is compared with its own prediction. Pass the same steps of both."
        )
    values = history.reshape(-1)
    if history.size != max(history.shape, default=0) or len(values) <= season:
        raise ValueError(
            f"history is {history.shape}, but one variable with more than season={season} steps "
            "is needed: pass one column of the training part."
        )
    with np.errstate(all="ignore"):  # numbers near the ends of float64
        naive_error = np.abs(values[season:] - values[:-season]).mean()
        result = float(np.abs(y - yhat).mean() / naive_error)
    if naive_error == 0:
        raise ValueError(
            "history repeats itself exactly, so the naive forecast has no error to divide by: "
            "use the mean absolute error instead."
        )
    if not np.isfinite([naive_error, result]).all():
        raise ValueError(
            "y, yhat and history hold numbers whose differences are too large or too small for "
            "float64: multiply all three by the same number first."
        )
    return result


def _finite(name: str, values) -> np.ndarray:
    """As float64, in which no difference of small integers runs over.

    Raises:
        TypeError: they are no numbers.
        ValueError: there are none, or some are missing.
    """
    array = numbers(**{name: values})
    check_room(2 * array.size, f"{name} is {array.shape}, in float64")  # torch's are float32
    array = array.astype(np.float64)
    if not array.size:
        raise ValueError(f"{name} is {array.shape}, without a number: pass at least one.")
    if not np.isfinite(array).all():
        bad = (~np.isfinite(array)).sum()
        raise ValueError(
            f"{name} has NaN or infinity in {bad} of {array.size} places, but an error needs "
            "numbers: drop these steps from y, yhat and history."
        )
    return array
