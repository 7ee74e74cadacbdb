"""The pictures of cells: which numbers of a table make one sample, or one step."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from lstm_helpers import Windows
from lstm_helpers.plots import plot_known, plot_rows
from lstm_helpers.plots.rows import BLUE, GREEN, ORANGE

DATES = pd.date_range("2013-07-03 20:00", periods=9, freq="h")
HOURS = pd.DataFrame(
    {"delay": np.arange(9) + 10.5, "flights": np.arange(9) + 40, "hour": np.arange(9) + 20},
    DATES,
)
PATIENTS = pd.DataFrame(np.arange(70, 98).reshape(7, 4), columns=["May", "June", "July", "August"])
KNOWN = Windows(HOURS, 5, horizon=2, target="delay", known="hour")


def cells(ax) -> list[tuple[str, str]]:
    """What stands in each cell and its colour, row by row, those of the right table too."""
    colours = {BLUE: "blue", GREEN: "green", ORANGE: "orange"}
    found = []
    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_width() > 20:
            (left, top), right = patch.get_xy(), patch.get_x() + patch.get_width()
            inside = [
                text.get_text()
                for text in ax.texts
                if left < text.get_position()[0] < right
                and top < text.get_position()[1] < top + patch.get_height()
            ]
            filled = patch.get_facecolor()[3] > 0
            face = colours[to_rgb(patch.get_facecolor())] if filled else ""
            found.append((*inside, face))
    return found


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_steps_stay_as_they_stand_and_samples_are_stood_upright():
    ax = plot_rows(HOURS[["delay", "flights"]], PATIENTS, seq_len=3, rows=6)
    drawn = cells(ax)
    steps, sample = drawn[:12], drawn[12:18]
    taken = [("10.5", "blue"), ("40", "blue"), ("11.5", "blue"), ("41", "blue")]
    assert steps[:4] == taken
    assert [face for _, face in steps] == 6 * ["blue"] + 6 * [""]
    assert sample == steps[:6]
    patients, upright = drawn[18:42], drawn[42:]
    assert [face for _, face in patients] == 4 * ["blue"] + 20 * [""]
    assert upright == [(str(value), "blue") for value in (70, 71, 72, 73)]
    assert {"seq=3", "feature=2", "seq=4", "feature=1", "May", "flights", "⋮"} <= set(words(ax))
    assert "rows are steps: a sample is 3 rows" in words(ax)


def test_one_step_is_no_sample_of_a_table_of_samples():
    ax = plot_rows(HOURS[["delay", "flights"]], PATIENTS, seq_len=1, rows=2)
    assert cells(ax)[4:6] == [("10.5", "blue"), ("40", "blue")]
    assert {"seq=1", "feature=2", "seq=4", "feature=1"} <= set(words(ax))


def test_known_columns_are_taken_a_row_later():
    ax = plot_known(HOURS, KNOWN, 1, steps=2)
    drawn = cells(ax)
    table = [drawn[at : at + 3] for at in range(0, 12, 3)]
    x = [drawn[at : at + 3] for at in range(12, 18, 3)]
    assert table == [
        [("14.5", "blue"), ("44", "blue"), ("24", "")],
        [("15.5", "blue"), ("45", "blue"), ("25", "green")],
        [("16.5", "orange"), ("46", ""), ("26", "green")],
        [("17.5", "orange"), ("47", ""), ("27", "")],
    ]
    assert [[float(value) for value, _ in row] for row in x] == KNOWN[1][0][-2:].tolist()
    assert [face for _, face in x[0]] == ["blue", "blue", "green"]
    dates = ["2013-07-04", "2013-07-04 01:00", "2013-07-04 02:00", "2013-07-04 03:00"]
    assert {*dates, "x[1, -2]", "x[1, -1]"} <= set(words(ax))


@pytest.mark.parametrize("draw", [plot_rows, plot_known])
def test_draws_on_the_given_axes(draw):
    _, given = plt.subplots()
    second = PATIENTS if draw is plot_rows else KNOWN
    assert draw(HOURS, second, ax=given) is given


def test_windows_are_counted_from_the_end_too():
    assert "x[2, -1]" in words(plot_known(HOURS, KNOWN, -1))
    with pytest.raises(IndexError, match="window 3 was asked for, but there are 3"):
        plot_known(HOURS, KNOWN, 3)


@pytest.mark.parametrize(
    ("draw", "advice"),
    [
        (lambda: plot_known(HOURS, Windows(HOURS, 5)), "no column is known ahead"),
        (
            lambda: plot_known(HOURS, Windows(HOURS, 5, shifted=True, known="hour")),
            "the targets are shifted",
        ),
        (lambda: plot_known(HOURS, KNOWN, steps=6), "a window has 5: draw fewer"),
        (lambda: plot_rows(HOURS, PATIENTS, seq_len=7), "has 7 rows: draw more of them"),
        (lambda: plot_rows(HOURS, PATIENTS, rows=0), "rows is 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, advice):
    with pytest.raises(ValueError, match=advice):
        draw()


@pytest.mark.parametrize("draw", [plot_rows, plot_known])
def test_everything_stays_inside_the_picture(draw):
    names = pd.date_range("2013-01-01 05:00", periods=9, freq="h")
    table = HOURS.set_index(names)
    ax = (
        plot_rows(table[["delay", "flights"]], PATIENTS.rename("patient {}".format))
        if draw is plot_rows
        else plot_known(table, KNOWN, 1)
    )
    assert isinstance(ax, Axes)
    width, height = ax.figure.get_size_inches() * 100
    assert width == 800
    assert height == int(height)
    renderer = ax.figure.canvas.get_renderer()
    for text in ax.texts:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.x1 <= width, text.get_text()
