"""Who is where in out, h_n and c_n: every layer and direction, and the step it has ended at."""

from matplotlib.patches import FancyArrowPatch, Rectangle
from torch import nn

from lstm_helpers._arguments import at_least, shown
from lstm_helpers.plots._axes import BLUE, GREY, ORANGE, check_axes, new_axes, plain_names

WIDTH, HEAD, ROW = 800, 54, 180  # pixels, as all sizes below; ROW is that of a layer
OUT, H_N, CAPTION, C_N = 90, 330, 485, 650  # where each column begins
HALF, CELL, CARD = 84, 17, 5  # one direction, the height of a number, between cards of the batch
STATE, CARDS = 56, 66  # the width of an entry of h_n, and where it begins behind its name
MOST = {"steps": 6, "numbers": 4, "cards": 3}  # so many are drawn for an axis at most
MOST_LAYERS = 20
TEXT = {"fontsize": 12, "va": "center"}  # may be shown at half its size
WAYS = (("forward", BLUE), ("backward", ORANGE))


def plot_states(layer, batch, seq_len, ax=None):
    """Draw where the states of each layer and direction stand in out, h_n and c_n.

    A row of the picture is a layer. On the left are its states after every step: the steps run
    down, the directions stand side by side, the batch goes into the page. Those of the last layer
    are `out`; no other are returned. The state after the last step that a direction has read is
    filled, and an arrow leads from it to its entry of h_n. The entries of c_n, which only an LSTM
    has, stand in no output.

    Args:
        layer: an nn.LSTM, nn.GRU or nn.RNN.
        batch: how many sequences it reads.
        seq_len: how many steps each has.

    Raises:
        TypeError: `layer` is none of these, a size is no whole number, or `ax` is no Axes.
        ValueError: a size is below 1, or there are more than 20 layers.

    >>> from torch import nn
    >>> ax = plot_states(nn.LSTM(1, 3, bidirectional=True), batch=5, seq_len=12)
    >>> [text.get_text() for text in ax.texts if "[" in text.get_text()]
    ['h_n[0]', 'c_n[0]', 'h_n[1]', 'c_n[1]']
    """
    if not isinstance(layer, nn.RNNBase):
        raise TypeError(
            f"layer is {shown(layer)}, but an nn.LSTM, nn.GRU or nn.RNN is needed: "
            "pass one, such as lstm."
        )
    batch, seq_len = at_least(1, batch=batch), at_least(1, seq_len=seq_len)
    layers, ways = layer.num_layers, WAYS[: 1 + layer.bidirectional]
    if layers > MOST_LAYERS:
        raise ValueError(
            f"layer has {layers} layers, but {MOST_LAYERS} can be drawn at most: draw one with "
            "num_layers=2, the others are alike."
        )
    height = HEAD + ROW * layers
    ax = new_axes(check_axes(ax), WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    width, name = (layer.proj_size, "proj") if layer.proj_size else (layer.hidden_size, "hidden")
    states = {"h_n": (H_N, width, name)}
    if isinstance(layer, nn.LSTM):
        states["c_n"] = (C_N, layer.hidden_size, "hidden")
    rows = "layer*direction" if len(ways) > 1 else "layer"
    for line, (state, (_, numbers, axis)) in enumerate(states.items()):
        words = f"{state} ({rows}={layers * len(ways)}, batch={batch}, {axis}={numbers})"
        ax.text(H_N, 14 + 22 * line, words, weight="bold", **TEXT)
    for number in range(layers):
        top = HEAD + ROW * number
        words = "only its last states are returned"
        if number == layers - 1:
            numbers = f"direction*{name}={2 * width}" if len(ways) > 1 else f"{name}={width}"
            order = [f"batch={batch}", f"seq={seq_len}"][:: 1 if layer.batch_first else -1]
            words = f"out ({', '.join(order)}, {numbers})"
        ax.text(8, top + 12, f"layer {number}: {words}", weight="bold", **TEXT)
        ends = _block(ax, top + 40, ways, width, batch, seq_len)
        for place, (way, colour) in enumerate(ways):
            middle = top + 60 + 66 * place
            entry = number * len(ways) + place
            for state, (left, numbers, _) in states.items():
                ax.text(left, middle, f"{state}[{entry}]", weight="bold", **TEXT)
                corner = (left + CARDS, middle - CELL / 2)
                _behind(ax, *corner, STATE, CELL, batch)
                _row(ax, *corner, STATE, numbers, colour, 1)
            ax.text(CAPTION, middle, f"layer {number}, {way}", **TEXT)
            arrow = {"arrowstyle": "-|>", "mutation_scale": 12, "shrinkA": 0, "shrinkB": 0}
            ax.add_patch(FancyArrowPatch(ends[place], (H_N - 5, middle), color=colour, **arrow))
    return plain_names(ax)


def _block(ax, top: float, ways, width: int, batch: int, seq_len: int) -> list[tuple]:
    """The states of a layer after every step; returns where each direction's last one ends."""
    steps = min(seq_len, MOST["steps"])
    last = top + (steps - 0.5) * CELL
    ax.text(OUT - 8, top + CELL / 2, "step 0", ha="right", **TEXT)
    if steps > 1:
        ax.text(OUT - 8, last, f"step {seq_len - 1}", ha="right", **TEXT)
    if steps < seq_len:
        ax.text(OUT - 30, top + steps * CELL / 2, "⋮", ha="center", **TEXT)
    _behind(ax, OUT, top, HALF * len(ways), steps * CELL, batch)
    ends = []
    for place, (way, colour) in enumerate(ways):
        left, ended = OUT + place * HALF, 0 if place else steps - 1
        for step in range(steps):
            strength = 1 if step == ended else 0.15
            _row(ax, left, top + step * CELL, HALF, width, colour, strength)
        ends.append((left + HALF, top + (ended + 0.5) * CELL))
        ax.text(left, top + steps * CELL + 14, way, **TEXT)
    return ends


def _behind(ax, left: float, top: float, width: float, height: float, batch: int) -> None:
    """The other sequences of the batch, the farthest first."""
    for card in range(min(batch, MOST["cards"]) - 1, 0, -1):
        corner = (left + card * CARD, top - card * CARD)
        ax.add_patch(Rectangle(corner, width, height, facecolor="white", edgecolor=GREY))


def _row(ax, left: float, top: float, width: float, numbers: int, colour, strength: float) -> None:
    """The numbers of one state, side by side."""
    across = min(numbers, MOST["numbers"])
    edge = "white" if strength == 1 else colour
    for place in range(across):
        corner, cell = (left + place * width / across, top), (width / across, CELL)
        ax.add_patch(Rectangle(corner, *cell, facecolor="white"))
        ax.add_patch(Rectangle(corner, *cell, facecolor=(*colour, strength), edgecolor=edge))
