"""The rows of the pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from arguments.rows_instruments import drawn
from arguments.table import Case, row, tensor, whole
from lstm_helpers import History, Windows, plots

ROWS = 40  # of a table


def table(sizes) -> pd.DataFrame:
    names = [f"column {n}" for n in range(sizes.feature)]
    return pd.DataFrame(tensor(ROWS, sizes.feature).numpy(), columns=names)


def windows(sizes, **how) -> Windows:
    return Windows(table(sizes), sizes.seq, **how)


def column(sizes) -> pd.Series:
    return table(sizes)["column 0"]


def history(sizes) -> History:
    return History([{"epoch": 1, "steps": sizes.other, "train_loss": 0.5}], 1)


# what each picture is drawn of
RIGHT = {
    "plot_series": {"table": table, "held_out": lambda sizes: sizes.other},
    "plot_errors": {"table": table},
    "plot_windows": {"table": table, "windows": windows},
    "plot_table": {"table": table, "windows": windows},
    "plot_history": {"history": history},
    "plot_forecasts": {"y": column, "forecasts": lambda sizes: {"LSTM": 2 * column(sizes)}},
}


def draw(name, sizes, **other):
    given = {argument: make(sizes) for argument, make in RIGHT[name].items()}
    return getattr(plots, name)(**given | other)


def refused(name, argument, mode, error, wrong, text, right=None):
    """A row whose mistake is one value, made of sizes; `right` takes its place."""

    @row(f"plots.{name}", argument, mode)
    def _(sizes):
        value = wrong(sizes)
        mended = (right or RIGHT[name][argument])(sizes)
        return Case(
            lambda: draw(name, sizes, **{argument: value}),
            error,
            text.format(**vars(sizes), rows=ROWS),
            lambda: plt.close(draw(name, sizes, **{argument: mended}).figure),
        )


for name in RIGHT:
    drawn(f"plots.{name}", lambda sizes, ax, name=name: draw(name, sizes, ax=ax))

whole(
    "plots.plot_series",
    "held_out",
    lambda sizes, value: plt.close(draw("plot_series", sizes, held_out=value).figure),
)
refused(
    "plot_series",
    "held_out",
    "more than there are",
    ValueError,
    lambda sizes: ROWS + 1,
    f"held_out is {ROWS + 1}, but table has {{rows}} rows: hold out fewer of them.",
)
for name, example in (("plot_series", "passengers"), ("plot_errors", "minutes")):
    for wrong in (3, None):
        refused(
            name,
            "unit",
            repr(wrong),
            TypeError,
            lambda sizes, wrong=wrong: wrong,
            f"unit is {wrong!r}, but text is needed, such as {example!r}.",
            lambda sizes, example=example: example,
        )

FRAME = "but a DataFrame (time, column) is needed: use pd.DataFrame(table)."
for name in ("plot_series", "plot_errors", "plot_windows", "plot_table"):
    refused(
        name,
        "table",
        "an array",
        TypeError,
        lambda sizes: table(sizes).to_numpy(),
        f"table is a ndarray ({{rows}}, {{feature}}), {FRAME}",
        lambda sizes: pd.DataFrame(table(sizes).to_numpy()),
    )
    refused(
        name,
        "table",
        "no row",
        ValueError,
        lambda sizes: table(sizes)[:0],
        "table is (0, {feature}), with nothing to draw: pass rows and columns.",
    )
    refused(
        name,
        "table",
        "words",
        TypeError,
        lambda sizes: table(sizes).astype({"column 1": object}),
        "column 'column 1' of table has dtype object, but a line needs numbers: draw the other "
        "columns, or use astype(float).",
        lambda sizes: table(sizes).astype({"column 1": object}).astype(float),
    )
refused(
    "plot_errors",
    "table",
    "dates as steps",
    TypeError,
    lambda sizes: table(sizes).set_index(pd.date_range("2024-02-27", periods=ROWS, unit="ns")),
    "the index of table holds datetime64[ns], but steps as numbers are needed: use "
    "table.reset_index(drop=True).",
)
for name in ("plot_windows", "plot_table"):
    refused(
        name,
        "table",
        "other rows",
        ValueError,
        lambda sizes: table(sizes)[1:],
        f"table has [{ROWS - 1}] rows, but the windows were cut from [{{rows}}]: pass the table, "
        "or the list of tables, that they were cut from.",
    )
    refused(
        name,
        "table",
        "other columns",
        ValueError,
        lambda sizes: table(sizes)[["column 0"]],
        "table has [1] columns, but the windows were cut from [{feature}]: pass the table, or the "
        "list of tables, that they were cut from.",
    )
    for mode, wrong, came in (
        ("None", lambda sizes: None, "None"),
        ("the class", lambda sizes: Windows, "the class Windows"),
        ("a table", table, "a DataFrame ({rows}, {feature})"),
    ):
        refused(
            name,
            "windows",
            mode,
            TypeError,
            wrong,
            f"windows is {came}, but a Windows is needed: pass Windows(table, seq_len).",
        )
refused(
    "plot_table",
    "windows",
    "shifted",
    ValueError,
    lambda sizes: windows(sizes, shifted=True),
    "the targets are shifted, but the picture shows targets after the window: cut them with "
    "Windows(...) without shifted.",
)

NUMBERS = "but numbers of windows are needed: try numbers=(0,)."
FORM = (
    "was asked for, but windows have whole numbers: use a number, a slice, a mask, or several "
    "numbers as a list, array or tensor."
)
for mode, error, wrong, text in (
    ("a number", TypeError, 3, f"numbers is 3, {NUMBERS}"),
    ("text", TypeError, "0", f"numbers is '0', {NUMBERS}"),
    (
        "none",
        ValueError,
        (),
        "numbers is empty, but at least one window is needed: try numbers=(0,).",
    ),
    ("a bool", TypeError, [True], f"True {FORM}"),
    ("a fraction", TypeError, [1.5], f"1.5 {FORM}"),
):
    refused(
        "plot_windows",
        "numbers",
        mode,
        error,
        lambda sizes, wrong=wrong: wrong,
        text,
        lambda sizes: (0,),
    )


@row("plots.plot_windows", "numbers", "past the last one")
def _(sizes):
    count = len(windows(sizes))
    return Case(
        lambda: draw("plot_windows", sizes, numbers=[count]),
        IndexError,
        f"window {count} was asked for, but there are {count}: choose from 0 to {count - 1}.",
        lambda: plt.close(draw("plot_windows", sizes, numbers=[0, count - 1]).figure),
    )


for mode, wrong, came in (
    ("None", lambda sizes: None, "None"),
    ("the class", lambda sizes: History, "the class History"),
):
    refused(
        "plot_history",
        "history",
        mode,
        TypeError,
        wrong,
        f"history is {came}, but the History that fit returned is needed: pass history of history "
        "= fit(model, train, val).",
    )
refused(
    "plot_history",
    "history",
    "without an epoch",
    ValueError,
    lambda sizes: History(),
    "history has no epoch, so there is no loss to draw: train with fit first.",
)

SERIES = "but a Series (time,) with dates is needed: pass a column of the table, table[name]."
refused(
    "plot_forecasts",
    "y",
    "a table",
    TypeError,
    table,
    f"y is a DataFrame ({{rows}}, {{feature}}), {SERIES}",
)
refused("plot_forecasts", "y", "None", TypeError, lambda sizes: None, f"y is None, {SERIES}")
refused(
    "plot_forecasts",
    "y",
    "no time",
    ValueError,
    lambda sizes: column(sizes)[:0],
    "y is (0,), with nothing to draw: pass rows and columns.",
)
for mode, wrong, came in (("None", None, "None"), ("a list", [0.5], "[0.5]")):
    refused(
        "plot_forecasts",
        "forecasts",
        mode,
        TypeError,
        lambda sizes, wrong=wrong: wrong,
        f"forecasts is {came}, but a dict of names and values is needed: pass "
        '{{"LSTM": yhat}}.',
    )
refused(
    "plot_forecasts",
    "forecasts",
    "words",
    TypeError,
    lambda sizes: {"LSTM": ["1.5"] * ROWS},
    "forecast 'LSTM' has dtype <U3, but numbers are needed. Try astype(float).",
    lambda sizes: {"LSTM": np.array(["1.5"] * ROWS).astype(float)},
)
refused(
    "plot_forecasts",
    "forecasts",
    "with all its axes",
    ValueError,
    lambda sizes: {"LSTM": tensor(ROWS, 1, 1)},
    "forecast 'LSTM' is ({rows}, 1, 1), but y is ({rows},): pass one value for each time, such as "
    "yhat[:, 0, 0].",
    lambda sizes: {"LSTM": tensor(ROWS, 1, 1)[:, 0, 0]},
)
