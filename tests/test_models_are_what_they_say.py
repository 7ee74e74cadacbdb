"""Every model of the zoo is wrong or right, as it says: shown without any checker.

A sample or a step of x gets other values, the model is built anew in float64, and the two answers
are compared.
"""

import random
from collections import Counter

import numpy as np
import pytest
import torch
from models import MISTAKES, RIGHT, WRONG
from proofs import PROOFS
from replacement import (
    answer,
    assert_samples_are_apart,
    built,
    changed,
    first_tensor,
    number_of,
    seeds,
)
from torch import nn

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:LSTM with projections")]
ALL = [*WRONG, *RIGHT]


def each(models, spared=""):
    """One case for each model that is not spared this proof."""
    return [pytest.param(m, id=str(m)) for m in models if spared not in m.spared]


@pytest.mark.parametrize("model", each(WRONG))
def test_is_wrong(model):
    PROOFS[model.mistake](model)


# The proofs that a model is right.


def is_causal(model):
    x, y = model.inputs()[0], model.how.get("y")
    if model.how.get("causal") or y is None or y.shape != x.shape or "batch" not in model.axes:
        return bool(model.how.get("causal"))
    step = model.axes.index("seq")
    later = x.narrow(step, 1, x.shape[step] - 1)
    return torch.equal(later, y.narrow(step, 0, x.shape[step] - 1))


BATCHED = [model for model in RIGHT if "batch" in model.axes]
SEVERAL = [model for model in BATCHED if number_of(model, "batch") > 1]
PADDED = [model for model in RIGHT if "lengths" in model.how]


@pytest.mark.parametrize("model", each(m for m in RIGHT if "y" in m.how))
def test_fits_its_target(model):
    yhat, y = answer(model, model.inputs()), model.how["y"]
    if y.is_floating_point():
        assert yhat.shape == y.shape
    else:
        assert nn.functional.cross_entropy(yhat, y) > 0


@pytest.mark.parametrize("model", each(RIGHT))
def test_gives_the_same_answer_again(model):
    """To the same model, with other random numbers."""
    made = built(model)
    with torch.no_grad():
        with seeds(1):
            first = first_tensor(made(*model.inputs()))
        with seeds(2):
            assert torch.equal(first, first_tensor(made(*model.inputs())))


@pytest.mark.parametrize("model", each(SEVERAL))
def test_a_sample_changes_its_own_answer_only(model):
    assert_samples_are_apart(model)


@pytest.mark.parametrize("model", each(BATCHED, spared="alone"))
def test_answers_each_sample_alone_as_in_the_batch(model):
    """A batch of one, cut out of the batch, gets the answer that it got in the batch."""
    (x, *rest), batch = model.inputs(), model.axes.index("batch")
    together = answer(model, (x, *rest), stir=1)
    place = together.shape.index(x.shape[batch])
    for i in range(x.shape[batch]):
        one = (x.narrow(batch, i, 1), *(part[i : i + 1] for part in rest))
        alone, in_batch = answer(model, one, stir=1), together.narrow(place, i, 1)
        if alone.shape != in_batch.shape:  # unpacked to the longest of the batch
            in_batch = in_batch[:, : alone.shape[1]]
        torch.testing.assert_close(alone, in_batch)


@pytest.mark.parametrize("model", each(filter(is_causal, RIGHT)))
def test_no_step_sees_later_ones(model):
    steps = number_of(model, "seq")
    for cut in range(1, steps, 3):
        change = changed(model, steps=slice(cut, None), stir=1)
        assert not change.narrow(change.shape.index(steps), 0, cut).any()
    assert changed(model, stir=1).any()


@pytest.mark.parametrize("model", each(RIGHT, spared="newest step"))
def test_reads_every_samples_newest_step(model):
    """Seen in at least one of five versions of the weights."""
    samples = range(number_of(model, "batch")) if "batch" in model.axes else [None]
    newest = model.how.get("lengths", [number_of(model, "seq")] * len(samples))
    for sample, n in zip(samples, newest, strict=True):
        where = {"samples": sample, "steps": int(n) - 1}
        assert any(changed(model, stir=stir, **where).any() for stir in range(1, 6))


@pytest.mark.parametrize("model", each(PADDED))
def test_padding_is_not_read(model):
    """Each sample, cut off at its length, gets the answer that it got with padding."""
    (x, *rest), lengths = model.inputs(), model.how["lengths"]
    together = answer(model, (x, *rest), stir=1)
    for i, n in enumerate(lengths.tolist()):
        # a mask is cut like x, lengths stay as they are
        others = [part[i : i + 1, :n] if part.dim() > 1 else part[i : i + 1] for part in rest]
        alone, in_batch = answer(model, (x[i : i + 1, :n], *others), stir=1), together[i : i + 1]
        torch.testing.assert_close(alone, in_batch[:, :n] if alone.dim() == 3 else in_batch)


@pytest.mark.parametrize("model", each(RIGHT))
def test_every_weight_gets_a_gradient(model):
    """Over several weights; not where it is frozen. Those that are spared get none."""
    found = Counter()
    for stir in range(1, 6):
        made = built(model, stir)
        if not isinstance(made, nn.Module) or not list(made.parameters()):
            return
        first_tensor(made(*model.inputs())).pow(2).sum().backward()
        for name, p in made.named_parameters():
            if p.requires_grad:
                found[name] += 0 if p.grad is None else int(p.grad.abs().sum() > 1e-6)
    silent = {name for name, count in found.items() if count == 0}
    assert silent == set(model.spared) & set(found)


# Of all of them.


@pytest.mark.parametrize("model", each(m for m in ALL if not m.raises))
def test_runs_in_training_mode_and_in_eval_mode(model):
    for training in (True, False):
        with torch.no_grad(), seeds(0):
            made = built(model, training=training)
            assert torch.isfinite(first_tensor(made(*model.inputs()))).all()


@pytest.mark.parametrize("model", each(ALL))
def test_is_built_the_same_twice_and_leaves_the_random_states(model):
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    first, second = model.make(), model.make()
    inputs, again = model.inputs(), model.inputs()
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert (before[2] == np.random.get_state()[1]).all()
    if isinstance(first, nn.Module):
        assert first is not second
        for p, q in zip(first.parameters(), second.parameters(), strict=True):
            assert nn.parameter.is_lazy(p) or torch.equal(p, q)
    assert all(map(torch.equal, inputs, again))
    assert len(model.axes) == inputs[0].dim()


def test_each_name_and_each_stored_trace_is_there_once():
    assert max(Counter(model.name for model in ALL).values()) == 1
    assert max(Counter(model.golden for model in ALL if model.golden).values()) == 1


def test_every_mistake_has_its_models_and_its_proof():
    assert {model.mistake for model in WRONG} == set(MISTAKES) == set(PROOFS)
    assert not any(model.mistake for model in RIGHT)


def test_what_is_spared_is_spared_for_a_reason_and_seldom():
    proofs = {"alone", "float64", "newest step", "seed", "batch first"}
    for model in filter(lambda model: set(model.spared) - proofs, ALL):
        assert set(model.spared) - proofs <= dict(model.make().named_parameters()).keys()
    assert all(all(model.spared.values()) for model in ALL)
    assert sum(bool(proofs & set(model.spared)) for model in ALL) <= 10
