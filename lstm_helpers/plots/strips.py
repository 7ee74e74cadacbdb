"""Which rows of a table belong to which part, as strips along time."""

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from lstm_helpers._arguments import shown
from lstm_helpers.plots._axes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    as_text,
    check_axes,
    new_axes,
    plain_names,
)

STRIP, NAMES, WIDTH = 34, 190, 800  # pixels: a strip, the names left of it, the picture
LOOKS = {"train": (BLUE, ""), "x": (BLUE, ""), "val": (GREEN, ".."), "test": (ORANGE, "//")}
LOOKS["y"] = LOOKS["test"]
OTHERS = [((shade,) * 3, hatch) for shade, hatch in ((0.85, ""), (0.6, ".."), (0.35, "\\\\"))]
LONG = pd.Timedelta(days=4)  # then the hour of a date is left out


def plot_strips(strips, ax=None):
    """Which part each row belongs to: time runs to the right, one strip for each column.

    Neighbouring rows with the same word are one block, with the word inside where there is room.
    "train" and "x" are blue, "val" is green, "test" and "y" are orange.

    Args:
        strips: DataFrame (time, strip) of words; an empty word or NaN leaves a row white.

    Raises:
        TypeError: `strips` is no DataFrame, `ax` no Axes.
        ValueError: it has no rows or no columns, or a column twice.

    >>> import pandas as pd
    >>> weeks = pd.date_range("2013-01-06", periods=8, freq="W")
    >>> strips = pd.DataFrame({"in order": 6 * ["train"] + 2 * ["test"]}, weeks)
    >>> ax = plot_strips(strips)
    """
    if not isinstance(strips, pd.DataFrame):
        raise TypeError(
            f"strips is {shown(strips)}, but a DataFrame (time, strip) of words is needed: "
            'pd.DataFrame({"in order": words}, index=table.index).'
        )
    rows, columns = strips.shape
    if not rows or not columns:
        raise ValueError(
            f"strips has {rows} rows and {columns} columns, but a strip needs words: pass a row "
            "for each time and a column for each strip."
        )
    if not strips.columns.is_unique:
        raise ValueError(
            f"strips has the columns {list(strips.columns)}, but each strip needs its own name: "
            "rename those that are there twice."
        )
    ax = new_axes(check_axes(ax), WIDTH, 60 + STRIP * columns)
    looks = dict(LOOKS)
    room = rows / (WIDTH - NAMES) * 9  # of a letter, in rows
    for place, name in enumerate(strips):
        words = ["" if pd.isna(word) else as_text(word) for word in strips[name]]
        for begin, end in _blocks(words):
            if word := words[begin]:
                if word not in looks:
                    looks[word] = OTHERS[(len(looks) - len(LOOKS)) % len(OTHERS)]
                _block(ax, begin, end, place, word, looks[word], room)
    ax.set(xlim=(0, rows), ylim=(columns - 0.45, -0.55))
    ax.set_yticks(range(columns), [as_text(name) for name in strips])
    ax.tick_params(axis="y", length=0)
    at = np.unique(np.linspace(0, rows - 1, min(5, rows)).astype(int))
    ax.set_xticks(at + 0.5, _dates(strips.index[at]))
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    for label in ax.get_yticklabels() + ax.get_xticklabels():
        label.set_parse_math(False)
    return plain_names(ax)


def _dates(index: pd.Index) -> list[str]:
    if isinstance(index, pd.DatetimeIndex) and index[-1] - index[0] > LONG:
        index = index.strftime("%d %b %Y")
    return [as_text(name) for name in index]


def _blocks(words: list[str]) -> list[tuple[int, int]]:
    """Where each run of equal words begins and ends."""
    cuts = [i for i in range(1, len(words)) if words[i] != words[i - 1]]
    return list(zip([0, *cuts], [*cuts, len(words)], strict=True))


def _block(ax, begin: int, end: int, place: int, word: str, look, room: float) -> None:
    colour, hatch = look
    ax.add_patch(
        Rectangle(
            (begin, place - 0.4), end - begin, 0.8, facecolor=(*colour, 0.35), edgecolor=GREY,
            hatch=hatch, linewidth=0.5, label=word,
        )
    )  # fmt: skip
    if len(word) * room < end - begin:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.9}
        middle = (begin + end) / 2
        ax.text(middle, place, word, ha="center", va="center", fontsize=11, bbox=box)
