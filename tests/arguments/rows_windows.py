"""The rows of `Windows` and its methods."""

import numpy as np
import pandas as pd
import torch

from arguments.table import Case, refused, row, switch, tensor, whole
from lstm_helpers import Windows
from lstm_helpers._arguments import MOST_SEED

DAY = pd.Timestamp("2024-02-27")


def frame(s, freq="h", **columns):
    """A table (time, feature=2) of 40 to 53 rows, and what else is drawn into it."""
    rows = 40 + s.other
    index = pd.date_range(DAY, periods=rows, freq=freq)
    values = {"a": np.arange(rows) + 0.5, "b": np.arange(rows) % 7 + 1.0}
    return pd.DataFrame({**values, **columns}, index)


def windows(s, series=None, **how):
    return Windows(frame(s) if series is None else series, s.seq, **how)


def known(s, listed=False, **how):
    return windows(s, [frame(s), frame(s)[: s.seq + 1]] if listed else None, known="b", **how)


def at(argument):
    """Cut windows of a right table, with this argument."""
    return lambda s, value: windows(s, **{argument: value})


whole("Windows", "seq_len", lambda s, value: Windows(frame(s), value), least=1)
whole("Windows", "horizon", at("horizon"), least=1)
whole("Windows", "gap", at("gap"))
whole("Windows", "stride", at("stride"), least=1, most=2**62)
switch("Windows", "shifted", at("shifted"))
ROWS_NEEDED = "shorten seq_len or horizon, or pass more data."


@row("Windows", "horizon", "beside shifted")
def _(s):
    return Case(
        lambda: windows(s, horizon=s.horizon, shifted=True),
        ValueError,
        f"horizon is {s.horizon}, but shifted targets are always one step ahead: drop horizon, or "
        "shifted.",
        lambda: [windows(s, shifted=True), windows(s, horizon=s.horizon)],
    )


for argument in ("seq_len", "horizon", "gap"):

    @row("Windows", argument, "too large for the series")
    def _(s, argument=argument):
        rows = 40 + s.other
        sizes = {"seq_len": s.seq, "horizon": s.horizon, "gap": s.layer, argument: rows}
        parts = " + ".join(f"{name} {sizes[name]}" for name in ("seq_len", "gap", "horizon"))
        return Case(
            lambda: Windows(frame(s), **sizes),
            ValueError,
            f"series has {rows} steps, but one window needs {sum(sizes.values())} = {parts}: "
            + ROWS_NEEDED,
            lambda: [
                Windows(frame(s), **{**sizes, argument: 1}),
                Windows(np.arange(4.0 * rows), **sizes),
            ],
        )


CHOICE = "use a number, a slice, a mask, or several numbers as a list, array or tensor."
for method, argument in (("__getitem__", "index"), ("dates", "i"), ("place", "i")):

    def use(s, value, method=method):
        return getattr(windows(s), method)(value)

    for value in ("3", True, 2.0, None):
        refused(
            *(f"Windows.{method}", argument, repr(value), use, value, TypeError),
            f"{value!r} was asked for, but windows have whole numbers: {CHOICE}",
            3,
        )
    for value, mode in ((50, "above"), (-50, "below")):
        refused(
            *(f"Windows.{method}", argument, mode, use, value, IndexError),
            lambda s, value=value: (
                f"window {value} was asked for, but there are {len(windows(s))}: choose from 0 to "
                f"{len(windows(s)) - 1}."
            ),
            lambda s: len(windows(s)) - 1,
        )


def index(mode, wrong, error, text, right):
    refused(
        "Windows.__getitem__", "index", mode, lambda s, v: windows(s)[v], wrong, error, text, right
    )


index(
    "a slice of text",
    slice("a", "b"),
    TypeError,
    f"slice('a', 'b', None) was asked for, but windows have whole numbers: {CHOICE}",
    slice(1, 3),
)
index(
    "fractions",
    torch.tensor([0.5]),
    TypeError,
    f"torch.float32 was asked for, but windows have whole numbers: {CHOICE}",
    torch.tensor([3]),
)
index(
    "a list with text",
    [1, "a"],
    TypeError,
    f"[1, 'a'] was asked for, but windows have whole numbers: {CHOICE}",
    [1, 2],
)
index(
    "a list with one that is not there",
    [1, 60],
    IndexError,
    lambda s: (
        f"window 60 was asked for, but there are {len(windows(s))}: choose from 0 to "
        f"{len(windows(s)) - 1}."
    ),
    lambda s: [1, len(windows(s)) - 1],
)
index(
    "two axes",
    lambda s: torch.ones(s.batch, 2, dtype=torch.long),
    IndexError,
    lambda s: (
        f"an index ({s.batch}, 2) was asked for, but windows stand in one row: use index.flatten()."
    ),
    lambda s: torch.ones(s.batch, 2, dtype=torch.long).flatten(),
)
index(
    "a mask of another length",
    lambda s: np.ones(s.batch, bool),
    IndexError,
    lambda s: (
        f"the mask is ({s.batch},), but there are {len(windows(s))} windows: a mask has one True "
        "or False for each."
    ),
    lambda s: np.ones(len(windows(s)), bool),
)

whole(
    "Windows.loader", "batch_size", lambda s, value: next(iter(windows(s).loader(value))), least=1
)
whole("Windows.loader", "seed", lambda s, value: windows(s).loader(seed=value), most=MOST_SEED)
switch("Windows.loader", "shuffle", lambda s, value: windows(s).loader(shuffle=value))
switch("Windows.loader", "drop_last", lambda s, value: windows(s).loader(drop_last=value))


def future(mode, wrong, error, text, right, of=known):
    refused(
        "Windows.newest", "future", mode, lambda s, v: of(s).newest(v), wrong, error, text, right
    )


def after(s, rows=1, late=0, tz=None):
    """The known column in the rows after the table, or `late` rows later."""
    first = frame(s).index[-1] + pd.Timedelta(1 + late, "h")
    return pd.DataFrame({"b": 3.5}, pd.date_range(first, periods=rows, freq="h", tz=tz))


def listed(s):
    return known(s, listed=True)


future(
    "where no column is known",
    after,
    ValueError,
    "future was passed, but no column is known ahead: name them in Windows(..., known=), or drop "
    "future.",
    None,
    of=windows,
)
NEEDED = (
    "columns ['b'] are known ahead, so the newest window needs their values after each of {} "
    "series, but {}: pass future=, a table from the next row on, or a list of them for a list of "
    "series."
)
future("none", None, ValueError, NEEDED.format(1, "none was passed"), after)
both = lambda s: [after(s), np.ones((1, 1))]  # noqa: E731
future("none of a list", None, ValueError, NEEDED.format(2, "none was passed"), both, of=listed)
future(
    "one for two series",
    lambda s: [after(s)],
    ValueError,
    NEEDED.format(2, "1 were passed"),
    both,
    of=listed,
)
future(
    "no list for two series",
    after,
    TypeError,
    "future is a DataFrame, but the windows are of 2 series: pass a list with one table for each.",
    both,
    of=listed,
)
future(
    "text",
    "next.csv",
    TypeError,
    "future is a str, but a table (time, feature) is needed: pass a DataFrame, a Series, an array "
    "or a tensor, or a list of them.",
    after,
)
ROW = "but a row with ['b'] is needed: pass the known columns from the next row on."
future(
    "another column",
    lambda s: after(s).rename(columns={"b": "c"}),
    ValueError,
    f"future has 1 rows and the columns ['c'], {ROW}",
    after,
)
future(
    "no row",
    lambda s: after(s)[:0],
    ValueError,
    f"future has 0 rows and the columns ['b'], {ROW}",
    after,
)
future(
    "a later row",
    lambda s: after(s, late=s.other),
    ValueError,
    lambda s: (
        f"future begins at {after(s, late=s.other).index[0]}, but the table ends at "
        f"{frame(s).index[-1]}: pass the rows after it, from the next one on."
    ).replace(" 00:00:00", ""),
    after,
)
future(
    "a zone",
    lambda s: after(s, tz="Europe/Berlin"),
    ValueError,
    "future has dates with zone Europe/Berlin, those of the table with no zone: use "
    "future.tz_localize(None).",
    lambda s: after(s, tz="Europe/Berlin").tz_localize(None),
)
future(
    "other features",
    lambda s: tensor(1, s.feature),
    ValueError,
    lambda s: (
        f"future is (1, {s.feature}), but (time, feature) with 1 features is needed, those that "
        "are known ahead: ['b']."
    ),
    lambda s: tensor(1, 1),
)


def holey(s, seq_len=20):
    return Windows(frame(s).drop(frame(s).index[-3]), seq_len, freq="h")


@row("Windows.newest", "future", "a gap in the last rows")
def _(s):
    return Case(
        lambda: holey(s).newest(),
        ValueError,
        f"the last 20 rows have a gap before {frame(s).index[-2]}, but the newest window needs "
        "rows without one: shorten seq_len, or fill the gap.".replace(" 00:00:00", ""),
        lambda: [holey(s, 2).newest(), Windows(frame(s), 20, freq="h").newest()],
    )


def yhat(mode, wrong, error, text, right, **how):
    refused(
        "Windows.to_frame",
        "yhat",
        mode,
        lambda s, v: windows(s, **how).to_frame(v),
        wrong,
        error,
        text,
        right,
    )


def right(s):
    return windows(s).y


yhat(
    "text", "y", TypeError, "yhat has dtype <U1, but numbers are needed. Try astype(float).", right
)
yhat(
    "None",
    None,
    TypeError,
    "yhat is None, but numbers are needed: pass a tensor, an array, a table or a list of numbers.",
    right,
)
yhat(
    "complex",
    lambda s: windows(s).y * 1j,
    TypeError,
    "yhat has dtype complex64, but numbers are needed. Use their .real.",
    right,
)
yhat(
    "lists of unequal length",
    [[1.5], [1.5, 2.5]],
    TypeError,
    "yhat is [[1.5], [1.5, 2.5]], but numbers are needed: pass a tensor, an array, a table or a "
    "list of numbers.",
    right,
)
yhat(
    "another shape",
    lambda s: windows(s).y[1:],
    ValueError,
    lambda s: (
        f"yhat is ({len(right(s)) - 1}, 1, 2), but (window={len(right(s))}, horizon=1, target=2) "
        "is needed, one row for each window: pass what predict returns, or newest=True for the "
        "prediction of newest()."
    ),
    right,
)
switch(
    "Windows.to_frame",
    "newest",
    lambda s, v: windows(s).to_frame(tensor(1, 1, 2) if v else right(s), v),
)


@row("Windows.to_frame", "newest", "dates that are not regular")
def _(s):
    table = frame(s).drop(frame(s).index[2])
    return Case(
        lambda: windows(s, table).to_frame(tensor(1, 1, 2), newest=True),
        ValueError,
        "the index is not regular, so the dates after the table are not known: pass Windows(..., "
        "freq=), the step from one row to the next.",
        lambda: windows(s, table, freq="h").to_frame(tensor(1, 1, 2), newest=True),
    )


@row("Windows.to_frame", "yhat", "a target called as a column")
def _(s):
    table = frame(s).rename(columns={"b": "ahead"})
    return Case(
        lambda: windows(s, table).to_frame(right(s)),
        ValueError,
        "a target is called 'ahead', as a column of the result: rename it.",
        lambda: windows(s, table.rename(columns={"ahead": "b"})).to_frame(right(s)),
    )
