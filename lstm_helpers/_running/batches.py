"""Some samples of a batch, in any order and as often as wanted, with all that goes along."""

import torch
from torch import Tensor


def take(part, index: Tensor, samples: int, axis: int):
    """`part`, an input or a structure of inputs, with the samples `index` of its `samples`.

    A tensor's axis of samples is the one that is so long, `axis` where there are several; a list of
    numbers that is so long has one for each. What has no such axis stays as it is.
    """
    if isinstance(part, Tensor):
        fitting = [k for k, size in enumerate(part.shape) if size == samples]
        if not fitting:
            return part
        return part.index_select(axis if axis in fitting else fitting[0], index.to(part.device))
    if isinstance(part, dict):
        return {key: take(value, index, samples, axis) for key, value in part.items()}
    if isinstance(part, list | tuple) and not hasattr(part, "_fields"):
        if len(part) == samples and not any(isinstance(p, Tensor | list | tuple) for p in part):
            return type(part)(part[i] for i in index.tolist())
        return type(part)(take(value, index, samples, axis) for value in part)
    return part


def spread(count: int, among: int) -> Tensor:
    """At most `count` places of `among`, evenly apart, the first and the last one with them."""
    return torch.linspace(0, among - 1, min(count, among)).round().long()
