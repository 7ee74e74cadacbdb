"""`Windows` against a plain loop, and what it refuses."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import Windows


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


def test_x_and_y_are_views_of_the_series():
    array = np.arange(40, dtype=np.float32).reshape(20, 2)
    windows = Windows(array, 4, target=1)
    assert windows.x.data_ptr() == array.ctypes.data
    assert windows.y.data_ptr() == array[4:, 1:].ctypes.data


@pytest.mark.parametrize("freq", ["MS", None], ids=str)
@pytest.mark.parametrize("targets", ["ahead", "shifted"])
def test_dates_keep_the_frequency_of_the_table(freq, targets):
    """One that the index has; where it has none, none is made up."""
    dates = pd.date_range("1949-01-01", periods=20, freq="MS")
    dates.freq = freq
    table = pd.Series(np.arange(20.0), dates)
    for part in Windows(table, 4, targets=targets).dates(3):
        assert part.freqstr == freq
    for part in Windows(table.set_axis(dates.to_period("M")), 4, targets=targets).dates(3):
        assert part.freqstr == "M"


def test_booleans_nullable_numbers_and_read_only_tables_are_read():
    table = pd.DataFrame({"flag": [True, False, True], "count": pd.array([1, 2, 3], "Int64")})
    assert Windows(table, 2).x.tolist() == [[[1, 1], [0, 2]]]
    frozen = np.arange(6.0)
    frozen.flags.writeable = False
    assert Windows(frozen, 2, dtype=torch.float64).x[0].tolist() == [[0], [1]]
    assert Windows(np.arange(6.0)[::-1], 2).x[0].tolist() == [[5], [4]]


def test_a_window_that_is_not_there():
    windows = Windows(np.arange(50.0), 3)
    for ask in (windows.__getitem__, windows.dates):
        with pytest.raises(IndexError, match="window 47 was asked for, but there are 47: choose"):
            ask(47)


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


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are Linux's")
def test_a_million_steps_need_no_memory_of_their_own():
    result = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True)
    assert result.stdout.strip() == "a copy does not fit", result.stderr
