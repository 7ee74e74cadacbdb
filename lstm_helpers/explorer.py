"""The shape explorer: a page that shows an LSTM's tensors, for any sizes, without running torch."""

from html import escape

from lstm_helpers._arguments import at_least
from lstm_helpers.datasets import data_home

_PAGE = "explorer.html"


class _Shown:
    """What a notebook shows as a page, and a terminal as one line."""

    def __init__(self, height: int):
        self._height = height

    def __repr__(self) -> str:
        return (
            "The shape explorer: run this cell in JupyterLab or Colab to see it, "
            f"or open {_PAGE} of data_home() in a browser."
        )

    def _repr_html_(self) -> str:
        # A frame of its own: neither its style nor its scripts reach the notebook.
        page = escape((data_home() / _PAGE).read_text(encoding="utf-8"))
        return (
            '<iframe title="LSTM shape explorer" sandbox="allow-scripts" '
            'allow="clipboard-write" style="width: 100%; border: 1px solid #888" '
            f'height="{self._height}" srcdoc="{page}"></iframe>'
        )


def explore_shapes(height: int = 800) -> _Shown:
    """Show a page to try sizes on: every tensor of an LSTM with named axes, step by step.

    The page is one file of HTML that asks no network: it opens in JupyterLab and Colab as the
    value of a cell, and in any browser from the folder `data_home()`, as `explorer.html`. Its
    numbers are those of `nn.LSTM`, `nn.GRU` and `nn.RNN` with the same weights.

    Args:
        height: pixels of the frame that it is shown in.

    Returns:
        what a notebook shows as a page, and a terminal as one line.

    Raises:
        TypeError: height is no whole number.
        ValueError: height is below 200 or above 5000.

    >>> explore_shapes()
    The shape explorer: run this cell in JupyterLab or Colab to see it, or open explorer.html of
    data_home() in a browser.
    """
    return _Shown(at_least(200, 5000, height=height))
