"""Gradients and replaced steps give the same chart, in the batch and side by side."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from models.per_step import StopsGradients
from models.random_right import built, plans
from models.small import Stateful, every_step, last_six, last_step, series
from torch import nn

from lstm_helpers import dependencies
from lstm_helpers._charting.asking import SideBySide, Whole, the_other
from lstm_helpers._checking.layout import axis_names, find_layout
from lstm_helpers._running.probe import Probe

pytestmark = pytest.mark.slow
LOWER = np.tril(np.ones((12, 12), dtype=bool))


def by_gradient(asker):
    everywhere = torch.arange(asker.rows)
    return seen(asker, lambda draw: asker.gradients(draw, everywhere) > 0)


def by_replacement(asker):
    everywhere = torch.arange(asker.columns)
    return seen(asker, lambda draw: asker.changes(asker.probe, draw, everywhere, the_other) > 1e-14)


def seen(asker, ask):
    """In any of two draws."""
    return ask(asker.probe.draw(0)) | ask(asker.probe.draw(1))


def assert_both_ways_agree(model, x, axes):
    """For every axis of the output and every axis of the input."""
    names = axis_names(x, axes)
    probe = Probe(model, (x,), feature=2)
    layout = find_layout(probe, names, probe.draw(0))
    batch = names.index("batch")
    everyone = torch.arange(x.shape[batch])
    for out in range(len(layout.names)):
        for into in range(3):
            askers = [Whole(probe, layout, out, into)]
            if layout.batch != out and batch != into:
                askers.append(SideBySide(probe, layout, out, into, batch=batch, chosen=everyone))
            expected = by_gradient(askers[0])
            for asker in askers:
                assert torch.equal(by_gradient(asker), expected), (layout.names[out], names[into])
                assert torch.equal(by_replacement(asker), expected)


MODELS = {
    "last step": (last_step, "#" * 12),
    "every step": (every_step, LOWER),
    "both directions": (lambda: every_step(bidirectional=True, width=6), np.ones((12, 12), bool)),
    "last six states": (last_six, LOWER[-6:]),
    "a kept state": (Stateful, LOWER),
    "stopped gradients": (StopsGradients, LOWER),
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
