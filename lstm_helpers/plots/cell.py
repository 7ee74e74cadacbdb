"""What an LSTM computes at one step: four gates, the new cell state, the new hidden state."""

import torch
from matplotlib.patches import Rectangle
from torch import nn

from lstm_helpers._arguments import at_least, shown
from lstm_helpers._values import numbers
from lstm_helpers.plots._axes import BLUE, GREEN, GREY, ORANGE, PINK, check_axes, new_axes
from lstm_helpers.plots._cells import BOX, TEXT, draw_arrow, draw_cells

WIDTH, HEIGHT = 800, 360  # pixels, as all sizes below
BEFORE, GATES, AFTER = 20, 395, 630  # where the cells of each column begin
BLOCK = 235, 330  # where the block of gates begins, and its width
ROOM = 150  # for a row of cells
C, X, H, NEW_H = 56, 180, 270, 280  # the top of each
GATE = {"i": 136, "f": 186, "g": 236, "o": 286}
SAID = {"i": "i  input gate", "f": "f  forget gate", "g": "g  candidate", "o": "o  output gate"}


def plot_cell(lstm, x, step, ax=None):
    """Draw one step of an LSTM with its numbers: what it reads, the four gates, what it gives out.

    On the left what stands before the step, in the middle the gates that the weights make of x and
    h, on the right what stands after it. Each is a row of cells, one for each number; of more than
    three there is no room for numbers.

    Args:
        lstm: an `nn.LSTM` of one layer, one direction and no `proj_size`.
        x: (seq, feature), one window; the steps before `step` make the states before it.
        step: which one is drawn, counted from 0.

    Raises:
        TypeError: lstm is no `nn.LSTM`, x holds no numbers, `step` is none, or `ax` is no Axes.
        ValueError: lstm has more layers, directions or a projection; x has other axes or features;
            there is no such step; lstm is on the device meta.

    >>> import torch
    >>> lstm = torch.nn.LSTM(input_size=1, hidden_size=2)
    >>> ax = plot_cell(lstm, torch.rand(12, 1), step=3)
    >>> [text.get_text() for text in ax.texts if "gate" in text.get_text()]
    ['i  input gate', 'f  forget gate', 'o  output gate']
    """
    _check_layer(lstm)
    window, ax = _window(lstm, x), check_axes(ax)
    step = at_least(0, len(window) - 1, step=step)
    values = _values(lstm, window, step)
    ax = new_axes(ax, WIDTH, HEIGHT)
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal")
    ax.axis("off")
    left, width = BLOCK
    top, bottom = GATE["i"] - 42, GATE["o"] + BOX + 12
    block = Rectangle((left, top), width, bottom - top, facecolor="0.95", edgecolor=GREY)
    ax.add_patch(block)
    middle = left + width / 2
    head = f"4 · hidden = {4 * lstm.hidden_size} numbers"
    ax.text(middle, top + 20, head, ha="center", weight="bold", **TEXT)
    c_end = _named(ax, BEFORE, C, values["c"], ORANGE, "c before")
    x_end = _named(ax, BEFORE, X, values["x"], BLUE, f"x[{step}], feature={lstm.input_size}")
    h_end = _named(ax, BEFORE, H, values["h"], GREEN, "h before")
    for gate, place in GATE.items():
        ax.text(left + 10, place + BOX / 2, SAID[gate], **TEXT)
        draw_cells(ax, GATES, place, values[gate], PINK, ROOM)
    _named(ax, AFTER, C, values["new c"], ORANGE, "c after")
    _named(ax, AFTER, NEW_H, values["new h"], GREEN, "h after")
    along = C + BOX / 2
    draw_arrow(ax, (c_end + 4, along), (AFTER - 4, along))
    ax.text(middle, along - 18, "f · c before + i · g", ha="center", **TEXT)
    for end, place in ((x_end, X), (h_end, H)):
        draw_arrow(ax, (end + 4, place + BOX / 2), (left - 4, place + BOX / 2))
    draw_arrow(ax, (left + width + 4, top + 20), (AFTER + 30, C + BOX + 4))
    draw_arrow(ax, (AFTER + ROOM / 2, C + BOX + 4), (AFTER + ROOM / 2, NEW_H - 36))
    over = NEW_H + BOX / 2
    draw_arrow(ax, (left + width + 4, over), (AFTER - 4, over))
    words = {"ha": "center", "backgroundcolor": "white", **TEXT}
    ax.text(AFTER + ROOM / 2, (C + NEW_H) / 2, "o · tanh(c after)", **words)
    return ax


def _check_layer(lstm) -> None:
    if not isinstance(lstm, nn.LSTM):
        raise TypeError(f"lstm is {shown(lstm)}, but an nn.LSTM is needed: pass the layer itself.")
    many = {
        f"num_layers={lstm.num_layers}": lstm.num_layers > 1,
        "bidirectional=True": lstm.bidirectional,
        f"proj_size={lstm.proj_size}": lstm.proj_size > 0,
    }
    if found := [name for name, there in many.items() if there]:
        raise ValueError(
            f"lstm has {', '.join(found)}, but one layer in one direction without a projection is "
            "drawn: make one, nn.LSTM(input_size, hidden_size), and copy its weights."
        )

    if lstm.weight_ih_l0.is_meta:
        raise ValueError(
            "lstm is on the device meta, where weights have no numbers: make it on the cpu."
        )


def _window(lstm, x) -> torch.Tensor:
    """x as the layer reads it: one window, of its features."""
    values, size = numbers(x=x), lstm.input_size
    if values.ndim != 2 or values.shape[1] != size or not len(values):
        raise ValueError(
            f"x is {values.shape}, but one window is needed, (seq, feature={size}), of one step at "
            "least: take it out of its batch, such as x[0]."
        )
    return torch.from_numpy(values.astype(float)).to(lstm.weight_ih_l0)  # from any byte order


@torch.no_grad()
def _values(lstm, window, step) -> dict[str, list[float]]:
    """What the step reads, makes and gives out, each a list of numbers."""
    x, hidden = window[step], lstm.hidden_size
    h = c = x.new_zeros(hidden)
    if step:
        _, (h, c) = lstm(window[:step])
        h, c = h[0], c[0]  # of layer 0
    sums = lstm.weight_ih_l0 @ x + lstm.weight_hh_l0 @ h
    if lstm.bias:
        sums = sums + lstm.bias_ih_l0 + lstm.bias_hh_l0
    i, f, g, o = sums.chunk(4)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    new_c = f * c + i * g
    values = {"x": x, "h": h, "c": c, "i": i, "f": f, "g": g, "o": o}
    values |= {"new c": new_c, "new h": o * new_c.tanh()}
    return {name: value.tolist() for name, value in values.items()}


def _named(ax, left: float, top: float, values, colour, name: str) -> float:
    ax.text(left, top - 16, name, **TEXT)
    return draw_cells(ax, left, top, values, colour, ROOM)
