"""A vector as a row of cells, and an arrow from one to another: what pictures of steps share."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from lstm_helpers.plots._axes import GREY

BOX = 24  # pixels, the height of a cell
WIDEST, NARROWEST = 60, 44  # a cell, and one that has room for a number
TEXT = {"fontsize": 12, "va": "center"}  # may be shown at half its size


def draw_cells(ax, left: float, top: float, values, colour, room: float) -> float:
    """A row of numbers, a cell each, at most `room` wide; returns where it ends on the right."""
    width = min(WIDEST, room / len(values))
    for place, value in enumerate(values):
        corner = (left + place * width, top)
        ax.add_patch(Rectangle(corner, width, BOX, facecolor=(*colour, 0.25), edgecolor=colour))
        if width >= NARROWEST:
            words = f"{value:.2f}" if abs(value) < 10 else f"{value:.0f}"
            ax.text(corner[0] + width / 2, top + BOX / 2, words, ha="center", **TEXT)
    return left + len(values) * width


def draw_arrow(ax, start: tuple, end: tuple) -> None:
    shape = {"arrowstyle": "-|>", "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, end, color=GREY, **shape))
