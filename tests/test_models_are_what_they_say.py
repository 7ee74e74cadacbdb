"""Every model of the zoo is wrong or right, as it says: shown without any checker.

A sample or a step of x gets other values, the model is built anew in float64, and the two answers
are compared.
"""

import random
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import fields, is_dataclass
from functools import lru_cache

import numpy as np
import pytest
import torch
from models import MISTAKES, RIGHT, WRONG
from models.data import VOCAB, series
from torch import nn

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")
ROUNDING = 1e-10
ALL = [*WRONG, *RIGHT]


def runs(model):
    return model.mistake != "a pair given to the next layer"


def each(models, spared=""):
    """One case for each model that is not spared this proof."""
    return [pytest.param(m, id=str(m)) for m in models if spared not in m.spared]


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


# The proofs that a model is wrong.


def mixes_samples(model):
    """Another sample 0 changes an answer that is not sample 0's, or the rows are no samples."""
    size = number_of(model, "batch")
    change = changed(model, samples=0)
    assert change[1:].any() or len(change) != size


def walks_along_the_batch(model):
    """Samples are mixed, and no longer where `batch_first` is set."""
    mixes_samples(model)

    def with_batch_first(made):
        for module in made.modules():
            if hasattr(module, "batch_first"):
                module.batch_first = True

    if "batch first" not in model.spared:
        assert_samples_are_apart(model, prepare=with_batch_first)


class AsMeant(torch.overrides.TorchFunctionMode):
    """`view` and `reshape` replaced by what was meant."""

    def __init__(self, meant):
        super().__init__()
        self.meant = meant

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in (torch.Tensor.view, torch.Tensor.reshape):
            return self.meant(args[0])
        return function(*args, **(kwargs or {}))


def scrambles_axes(model):
    """What was meant keeps the samples apart, and gives another answer."""
    wrong = answer(model, model.inputs())
    meant = answer(model, model.inputs(), mode=AsMeant(model.meant))
    assert_samples_are_apart(model, mode=AsMeant(model.meant))
    assert meant.shape == wrong.shape
    assert not torch.allclose(meant, wrong, atol=1e-4)


def joins_states(model):
    """Samples are mixed, and no longer where h_n is turned before it is flattened."""
    mixes_samples(model)
    assert_samples_are_apart(model, mode=AsMeant(model.meant))


def reads_one_sample(model):
    """Only the last sample is read: all the others may change."""
    assert not changed(model, samples=slice(-1)).any()
    assert changed(model, samples=-1).any()


def gives_all_the_last_sample(model):
    """Another last sample changes all answers, another first one its own."""
    size = number_of(model, "batch")
    assert rows(changed(model, samples=-1), size).all()
    assert rows(changed(model, samples=0), size).tolist() == [i == 0 for i in range(size)]


def reorders_samples(model):
    """Each sample has one answer, and not in its own place."""
    size = number_of(model, "batch")
    table = torch.stack([rows(changed(model, samples=i), size) for i in range(size)])
    assert (table.sum(0) == 1).all()
    assert (table.sum(1) == 1).all()
    assert not table.diagonal().all()


def target_broadcasts(model):
    """Output and target have different shapes: they can't be subtracted, or give more numbers."""
    yhat, y = answer(model, model.inputs()), model.how["y"]
    assert yhat.shape != y.shape
    with suppress(RuntimeError):
        assert (yhat - y).numel() > y.numel()


def looks_ahead(model):
    """Another last step changes an output before it."""
    change = changed(model, steps=-1)
    step = change.shape.index(number_of(model, "seq"))
    assert change.narrow(step, 0, number_of(model, "seq") - 1).any()


def sees_the_end_at_the_start(model):
    """Another last step changes the first output of all."""
    change = changed(model, steps=-1)
    assert change.select(change.shape.index(number_of(model, "seq")), 0).any()


def first_forecast_is_blind(model):
    """Another last step changes the last forecast and no earlier one."""
    change = changed(model, steps=-1)
    steps = change.movedim(change.shape.index(model.how["y"].shape[model.axes.index("seq")]), 0)
    assert steps[-1].any()
    assert not steps[:-1].any()


def gradients(model):
    with in_float64():
        made = built(model)
        first_tensor(made(*doubled(model.inputs()))).pow(2).sum().backward()
    return {
        name: 0 if p.grad is None else p.grad.abs().max().item()
        for name, p in made.named_parameters()
    }


def answer_with_others(model, names):
    """The answer where these parameters have other values."""

    def move(made):
        for name, p in made.named_parameters():
            if name in names:
                p.data -= 0.1

    return answer(model, model.inputs(), prepare=move)


def a_direction_saw_one_step(model):
    """Its weights for x get a gradient and those for the state none: there was no second step."""
    found = gradients(model)
    directions = [name for name in found if "weight_hh" in name]
    reads = [name for name in directions if found[name.replace("_hh", "_ih")] > 0]
    assert 0 < sum(found[name] == 0 for name in reads) < len(reads)


def has_unread_weights(model):
    """Some weights get no gradient, and other values of these change nothing; x is read."""
    unread = [name for name, g in gradients(model).items() if g == 0]
    assert 0 < len(unread) < len(gradients(model))
    assert torch.equal(answer_with_others(model, unread), answer(model, model.inputs()))
    assert changed(model).any()


def stops_gradients(model):
    """Some weights get no gradient, and yet other values of these change the answer."""
    stopped = [name for name, g in gradients(model).items() if g == 0]
    assert not torch.equal(answer_with_others(model, stopped), answer(model, model.inputs()))


def ignores_the_newest_step(model):
    """Another last step changes nothing, another x does."""
    assert not changed(model, steps=-1).any()
    assert changed(model).any()


def ignores_x(model):
    """Another x changes nothing."""
    assert not changed(model).any()


def reads_padding(model):
    """A sample's padded steps change its answer, or its last real step does not."""
    found = []
    for i, n in enumerate(model.how["lengths"].tolist()):
        if n < number_of(model, "seq"):
            padding = changed(model, samples=i, steps=slice(n, None))[i]
            found += [padding.any(), not changed(model, samples=i, steps=n - 1)[i].any()]
    assert any(found)


def remembers_the_call_before(model):
    """What was asked before changes the answer, with the same random numbers."""
    new, used = built(model), built(model)
    with torch.no_grad(), seeds(0):
        used(*replaced(model))
    with torch.no_grad(), seeds(0):
        second = used(*model.inputs())
    with torch.no_grad(), seeds(0):
        assert not torch.equal(new(*model.inputs()), second)


def is_random(model):
    """Another seed, another answer; the same seed, the same answer."""
    if "seed" in model.spared:
        return remembers_the_call_before(model)
    one, again, two = (answer(model, model.inputs(), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, two)
    return None


def raises(model):
    """The next layer refuses the pair."""
    with pytest.raises(TypeError, match="must be Tensor, not tuple"):
        built(model)(*model.inputs())


PROOFS = {
    "batch_first forgotten": walks_along_the_batch,
    "the batch read as one sequence": mixes_samples,
    "view where transpose was needed": scrambles_axes,
    "h_n flattened by view": joins_states,
    "the last sample for the last step": reads_one_sample,
    "one sample's number for all": gives_all_the_last_sample,
    "a state given to another sample": mixes_samples,
    "samples in another order": reorders_samples,
    "statistics over the batch": mixes_samples,
    "a target without its axis": target_broadcasts,
    "two directions at every step": sees_the_end_at_the_start,
    "one layer over all steps": sees_the_end_at_the_start,
    "attention to later steps": looks_ahead,
    "padding on both sides": looks_ahead,
    "a statistic over the whole window": sees_the_end_at_the_start,
    "the last state at every step": sees_the_end_at_the_start,
    "one of the last states for each forecast": first_forecast_is_blind,
    "the last step of two directions": a_direction_saw_one_step,
    "one of two directions": has_unread_weights,
    "the state of the first layer": has_unread_weights,
    "a layer that forward forgets": has_unread_weights,
    "the newest step ignored": ignores_the_newest_step,
    "x ignored": ignores_x,
    "no gradient gets through": stops_gradients,
    "padding read": reads_padding,
    "a state kept between calls": remembers_the_call_before,
    "random in eval mode": is_random,
    "a pair given to the next layer": raises,
}


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


@pytest.mark.parametrize("model", each(filter(runs, ALL)))
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
