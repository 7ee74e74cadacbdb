"""Every picture draws where it is told, in whole pixels, what it was given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from torch import nn

from lstm_helpers import History, Windows, load_flights, trace_shapes
from lstm_helpers.plots import (
    plot_cell,
    plot_errors,
    plot_forecasts,
    plot_history,
    plot_series,
    plot_states,
    plot_steps,
    plot_strips,
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


def window_and_states(seq, feature, hidden):
    lstm = torch.nn.LSTM(feature, hidden, batch_first=True)
    x = 0.2 + torch.rand(1, seq, feature)  # of which 100 x has no place behind the point
    return x[0], lstm(x)[0][0], pd.date_range("1949", periods=seq, freq="MS")


def rows_of(ax):
    """What is written in a picture, line by line, from left to right."""
    lines = {}
    for text in ax.texts:
        x, y = text.get_position()
        lines.setdefault(y, []).append((x, text.get_text()))
    return [[words for _, words in sorted(lines[y])] for y in sorted(lines)]


def test_steps_are_drawn_each_with_its_number_its_date_and_the_state_after_it():
    x, out, dates = window_and_states(5, 2, 3)
    head, before, *rows = rows_of(plot_steps(x, out, dates))
    assert head == ["step t", "x[t], feature=2", "state after it: out[t], hidden=3"]
    assert before == ["before", "0.00", "0.00", "0.00"]
    assert rows == [
        [str(t), f"1949-0{t + 1}-01", *(f"{v:.2f}" for v in x[t]), "LSTM"]
        + [f"{v:.2f}" for v in out[t].detach()]
        for t in range(5)
    ]


def test_every_layer_reads_its_x_and_the_state_of_the_row_above():
    """An arrow of three runs down: from the state of the step before to the layer."""
    ax = plot_steps(*window_and_states(5, 2, 3))
    arrows = [p._posA_posB for p in ax.patches if isinstance(p, FancyArrowPatch)]
    layers = sorted(t.get_position()[1] for t in ax.texts if t.get_text() == "LSTM")
    assert len(arrows) == 3 * len(layers) == 15
    from_x, from_state, to_state = arrows[::3], arrows[1::3], arrows[2::3]
    for y, into, before, after in zip(layers, from_x, from_state, to_state, strict=True):
        assert into[0][0] < into[1][0] < before[1][0] < before[0][0]
        assert [abs(end - y) < 10 for _, end in (*into, before[1], *after)] == [True] * 5
        assert before[0][1] < y - 20
        assert after[0][0] < after[1][0]


def test_of_many_steps_the_middle_is_left_out_and_narrow_cells_are_empty():
    x, out, dates = window_and_states(30, 3, 7)
    _, before, *rows = rows_of(plot_steps(100 * x, out, dates))
    assert before == ["before"]
    assert [row[0] for row in rows] == [*"012345", "⋮", *map(str, range(25, 30))]
    assert rows[-1] == ["29", "1951-06-01", *(f"{v:.0f}" for v in 100 * x[-1]), "LSTM"]
    _, _, *rows = rows_of(plot_steps(*window_and_states(12, 1, 2)))
    assert [row[0] for row in rows] == [str(t) for t in range(12)]


@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_is_drawn_with_the_numbers_of_its_step(bias):
    """With a known state: what is drawn after step 3 is what the layer gives out there."""
    lstm = torch.nn.LSTM(2, 3, bias=bias).double()
    x = torch.rand(5, 2)  # in another dtype than the weights
    with torch.no_grad():
        out, _ = lstm(x.double())
        (h, c), (new_h, new_c) = (lstm(x[:n].double())[1] for n in (3, 4))
    drawn = [words.get_text() for words in plot_cell(lstm, x, step=3).texts]
    assert drawn.count("x[3], feature=2") == drawn.count("4 · hidden = 12 numbers") == 1

    def written(values):
        return [f"{value:.2f}" for value in values.flatten()]

    at = {name: drawn.index(name) for name in ("c before", "h before", "c after", "h after")}
    for name, values in zip(at, (c, h, new_c, new_h), strict=True):
        assert drawn[at[name] + 1 : at[name] + 4] == written(values), name
    assert written(new_h) == written(out[3])
    gates = {
        name[0]: drawn[drawn.index(name) + 1 : drawn.index(name) + 4]
        for name in ("i  input gate", "f  forget gate", "g  candidate", "o  output gate")
    }
    i, f, g, o = (np.array(gates[name], dtype=float) for name in "ifgo")
    np.testing.assert_allclose(f * c[0].numpy() + i * g, new_c[0], atol=0.02)
    np.testing.assert_allclose(o * np.tanh(new_c[0].numpy()), new_h[0], atol=0.02)


def test_a_cell_reads_arrays_of_any_byte_order():
    lstm, x = torch.nn.LSTM(2, 3), np.random.default_rng(0).random((5, 2))
    drawn = [
        [words.get_text() for words in plot_cell(lstm, x.astype(kind), 2).texts]
        for kind in ("<f8", ">f8", ">f4")
    ]
    assert drawn[0] == drawn[1] == drawn[2]


def test_step_0_of_a_cell_starts_from_zeros_and_wide_states_have_no_numbers():
    drawn = [
        words.get_text() for words in plot_cell(torch.nn.LSTM(1, 2), torch.rand(4, 1), 0).texts
    ]
    for name in ("c before", "h before"):
        assert drawn[drawn.index(name) + 1 : drawn.index(name) + 3] == ["0.00", "0.00"]
    wide = [words.get_text() for words in plot_cell(torch.nn.LSTM(1, 7), torch.rand(4, 1), 2).texts]
    assert sum(words[-1].isdigit() for words in wide if "." in words) == 1  # x alone


def test_states_are_named_by_layer_and_direction_as_pytorch_orders_them():
    """The picture's order of the entries, and that of a layer that is run."""
    layer = nn.LSTM(1, 3, num_layers=2, bidirectional=True, batch_first=True)
    lines = rows_of(plot_states(layer, batch=5, seq_len=12))
    assert lines[0] == ["h_n (layer*direction=4, batch=5, hidden=3)"]
    assert lines[1] == ["c_n (layer*direction=4, batch=5, hidden=3)"]
    assert ["layer 0: only its last states are returned"] in lines
    assert ["layer 1: out (batch=5, seq=12, direction*hidden=6)"] in lines
    named = [line for line in lines if line[0].startswith("h_n[")]
    ways = [(number, way) for number in (0, 1) for way in ("forward", "backward")]
    assert named == [
        [f"h_n[{i}]", f"layer {number}, {way}", f"c_n[{i}]"] for i, (number, way) in enumerate(ways)
    ]
    out, (h_n, _) = layer(torch.rand(5, 12, 1))
    assert torch.equal(h_n[2], out[:, -1, :3])
    assert torch.equal(h_n[3], out[:, 0, 3:])


def test_arrows_lead_from_the_last_step_forward_and_from_step_0_backward():
    ax = plot_states(nn.GRU(1, 3, num_layers=2, bidirectional=True), batch=5, seq_len=4)
    written = {}
    for text in ax.texts:
        written.setdefault(text.get_text(), []).append(text.get_position()[1])
    arrows = [p._posA_posB for p in ax.patches if isinstance(p, FancyArrowPatch)]
    steps = [y for pair in zip(written["step 3"], written["step 0"], strict=True) for y in pair]
    assert [start[1] for start, _ in arrows] == pytest.approx(steps)
    assert [end[1] for _, end in arrows] == [written[f"h_n[{i}]"][0] for i in range(4)]
    assert not [words for words in written if "c_n" in words or words == "⋮"]


def test_states_of_one_direction_steps_first_and_projected():
    lines = rows_of(plot_states(nn.LSTM(1, 7, proj_size=2), batch=5, seq_len=12))
    assert lines[0] == ["h_n (layer=1, batch=5, proj=2)"]
    assert lines[1] == ["c_n (layer=1, batch=5, hidden=7)"]
    assert lines[2] == ["layer 0: out (seq=12, batch=5, proj=2)"]


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


HOURS = pd.date_range("2024-03-01", periods=40, freq="h")
INDICES = {
    "hours": HOURS,
    "a zone": HOURS.tz_localize("Europe/Berlin"),
    "days as periods": pd.period_range("2024", periods=40, freq="D"),
    "months as periods": pd.period_range("1949-01", periods=40, freq="M"),
    "numbers": pd.RangeIndex(40),
    "text": pd.Index([f"row {chr(97 + n)}" for n in range(26)] + [f"row a{n}" for n in range(14)]),
}
VALUES = np.arange(80.0).reshape(40, 2) ** 2


def drawn(line):
    return np.asarray(line.get_ydata(), dtype=float).tolist()


@pytest.mark.parametrize("kind", INDICES)
def test_every_kind_of_row_can_be_drawn(kind):
    table = pd.DataFrame(VALUES, INDICES[kind], ["a", "b"]).assign(flag=np.arange(40) % 3 == 0)
    ax = plot_series(table, held_out=7)
    assert [drawn(line) for line in ax.lines] == table.astype(float).T.to_numpy().tolist()
    assert len(ax.patches) == 1
    ax.figure.canvas.draw()
    for ax in (plot_forecasts(table["b"], {"c": table["a"]}), plot_forecasts(table["flag"], {})):
        ax.figure.canvas.draw()
    assert drawn(ax.lines[0]) == table["flag"].astype(float).tolist()
    windows = Windows(table, 5, 2, target=["b", "flag"])
    ax = plot_windows(table, windows, numbers=(0, 33))
    assert [len(line.get_xdata()) for line in ax.lines] == [5, 2, 5, 2]
    ax.figure.canvas.draw()
    plot_table(table, windows).figure.canvas.draw()


def test_what_is_held_out_is_shaded():
    table = pd.DataFrame(VALUES, HOURS)
    left = plot_series(table, held_out=7).patches[0].get_x()
    assert left == plot_series(table).lines[0].get_xdata()[-7]


@pytest.mark.parametrize("value", [5.0, 0.0, -2.5])
def test_a_constant_is_drawn(value):
    table = pd.DataFrame({"a": [value] * 20}, HOURS[:20])
    ax = plot_windows(table, Windows(table, 6), (0, 1))
    assert [np.isfinite(line.get_ydata()).sum() for line in ax.lines] == [6, 1, 6, 1]
    plot_series(table).figure.canvas.draw()


def test_each_window_is_drawn_from_its_own_series():
    first = pd.DataFrame({"a": np.arange(20.0), "b": 1.0}, HOURS[:20])
    second = pd.DataFrame({"a": 100 - np.arange(15.0), "b": 1.0}, HOURS[20:35])
    windows = Windows([first, second], 6, target="a")
    ax = plot_windows([first, second], windows, numbers=(13, 14))
    for line, (number, *rows), height in (
        (ax.lines[0], windows.place(13), 0),
        (ax.lines[2], windows.place(14), 1),
    ):
        part = (first, second)[number].iloc[rows[0]]
        assert list(line.get_xdata()) == list(part.index)
        lowest, highest = 13.0, 100.0  # of the windows that are drawn
        expected = 0.75 * (part["a"] - lowest) / (highest - lowest) - height
        assert drawn(line) == pytest.approx(expected.tolist())
    ax = plot_table([first, second], windows)
    texts = [text.get_text() for text in ax.texts]
    assert "35 rows, 2 columns, 2 series" in texts
    assert {"x (23, 6, 2)", "y (23, 1, 1)"} <= set(texts)


def test_windows_between_gaps_are_drawn_where_they_are():
    table = pd.DataFrame({"a": np.arange(40.0)}, HOURS).drop(HOURS[20])
    windows = Windows(table, 6, freq="h")
    ax = plot_windows(table, windows, numbers=(14,))
    assert ax.lines[0].get_xdata()[0] == HOURS[21]


def test_losses_below_zero_are_seen():
    losses = [-1.0, -2.0]
    records = [{"epoch": n, "steps": n, "train_loss": loss} for n, loss in enumerate(losses, 1)]
    ax = plot_history(History(records, 2))
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] < -2
    assert plot_history(HISTORY).get_yscale() == "log"


FLIGHTS = load_flights()
REFUSED = {
    "more held out than there is": (
        lambda: plot_series(FLIGHTS, held_out=145),
        ValueError,
        "held_out is 145, but table has 144 rows: hold out fewer of them.",
    ),
    "held out below 0": (
        lambda: plot_series(FLIGHTS, held_out=-1),
        ValueError,
        "held_out is -1, but it has to be 0 or more.",
    ),
    "no rows": (
        lambda: plot_series(FLIGHTS[:0]),
        ValueError,
        "table is (0, 1), with nothing to draw: pass rows and columns.",
    ),
    "words": (
        lambda: plot_series(FLIGHTS.assign(sky="blue")),
        TypeError,
        "column 'sky' of table has dtype str, but a line needs numbers: draw the other columns, "
        "or use astype(float).",
    ),
    "an array": (
        lambda: plot_series(np.ones((3, 2))),
        TypeError,
        "table is a ndarray (3, 2), but a DataFrame (time, column) is needed: use "
        "pd.DataFrame(table).",
    ),
    "no table of errors": (
        lambda: plot_errors(np.ones((3, 2))),
        TypeError,
        "table is a ndarray (3, 2), but a DataFrame (time, column) is needed: use "
        "pd.DataFrame(table).",
    ),
    "another table": (
        lambda: plot_windows(FLIGHTS[:50], Windows(FLIGHTS, 12)),
        ValueError,
        "table has [50] rows, but the windows were cut from [144]: pass the table, or the list of "
        "tables, that they were cut from.",
    ),
    "no window": (
        lambda: plot_windows(FLIGHTS, Windows(FLIGHTS, 12), numbers=()),
        ValueError,
        "numbers is empty, but at least one window is needed: try numbers=(0,).",
    ),
    "a window that is not there": (
        lambda: plot_windows(FLIGHTS, Windows(FLIGHTS, 12), numbers=(0, 132)),
        IndexError,
        "window 132 was asked for, but there are 132: choose from 0 to 131.",
    ),
    "an empty history": (
        lambda: History().plot(),
        ValueError,
        "history has no epoch, so there is no loss to draw: train with fit first.",
    ),
    "a forecast of another length": (
        lambda: plot_forecasts(YEAR, {"a": np.ones((12, 1))}),
        ValueError,
        "forecast 'a' is (12, 1), but y is (12,): pass one value for each time, such as "
        "yhat[:, 0, 0].",
    ),
    "a batch of windows": (
        lambda: plot_steps(torch.ones(5, 12, 1), torch.ones(12, 3), range(12)),
        ValueError,
        "x is (5, 12, 1), but one window is needed, (seq, feature): take it out of its batch, "
        "such as x[0].",
    ),
    "states of all windows": (
        lambda: plot_steps(torch.ones(12, 1), torch.ones(5, 12, 3), range(12)),
        ValueError,
        "out is (5, 12, 3), but one window is needed, (seq, hidden): take it out of its batch, "
        "such as out[0].",
    ),
    "dates of another window": (
        lambda: plot_steps(torch.ones(12, 1), torch.ones(12, 3), range(11)),
        ValueError,
        "x has 12 steps, out 12 and dates 11, but one of each is needed for every step: pass "
        "x[0], lstm(x)[0][0] and windows.dates(0)[0].",
    ),
    "no series": (
        lambda: plot_forecasts(FLIGHTS, {}),
        TypeError,
        "y is a DataFrame (144, 1), but a Series (time,) with dates is needed: pass a column of "
        "the table, table[name].",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_call_that_fails_leaves_no_figure(kind):
    call, error, message = REFUSED[kind]
    before = plt.get_fignums()
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).replace("dtype object", "dtype str") == message
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", ["US$ and A$", "_hidden", "$"])
def test_units_and_errors_are_shown_as_they_are(name):
    ax = plot_series(load_flights(), unit=name)
    assert ax.get_ylabel() == name
    ax.figure.canvas.draw()
    ax = plot_errors(pd.DataFrame({name: [1.0, 2.0]}), unit=name)
    assert ax.get_ylabel() == ax.get_legend().get_texts()[0].get_text() == name
    ax.figure.canvas.draw()


def test_strips_join_equal_words_and_say_them_where_there_is_room():
    days = pd.date_range("2013-01-01", periods=40)
    strips = pd.DataFrame("train", days, ["in order", "$odd$"])
    strips.iloc[30:, 0], strips.iloc[10:12, 1], strips.iloc[20:, 1] = "test", "", None
    strips.iloc[5, 1] = "a long name"
    ax = plot_strips(strips)
    blocks = [
        (round(p.get_x()), round(p.get_width()), p.get_y() + p.get_height() / 2, p.get_label())
        for p in ax.patches
    ]
    assert blocks == [
        (0, 30, 0, "train"),
        (30, 10, 0, "test"),
        (0, 5, 1, "train"),
        (5, 1, 1, "a long name"),
        (6, 4, 1, "train"),
        (12, 8, 1, "train"),
    ]
    assert [t.get_text() for t in ax.texts] == ["train", "test", "train", "train", "train"]
    hatches = {p.get_label(): p.get_hatch() for p in ax.patches}
    assert not hatches["train"]
    assert hatches["test"] == "//"  # two parts differ not by colour alone
    assert [t.get_text() for t in ax.get_yticklabels()] == ["in order", "$odd$"]
    dates = [t.get_text() for t in ax.get_xticklabels()]
    assert dates[0] == "01 Jan 2013"
    assert dates[-1] == "09 Feb 2013"
    hours = plot_strips(pd.DataFrame({"a": "xxxy"}, pd.date_range("2013-07-03 05:00", periods=2)))
    assert [t.get_text() for t in hours.get_xticklabels()] == [
        "2013-07-03 05:00",
        "2013-07-04 05:00",
    ]
