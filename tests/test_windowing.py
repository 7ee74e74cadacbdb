"""`Windows` against a plain loop, whatever the rows are called."""

import re
import subprocess
import sys
import tracemalloc
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


ONE = Windows(np.arange(40.0), 3)
TWO = Windows([np.arange(40.0), np.arange(100.0, 120)], 3)
CUT = Windows(pd.Series(np.arange(60.0)).drop([20, 41]), 3, freq=1, stride=2)


@pytest.mark.parametrize("windows", [ONE, TWO, CUT], ids=["one series", "two", "with gaps"])
def test_an_index_means_the_same_for_one_series_and_for_several(windows):
    n, (x, y) = len(windows), windows[:]
    assert torch.equal(x[:, -1:] + 1, y)
    mask = np.arange(n) % 3 == 0
    for index, wanted in [
        (torch.tensor([-1, 0, 3]), [n - 1, 0, 3]),
        ([2, -n], [2, 0]),
        (np.array([5, 1], dtype=np.uint8), [5, 1]),
        (torch.tensor([0, 5], dtype=torch.uint8), [0, 5]),
        (mask, range(0, n, 3)),
        (mask.tolist(), range(0, n, 3)),
        (torch.tensor(mask), range(0, n, 3)),
        (pd.Index([4, 6]), [4, 6]),
        ([], []),
        (slice(None, None, -2), range(n - 1, -1, -2)),
        (slice(n - 2, 99), [n - 2, n - 1]),
    ]:
        got_x, got_y = windows[index]
        assert torch.equal(got_x, x[list(wanted)])
        assert torch.equal(got_y, y[list(wanted)])
    for number in (3, -1, np.int8(3), torch.tensor(3), np.array(3)):
        assert torch.equal(windows[number][0], x[int(number)])
    for index in ([0, n], torch.tensor([-n - 1]), n, np.uint8(n)):
        with pytest.raises(
            IndexError, match=rf"window -?\d+ was asked for, but there are {n}: cho"
        ):
            windows[index]
    with pytest.raises(IndexError, match=rf"the mask is \(4,\), but there are {n} windows: a mask"):
        windows[[True] * 4]
    for index in (1.0, [0.5], torch.tensor([1.0]), None, True, (0, 1), "a", {1: 2}):
        with pytest.raises(TypeError, match=r"was asked for, but windows have whole numbers: use"):
            windows[index]
    for index in (slice(0, 2), 1.0, True, [1]):
        with pytest.raises(TypeError, match=r"was asked for, but windows have whole numbers: use"):
            windows.dates(index)


def test_stretches_between_gaps_are_views_like_those_of_a_list():
    table = np.arange(60, dtype=np.float32)
    parts = [pd.Series(table[:20]), pd.Series(table[21:41]), pd.Series(table[42:])]
    assert [part.tolist() for part in CUT.x] == [x.tolist() for x in Windows(parts, 3, stride=2).x]
    array = np.arange(40, dtype=np.float32).reshape(20, 2)
    frame = pd.DataFrame(array, [*range(9), *range(11, 22)])
    windows = Windows(frame, 4, freq=1)
    assert [x.shape for x in windows.x] == [(5, 4, 2), (7, 4, 2)]
    assert windows.x[1].data_ptr() == frame.to_numpy()[9:].ctypes.data


def test_memory_that_must_not_be_written_to_is_not(tmp_path):
    """A write to a window of it would end the process."""
    array = np.arange(20, dtype=np.float32)
    np.save(tmp_path / "table.npy", array)
    mapped = np.load(tmp_path / "table.npy", mmap_mode="r")
    frozen = array.copy()
    frozen.flags.writeable = False
    sources = {
        "a file": mapped,
        "a part of a file": mapped[2:],
        "columns of a file": mapped.reshape(10, 2),
        "bytes": np.frombuffer(array.tobytes(), np.float32),
        "frozen": frozen,
        "a table": pd.DataFrame(mapped.reshape(10, 2), copy=False),
    }
    for name, source in sources.items():
        windows = Windows(source, 3)
        before = np.array(source, copy=True)
        x = windows[:][0].clone()
        windows.x[0, 0, 0] = 99.0
        assert windows.x[0, 0, 0] == 99.0, name
        assert np.array_equal(source, before), name
        assert torch.equal(windows[2][0], x[2]), name
    assert np.array_equal(np.load(tmp_path / "table.npy"), array)


def test_a_table_on_disk_is_not_read_into_memory(tmp_path):
    array = np.random.default_rng(0).random((200_000, 5), dtype=np.float32)
    np.save(tmp_path / "table.npy", array)
    mapped = np.load(tmp_path / "table.npy", mmap_mode="r")
    for source, expected in ((mapped, array), (mapped[70:], array[70:])):
        tracemalloc.start()
        windows = Windows(source, 3)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < array.nbytes / 10
        x, y = windows[[4, -1]]
        assert np.array_equal(x[0], expected[4:7])
        assert np.array_equal(y[1, 0], expected[-1])


def test_arguments_of_a_loader_are_checked():
    for how in ({"drop_last": "x"}, {"shuffle": 1}):
        with pytest.raises(TypeError, match=r"(drop_last|shuffle) is .*, but it has to be True"):
            ONE.loader(**how)
    with pytest.raises(TypeError, match=r"seed is None, but it has to be a whole number\."):
        ONE.loader(seed=None)
    assert len(list(ONE.loader(np.int8(20), seed=np.int64(3)))) == 2
    with pytest.raises(ValueError, match=r"200 = seq_len 100 \+ gap 0 \+ horizon 100"):
        Windows(np.arange(50.0), np.int8(100), np.int8(100))


KNOWN = Windows(as_frame(np.arange(40.0).reshape(20, 2)), 3, known="column 1")


def test_the_future_begins_right_after_the_table():
    after = as_frame(np.arange(100.0, 150).reshape(25, 2))[20:]
    expected = [[34, 35 + 2.0], [36, 39], [38, 141]]  # observed values, and the next row's known
    for future in (after, after["column 1"], after.to_numpy(), after[["column 1"]].to_numpy()):
        assert KNOWN.newest(future).tolist() == [expected]
    later = after.copy()
    later.iloc[1:] = np.nan  # only the next row is read
    assert KNOWN.newest(later).tolist() == [expected]
    for future, message in [
        (None, r"columns \['column 1'\] are known ahead, so the newest window needs their values"),
        ([after], r"columns \['column 1'\] are known ahead|future is a list"),
        (after[1:], "future begins at 1950-10-01, but the table ends at 1950-08-01: pass the rows"),
        (KNOWN.to_frame(KNOWN.y), r"future has 17 rows and the columns \['cutoff', 'ahead', 'colu"),
        (after[:0], "future has 0 rows and the columns"),
        (np.ones((4, 3)), r"future is \(4, 3\), but \(time, feature\) with 1 features is needed"),
    ]:
        with pytest.raises((ValueError, TypeError), match=message):
            KNOWN.newest(future)
    with pytest.raises(ValueError, match="future was passed, but no column is known ahead: name"):
        ONE.newest(np.ones(3))
    pair = Windows([as_frame(np.arange(40.0).reshape(20, 2))] * 2, 3, known="column 1")
    assert pair.newest([after, after * 2])[:, -1].tolist() == [[38, 141], [38, 282]]
    with pytest.raises(ValueError, match="after each of 2 series, but 1 were passed"):
        pair.newest([after])


def test_predictions_that_have_no_place_in_a_table_are_refused():
    windows = Windows(as_frame(np.arange(40.0).reshape(20, 2)), 3, horizon=2)
    for yhat, newest, message in [
        (
            np.ones((3, 2, 2)),
            False,
            r"yhat is \(3, 2, 2\), but \(window=16, horizon=2, target=2\) is",
        ),
        (
            np.ones((16, 2)),
            False,
            r"yhat is \(16, 2\), but \(window=16, horizon=2, target=2\)",
        ),
        (windows.y, True, r"yhat is \(16, 2, 2\), but \(series=1, horizon=2, target=2\) is needed"),
    ]:
        with pytest.raises(ValueError, match=message):
            windows.to_frame(yhat, newest=newest)
    named = Windows(pd.DataFrame({"cutoff": np.arange(9.0)}), 3)
    with pytest.raises(ValueError, match="a target is called 'cutoff', as a column of the result"):
        named.to_frame(named.y)
    irregular = pd.Series(np.arange(9.0), pd.date_range("2024", periods=10, freq="h").delete(3))
    with pytest.raises(ValueError, match="the index is not regular, so the dates after the table"):
        Windows(irregular, 3).to_frame(np.ones((1, 1, 1)), newest=True)
    frame = Windows(irregular, 3, freq="h").to_frame(np.ones((1, 1, 1)), newest=True)
    assert frame.index[0] == pd.Timestamp("2024-01-01 10:00")


@pytest.mark.parametrize("count", [1, 300])
def test_a_batch_is_gathered_by_two_calls_however_many_series_there_are(count, monkeypatch):
    """One of x and one of y: what an epoch costs does not grow with the number of series."""
    series = [np.arange(9.0) + 10 * n for n in range(count)]
    windows = Windows(series, 3)
    gathered = []

    class Counted(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            if function in (torch.Tensor.index_select, torch.Tensor.__getitem__):
                gathered.append(function)
            return super().__torch_function__(function, types, args, kwargs or {})

    monkeypatch.setattr(windows, "_inputs", windows._inputs.as_subclass(Counted))
    monkeypatch.setattr(windows, "_outputs", windows._outputs.as_subclass(Counted))
    batches = list(windows.loader(50, shuffle=True))
    assert len(gathered) == 2 * len(batches) == 2 * -(-6 * count // 50)


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


def test_an_array_that_runs_backwards_is_an_index_like_any_other():
    windows = Windows(np.arange(20.0), 5)
    errors = np.random.default_rng(0).random(len(windows))
    worst_first = np.argsort(errors)[::-1]
    x, _ = windows[worst_first]
    assert x[:, 0, 0].tolist() == worst_first.tolist()
    x, _ = windows[(np.arange(len(windows)) < 3)[::-1]]
    assert x[:, 0, 0].tolist() == [len(windows) - 3, len(windows) - 2, len(windows) - 1]


@pytest.mark.parametrize("index", [["a"], [0, None], [[0, 1], [2]]], ids=repr)
def test_what_is_no_number_is_told_in_lists_too(index):
    with pytest.raises(TypeError, match=f"{re.escape(repr(index))} was asked for, but windows"):
        Windows(np.arange(20.0), 5)[index]


def test_an_index_of_two_axes_is_told_and_its_advice_works():
    windows, index = Windows(np.arange(20.0), 5), np.array([[0, 1], [3, 2]])
    with pytest.raises(IndexError, match=r"\(2, 2\) was asked for.*index.flatten\(\)"):
        windows[index]
    assert windows[index.flatten()][0][:, 0, 0].tolist() == [0, 1, 3, 2]


def test_a_step_that_no_row_keeps_is_told_with_the_one_that_all_keep():
    table = pd.DataFrame({"v": np.arange(30.0)}, pd.date_range("2020-01-01", periods=30, freq="MS"))
    with pytest.raises(ValueError, match=r"freq is 'ME'.*Pass freq='MS'"):
        Windows(table, 5, freq="ME")
    assert len(Windows(table, 5, freq="MS")) == 25


@pytest.mark.parametrize("zones", [("Europe/Berlin", None), (None, "Europe/Berlin")])
def test_a_future_without_the_zone_of_the_table_is_told(zones):
    def hours(first, count, zone):
        index = pd.date_range(first, periods=count, freq="h", tz=zone)
        return pd.DataFrame({"v": np.arange(float(count)), "hour": index.hour}, index)

    windows = Windows(hours("2024-01-01", 30, zones[0]), 5, known=["hour"], target=["v"])
    future = hours("2024-01-02 06:00", 2, zones[1])[["hour"]]
    with pytest.raises(ValueError, match=rf"use future.tz_localize\({zones[0]!r}\)"):
        windows.newest(future)
    assert windows.newest(future.tz_localize(zones[0]))[0, -1].tolist() == [29, 6]


def test_one_table_of_the_future_for_several_series_is_told():
    table = pd.DataFrame({"v": np.arange(20.0), "k": np.arange(20.0) % 7})
    windows = Windows([table, table], 5, known=["k"], target=["v"])
    future = pd.DataFrame({"k": [6.0, 0.0]})
    with pytest.raises(TypeError, match="future is a DataFrame, but the windows are of 2 series"):
        windows.newest(future)
    assert windows.newest([future, future])[:, -1, 1].tolist() == [6, 6]
