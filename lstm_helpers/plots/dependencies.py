"""The picture of a dependency chart: a square for every input step that an output step has seen."""

import pandas as pd
from matplotlib.colors import ListedColormap

from lstm_helpers._arguments import items, shown
from lstm_helpers.plots._axes import BLUE, check_axes, in_words, new_axes

GREY, NONE = "0.75", "0.95"


def plot_dependencies(found, ax=None, names=None):
    """Draw `found.seq`, output steps downwards, input steps to the right; returns the `Axes`.

    Cells that nothing settles are grey, with a question mark where there is room.
    """
    rows, columns = found.seq.shape
    names, ax = _texts(names), check_axes(ax)
    if names is not None and len(names) != columns:
        raise ValueError(
            f"{len(names)} names for {columns} input steps: give each step one name, oldest first."
        )
    ax = new_axes(ax, width=40 * columns + 200, height=40 * rows + 160)
    cells = found.seq * 2 + found.unsettled
    ax.imshow(cells, cmap=ListedColormap([NONE, GREY, BLUE]), vmin=0, vmax=2)
    if found.unsettled.any() and columns <= 60:
        for row, column in zip(*found.unsettled.nonzero(), strict=True):
            ax.text(column, row, "?", ha="center", va="center")
    ax.set_xticks(range(columns), names or range(columns), rotation=90 if names else 0)
    ax.set_yticks(range(rows), range(rows))
    ax.set_xticks([i + 0.5 for i in range(columns - 1)], minor=True)
    ax.set_yticks([i + 0.5 for i in range(rows - 1)], minor=True)
    ax.grid(which="minor", color="white")
    ax.tick_params(which="both", length=0)
    ax.set_xlabel("input step")
    ax.set_ylabel("output step")
    title = "Dark: this output depends on this input"
    ax.set_title(f"{title}; ?: not settled" if found.unsettled.any() else title, fontsize="medium")
    return ax


def _texts(names) -> list[str] | None:
    """Names as text: days without their midnight, and `$` as it is written."""
    if names is None:
        return None
    each = list(names) if isinstance(names, str) else items(names)
    if each is None:
        raise TypeError(
            f"names is {shown(names)}, but a name for each input step is needed: "
            "pass a list, an array or an index."
        )
    if isinstance(names, pd.DatetimeIndex):
        days = (names == names.normalize()).all()
        each = names.strftime("%Y-%m-%d" if days else "%Y-%m-%d %H:%M")
    return [in_words(name).replace("$", r"\$") for name in each]
