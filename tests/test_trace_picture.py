"""The arrows in a trace's picture lead from the block that a step read to the block it made."""

from itertools import pairwise
from math import dist, hypot

import pytest
import torch
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from torch import nn

from lstm_helpers import trace_shapes

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
    ax = trace_shapes(chain(4), X).plot()
    assert links(ax) == list(pairwise(range(5)))


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
