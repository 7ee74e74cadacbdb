"""The rows of the lessons' pictures and of `expect_error`."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from torch import nn

from arguments.table import Case, row, tensor, whole
from lstm_helpers import Windows, dependencies, expect_error, plots


def table(rows, columns=2):
    names = ["hour", "delay", "rain", "wind"][:columns]
    dates = pd.date_range("2013-07-03", periods=rows, freq="h")
    return pd.DataFrame(tensor(rows, columns).numpy(), dates, names)


def steps(sizes, **given):
    """`plot_steps` with right arguments, but those that are given."""
    right = {
        "x": tensor(sizes.seq, sizes.feature),
        "out": tensor(sizes.seq, sizes.hidden),
        "dates": table(sizes.seq).index,
    }
    return plots.plot_steps(**{**right, **given})


def rows(sizes, **given):
    right = {"steps": table(20), "samples": table(21, 4), "seq_len": 3, "rows": 5}
    return plots.plot_rows(**{**right, **given})


def known(sizes, **given):
    hours = table(20)
    right = {"table": hours, "windows": Windows(hours, sizes.seq, known="hour"), "steps": 2}
    return plots.plot_known(**{**right, **given})


TWO, LINEAR, DEEP = nn.LSTM(1, 3, num_layers=2), nn.Linear(2, 3), nn.RNN(1, 2, num_layers=21)


def states(sizes, **given):
    right = {"layer": TWO, "batch": sizes.batch, "seq_len": sizes.seq}
    return plots.plot_states(**{**right, **given})


def strips(sizes, **given):
    words = sizes.seq * ["train"] + sizes.other * ["test"]
    right = {"strips": pd.DataFrame({"in order": words}, table(len(words)).index)}
    return plots.plot_strips(**{**right, **given})


DRAW = {
    "plots.plot_strips": strips,
    "plots.plot_steps": steps,
    "plots.plot_states": states,
    "plots.plot_rows": rows,
    "plots.plot_known": known,
}


def refused(name, argument, mode, value, error, text, right=None):
    """A row whose mistake is one value; `right` takes its place, or nothing does."""

    def case(sizes):
        wrong = value(sizes) if callable(value) else value
        said = text(sizes) if callable(text) else text
        mend = {} if right is None else {argument: right(sizes)}
        return Case(
            lambda: DRAW[name](sizes, **{argument: wrong}),
            error,
            said,
            lambda: DRAW[name](sizes, **mend),
        )

    row(name, argument, mode)(case)


for name in DRAW:
    refused(
        name,
        "ax",
        "a word",
        "left",
        TypeError,
        "ax is 'left', but one of matplotlib's Axes is needed: pass ax of _, ax = plt.subplots(), "
        "one of several as axes[0], or drop ax.",
        lambda sizes: plt.subplots()[1],
    )

refused(
    "plots.plot_strips",
    "strips",
    "words alone",
    ["train", "test"],
    TypeError,
    "strips is ['train', 'test'], but a DataFrame (time, strip) of words is needed: "
    'pd.DataFrame({"in order": words}, index=table.index).',
    lambda sizes: pd.DataFrame({"in order": ["train", "test"]}),
)
refused(
    "plots.plot_strips",
    "strips",
    "no rows",
    lambda sizes: pd.DataFrame(columns=["in order", "at random"]),
    ValueError,
    "strips has 0 rows and 2 columns, but a strip needs words: pass a row for each time and a "
    "column for each strip.",
    lambda sizes: pd.DataFrame({"in order": ["train"], "at random": ["test"]}),
)
refused(
    "plots.plot_strips",
    "strips",
    "a name twice",
    lambda sizes: pd.DataFrame(sizes.seq * [["train", "test"]], columns=["a", "a"]),
    ValueError,
    "strips has the columns ['a', 'a'], but each strip needs its own name: rename those that are "
    "there twice.",
    lambda sizes: pd.DataFrame(sizes.seq * [["train", "test"]], columns=["a", "b"]),
)
for argument, axis in (("x", "feature"), ("out", "hidden")):
    refused(
        "plots.plot_steps",
        argument,
        "text",
        ["a"],
        TypeError,
        f"{argument} has dtype <U1, but numbers are needed. Try astype(float).",
    )
    refused(
        "plots.plot_steps",
        argument,
        "a batch",
        lambda sizes: tensor(sizes.batch, sizes.seq, sizes.feature),
        ValueError,
        lambda sizes, argument=argument, axis=axis: (
            f"{argument} is {(sizes.batch, sizes.seq, sizes.feature)}, but one window is needed, "
            f"(seq, {axis}): take it out of its batch, such as {argument}[0]."
        ),
        lambda sizes: tensor(sizes.batch, sizes.seq, sizes.feature)[0],
    )
    refused(
        "plots.plot_steps",
        argument,
        "empty",
        lambda sizes: tensor(sizes.seq, 0),
        ValueError,
        lambda sizes, argument=argument, axis=axis: (
            f"{argument} is {(sizes.seq, 0)}, with nothing to draw, but (seq, {axis}) is needed, "
            "with at least one of each."
        ),
    )
refused(
    "plots.plot_steps",
    "dates",
    "one word",
    "1949",
    TypeError,
    "dates is '1949', but the time of each step is needed: pass windows.dates(0)[0].",
    lambda sizes: Windows(table(sizes.seq + 1), sizes.seq).dates(0)[0],
)
refused(
    "plots.plot_steps",
    "dates",
    "of another window",
    lambda sizes: table(sizes.seq + 1).index,
    ValueError,
    lambda sizes: (
        f"x has {sizes.seq} steps, out {sizes.seq} and dates {sizes.seq + 1}, but one of each is "
        "needed for every step: pass x[0], lstm(x)[0][0] and windows.dates(0)[0]."
    ),
    lambda sizes: Windows(table(sizes.seq + 1), sizes.seq).dates(0)[0],
)

refused(
    "plots.plot_states",
    "layer",
    "another layer",
    lambda sizes: LINEAR,
    TypeError,
    "layer is Linear(in_features=2, out_features=3, bias=True), but an nn.LSTM, nn.GRU or nn.RNN "
    "is needed: pass one, such as lstm.",
    lambda sizes: TWO,
)
refused(
    "plots.plot_states",
    "layer",
    "too deep",
    lambda sizes: DEEP,
    ValueError,
    "layer has 21 layers, but 20 can be drawn at most: draw one with num_layers=2, the others are "
    "alike.",
    lambda sizes: TWO,
)
for size in ("batch", "seq_len"):
    whole(
        "plots.plot_states",
        size,
        lambda sizes, value, size=size: states(sizes, **{size: value}),
        least=1,
    )

for argument in ("steps", "samples"):
    refused(
        "plots.plot_rows",
        argument,
        "an array",
        lambda sizes: tensor(20, 2).numpy(),
        TypeError,
        f"{argument} is a ndarray (20, 2), but a DataFrame (time, column) is needed: "
        f"use pd.DataFrame({argument}).",
        lambda sizes: pd.DataFrame(tensor(20, 2).numpy()),
    )
    refused(
        "plots.plot_rows",
        argument,
        "text",
        lambda sizes: table(20).assign(delay="1,5"),
        TypeError,
        f"column 'delay' of {argument} has dtype {pd.Series(['1,5']).dtype}, but a line needs "
        "numbers: draw the other columns, or use astype(float).",
        lambda sizes: table(20),
    )
whole("plots.plot_rows", "seq_len", lambda sizes, value: rows(sizes, seq_len=value), least=1)
whole("plots.plot_rows", "rows", lambda sizes, value: rows(sizes, rows=value, seq_len=1), least=1)
refused(
    "plots.plot_rows",
    "rows",
    "fewer than a sample",
    2,
    ValueError,
    "rows is 2, but a sample has 3 rows: draw more of them.",
    lambda sizes: 3,
)
refused(
    "plots.plot_rows",
    "rows",
    "more than there are",
    21,
    ValueError,
    "rows is 21, but a table has 20 rows: draw fewer of them.",
    lambda sizes: 20,
)

refused(
    "plots.plot_known",
    "table",
    "another one",
    lambda sizes: table(sizes.other),
    ValueError,
    lambda sizes: (
        f"table has [{sizes.other}] rows, but the windows were cut from [20]: "
        "pass the table, or the list of tables, that they were cut from."
    ),
    lambda sizes: table(20),
)
refused(
    "plots.plot_known",
    "windows",
    "a tensor",
    lambda sizes: tensor(sizes.batch, sizes.seq, 2),
    TypeError,
    lambda sizes: (
        f"windows is a Tensor {(sizes.batch, sizes.seq, 2)}, but a Windows is needed: "
        "pass Windows(table, seq_len)."
    ),
    lambda sizes: Windows(table(20), sizes.seq, known="hour"),
)
for mode, problem, how in (
    ("shifted", "the targets are shifted", {"known": "hour", "shifted": True}),
    ("nothing known", "no column is known ahead", {}),
):
    refused(
        "plots.plot_known",
        "windows",
        mode,
        lambda sizes, how=how: Windows(table(20), sizes.seq, **how),
        ValueError,
        f"{problem}, but the picture shows targets after the window, beside known columns: "
        "cut them with Windows(..., known=...), without shifted.",
        lambda sizes: Windows(table(20), sizes.seq, known="hour"),
    )
refused(
    "plots.plot_known",
    "i",
    "a fraction",
    1.5,
    TypeError,
    "1.5 was asked for, but windows have whole numbers: "
    "use a number, a slice, a mask, or several numbers as a list, array or tensor.",
    lambda sizes: np.int8(1),
)
refused(
    "plots.plot_known",
    "i",
    "too large",
    20,
    IndexError,
    lambda sizes: (
        f"window 20 was asked for, but there are {20 - sizes.seq}: "
        f"choose from 0 to {19 - sizes.seq}."
    ),
    lambda sizes: 19 - sizes.seq,
)
whole("plots.plot_known", "steps", lambda sizes, value: known(sizes, steps=value), least=1)
refused(
    "plots.plot_known",
    "steps",
    "more than a window has",
    lambda sizes: sizes.seq + 1,
    ValueError,
    lambda sizes: f"steps is {sizes.seq + 1}, but a window has {sizes.seq}: draw fewer.",
    lambda sizes: sizes.seq,
)


def chart(sizes, model=lambda x: 2 * x):
    return dependencies(model, tensor(2, 5, sizes.feature))


whole("Dependencies.plot", "ahead", lambda sizes, value: chart(sizes).plot(ahead=value), least=1)


@row("Dependencies.plot", "ahead", "one answer a window")
def _(sizes):
    found = chart(sizes, lambda x: x.mean(dim=1, keepdim=True))
    return Case(
        lambda: found.plot(ahead=1),
        ValueError,
        "ahead=1 marks the target of an output at every input step, but this chart has 1 output "
        "step for 5 input steps: leave ahead out.",
        found.plot,
    )


def fail(kind, *match, fails=True):
    with expect_error(kind, *match):
        if fails:
            raise ValueError("a wrong size")


def expected(argument, mode, call, error, text, advice):
    row("expect_error", argument, mode)(lambda sizes: Case(call, error, text, advice))


CLASS = "but it has to be a class of exceptions or of warnings, such as ValueError or UserWarning."
expected(
    "kind",
    "a word",
    lambda: fail("ValueError"),
    TypeError,
    f"kind is 'ValueError', {CLASS}",
    lambda: fail(ValueError),
)
expected(
    "kind",
    "several",
    lambda: fail((ValueError, KeyError)),
    TypeError,
    f"kind is (<class 'ValueError'>, <class 'KeyError'>), {CLASS}",
    lambda: fail(ValueError),
)
expected(
    "kind",
    "nothing raised",
    lambda: fail(ValueError, fails=False),
    ValueError,
    "nothing was raised, but this block has to raise ValueError: change the block, or drop "
    "`expect_error`.",
    lambda: fail(ValueError),
)
expected(
    "match",
    "a number",
    lambda: fail(ValueError, 5),
    TypeError,
    "match is 5, but it has to be text: a part of the message, or None.",
    lambda: fail(ValueError, None),
)
expected(
    "match",
    "empty",
    lambda: fail(ValueError, ""),
    ValueError,
    "match is empty, but it has to be a part of the message, or None.",
    lambda: fail(ValueError, "wrong size"),
)
expected(
    "match",
    "another text",
    lambda: fail(ValueError, "right size"),
    ValueError,
    "the ValueError came, but its message has no 'right size':\nValueError: a wrong size\n"
    "Let match be a part of this message, letter by letter, or drop `match`.",
    lambda: fail(ValueError, "wrong size"),
)
