"""Series, windows, losses and forecasts, on an axis of dates."""

from itertools import cycle

import numpy as np
from matplotlib.ticker import MaxNLocator

from lstm_helpers.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SHOWN,
    new_axes,
    plain_names,
)

_STYLES = ((ORANGE, "-"), (GREEN, "--"), (PINK, ":"))


def plot_series(table, held_out: int = 0, unit: str = "", ax=None):
    """A table's columns over its index, with the last rows shaded.

    Args:
        table: DataFrame (time, column).
        held_out: how many rows at the end are kept for testing.
        unit: written beside the values.
    """
    ax = new_axes(ax)
    for name, (colour, line) in zip(table, cycle(((BLUE, "-"), *_STYLES[1:], (ORANGE, "-.")))):
        table[name].plot(ax=ax, color=colour, linestyle=line, label=f"{SHOWN}{name}")
    if held_out:
        ax.axvspan(table.index[-held_out], table.index[-1], color=GREY, alpha=0.3, label="held out")
    ax.set_ylabel(unit)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=5, frameon=False)  # off the lines
    return plain_names(ax)


def plot_windows(table, windows, numbers=(0, 1, 2), ax=None):
    """Some windows of a series, one above the other, each with its target.

    Args:
        table: the DataFrame (time, column) that the windows were cut from; drawn is the
            first predicted column.
        windows: the `Windows`.
        numbers: which windows to draw.
    """
    ax = new_axes(ax)
    column = windows.target[0]
    heights = table[column] - table[column].min()
    tallest = max(heights[dates].max() for i in numbers for dates in windows.dates(i))
    heights = 0.75 * heights / tallest
    for place, i in enumerate(numbers):
        x_dates, y_dates = windows.dates(i)
        once = place == 0  # one entry in the legend for all windows
        ax.plot(
            x_dates,
            heights[x_dates] - place,
            "o-",
            color=BLUE,
            label="x: the window" * once or None,
        )
        ax.plot(
            y_dates,
            heights[y_dates] - place,
            "D",
            color=ORANGE,
            label="y: the target" * once or None,
        )
    ax.set_yticks([-place for place in range(len(numbers))], [f"window {i}" for i in numbers])
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return ax


def plot_history(history, ax=None):
    """Training and validation loss over the epochs, with the epoch whose weights were kept.

    Args:
        history: the `History` that `fit` returned.
    """
    ax = new_axes(ax)
    table = history.to_frame()
    for column, (colour, line) in zip(table.columns.drop("steps"), _STYLES, strict=False):
        ax.plot(table.index, table[column], color=colour, linestyle=line, label=column)
    ax.axvline(history.best_epoch, color=GREY, linestyle=":", label="weights kept")
    ax.set(yscale="log", xlabel="epoch", ylabel="loss")
    ax.legend(frameon=False)
    return ax


def plot_forecasts(y, forecasts: dict, ax=None):
    """What happened, and what each method had predicted.

    Args:
        y: Series (time,) with dates.
        forecasts: name -> values (time,), in the order of `y`.
    """
    ax = new_axes(ax)
    ax.plot(y.index, y, "o-", color="black", label=f"{SHOWN}{y.name}")
    for (name, values), (colour, line) in zip(forecasts.items(), cycle(_STYLES)):
        ax.plot(y.index, np.asarray(values), line, color=colour, label=f"{SHOWN}{name}")
    ax.set(ylabel=f"{SHOWN}{y.name}")
    ax.legend(frameon=False)
    return plain_names(ax)


def plot_errors(table, unit: str = "", ax=None):
    """The mean error of every step, a line for each method.

    Args:
        table: DataFrame (step, method), the steps as numbers; a method's name of several
            levels is joined by commas.
        unit: written beside the errors.
    """
    ax = new_axes(ax)
    for name, (colour, line) in zip(table, cycle((*_STYLES, (BLUE, "-."))), strict=False):
        words = ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        ax.plot(table.index, table[name], line, color=colour, label=f"{SHOWN}{words}")
    ax.set(xlabel="step", ylabel=unit, ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
    return plain_names(ax)
