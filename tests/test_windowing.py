"""`Windows` against a plain loop, whatever the rows are called."""

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_helpers import Windows


def plain_loop(tables, places, seq_len, horizon, gap, stride, shifted, target, known):
    """The same windows, written as one would on paper: rows picked one by one.

    `places` says where each row stands in time: no window has two rows that are not neighbours.
    """
    xs, ys, rows = [], [], []
    for number, (table, place) in enumerate(zip(tables, places, strict=True)):
        start = 0
        while start < len(table):
            x_rows = [start + t for t in range(seq_len)]
            if shifted:
                y_rows = [row + 1 + gap for row in x_rows]
            else:
                y_rows = [start + seq_len + gap + h for h in range(horizon)]
            stop = y_rows[-1]
            if stop < len(table) and place[stop] - place[start] == stop - start:
                columns = range(table.shape[1])
                xs.append([[table[r + 1 if c in known else r][c] for c in columns] for r in x_rows])
                ys.append([[table[r][c] for c in target] for r in y_rows])
                rows.append((number, x_rows, y_rows))
            after_a_gap = [
                row
                for row in range(start + 1, min(start + stride, len(table) - 1) + 1)
                if place[row] - place[row - 1] > 1
            ]
            start = after_a_gap[0] if after_a_gap else start + stride
    return np.array(xs), np.array(ys), rows


def text(form):
    return lambda n: pd.date_range("2019-12-20", periods=n).strftime(form)


# kind -> (n -> the index of n rows without a gap, the step between two rows)
INDICES = {
    "hours": (lambda n: pd.date_range("2022-10-29 20:00", periods=n, freq="h"), "h"),
    "months": (lambda n: pd.date_range("1949-01-01", periods=n, freq="MS"), "MS"),
    "hours of a zone": (
        lambda n: pd.date_range("2022-10-29 20:00", periods=n, freq="h", tz="Europe/Berlin"),
        pd.Timedelta(hours=1),
    ),
    "days of a zone": (
        lambda n: pd.date_range("2022-10-26", periods=n, freq="D", tz="Europe/Berlin"),
        "D",
    ),
    "periods": (lambda n: pd.period_range("1949-01", periods=n, freq="M"), "M"),
    "periods of three": (lambda n: pd.period_range("1949-01", periods=n, freq="3M"), "3M"),
    "text": (text("%Y-%m-%d"), "D"),
    "text, day first": (text("%d.%m.%Y"), "D"),
    "datetime.date": (lambda n: pd.Index(pd.date_range("2019-12-20", periods=n).date), "D"),
    "durations": (lambda n: pd.timedelta_range("5min", periods=n, freq="10min"), "10min"),
    "integers": (lambda n: pd.Index(range(5, 5 + 3 * n, 3)), 3),
    "floats": (lambda n: pd.Index([0.5 + 0.1 * i for i in range(n)]), 0.1),
    "words": (lambda n: pd.Index([f"row {chr(97 + i % 7)}" for i in range(n)]), None),
    "array": (pd.RangeIndex, 1),
    "tensor": (pd.RangeIndex, None),
}
if find_spec("pyarrow"):
    INDICES["pyarrow"] = (
        lambda n: pd.Index(pd.date_range("2020", periods=n).astype("timestamp[ns][pyarrow]")),
        "D",
    )


@st.composite
def cases(draw):
    kind = draw(st.sampled_from(list(INDICES)))
    features = draw(st.integers(1, 4))
    shifted = draw(st.booleans())
    how = {
        "seq_len": draw(st.integers(1, 7)),
        "horizon": 1 if shifted else draw(st.integers(1, 4)),
        "gap": draw(st.integers(0, 3)),
    }
    needed = sum(how.values())
    known = draw(st.sets(st.integers(0, features - 1), max_size=features - 1))
    observed = [c for c in range(features) if c not in known]
    target = draw(st.lists(st.sampled_from(observed), min_size=1, unique=True))
    lengths = draw(st.lists(st.integers(needed, needed + 14), min_size=1, max_size=3))
    count = np.cumsum([0, *lengths]) * features  # every value differs: nothing passes by luck
    tables = [
        np.arange(first, first + length * features, dtype=np.float64).reshape(length, features)
        for first, length in zip(count, lengths, strict=False)
    ]
    gaps = INDICES[kind][1] is not None and kind not in ("array", "tensor")
    places = []
    for length in lengths:  # in some places rows are missing
        steps = st.lists(st.sampled_from([1, 1, 1, 3] if gaps else [1]), min_size=length - 1)
        steps = draw(steps.map(lambda found, length=length: (found + [1] * length)[: length - 1]))
        steps[: needed - 1] = [1] * (needed - 1)  # the first window is there
        places.append(np.cumsum([0, *steps]))
    how |= {"stride": draw(st.integers(1, 3)), "shifted": shifted}
    freq = draw(st.sampled_from([None, INDICES[kind][1]]))
    return kind, tables, places, how, target, sorted(known), freq


def build(kind, tables, places, how, target, known, freq):
    """The windows of a case, the series, and the whole index of each, also after its end."""
    whole = [INDICES[kind][0](place[-1] + 1 + 9) for place in places]
    names = [f"column {c}" for c in range(tables[0].shape[1])]
    if kind in ("array", "tensor"):
        series, names = [{"array": np.array, "tensor": torch.tensor}[kind](t) for t in tables], None
    else:
        series = [
            pd.DataFrame(table, index[place], names)
            for table, index, place in zip(tables, whole, places, strict=True)
        ]
    called = (lambda at: [names[c] for c in at]) if names else list
    windows = Windows(
        series if len(series) > 1 else series[0],
        **how,
        target=called(target),
        known=called(known) or None,
        freq=freq,
        dtype=torch.float64,
    )
    assert (windows.columns, windows.target) == (called(range(len(tables[0][0]))), called(target))
    return windows, series, whole


@given(cases(), st.booleans())
def test_windows_equal_the_plain_loop(case, shuffle):
    kind, tables, places, how, target, known, freq = case
    windows, _, whole = build(*case)
    neighbours = places if freq is not None else [np.arange(len(place)) for place in places]
    x, y, rows = plain_loop(tables, neighbours, **how, target=target, known=known)

    assert len(windows) == len(x)
    together = [torch.cat(v) if isinstance(v, list) else v for v in (windows.x, windows.y)]
    np.testing.assert_array_equal(together[0], x)
    np.testing.assert_array_equal(together[1], y)
    for i, (x_i, y_i) in enumerate(windows):
        np.testing.assert_array_equal(x_i, x[i])
        np.testing.assert_array_equal(y_i, y[i])
    for i in (0, -1):
        number, x_rows, y_rows = rows[i]
        index = whole[number][places[number]]
        x_index, y_index = windows.dates(i)
        assert list(x_index) == list(index[x_rows])
        assert list(y_index) == list(index[y_rows])

    batches = list(windows.loader(batch_size=3, shuffle=shuffle))
    assert [len(batch) for batch, _ in batches[:-1]] == [3] * (len(batches) - 1)
    got_x, got_y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    order = got_x[:, 0, next(c for c in range(x.shape[2]) if c not in known)].argsort()
    np.testing.assert_array_equal(got_x[order], x)
    np.testing.assert_array_equal(got_y[order], y)


@given(cases())
def test_predictions_get_their_dates_back(case):
    kind, tables, places, how, target, known, freq = case
    windows, _, whole = build(*case)
    neighbours = places if freq is not None else [np.arange(len(place)) for place in places]
    _, y, rows = plain_loop(tables, neighbours, **how, target=target, known=known)
    expected = []
    for (number, x_rows, y_rows), values in zip(rows, y, strict=True):
        for step, row in enumerate(y_rows):
            seen = x_rows[step] if how["shifted"] else x_rows[-1]
            index = whole[number][places[number]]
            several = [number] * (len(tables) > 1)
            expected.append([index[row], index[seen], row - seen, *several, *values[step]])
    frame = windows.to_frame(y)
    columns = ["cutoff", "ahead", *["series"] * (len(tables) > 1), *windows.target]
    assert list(frame.columns) == columns
    assert [list(row) for row in frame.itertuples()] == expected


@given(cases())
def test_the_newest_window_is_dated_after_the_table(case):
    kind, tables, places, how, target, known, freq = case
    windows, series, whole = build(*case)
    seq_len = how["seq_len"]
    ends = [place[-seq_len:] for place in places]
    names = list(windows.known)
    after = [100.0 + np.arange(2 * len(known)).reshape(2, -1) + 10 * n for n in range(len(tables))]
    if kind not in ("array", "tensor"):
        after = [
            pd.DataFrame(values, index[place[-1] + 1 :][:2], names)
            for values, index, place in zip(after, whole, places, strict=True)
        ]
    future = (after if len(tables) > 1 else after[0]) if known else None
    if freq is not None and any(end[-1] - end[0] >= seq_len for end in ends):
        with pytest.raises(ValueError, match=f"the last {seq_len} rows have a gap before"):
            windows.newest(future)
        return
    x = windows.newest(future)
    for number, table in enumerate(tables):
        rows = table[-seq_len:].copy()
        rows[:-1, known] = table[-seq_len:][1:, known]
        rows[-1, known] = np.asarray(after[number])[0]
        np.testing.assert_array_equal(x[number], rows)

    regular = all((np.diff(place) == 1).all() and len(place) > 2 for place in places)
    if kind == "words" or not (regular or freq is not None):
        return
    steps = windows[0][1].shape[0]
    yhat = torch.arange(1.0, 1 + len(tables) * steps * len(target)).reshape(len(tables), steps, -1)
    frame = windows.to_frame(yhat, newest=True)
    np.testing.assert_array_equal(frame[windows.target], yhat.flatten(0, 1))
    expected = []
    for index, place in zip(whole, places, strict=True):
        for step in range(steps):
            seen = place[len(place) - seq_len + step] if how["shifted"] else place[-1]
            ahead = how["gap"] + 1 + (0 if how["shifted"] else step)
            inside = len(place) - seq_len + step + ahead if how["shifted"] else len(place)
            due = place[inside] if inside < len(place) else place[-1] + ahead
            if how["shifted"] and inside >= len(place):
                due = place[-1] + inside - len(place) + 1
            expected.append((index[due], index[seen], ahead))
    got = list(frame[["cutoff", "ahead"]].itertuples(name=None))
    if kind == "floats":
        np.testing.assert_allclose(got, expected)
    else:
        assert got == expected


def as_frame(table):
    dates = pd.date_range("1949-01-01", periods=len(table), freq="MS")
    return pd.DataFrame(table, dates, [f"column {c}" for c in range(table.shape[1])])


def test_x_and_y_are_views_of_the_series():
    array = np.arange(40, dtype=np.float32).reshape(20, 2)
    windows = Windows(array, 4, target=1)
    assert windows.x.data_ptr() == array.ctypes.data
    assert windows.y.data_ptr() == array[4:, 1:].ctypes.data


@pytest.mark.parametrize("freq", ["MS", None], ids=str)
@pytest.mark.parametrize("shifted", [False, True])
def test_dates_keep_the_frequency_of_the_table(freq, shifted):
    """One that the index has; where it has none, none is made up."""
    dates = pd.date_range("1949-01-01", periods=20, freq="MS")
    dates.freq = freq
    table = pd.Series(np.arange(20.0), dates)
    for part in Windows(table, 4, shifted=shifted).dates(3):
        assert part.freqstr == freq
    for part in Windows(table.set_axis(dates.to_period("M")), 4, shifted=shifted).dates(3):
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
