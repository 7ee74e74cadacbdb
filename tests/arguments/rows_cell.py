"""The rows of `plot_cell`."""

import matplotlib.pyplot as plt
import torch
from torch import nn

from arguments.rows_lessons import DRAW, refused
from arguments.table import tensor, whole
from lstm_helpers import plots


def lstm(sizes, **options):
    with torch.random.fork_rng(devices=[]):
        return nn.LSTM(sizes.feature, sizes.hidden, **options)


def cell(sizes, **given):
    """`plot_cell` with right arguments, but those that are given."""
    right = {"lstm": lstm(sizes), "x": tensor(sizes.seq, sizes.feature), "step": sizes.seq - 1}
    return plots.plot_cell(**{**right, **given})


DRAW["plots.plot_cell"] = cell
refused(
    "plots.plot_cell",
    "ax",
    "a word",
    "left",
    TypeError,
    "ax is 'left', but one of matplotlib's Axes is needed: pass ax of _, ax = plt.subplots(), "
    "one of several as axes[0], or drop ax.",
    lambda sizes: plt.subplots()[1],
)
for mode, wrong, came in (("None", None, "None"), ("its weights", "weight", "'weight'")):
    refused(
        "plots.plot_cell",
        "lstm",
        mode,
        wrong,
        TypeError,
        f"lstm is {came}, but an nn.LSTM is needed: pass the layer itself.",
        lstm,
    )
for options, came in (
    ({"num_layers": 2}, "num_layers=2"),
    ({"num_layers": 3, "bidirectional": True}, "num_layers=3, bidirectional=True"),
    ({"proj_size": 1}, "proj_size=1"),
):
    refused(
        "plots.plot_cell",
        "lstm",
        came,
        lambda sizes, options=options: lstm(sizes, **options),
        ValueError,
        f"lstm has {came}, but one layer in one direction without a projection is drawn: make "
        "one, nn.LSTM(input_size, hidden_size), and copy its weights.",
        lstm,
    )
refused(
    "plots.plot_cell",
    "lstm",
    "on meta",
    lambda sizes: lstm(sizes, device="meta"),
    ValueError,
    "lstm is on the device meta, where weights have no numbers: make it on the cpu.",
    lambda sizes: lstm(sizes, device="cpu"),
)
refused(
    "plots.plot_cell",
    "x",
    "words",
    ["a"],
    TypeError,
    "x has dtype <U1, but numbers are needed. Try astype(float).",
)
for mode, shape in (
    ("a batch", lambda sizes: (sizes.batch, sizes.seq, sizes.feature)),
    ("other features", lambda sizes: (sizes.seq, sizes.feature + 1)),
    ("no step", lambda sizes: (0, sizes.feature)),
):
    refused(
        "plots.plot_cell",
        "x",
        mode,
        lambda sizes, shape=shape: tensor(*shape(sizes)),
        ValueError,
        lambda sizes, shape=shape: (
            f"x is {shape(sizes)}, but one window is needed, (seq, feature={sizes.feature}), of "
            "one step at least: take it out of its batch, such as x[0]."
        ),
        lambda sizes: tensor(sizes.batch, sizes.seq, sizes.feature)[0],
    )
whole("plots.plot_cell", "step", lambda sizes, value: cell(sizes, step=value))
refused(
    "plots.plot_cell",
    "step",
    "after the last one",
    lambda sizes: sizes.seq,
    ValueError,
    lambda sizes: f"step is {sizes.seq}, but it has to be {sizes.seq - 1} or less.",
    lambda sizes: sizes.seq - 1,
)
