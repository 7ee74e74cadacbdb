"""Naive forecasts against their definition, written as a loop."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import Windows, last_value, load_flights, mase, seasonal_naive


@given(st.integers(1, 6), st.integers(0, 6), st.integers(1, 9), st.integers(1, 3), st.booleans())
def test_each_step_repeats_the_value_one_season_before(season, extra, horizon, axes, tensor):
    shape = {1: (season + extra,), 2: (season + extra, 2), 3: (4, season + extra, 2)}[axes]
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    time = max(axes - 2, 0)
    known = list(np.moveaxis(x, time, 0))
    for _ in range(horizon):
        known.append(known[-season])
    expected = np.moveaxis(np.array(known[-horizon:]), 0, time)

    result = seasonal_naive(torch.from_numpy(x) if tensor else x, season, horizon)
    assert isinstance(result, torch.Tensor if tensor else np.ndarray)
    np.testing.assert_array_equal(result, expected)
    if season == 1:
        np.testing.assert_array_equal(last_value(x, horizon), expected)


def test_a_table_is_a_history():
    assert last_value(load_flights(), 2).tolist() == [[432], [432]]
    assert seasonal_naive(load_flights()["passengers"], 12, 13).tolist()[::12] == [417, 417]


def test_a_season_longer_than_the_window_is_refused():
    with pytest.raises(ValueError) as caught:
        seasonal_naive(torch.rand(5, 9, 2), season=12)
    assert str(caught.value) == (
        "x is (5, 9, 2) with 9 steps, but a whole season of 12 is needed: "
        "use longer windows, or a shorter season."
    )


@pytest.mark.parametrize("season", [1, 12])
def test_mase_of_the_naive_forecast_on_its_own_history_is_one(season):
    history = load_flights()["passengers"]
    windows = Windows(history, season, dtype=torch.float64)
    assert mase(
        y=windows.y, yhat=seasonal_naive(windows.x, season), history=history, season=season
    ) == pytest.approx(1)
    assert mase(y=windows.y, yhat=windows.y, history=history, season=season) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [[1.0]], [1.0, 2.0]), "y is (1,) but yhat is (1, 1): both need the same shape"),
        (
            ([1.0], [1.0], [1.0, 2.0], 2),
            "history is (2,), but one variable with more than season=2",
        ),
        (([1.0], [1.0], [3.0, 3.0]), "history repeats itself exactly"),
    ],
)
def test_mase_refuses(arguments, message):
    with pytest.raises(ValueError) as caught:
        mase(*arguments)
    assert str(caught.value).startswith(message)
