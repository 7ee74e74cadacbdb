"""A shape trace as a picture: tensors as blocks with named edges, steps as arrows between them."""

from math import prod
from textwrap import fill
from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch, Rectangle

from lstm_helpers._tracing.fold import folded
from lstm_helpers._tracing.text import title
from lstm_helpers.plots._axes import BLUE, GREEN, GREY, ORANGE, new_axes, plain_names

WIDTH, PER_ROW = 800, 5  # pixels, and tensors side by side: a long trace grows downward
COLUMN = WIDTH / PER_ROW
HEADER, FOOTER, LINE = 50, 46, 15  # pixels above a block, below it, and of a line of text
CELL = 7  # pixels of one step or value
MOST = {"right": 12, "up": 12, "back": 6}  # so many cells stand for an edge at most
ALARMS = ("cuts across", "disagrees", "error")


class Block(NamedTuple):
    """One tensor: what made it, its NamedShape (None where the step raised), the blocks it read."""

    header: str
    shape: object
    sources: tuple[int, ...] = ()
    alarm: bool = False

    def edge(self, way: str) -> list[tuple[str, int]]:
        """The axes drawn in one direction: time right, batch and layers back, values up."""
        axes = zip(self.shape.names, self.shape.sizes, strict=True) if self.shape else ()
        return [(name, size) for name, size in axes if _way(name) == way]

    def cells(self, way: str) -> int:
        return max(1, min(prod(size for _, size in self.edge(way)), MOST[way]))

    def words(self, way: str) -> str:
        names = ", ".join(n if n == "1" else f"{n}={size}" for n, size in self.edge(way))
        return fill(names, 22)

    @property
    def box(self) -> tuple[int, int, int]:
        """Pixels to the right and up, and how far the cards of a batch reach back."""
        return CELL * self.cells("right"), CELL * self.cells("up"), 4 * (self.cells("back") - 1)


def plot_trace(trace, ax=None):
    """Draw a `ShapeTrace`, five tensors in a row.

    Each tensor is a block: steps in time run to the right, the batch goes into the page, and the
    values of one step are stacked. An arrow is a layer or an operation, named above the block that
    comes of it. Orange is what needs attention; the words for it stand below.

    Args:
        trace: what `trace_shapes` returned.
    """
    blocks, words = _blocks(trace), _words(trace)
    rows = [blocks[i : i + PER_ROW] for i in range(0, len(blocks), PER_ROW)]
    heights = [HEADER + max(sum(block.box[1:]) for block in row) + FOOTER for row in rows]
    height = sum(heights) + LINE * sum(text.count("\n") + 1 for text in words) + 10
    ax = new_axes(ax, WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    top, ends = 5, []
    for row, row_height in zip(rows, heights, strict=True):
        middle = top + HEADER + (row_height - HEADER - FOOTER) / 2
        for column, block in enumerate(row):
            left = column * COLUMN + 40
            for source in block.sources:
                apart = len(ends) - source
                # The end of the row above is beside the start of this one: a stub says so.
                start = (left - 38, middle) if column == 0 and apart == 1 else ends[source]
                _arrow(ax, start, (left - 18, middle), apart, block.alarm)
            ends.append((_draw(ax, block, left, top, middle) + 5, middle))
        top += row_height
    for text in words:
        ax.text(16, top, text, fontsize=8.5, va="top")
        top += LINE * (text.count("\n") + 1)
    return plain_names(ax)


def _way(name: str) -> str:
    if any(word in name for word in ("seq", "horizon", "packed")):
        return "right"
    return "back" if any(word in name for word in ("batch", "layer")) else "up"


def _blocks(trace) -> list[Block]:
    """A block for each input and each step's result; of further results those that others read.

    Arrows lead to the first result of a step. What a turn of a loop reads of the turn before is
    not drawn.
    """
    blocks = [Block(shape.label, shape) for shape in trace.inputs]
    drawn = {(None, number): number for number in range(len(blocks))}
    for step, turns in _with_turns(trace.steps):
        header = title(step) + (f"  × {len(turns)}" if len(turns) > 1 else "")
        alarm = any(note.kind in ALARMS for note in step.notes)
        fed = {drawn.get(source) for n in turns for source in trace.steps[n].sources} - {None}
        places = {}
        for output, shape in enumerate(step.outputs or (None,)):
            of_turns = {(n, output) for n in turns}
            if output and not _is_read(of_turns, trace.steps, turns):
                continue
            label = shape.label if len(step.outputs) > 1 else ""
            kind = str(shape) if label.startswith("[") else label  # the 12 of unbind are one block
            drawn |= dict.fromkeys(of_turns, places.setdefault(kind, len(blocks)))
            if places[kind] == len(blocks):
                sources = () if output else tuple(sorted(fed))
                blocks.append(Block(f"{header}\n{label}".strip(), shape, sources, alarm))
    return blocks


def _with_turns(steps):
    """Each step of the folded trace, with the numbers of the steps that it stands for."""
    number = 0
    for group in folded(steps):
        length = len(group.steps)
        for offset, step in enumerate(group.steps):
            yield step, [number + offset + turn * length for turn in range(group.times)]
        number += length * group.times


def _is_read(outputs: set, steps, turns) -> bool:
    others = (step for n, step in enumerate(steps) if n not in turns)
    return any(outputs & set(step.sources) for step in others)


def _draw(ax, block: Block, left: float, top: float, middle: float) -> float:
    """Draw one block around the line `middle`; returns where it ends on the right."""
    ax.text(
        left - 22,
        top,
        fill(block.header, 21, replace_whitespace=False),
        fontsize=8.5,
        va="top",
        weight="bold",
    )
    width, height, back = block.box
    if block.shape is None:
        ax.plot([left, left + 30], [middle - 15, middle + 15], color=ORANGE, linewidth=3)
        ax.plot([left, left + 30], [middle + 15, middle - 15], color=ORANGE, linewidth=3)
        return left + 30
    colour = ORANGE if block.alarm else GREEN if block.words("up").startswith("hidden") else BLUE
    bottom = middle + (height + back) / 2
    for offset in range(back, -1, -4):  # the farthest card first
        corner = (left + offset, bottom - height - offset)
        ax.add_patch(Rectangle(corner, width, height, facecolor="white"))
        ax.add_patch(Rectangle(corner, width, height, facecolor=(*colour, 0.25), edgecolor=colour))
    ax.vlines(
        range(int(left) + CELL, int(left) + width, CELL),
        bottom - height,
        bottom,
        colour,
        linewidth=0.5,
    )
    ax.hlines(
        [bottom - y for y in range(CELL, height, CELL)], left, left + width, colour, linewidth=0.5
    )
    small = {"fontsize": 8, "linespacing": 1}
    ax.text(
        left + back + width / 2,
        bottom - height - back - 3,
        block.words("back"),
        va="bottom",
        **small,
    )
    ax.text(
        left - 4,
        bottom - height / 2,
        block.words("up"),
        va="center",
        ha="right",
        rotation=90,
        **small,
    )
    below = f"{block.words('right')}\n{block.shape.sizes}".strip()
    ax.text(left, bottom + 3, below, va="top", **small)
    return left + width + back


def _arrow(ax, start: tuple, end: tuple, apart: int, alarm: bool) -> None:
    """To the next block straight, over others in an arc."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=12,
            color=ORANGE if alarm else GREY,
            connectionstyle=f"arc3,rad={-0.06 * apart if apart > 1 else 0}",
            shrinkA=0,
            shrinkB=0,
        )
    )


def _words(trace) -> list[str]:
    """What can't be drawn, a paragraph a step."""
    said = [
        f"{title(step)}: {note.text}"
        for step in trace.steps
        for note in step.notes
        if note.kind in (*ALARMS, "merges", "unbatched")
    ]
    return [fill(text, 116) for text in dict.fromkeys(said)]
