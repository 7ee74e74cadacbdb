"""The rows of what `Windows` is cut from: the table, its columns, its dates."""


import numpy as np
import pandas as pd
import torch
from pandas.tseries.frequencies import to_offset

from arguments.rows_windows import DAY, ROWS_NEEDED, at, frame, windows
from arguments.table import Case, refused, row, said, tensor


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
    "series is torch.sparse_coo, but windows are cut from a dense table: use series.to_dense().",
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


def cycled(*values, dtype=None):
    return lambda n: pd.Series(values, dtype=dtype).iloc[np.arange(n) % len(values)].array


T = "table['v'] = table['v']"
# what a column holds -> its values, what is said of it, and the code that mends it between bars
COLUMNS = {
    "complex numbers": (lambda n: np.arange(n) * 1j, "complex numbers", f"|{T}.to_numpy().real|"),
    "durations": (
        lambda n: pd.timedelta_range("1min", periods=n, freq="min"),
        "durations",
        f"|{T}.dt.total_seconds()|",
    ),
    "categories": (
        cycled("sun", "rain", dtype="category"),
        "categories such as 'sun'",
        "make a column of 0 and 1 for each word, |pd.get_dummies(table, columns=['v'])|",
    ),
    "categories of numbers": (
        cycled(1.5, 2.5, dtype="category"),
        "categories such as 1.5",
        f"|{T}.astype(float)|",
    ),
    "nothing": (cycled(None, dtype=object), "nothing", "drop it, |table.drop(columns='v')|"),
    "objects": (cycled(True, False, dtype=object), "objects such as True", f"|{T}.astype(float)|"),
    "numbers as text": (
        cycled("1.5", "2"),
        "text such as '1.5'",
        "|table['v'] = pd.to_numeric(table['v'])|",
    ),
    "words": (
        cycled("sun", "rain"),
        "text such as 'sun'",
        "drop it, |table.drop(columns='v')|, or make a column of 0 and 1 for each word, "
        "pd.get_dummies(table, columns=['v'])",
    ),
    "yes and no": (
        cycled("yes", "no"),
        "text such as 'yes'",
        f"|{T}.str.strip().str.lower().isin(['yes'])|",
    ),
    "thousands": (
        cycled("1,000", "950"),
        "text such as '1,000'",
        f'|{T}.str.replace(",", "").astype(float)|',
    ),
    "money": (
        cycled("$3", "$4.25"),
        "text such as '$3'",
        f"|{T}.replace({{'[$]': ''}}, regex=True).astype(float)|",
    ),
    "a mark for gaps": (
        cycled("7", "?"),
        "text such as '?'",
        "take it for a gap and fill it, "
        "|table['v'] = pd.to_numeric(table['v'], errors=\"coerce\").ffill()|",
    ),
    "dates": (
        lambda n: pd.date_range(DAY, periods=n),
        "dates",
        "make it the index, |table.set_index('v')|",
    ),
    "dates as text": (
        lambda n: pd.date_range(DAY, periods=n).strftime("%Y-%m-%d"),
        "text such as '2024-02-27'",
        "make dates of it and the index of them, |table.set_index(pd.to_datetime(table.pop('v')))|",
    ),
}


def mended(code, table):
    """The table after the code that a text gives."""
    names = {"pd": pd, "np": np, "table": table}
    if " = " in code:
        exec(code, names)
        return table
    return eval(code, names)


for mode, (values, holds, advice) in COLUMNS.items():

    def bad(s, values=values):
        return frame(s, v=values(40 + s.other))

    series(
        f"a column of {mode}",
        bad,
        ValueError,
        f"column 'v' of series holds {holds}, but windows need numbers: {advice}.".replace("|", ""),
        lambda s, bad=bad, advice=advice: mended(advice.split("|")[1], bad(s)),
    )


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
        f"{day(39 + s.other)}, and begins anew. If tables were glued together there, pass a list of "
        "them, [part for _, part in table.groupby(np.cumsum(np.r_[False, table.index[1:] <= "
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

CAST = "series has {} in row 3 (2024-02-27 03:00:00), column 'v', which {}: {}."
WIDER = "use dtype=torch.float64, or scale the column"


def one(value, usual=1):
    return lambda s: frame(s, v=[value if n == 3 else usual for n in range(40 + s.other)])


# the number, the dtype, what it becomes, the advice, the dtype that the advice leads to
for value, dtype, becomes, advice, right in (
    (2**24 + 1, torch.float32, "turns into 16777216.0", WIDER, torch.float64),
    (1e300, torch.float32, "can not hold", WIDER, torch.float64),
    (2049, torch.float16, "turns into 2048.0", WIDER, torch.float64),
    (0.25, torch.int64, "turns into 0", "use dtype=torch.float32", torch.float32),
    (300, torch.uint8, "turns into 44", "use dtype=torch.float32", torch.float32),
):
    refused(
        "Windows",
        "dtype",
        f"{dtype} changes {value}",
        lambda s, dtype, value=value: windows(s, one(value)(s)[["v"]], dtype=dtype),
        dtype,
        ValueError,
        CAST.format(
            float(value) if isinstance(value, float) else value, f"{dtype} {becomes}", advice
        ),
        right,
    )


def numbered(s):
    table = frame(s, "D")[:12]
    return table.assign(v=table.index.strftime("%Y%m%d").astype(int)).reset_index(drop=True)


AS_DATES = (
    "table.set_index(pd.to_datetime(table.pop('v').astype(int).astype(str), format=\"%Y%m%d\"))"
)
for right in (
    lambda s: windows(s, mended(AS_DATES, numbered(s))),
    lambda s: windows(s, numbered(s), dtype=torch.float64),
):
    refused(
        "Windows",
        "series",
        "dates written as numbers",
        lambda s, made: made(s),
        lambda s: lambda s: Windows(numbered(s), 3),
        ValueError,
        "series has 20240227 in row 0, column 'v', which torch.float32 turns into 20240228.0: if "
        f"it is a date, make it the index, {AS_DATES}; if it is a number, use "
        "dtype=torch.float64.",
        lambda s, right=right: right,
    )
for value in ("float32", float, None):
    shown = "the class float" if value is float else repr(value)
    refused(
        *("Windows", "dtype", shown, at("dtype"), value, TypeError),
        f"dtype is {shown}, but it has to be one of torch's, such as torch.float32.",
        torch.float32,
    )
refused(
    *("Windows", "dtype", "of no numbers", at("dtype"), torch.bool, ValueError),
    "dtype is torch.bool, but windows need numbers: try torch.float32.",
    torch.float32,
)

for argument in ("target", "known"):
    for value in ("c", 1.5, True, 2, -3, ["a", "c"]):
        named = value[1] if isinstance(value, list) else value
        refused(
            *("Windows", argument, repr(value), at(argument), value, ValueError),
            f"{argument} names {named!r}, but the columns are ['a', 'b']: choose from these, or "
            "give a position from 0 to 1.",
            "b",
        )
    refused(
        *("Windows", argument, "a column twice", at(argument), ["b", 1], ValueError),
        f"{argument} names a column twice: ['b', 1]. Name each once.",
        ["b"],
    )
refused(
    *("Windows", "target", "none", at("target"), [], ValueError),
    "target names no column, but one has to be predicted: choose from ['a', 'b'], or drop target "
    "for all of them.",
    None,
)
SHARED = (
    "target and known share a column, or leave none to predict: a column that is known ahead needs "
    "no prediction. Name other columns in target=."
)
refused(
    *("Windows", "target", "a known one", lambda s, v: windows(s, target=v, known="b"), ["a", "b"]),
    *(ValueError, SHARED, "a"),
)
refused("Windows", "known", "all columns", at("known"), ["a", "b"], ValueError, SHARED, "b")


def freq(mode, index, value, text, right):
    """`index` is that of a table of 40 rows."""

    def use(s, freq):
        return windows(s, frame(s)[:40].set_axis(index), freq=freq)

    refused("Windows", "freq", mode, use, value, ValueError, f"freq is {value!r}, {text}.", right)


HOURS = pd.date_range(DAY, periods=40, freq="h")
ANOTHER = "or make another column the index"
freq(
    "of words",
    [f"s{n}" for n in range(40)],
    "h",
    "but the index of series holds neither dates nor numbers: make dates the index, or drop freq",
    None,
)
freq(
    "a number for dates",
    HOURS,
    1,
    f'but the rows of series are dated: pass a step such as "h", {ANOTHER}',
    "h",
)
freq(
    "text for numbers",
    range(40),
    "h",
    f"but the rows of series are numbered, not dated: pass a step such as 1, {ANOTHER}",
    1,
)
ABOVE = "but the step has to be above 0: pass the step from one row to the next"
freq("zero", range(40), 0, ABOVE, 1)
freq("backwards", HOURS, "-1h", ABOVE, "1h")
freq(
    "too large",
    HOURS,
    "2h",
    "but row 1 of series is 2024-02-27 01:00:00 and row 0 is 2024-02-27, which is less than a step: pass the smaller step",
    "h",
)
freq(
    "too small",
    HOURS,
    "30min",
    "but no row of series comes such a step after the row before it: row 1 is 2024-02-27 01:00:00 and row 0 is 2024-02-27. Pass freq='h'",
    "h",
)
for value in ("fortnight", [], True):
    words = said(lambda value=value: to_offset(value))
    freq(
        f"{value!r}",
        HOURS,
        value,
        f'which is no step between the rows of series ({words}): pass one of pandas\' frequencies, such as "h", "D" or "MS"',
        "h",
    )


@row("Windows", "freq", "gaps that leave no window")
def _(s):
    table = frame(s)[:30].drop(frame(s).index[10:11])
    return Case(
        lambda: Windows(table, 24, freq="h"),
        ValueError,
        "series has 19 steps at most between its 1 gap, but one window needs 25 = seq_len 24 + gap "
        f"0 + horizon 1: {ROWS_NEEDED}",
        lambda: Windows(table, 18, freq="h"),
        [table],
    )
