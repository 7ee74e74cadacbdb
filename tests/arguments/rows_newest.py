"""The rows of `newest` and `to_frame`."""

import numpy as np
import pandas as pd

from arguments.rows_windows import frame, windows
from arguments.table import Case, refused, row, switch, tensor
from lstm_helpers import Windows


def known(s, listed=False, **how):
    return windows(s, [frame(s), frame(s)[: s.seq + 1]] if listed else None, known="b", **how)


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
