"""Numbers stay what they are: what the cast would change, and text, with code that mends it."""

import datetime
import io
import re

import numpy as np
import pandas as pd
import pytest
import torch

from lstm_helpers import Windows, mase


def refused(series, **how):
    with pytest.raises(ValueError) as caught:
        Windows(series, 2, **how)
    return str(caught.value)


DAYS = pd.date_range("2024-02-27", periods=6)
# values of a column -> what is made of it by the code that the message advises
TEXTS = {
    "plain": (["1.5", "-2", "3e2", ".5"], [1.5, -2, 300, 0.5]),
    "thousands": (["1,000", "950", "1,234,567.5", "-2,000"], [1000, 950, 1234567.5, -2000]),
    "a mark for gaps": (["230.0", "231.0", "?", "232.0"], [230, 231, 231, 232]),
    "a mark among numbers": ([230.0, 231.0, "?", 232.0], [230, 231, 231, 232]),
    "other marks": (["7", "n/a", "-", "8"], [7, 7, 7, 8]),
    "shortened": (["2.90k", "1.5M", "700", "3K"], [2900, 1.5e6, 700, 3000]),
    "percent": (["12%", "7.5 %", "3%"], [0.12, 0.075, 0.03]),
    "money": (["$1,200.50", "$3", "$4.25"], [1200.5, 3, 4.25]),
    "a unit": (["12 km", "7.5 km", "3km"], [12, 7.5, 3]),
    "booleans": (["True", "False", "True"], [1, 0, 1]),
    "yes and no": (["no", "yes", "no"], [0, 1, 0]),
    "boolean objects": (pd.Series([True, False, True], dtype=object), [1, 0, 1]),
    "numbers as objects": (pd.Series([1, 2.5, 3], dtype=object), [1, 2.5, 3]),
    "categories of numbers": (pd.Series([1.0, 2, 1]).astype("category"), [1, 2, 1]),
    "durations": (pd.to_timedelta(["1min", "2min", "1h"]), [60, 120, 3600]),
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("name", ["v", "it's", 3, ("a", "b")])
def test_the_repair_of_a_column_works(kind, name):
    values, expected = TEXTS[kind]
    table = pd.DataFrame({"other": np.arange(len(values)) + 0.5})
    table[name] = values if not isinstance(values, list) else pd.Series(values)
    said = refused(table)
    assert said.startswith(f"column {name!r} of series holds ")
    repair = re.search(r"table\[.*(?=\.$)", said)[0]
    exec(repair, {"pd": pd, "table": table})
    assert table[name].astype(float).tolist() == pytest.approx(expected)
    assert len(Windows(table, 2)) == len(values) - 2


def test_the_value_that_is_no_number_is_shown():
    assert "text such as '?', but" in refused(pd.DataFrame({"v": ["230.0", "?", "231"]}))


@pytest.mark.parametrize(
    "values",
    [
        DAYS.strftime("%Y-%m-%d"),
        DAYS.strftime("%d.%m.%Y"),
        DAYS.strftime("%b %d, %Y"),
        pd.period_range("1949-01", periods=6, freq="M").astype(str),
        DAYS,
        DAYS.to_period("D"),
        pd.Index(DAYS.date),
    ],
    ids=["iso", "day first", "by name", "months", "dates", "periods", "datetime.date"],
)
def test_dates_in_a_column_become_the_index(values):
    table = pd.DataFrame({"when": values, "v": np.arange(6.0)})
    repair = re.search(r"table\.set_index\(.*?\)+(?=[.,]( with|$))", refused(table))[0]
    repair = repair.replace(")))", "), dayfirst=True))") if "." in str(values[0]) else repair
    windows = Windows(eval(repair, {"pd": pd, "table": table}), 2)
    assert windows.columns == ["v"]
    first = windows.dates(0)[0][0]
    assert str(first)[:7] in ("2024-02", "1949-01")


def test_words_become_columns():
    for values in (["sun", "rain", "sun"], pd.Series(["sun", "rain", "sun"]).astype("category")):
        table = pd.DataFrame({"v": [0.5, 1.5, 2.5], "sky": values})
        repair = re.search(r"pd\.get_dummies\(.*\)(?=\.$)", refused(table))[0]
        windows = Windows(eval(repair, {"pd": pd, "table": table}), 2)
        assert windows.columns == ["v", "sky_rain", "sky_sun"]


@pytest.mark.parametrize("values", [["4,2", "5,25", "1"], ["4,2", "-1.205,5", "1"]])
def test_decimal_commas_are_read_from_the_file(values):
    file = "v;w\n" + "\n".join(f"{value};1" for value in values)
    said = refused(pd.read_csv(io.StringIO(file), sep=";"))
    how = re.search(r"pd\.read_csv\(\.\.\., (.*)\)\.$", said)[1]
    table = eval(
        f"pd.read_csv(io.StringIO(file), sep=';', {how})", {"pd": pd, "io": io, "file": file}
    )
    assert table["v"].tolist() == [float(v.replace(".", "").replace(",", ".")) for v in values]


CLOCK = pd.date_range("2024-02-27 00:00:01", periods=6)  # at midnight float32 holds the seconds
SECONDS = (CLOCK - pd.Timestamp("1970-01-01")) // pd.Timedelta(seconds=1)


@pytest.mark.parametrize("kind", [int, float])
@pytest.mark.parametrize(
    "numbers",
    [DAYS.strftime("%Y%m%d").astype(int), SECONDS, SECONDS * 1000],
    ids=["yyyymmdd", "seconds", "milliseconds"],
)
def test_dates_written_as_numbers_are_no_values(kind, numbers):
    table = pd.DataFrame({"when": np.asarray(numbers, dtype=kind), "v": np.arange(6.0)})
    said = refused(table)
    assert ", column 'when', which torch.float32 turns into " in said
    repair = re.search(r"table\.set_index\(.*\)\)(?=;)", said)[0]
    windows = Windows(eval(repair, {"pd": pd, "table": table.copy()}), 2)
    first = (DAYS if numbers.max() < 10**8 else CLOCK)[:2]
    assert list(windows.dates(0)[0]) == list(first)
    kept = Windows(table, 2, dtype=torch.float64)
    assert kept.x[0, :, 0].tolist() == [float(n) for n in numbers[:2]]


@pytest.mark.parametrize(
    ("values", "dtype", "said"),
    [
        ([1.0, 1e300], torch.float32, "series has 1e+300 in row 1, column 0, which torch.float32"),
        ([1.0, 16777217.0], torch.float32, "series has 16777217.0 in row 1, column 0, which"),
        ([1, 16777217], torch.float32, "series has 16777217 in row 1, column 0, which torch.float"),
        ([1.0, 2.5], torch.int64, "series has 2.5 in row 1, column 0, which torch.int64 turns int"),
        ([1.0, np.nan], torch.int64, "series has NaN in row 1, column 0 and in 2 other places:"),
        ([1, 300], torch.int8, "series has 300 in row 1, column 0, which torch.int8 turns into 4"),
        ([1.0, 2049.0], torch.float16, "series has 2049.0 in row 1, column 0, which torch.float16"),
        ([1.7e9 + 0.5, 1.7e9 + 1.5], torch.float32, "series has 1700000001.5 in row 1, column 0, "),
        ([1 + 2j, 3], torch.float32, "series has dtype complex128, but windows need real numbers"),
        (np.ma.masked_values([1, 9.0], 9.0), torch.float32, "series is masked in 3 places, but"),
    ],
)
def test_what_the_cast_would_change_is_refused(values, dtype, said):
    values = values if isinstance(values, np.ndarray) else np.array(values)
    assert refused(np.ma.concatenate([values] * 3), dtype=dtype).startswith(said)


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_fractions_may_be_rounded(scale):
    """0.1 has other digits in float32; that is no change, nor is noise behind a constant."""
    values = np.random.default_rng(0).normal(size=(70, 3)) * scale
    values[:, 1] = 0.1 * scale
    values[:, 2] = 0.1 * scale * (1 + 1e-16 * np.arange(70))
    np.testing.assert_allclose(Windows(values, 4).x[:, 0], values[:66], rtol=1e-6)


def test_a_masked_array_without_a_mask_and_the_repair_of_one_with():
    series = np.ma.masked_values([1.0, 2, 3, 9.96920997e36, 5, 6], 9.96920997e36)
    repair = re.search(r"pd\.DataFrame.*(?=\.$)", refused(series))[0]
    filled = eval(repair, {"pd": pd, "np": np, "series": series})
    assert Windows(filled, 2).x[2].ravel().tolist() == [3, 3]
    assert Windows(np.ma.array([1.0, 2, 3]), 2).x.ravel().tolist() == [1, 2]


@pytest.mark.parametrize("dtype", ["float32", float, None])
def test_a_dtype_is_one_of_torchs(dtype):
    with pytest.raises(TypeError, match=r"dtype is .*, but it has to be one of torch's"):
        Windows(np.arange(9.0), 2, dtype=dtype)
    with pytest.raises(ValueError, match=r"dtype is torch\.bool, but windows need numbers"):
        Windows(np.arange(9.0), 2, dtype=torch.bool)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "float16", "float64", bool])
def test_mase_does_not_run_over(dtype):
    y, yhat, history = (np.array(v).astype(dtype) for v in ([20], [100], [100, 20, 100]))
    plain = [v.astype(float) for v in (y, yhat, history)]
    if dtype is bool:
        y, history = ~y, np.array([True, False, True])
        plain = [v.astype(float) for v in (y, yhat, history)]
    expected = abs(plain[0] - plain[1])[0] / np.abs(np.diff(plain[2])).mean()
    assert mase(y=y, yhat=yhat, history=history) == expected
    assert mase(y, yhat, history, 1) == expected  # positions go on working


@pytest.mark.parametrize("where", [0, 1, 2])
@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (np.nan, ValueError, "has NaN or infinity in 1 of"),
        (np.inf, ValueError, "has NaN or infinity in 1 of"),
        (np.ma.masked, ValueError, "has NaN or infinity in 1 of"),
        (None, TypeError, "has dtype object, but numbers are needed."),
        ("2", TypeError, "has dtype <U1, but numbers are needed."),
        (1j, TypeError, "has dtype complex128, but numbers are needed."),
    ],
)
def test_mase_refuses_what_has_no_answer(where, bad, error, said):
    values = [[4.0], [5.0], [1.0, 3.0, 7.0]]
    name = ("y", "yhat", "history")[where]
    if isinstance(bad, str):
        values[where] = np.array(["2"])
    elif bad is np.ma.masked:
        values[where] = np.ma.array(values[where], mask=[True, *[False] * (len(values[where]) - 1)])
    elif bad is None:
        values[where] = np.array([datetime.date(2024, 1, 1)], dtype=object)
    else:
        values[where] = [bad, *values[where][1:]]
    with pytest.raises(error) as caught:
        mase(*values)
    assert str(caught.value).startswith(f"{name} {said}")


def test_mase_of_nothing():
    with pytest.raises(ValueError, match=r"y is \(0,\), without a number: pass at least one\."):
        mase(y=[], yhat=[], history=[1.0, 3.0])
    with pytest.raises(ValueError, match=r"history is \(1,\), but one variable with more than"):
        mase(y=[1.0], yhat=[2.0], history=[2.0])
