"""What settles the cells of a chart: what was seen from below, and what NaN can't reach from above.

A cell depends when a gradient or a replaced value says so in any draw. It does not when NaN in its
place of the input never arrives: NaN goes through all arithmetic, so this holds for every value.
Where NaN arrives and nothing was seen (a mask by multiplication hands NaN on, and no value), many
draws tell; where these were too few, or what they show fades out of the range of the numbers,
nothing does, and the cell stays unsettled.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, islice
from math import comb
from typing import NamedTuple

import torch
from torch import Tensor

from lstm_helpers._charting.asking import (
    SideBySide,
    Whole,
    change_along,
    larger,
    nan,
    negated,
    reduce_rows,
    the_other,
)
from lstm_helpers._running.batches import spread
from lstm_helpers._running.probe import Draw, Probe
from lstm_helpers._running.runner import ROUNDING
from lstm_helpers._running.tensors import first_tensor

DRAWS, MANY, MOST_DRAWS = 2, 8, 16
# What may be spent on one chart, in numbers of x that are handed over (see `price_of`).
FORWARDS, BACKWARDS, CHEAP = 4e9, 7e7, 2e7
STEP = 64  # a layer walks through each step: that costs as much as so many numbers of x
FAINT = 1e-290  # near the smallest float64, 5e-324: what lies one step further is lost


def price_of(x: Tensor, samples: int, steps: int) -> float:
    """What it costs to hand over one sample."""
    return max(x.numel() / max(samples, 1), STEP * steps)


class Bounds(NamedTuple):
    """(places out, places in) bool: what was seen, and which other cells nothing settles."""

    seen: Tensor
    unsettled: Tensor


class Search:
    """Fills one chart.

    Args:
        asker: asks in float64, if it can be had.
        plain: asks in the caller's own dtype, which is faster and enough for NaN.
        gradients: whether the model's gradients tell.
        tolerance: from which share of the largest number on a change counts.
        price: of one question.
        branches: whether the model decides by values of x: then a draw with small values is asked
            as well, in which a replaced place is what decides.
        step: called after each run.
    """

    def __init__(
        self,
        asker: Whole | SideBySide,
        plain: Probe,
        *,
        gradients: bool,
        tolerance: float,
        price: float,
        branches: bool,
        step: Callable[[], None],
    ):
        self.asker, self.plain, self.gradients = asker, plain, gradients
        self.probe, self.step, self.tolerance = asker.probe, step, tolerance
        shape = asker.rows, asker.columns
        self.seen = torch.zeros(shape, dtype=torch.bool)
        self.size = torch.zeros(shape, dtype=torch.float64)  # of the largest sign of each cell
        self.reached = torch.ones(shape, dtype=torch.bool)  # by NaN, as far as it is known
        self.price, self.branches = price, branches
        self.cheap = price * asker.columns <= CHEAP
        self.forwards, self.backwards = FORWARDS, BACKWARDS
        self.draws, self.complete = 0, True

    def result(self) -> Bounds:
        for number, (draw, is_new) in enumerate(self._questions()):
            if number == 0 or (self.cheap and number < DRAWS):
                self._poison(draw, first=number == 0)
            told = self._look(draw, number)
            self.draws += told and is_new
            if (self.seen & ~self.reached).any():
                self.reached[:] = True  # this model swallows NaN, which then says nothing
            if self._is_spent() or (number + 1 >= DRAWS and self._is_enough()):
                break
        return Bounds(self.seen, self.open & ~self._surely_not())

    @property
    def open(self) -> Tensor:
        """The cells that may depend, and were not seen to."""
        return self.reached & ~self.seen

    @property
    def hurried(self) -> bool:
        """Whether gradients tell, but no purse holds one for each row."""
        return self.gradients and not self.cheap

    def _is_enough(self):
        return not self.open.any() or (self.draws >= MANY and self.seen.any(1).all())

    def _is_spent(self):
        return min(self.forwards, self.backwards if self.gradients else torch.inf) < self.price

    def _surely_not(self):
        """Whether what no draw showed is not there.

        The faintest sign has to be far from where signs are lost: behind it there may be more.
        """
        signs = self.size[self.seen]
        least = FAINT if self.gradients else 32 * max(self.tolerance, _precision(self.probe))
        faint = len(signs) and signs.min() < least
        return self.complete and self.draws >= MANY and not faint

    def _questions(self) -> Iterator[tuple[Draw, bool]]:
        """The draws; where the first ones leave cells open, also with weights that remember."""
        for number in range(MOST_DRAWS):
            if (draw := self.probe.draw(number)) is None:
                continue
            yield draw, True
            if number == 0 and self.branches and (same := self.probe.scaled(draw, 0.1)):
                yield same, False
            if number < DRAWS and self.open.any() and (same := self.probe.remembering(draw)):
                yield same, False

    def _buy(self, places: Tensor, purse: str) -> Tensor:
        """As many of the places as can be paid, evenly apart."""
        left = getattr(self, purse)
        many = min(len(places), int(left // self.price))
        setattr(self, purse, left - many * self.price)
        self.complete &= many == len(places)
        return places[spread(many, len(places))] if many < len(places) else places

    def _poison(self, draw, *, first):
        """NaN in each place of the input: where does it arrive?"""
        if not self.probe.inputs[0].is_floating_point():
            return
        columns = self._buy(torch.arange(self.asker.columns), "forwards")
        change = self.asker.changes(self.plain, draw, columns, nan, self.step)
        if change is None:  # it refuses NaN
            self.reached[:] = True
        elif first:
            self.reached[:, columns] = change.isinf()
        else:
            self.reached[:, columns] |= change.isinf()

    def _look(self, draw, number) -> bool:
        """Add what gradients and replaced values show in this draw; False where neither tells.

        At first everywhere: what is seen where no NaN arrived shows that NaN tells nothing.
        """
        wanted = ~self.seen if number == 0 else self.open
        if self.hurried:
            told = self._by_values(draw, number, wanted)
            self._by_gradients(draw, self.open)
        elif isinstance(self.asker, Whole) and self.cheap:  # a value costs less than a gradient
            told = self._by_values(
                draw, number, ~self.seen if number < DRAWS + self.branches else self.open
            )
            self._by_gradients(draw, self.open)
        else:
            self._by_gradients(draw, wanted)
            told = self._by_values(draw, number, wanted)
        return told or self.gradients

    def _by_gradients(self, draw, wanted):
        if not self.gradients:
            return
        rows = self._buy(wanted.any(1).nonzero().flatten(), "backwards")
        size = self._without_noise(draw, rows, self.asker.gradients(draw, rows, self.step))
        self._add(rows, slice(None), size, size > 0)

    def _by_values(self, draw, number, wanted) -> bool:
        told = False
        probe, tolerance = self.probe, self.tolerance
        if self.hurried:  # asked once: by weights that show far steps as well as near ones
            probe, tolerance = self.plain, 64 * _precision(self.plain)
            draw = self.probe.remembering(draw) or draw
        for fill in self._fills(number):
            columns = self._buy((wanted & ~self.seen).any(0).nonzero().flatten(), "forwards")
            change = self.asker.changes(probe, draw, columns, fill, self.step)
            if change is not None:
                told = True
                # Beside gradients it counts as seen, and has no size to compare with theirs.
                size = torch.ones_like(change) if self.gradients else change
                self._add(slice(None), columns, size, change > tolerance)
        return told

    def _fills(self, number):
        if not self.probe.inputs[0].is_floating_point() or not self.cheap:
            return (the_other,)
        return (negated,) if number % 2 else (the_other, larger)

    def _add(self, rows, columns, size, seen):
        new = torch.zeros_like(self.size)
        new[rows, columns] = size.double().where(seen, 0.0)
        self.size = torch.maximum(self.size, new)
        self.seen |= new > 0

    def _without_noise(self, draw, rows, size):
        """Gradients that are rounding: the layer norm of one variable is a constant."""
        tiny = size.amax(1) < ROUNDING if len(rows) else torch.zeros(0, dtype=torch.bool)
        if tiny.any():
            changed = self.probe.changed(draw, torch.ones(draw.x.shape, dtype=torch.bool))
            moved = reduce_rows(self.asker.layout(changed), self.asker.out)[rows]
            size[tiny & ~moved] = 0.0
        return size


def _precision(probe):
    dtype = probe.inputs[0].dtype if not probe.exact else torch.float64
    return torch.finfo(dtype if dtype.is_floating_point else torch.get_default_dtype()).eps


def samples_apart(probe: Probe, layout, batch: int, step) -> tuple[Tensor, bool] | None:
    """Ask a large batch whether its samples are apart, in few runs.

    The samples with odd numbers get other values, then those with even ones. Then groups are NaN: a
    sample is in half of them, another half for each, so that each is once NaN where another is not.

    Returns:
        Which answers change with their own samples, and whether NaN stays there too; None where
        another sample changes an answer.
    """
    x = probe.inputs[0].clone()  # the model may hold the other: each run puts that back
    samples = x.shape[batch]
    clean = layout(first_tensor(probe.run()))
    alive, tight = torch.zeros(samples, dtype=torch.bool), x.is_floating_point()

    def change(chosen, fill):
        place = chosen.nonzero().flatten().to(x.device)
        before = x.index_select(batch, place)
        x.index_copy_(batch, place, fill(before.flip(batch)))
        try:
            answer = first_tensor(probe.run(x))
        finally:
            x.index_copy_(batch, place, before)
        step()
        return change_along(clean, layout(answer), layout.batch)

    try:
        odd = torch.arange(samples) % 2 == 1
        values = (larger, negated) if x.is_floating_point() else (the_other, the_other)
        for chosen, fill in zip((odd, ~odd), values, strict=True):
            changed = change(chosen, fill)
            if (changed[~chosen] > 64 * _precision(probe)).any():
                return None
            alive |= chosen & (changed > 0)
    except Exception:  # it refuses these values
        return None
    try:
        for chosen in _groups(samples) if tight else ():
            tight &= not change(chosen, nan)[~chosen].isinf().any()
    except Exception:  # it refuses NaN
        tight = False
    return alive, tight


def _groups(samples: int) -> Iterator[Tensor]:
    """Masks over the samples, as few as there can be: for any two, one has the first alone."""
    many = next(n for n in range(2, samples + 2) if comb(n, n // 2) >= samples)
    own = list(islice(combinations(range(many), many // 2), samples))
    yield from (torch.tensor([group in groups for groups in own]) for group in range(many))
