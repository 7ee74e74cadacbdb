"""The inputs beside x: which of them go along with its samples, and how they are changed."""

import inspect

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case
from lstm_helpers._running.batches import take
from lstm_helpers._tracing.axes import UNKNOWN


def inputs_beside(case: Case) -> dict[str, int | str]:
    """Those that have the samples and the steps of x: {name: number or keyword}."""
    called = getattr(case.model, "forward", case.model)
    try:
        names = list(inspect.signature(called).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"inputs[{i}]" for i in range(len(names), len(case.inputs))]
    given = dict(zip(names, range(len(case.inputs)), strict=False)) | {k: k for k in case.kwargs}
    return {name: key for name, key in given.items() if key != 0 and _goes_along(case, key)}


def with_others_of_the_next(case: Case, keys, chosen: Tensor) -> tuple[list, dict]:
    """The inputs after x and the keywords: those of `keys` give these samples the next's."""
    index = torch.arange(case.samples)
    index[chosen] = (index[chosen] + 1) % case.samples
    inputs, kwargs = list(case.probe.inputs), dict(case.probe.kwargs)
    for key in keys:
        part = take(_at(case, key), index, case.samples, case.batch)
        (kwargs if isinstance(key, str) else inputs)[key] = part
    return inputs[1:], kwargs


def names_beside(case: Case, part) -> list[str]:
    """Names for the axes of another input: those of x where it is as long."""
    sizes = dict(enumerate(case.x.shape))
    return [
        case.names[axis] if size == sizes.get(axis) else UNKNOWN
        for axis, size in enumerate(getattr(part, "shape", ()))
    ]


def _goes_along(case, key) -> bool:
    part, axes = _at(case, key), [a for a in (case.batch, case.seq) if a is not None]
    x = case.probe.inputs[0]
    return isinstance(part, Tensor) and all(
        axis < part.ndim and part.shape[axis] == x.shape[axis] for axis in axes
    )


def _at(case, key):
    return case.probe.kwargs[key] if isinstance(key, str) else case.probe.inputs[key]
