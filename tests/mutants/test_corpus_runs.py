"""Every wrong model runs, and is wrong: shown by direct means, without any checker.

One row or one step of x is replaced, and the outputs are compared.
"""

import copy
import random
from collections import Counter

import pytest
import torch
from torch import nn

from . import MUTANTS
from .registry import HIDDEN, HORIZON, LENGTHS, VOCAB

CASES = [pytest.param(mutant, id=f"{mutant.mistake:02d}-{mutant.name}") for mutant in MUTANTS]


def answer(model, inputs, seed=0):
    """The output of a copy of the model: what it keeps from this call is not seen by the next."""
    random.seed(seed)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        return copy.deepcopy(model)(*inputs)


def evaluated(mutant):
    model = mutant.make()
    if isinstance(model, nn.Module):
        model.eval()
    return model, mutant.inputs()


def axis(mutant, name):
    return mutant.kwargs.get("axes", "batch seq feature").split().index(name)


def replaced(mutant, inputs, name, *where):
    """The inputs with other values at these places of the axis called `name`."""
    x, *rest = inputs
    x = x.clone()
    part = x.transpose(0, axis(mutant, name))
    index = torch.tensor(where)
    part[index] = part[index] + 1 if x.is_floating_point() else (part[index] + 1) % VOCAB
    return (x, *rest)


def changed(mutant, name, *where):
    """Which elements of the output change when the input changes at `where`."""
    model, inputs = evaluated(mutant)
    before, after = answer(model, inputs), answer(model, replaced(mutant, inputs, name, *where))
    assert torch.isfinite(before).all()
    return (before - after).abs() > 1e-7


def mixes_samples(mutant):
    """Another sample 0 changes an answer that is not sample 0's, or the rows are no samples."""
    size = mutant.inputs()[0].shape[axis(mutant, "batch")]
    change = changed(mutant, "batch", 0)
    assert change[1:].any() or len(change) != size


MEANT = {  # what stands where `view` or `reshape` should not
    "lags_to_time_first_by_view": lambda x: x.T.unsqueeze(-1),
    "ViewInFrontOfConv": lambda x: x.transpose(1, 2),
    "DirectionsSplitByView": lambda out: out.unflatten(2, (2, HIDDEN)).transpose(1, 2),
    "HeadsSplitByView": lambda h: (
        h.transpose(1, 2).flatten(2) if h.dim() == 4 else h.unflatten(2, (2, 4)).transpose(1, 2)
    ),
    "TimeFirstOutputByView": lambda out: out.transpose(0, 1),
    "LatentViewedAsStates": lambda h: h.unflatten(1, (2, HIDDEN)).transpose(0, 1).contiguous(),
}


class AsMeant(torch.overrides.TorchFunctionMode):
    """`view` and `reshape` replaced by what was meant."""

    def __init__(self, meant):
        super().__init__()
        self.meant = meant

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in (torch.Tensor.view, torch.Tensor.reshape):
            return self.meant(args[0])
        return function(*args, **(kwargs or {}))


def scrambles_axes(mutant):
    """The answer is not the one that the right `transpose` gives, though its shape is."""
    model, inputs = evaluated(mutant)
    wrong = answer(model, inputs)
    with AsMeant(MEANT[mutant.name]):
        meant = answer(model, inputs)
    assert meant.shape == wrong.shape
    assert not torch.allclose(meant, wrong, atol=1e-4)


def reads_one_sample(mutant):
    """Only the last sample is read: all the others may change."""
    size = mutant.inputs()[0].shape[axis(mutant, "batch")]
    assert not changed(mutant, "batch", *range(size - 1)).any()
    assert changed(mutant, "batch", size - 1).any()


def looks_ahead(mutant):
    """Another last step changes the first output of all."""
    change = changed(mutant, "seq", -1)
    step = change.shape.index(12)
    assert change.select(step, 0).any()


def first_forecast_is_blind(mutant):
    """Another last step changes the last forecast and no earlier one."""
    change = changed(mutant, "seq", -1)
    steps = change.transpose(0, change.shape.index(HORIZON))
    assert steps[-1].any()
    assert not steps[:-1].any()


def gradients(mutant):
    model, inputs = evaluated(mutant)
    model(*inputs).pow(2).sum().backward()
    return {
        name: 0 if p.grad is None else p.grad.abs().max().item()
        for name, p in model.named_parameters()
    }


def backward_half_saw_one_step(mutant):
    """No gradient reaches the backward half's recurrent weights: it was never at a second step."""
    reverse = {name: g for name, g in gradients(mutant).items() if "weight_hh" in name}
    top = max(name.removesuffix("_reverse") for name in reverse)
    assert reverse[top] > 0
    assert reverse[top + "_reverse"] == 0


def target_broadcasts(mutant):
    """Output and target have different shapes, and yet they can be subtracted."""
    model, inputs = evaluated(mutant)
    yhat, y = answer(model, inputs), mutant.kwargs["y"]
    assert yhat.shape != y.shape
    assert (yhat - y).numel() > y.numel()


def layers_without_gradient(mutant):
    """Some weights get no gradient, but not all of them."""
    found = gradients(mutant).values()
    assert 0 < sum(g == 0 for g in found) < len(found)


def reads_padding(mutant):
    """Padded steps change answers, or a sample's last real step does not change its own."""
    after = LENGTHS.max().item()
    if changed(mutant, "seq", *range(LENGTHS.min().item(), 12))[LENGTHS.argmin()].any():
        return
    shorter = (after > LENGTHS).nonzero().flatten()
    assert not changed(mutant, "batch", *shorter.tolist())[shorter].any()


def second_call_differs(mutant):
    """The same model, asked the same twice, with the same random numbers."""
    model, inputs = evaluated(mutant)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        first = model(*inputs)
        assert not torch.equal(first, model(*inputs))


def is_random(mutant):
    """Another seed, another answer; the same seed, the same answer."""
    model, inputs = evaluated(mutant)
    assert torch.equal(answer(model, inputs, seed=1), answer(model, inputs, seed=1))
    assert not torch.equal(answer(model, inputs, seed=1), answer(model, inputs, seed=2))


def ignores_the_newest_step(mutant):
    """Another last step changes nothing."""
    assert not changed(mutant, "seq", -1).any()


PROOFS = {
    1: mixes_samples,
    2: scrambles_axes,
    3: mixes_samples,
    4: reads_one_sample,
    5: looks_ahead,
    6: looks_ahead,
    7: first_forecast_is_blind,
    8: backward_half_saw_one_step,
    9: target_broadcasts,
    10: mixes_samples,
    11: layers_without_gradient,
    12: mixes_samples,
    13: reads_padding,
    14: second_call_differs,
    15: is_random,
    16: ignores_the_newest_step,
}


@pytest.mark.parametrize("mutant", CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_runs(mutant, training):
    model = mutant.make()
    if isinstance(model, nn.Module):
        model.train(training)
    with torch.random.fork_rng(devices=[]):
        assert torch.isfinite(model(*mutant.inputs())).all()


@pytest.mark.parametrize("mutant", CASES)
def test_is_wrong(mutant):
    PROOFS[mutant.mistake](mutant)


def test_every_mistake_at_least_twice_and_each_name_once():
    assert set(Counter(mutant.mistake for mutant in MUTANTS)) == set(range(1, 17))
    assert min(Counter(mutant.mistake for mutant in MUTANTS).values()) >= 2
    assert max(Counter(mutant.name for mutant in MUTANTS).values()) == 1


@pytest.mark.parametrize("mutant", CASES)
def test_builds_the_same_model_and_leaves_the_random_state(mutant):
    before = torch.get_rng_state()
    first, second = mutant.make(), mutant.make()
    assert torch.equal(before, torch.get_rng_state())
    if isinstance(first, nn.Module):
        for p, q in zip(first.parameters(), second.parameters(), strict=True):
            assert torch.equal(p, q)
    x, again = mutant.inputs()[0], mutant.inputs()[0]
    assert torch.equal(x, again)
    assert len(mutant.kwargs.get("axes", "batch seq feature").split()) == x.dim()
