"""Naive forecasts against their definition, written as a loop."""

import numpy as np
import pandas as pd
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


@given(
    st.integers(0, 3), st.integers(1, 4), st.integers(1, 5), st.booleans(), st.booleans(), st.data()
)
def test_naive_forecasts_of_windows_know_gap_and_targets(
    gap, horizon, season, shifted, listed, data
):
    table = pd.DataFrame(np.arange(90.0).reshape(30, 3) ** 2, columns=["a", "hour", "b"])
    horizon, season = (1, 1) if shifted else (horizon, season)
    target = data.draw(st.sampled_from([["b"], ["b", "a"], ["a"]]))
    windows = Windows(
        [table, table[:20] * 7] if listed else table,
        *(5, horizon),
        shifted=shifted,
        gap=gap,
        target=target,
        known="hour",
        dtype=torch.float64,
    )
    result = seasonal_naive(windows, season=season)
    assert result.shape == windows[:][1].shape
    for i in range(len(windows)):
        number, x_rows, y_rows = windows.place(i)
        rows = (table, table[:20] * 7)[number]
        for step, row in enumerate(range(y_rows.start, y_rows.stop)):
            last = x_rows.start + step if shifted else x_rows.stop - 1
            while row > last:  # the newest row that is whole seasons before
                row -= season
            assert result[i, step].tolist() == rows[target].iloc[row].tolist()
    if season == 1:
        assert torch.equal(last_value(windows), result)


def test_naive_forecasts_refuse_what_windows_do_not_allow():
    shifted, ahead = (Windows(load_flights(), 12, shifted=s) for s in (True, False))
    with pytest.raises(ValueError, match="season is 12, but targets are shifted, and the first"):
        seasonal_naive(shifted, season=12)
    with pytest.raises(ValueError, match="horizon is 3, but the windows have 1: drop horizon"):
        last_value(ahead, 3)
    assert last_value(shifted).shape == shifted.y.shape
    assert seasonal_naive(ahead, season=12, horizon=1).shape == ahead.y.shape


@pytest.mark.parametrize("forecast", [last_value, lambda x: seasonal_naive(x, 1)])
def test_one_number_is_no_history_and_the_advice_works(forecast):
    x = torch.tensor(3.0)
    with pytest.raises(ValueError, match=r"one number without an axis.*use x\[None\]"):
        forecast(x)
    assert forecast(x[None]).tolist() == [3.0]


def test_a_number_too_long_to_be_written_is_told():
    with pytest.raises(ValueError, match="horizon is a whole number of thousands of digits, but"):
        last_value(torch.rand(4, 12, 2), horizon=10**5000)
