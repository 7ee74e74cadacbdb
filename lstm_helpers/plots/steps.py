"""How an LSTM reads one window: each step and the state before it give the state after it."""

from matplotlib.patches import Rectangle

from lstm_helpers._arguments import items, shown
from lstm_helpers._values import numbers
from lstm_helpers.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    as_text,
    check_axes,
    new_axes,
    plain_names,
)
from lstm_helpers.plots._cells import BOX, TEXT, draw_arrow, draw_cells

WIDTH, TOP, ROW = 800, 36, 38  # pixels, as all sizes below
STEP, DATE, X, LAYER, STATE = 26, 36, 180, 395, 525  # where each begins; the step ends
LAYER_WIDTH, ROOM = 70, 190  # of a layer's box, and for the cells of x and of a state
FIRST, LAST = 6, 5  # of more than 12 steps these are drawn


def plot_steps(x, out, dates, ax=None):
    """Draw the recurrence on one window: a row for each step, downwards, as tensors print.

    A row is x at its step, the layer, and the hidden state after it. Two arrows lead into the
    layer: from x of this step, and from the state after the step before; the first state is zeros.
    Of more than 12 steps the middle is left out; narrow cells have no numbers.

    Args:
        x: (seq, feature), one window.
        out: (seq, hidden), the hidden state after each of its steps.
        dates: (seq,), the time of each step.

    Raises:
        TypeError: x or out holds no numbers, `dates` are none, or `ax` is no Axes.
        ValueError: x or out has other axes or is empty, or the three have not as many steps.

    >>> import pandas as pd, torch
    >>> x, out = torch.rand(4, 2), torch.rand(4, 3)
    >>> ax = plot_steps(x, out, pd.date_range("1949", periods=4, freq="MS"))
    >>> [text.get_text() for text in ax.texts][:4]
    ['step t', 'x[t], feature=2', 'state after it: out[t], hidden=3', 'before']
    """
    x, out = _matrix("feature", x=x), _matrix("hidden", out=out)
    dates, ax = _each_time(dates), check_axes(ax)
    if not len(x) == len(out) == len(dates):
        raise ValueError(
            f"x has {len(x)} steps, out {len(out)} and dates {len(dates)}, but one of each is "
            "needed for every step: pass x[0], lstm(x)[0][0] and windows.dates(0)[0]."
        )
    steps = list(range(len(x)))
    if len(x) > FIRST + LAST + 1:
        steps[FIRST:-LAST] = [None]
    height = TOP + ROW * (len(steps) + 1)
    ax = new_axes(ax, WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    heads = {DATE: "step t", X: f"x[t], feature={x.shape[1]}"}
    heads[STATE] = f"state after it: out[t], hidden={out.shape[1]}"
    for left, words in heads.items():
        ax.text(left, TOP - 20, words, weight="bold", **TEXT)
    ax.text(DATE, TOP + BOX / 2, "before", **TEXT)
    draw_cells(ax, STATE, TOP, [0.0] * out.shape[1], GREEN, ROOM)
    for row, step in enumerate(steps, start=1):
        top = TOP + row * ROW
        middle = top + BOX / 2
        if step is None:
            ax.text(LAYER + LAYER_WIDTH / 2, middle, "⋮", ha="center", **TEXT)
            continue
        ax.text(STEP, middle, str(step), ha="right", **TEXT)
        ax.text(DATE, middle, as_text(dates[step]), **TEXT)
        x_end, layer_end = draw_cells(ax, X, top, x[step], BLUE, ROOM), LAYER + LAYER_WIDTH
        layer = Rectangle((LAYER, top), LAYER_WIDTH, BOX, facecolor="0.93", edgecolor=GREY)
        ax.add_patch(layer)
        ax.text(LAYER + LAYER_WIDTH / 2, middle, "LSTM", ha="center", **TEXT)
        draw_cells(ax, STATE, top, out[step], GREEN, ROOM)
        draw_arrow(ax, (x_end + 2, middle), (LAYER - 2, middle))
        draw_arrow(ax, (STATE - 2, top - ROW + BOX), (layer_end + 2, top + 4))  # the state before
        draw_arrow(ax, (layer_end + 2, middle + 3), (STATE - 2, middle + 3))
    return plain_names(ax)


def _matrix(axis: str, **argument):
    """The numbers of one window."""
    ((name, values),) = argument.items()
    values = numbers(**{name: values})
    if values.ndim != 2:
        raise ValueError(
            f"{name} is {values.shape}, but one window is needed, (seq, {axis}): "
            f"take it out of its batch, such as {name}[0]."
        )
    if not values.size:
        raise ValueError(
            f"{name} is {values.shape}, with nothing to draw, but (seq, {axis}) is needed, "
            "with at least one of each."
        )
    return values


def _each_time(dates) -> list:
    if getattr(dates, "ndim", 1) == 0:  # an array without an axis
        return [dates]
    found = items(dates)
    if found is None:
        raise TypeError(
            f"dates is {shown(dates)}, but the time of each step is needed: "
            "pass windows.dates(0)[0]."
        )
    return found
