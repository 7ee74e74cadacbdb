"""What a right result is, as checks of it that fail where it is none."""

import pandas as pd
import torch


def of(*kinds):
    """The result is of one of these kinds."""

    def check(result):
        assert isinstance(result, kinds), type(result)

    return check


def shaped(*sizes):
    """A tensor of these sizes; None for one that the arguments decide."""

    def check(result):
        of(torch.Tensor)(result)
        assert len(sizes) == result.ndim, result.shape
        assert all(size in (None, given) for size, given in zip(sizes, result.shape, strict=True))

    return check


def are_windows(windows):
    """As many steps and columns as it says itself, in every window."""
    x, y = windows[:1000]
    steps = windows.seq_len if windows.shifted else windows.horizon
    assert x.shape == (min(len(windows), 1000), windows.seq_len, len(windows.columns))
    assert y.shape == (len(x), steps, len(windows.target))
    assert len(windows.dates(len(windows) - 1)[1]) == steps


def dates_of(windows):
    """The dates of one hourly window, and of what follows it."""

    def check(dates):
        assert [len(part) for part in dates] == [windows.seq_len, windows.horizon]
        assert dates[1][0] - dates[0][-1] == pd.Timedelta("1h")

    return check


def place_in(windows):
    """A series, and the rows of one of its windows, side by side."""

    def check(place):
        number, x_rows, y_rows = place
        sizes = x_rows.stop - x_rows.start, y_rows.stop - y_rows.start
        assert sizes == (windows.seq_len, windows.horizon)
        assert y_rows.start == x_rows.stop
        assert (number, x_rows, y_rows) in [windows.place(i) for i in range(len(windows))]

    return check


def batches_of(windows):
    """Every window in one batch, but those that are dropped."""

    def check(loader):
        size, sizes = loader.sampler.batch_size, [len(x) for x, _ in loader]
        left = len(windows) % size * (not loader.sampler.drop_last)
        assert sizes == [size] * (len(windows) // size) + [left] * bool(left)

    return check


def frame_of(windows):
    """One row for each step of each window, or of the newest one."""

    def check(table):
        of(pd.DataFrame)(table)
        assert len(table) in (windows.horizon * len(windows), windows.horizon)
        assert list(table.columns) == ["cutoff", "ahead", *windows.target]

    return check


def are_parts(parts):
    """Training, validation and test part, of one kind; something to train on."""
    assert len(parts) == 3
    assert len({type(part) for part in parts}) == 1
    train = parts[0] if isinstance(parts[0], list) else [parts[0]]
    assert all(len(part) for part in train)


def are_forecasts(table):
    """Rows counted on from each origin, with dates that come after it."""
    of(pd.DataFrame)(table)
    assert list(table.columns[:2]) == ["cutoff", "ahead"]
    assert (table.index > table["cutoff"]).all()
    assert len(table) % table["ahead"].max() == 0
