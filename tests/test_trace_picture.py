"""The arrows in a trace's picture lead from the block that a step read to the block it made."""

from itertools import pairwise
from math import dist, hypot

import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from models import RIGHT, WRONG
from torch import nn

from lstm_helpers import ManyToOneLSTM, trace_shapes
from lstm_helpers._tracing.steps import NamedShape
from lstm_helpers.plots._axes import BLUE, GREEN
from lstm_helpers.plots.trace import Block

X = torch.rand(5, 12, 2)


def blocks(ax):
    """The boxes of the tensors in the order in which they are drawn; cards of one overlap."""
    found = []
    for patch in ax.patches:
        if isinstance(patch, Rectangle):
            box = patch.get_bbox()
            of_it = [other for other in found if other.overlaps(box)]
            found = [other for other in found if other not in of_it]
            found.append(Bbox.union([*of_it, box]))
    return found


def ends(arrow):
    """Where an arrow starts, and its tip: the point farthest from there."""
    path = arrow.get_path()
    points = path.vertices[path.codes != Path.CLOSEPOLY]
    return points[0], max(points, key=lambda point: dist(point, points[0]))


def links(ax):
    """(from, to) of each arrow, as numbers of the blocks that its ends are nearest to."""
    boxes = blocks(ax)

    def nearest(point):
        x, y = point
        away = [
            hypot(max(box.xmin - x, 0, x - box.xmax), max(box.ymin - y, 0, y - box.ymax))
            for box in boxes
        ]
        return away.index(min(away))

    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    return sorted(tuple(map(nearest, ends(arrow))) for arrow in arrows)


def chain(steps):
    return nn.Sequential(*(nn.Linear(size, size + 1) for size in range(2, 2 + steps)))


def test_each_step_of_a_chain_has_an_arrow_from_the_step_before():
    ax = trace_shapes(chain(3), X).plot()
    assert links(ax) == list(pairwise(range(4)))


@pytest.mark.parametrize("steps", [5, 9, 12])
def test_no_arrow_is_missing_where_the_picture_goes_on_in_another_row(steps):
    ax = trace_shapes(chain(steps), X).plot()
    assert len(blocks(ax)) == steps + 1
    assert {end for _, end in links(ax)} == set(range(1, steps + 1))


def test_a_step_that_reads_two_tensors_has_an_arrow_from_each():
    linear = nn.Linear(2, 3)
    ax = trace_shapes(lambda x: torch.cat((linear(x), x), dim=-1), X).plot()
    assert links(ax) == [(0, 1), (0, 2), (1, 2)]


def test_a_forecaster_is_drawn_as_a_chain():
    lstm, linear = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)
    ax = trace_shapes(lambda x: linear(lstm(x)[0][:, -1]), X).plot()
    assert links(ax) == list(pairwise(range(4)))


# axes as they are named -> what runs down, to the right, and into the page
LIE = {
    "batch seq feature": ("seq", "feature", "batch"),
    "seq batch feature": ("seq", "feature", "batch"),
    "batch feature seq": ("seq", "feature", "batch"),
    "batch horizon target": ("horizon", "target", "batch"),
    "batch hidden": ("", "hidden", "batch"),
    "layer batch hidden": ("", "hidden", "layer batch"),
    "batch seq seq2": ("seq", "seq2", "batch"),
    "batch feature feature2": ("feature", "feature2", "batch"),
    "batch time value": ("time", "value", "batch"),
    "batch seq*hidden": ("", "seq*hidden", "batch"),
    "batch*seq hidden": ("batch*seq", "hidden", ""),
    "layer direction batch hidden": ("direction", "hidden", "layer batch"),
    "sample time value": ("time", "value", "sample"),
}


@pytest.mark.parametrize("names", LIE)
def test_a_block_lies_as_its_tensor_prints(names):
    shape = NamedShape("x", tuple(names.split()), tuple(range(2, 2 + len(names.split()))))
    block = Block("x", shape)
    for way, named in zip(("down", "right", "back"), LIE[names], strict=True):
        assert [name for name, _ in block.edge(way)] == named.split()


def test_the_sides_of_a_block_have_its_sizes():
    ax = trace_shapes(lambda x: x[0, :, :1], torch.rand(5, 9, 4), axes="batch seq feature").plot()
    x, one = blocks(ax)
    assert (x.height, x.width) == (8 * 9 + 16, 8 * 4 + 16)  # with five cards, one behind the other
    assert (one.height, one.width) == (8 * 9, 8)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", [m for m in (*WRONG, *RIGHT) if m.golden], ids=lambda m: m.golden)
def test_no_words_overlap_and_all_can_be_read_at_half_the_size(model):
    trace = trace_shapes(model.make().eval(), *model.inputs(), axes=" ".join(model.axes))
    ax = trace.plot()
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    for at, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= 800, ax.texts[at].get_text()
        for other in range(at + 1, len(boxes)):
            words = ax.texts[at].get_text(), ax.texts[other].get_text()
            assert not box.overlaps(boxes[other]), words
    assert min(text.get_fontsize() for text in ax.texts) * 100 / 72 * 380 / 800 > 7


def test_the_picture_says_what_the_trace_says_of_its_ends():
    model = ManyToOneLSTM(2, 3, output_size=4, horizon=6)
    texts = " ".join(text.get_text() for text in trace_shapes(model, X).plot().texts)
    assert {"horizon*target=24", "horizon=6", "target=4"} <= set(texts.split())
    lstm = nn.LSTM(2, 3, batch_first=True)
    ax = trace_shapes(lambda x: lstm(x)[0], X, output="batch seq value").plot()
    said = " ".join(" ".join(text.get_text() for text in ax.texts).split())
    assert "output: output= calls axis 2 value; in the steps it is hidden=3." in said


@pytest.mark.parametrize("bidirectional", [False, True])
def test_hidden_values_have_their_colour_in_two_directions_too(bidirectional):
    lstm = nn.LSTM(2, 3, batch_first=True, bidirectional=bidirectional)
    ax = trace_shapes(lstm, torch.rand(5, 12, 2)).plot()
    colours = [patch.get_edgecolor()[:3] for patch in ax.patches if isinstance(patch, Rectangle)]
    assert set(colours[:10]) - {(0.0, 0.0, 0.0)} == {to_rgb(BLUE)}
    assert set(colours[10:]) - {(0.0, 0.0, 0.0)} == {to_rgb(GREEN)}
