"""`Windows` against a plain loop, and what it refuses."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import Windows, load_flights


def plain_loop(tables, seq_len, horizon, gap, stride, targets, target, known):
    """The same windows, written as one would on paper: rows picked one by one."""
    xs, ys, rows = [], [], []
    for number, table in enumerate(tables):
        for start in range(0, len(table), stride):
            x_rows = [start + t for t in range(seq_len)]
            if targets == "shifted":
                y_rows = [row + 1 + gap for row in x_rows]
            else:
                y_rows = [start + seq_len + gap + h for h in range(horizon)]
            if y_rows[-1] >= len(table):
                break
            columns = range(table.shape[1])
            xs.append([[table[r + 1 if c in known else r][c] for c in columns] for r in x_rows])
            ys.append([[table[r][c] for c in target] for r in y_rows])
            rows.append((number, x_rows, y_rows))
    return np.array(xs), np.array(ys), rows


@st.composite
def cases(draw):
    features = draw(st.integers(1, 4))
    targets = draw(st.sampled_from(["ahead", "shifted"]))
    sizes = {
        "seq_len": draw(st.integers(1, 7)),
        "horizon": draw(st.integers(1, 4)) if targets == "ahead" else 1,
        "gap": draw(st.integers(0, 3)),
    }
    known = draw(st.sets(st.integers(0, features - 1), max_size=features - 1))
    observed = [c for c in range(features) if c not in known]
    target = draw(st.lists(st.sampled_from(observed), min_size=1, unique=True))
    needed = sum(sizes.values())
    lengths = draw(st.lists(st.integers(needed, needed + 12), min_size=1, max_size=3))
    count = np.cumsum([0, *lengths]) * features  # every value differs: nothing passes by luck
    tables = [
        np.arange(first, first + length * features, dtype=np.float64).reshape(length, features)
        for first, length in zip(count, lengths, strict=False)
    ]
    how = {**sizes, "stride": draw(st.integers(1, 3)), "targets": targets}
    return tables, how, target, sorted(known)


@given(cases(), st.sampled_from(["array", "frame", "tensor"]), st.booleans())
def test_windows_equal_the_plain_loop(case, kind, shuffle):
    tables, how, target, known = case
    x, y, rows = plain_loop(tables, **how, target=target, known=known)
    make = {"array": np.array, "tensor": torch.tensor, "frame": as_frame}[kind]
    names = [f"column {c}" for c in range(tables[0].shape[1])] if kind == "frame" else None
    series = [make(table) for table in tables]
    windows = Windows(
        series if len(series) > 1 else series[0],
        **how,
        target=[names[c] for c in target] if names else target,
        known=([names[c] for c in known] if names else known) or None,
        dtype=torch.float64,
    )

    assert len(windows) == len(x)
    assert windows.target == ([names[c] for c in target] if names else target)
    together = [torch.cat(v) if isinstance(v, list) else v for v in (windows.x, windows.y)]
    np.testing.assert_array_equal(together[0], x)
    np.testing.assert_array_equal(together[1], y)
    for i, (x_i, y_i) in enumerate(windows):
        np.testing.assert_array_equal(x_i, x[i])
        np.testing.assert_array_equal(y_i, y[i])
    for i in (0, -1):
        number, x_rows, y_rows = rows[i]
        index = series[number].index if names else np.arange(len(tables[number]))
        x_index, y_index = windows.dates(i)
        assert list(x_index) == list(index[x_rows])
        assert list(y_index) == list(index[y_rows])

    batches = list(windows.loader(batch_size=3, shuffle=shuffle))
    assert [len(batch) for batch, _ in batches[:-1]] == [3] * (len(batches) - 1)
    got_x, got_y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    order = got_x[:, 0, next(c for c in range(x.shape[2]) if c not in known)].argsort()
    np.testing.assert_array_equal(got_x[order], x)
    np.testing.assert_array_equal(got_y[order], y)


def as_frame(table):
    dates = pd.date_range("1949-01-01", periods=len(table), freq="MS")
    return pd.DataFrame(table, dates, [f"column {c}" for c in range(table.shape[1])])


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
            "drop it, table.drop(columns='month'), or turn it into numbers.",
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
            "series 2 of 2 has 9 steps, but one window needs 13 = seq_len 12 + gap 0 + horizon 1: "
            "shorten seq_len or horizon, or pass more data.",
        ),
        (
            [np.ones((20, 2)), np.ones((20, 3))],
            {},
            ValueError,
            "series 2 of 2 has the columns [0, 1, 2], but the first series has [0, 1]: "
            "all series need the same columns in the same order.",
        ),
        ([], {}, ValueError, "series is an empty list, but at least one table is needed."),
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
            {"targets": "shifted", "horizon": 2},
            ValueError,
            "horizon is 2, but shifted targets are always one step ahead: "
            'drop horizon, or use targets="ahead".',
        ),
        (
            load_flights(),
            {"targets": "next"},
            ValueError,
            'targets is \'next\', but it has to be "ahead" or "shifted".',
        ),
    ],
)
def test_refusals(series, how, error, message):
    with pytest.raises(error) as caught:
        Windows(series, **{"seq_len": 12, **how})
    assert str(caught.value) == message


def test_x_and_y_are_views_of_the_series():
    array = np.arange(40, dtype=np.float32).reshape(20, 2)
    windows = Windows(array, 4, target=1)
    assert windows.x.data_ptr() == array.ctypes.data
    assert windows.y.data_ptr() == array[4:, 1:].ctypes.data


def test_booleans_nullable_numbers_and_read_only_tables_are_read():
    table = pd.DataFrame({"flag": [True, False, True], "count": pd.array([1, 2, 3], "Int64")})
    assert Windows(table, 2).x.tolist() == [[[1, 1], [0, 2]]]
    frozen = np.arange(6.0)
    frozen.flags.writeable = False
    assert Windows(frozen, 2, dtype=torch.float64).x[0].tolist() == [[0], [1]]
    assert Windows(np.arange(6.0)[::-1], 2).x[0].tolist() == [[5], [4]]


def test_shuffling_differs_by_epoch_and_repeats_by_seed():
    windows = Windows(np.arange(50.0), 3)
    loader = windows.loader(7, shuffle=True, seed=1)
    first, second = (torch.cat([x for x, _ in loader])[:, 0, 0].tolist() for _ in range(2))
    again = torch.cat([x for x, _ in windows.loader(7, shuffle=True, seed=1)])[:, 0, 0].tolist()
    assert first != second
    assert first == again
    assert len(windows.loader(7, drop_last=True)) == 47 // 7
    assert [len(x) for x, _ in windows.loader(7, drop_last=True)] == [7] * 6


def test_loaders_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    for shuffle in (False, True):
        list(Windows(np.arange(50.0), 3).loader(shuffle=shuffle))
    assert torch.equal(torch.get_rng_state(), before)


MILLION = """
import resource, numpy as np
from lstm_helpers import Windows

array = np.ones((1_000_000, 8), np.float32)
Windows(array[:1000], 96).x.sum()  # what torch allocates once
used = next(int(line.split()[1]) for line in open("/proc/self/status") if "VmSize" in line)
limit = (used + 16 * 1024) * 1024  # 16 MiB more; all the windows would be 3 GB
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
windows = Windows(array, seq_len=96)
assert windows.x.shape == (999_904, 96, 8)
assert windows[999_903][0].shape == (96, 8)
try:
    windows.x.contiguous()
except RuntimeError:
    print("a copy does not fit")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are Linux's")
def test_a_million_steps_need_no_memory_of_their_own():
    result = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True)
    assert result.stdout.strip() == "a copy does not fit", result.stderr
