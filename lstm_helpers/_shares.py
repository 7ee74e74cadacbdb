"""Which windows of a batch are a process's own: every `size`-th, beginning with its number."""

from collections.abc import Iterable, Iterator
from itertools import islice

from torch.utils.data import ConcatDataset, DataLoader, Subset, TensorDataset, default_collate

from lstm_helpers._arguments import shown
from lstm_helpers._digest import digest
from lstm_helpers._index_batches import IndexBatches
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows


class Shares:
    """The shares of batches that all processes walk alike; `walked` is a small number of the way.

    Where others draw in another order, or read other data, they soon walk another way.
    """

    def __init__(self, rank: int, size: int):
        self._rank, self._size, self.walked = rank, size, 0

    def of(self, data: Iterable, name: str) -> Iterator:
        """The own share of each batch, and None where the batch is too small to have one.

        Of windows only the own ones are read: numbers are shared out and not tensors.
        """
        loader = self._reads_less(data)
        return self.cut(data, name) if loader is None else iter(loader)

    def cut(self, batches: Iterable, name: str) -> Iterator:
        """The same for batches that are read as a whole."""
        for number, batch in enumerate(batches):
            where = f"batch {number} of {name}"
            first = next(_leaves(batch), None)
            rows = len(first) if isinstance(first, Tensor) and first.ndim else 0
            if rows:
                self._walk([first[0], first[-1]])
            if 0 < rows <= self._rank:
                _rows(batch, slice(0), rows, where)
                yield None
            else:  # one that is empty is refused as everywhere
                yield _rows(batch, slice(self._rank, None, self._size), rows, where)

    def _walk(self, what) -> None:
        self.walked = (31 * self.walked + int(digest(what)[:6], 16)) % 251

    def _reads_less(self, loader) -> DataLoader | None:
        """The same loader for the own windows alone, where reading one draws no number."""
        if type(loader) is not DataLoader or loader.num_workers or not _is_quiet(loader.dataset):
            return None
        if type(loader.sampler) is IndexBatches and loader.batch_size is None:
            own = _Own(loader.dataset)
            numbers = _Numbers(loader.sampler, self)
            return DataLoader(own, sampler=numbers, batch_size=None, generator=loader.generator)
        if loader.batch_sampler is None or loader.collate_fn is not default_collate:
            return None
        return DataLoader(
            loader.dataset,
            batch_sampler=_Numbers(loader.batch_sampler, self),
            collate_fn=_collate,
            pin_memory=loader.pin_memory,
            generator=loader.generator,
        )

    def numbers(self, batch):
        """Of the numbers of a batch's windows the own ones."""
        self._walk(batch)
        own = batch[self._rank :: self._size]
        return own.contiguous() if isinstance(own, Tensor) else own


class _Numbers:
    def __init__(self, batches: Iterable, shares: Shares):
        self._batches, self._shares = batches, shares

    def __iter__(self) -> Iterator:
        return map(self._shares.numbers, self._batches)


class _Own:
    def __init__(self, windows: Windows):
        self._windows = windows

    def __getitem__(self, numbers: Tensor):
        return self._windows[numbers] if len(numbers) else None


def _collate(windows: list):
    return default_collate(windows) if windows else None


def _is_quiet(data) -> bool:
    """Whether reading a window draws no random number and counts nothing."""
    if type(data) is ConcatDataset:
        return all(map(_is_quiet, data.datasets))
    if type(data) is Subset:
        return _is_quiet(data.dataset)
    return type(data) in (Windows, TensorDataset)


def every(batches: Iterable, rank: int, size: int) -> Iterable:
    """Every `size`-th batch, as a whole; of windows the others are not read."""
    if isinstance(batches, DataLoader) and type(batches.dataset) is Windows:
        numbers = batches.sampler if batches.batch_sampler is None else batches.batch_sampler
        if type(numbers) is IndexBatches:
            own = list(islice(numbers, rank, None, size))
            return DataLoader(batches.dataset, sampler=own, batch_size=None)
    return islice(batches, rank, None, size)


def _leaves(part) -> Iterator:
    inside = part.values() if isinstance(part, dict) else part
    if not isinstance(part, tuple | list | dict) or hasattr(part, "batch_sizes"):
        yield part
        return
    for each in inside:
        yield from _leaves(each)


def _rows(part, own: slice, rows: int, where: str):
    if isinstance(part, Tensor) and part.ndim and len(part) == rows:
        return part[own]
    if isinstance(part, dict):
        return {key: _rows(value, own, rows, where) for key, value in part.items()}
    if isinstance(part, tuple | list) and not hasattr(part, "batch_sizes"):
        inside = [_rows(each, own, rows, where) for each in part]
        if hasattr(part, "_fields"):
            return type(part)(*inside)
        return type(part)(inside)
    came = f"a tensor {tuple(part.shape)}" if isinstance(part, Tensor) else shown(part)
    raise ValueError(
        f"{where} has {came} in it, but to be shared by processes each part has to be a tensor "
        f"with the windows as its first axis{f', of size {rows}' if rows else ''}: put what "
        "belongs to the whole batch into forward, and lengths into a tensor."
    )
