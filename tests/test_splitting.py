"""Splitting by time, and scaling back."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from lstm_helpers import Windows, inverse_target, load_flights, split_by_time


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 12), st.integers(1, 3))
def test_every_row_after_training_is_predicted_once(n_val, n_test, seq_len, gap):
    """With context = seq_len + gap, targets are exactly the part's own rows."""
    table = load_flights()
    train, val, test = split_by_time(table, val=n_val, test=n_test, context=seq_len + gap)
    assert len(train) == 144 - n_val - n_test
    assert train.index[-1] < table.index[-n_test - n_val]
    for part, own in ((val, table.index[-n_test - n_val : -n_test]), (test, table.index[-n_test:])):
        windows = Windows(part, seq_len, gap=gap)
        targets = [windows.dates(i)[1][0] for i in range(len(windows))]
        assert targets == list(own)


def test_fractions_arrays_and_empty_parts():
    train, val, test = split_by_time(np.arange(100), val=0.29, test=0.15)
    assert (len(train), len(val), len(test)) == (56, 29, 15)
    train, val, test = split_by_time(torch.arange(10), val=0, test=3, context=2)
    assert (len(train), len(val), test.tolist()) == (7, 0, [5, 6, 7, 8, 9])


@pytest.mark.parametrize("freq", ["MS", None], ids=str)
@pytest.mark.parametrize("column", [["passengers"], "passengers"], ids=["frame", "series"])
def test_each_part_keeps_the_frequency_of_the_table(freq, column):
    """pandas' own methods ask for it, such as shifting by a month."""
    table = load_flights()[column]
    table.index.freq = freq
    for part in split_by_time(table, val=12, test=12, context=3):
        assert part.index.freqstr == freq


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        (
            {"val": 72, "test": 72},
            ValueError,
            "table has 144 rows, of which val 72 and test 72 leave 0 for training, but at least 1 "
            "are needed: shorten val, test or context.",
        ),
        (
            {"val": 60, "test": 76, "context": 12},
            ValueError,
            "table has 144 rows, of which val 60 and test 76 leave 8 for training, but at least 12 "
            "are needed: shorten val, test or context.",
        ),
        (
            {"val": 12.5, "test": 1},
            ValueError,
            "val is 12.5, but it has to be a whole number, or a fraction below 1.",
        ),
        ({"val": "12", "test": 1}, TypeError, "val is '12', but it has to be a whole number."),
        ({"val": -1, "test": 1}, ValueError, "val is -1, but it has to be 0 or more."),
    ],
)
def test_impossible_splits_are_refused(how, error, message):
    with pytest.raises(error) as caught:
        split_by_time(load_flights(), **how)
    assert str(caught.value) == message


def test_a_shuffled_table_is_refused():
    with pytest.raises(ValueError, match="table is out of order: row 2 is 1949-01-01"):
        split_by_time(load_flights().iloc[[1, 2, 0]], val=1, test=1)


@pytest.mark.parametrize("scaler", [MinMaxScaler((-1, 1)), StandardScaler()])
@pytest.mark.parametrize("columns", [["rain"], ["rain", "passengers"], [1], "rain"])
def test_inverse_target_undoes_the_scaling(scaler, columns):
    """Numbers are positions, but only where the scaler has no names."""
    table = load_flights().assign(rain=np.arange(144.0) ** 2)
    scaler = clone(scaler).fit(table.to_numpy() if columns == [1] else table)
    scaled = scaler.transform(table.to_numpy() if columns == [1] else table)
    windows = Windows(scaled, 12, horizon=2, dtype=torch.float64)
    at = {"rain": 1, "passengers": 0}
    wanted = [at.get(c, c) for c in ([columns] if columns == "rain" else columns)]
    values = inverse_target(scaler, windows.y[:, :, wanted].requires_grad_(), columns)
    plain = Windows(table, 12, horizon=2, dtype=torch.float64).y[:, :, wanted]
    np.testing.assert_allclose(values, plain)
    assert values.shape == (131, 2, len(wanted))


def test_inverse_target_refuses_another_number_of_targets():
    scaler = MinMaxScaler().fit(pd.DataFrame({"a": [0.0, 1], "b": [0.0, 2]}))
    with pytest.raises(ValueError) as caught:
        inverse_target(scaler, torch.rand(5, 1, 2), ["b"])
    assert str(caught.value) == (
        "values is (5, 1, 2), but its last axis has to be target=1 for columns=['b']: "
        "name the columns that were predicted."
    )
