"""The picture of a dependency chart: a square for every input step that an output step has seen."""

import pandas as pd
from matplotlib.colors import ListedColormap

from lstm_helpers._arguments import at_least, items, shown
from lstm_helpers.plots._axes import BLUE, ORANGE, as_text, check_axes, new_axes

GREY, NONE = "0.75", "0.95"
NUMBER = 22  # pixels that a step's number needs, with the gap to the next one


def plot_dependencies(found, ax=None, names=None, ahead=None):
    """Draw `found.seq`, output steps downwards, input steps to the right; returns the `Axes`.

    Cells that nothing settles are grey, with a question mark where there is room. With `ahead`,
    a diamond marks the target of each output step, where it is one of the input steps.
    """
    rows, columns = found.seq.shape
    names, ax = _texts(names), check_axes(ax)
    if names is not None and len(names) != columns:
        raise ValueError(
            f"{len(names)} names for {columns} input steps: give each step one name, oldest first."
        )
    targets = _targets(found, ahead)
    ax = new_axes(ax, width=40 * columns + 200, height=40 * rows + 160)
    cells = found.seq * 2 + found.unsettled
    ax.imshow(cells, cmap=ListedColormap([NONE, GREY, BLUE]), vmin=0, vmax=2)
    if found.unsettled.any() and columns <= 60:
        for row, column in zip(*found.unsettled.nonzero(), strict=True):
            ax.text(column, row, "?", ha="center", va="center")
    every = 1 if names else -(-NUMBER * columns // int(ax.bbox.width))
    ax.set_xticks(
        range(0, columns, every), names or range(0, columns, every), rotation=90 if names else 0
    )
    ax.set_yticks(range(0, rows, every), range(0, rows, every))
    ax.set_xticks([i + 0.5 for i in range(columns - 1)], minor=True)
    ax.set_yticks([i + 0.5 for i in range(rows - 1)], minor=True)
    ax.grid(which="minor", color="white")
    ax.tick_params(which="both", length=0)
    ax.set_xlabel("input step")
    ax.set_ylabel("output step")
    title = "Dark: this output depends on this input"
    if found.unsettled.any():
        title += "; ?: not settled"
    if ahead is not None:
        ax.plot(*targets, "D", color=ORANGE, markeredgecolor="white", markersize=5)
        title += "\ndiamond: the input step that is its target"
    ax.set_title(title, fontsize="medium")
    return ax


def _targets(found, ahead) -> tuple[range, range]:
    """The input step and the output step of each target that is in the window."""
    rows, columns = found.seq.shape
    if ahead is None:
        return range(0), range(0)
    ahead = at_least(1, ahead=ahead)
    if rows != columns or "seq" not in found.output_axes:
        raise ValueError(
            f"ahead={ahead} marks the target of an output at every input step, but this chart has "
            f"{rows} output {'step' if rows == 1 else 'steps'} for {columns} input steps: leave "
            "ahead out."
        )
    return range(ahead, columns), range(columns - ahead)


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
    return [as_text(name).replace("$", r"\$") for name in each]
