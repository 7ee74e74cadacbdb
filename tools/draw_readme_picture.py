"""Draw the README's picture from a traced model: docs/shapes.png.

python tools/draw_readme_picture.py
"""

from pathlib import Path

import matplotlib
import torch
from torch import nn

from lstm_helpers import Windows, load_flights, trace_shapes

PICTURE = Path(__file__).parents[1] / "docs" / "shapes.png"


class Forecaster(nn.Module):
    """The model of the first lesson."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=3, batch_first=True)
        self.linear = nn.Linear(3, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1])[:, None]


def draw():
    """The Axes of the picture: five windows of twelve months, from x to the forecast."""
    x, _ = Windows(load_flights() / 100, seq_len=12)[:5]
    with torch.random.fork_rng(devices=[]):
        return trace_shapes(Forecaster(), x, output="batch horizon target").plot()


if __name__ == "__main__":
    matplotlib.use("agg")
    PICTURE.parent.mkdir(exist_ok=True)
    draw().figure.savefig(PICTURE, dpi=100, metadata={"Software": None})
