"""Methods that forecast a monthly series, from `history` alone, in the form `backtest` asks for.

All but Holt-Winters work on *growth*: the logarithm of each month, minus that of the same month a
year before. Zero growth is the forecast "same as last year".
"""

import numpy as np
import pandas as pd
import torch
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX

from lstm_helpers import ManyToOneLSTM, Windows, fit

SEASON = 12


def growth_of(history: pd.DataFrame) -> pd.DataFrame:
    return np.log(history).diff(SEASON).iloc[SEASON:]


def grown(history: pd.DataFrame, growth, horizon: int) -> np.ndarray:
    """Last year's months, each times exp(growth)."""
    last_year = history.iloc[-SEASON:, 0].to_numpy(float)
    return (last_year * np.exp(growth))[:horizon]


def same_growth(factor: float):
    """Last year plus the mean growth of all of history, times `factor`; 0 is last year itself."""

    def forecast(history, horizon, future):
        return grown(history, factor * growth_of(history).iloc[:, 0].mean(), horizon)

    return forecast


def holt_winters(start: str = "estimated"):
    """Additive trend, seasonal factors; `start` is statsmodels' initialization_method."""

    def forecast(history, horizon, future):
        series = history.iloc[:, 0].asfreq("MS").astype(float)
        form = {"trend": "add", "seasonal": "mul", "seasonal_periods": SEASON}
        model = ExponentialSmoothing(series, initialization_method=start, **form)
        return model.fit().forecast(horizon).to_numpy()

    return forecast


def sarima(history, horizon, future):
    """The airline model: SARIMA (0, 1, 1)(0, 1, 1) on logarithms."""
    model = SARIMAX(
        np.log(history.iloc[:, 0].asfreq("MS")), order=(0, 1, 1), seasonal_order=(0, 1, 1, SEASON)
    )
    return np.exp(model.fit(disp=0, maxiter=200).forecast(horizon).to_numpy())


def network(setting: dict, seed: int, blind: bool = False):
    """An LSTM that reads the growth of `seq_len` months and forecasts that of the next twelve.

    `steps` optimizer steps on all windows of history as one batch. Growth is divided by its
    standard deviation in history. `centred`: "no", or on the mean of "history", or each window and
    its targets on the mean of the "window". What is forecast is multiplied by `factor`, 1 without.
    `blind` puts zeros in place of every window, in training and after: a constant is left.
    """

    def forward(model, x, y=None):
        x = torch.zeros_like(x) if blind else x
        mean = x.mean(1, keepdim=True) if setting["centred"] == "window" else 0.0
        yhat = model(x - mean) + mean
        return yhat if y is None else (yhat, y)

    def forecast(history, horizon, future):
        growth = growth_of(history)
        scale = growth.iloc[:, 0].std()
        shift = growth.iloc[:, 0].mean() if setting["centred"] == "history" else 0.0
        windows = Windows((growth - shift) / scale, setting["seq_len"], SEASON, dtype=torch.float64)
        torch.manual_seed(seed)
        model = ManyToOneLSTM(1, setting["hidden_size"], horizon=SEASON).double()
        how = {"epochs": setting["steps"], "lr": setting["lr"], "forward": forward}
        if fit(model, windows.loader(len(windows)), **how).interrupted:
            raise KeyboardInterrupt
        with torch.no_grad():
            yhat = forward(model, windows.newest())[0, :, 0].numpy()
        return grown(history, setting.get("factor", 1) * (yhat * scale + shift), horizon)

    return forecast
