"""Which numbers of a table make one sample, as pictures of cells with their values."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from lstm_helpers._arguments import at_least
from lstm_helpers._which import number
from lstm_helpers.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    as_text,
    check_axes,
    new_axes,
    plain_names,
)
from lstm_helpers.plots.series import a_table, a_windows, tables_of

WIDTH, SECOND = 800, 418  # pixels, as all sizes below: the second table begins there
ROW, WIDEST = 24, 52  # a row, a column
TOP, NAMES, GAP = 112, 140, 104  # of the first cell, left of it, and between table and sample
SMALL = {"fontsize": 11}  # may be shown at half its size


def plot_rows(steps, samples, seq_len: int = 4, rows: int = 6, ax=None):
    """Two tables side by side: in one each row is a step, in the other each row is a sample.

    Beside each table stands sample 0 as an LSTM reads it: seq runs down, feature to the right.

    Args:
        steps: DataFrame (time, column): a sample is `seq_len` rows of it, as they stand.
        samples: DataFrame (sample, time): a sample is one row of it, stood upright.
        seq_len: rows of a sample of `steps`.
        rows: how many rows of each table to draw.

    Raises:
        TypeError: a table is none, or has no numbers; `seq_len` or `rows` is no whole number, `ax`
            no Axes.
        ValueError: fewer rows are drawn than a sample has, or more than a table has.

    >>> import pandas as pd
    >>> hours = pd.DataFrame({"delay": [3, 1, 4, 1, 5, 9], "flights": [2, 7, 1, 8, 2, 8]})
    >>> patients = pd.DataFrame([[41, 43, 44]] * 6, columns=["May", "June", "July"])
    >>> ax = plot_rows(hours, patients)
    """
    steps, samples = a_table(steps, "steps"), a_table(samples, "samples")
    seq_len, rows, ax = at_least(1, seq_len=seq_len), at_least(1, rows=rows), check_axes(ax)
    if rows < seq_len:
        raise ValueError(f"rows is {rows}, but a sample has {seq_len} rows: draw more of them.")
    if rows > (fewest := min(len(steps), len(samples))):
        raise ValueError(f"rows is {rows}, but a table has {fewest} rows: draw fewer of them.")
    ax = _empty(ax, TOP + ROW * rows + 34)
    for begin, table, taken, said in (
        (NAMES, steps, seq_len, f"rows are steps: a sample is {seq_len} rows"),
        (SECOND + 80, samples, 1, "rows are samples: a sample is one row"),
    ):
        ax.text(begin - 74, 4, said, va="top", weight="bold", **SMALL)
        values = table.to_numpy(float)[:rows]
        colours = np.full(values.shape, None)
        colours[:taken] = "x"
        sample = values[:taken] if table is steps else values[:1].T
        cell = min(WIDEST, 152 / (values.shape[1] + sample.shape[1]))
        names = [as_text(row) for row in table.index[:rows]]
        _cells(ax, begin, TOP, values, colours, cell, table.columns, [*names, "⋮"])
        right = begin + values.shape[1] * cell
        beside = right + GAP
        _cells(ax, beside, TOP, sample, np.full(sample.shape, "x"), cell)
        _arrow(ax, right, beside - 56, TOP + taken * ROW / 2)
        seq, feature = sample.shape
        at = {"va": "center", "ha": "right", **SMALL}
        ax.text(beside - 6, TOP + seq * ROW / 2, f"seq={seq}", **at)
        ax.text(beside, TOP + seq * ROW + 5, f"feature={feature}", va="top", **SMALL)
    return plain_names(ax)


def plot_known(table, windows, i: int = 0, steps: int = 3, ax=None):
    """The last steps of a window with columns known ahead, and where each number comes from.

    Blue are the observed columns of a step, green the known ones: those of the row after it.
    Orange is what is to be predicted.

    Args:
        table: the DataFrame (time, column) that the windows were cut from, or the list of them.
        windows: the `Windows`, with targets after the window.
        i: which window to draw.
        steps: how many of its last steps.

    Raises:
        TypeError: `table` is no table, `windows` are none, `i` or `steps` is no whole number, `ax`
            no Axes.
        ValueError: the targets are shifted, no column is known ahead, or the window is shorter;
            `table` is not what the windows were cut from.
        IndexError: there is no such window.

    >>> import pandas as pd
    >>> hours = pd.DataFrame({"delay": [3.0, 1, 4, 1, 5], "hour": [20, 21, 22, 23, 5]})
    >>> from lstm_helpers import Windows
    >>> ax = plot_known(hours, Windows(hours, seq_len=4, known="hour"))
    """
    tables, windows, ax = tables_of(table, windows), a_windows(windows), check_axes(ax)
    if windows.shifted or not windows.known:
        problem = "the targets are shifted" if windows.shifted else "no column is known ahead"
        raise ValueError(
            f"{problem}, but the picture shows targets after the window, beside known columns: "
            "cut them with Windows(..., known=...), without shifted."
        )
    if (steps := at_least(1, steps=steps)) > windows.seq_len:
        raise ValueError(f"steps is {steps}, but a window has {windows.seq_len}: draw fewer.")
    i = number(i, len(windows))
    which, x_rows, y_rows = windows.place(i)
    table = tables[which]
    first, last = x_rows.stop - steps, y_rows.stop
    values, known = table.to_numpy(float)[first:last], windows.known.at
    colours = np.full(values.shape, None)
    colours[:steps] = "x"
    colours[:, known] = None
    colours[1 : steps + 1, known] = "known"
    for target in windows.target.at:
        colours[y_rows.start - first :, target] = "y"
    columns = values.shape[1]
    cell = min(WIDEST, (WIDTH - 2 * NAMES - 10) / (2 * columns))
    ax = _empty(ax, TOP + ROW * len(values) + 34)
    names = [as_text(row) for row in table.index[first:last]]
    _cells(ax, NAMES, TOP, values, colours, cell, table.columns, names)
    right = NAMES + columns * cell
    beside = right + NAMES
    made = np.full((steps, columns), "x", dtype=object)
    made[:, known] = "known"
    x = windows[i][0][-steps:].numpy()
    rows = [f"x[{i}, {step}]" for step in range(-steps, 0)]
    _cells(ax, beside, TOP, x, made, cell, windows.columns, rows)
    _arrow(ax, right, beside - 98, TOP + steps * ROW / 2)
    legend = (("x: observed", BLUE), ("x: known, from the row below", GREEN), ("y", ORANGE))
    for at, (words, colour) in zip((8, 140, 424), legend, strict=True):
        ax.add_patch(Rectangle((at, 6), 14, 14, facecolor=(*colour, 0.35), edgecolor=colour))
        ax.text(at + 20, 13, words, va="center", **SMALL)
    return plain_names(ax)


FACES = {"x": (*BLUE, 0.3), "known": (*GREEN, 0.3), "y": (*ORANGE, 0.35), None: "none"}


def _empty(ax, height: float):
    """Axes that count in pixels from the upper left corner, without a frame."""
    ax = new_axes(ax, WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    return ax


def _cells(ax, left, top, values, colours, cell: float, columns=(), rows=()) -> None:
    """A table of numbers, each cell in its colour, with names above and on the left."""
    for place, column in enumerate(columns):
        at = left + (place + 0.4) * cell
        ax.text(at, top - 4, as_text(column), rotation=55, va="bottom", **SMALL)
    for row, name in enumerate(rows):
        ax.text(left - 6, top + (row + 0.5) * ROW, name, va="center", ha="right", **SMALL)
    for (row, place), value in np.ndenumerate(values):
        corner = (left + place * cell, top + row * ROW)
        face = FACES[colours[row, place]]
        ax.add_patch(Rectangle(corner, cell, ROW, facecolor=face, edgecolor=GREY))
        middle = (corner[0] + cell / 2, corner[1] + ROW / 2)
        ax.text(*middle, f"{value:.4g}", va="center", ha="center", **SMALL)


def _arrow(ax, left: float, right: float, height: float) -> None:
    ends = (left + 6, height), (right, height)
    ax.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=12, color="0.4"))
