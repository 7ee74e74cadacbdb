"""Other values at a sample or a step of x, and what changes in the answer of a model in float64."""

import random
from contextlib import contextmanager, nullcontext
from dataclasses import fields, is_dataclass
from functools import lru_cache

import numpy as np
import torch
from models.data import VOCAB, series
from torch import nn

ROUNDING = 1e-10


@contextmanager
def in_float64():
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def doubled(inputs):
    return tuple(part.double() if part.is_floating_point() else part for part in inputs)


def built(model, stir=0, training=False):
    """The model, in eval mode; its weights are moved a little, so that no head is silent."""
    made = model.make()
    if not isinstance(made, nn.Module):
        return made
    if any(map(nn.parameter.is_lazy, made.parameters())):
        with seeds(0):
            made(*(part.to(torch.get_default_dtype()) for part in model.inputs()))
    for i, p in enumerate(made.parameters() if stir else ()):
        p.data += series(*p.shape, seed=100 * stir + i).to(p) / 2
    for module in made.modules():
        if getattr(module, "padding_idx", None) is not None:
            module.weight.data[module.padding_idx] = 0
    return made.train(training)


@contextmanager
def seeds(seed):
    """All three generators start from `seed`, and go on afterwards as before."""
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        yield
    random.setstate(states[0])
    np.random.set_state(states[1])


def first_tensor(result):
    if isinstance(result, dict):
        result = list(result.values())
    if is_dataclass(result):
        result = [getattr(result, f.name) for f in fields(result)]
    if isinstance(result, tuple | list):
        return next(part for part in result if part is not None)
    return result


def answer(model, inputs, *, stir=0, seed=0, prepare=None, mode=None):
    """What a new copy says: nothing is left from a call before."""
    exact = "float64" not in model.spared
    with in_float64() if exact else nullcontext():
        made = built(model, stir)
        if prepare:
            prepare(made)
        with torch.no_grad(), seeds(seed), mode or nullcontext():
            return first_tensor(made(*(doubled(inputs) if exact else inputs)))


@lru_cache(maxsize=8)
def usual_answer(model, **how):
    """What it says to its own batch."""
    return answer(model, model.inputs(), **how)


def other(model, part):
    """Other valid values: other numbers, other tokens but never the 0 of padding."""
    if model.other:
        return model.other(part)
    return part + 4 if part.is_floating_point() else part % (VOCAB - 1) + 1


def replaced(model, *, samples=None, steps=None):
    """The batch, with other values at these samples and steps; None: at all of them."""
    x, *rest = model.inputs()
    where = torch.ones_like(x, dtype=torch.bool)
    for name, chosen in (("batch", samples), ("seq", steps)):
        if chosen is not None:
            axis = model.axes.index(name)
            index = torch.arange(x.shape[axis])[chosen].reshape(-1)
            only = torch.zeros_like(where).index_fill(axis, index, True)
            where = where & only
    return (torch.where(where, other(model, x), x), *rest)


def changed(model, *, samples=None, steps=None, **how):
    """Which numbers of the answer change with the input at these samples and steps."""
    before = usual_answer(model, **how)
    after = answer(model, replaced(model, samples=samples, steps=steps), **how)
    assert torch.isfinite(before).all()
    return (before - after).abs() > (1e-5 if "float64" in model.spared else ROUNDING)


def number_of(model, name):
    return model.inputs()[0].shape[model.axes.index(name)]


def rows(change, size):
    """(sample,): whether any number of a sample's answer changes."""
    return change.movedim(change.shape.index(size), 0).reshape(size, -1).any(1)


def assert_samples_are_apart(model, **how):
    """Another sample i changes the answer to sample i, and no other.

    A head may be silent on one sample, but not with five versions of the weights.
    """
    size = number_of(model, "batch")
    for i in range(size):
        found = torch.zeros(size, dtype=torch.bool)
        for stir in range(1, 6):
            found |= rows(changed(model, samples=i, stir=stir, **how), size)
            if found[i]:
                break
        assert found.tolist() == [j == i for j in range(size)]
