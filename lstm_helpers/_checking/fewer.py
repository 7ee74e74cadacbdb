"""A few samples in the place of a large batch, where they get the same answers without the rest."""

from typing import NamedTuple

import torch
from torch import Tensor

from lstm_helpers._checking.layout import axes_of
from lstm_helpers._running.batches import spread, take
from lstm_helpers._running.probe import LARGE, Probe
from lstm_helpers._running.tensors import first_tensor

FEW = 5  # samples


class Few(NamedTuple):
    """The inputs with few samples, which these are, and the shape of the answer to all of them."""

    index: Tensor
    inputs: tuple
    kwargs: dict
    shape: tuple[int, ...]


def few_samples(model, inputs, kwargs, batch: int | None, lengths=None) -> Few | None:
    """The inputs with `FEW` of their samples; None where all have to be looked at.

    That is so for a small batch, for a model that does not run on fewer samples, and for one whose
    answers change then: it mixes samples. They are taken evenly apart, so that a layer that walks
    through the samples misses some on its way; where they have `lengths`, from the shortest to the
    longest.
    """
    x = inputs[0]
    if batch is None or x.numel() < LARGE or x.shape[batch] <= FEW:
        return None
    samples = x.shape[batch]
    index = spread(FEW, samples)
    if lengths is not None:
        index = torch.tensor(lengths).argsort(stable=True)[index].sort().values
    try:
        probe = Probe(model, inputs, kwargs=kwargs, double=False)
        whole = first_tensor(probe.run())
        few, more = (take(part, index, samples, batch) for part in (x, (inputs[1:], kwargs or {})))
        part = first_tensor(probe.run(few, others=more))
    except Exception:
        return None
    same = any(_agree(whole, part, index, *place) for place in axes_of(samples, whole.shape))
    return Few(index, (few, *more[0]), more[1], tuple(whole.shape)) if same else None


def _agree(whole, part, index, axis, split):
    if split:
        whole = whole.unflatten(*split)
    expected = whole.index_select(axis, index.to(whole.device))
    if part.numel() != expected.numel():
        return False
    return torch.allclose(
        part.reshape(expected.shape).double(), expected.double(), rtol=1e-4, atol=1e-5
    )
