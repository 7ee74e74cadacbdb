"""What all pictures share: the figure, the colours."""

import matplotlib.pyplot as plt
import seaborn as sns

BLUE, ORANGE, GREEN, PINK = (sns.color_palette("colorblind")[i] for i in (0, 1, 2, 4))
GREY = "0.6"


def new_axes(ax, width: int = 800, height: int = 300):
    """The Axes to draw on: the given ones, or those of a new figure of whole pixels."""
    if ax is not None:
        return ax
    _, ax = plt.subplots(figsize=(width / 100, height / 100), dpi=100, layout="constrained")
    sns.despine(ax=ax)
    return ax
