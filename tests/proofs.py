"""How each mistake of the zoo is proved: by replacement, by gradients, by asking twice."""

from contextlib import suppress
from functools import partial

import pytest
import torch
from replacement import (
    answer,
    assert_samples_are_apart,
    built,
    changed,
    doubled,
    first_tensor,
    in_float64,
    number_of,
    replaced,
    rows,
    seeds,
)


def mixes_samples(model):
    """Another sample 0 changes an answer that is not sample 0's, or the rows are no samples."""
    size = number_of(model, "batch")
    change = changed(model, samples=0)
    assert change[1:].any() or len(change) != size


def walks_along_the_batch(model, *, otherwise=True):
    """Samples are mixed, and no longer where `batch_first` is set (or taken away)."""
    mixes_samples(model)

    def with_batch_first(made):
        for module in made.modules():
            if hasattr(module, "batch_first"):
                module.batch_first = otherwise

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


def answers_every_input_step(model):
    """The output has the steps of x, the target others, and all else is the same."""
    steps, ours = number_of(model, "seq"), answer(model, model.inputs()).shape
    theirs = model.how["y"].shape
    (axis,) = (i for i, size in enumerate(ours) if size != theirs[i])
    assert ours[axis] == steps
    assert len(ours) == len(theirs)


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


def decides_together(model):
    """Some other sample, ten times as large or turned round, changes others' answers."""
    size, found = number_of(model, "batch"), False
    for sample in range(size):
        for factor in (10, -10):
            x = model.inputs()[0].clone()
            x[sample] *= factor
            change = rows(answer(model, (x,)) != answer(model, model.inputs()), size)
            change[sample] = False
            found |= bool(change.any())
    assert found


def never_hands_on(model):
    """Other weights for the state change nothing: there never was one. Those for x are read."""
    for_the_state = [name for name in gradients(model) if "weight_hh" in name]
    assert for_the_state
    assert torch.equal(answer_with_others(model, for_the_state), answer(model, model.inputs()))
    assert changed(model).any()


def sees_both_ends_only(model):
    """The first output changes with the last step and with none between."""
    steps = number_of(model, "seq")
    axis = answer(model, model.inputs()).shape.index(steps)
    assert changed(model, steps=-1).select(axis, 0).any()
    assert not changed(model, steps=slice(1, -1)).select(axis, 0).any()


def leaves_rows_empty(model):
    """Another x changes some samples' answers, and others not at all."""
    found = rows(changed(model), number_of(model, "batch"))
    assert found.any()
    assert not found.all()


def hides_layers(model):
    """Layers in a list have weights that `parameters()` lacks, and that change the answer."""
    made = built(model)
    hidden = [p for held in vars(made).values() if isinstance(held, list) for p in layers(held)]
    known = {id(p) for p in made.parameters()}
    assert hidden
    assert not known & {id(p) for p in hidden}
    x = model.inputs()[0]
    with torch.no_grad():
        before = made(x)
        for p in hidden:
            p += 0.1
        assert not torch.equal(before, made(x))


def layers(held):
    return [p for layer in held if isinstance(layer, torch.nn.Module) for p in layer.parameters()]


def mixes_samples_in_another_output(model):
    """Another sample 0 changes its own first result only, and others' second one."""
    with in_float64(), torch.no_grad():
        made = built(model)
        first, second = made(*doubled(model.inputs()))
        other_first, other_second = made(*doubled(replaced(model, samples=0)))
    assert torch.equal(first[1:], other_first[1:])
    assert not torch.allclose(second[1:], other_second[1:], atol=1e-6)


def raises(error, words):
    """Its own answer is this error."""

    def proof(model):
        with pytest.raises(error, match=words):
            built(model)(*model.inputs())

    return proof


PROOFS = {
    "batch_first forgotten": walks_along_the_batch,
    "time first for a layer with batch_first": partial(walks_along_the_batch, otherwise=False),
    "the batch read as one sequence": mixes_samples,
    "view where transpose was needed": scrambles_axes,
    "h_n flattened by view": joins_states,
    "the last sample for the last step": reads_one_sample,
    "one sample's number for all": gives_all_the_last_sample,
    "a state given to another sample": mixes_samples,
    "samples that do not meet their own": mixes_samples,
    "samples in another order": reorders_samples,
    "statistics over the batch": mixes_samples,
    "a target without its axis": target_broadcasts,
    "as many answers as input steps": answers_every_input_step,
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
    "one decision for the whole batch": decides_together,
    "a state never handed on": never_hands_on,
    "a backward pass not turned round": sees_both_ends_only,
    "a row that nothing fills": leaves_rows_empty,
    "layers that no optimizer hears of": hides_layers,
    "another output mixes samples": mixes_samples_in_another_output,
    "a pair given to the next layer": raises(TypeError, "must be Tensor, not tuple"),
    "an axis missing where two tensors meet": raises(RuntimeError, "must match the size"),
}
