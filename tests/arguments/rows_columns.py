"""The rows of what the columns of a table hold, and of what `Windows` makes of them."""

import numpy as np
import pandas as pd
import torch
from pandas.tseries.frequencies import to_offset

from arguments.rows_series import mended, series
from arguments.rows_windows import DAY, ROWS_NEEDED, at, frame, windows
from arguments.table import Case, refused, row, said
from lstm_helpers import Windows


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
        "turn it into dates and make them the index, "
        "|table.set_index(pd.to_datetime(table.pop('v')))|",
    ),
}


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
    lambda s: Windows(mended(AS_DATES, numbered(s)), 3),
    lambda s: Windows(numbered(s), 3, dtype=torch.float64),
):
    refused(
        "Windows",
        "series",
        "dates written as numbers",
        lambda s, made: made(s),
        lambda s: lambda s: Windows(numbered(s), 3),
        ValueError,
        "series has 20240227.0 in row 0, column 'v', which torch.float32 turns into 20240228.0: if "
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
    "but row 1 of series is 2024-02-27 01:00:00 and row 0 is 2024-02-27, "
    "which is less than a step: pass the smaller step",
    "h",
)
freq(
    "too small",
    HOURS,
    "30min",
    "but no row of series comes such a step after the row before it: "
    "row 1 is 2024-02-27 01:00:00 and row 0 is 2024-02-27. Pass freq='h'",
    "h",
)
OFFSETS = 'pass one of pandas\' frequencies, such as "h", "D" or "MS"'
for mode, index, value, right, words in (
    ("a word", HOURS, "fortnight", "h", said(lambda: to_offset("fortnight"))),
    ("a list", HOURS, [], "h", said(lambda: to_offset([]))),
    ("a bool", HOURS, True, "h", said(lambda: to_offset(True))),
    ("no multiple of the periods", HOURS.to_period("h"), "D", "h", "its periods are h"),
    ("months for durations", HOURS - DAY, "MS", "h", "durations need an exact step"),
):
    what = f"which is no step between the rows of series ({words}): {OFFSETS}"
    freq(mode, index, value, what, right)
far = pd.DateOffset(years=999_999)
words = said(lambda: HOURS[:-1] + far)
freq(
    "beyond all dates",
    HOURS,
    far,
    f"which can't be counted from the rows of series ({words}): pass the step from one row to the "
    "next",
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
