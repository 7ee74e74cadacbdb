"""A shape trace as a picture: tensors as blocks with named edges, steps as arrows between them."""

import re
from math import prod
from textwrap import fill
from typing import NamedTuple

from matplotlib.patches import FancyArrowPatch, Rectangle

from lstm_helpers._tracing.fold import folded
from lstm_helpers._tracing.text import title
from lstm_helpers.plots._axes import BLUE, GREEN, GREY, ORANGE, check_axes, new_axes, plain_names

WIDTH, PER_ROW = 800, 4  # pixels, and tensors side by side: a long trace grows downward
COLUMN = WIDTH / PER_ROW
SMALL, LINE = 12, 20  # points of text, which may be shown at half its size; pixels of a line
LETTERS, PARAGRAPH = 19, 84  # in a line of a column, and of the words below
LEFT = 44  # pixels from a column's left edge to its block: a name, and the arrow's tip before it
CELL = 8  # pixels of one step or value
MOST = {"down": 12, "right": 10, "back": 6}  # so many cells stand for an edge at most
KINDS = {"back": {"batch", "layer"}, "down": {"seq", "horizon", "packed"}}
KINDS["right"] = {"feature", "hidden", "target", "proj", "channel"}
PARTS = ("above", "tall", "below")  # of a block, in pixels
TEXT = {"fontsize": SMALL, "linespacing": 1.1}
TEXT["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0}  # arrows pass behind it
ALARMS = ("cuts across", "disagrees", "error")


class Block(NamedTuple):
    """One tensor: what made it, its NamedShape (None where the step raised), the blocks it read."""

    header: str
    shape: object
    sources: tuple[int, ...] = ()
    alarm: bool = False

    def edge(self, way: str) -> list[tuple[str, int]]:
        """The axes drawn in one direction: steps down, features right, batch and layers back."""
        if not self.shape:
            return []
        axes = zip(self.shape.names, self.shape.sizes, _ways(self.shape.names), strict=True)
        return [(name, size) for name, size, its in axes if its == way]

    def cells(self, way: str) -> int:
        return max(1, min(prod(size for _, size in self.edge(way)), MOST[way]))

    def words(self, way: str) -> str:
        names = ", ".join(n if n == "1" else f"{n}={size}" for n, size in self.edge(way))
        return fill(names, LETTERS)

    @property
    def box(self) -> tuple[int, int, int]:
        """Pixels to the right and down, and how far the cards of a batch reach back."""
        return CELL * self.cells("right"), CELL * self.cells("down"), 4 * (self.cells("back") - 1)

    @property
    def title(self) -> str:
        return "\n".join(fill(line, LETTERS - 1) for line in self.header.splitlines())

    @property
    def above(self) -> int:
        """Pixels of the text above the block."""
        return LINE * (len(self.title.splitlines()) + len(self.words("back").splitlines())) + 14

    @property
    def below(self) -> int:
        """Pixels of the text below it."""
        return LINE * (len(self.words("right").splitlines()) + len(_size(self).splitlines())) + 14

    @property
    def tall(self) -> int:
        """Pixels of the block, or of the name beside it, whichever is longer."""
        letters = max(map(len, self.words("down").splitlines()), default=0)
        return max(sum(self.box[1:]), 11 * letters)


def plot_trace(trace, ax=None):
    """Draw a `ShapeTrace`, four tensors in a row.

    Each tensor is a block that lies as it prints: the steps run down, their features to the right,
    and the batch goes into the page. An arrow is a layer or an operation, named above the block
    that comes of it. Orange is what needs attention; the words for it stand below.

    Args:
        trace: what `trace_shapes` returned.
    """
    ax = check_axes(ax)
    blocks, words = _blocks(trace), _words(trace)
    rows = [blocks[i : i + PER_ROW] for i in range(0, len(blocks), PER_ROW)]
    parts = [[max(getattr(b, part) for b in row) for part in PARTS] for row in rows]
    height = 5 + sum(map(sum, parts)) + LINE * sum(text.count("\n") + 1 for text in words) + 10
    ax = new_axes(ax, WIDTH, height)
    ax.set(xlim=(0, WIDTH), ylim=(height, 0), aspect="equal")
    ax.axis("off")
    top, ends = 5, []
    for row, (above, tall, below) in zip(rows, parts, strict=True):
        middle = top + above + tall / 2
        for column, block in enumerate(row):
            left = column * COLUMN + LEFT
            for source in block.sources:
                apart = len(ends) - source
                # The end of the row above is beside the start of this one: a stub says so.
                start = (left - LEFT, middle) if column == 0 and apart == 1 else ends[source]
                beside = LINE * len(block.words("down").splitlines())
                _arrow(ax, start, (left - 6 - beside, middle), apart, block.alarm)
            ends.append((_draw(ax, block, left, top, middle) + 5, middle))
        top += above + tall + below
    for text in words:
        ax.text(8, top, text, fontsize=SMALL, va="top")
        top += LINE * (text.count("\n") + 1)
    return plain_names(ax)


def _ways(names: tuple[str, ...]) -> list[str]:
    """Which way each axis is drawn: as its name says, and else as tensors print.

    The last two axes of a matrix run down and to the right, also where both are steps, and of
    several that would run down the last one does.
    """
    found = [_way(name) for name in names]
    for way, others in (("right", ("?", "down")), ("down", ("?", "right"))):
        for other in others:
            free = [at for at, its in enumerate(found) if its == other]
            if way not in found and len(free) > (other != "?"):
                found[free[-1] if way == "right" or other == "?" else free[0]] = way
    last = max((at for at, way in enumerate(found) if way == "down"), default=None)
    keep = {"back": "back", "right": "right"}
    return ["down" if at == last else keep.get(way, "back") for at, way in enumerate(found)]


def _way(name: str) -> str:
    """By the kinds of its parts: what has features in it is a row of numbers."""
    words = set(re.findall("[a-z]+", name))
    return next((way for way in ("right", "down", "back") if words & KINDS[way]), "?")


def _size(block: Block) -> str:
    return fill(str(block.shape.sizes), LETTERS) if block.shape else ""


def _blocks(trace) -> list[Block]:
    """A block for each input and each step's result; of further results those that others read.

    Arrows lead to the first result of a step. What a turn of a loop reads of the turn before is
    not drawn.
    """
    blocks = [Block(shape.label, shape) for shape in trace.inputs]
    drawn = {(None, number): number for number in range(len(blocks))}
    for step, turns in _with_turns(trace.steps):
        header = title(step) + (f" ×\u00a0{len(turns)}" if len(turns) > 1 else "")
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
    ax.text(left - LEFT + 8, top, block.title, va="top", weight="bold", **TEXT | {"fontsize": 11})
    width, height, back = block.box
    if block.shape is None:
        ax.plot([left, left + 30], [middle - 15, middle + 15], color=ORANGE, linewidth=3)
        ax.plot([left, left + 30], [middle + 15, middle - 15], color=ORANGE, linewidth=3)
        return left + 30
    colour = ORANGE if block.alarm else GREEN if "hidden" in block.words("right") else BLUE
    bottom = middle + (height + back) / 2
    for offset in range(back, -1, -4):  # the farthest card first
        corner = (left + offset, bottom - height - offset)
        ax.add_patch(Rectangle(corner, width, height, facecolor="white"))
        ax.add_patch(Rectangle(corner, width, height, facecolor=(*colour, 0.25), edgecolor=colour))
    thin = {"color": colour, "linewidth": 0.5}
    ax.vlines(range(int(left) + CELL, int(left) + width, CELL), bottom - height, bottom, **thin)
    ax.hlines([bottom - y for y in range(CELL, height, CELL)], left, left + width, **thin)
    if back_words := block.words("back"):
        ax.text(left, bottom - height - back - 3, back_words, va="bottom", **TEXT)
    if down_words := block.words("down"):
        place = {"va": "center", "ha": "right", "rotation": 90}
        ax.text(left - 3, middle, down_words, **place, **TEXT)
    below = f"{block.words('right')}\n{_size(block)}".strip()
    ax.text(left - LEFT / 2, middle + block.tall / 2 + 5, below, va="top", **TEXT)
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
            zorder=0,
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
    ends = (*trace.inputs, *trace.outputs)
    said += [f"{shape.label}: {note.text}" for shape in ends for note in shape.notes]
    return [fill(text, PARAGRAPH) for text in dict.fromkeys(said)]
