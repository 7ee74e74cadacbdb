"""Every right model runs, and is right: shown by direct means, without any checker."""

from collections import Counter

import pytest
import torch
from mutants.registry import VOCAB, series
from torch import nn

from . import RIGHT_MODELS

STEPS = 12
CASES = [pytest.param(case, id=case.name) for case in RIGHT_MODELS]
PADDED = [pytest.param(case, id=case.name) for case in RIGHT_MODELS if "lengths" in case.kwargs]


def names(case):
    return case.kwargs.get("axes", "batch seq feature").split()


def first_result(result):
    if isinstance(result, dict):
        result = result["prediction"]
    return result[0] if isinstance(result, tuple) else result


def built(case, training=False, stir=0):
    """The model; its weights are moved a little, so that no head is silent or zero, if asked."""
    model = case.make()
    if isinstance(model, nn.Module):
        model.train(training)
        if stir:
            for i, p in enumerate(model.parameters()):
                p.data += series(*p.shape, seed=100 * stir + i).to(p) / 2
    return model


def answer(model, inputs, seed=0):
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return first_result(model(*inputs))


def other(values):
    return values + 1 if values.is_floating_point() else (values + 1) % VOCAB


def is_causal(case):
    x, y = case.inputs()[0], case.kwargs.get("y")
    if case.kwargs.get("causal"):
        return True
    step = 1 if "batch" in names(case) else 0
    if y is None or y.shape != x.shape:
        return False
    return torch.equal(x.narrow(step, 1, STEPS - 1), y.narrow(step, 0, STEPS - 1))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_runs_and_fits_its_target(case, training):
    model, inputs = built(case, training), case.inputs()
    yhat = answer(model, inputs)
    assert torch.isfinite(yhat).all()
    assert len(names(case)) == inputs[0].dim()
    y = case.kwargs.get("y")
    if y is not None and y.is_floating_point():
        assert yhat.shape == y.shape
    elif y is not None:
        assert nn.functional.cross_entropy(yhat, y) > 0


@pytest.mark.parametrize("case", CASES)
def test_gives_the_same_answer_twice(case):
    model, inputs = built(case), case.inputs()
    assert torch.equal(answer(model, inputs, seed=1), answer(model, inputs, seed=2))


@pytest.mark.parametrize("case", [c for c in CASES if "batch" in names(c.values[0])])
def test_answers_each_sample_alone_as_in_the_batch(case):
    """A batch of one, cut out of the batch, gets the answer that it got in the batch."""
    (x, *rest), batch = case.inputs(), names(case).index("batch")
    model = built(case, stir=1)
    together = answer(model, (x, *rest))
    out_batch = together.shape.index(x.shape[batch])
    for i in range(x.shape[batch]):
        alone = answer(model, (x.narrow(batch, i, 1), *(r[i : i + 1] for r in rest)))
        in_batch = together.narrow(out_batch, i, 1)
        if alone.shape != in_batch.shape:  # unpacked to the longest of the batch
            in_batch = in_batch[:, : alone.shape[1]]
        torch.testing.assert_close(alone, in_batch, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", [c for c in CASES if is_causal(c.values[0])])
def test_no_step_sees_later_ones(case):
    x, *rest = case.inputs()
    changed = x.clone()
    step = names(case).index("seq")
    later = changed.narrow(step, 7, STEPS - 7)
    later.copy_(other(later))
    model = built(case, stir=1)
    before, after = answer(model, (x, *rest)), answer(model, (changed, *rest))
    out_step = before.shape.index(STEPS)
    torch.testing.assert_close(after.narrow(out_step, 0, 7), before.narrow(out_step, 0, 7))
    assert not torch.allclose(after, before)


@pytest.mark.parametrize("case", CASES)
def test_reads_every_samples_newest_step(case):
    """Seen in at least one of five versions of the weights."""
    x, *rest = case.inputs()
    batch = names(case).index("batch") if "batch" in names(case) else None
    samples = 1 if batch is None else x.shape[batch]
    newest = case.kwargs.get("lengths", torch.full((samples,), x.shape[names(case).index("seq")]))
    seen = torch.zeros(samples, dtype=torch.bool)
    for i in range(samples):
        changed = x.clone()
        one = changed if batch is None else changed.select(batch, i)
        seq = [name for name in names(case) if name != "batch"].index("seq")
        step = one.select(seq, int(newest[i]) - 1)
        step.copy_(other(step - 1) + 1 if "LengthsFrom" in case.name else other(step))
        for stir in range(1, 6):
            model = built(case, stir=stir)
            change = answer(model, (x, *rest)) - answer(model, (changed, *rest))
            seen[i] |= bool(change.abs().max() > 1e-7)
    assert seen.all()


@pytest.mark.parametrize("case", PADDED)
def test_padding_is_not_read(case):
    """Each sample, cut off at its length, gets the answer that it got with padding."""
    (x, *rest), lengths = case.inputs(), case.kwargs["lengths"]
    model = built(case, stir=1)
    together = answer(model, (x, *rest))
    for i, n in enumerate(lengths.tolist()):
        # a mask is cut like x, lengths stay as they are
        others = [r[i : i + 1, :n] if r.dim() > 1 else r[i : i + 1] for r in rest]
        alone = answer(model, (x[i : i + 1, :n], *others))
        expected = together[i : i + 1]
        if alone.dim() == 3:
            expected = expected[:, :n]
        torch.testing.assert_close(alone, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_every_weight_gets_a_gradient(case):
    """Over several inputs and weights; not where it is frozen, or only shifts a softmax."""
    found = Counter()
    for stir in range(1, 6):
        model = built(case, stir=stir)
        if not isinstance(model, nn.Module):
            return
        first_result(model(*case.inputs())).pow(2).sum().backward()
        for name, p in model.named_parameters():
            if p.requires_grad and not name.endswith("score.bias"):
                found[name] += 0 if p.grad is None else int(p.grad.abs().sum() > 0)
    assert not [name for name, count in found.items() if count == 0]


def test_there_are_enough_and_each_name_is_there_once():
    assert len(RIGHT_MODELS) >= 36
    assert max(Counter(case.name for case in RIGHT_MODELS).values()) == 1
