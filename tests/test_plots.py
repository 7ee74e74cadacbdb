"""Every picture draws where it is told, in whole pixels, what it was given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes

from lstm_helpers import History, Windows, load_flights, trace_shapes
from lstm_helpers.plots import (
    plot_errors,
    plot_forecasts,
    plot_history,
    plot_series,
    plot_table,
    plot_windows,
)

HISTORY = History(
    [{"epoch": e, "steps": 4 * e, "train_loss": 1 / e, "val_loss": 2 / e} for e in (1, 2, 3)], 3
)
ERRORS = pd.DataFrame({("there", n): range(1, 13) for n in "abcd"}, index=range(1, 13))
YEAR = load_flights()["passengers"].iloc[-12:]
PICTURES = {
    "errors": (lambda ax: plot_errors(ERRORS, unit="percent", ax=ax), 4),
    "series": (lambda ax: plot_series(load_flights(), held_out=12, ax=ax), 1),
    "table": (lambda ax: plot_table(load_flights(), Windows(load_flights(), 12), ax=ax), 0),
    "windows": (lambda ax: plot_windows(load_flights(), Windows(load_flights(), 12), ax=ax), 6),
    "history": (lambda ax: HISTORY.plot(ax=ax), 3),
    "forecasts": (lambda ax: plot_forecasts(YEAR, {"a": YEAR + 1, "b": YEAR - 1}, ax=ax), 3),
}


@pytest.mark.parametrize("name", PICTURES)
def test_draws_on_the_given_axes_or_on_new_ones(name):
    draw, lines = PICTURES[name]
    _, given = plt.subplots()
    assert draw(given) is given
    ax = draw(None)
    assert isinstance(ax, Axes)
    assert ax is not given
    assert ax.figure.get_dpi() == 100
    assert (ax.figure.get_size_inches() * 100).tolist() == [800, 300]
    assert len(ax.lines) == lines
    labelled = [line for line in ax.lines if not line.get_label().startswith("_")]
    looks = {(line.get_linestyle(), line.get_marker()) for line in labelled}
    assert len(looks) == len(labelled), "lines differ by colour alone"
    ax.figure.canvas.draw()


def test_windows_are_drawn_at_their_dates():
    windows = Windows(load_flights(), 12)
    ax = plot_windows(load_flights(), windows, numbers=(3,))
    x_line, y_line = ax.lines
    assert list(x_line.get_xdata()) == list(windows.dates(3)[0])
    assert list(y_line.get_xdata()) == list(windows.dates(3)[1])


def test_each_loss_is_drawn_under_its_own_name():
    ax = plot_history(HISTORY)
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert drawn["train_loss"] == [1, 1 / 2, 1 / 3]
    assert drawn["val_loss"] == [2, 1, 2 / 3]
    assert {text.get_text() for text in ax.get_legend().get_texts()} == set(drawn)


def test_history_marks_the_epoch_that_was_kept():
    ax = plot_history(HISTORY)
    assert ax.lines[0].get_ydata().tolist() == pytest.approx([1, 1 / 2, 1 / 3])
    assert np.unique(ax.lines[-1].get_xdata()).tolist() == [3]


def test_errors_are_drawn_by_step_under_their_names():
    ax = plot_errors(ERRORS, unit="percent")
    assert ax.get_legend().get_texts()[0].get_text() == "there, a"
    assert list(ax.lines[0].get_ydata()) == list(range(1, 13))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "percent")


def test_a_table_is_drawn_with_its_dates_and_with_the_sizes_of_x_and_y():
    table = load_flights().assign(rain=1, wind=2)
    windows = Windows(table, 9, horizon=2, target=["wind", "rain"])
    ax = plot_table(table, windows)
    texts = [text.get_text() for text in ax.texts]
    ends, after = windows.dates(0)[0][-1], windows.dates(0)[1]
    assert [str(date.date()) in texts for date in (ends, *after)] == [True, True, True]
    assert {"144 rows, 3 columns", "x (134, 9, 3)", "y (134, 2, 2)", "window=134"} <= set(texts)
    assert {"seq=9", "feature=3", "horizon=2", "target=2", *table.columns} <= set(texts)


def test_no_two_columns_of_a_series_look_alike():
    ax = plot_series(pd.DataFrame(dict.fromkeys("abcde", YEAR)))
    looks = {(str(line.get_color()), line.get_linestyle()) for line in ax.lines}
    assert len(ax.lines) == 5
    assert len(looks) >= 4
    assert len({line.get_linestyle() for line in ax.lines[:4]}) == 4


def test_a_long_table_with_a_gap_fits_into_its_picture():
    windows = Windows(load_flights(), 48, horizon=24, gap=6)
    ax = plot_table(load_flights(), windows)
    assert max(text.get_position()[1] for text in ax.texts) < ax.get_ylim()[0]
    assert [text.get_text() for text in ax.texts].count("⋮") == 4
    with pytest.raises(ValueError, match=r"the targets are shifted, but .*: cut them with"):
        plot_table(load_flights(), Windows(load_flights(), 12, shifted=True))


def test_errors_may_have_numbers_for_names():
    ax = plot_errors(ERRORS.droplevel(0, axis=1).set_axis(range(4), axis=1))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("name", ["cost in $\\AU$", "_hidden", "US$ and A$", "$", "a_b"])
def test_names_are_shown_as_they_are(name):
    table = load_flights().rename(columns={"passengers": name})
    series = YEAR.rename(name)
    for ax in (plot_series(table), plot_forecasts(series, {f"{name} 2": YEAR + 1})):
        assert name in [text.get_text() for text in ax.get_legend().get_texts()]
        ax.figure.canvas.draw()
    ax = plot_table(table, Windows(table, 12))
    assert name in [text.get_text() for text in ax.texts]
    ax.figure.canvas.draw()
    model = torch.nn.Sequential()
    model.add_module(name, torch.nn.Linear(2, 3))
    ax = trace_shapes(model, torch.rand(5, 12, 2), axes=f"batch seq {name.replace(' ', '')}").plot()
    ax.figure.canvas.draw()
