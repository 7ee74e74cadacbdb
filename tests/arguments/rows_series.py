"""The rows of what `Windows` is cut from: the table, its columns, its dates."""

import numpy as np
import pandas as pd

from arguments.rows_windows import DAY, ROWS_NEEDED, frame, windows
from arguments.table import refused, tensor


def day(n):
    return (DAY + pd.Timedelta(n, "D")).date()


def series(mode, wrong, error, text, right, **how):
    refused("Windows", "series", mode, lambda s, v: windows(s, v, **how), wrong, error, text, right)


series(
    "the name of a file",
    "flights.csv",
    TypeError,
    "series is a str, but a table (time, feature) is needed: pass a DataFrame, a Series, an array "
    "or a tensor, or a list of them.",
    frame,
)
series(
    "an empty list",
    [],
    ValueError,
    "series is an empty list, but at least one table is needed: pass the table itself, or [table].",
    lambda s: [frame(s)],
)
series(
    "a list of tables with other columns",
    lambda s: [frame(s), frame(s)[["b", "a"]]],
    ValueError,
    "series[1] has the columns ['b', 'a'], but series[0] has ['a', 'b']: all series need the same "
    "columns in the same order. Choose these in each.",
    lambda s: [frame(s), frame(s)[["b", "a"]][["a", "b"]]],
)
series(
    "a list with a table that is too short",
    lambda s: [frame(s), frame(s)[: s.seq]],
    ValueError,
    lambda s: (
        f"series[1] has {s.seq} steps, but one window needs {s.seq + 1} = seq_len {s.seq} + "
        f"gap 0 + horizon 1: {ROWS_NEEDED}"
    ),
    lambda s: [frame(s), frame(s)[: s.seq + 1]],
)
series(
    "windows",
    lambda s: tensor(s.batch, 20, s.feature),
    ValueError,
    lambda s: (
        f"series is ({s.batch}, 20, {s.feature}), with 3 axes, but a table has two, (time, "
        "feature): pass the table itself. It is cut into windows here."
    ),
    lambda s: tensor(20, s.feature),
)
series(
    "no column",
    lambda s: frame(s)[[]],
    ValueError,
    "series has no columns, but at least one is needed: choose one, such as table[[name]].",
    lambda s: frame(s)[["a"]],
)
series(
    "two columns of one name",
    lambda s: frame(s)[["a", "b", "a"]],
    ValueError,
    "series has two columns 'a', but every column needs its own name: rename one, or keep the "
    "first, table.loc[:, ~table.columns.duplicated()].",
    lambda s: (table := frame(s)[["a", "b", "a"]]).loc[:, ~table.columns.duplicated()],
)
series(
    "sparse",
    lambda s: tensor(20, s.feature).to_sparse(),
    ValueError,
    "series is torch.sparse_coo, but rows are cut from a dense table: use series.to_dense().",
    lambda s: tensor(20, s.feature).to_sparse().to_dense(),
)
series(
    "on the device meta",
    lambda s: tensor(20, s.feature).to("meta"),
    ValueError,
    "series is on the device meta, without numbers: pass one with them.",
    lambda s: tensor(20, s.feature),
)
series(
    "masked",
    lambda s: np.ma.masked_equal(np.arange(30), s.other),
    ValueError,
    "series is masked in 1 places, but every window needs numbers. Fill the gaps, for example with "
    "pd.DataFrame(series.astype(float).filled(np.nan)).ffill().",
    lambda s: pd.DataFrame(
        np.ma.masked_equal(np.arange(30), s.other).astype(float).filled(np.nan)
    ).ffill(),
)
series(
    "an array of text",
    lambda s: np.arange(30).astype("U2"),
    ValueError,
    "series has dtype <U2, but windows need numbers: pass the numeric columns only, or convert "
    "them with astype(float).",
    lambda s: np.arange(30).astype("U2").astype(float),
)
series(
    "an array of complex numbers",
    lambda s: np.arange(30) * 1j,
    ValueError,
    "series has dtype complex128, but windows need real numbers: use series.real, or two columns, "
    "series.real and series.imag.",
    lambda s: (np.arange(30) * 1j).real,
)
FILL = (
    "every window needs numbers. Fill the gap, for example with table.ffill(), or pass the "
    "stretches between the gaps as a list."
)
for value, name in ((np.nan, "NaN"), (-np.inf, "-inf")):
    for count, more in ((1, ""), (2, " and in 1 other place"), (3, " and in 2 other places")):

        def holed(s, value=value, count=count):
            table = frame(s, "D")
            table.iloc[s.seq + 1 : s.seq + 1 + count, 1] = value
            return table

        for helps in (
            lambda table, s: table.replace(-np.inf, np.nan).ffill(),
            lambda table, s: [table[: s.seq + 1], table[s.seq + 4 :]],
        ):
            series(
                f"{name} in {count}",
                holed,
                ValueError,
                lambda s, name=name, more=more: (
                    f"series has {name} in row {s.seq + 1} ({day(s.seq + 1)}), column 'b'{more}: "
                    + FILL
                ),
                lambda s, holed=holed, helps=helps: helps(holed(s), s),
            )


def mended(code, table):
    """The table after the code that a text gives."""
    names = {"pd": pd, "np": np, "table": table}
    if " = " in code:
        exec(code, names)
        return table
    return eval(code, names)


def moved(s, order, freq="D"):
    return frame(s, freq).iloc[order(s)]


SWAPPED = lambda s: [*range(s.seq), s.seq + 1, s.seq, *range(s.seq + 2, 40)]  # noqa: E731


series(
    "rows out of order",
    lambda s: moved(s, SWAPPED),
    ValueError,
    lambda s: (
        f"series is out of order: row {s.seq + 1} is {day(s.seq)}, but row {s.seq} is "
        f"{day(s.seq + 1)}. Rows need to run from old to new: try table.sort_index()."
    ),
    lambda s: moved(s, SWAPPED).sort_index(),
)
series(
    "dates as text, out of order",
    lambda s: (table := moved(s, SWAPPED)).set_axis(table.index.strftime("%d/%m/%Y")),
    ValueError,
    lambda s: (
        f"series is out of order: row {s.seq + 1} is {day(s.seq):%d/%m/%Y}, but row {s.seq} is "
        f"{day(s.seq + 1):%d/%m/%Y}. Rows need to run from old to new: try "
        "table.set_axis(pd.to_datetime(table.index, dayfirst=True)).sort_index()."
    ),
    lambda s: moved(s, SWAPPED).sort_index(),
)
series(
    "a time twice",
    lambda s: moved(s, lambda s: [*range(s.seq), s.seq - 1, *range(s.seq, 40)]),
    ValueError,
    lambda s: (
        f"series has {day(s.seq - 1)} in row {s.seq - 1} and in row {s.seq}, but a time can come "
        "only once: if the table holds several series, pass a list with one table each."
    ),
    lambda s: [frame(s), frame(s)],
)
series(
    "tables that were glued together",
    lambda s: pd.concat([frame(s, "D"), frame(s, "D")]),
    ValueError,
    lambda s: (
        f"series is out of order: row {40 + s.other} is {day(0)}, but row {39 + s.other} is "
        f"{day(39 + s.other)}, and begins anew. If tables were glued together there, pass a list "
        "of them, [part for _, part in table.groupby(np.cumsum(np.r_[False, table.index[1:] <= "
        "table.index[:-1]]))]."
    ),
    lambda s: mended(
        "[part for _, part in table.groupby(np.cumsum(np.r_[False, table.index[1:] <= "
        "table.index[:-1]]))]",
        pd.concat([frame(s, "D"), frame(s, "D")]),
    ),
)


def autumn(s):
    index = pd.date_range("2022-10-29", periods=40 + s.other, freq="h", tz="Europe/Berlin")
    return frame(s).set_axis(index.tz_localize(None))


series(
    "the hour that comes twice",
    autumn,
    ValueError,
    "series has 2022-10-30 02:00:00 in row 26 and in row 27, but a time can come only once: it is "
    "the hour that comes twice when clocks go back. Name the zone that the dates are from, such as "
    'table.set_axis(table.index.tz_localize("Europe/Berlin", ambiguous="infer")).',
    lambda s: mended(
        'table.set_axis(table.index.tz_localize("Europe/Berlin", ambiguous="infer"))', autumn(s)
    ),
)
series(
    "a row without its date",
    lambda s: (table := frame(s)).set_axis(table.index.where(np.arange(len(table)) != s.seq)),
    ValueError,
    lambda s: (
        f"series has no date in row {s.seq}, but every row needs one: drop the row, or give it its "
        "date."
    ),
    lambda s: frame(s).drop(frame(s).index[s.seq]),
)


def panel(s):
    return pd.concat([frame(s), frame(s)], keys=["north", "south"], names=["store", "day"])


series(
    "rows of two levels",
    panel,
    ValueError,
    "series has rows of 2 levels, ['store', 'day'], but they need one order in time: pass a list "
    "with one table each, [part.droplevel([0]) for _, part in table.groupby(level=[0])].",
    lambda s: mended("[part.droplevel([0]) for _, part in table.groupby(level=[0])]", panel(s)),
)
