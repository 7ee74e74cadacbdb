"""Gradients and replaced steps give the same chart."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from random_right_models import built, plans
from small_models import Stateful, every_step, last_six, last_step, series
from torch import nn

from lstm_helpers import dependencies
from lstm_helpers._checking.layout import axis_names, find_layout
from lstm_helpers._checking.probe import Probe
from lstm_helpers.dependencies import by_gradient, by_replacement

LOWER = np.tril(np.ones((12, 12), dtype=bool))


class Branches(nn.Module):
    """Everything at once that stops a gradient or a copy: detach, no_grad, float(), zeros."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTMCell(2, 3), nn.Linear(3, 1)
        self.kept = [self.head(torch.zeros(1, 3))]  # a tensor with a history: deepcopy refuses it

    def forward(self, x):
        x = x - 0.5 * x[:, :1].detach()
        h = c = torch.zeros(len(x), 3)
        outs = []
        for step in x.float().unbind(1):
            h, c = self.cell(step, (h, c))
            outs.append(h)
        with torch.no_grad():
            level = x.cumsum(1)[..., :1]
        return self.head(torch.stack(outs, 1)) + level


def assert_both_ways_agree(model, x, axes):
    """For every axis of the output and every axis of the input."""
    names = axis_names(x, axes)
    probe = Probe(model, (x,), feature=2)
    layout = find_layout(probe, names, probe.draw(0))
    for out in range(len(layout.names)):
        for into in range(3):
            one, two = (way(probe, layout, out, into) for way in (by_gradient, by_replacement))
            assert torch.equal(one, two), (layout.names[out], names[into])


MODELS = {
    "last step": (last_step, "#" * 12),
    "every step": (every_step, LOWER),
    "both directions": (lambda: every_step(bidirectional=True, width=6), np.ones((12, 12), bool)),
    "last six states": (last_six, LOWER[-6:]),
    "a kept state": (Stateful, LOWER),
    "stopped gradients": (Branches, LOWER),
    "time first": (lambda: nn.GRU(2, 3), LOWER),
}


@pytest.mark.parametrize("name", MODELS)
def test_the_chart_is_right_and_both_ways_agree(name):
    torch.manual_seed(0)
    make, expected = MODELS[name]
    axes = "seq batch feature" if name == "time first" else "batch seq feature"
    x = series().transpose(0, 1) if name == "time first" else series()
    found = dependencies(make(), x, axes=axes)
    expected = np.ones((1, 12), bool) if isinstance(expected, str) else expected
    assert found.way == "gradient"
    assert (found.seq == expected).all()
    assert (found.batch == np.eye(5, dtype=bool)).all()
    assert found.is_causal == (name != "both directions")
    assert not found.mixes_samples
    assert_both_ways_agree(make(), x, axes)


SMOOTH = {"linear", "zero", "layer norm", "dropout"}  # a closed ReLU has no gradient to see


@settings(max_examples=40, deadline=None, derandomize=True, phases=[Phase.generate])
@given(plans.filter(lambda p: p.head in SMOOTH and p.read != "max" and p.front != "tokens"))
def test_both_ways_agree_on_random_models(plan):
    model, x, how = built(replace(plan, scale="normal", closure=False))
    assert_both_ways_agree(model, x, how["axes"])
