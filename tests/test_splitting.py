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


def test_a_list_of_series_is_split_one_by_one():
    series = [load_flights(), load_flights()[:60]["passengers"], np.arange(50), torch.arange(40)]
    train, val, test = split_by_time(series, val=0.2, test=7, context=3)
    for n, table in enumerate(series):
        for got, expected in zip(
            (train[n], val[n], test[n]),
            split_by_time(table, val=0.2, test=7, context=3),
            strict=True,
        ):
            assert type(got) is type(table)
            assert np.array_equal(got, expected)
    assert [len(part) for part in test] == [10] * 4


@pytest.mark.parametrize("number", [np.uint8, np.int64, torch.tensor])
def test_counts_may_be_numbers_of_other_libraries(number):
    table = np.arange(400)
    parts = split_by_time(table, val=number(50), test=np.float32(0.125), context=number(12))
    assert [len(part) for part in parts] == [300, 62, 62]


@pytest.mark.parametrize("table", [None, "flights.csv", {"a": [1]}, np.float64(3), [[1, 2], [3]]])
def test_what_is_no_table_is_not_split(table):
    with pytest.raises(TypeError, match=r"table(\[0\])? is a \w+, but a table \(time, ...\) is"):
        split_by_time(table, val=1, test=1)
    with pytest.raises(ValueError, match="table is an empty list, but at least one table"):
        split_by_time([], val=1, test=1)


@pytest.mark.parametrize(
    "names", [[1, 2, 3, 4], [3, 2, 1, 0], [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")], "abcd"]
)
def test_inverse_target_finds_columns_by_whatever_name(names):
    """A scaler keeps names only where all are text; windows know where theirs stand."""
    values = np.random.default_rng(0).random((40, 4)) * [1, 10, 100, 1000]
    columns = pd.MultiIndex.from_tuples(names) if isinstance(names[0], tuple) else list(names)
    table = pd.DataFrame(values, columns=columns)
    scaler = MinMaxScaler().fit(table)
    scaled = pd.DataFrame(scaler.transform(table), columns=columns)
    for place, name in enumerate(names):
        windows = Windows([scaled, scaled[:30]], 12, target=[name], dtype=torch.float64)
        assert windows.target == [name]
        for got, rows in zip(
            inverse_target(scaler, windows.y, windows.target), (values, values[:30]), strict=True
        ):
            np.testing.assert_allclose(got[:, 0, 0], rows[12:, place])
    if isinstance(names[0], tuple):  # one name, and no list of two
        assert Windows(scaled, 12, target=("a", "y"), known=("b", "x")).target == [("a", "y")]


def test_numbers_are_positions_only_where_the_scaler_has_no_names():
    table = pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 20.0]})
    assert inverse_target(MinMaxScaler().fit(table.to_numpy()), [[0.5]], [1]) == 10
    with pytest.raises(ValueError) as caught:
        inverse_target(MinMaxScaler().fit(table), [[0.5]], [1])
    assert (
        str(caught.value) == "columns names 1, but the columns are ['a', 'b']: choose from these."
    )
    part = Windows(pd.DataFrame({3: np.arange(9.0), 4: 1.0}), 2, target=[3])
    with pytest.raises(ValueError, match=r"columns are \[3\], of a table with 2 columns, but the"):
        inverse_target(MinMaxScaler().fit(np.ones((3, 5))), part.y, part.target)
    assert inverse_target(MinMaxScaler().fit(np.eye(5)), part.y, [0]).shape == part.y.shape


def test_a_scaler_has_to_be_one_and_fitted():
    for scaler in (None, MinMaxScaler):
        with pytest.raises(TypeError, match="but one of scikit-learn's is needed, with inverse_tr"):
            inverse_target(scaler, [[1.0]], [0])
    with pytest.raises(ValueError, match=r"scaler MinMaxScaler\(\) is not fitted: use scaler\.fit"):
        inverse_target(MinMaxScaler(), [[1.0]], [0])


def test_inverse_target_takes_no_window_and_half_precision():
    scaler = MinMaxScaler().fit([[0.0], [8.0]])
    assert inverse_target(scaler, np.zeros((0, 2, 1)), [0]).shape == (0, 2, 1)
    halves = torch.full((3, 2, 1), 0.5).bfloat16()
    assert inverse_target(scaler, halves, [0]).tolist() == [[[4], [4]]] * 3


@pytest.mark.parametrize(
    "wanted", [pd.Series(["b"]), np.array("b"), np.array(["b"]), ("b",), [-1], 1]
)
def test_columns_may_be_named_in_any_kind_of_list(wanted):
    table = pd.DataFrame(np.arange(24.0).reshape(12, 2), columns=["a", "b"])
    assert Windows(table, 3, target=wanted).target == ["b"]


@pytest.mark.parametrize("wanted", [True, np.array([["a", "b"]]), 2, ["a", "c"], [1.5]])
def test_other_columns_are_refused(wanted):
    table = pd.DataFrame(np.arange(24.0).reshape(12, 2), columns=["a", "b"])
    with pytest.raises(ValueError, match=r"target names .*, but the columns are"):
        Windows(table, 3, target=wanted)
