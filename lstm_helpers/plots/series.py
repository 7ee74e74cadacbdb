"""Series, windows, losses and forecasts, on an axis of dates."""

from collections.abc import Mapping
from itertools import cycle

import pandas as pd
from matplotlib.ticker import MaxNLocator

from lstm_helpers._arguments import at_least, items, shown, text
from lstm_helpers._values import numbers as numbers_of
from lstm_helpers._which import number as a_window
from lstm_helpers.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    SHOWN,
    as_text,
    check_axes,
    new_axes,
    plain_names,
)
from lstm_helpers.trainer import History
from lstm_helpers.windowing import Windows

_STYLES = ((ORANGE, "-"), (GREEN, "--"), (PINK, ":"))


def plot_series(table, held_out: int = 0, unit: str = "", ax=None):
    """A table's columns over its index, with the last rows shaded.

    Args:
        table: DataFrame (time, column) of numbers or booleans, or a Series.
        held_out: how many rows at the end are kept for testing.
        unit: written beside the values.

    Raises:
        TypeError: `table` is none, or a column has no numbers; `held_out` is no whole number,
            `unit` no text, `ax` no Axes.
        ValueError: it has no row or no column, or fewer rows than are held out.

    >>> from lstm_helpers import load_flights
    >>> ax = plot_series(load_flights(), held_out=12, unit="thousands")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['passengers', 'held out']
    """
    table, unit = a_table(table, "table"), text("passengers", unit=unit)
    held_out, ax = at_least(0, held_out=held_out), check_axes(ax)
    if held_out > len(table):
        raise ValueError(
            f"held_out is {held_out}, but table has {len(table)} rows: hold out fewer of them."
        )
    ax = new_axes(ax)
    looks = cycle(((BLUE, "-"), *_STYLES[1:], (ORANGE, "-.")))
    for place, (colour, line) in zip(range(table.shape[1]), looks, strict=False):
        column, name = table.iloc[:, place].astype(float), table.columns[place]
        column.plot(ax=ax, color=colour, linestyle=line, label=f"{SHOWN}{as_text(name)}")
    if held_out:
        ends = _places(table.index)
        ax.axvspan(ends[-held_out], ends[-1], color=GREY, alpha=0.3, label="held out")
    ax.set_ylabel(f"{SHOWN}{unit}" if unit else "")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=5, frameon=False)  # off the lines
    return plain_names(ax)


def plot_windows(table, windows, numbers=(0, 1, 2), ax=None):
    """Some windows of a series, one above the other, each with its target.

    Args:
        table: the DataFrame (time, column) that the windows were cut from, or the list of them;
            drawn is the first predicted column.
        windows: the `Windows`.
        numbers: which windows to draw.

    Raises:
        TypeError: `table` is no table, `windows` are none, `numbers` no whole numbers.
        ValueError: no window is asked for; `table` is not what the windows were cut from.
        IndexError: a window is not there.

    >>> from lstm_helpers import load_flights
    >>> ax = plot_windows(load_flights(), Windows(load_flights(), seq_len=12), numbers=(0, 7))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['window 0', 'window 7']
    """
    columns, windows, ax = tables_of(table, windows), a_windows(windows), check_axes(ax)
    numbers = _several(numbers, windows)
    columns = [one.iloc[:, windows.target.at[0]].astype(float) for one in columns]
    parts = [windows.place(i) for i in numbers]
    lowest, highest = (
        (min if sign < 0 else max)(
            sign * (sign * columns[n].iloc[rows]).max() for n, *ends in parts for rows in ends
        )
        for sign in (-1, 1)
    )
    ax = new_axes(ax)
    for height, (number, *rows) in enumerate(parts):
        places = _plain(columns[number].index)
        values = (columns[number].to_numpy() - lowest) / ((highest - lowest) or 1)
        once = height == 0  # one entry in the legend for all windows
        for part, mark, colour, words in zip(
            rows, ("o-", "D"), (BLUE, ORANGE), ("x: the window", "y: the target"), strict=True
        ):
            where, label = places[part], words if once else None
            ax.plot(where, 0.75 * values[part] - height, mark, color=colour, label=label)
    ax.set_yticks([-place for place in range(len(parts))], [f"window {i}" for i in numbers])
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return ax


def plot_history(history, ax=None):
    """Training and validation loss over the epochs, with the epoch whose weights were kept.

    Args:
        history: the `History` that `fit` returned.

    Raises:
        TypeError: it is none, or `ax` no Axes.
        ValueError: it has no epoch.

    >>> from lstm_helpers import ManyToOneLSTM, fit, load_flights
    >>> windows = Windows(load_flights() / 100, seq_len=12)
    >>> history = fit(ManyToOneLSTM(1, 3), windows, epochs=4, progress=False)
    >>> len(plot_history(history).lines[0].get_xdata())
    4
    """
    if not isinstance(history, History):
        raise TypeError(
            f"history is {shown(history)}, but the History that fit returned is needed: "
            "pass history of history = fit(model, train, val)."
        )
    ax = check_axes(ax)
    if not history.records:
        raise ValueError("history has no epoch, so there is no loss to draw: train with fit first.")
    table = history.to_frame()
    ax = new_axes(ax)
    for column, (colour, line) in zip(table.columns.drop("steps"), _STYLES, strict=False):
        ax.plot(table.index, table[column], color=colour, linestyle=line, label=column)
    ax.axvline(history.best_epoch, color=GREY, linestyle=":", label="weights kept")
    positive = (table.drop(columns="steps") > 0).all(axis=None)  # no logarithm of other losses
    ax.set(yscale="log" if positive else "linear", xlabel="epoch", ylabel="loss")
    ax.legend(frameon=False)
    return ax


def plot_forecasts(y, forecasts: Mapping | pd.DataFrame, ax=None):
    """What happened, and what each method had predicted.

    Args:
        y: Series (time,) with dates.
        forecasts: name -> values (time,), in the order of `y`: a dict, or a DataFrame.

    Raises:
        TypeError: `y` is no Series, or holds no numbers; `forecasts` hold none.
        ValueError: a forecast has another shape than `y`, or there is no time.

    >>> months = pd.date_range("1949-02", periods=3, freq="MS")
    >>> y = pd.Series([3.0, 1.0, 4.0], months, name="passengers")
    >>> ax = plot_forecasts(y, {"same as last month": y.shift()})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['passengers', 'same as last month']
    """
    ax = check_axes(ax)
    if not isinstance(y, pd.Series):
        raise TypeError(
            f"y is {shown(y)}, but a Series (time,) with dates is needed: "
            "pass a column of the table, table[name]."
        )
    if not isinstance(forecasts, Mapping | pd.DataFrame):
        raise TypeError(
            f"forecasts is {shown(forecasts)}, but a dict of names and values is needed: "
            'pass {"LSTM": yhat}.'
        )
    a_table(y, "y")
    lines = {name: numbers_of(**{f"forecast {shown(name)}": v}) for name, v in forecasts.items()}
    for name, values in lines.items():
        if values.shape != y.shape:
            raise ValueError(
                f"forecast {shown(name)} is {values.shape}, but y is {y.shape}: pass one value "
                "for each time, such as yhat[:, 0, 0]."
            )
    dates = _plain(y.index)
    ax = new_axes(ax)
    ax.plot(dates, y.astype(float), "o-", color="black", label=f"{SHOWN}{as_text(y.name)}")
    for (name, values), (colour, line) in zip(lines.items(), cycle(_STYLES), strict=False):
        ax.plot(dates, values, line, color=colour, label=f"{SHOWN}{as_text(name)}")
    ax.set(ylabel=f"{SHOWN}{as_text(y.name)}")
    ax.legend(frameon=False)
    return plain_names(ax)


def plot_errors(table, unit: str = "", ax=None):
    """The mean error of every step, a line for each method.

    Args:
        table: DataFrame (step, method), the steps as numbers; a method's name of several
            levels is joined by commas.
        unit: written beside the errors.

    Raises:
        TypeError, ValueError: `table` is none, or has no numbers; the steps are none; `unit` is no
            text, `ax` no Axes.

    >>> errors = pd.DataFrame({"LSTM": [0.5, 0.7], "naive": [0.9, 1.6]}, index=[1, 2])
    >>> ax = plot_errors(errors, unit="minutes")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['LSTM', 'naive']
    """
    table, unit = a_table(table, "table"), text("minutes", unit=unit)
    if not pd.api.types.is_numeric_dtype(table.index):
        raise TypeError(
            f"the index of table holds {table.index.dtype}, but steps as numbers are needed: "
            "use table.reset_index(drop=True)."
        )
    ax = new_axes(ax)
    for name, (colour, line) in zip(table, cycle((*_STYLES, (BLUE, "-."))), strict=False):
        words = ", ".join(map(as_text, name if isinstance(name, tuple) else (name,)))
        ax.plot(table.index, table[name], line, color=colour, label=f"{SHOWN}{words}")
    ax.set(xlabel="step", ylabel=f"{SHOWN}{unit}" if unit else "", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False)
    return plain_names(ax)


def a_windows(windows) -> Windows:
    if not isinstance(windows, Windows):
        raise TypeError(
            f"windows is {shown(windows)}, but a Windows is needed: pass Windows(table, seq_len)."
        )
    return windows


def tables_of(table, windows) -> list[pd.DataFrame]:
    """The table that windows were cut from, or each of a list of them.

    Raises:
        TypeError: one is no table.
        ValueError: they have other rows or columns than the windows.
    """
    windows = a_windows(windows)
    tables = [
        a_table(one, "table") for one in (table if isinstance(table, list | tuple) else [table])
    ]
    for what, ours, theirs in (
        ("rows", [len(one) for one in tables], [len(index) for index, _ in windows._rows]),
        ("columns", [one.shape[1] for one in tables], [len(windows.columns)] * len(tables)),
    ):
        if ours != theirs:
            raise ValueError(
                f"table has {ours} {what}, but the windows were cut from {theirs}: "
                "pass the table, or the list of tables, that they were cut from."
            )
    return tables


def _several(numbers, windows: Windows) -> list[int]:
    """The numbers of some windows."""
    wanted = [numbers] if getattr(numbers, "shape", None) == () else items(numbers)
    if wanted is None:
        raise TypeError(
            f"numbers is {shown(numbers)}, but numbers of windows are needed: try numbers=(0,)."
        )
    if not wanted:
        raise ValueError("numbers is empty, but at least one window is needed: try numbers=(0,).")
    return [a_window(i, len(windows)) for i in wanted]


def a_table(table, name: str) -> pd.DataFrame:
    """A table of numbers, checked before there is a figure."""
    came = table
    table = table.to_frame() if isinstance(table, pd.Series) else table
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"{name} is {shown(table)}, but a DataFrame (time, column) is needed: "
            f"use pd.DataFrame({name})."
        )
    if table.empty:
        raise ValueError(f"{name} is {came.shape}, with nothing to draw: pass rows and columns.")
    for place, dtype in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_complex_dtype(dtype):
            raise TypeError(
                f"column {shown(table.columns[place])} of {name} has dtype {dtype}, but a line "
                "needs numbers: draw the other columns, or use astype(float)."
            )
    return table


def _plain(index: pd.Index) -> pd.Index:
    """Dates that matplotlib can draw: periods begin where they begin."""
    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


def _places(index: pd.Index):
    """Where pandas draws rows: at their dates or numbers, words at their place."""
    drawn = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
    return index if drawn or pd.api.types.is_numeric_dtype(index) else range(len(index))
