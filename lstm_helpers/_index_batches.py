"""The order in which windows come, a batch at a time."""

from collections.abc import Iterator

import torch
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler

from lstm_helpers._typing import Tensor


class IndexBatches(BatchSampler):
    """Batches of window numbers, each as one tensor: `Windows` gathers a whole batch from it.

    Default collation would take the windows one by one and stack them: many times slower.
    """

    def __init__(self, windows, batch_size, shuffle, drop_last, generator):
        order = (
            RandomSampler(windows, generator=generator) if shuffle else SequentialSampler(windows)
        )
        super().__init__(order, batch_size, drop_last)
        self.generator = generator if shuffle else None

    def __iter__(self) -> Iterator[Tensor]:
        n = len(self.sampler)
        order = torch.randperm(n, generator=self.generator) if self.generator else torch.arange(n)
        size = min(self.batch_size, max(n, 1))  # no number that is too large for torch
        yield from order[: len(self) * size].split(size) if len(self) else ()
