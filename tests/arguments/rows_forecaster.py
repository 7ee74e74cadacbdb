"""The rows of `save_forecaster`, `load_forecaster` and `Forecaster.forecast`."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from pandas.tseries.offsets import CustomBusinessDay
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from torch import nn

from arguments.rows_windows import frame
from arguments.table import Case, drawn_sizes, refused, row, tensor
from lstm_helpers import (
    ManyToManyLSTM,
    ManyToOneLSTM,
    Windows,
    load_forecaster,
    save_forecaster,
)

ROWS, FILES = 60, TemporaryDirectory()
FOLDER = FILES.name


def long(s):
    """Columns a and b, by the hour."""
    index = pd.date_range(frame(s).index[0], periods=ROWS, freq="h")
    return pd.DataFrame(np.random.default_rng(s.seq).normal(size=(ROWS, 2)), index, ["a", "b"])


def cut(s, table=None, **how):
    return Windows(long(s) if table is None else table, s.seq, s.horizon, **how)


def made(kind=ManyToOneLSTM, *sizes, **how):
    with torch.random.fork_rng(devices=[]):
        return kind(*sizes, **how)


def model(s, features=2, targets=2, **how):
    return made(ManyToOneLSTM, features, s.hidden, targets, horizon=s.horizon, **how)


def save(s, path=f"{FOLDER}/saved.pt", **given):
    save_forecaster(**{"path": path, "model": model(s), "windows": cut(s), **given})


def saving(argument, mode, wrong, error, text, right, **others):
    def use(s, value):
        made = {name: part(s) for name, part in others.items()}
        save(s, **made, **{argument: value})

    refused("save_forecaster", argument, mode, use, wrong, error, text, right)


for name, use in (
    ("save_forecaster", save),
    ("load_forecaster", lambda s, path: load_forecaster(path)),
):
    right = lambda s: str(one(s))  # noqa: E731
    for mode, path, error, text in (
        (
            "None",
            None,
            TypeError,
            'path is None, but the path of a file is needed, such as "flights.pt".',
        ),
        (
            "a folder",
            "/",
            ValueError,
            "path is '/', which is a folder: name a file in it, such as \"flights.pt\".",
        ),
        (
            "no folder",
            "/no/such/flights.pt",
            ValueError,
            "path is '/no/such/flights.pt', but there is no folder '/no/such': make it first.",
        ),
        (
            "no name",
            "a\0b",
            ValueError,
            "path is 'a\\x00b', which can't be looked at (embedded null byte): name a file in a "
            "folder of your own.",
        ),
    ):
        refused(name, "path", mode, use, path, error, text, right)


@cache
def _saved(number, known=None, **how):
    s = sizes = drawn_sizes(number)
    path = Path(FOLDER, f"{number} {known} {how}.pt")
    targets = 1 if known else 2
    save_forecaster(path, model(s, 2, targets), cut(sizes, known=known, **how))
    return path


def one(s, **how):
    """The file of a forecaster of these sizes."""
    number = next(n for n in range(9) if drawn_sizes(n) == s)
    return _saved(number, **how)


saving(
    "path",
    "a file of something else",
    __file__,
    ValueError,
    f"file {__file__!r} holds no forecaster, or was cut short, and is left as it is: name another "
    "file, or remove this one and save a forecaster anew.",
    lambda s: f"{FOLDER}/another.pt",
)
for value, came in ((None, "None"), (len, "a builtin_function_or_method")):
    saving(
        *("model", came, value, TypeError),
        f"model is {came}, but an nn.Module is needed: pass the model itself.",
        model,
    )
saving(
    "model",
    "other sizes",
    lambda s: made(ManyToOneLSTM, 2, s.hidden, 2, horizon=s.other),
    ValueError,
    lambda s: (
        f"the model returns (1, {s.other}, 2) for one window (1, {s.seq}, 2), but y is (window=1, "
        f"horizon={s.horizon}, target=2): pass windows as the model was trained on."
    ),
    model,
)


@row("save_forecaster", "model", "an output for each step")
def _(s):
    many = made(ManyToManyLSTM, 2, s.hidden, 2)
    return Case(
        lambda: save(s, model=many),
        ValueError,
        f"the model returns (1, {s.seq}, 2) for one window (1, {s.seq}, 2), but y is (window=1, "
        f"horizon={s.horizon}, target=2): pass windows with shifted=True.",
        lambda: save(s, model=many, windows=Windows(long(s), s.seq, shifted=True)),
        [many],
    )


def spoilt(s):
    one = model(s)
    nn.init.constant_(one.linear.bias, torch.nan)
    return one


saving(
    "model",
    "weights of NaN",
    spoilt,
    ValueError,
    "the model returns NaN or infinity for the first window, so it can't forecast: train it anew, "
    "with a lower lr.",
    model,
)
saving(
    "windows",
    "a table",
    long,
    TypeError,
    "windows is a DataFrame, but a Windows is needed, which knows its columns: pass Windows(table, "
    "seq_len), as in training.",
    cut,
)
saving(
    "windows",
    "no step",
    lambda s: cut(s, long(s).drop(long(s).index[5])),
    ValueError,
    "the rows of the windows keep no common step, so the dates after a table are not known: pass "
    "Windows(..., freq=), the step from one row to the next.",
    lambda s: Windows(long(s).drop(long(s).index[5]), s.seq, s.horizon, freq="h"),
)
saving(
    "windows",
    "series of different steps",
    lambda s: cut(s, [long(s), long(s).iloc[::2]]),
    ValueError,
    "the rows of the windows keep no common step, so the dates after a table are not known: pass "
    "Windows(..., freq=), the step from one row to the next.",
    lambda s: Windows([long(s), long(s)[::-1][::-1]], s.seq, s.horizon, freq="h"),
)
HOLIDAYS = CustomBusinessDay(holidays=["2024-01-02"])


def workdays(s, freq):
    index = pd.date_range("2024-01-01", periods=ROWS, freq=freq)
    return cut(s, long(s).set_axis(index), freq=freq)


saving(
    "windows",
    "a step with a calendar of its own",
    lambda s: workdays(s, HOLIDAYS),
    ValueError,
    "freq is <CustomBusinessDay>, which can't be kept as text: pass Windows(..., freq=) with one "
    'of pandas\' frequencies, such as "h", "D" or "MS".',
    lambda s: workdays(s, "B"),
)
saving(
    "windows",
    "names that are no text",
    lambda s: cut(s, long(s).set_axis([1.5, "b"], axis=1)),
    ValueError,
    "the windows have a column 1.5, but a file keeps names that are text or whole numbers: rename "
    "it.",
    lambda s: cut(s, long(s).set_axis(["1.5", "b"], axis=1)),
)
saving(
    "windows",
    "a target called as a column",
    lambda s: cut(s, long(s).set_axis(["a", "ahead"], axis=1)),
    ValueError,
    "a target is called 'ahead', as a column of the result: rename it.",
    cut,
)


def fitted(s, kind=StandardScaler):
    return kind().fit(long(s))


saving(
    "scaler",
    "another kind",
    lambda s: fitted(s, RobustScaler),
    TypeError,
    "scaler is RobustScaler(), but a file keeps the numbers of a StandardScaler or a MinMaxScaler: "
    "pass one of these, or none, and forecast from scaled tables.",
    lambda s: fitted(s, MinMaxScaler),
)
saving(
    "scaler",
    "not fitted",
    lambda s: StandardScaler(),
    ValueError,
    "scaler StandardScaler() is not fitted: use scaler.fit(train).",
    fitted,
)
for columns, came in ((["c"], "the columns ['c']"), (None, "3 columns without names")):

    def other(s, columns=columns):
        table = pd.DataFrame(np.random.default_rng(3).normal(size=(9, 1)), columns=columns)
        return StandardScaler().fit(
            table if columns else np.random.default_rng(3).normal(size=(9, 3))
        )

    saving(
        "scaler",
        f"fitted on {came}",
        other,
        ValueError,
        f"scaler was fitted on {came}, but the windows have ['a', 'b']: fit it on a table with "
        "these columns, and cut the windows from what it returns.",
        fitted,
    )


@row("load_forecaster", "path", "no file")
def _(s):
    path = Path(FOLDER, "none.pt")
    return Case(
        lambda: load_forecaster(path),
        ValueError,
        f"there is no file {str(path)!r}, but a forecaster's is needed: name one that "
        "save_forecaster wrote.",
        lambda: load_forecaster(one(s)),
    )


def loading(mode, wrong, error, text, right=model):
    refused(
        *("load_forecaster", "model", mode, lambda s, v: load_forecaster(one(s), v)),
        *(wrong, error, text, right),
    )


loading(
    "a class",
    ManyToOneLSTM,
    TypeError,
    "model is the class ManyToOneLSTM, but a model is needed: make one of it, ManyToOneLSTM(...).",
)
ANEW = "pass a model that is made as it was made before training."
loading(
    "other sizes",
    lambda s: made(ManyToOneLSTM, 2, s.other, 2, horizon=s.horizon),
    ValueError,
    lambda s: (
        f"lstm.weight_ih_l0 of the model is ({4 * s.other}, 2) torch.float32, but in the file it "
        f"is ({4 * s.hidden}, 2) torch.float32: {ANEW}"
    ),
)
loading(
    "another dtype",
    lambda s: model(s).double(),
    ValueError,
    lambda s: (
        f"lstm.weight_ih_l0 of the model is ({4 * s.hidden}, 2) torch.float64, but in the file it "
        f"is ({4 * s.hidden}, 2) torch.float32: {ANEW}"
    ),
)
loading(
    "another class",
    lambda s: made(nn.Linear, 2, s.other),
    ValueError,
    lambda s: (
        f"weight of the model is ({s.other}, 2) torch.float32, but in the file it is not there: "
        f"{ANEW}"
    ),
)


class Softer(ManyToOneLSTM):
    """The same weights, used otherwise."""

    def forward(self, x):
        return super().forward(x).sigmoid() + 3


loading(
    "another forward",
    lambda s: made(Softer, 2, s.hidden, 2, horizon=s.horizon),
    ValueError,
    "the model answers the first window of the training otherwise than when it was saved: pass "
    "model=, one with the same forward and the same settings.",
)


class HeldTight(ManyToOneLSTM):
    def __deepcopy__(self, memo):
        raise RuntimeError("no copies")


loading(
    "can't be copied",
    lambda s: made(HeldTight, 2, s.hidden, 2, horizon=s.horizon),
    ValueError,
    "model HeldTight can't be copied (no copies): pass one that was made anew and has not run.",
)


@row("load_forecaster", "model", "one is needed")
def _(s):
    path = Path(FOLDER, f"softer {s.hidden}.pt")
    softer = made(Softer, 2, s.hidden, 2, horizon=s.horizon)
    save(s, path, model=softer)
    return Case(
        lambda: load_forecaster(path),
        ValueError,
        f"file {str(path)!r} holds the weights of a Softer, which is not rebuilt from them: pass "
        "model=, one that is made as it was made before training.",
        lambda: load_forecaster(path, softer),
    )


def table(mode, wrong, error, text, right=long, **how):
    refused(
        *("Forecaster.forecast", "table", mode),
        lambda s, v: load_forecaster(one(s, **how)).forecast(v),
        *(wrong, error, text, right),
    )


table(
    "None",
    None,
    TypeError,
    "table is a NoneType, but a table (time, feature) is needed: pass a DataFrame, a Series, an "
    "array or a tensor, or a list of them.",
)
table(
    "an empty list",
    [],
    ValueError,
    "table is an empty list, but at least one table is needed: pass the table itself, or [table].",
    lambda s: [long(s)],
)
table(
    "a column missing",
    lambda s: long(s)[["b"]],
    ValueError,
    "table has the columns ['b'], but the forecaster reads ['a', 'b']: add those that are missing, "
    "or rename them.",
)
table(
    "a column missing in one of a list",
    lambda s: [long(s), long(s).rename(columns={"a": "A"})],
    ValueError,
    "table[1] has the columns ['A', 'b'], but the forecaster reads ['a', 'b']: add those that are "
    "missing, or rename them.",
    lambda s: [long(s), long(s).rename(columns={"a": "A"}).rename(columns={"A": "a"})],
)
table(
    "two columns of one name",
    lambda s: long(s).assign(c=1.5).set_axis(["a", "b", "a"], axis=1),
    ValueError,
    "table has two columns 'a', but every column needs its own name: rename one, or keep the "
    "first, table.loc[:, ~table.columns.duplicated()].",
)
table(
    "other features",
    lambda s: tensor(ROWS, s.feature),
    ValueError,
    lambda s: (
        f"table is ({ROWS}, {s.feature}), but (time, feature) with 2 features is needed, which the "
        "forecaster reads: ['a', 'b']. Pass these."
    ),
)
table(
    "an array without names",
    lambda s: long(s).to_numpy(),
    ValueError,
    "table has the columns [0, 1], but the forecaster reads ['a', 'b']: add those that are "
    "missing, or rename them.",
)
table(
    "too short",
    lambda s: long(s)[: s.seq - 1],
    ValueError,
    lambda s: (
        f"table has {s.seq - 1} rows, but the forecaster reads seq_len={s.seq} of them: pass more "
        "rows, up to the newest one."
    ),
    lambda s: long(s)[: s.seq],
)
table(
    "out of order",
    lambda s: long(s)[::-1],
    ValueError,
    lambda s: (
        f"table is out of order: row 1 is {long(s).index[-2]}, but row 0 is {long(s).index[-1]}. "
        "Rows need to run from old to new: try table.sort_index()."
    ).replace(" 00:00:00", ""),
)
GAP = (
    ": every window needs numbers. Fill the gap, for example with table.ffill(), or pass the "
    "stretches between the gaps as a list."
)


def holding_nan(s):
    table = long(s)
    table.iloc[-2, 1] = np.nan
    return table


table(
    "NaN",
    holding_nan,
    ValueError,
    lambda s: f"table[-{s.seq}:] has NaN in row {s.seq - 2} ({long(s).index[-2]}), column 'b'{GAP}",
    lambda s: holding_nan(s).ffill(),
)
table(
    "row numbers",
    lambda s: long(s).reset_index(drop=True),
    ValueError,
    "the rows of table are numbers, but those of the training were dates, freq='h': pass a table "
    "with such an index.",
)


def minutes(s):
    index = pd.date_range("2024-01-01", periods=30 * ROWS, freq="2min")
    values = np.random.default_rng(3).normal(size=(30 * ROWS, 2))
    return pd.DataFrame(values, index, ["a", "b"])


table(
    "a smaller step",
    minutes,
    ValueError,
    "the last rows of table are 2024-01-03 11:56:00 and 2024-01-03 11:58:00, but those of the "
    "training were freq='h' apart: pass rows with this step, such as those of "
    "table.resample('h').mean().",
    lambda s: minutes(s).resample("h").mean(),
)
table(
    "a larger step",
    lambda s: long(s).iloc[::2],
    ValueError,
    lambda s: (
        f"the last rows of table are {long(s).index[-4]} and {long(s).index[-2]}, but those of the "
        "training were freq='h' apart: pass rows with this step."
    ),
)


def holey(s):
    return long(s).drop(long(s).index[-2])


table(
    "a gap",
    holey,
    ValueError,
    lambda s: (
        f"the last {s.seq} rows of table have a gap before {long(s).index[-1]}, but the forecaster "
        "reads rows that are freq='h' apart: fill it, such as with table.asfreq('h').ffill()."
    ),
    lambda s: holey(s).asfreq("h").ffill(),
)


def after(s, rows=1, late=0):
    first = long(s).index[-1] + pd.Timedelta(1 + late, "h")
    return pd.DataFrame({"b": 3.5}, pd.date_range(first, periods=rows, freq="h"))


def future(mode, wrong, error, text, right=after, **how):
    refused(
        *("Forecaster.forecast", "future", mode),
        lambda s, v: load_forecaster(one(s, **how)).forecast(long(s), v),
        *(wrong, error, text, right),
    )


future(
    "none",
    None,
    ValueError,
    "columns ['b'] are known ahead, so the newest window needs their values after each of 1 "
    "series, but none was passed: pass future=, a table from the next row on, or a list of them "
    "for a list of series.",
    known="b",
)
future(
    "a later row",
    lambda s: after(s, late=s.other),
    ValueError,
    lambda s: (
        f"future begins at {after(s, late=s.other).index[0]}, but the table ends at "
        f"{long(s).index[-1]}: pass the rows after it, from the next one on."
    ).replace(" 00:00:00", ""),
    known="b",
)
future(
    "where none is known",
    after,
    ValueError,
    "future was passed, but no column is known ahead: name them in Windows(..., known=), or drop "
    "future.",
    None,
)
future(
    "NaN",
    lambda s: after(s) * np.nan,
    ValueError,
    lambda s: f"future has NaN in row 0 ({after(s).index[0]}), column 'b'{GAP}",
    known="b",
)


class Seer(ManyToOneLSTM):
    """Reads what is known of the whole horizon."""

    known_size = 1

    def forward(self, x, future):
        return super().forward(x) + future


saving(
    "windows",
    "fewer known columns than the model reads",
    cut,
    ValueError,
    "the model was built with known_size=1, but the windows have 0 columns that are known ahead, "
    "[]: name 1 in Windows(..., known=).",
    lambda s: cut(s, known="b"),
    model=lambda s: made(Seer, 2, s.hidden, horizon=s.horizon),
)


def seeing(mode, wrong, text, right):
    def use(s, value):
        with TemporaryDirectory() as folder:
            path, seer = f"{folder}/seer.pt", made(Seer, 2, s.hidden, horizon=s.horizon)
            save_forecaster(path, seer, cut(s, known="b"))
            load_forecaster(path, seer).forecast(long(s), value)

    refused("Forecaster.forecast", "future", mode, use, wrong, ValueError, text, right)


seeing(
    "too short for the horizon",
    lambda s: after(s, s.horizon - 1),
    lambda s: (
        f"future has {s.horizon - 1} rows, but the model reads the known columns of the whole "
        f"horizon, {s.horizon} = gap 0 + horizon {s.horizon} rows: pass more."
    ),
    lambda s: after(s, s.horizon),
)
seeing(
    "a gap within the horizon",
    lambda s: after(s, s.horizon + 1).drop(after(s, 2).index[1]),
    lambda s: (
        f"future has a gap before {after(s, 3).index[2]}, but the model reads rows that are "
        "freq='h' apart: pass every row."
    ),
    lambda s: after(s, s.horizon + 1),
)
