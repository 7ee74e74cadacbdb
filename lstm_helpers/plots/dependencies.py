"""The picture of a dependency chart: a square for every input step that an output step has seen."""

from matplotlib.colors import ListedColormap

from lstm_helpers.plots._axes import BLUE, new_axes


def plot_dependencies(found, ax=None, names=None):
    """Draw `found.seq`, output steps downwards, input steps to the right; returns the `Axes`."""
    rows, columns = found.seq.shape
    if names is not None and len(names) != columns:
        raise ValueError(
            f"{len(names)} names for {columns} input steps: give each step one name, oldest first."
        )
    ax = new_axes(ax, width=40 * columns + 200, height=40 * rows + 160)
    ax.imshow(found.seq, cmap=ListedColormap(["0.95", BLUE]), vmin=0, vmax=1)
    ax.set_xticks(range(columns), names or range(1, columns + 1), rotation=90 if names else 0)
    ax.set_yticks(range(rows), range(1, rows + 1))
    ax.set_xticks([i + 0.5 for i in range(columns - 1)], minor=True)
    ax.set_yticks([i + 0.5 for i in range(rows - 1)], minor=True)
    ax.grid(which="minor", color="white")
    ax.tick_params(which="both", length=0)
    ax.set_xlabel("input step")
    ax.set_ylabel("output step")
    ax.set_title("Dark: this output depends on this input", fontsize="medium")
    return ax
