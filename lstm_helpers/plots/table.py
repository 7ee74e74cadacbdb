"""From a table to x and y, as one picture."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from lstm_helpers.plots._axes import BLUE, GREY, ORANGE, as_text, check_axes, new_axes, plain_names
from lstm_helpers.plots.series import a_windows, tables_of

WIDTH, HEIGHT = 800, 300  # pixels, as all sizes below
LEFT, TOP = 130, 82  # of the table's first cell
ROW, WIDEST, STEP = 17, 34, 7  # a row, a column, and how far one card of a stack stands behind
MOST_ROWS, CARDS = 7, 4
SMALL = {"fontsize": 11}  # may be shown at half its size


def plot_table(table, windows, ax=None):
    """The first window of a table with its target, and the stacks x and y of all windows.

    A window is a piece of the table: its rows become seq, its columns become feature. The windows
    are stacked into the page. Of a long window the middle is left out.

    Args:
        table: the DataFrame (time, column) that the windows were cut from, or the list of them.
        windows: the `Windows`, with targets after the window.

    Raises:
        TypeError: `table` is no table, `windows` are none, `ax` no Axes.
        ValueError: the targets are shifted; `table` is not what the windows were cut from.

    >>> from lstm_helpers import Windows, load_flights
    >>> ax = plot_table(load_flights(), Windows(load_flights(), seq_len=12))
    >>> [text.get_text() for text in ax.texts if text.get_text().startswith(("x ", "y "))]
    ['x (132, 12, 1)', 'y (132, 1, 1)']
    """
    tables, windows, ax = tables_of(table, windows), a_windows(windows), check_axes(ax)
    if windows.shifted:
        raise ValueError(
            "the targets are shifted, but the picture shows targets after the window: cut them "
            "with Windows(...) without shifted."
        )
    x_rows, y_rows = (list(rows) for rows in windows.dates(0))
    for rows in (x_rows, y_rows):
        if len(rows) > MOST_ROWS:
            rows[3:-2] = [None]
    targets = windows.target.at
    columns = len(windows.columns)
    cell = min(WIDEST, 190 / columns)
    rows = len(x_rows) + 2 * len(y_rows) + bool(windows.gap)
    height = max(HEIGHT, TOP + 80 + ROW * rows)
    ax = new_axes(ax, WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    for place, column in enumerate(windows.columns):
        at = LEFT + (place + 0.4) * cell
        ax.text(at, TOP - 4, as_text(column), rotation=55, va="bottom", **SMALL)
    x_end = _rows(ax, x_rows, TOP, columns, cell, range(columns), BLUE)
    y_top = _rows(ax, [None] * bool(windows.gap), x_end, columns, cell, [], GREY)
    below = _rows(ax, y_rows, y_top, columns, cell, targets, ORANGE)
    below = _rows(ax, [None], below, columns, cell, [], GREY)
    right = LEFT + columns * cell
    many = len(tables) if isinstance(table, list | tuple) else 0
    rows = sum(map(len, tables))
    x, y = ((len(windows), *part.shape) for part in windows[0])
    words = f"{rows:,} rows, {columns} column{'s' * (columns > 1)}"
    words += f", {many} series" if many else ""
    ax.text(right, below + 8, words, va="top", ha="right", weight="bold")

    stacks = right + 125
    _stack(ax, stacks, TOP, (len(x_rows), columns), cell, BLUE)
    _sizes(ax, stacks, TOP, x, ("window", "seq", "feature"), "x", len(x_rows), cell)
    low = y_top + 68
    _stack(ax, stacks, low, (len(y_rows), len(targets)), cell, ORANGE)
    _sizes(ax, stacks, low, y, ("window", "horizon", "target"), "y", len(y_rows), cell)
    for start, end, colour in (
        ((TOP + x_end) / 2, (TOP + x_end) / 2, BLUE),
        (y_top + len(y_rows) * ROW / 2, low + len(y_rows) * ROW / 2, ORANGE),
    ):
        ends = (right + 5, start), (stacks - 100, end)
        ax.add_patch(FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=12, color=colour))
    return plain_names(ax)


def _rows(ax, dates: list, top: float, columns: int, cell: float, marked, colour) -> float:
    """Rows of the table, each with its date, None as dots; returns where they end."""
    for date in dates:
        words = "⋮" if date is None else as_text(date)
        ax.text(LEFT - 6, top + ROW / 2, words, va="center", ha="right", **SMALL)
        for place in range(columns):
            face = (*colour, 0.3) if place in marked and date is not None else "none"
            corner = (LEFT + place * cell, top)
            ax.add_patch(Rectangle(corner, cell, ROW, facecolor=face, edgecolor=GREY))
        top += ROW
    return top


def _stack(ax, left: float, top: float, cells: tuple[int, int], cell: float, colour) -> None:
    """Cards one behind the other, the first one with its cells."""
    rows, columns = cells
    for card in range(CARDS - 1, -1, -1):  # the farthest first
        corner, size = (left + card * STEP, top - card * STEP), (columns * cell, rows * ROW)
        ax.add_patch(Rectangle(corner, *size, facecolor="white"))
        ax.add_patch(Rectangle(corner, *size, facecolor=(*colour, 0.3), edgecolor=colour))
    for row in range(1, rows):
        ax.hlines(top + row * ROW, left, left + columns * cell, colour, linewidth=0.5)
    for column in range(1, columns):
        ax.vlines(left + column * cell, top, top + rows * ROW, colour, linewidth=0.5)


def _sizes(ax, left, top, shape, names, called: str, rows: int, cell: float) -> None:
    """The name and size of each axis along its edge, and the whole shape beside the stack."""
    (batch, steps, variables), back = shape, (CARDS - 1) * STEP
    ax.text(left - 5, top + rows * ROW / 2, f"{names[1]}={steps}", va="center", ha="right", **SMALL)
    ax.text(left + back, top - back - 4, f"{names[0]}={batch}", va="bottom", **SMALL)
    ax.text(left, top + rows * ROW + 4, f"{names[2]}={variables}", va="top", **SMALL)
    beside = left + variables * cell + back + 18
    ax.text(beside, top + rows * ROW / 2, f"{called} {shape}", va="center", weight="bold")
