"""What all pictures share: the figure, the colours."""

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes

from lstm_helpers._arguments import shown

SHOWN = "\u200b"  # in front of a label: matplotlib leaves those out that start with "_"
BLUE, ORANGE, GREEN, PINK = (sns.color_palette("colorblind")[i] for i in (0, 1, 2, 4))
GREY = "0.6"


def check_axes(ax) -> Axes | None:
    """The Axes that were given, or None.

    Raises:
        TypeError: it is something else, such as the array of several that plt.subplots returns.
    """
    if ax is None or isinstance(ax, Axes):
        return ax
    raise TypeError(
        f"ax is {shown(ax)}, but one of matplotlib's Axes is needed: "
        "pass ax of _, ax = plt.subplots(), one of several as axes[0], or drop ax."
    )


def new_axes(ax, width: int = 800, height: int = 300):
    """The Axes to draw on: the given ones, or those of a new figure of whole pixels."""
    if (ax := check_axes(ax)) is not None:
        return ax
    _, ax = plt.subplots(figsize=(width / 100, height / 100), dpi=100, layout="constrained")
    sns.despine(ax=ax)
    return ax


def in_words(name) -> str:
    """A name as text, whatever it is."""
    try:
        return str(name)
    except Exception:  # an object that can't say what it is, a number of 5000 digits
        return shown(name)


def plain_names(ax):
    """Show names as they are: a dollar begins no formula, an underscore hides nothing."""
    texts = [*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label]
    if legend := ax.get_legend():
        texts += legend.get_texts()
    for text in texts:
        text.set_text(text.get_text().removeprefix(SHOWN))
        text.set_parse_math(False)
    return ax
