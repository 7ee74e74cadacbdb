"""A long list of samples, such as (window, target): the arrays that they are, stacked."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch

from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.words import quoted
from lstm_helpers._typing import Tensor

_LEAST = 8  # fewer may be the parts of a split, or folds


def samples_of(result: list | tuple, given: Given) -> dict[str, np.ndarray] | None:
    """What the samples hold, stacked, by how it is reached in each; None where there are none.

    There are more of them than steps in each, as windows overlap, and more than series in the
    table: a list of these has a place for each.
    """
    series = int(np.bincount(given.when).max())
    if len(result) < _LEAST or len(result) <= series:
        return None
    samples = [dict(_parts(sample, "")) for sample in result]
    first = samples[0]
    if any(part.ndim > 2 or part.shape[:1] >= (len(result),) for part in first.values()):
        return None
    if not all(_are_alike(sample, first) for sample in samples):
        return None
    return {at: np.stack([sample[at] for sample in samples]) for at in first}


def _parts(sample, at: str) -> Iterator[tuple[str, np.ndarray]]:
    """The arrays of one sample, and how each is reached."""
    if isinstance(sample, Mapping):
        for key, part in sample.items():
            yield from _parts(part, f"{at}[{quoted(key)}]")
    elif isinstance(sample, list | tuple) and not are_numbers(sample):
        for number, part in enumerate(sample):
            yield from _parts(part, f"{at}[{number}]")
    elif isinstance(sample, Tensor):
        yield at, to_numpy(sample)
    else:
        plain = isinstance(sample, np.ndarray | list | tuple | int | float | np.number)
        yield at, np.asarray(sample if plain else None)


def _are_alike(sample: dict[str, np.ndarray], first: dict[str, np.ndarray]) -> bool:
    """Whether two samples hold numbers, as many at the same places."""
    return sample.keys() == first.keys() and all(
        part.dtype.kind in "biufc" and part.shape == first[at].shape for at, part in sample.items()
    )


def are_numbers(values) -> bool:
    return len(values) > 0 and all(isinstance(v, int | float | np.number) for v in values)


def to_numpy(values: Tensor) -> np.ndarray:
    values = values.detach().cpu()
    values = values.to_dense() if values.layout is not torch.strided else values
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()
