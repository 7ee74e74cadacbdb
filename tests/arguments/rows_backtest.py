"""The rows of `backtest`."""

import numpy as np
import pandas as pd
import torch

from arguments.rows_windows import DAY, frame, windows
from arguments.table import Case, refused, row, tensor, whole
from lstm_helpers import ManyToOneLSTM, backtest, last_value

ORIGIN = 20
START = DAY + ORIGIN * pd.Timedelta("1h")
FORECAST = "(history, horizon, future) -> yhat"


def naive(history, horizon, future):
    """The last values of the columns that are not known."""
    if isinstance(history, list):
        futures = future or [None] * len(history)
        return [naive(h, horizon, f) for h, f in zip(history, futures, strict=True)]
    if future is None or not isinstance(history, pd.DataFrame):
        return last_value(history, horizon)
    return last_value(history.drop(columns=future.columns), horizon)


def use(s, **given):
    how = {"table": frame(s), "forecast": naive, "origins": ORIGIN, "horizon": s.horizon, **given}
    return backtest(how.pop("table"), how.pop("forecast"), **how)


def mistake(argument, mode, wrong, error, text, right, **how):
    refused(
        *("backtest", argument, mode, lambda s, v: use(s, **{**how, argument: v})),
        *(wrong, error, text, right),
    )


whole("backtest", "horizon", lambda s, value: use(s, horizon=value), least=1)
mistake(
    "horizon",
    "longer than the table",
    lambda s: 40 + s.other,
    ValueError,
    lambda s: (
        f"table has {40 + s.other} rows, but at least {41 + s.other} are needed, one and horizon "
        f"{40 + s.other} after it: shorten horizon, or pass more data."
    ),
    lambda s: 19 + s.other,
)


def table(mode, wrong, error, text, right=frame, **how):
    mistake("table", mode, wrong, error, text, right, **how)


A_TABLE = (
    "but a table (time, feature) is needed: pass a DataFrame, a Series, an array or a tensor, or a "
    "list of them."
)
table("text", "flights.csv", TypeError, f"table is 'flights.csv', {A_TABLE}")
table("None", None, TypeError, f"table is None, {A_TABLE}")
table(
    "windows of it",
    lambda s: windows(s).x,
    TypeError,
    lambda s: f"table is a Tensor {tuple(windows(s).x.shape)}, {A_TABLE}",
)
table("a list of numbers", [1.5, 2.5], TypeError, f"table[0] is 1.5, {A_TABLE}", np.arange(40.0))
table(
    "an empty list",
    [],
    ValueError,
    "table is an empty list, but at least one table is needed: pass the table itself, or [table].",
    lambda s: [frame(s)],
)
table(
    "tables with other columns",
    lambda s: [frame(s), frame(s)[["b", "a"]]],
    ValueError,
    "table[1] has the columns ['b', 'a'], but table[0] has ['a', 'b']: all tables need the same "
    "columns in the same order. Choose these in each.",
    lambda s: [frame(s), frame(s)[["b", "a"]][["a", "b"]]],
)
table(
    "columns of one name",
    lambda s: frame(s).set_axis(["a", "a"], axis=1),
    ValueError,
    "table has the columns ['a', 'a'], but every column needs its own name: keep the first of "
    "each, table.loc[:, ~table.columns.duplicated()].",
    lambda s: (wrong := frame(s).set_axis(["a", "a"], axis=1)).loc[:, ~wrong.columns.duplicated()],
)
table(
    "a sparse one",
    lambda s: torch.eye(40, s.feature).to_sparse(),
    ValueError,
    "table is sparse or on the device meta, but rows are cut from a dense table: use "
    "table.to_dense(), or make it anew on the CPU.",
    lambda s: torch.eye(40, s.feature).to_sparse().to_dense(),
)
table(
    "rows out of order",
    lambda s: frame(s)[::-1],
    ValueError,
    lambda s: (
        f"table is out of order: row 1 is {frame(s).index[-2]}, but row 0 is "
        f"{frame(s).index[-1]}. Rows need to run from old to new: try table.sort_index()."
    ).replace(" 00:00:00", ""),
    lambda s: frame(s)[::-1].sort_index(),
)
table(
    "a target called as a column",
    lambda s: frame(s).rename(columns={"b": "cutoff"}),
    ValueError,
    "a target is called 'cutoff', as a column of the result: rename it.",
    frame,
)


def forecast(mode, wrong, error, text, right=lambda s: naive, **how):
    mistake("forecast", mode, lambda s: wrong, error, text, right, **how)


forecast(
    "None", None, TypeError, f"forecast is None, but a function is needed: pass one of {FORECAST}."
)
MODEL = ManyToOneLSTM(2, 3)


def asks_a_model(history, horizon, future):
    return MODEL(tensor(1, 12, 2)).detach().expand(-1, horizon, 2)


forecast(
    "a model",
    MODEL,
    TypeError,
    f"forecast is a model, ManyToOneLSTM, but a function {FORECAST} is needed: write one that "
    "fits a model to history and asks it.",
    lambda s: asks_a_model,
)


class Naive:
    def __call__(self, history, horizon, future):
        return naive(history, horizon, future)


forecast(
    "a class",
    Naive,
    TypeError,
    f"forecast is the class Naive, but a function {FORECAST} is needed: make one of it, Naive().",
    lambda s: Naive(),
)
SAID = f"the forecast from {START}"
ASKED = (
    "target=2) is needed, of the targets ['a', 'b']: return a row for each step, and a DataFrame "
    "or a Series that names its columns where only some are forecast."
)


def steps(history, horizon, future):
    """One column of forecasts, with the dates after the history."""
    due = pd.date_range(history.index[-1], periods=horizon + 1, freq="h")[1:]
    return pd.Series(np.arange(horizon) + 0.5, due, name="b")


forecast(
    "that returns nothing",
    lambda history, horizon, future: None,
    TypeError,
    f"{SAID} is None, but numbers are needed: pass a tensor, an array, a table or a list of "
    "numbers.",
)
forecast(
    "that returns one target without a name",
    lambda history, horizon, future: steps(history, horizon, future).to_numpy(),
    ValueError,
    lambda s: f"{SAID} is ({s.horizon}, 1), but (horizon={s.horizon}, {ASKED}",
    lambda s: steps,
)
forecast(
    "that returns fewer steps",
    lambda history, horizon, future: steps(history, horizon - 1, future),
    ValueError,
    lambda s: (
        f"{SAID} is ({s.horizon - 1}, 1), but (horizon={s.horizon}, "
        + ASKED.replace("target=2", "target=1").replace("['a', 'b']", "['b']")
    ),
    lambda s: steps,
)
forecast(
    "that returns other columns",
    lambda history, horizon, future: steps(history, horizon, future).to_frame("c"),
    ValueError,
    f"{SAID} has the columns ['c'], but ['a', 'b'] can be forecast: return a DataFrame with some "
    "of these, each once, or an array.",
    lambda s: lambda *given: steps(*given).to_frame("a"),
)
forecast(
    "that returns other columns the next time",
    lambda history, horizon, future: steps(history, horizon, future).rename("ab"[len(history) % 2]),
    ValueError,
    f"the forecast from {START + pd.Timedelta('1h')} has the columns ['a'], but the first one had "
    "['b']: return the same ones every time.",
    lambda s: steps,
    origins=[ORIGIN, ORIGIN + 1],
)
forecast(
    "that returns other dates",
    lambda history, horizon, future: steps(history, horizon, future).shift(1, "h"),
    ValueError,
    lambda s: (
        f"{SAID} is for {START + pd.Timedelta('2h')} to {START + pd.Timedelta(s.horizon + 1, 'h')},"
        f" but the {s.horizon} rows after it are {START + pd.Timedelta('1h')} to "
        f"{START + pd.Timedelta(s.horizon, 'h')}: forecast these, or return an array, without "
        "dates."
    ).replace(" 00:00:00", ""),
    lambda s: lambda *given: steps(*given).shift(1, "h").to_frame()[[*"b"]].assign(a=1).to_numpy(),
)
forecast(
    "that returns NaN",
    lambda history, horizon, future: steps(history, horizon, future) * np.nan,
    ValueError,
    lambda s: (
        f"{SAID} has NaN or infinity in {s.horizon} of {s.horizon} places, which an error measure "
        "may skip in silence: forecast a number for each step."
    ),
    lambda s: steps,
)


@row("backtest", "forecast", "that returns one for two tables")
def _(s):
    tables = [frame(s), frame(s)]
    return Case(
        lambda: use(
            s, table=tables, forecast=lambda histories, *given: steps(histories[0], *given)
        ),
        ValueError,
        f"the forecast from {START} is a Series ({s.horizon},), but one for each of 2 tables is "
        "needed: return a list of them, in the same order.",
        lambda: use(
            s,
            table=tables,
            forecast=lambda both, *given: [steps(history, *given) for history in both],
        ),
        tables,
    )


def origins(mode, wrong, error, text, right=ORIGIN, **how):
    mistake("origins", mode, wrong, error, text, right, **how)


NUMBER = "but it has to be a whole number."
origins("a bool", True, TypeError, f"origins is True, {NUMBER}")
origins("a fraction", [ORIGIN, 2.5], TypeError, f"origins is 2.5, {NUMBER}", [ORIGIN, 2])
origins(
    "none",
    [],
    ValueError,
    "origins is empty, but at least one is needed: pass dates or numbers of last known rows, such "
    "as [-1 - horizon].",
    lambda s: [-1 - s.horizon],
)
origins(
    "one twice",
    [ORIGIN, START],
    ValueError,
    f"origins names {START} twice, row {ORIGIN}: name each once.",
    [ORIGIN],
)


def to_row(s):
    """The last row that leaves a horizon."""
    return 40 + s.other - 1 - s.horizon


def too_late(s, came):
    return (
        f"origins names {came}, but table has {40 + s.other} rows, and horizon {s.horizon} rows "
        f"have to follow: choose from row 0 to row {to_row(s)}, "
        f"{DAY + to_row(s) * pd.Timedelta('1h')}, or shorten horizon."
    ).replace(" 00:00:00,", ",")


origins(
    "too late a row",
    lambda s: to_row(s) + 1,
    ValueError,
    lambda s: too_late(s, f"row {to_row(s) + 1}"),
    to_row,
)
origins("before the first row", -99, ValueError, lambda s: too_late(s, "row -99"), 0)
origins(
    "too late a date",
    lambda s: [frame(s).index[-1]],
    ValueError,
    lambda s: too_late(s, f"{frame(s).index[-1]!r}, row {39 + s.other}"),
    lambda s: [frame(s).index[to_row(s)]],
)


def no_row(s, came):
    rows = frame(s).index
    return (
        f"origins names {came}, which is no row of table: its rows run from 2024-02-27 to "
        f"{rows[-1]}. Choose from these, or pass row numbers, from 0 to {len(rows) - 1}."
    ).replace(" 00:00:00", "")


for value in ("2024-02-26", "2024-02-27 03:30", "seq", None):
    origins(
        repr(value),
        value,
        ValueError,
        lambda s, value=value: no_row(s, repr(value)),
        "2024-02-27 03:00",
    )
origins(
    "a day of hours",
    "2024-02-27",
    ValueError,
    "origins names '2024-02-27', which is 24 rows of table, the last of them row 23, "
    "2024-02-27 23:00:00: name one row.",
    "2024-02-27 23:00:00",
)
for value in ("c", 2, 1.5):
    mistake(
        "known",
        repr(value),
        value,
        ValueError,
        f"known names {value!r}, but the columns are ['a', 'b']: choose from these, or give a "
        "position from 0 to 1.",
        1,
    )
mistake(
    "known",
    "all columns",
    ["a", "b"],
    ValueError,
    "table has the columns ['a', 'b'], and known names them all, but one has to be forecast: name "
    "fewer in known.",
    ["b"],
)
mistake(
    "known",
    "one twice",
    ["b", "b"],
    ValueError,
    "known names a column twice: ['b', 'b']. Name each once.",
    ["b"],
)
