"""What `Windows` refuses, and how it says so."""

import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import Windows, load_flights


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 3), st.data())
def test_a_series_one_step_too_short_is_refused(seq_len, horizon, gap, data):
    steps = data.draw(st.integers(0, seq_len + horizon + gap - 1))
    with pytest.raises(ValueError) as error:
        Windows(np.ones((steps, 2)), seq_len, horizon, gap=gap)
    assert str(error.value) == (
        f"series has {steps} steps, but one window needs {seq_len + gap + horizon} = "
        f"seq_len {seq_len} + gap {gap} + horizon {horizon}: "
        "shorten seq_len or horizon, or pass more data."
    )


@given(st.integers(0, 143), st.sampled_from([np.nan, np.inf]))
def test_nan_is_found(row, value):
    table = load_flights().astype(float).assign(rain=1.0)
    table.iloc[row, 1] = value
    date, name = table.index[row].date(), "NaN" if np.isnan(value) else "inf"
    with pytest.raises(ValueError) as error:
        Windows(table, 12)
    assert str(error.value) == (
        f"series has {name} in row {row} ({date}), column 'rain': every window needs numbers. "
        "Fill the gap, for example with table.ffill(), "
        "or pass the stretches between the gaps as a list."
    )


def test_nan_beyond_the_first_block_is_found_and_counted():
    array = np.ones((70_000, 2))
    array[[66_000, 69_000], 1] = np.nan
    with pytest.raises(ValueError, match="NaN in row 66000, column 1 and in 1 other place:"):
        Windows(array, 12)


def test_rows_that_are_one_in_memory_are_looked_at_once():
    many = 2**40  # to look at each of them would take hours
    windows = Windows(torch.ones(1).expand(many), 12)
    assert len(windows) == many - 12
    with pytest.raises(ValueError, match="NaN in row 0, column 1 and in 5 other places:"):
        Windows(torch.tensor([[1, torch.nan]]).expand(6, 2), 3)
    known = Windows(pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 4, 5]}), 2, known="b")
    assert known.newest(torch.full((1,), 7).expand(many)).tolist() == [[[2, 5], [3, 7]]]
    with pytest.raises(ValueError, match=r"future is torch.sparse_coo, .* use \w+.to_dense\(\)"):
        known.newest(torch.eye(4, 1).to_sparse())


def months(*order):
    return pd.DataFrame({"passengers": np.arange(len(order)) + 1.0}, pd.to_datetime(list(order)))


@pytest.mark.parametrize(
    ("series", "how", "error", "message"),
    [
        (
            load_flights().assign(month="January"),
            {},
            ValueError,
            "column 'month' of series holds text such as 'January', but windows need numbers: "
            "drop it, table.drop(columns='month'), or make a column of 0 and 1 for each word, "
            "pd.get_dummies(table, columns=['month']).",
        ),
        (
            pd.DataFrame({"day": ["13.01.2013", "14.01.2013"], "temp": [4.2, 5.0]}),
            {},
            ValueError,
            "column 'day' of series holds text such as '13.01.2013', but windows need numbers: "
            "turn it into dates and make them the index, table.set_index(pd.to_datetime(table.pop"
            "('day'))), with dayfirst=True if the day comes before the month.",
        ),
        (
            pd.DataFrame({"temp": ["4,2", "-1.205,0"]}),
            {},
            ValueError,
            "column 'temp' of series holds text such as '4,2', but windows need numbers: "
            'read the file with decimal commas, pd.read_csv(..., decimal=",", thousands=".").',
        ),
        (
            load_flights().reset_index(),
            {},
            ValueError,
            "column 'month' of series holds dates, but windows need numbers: "
            "make it the index, table.set_index('month').",
        ),
        (
            load_flights()[::-1],
            {},
            ValueError,
            "series is out of order: row 1 is 1960-11-01, but row 0 is 1960-12-01. "
            "Rows need to run from old to new: try table.sort_index().",
        ),
        (
            months("1949-01-01", "1949-02-01", "1949-02-01"),
            {"seq_len": 1},
            ValueError,
            "series has 1949-02-01 in row 1 and in row 2, but a time can come only once: "
            "if the table holds several series, pass a list with one table each.",
        ),
        (
            months("1949-01-01", None, "1949-02-01"),
            {"seq_len": 1},
            ValueError,
            "series has no date in row 1, but every row needs one: "
            "drop the row, or give it its date.",
        ),
        (
            load_flights(),
            {"target": "temperature"},
            ValueError,
            "target names 'temperature', but the columns are ['passengers']: choose from these, "
            "or give a position from 0 to 0.",
        ),
        (
            np.ones((20, 3)),
            {"target": [1, 1]},
            ValueError,
            "target names a column twice: [1, 1]. Name each once.",
        ),
        (
            np.ones((20, 2)),
            {"target": 1, "known": [1]},
            ValueError,
            "target and known share a column, or leave none to predict: a column that is known "
            "ahead needs no prediction. Name other columns in target=.",
        ),
        (
            np.ones((5, 12, 2)),
            {},
            ValueError,
            "series is (5, 12, 2), with 3 axes, but a table has two, (time, feature): "
            "pass the table itself. It is cut into windows here.",
        ),
        (
            "flights.csv",
            {},
            TypeError,
            "series is a str, but a table (time, feature) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them.",
        ),
        (
            np.array(["a", "b"]),
            {},
            ValueError,
            "series has dtype <U1, but windows need numbers: "
            "pass the numeric columns only, or convert them with astype(float).",
        ),
        (
            [load_flights(), load_flights()[:9]],
            {},
            ValueError,
            "series[1] has 9 steps, but one window needs 13 = seq_len 12 + gap 0 + horizon 1: "
            "shorten seq_len or horizon, or pass more data.",
        ),
        (
            [np.ones((20, 2)), np.ones((20, 3))],
            {},
            ValueError,
            "series[1] has the columns [0, 1, 2], but series[0] has [0, 1]: "
            "all series need the same columns in the same order. Choose these in each.",
        ),
        (
            load_flights()[[]],
            {},
            ValueError,
            "series has no columns, but at least one is needed: choose one, such as table[[name]].",
        ),
        (
            [],
            {},
            ValueError,
            "series is an empty list, but at least one table is needed: "
            "pass the table itself, or [table].",
        ),
        (
            load_flights(),
            {"seq_len": 0},
            ValueError,
            "seq_len is 0, but it has to be 1 or more.",
        ),
        (
            load_flights(),
            {"seq_len": 12.0},
            TypeError,
            "seq_len is 12.0, but it has to be a whole number.",
        ),
        (
            load_flights(),
            {"shifted": True, "horizon": 2},
            ValueError,
            "horizon is 2, but shifted targets are always one step ahead: "
            "drop horizon, or shifted.",
        ),
        (
            load_flights(),
            {"shifted": "next"},
            TypeError,
            "shifted is 'next', but it has to be True or False.",
        ),
    ],
)
def test_refusals(series, how, error, message):
    with pytest.raises(error) as caught:
        Windows(series, **{"seq_len": 12, **how})
    assert str(caught.value) == message


def test_the_repair_of_dates_as_text_works():
    table = pd.DataFrame({"day": ["2013-01-13", "2013-01-14"], "temp": [4.2, 5.0]})
    with pytest.raises(ValueError, match="such as '2013-01-13'") as caught:
        Windows(table, 1)
    repair = re.search(r"table\.set_index\(.*\)\)\)", str(caught.value))[0]
    windows = Windows(eval(repair, {"pd": pd, "table": table}), 1)
    assert windows.columns == ["temp"]
    assert windows.dates(0)[0][0] == pd.Timestamp("2013-01-13")
