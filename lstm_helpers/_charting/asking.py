"""Two ways to ask which places along one axis depend on which along another.

Both answer two questions. `gradients(draw, rows)`: (rows, places in), how large the gradient of
each row is. `changes(probe, draw, columns, fill)`: (places out, columns), by how much each place
changes, as a share of the largest number, where one column of the input is replaced; NaN that
arrives is an infinite change.
"""

import torch
from torch import Tensor

from lstm_helpers._checking.layout import Layout, only, reduce_to
from lstm_helpers._running.batches import take
from lstm_helpers._running.probe import Draw, Probe
from lstm_helpers._running.tensors import first_tensor

# Bytes that a graph may hold, and a batch without one: blocks beyond 32 MiB are slow to get.
GRAPH, BATCH = 2**28, 2**25


class NotApartError(Exception):
    """A copy of a sample got another answer than the sample: copies can't be asked instead."""


class Whole:
    """The batch as it is, one place after another: for samples themselves, and where they mix.

    Args:
        out, into: the axes of the output and of x; `out` is None for all of the output at once.
    """

    def __init__(self, probe: Probe, layout: Layout, out: int | None, into: int):
        self.probe, self.layout, self.out, self.into = probe, layout, out, into
        self.rows = layout.shape[out] if out is not None else 1
        self.columns = probe.inputs[0].shape[into]

    def gradients(self, draw: Draw, rows: Tensor, step=lambda: None) -> Tensor:
        if not len(rows):
            return torch.zeros(0, self.columns)
        x = draw.x.clone().requires_grad_()
        y = self.layout(first_tensor(self.probe.run(x, weights=draw.weights, grad="through")))
        totals = _totals(y, [self.out] if self.out is not None else [])
        found = torch.zeros(len(rows), self.columns, dtype=x.dtype)
        for place, row in enumerate(rows.tolist()):
            gradient = torch.autograd.grad(totals[row], x, retain_graph=True)[0]
            found[place] = _largest(gradient, [self.into])
            step()
        return found

    def changes(self, probe, draw, columns, fill, step=lambda: None) -> Tensor | None:
        found = torch.zeros(self.rows, len(columns), dtype=torch.float64)
        clean = None
        for place, column in enumerate(columns.tolist()):
            where = only(self.columns, column, self.into, draw.x.ndim)
            try:
                clean = _answer(probe, draw) if clean is None else clean
                other = _answer(probe, draw, where, fill)
            except Exception:  # this model refuses what it got
                return None
            found[:, place] = _change(self.layout, clean, other, self.kept)
            step()
        return found

    @property
    def kept(self):
        return [self.out] if self.out is not None else []


class SideBySide:
    """Copies of a few samples in one batch, each of them asked for another place.

    A model that is tied to its batch size gets copies of one sample in all its places. Only for a
    model that keeps samples apart.

    Args:
        batch: which axis of x holds samples.
        chosen: the samples to ask.
    """

    def __init__(self, probe, layout, out, into, *, batch, chosen):
        self.probe, self.layout, self.out, self.into = probe, layout, out, into
        self.batch, self.chosen = batch, chosen
        x = probe.inputs[0]
        self.size = x.shape[batch]
        self.rows = layout.shape[out] if out is not None else 1
        self.columns = x.shape[into]
        self.samples = len(chosen)
        self.tied = False
        self.copies = self._copies(probe.draw(0))

    def _copies(self, draw) -> tuple[int, int]:
        """How many of each chosen sample one batch may hold, with a graph and without one.

        A model that refuses a batch of three, or answers it otherwise, is tied to its own size.
        """
        try:
            with_graph, without = self._bytes(draw)
            self._checked(draw, self._index(3))
        except Exception:
            self.tied, self.samples, self.chosen = True, 1, self.chosen[:1]
            try:
                self._checked(draw, self._index(self.size))
            except Exception as error:
                raise NotApartError from error
            return self.size, self.size
        return max(1, GRAPH // with_graph), max(1, BATCH // without)

    def _bytes(self, draw):
        """What one copy of the chosen samples holds: with its graph, and without."""
        seen = {}

        def pack(tensor):
            storage = tensor.untyped_storage()
            seen[storage.data_ptr()] = storage.nbytes()
            return tensor

        x, others = self._batch(self.probe, draw, self._index(1))
        graph = x.is_floating_point()
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            self.probe.run(x.requires_grad_(graph), weights=draw.weights, others=others, grad=graph)
        return sum(seen.values()) + 2 * x.nbytes, max(x.nbytes, sum(seen.values()) // 16)

    def _index(self, copies):
        return self.chosen.repeat_interleave(copies)

    def _batch(self, probe, draw, index):
        x = take(draw.x, index, self.size, self.batch).to(probe.inputs[0].dtype)
        return x, take((probe.inputs[1:], probe.kwargs), index, self.size, self.batch)

    def _checked(self, draw, index):
        """Raises where the answers to the copies are not those of the samples."""
        self._compare(
            self._ask(self.probe, draw, *self._batch(self.probe, draw, index)), draw, index
        )

    def _ask(self, probe, draw, x, others, **how):
        y = first_tensor(probe.run(x, weights=draw.weights, others=others, **how))
        return self.layout.of(x.shape[self.batch])(y)

    def _compare(self, y, draw, index):
        ours = self.layout(draw.answer).index_select(self.layout.batch, index.to(y.device))
        close = 1e-9 if y.dtype == torch.float64 else 1e-4
        if ours.shape != y.shape or _change_of(ours.to(y.dtype), y).max() > close:
            raise NotApartError

    def _needed(self, places, copies):
        return copies if self.tied else min(copies, places)

    def gradients(self, draw, rows, step=lambda: None) -> Tensor:
        found = torch.zeros(len(rows), self.columns, dtype=draw.x.dtype)
        if not len(rows):
            return found
        copies = self._needed(len(rows), self.copies[0])
        index = self._index(copies)
        x, others = self._batch(self.probe, draw, index)
        x.requires_grad_()
        y = self._ask(self.probe, draw, x, others, grad="through")
        self._compare(y.detach(), draw, index)
        totals = _totals(y, self.kept).view(self.samples, copies, self.rows)
        groups = zip(torch.arange(len(rows)).split(copies), rows.split(copies), strict=True)
        for places, group in groups:
            asked = totals[:, torch.arange(len(group)), group].sum()
            gradient = torch.autograd.grad(asked, x, retain_graph=True)[0]
            size = _largest(gradient, [self.batch, self.into]).view(self.samples, copies, -1)
            found[places] = size[:, : len(group)].amax(0).cpu()
            step()
        return found

    @property
    def kept(self):
        return [self.layout.batch, *([self.out] if self.out is not None else [])]

    def changes(self, probe, draw, columns, fill, step=lambda: None) -> Tensor | None:
        found = torch.zeros(self.rows, len(columns), dtype=torch.float64)
        if not len(columns):
            return found
        copies = self._needed(len(columns), self.copies[1])
        index = self._index(copies)
        x, others = self._batch(probe, draw, index)
        values = fill(take(draw.other, self.chosen, self.size, self.batch)).to(x.dtype)
        values, cells = (t.movedim((self.batch, self.into), (0, 1)) for t in (values, x))
        try:
            clean = self._ask(probe, draw, x, others)
            groups = zip(
                torch.arange(len(columns)).split(copies), columns.split(copies), strict=True
            )
            for places, group in groups:
                # Copy i of each sample has another value in place `group[i]`, for one run.
                copy = torch.arange(len(group)) + copies * torch.arange(self.samples)[:, None]
                place = group.expand(self.samples, -1)
                before = cells[copy, place]
                cells[copy, place] = values[torch.arange(self.samples)[:, None], place]
                change = _change(None, clean, self._ask(probe, draw, x, others), self.kept)
                cells[copy, place] = before
                change = change.view(self.samples, copies, self.rows)
                found[:, places] = change[:, : len(group)].amax(0).T
                step()
        except Exception:  # this model refuses what it got
            return None
        return found


def reduce_rows(changed: Tensor, out: int | None) -> Tensor:
    """A mask on the output, reduced to the places of `out`."""
    return changed.any().reshape(1) if out is None else reduce_to(changed, out)


def change_along(before: Tensor, after: Tensor, axis: int) -> Tensor:
    """By how much each place of one axis changes."""
    return _change(None, before, after, [axis])


def nan(other):
    return torch.full_like(other, torch.nan)


def the_other(other):
    return other


def larger(other):
    return 10 * other


def negated(other):
    return -10 * other


def _answer(probe, draw, where=None, fill=None):
    x = draw.x.to(probe.inputs[0].dtype)
    if where is not None:
        x = torch.where(where.to(x.device), fill(draw.other.to(x.dtype)), x)
    return first_tensor(probe.run(x, weights=draw.weights))


def _totals(y, kept):
    """One number for each place of the kept axes, in which no two numbers of it can cancel."""
    numbers = torch.Generator().manual_seed(0)
    y = y * torch.rand(y.shape, generator=numbers, dtype=y.dtype).to(y.device)
    y = y.movedim(kept, list(range(len(kept))))
    return y.reshape(*y.shape[: len(kept)] or (1,), -1).sum(-1)


def _largest(gradient, kept):
    """The largest size along the kept axes; a gradient that is no number says nothing."""
    size = gradient.abs().movedim(kept, list(range(len(kept))))
    size = size.reshape(*size.shape[: len(kept)], -1)
    largest = size.amax(-1)
    if largest.isfinite().all():
        return largest
    return size.nan_to_num(nan=0.0, posinf=1.0).amax(-1)


def _change(layout, before, after, kept):
    """By how much each place of the kept axes changes; all of them where the shape does."""
    if layout is not None:
        before, after = (layout(t) if t.shape == before.shape else t for t in (before, after))
    if before.shape != after.shape:
        size = [before.shape[axis] for axis in kept] or [1]
        return torch.full(size, torch.inf, dtype=torch.float64)
    change = _change_of(before, after).movedim(kept, list(range(len(kept))))
    return change.reshape(*change.shape[: len(kept)] or (1,), -1).amax(-1)


def _change_of(before, after):
    """|after - before| as a share of the largest number; infinite where one of them is NaN."""
    before, after = (
        torch.view_as_real(t) if t.is_complex() else t.unsqueeze(-1) for t in (before, after)
    )
    before, after = before.detach().cpu().double(), after.detach().cpu().double()
    same = (before == after) | (before.isnan() & after.isnan())
    largest = torch.maximum(before.abs(), after.abs())
    scale = largest[largest.isfinite()].max() if largest.isfinite().any() else 1.0
    change = (before - after).abs() / max(float(scale), torch.finfo(torch.float64).tiny)
    return change.nan_to_num(nan=torch.inf, posinf=torch.inf).masked_fill(same, 0.0)
