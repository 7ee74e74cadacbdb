"""Where in a model it goes wrong: two runs side by side, call by call."""

from typing import NamedTuple

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.layout import axes_of, reduce_to
from lstm_helpers._running.calls import CELLS, RECURRENT, VIEWS, Call, ancestors
from lstm_helpers._running.probe import differs
from lstm_helpers._running.watch import Watch


class Run:
    """All calls that one answer depends on, with their values."""

    def __init__(self, case: Case, draw, where=None, others=None):
        self.watch = case.probe.watch(keep_values=True)
        x = draw.x if where is None else draw.mixed(where)
        how = {"weights": draw.weights, "others": others, "watch": self.watch}
        self.output = case.probe.pick(case.probe.run(x, **how))
        made = self.watch.maker(self.output)
        needed = ancestors(made[0]) if made else {id(call) for call in self.watch.calls}
        self.calls = [c for c in self.watch.calls if id(c) in needed and not c.is_new]


class Injected(Watch):
    """A watch in which one call, by its number, gives another result."""

    def __init__(self, model, number: int, result: Tensor):
        super().__init__(model)
        self._number, self._result = number, result

    def __torch_function__(self, func, types, args=(), kwargs=None):
        before = len(self.calls)
        result = super().__torch_function__(func, types, args, kwargs)
        return self._result if before == self._number < len(self.calls) else result


class Compared:
    """The calls of a plain run, and for each of several changed inputs what it changes in them.

    Args:
        changes: masks on x: where it is another one.
        along: for each of them what goes in the place of the inputs after x, as `run` takes it.
    """

    def __init__(self, case: Case, draw, *changes, along=None):
        self.plain = Run(case, draw)
        along = along or [None] * len(changes)
        runs = [Run(case, draw, *change) for change in zip(changes, along, strict=True)]
        names = [[call.name for call in run.calls] for run in (self.plain, *runs)]
        self.calls = self.plain.calls if all(n == names[0] for n in names) else []
        self._place = {id(call): i for i, call in enumerate(self.calls)}
        self._runs, self._case, self._draw = runs, case, draw
        self._rounding = case.probe.rounding

    def knows(self, call: Call) -> bool:
        return id(call) in self._place

    def changed(self, call: Call, result=0) -> list[Tensor]:
        """What each change of the input changes in one result of `call`."""
        place, value = self._place[id(call)], call.values[result]
        others = [run.calls[place].values[result] for run in self._runs]
        return [differs(value, other, self._rounding) for other in others]

    def reaches_others(self, call: Call) -> bool:
        """Whether what even samples change in `call` alone changes odd ones' answers, or the like.

        Only for `even_and_odd`; where it can't be tried, it may.
        """
        numbers = len(call.results) == 1 and call.values[0].is_floating_point()
        if not numbers or call.name == "__setitem__":
            return True
        number = next(i for i, c in enumerate(self.plain.watch.calls) if c is call)
        values = [run.calls[self._place[id(call)]].values[0] for run in self._runs]
        return any(
            self._changes(Injected(None, number, value), others)
            for value, others in zip(values, (slice(1, None, 2), slice(0, None, 2)), strict=True)
        )

    def _changes(self, injected, others) -> bool:
        probe, draw, axis = self._case.probe, self._draw, self._case.layout.batch
        try:
            output = probe.pick(probe.run(draw.x, weights=draw.weights, watch=injected))
        except Exception:
            return True
        changed = differs(self.plain.output, output, self._rounding)
        return bool(changed.any() if axis is None else reduce_to(changed, axis)[others].any())

    def made(self, tensor) -> list[Tensor] | None:
        """The same for a tensor that is an argument of a call."""
        maker = self.plain.watch.maker(tensor)
        return self.changed(*maker) if maker and self.knows(maker[0]) else None

    def unread(self) -> list[Call]:
        """The calls with a changed result on which no number of the output depends."""
        calls = self.plain.watch.calls
        if any([c.name for c in run.watch.calls] != [c.name for c in calls] for run in self._runs):
            return []
        return [
            call
            for number, call in enumerate(calls)
            if not self.knows(call) and not call.is_new and self._differs_at(number)
        ]

    def _differs_at(self, number) -> bool:
        value = self.plain.watch.calls[number].values[0]
        others = [run.watch.calls[number].values[0] for run in self._runs]
        return any(differs(value, other, self._rounding).any() for other in others)

    def reached(self, tensor) -> bool:
        """Whether some change reaches a tensor that is an argument of a call."""
        made = self.made(tensor)
        return made is not None and any(mask.any() for mask in made)

    def parents(self, call):
        """(call, result) of each argument that some change reaches."""
        known = [p for p in call.parents if self.knows(p[0])]
        return [p for p in known if any(c.any() for c in self.changed(*p))]


def sample_axis(changes, samples: int) -> int | None:
    """The axis of size `samples` along which even and odd samples keep to their own places.

    `changes` are those made by replacing all even and all odd samples. -1: it shares an axis with
    another, in order. None: there is no such axis.
    """
    axis, split = sample_place(changes, samples)
    return -1 if split else axis


def sample_place(changes, samples: int) -> tuple[int | None, tuple | None]:
    """The same axis, and how it has to be split where it is shared; (None, None): there is none."""
    even = torch.arange(samples) % 2 == 0

    def own(axis, split):
        masks = [c.unflatten(*split) if split else c for c in changes]
        reached = [reduce_to(mask, axis) for mask in masks]
        return not (reached[0] & ~even).any() and not (reached[1] & even).any()

    return next((p for p in axes_of(samples, changes[0].shape) if own(*p)), (None, None))


def first_mixing(compared: Compared) -> Call | None:
    """The first call with a number that depends on an even and an odd sample, and is used."""
    first = None
    for call in compared.calls:
        for i in range(len(call.values)):
            even, odd = compared.changed(call, i)
            if (even & odd).any():
                first = first or call
                if compared.reaches_others(call):
                    return call
    return first


def scrambling_view(compared, call: Call | None, samples: int, *, may_share=True) -> Call | None:
    """The view before `call` (else before the end) that loses the axis of samples.

    `may_share`: samples and another axis in one, in order, is no loss (batch * seq rows); for a
    layer that reads its last axis it is one.
    """
    before = ancestors(call or compared.calls[-1]) if compared.calls else set()
    for view in compared.calls:
        if id(view) in before and view.name in VIEWS and view.parents:
            parent = view.parents[0]
            if not compared.knows(parent[0]):
                continue
            had = sample_axis(compared.changed(*parent), samples)
            has = sample_axis(compared.changed(view), samples)
            if had is not None and (has is None or (has == -1 != had and not may_share)):
                return view
    return None


def without_sample_axis(compared, call, samples) -> Call | None:
    """The maker of an argument of `call` that holds samples, but has no axis of them: x.min()."""
    found = _collapse(compared, call, lambda c: sample_axis(c, samples) is None)
    return found and found[0]


def _collapse(compared, call, is_without, stop=()) -> tuple[Call, int] | None:
    """Up from `call`, the call that loses an axis: its result is without it, its arguments not.

    `stop`: names of calls to stop at. Which of its results it is comes with it.
    """
    for parent, result in compared.parents(call):
        if is_without(compared.changed(parent, result)):
            above = parent.name not in stop and _collapse(compared, parent, is_without, stop)
            return above or (parent, result)
    return None


def first_moving(compared: Compared, samples: list[int], size: int) -> Call | None:
    """The first call that puts whole samples into other rows: `flip(0)`, `x[order]`.

    `compared` has changed each of `samples` alone, in this order.
    """

    def rows(masks, axis, split):
        return [reduce_to(m.unflatten(*split) if split else m, axis) for m in masks]

    def in_place(masks):
        return any(
            all(
                row.nonzero().flatten().tolist() in ([], [b])
                for row, b in zip(found, samples, strict=True)
            )
            for found in (rows(masks, *place) for place in axes_of(size, masks[0].shape))
        )

    def moved(masks):
        return any(
            all(row.sum() <= 1 for row in found)
            for found in (rows(masks, *place) for place in axes_of(size, masks[0].shape))
        )

    for call in compared.calls:
        parents = compared.parents(call)
        masks = compared.changed(call)
        known = parents and all(in_place(compared.changed(*parent)) for parent in parents)
        first = not parents and any(m.any() for m in masks)  # it reads x itself
        if (known or first) and not in_place(masks) and moved(masks):
            return call
    return None


def first_padded(compared: Compared, steps: int, length: int) -> tuple[Call, int] | None:
    """The first result in which what stands after step `length` reaches more than its own step."""
    used = {(id(parent), i) for call in compared.calls for parent, i in call.parents}
    for call in compared.calls:
        for i in range(len(call.values)):
            (late,) = compared.changed(call, i)
            is_used = (id(call), i) in used or call is compared.calls[-1]
            if is_used and late.any() and not _steps_in_order(late, steps, length - 1):
                return call, i
    return None


class Ahead(NamedTuple):
    """A call whose result knows of later steps; `alone`: that result has no steps of its own."""

    call: Call
    result: int
    alone: bool


def origin(call: Call, names, *, through=()) -> tuple[Call, int] | None:
    """Walk up from `call` to the nearest call with one of `names`; which of its results is used."""
    waiting, seen = list(call.parents), set()
    while waiting:
        parent, result = waiting.pop(0)
        if parent.name in names:
            return parent, result
        if id(parent) not in seen and (not through or parent.name in through):
            seen.add(id(parent))
            waiting.extend(parent.parents)
    return None


def last_reader(compared: Compared) -> Call | None:
    """The last call that drops what changed: it reads something changed and shows nothing of it."""
    for call in reversed(compared.calls):
        if compared.parents(call) and not any(
            c.any() for i in range(len(call.values)) for c in compared.changed(call, i)
        ):
            return call
    return None


def first_look_ahead(compared: Compared, steps: int, cut: int) -> Ahead | None:
    """The first call with a result whose early steps know of inputs after step `cut`.

    Where a tensor with steps is made of one without (x - x.mean(1)), it is that one's maker, or
    the layer with a memory that it comes from.
    """
    for call in compared.calls:
        for i in range(len(call.values)):
            (late,) = compared.changed(call, i)
            if late.any() and _steps_in_order(late, steps, cut) is False:
                summary = _collapse(
                    compared,
                    call,
                    lambda c: _steps_in_order(c[0], steps, cut) is None,
                    (*RECURRENT, *CELLS),
                )
                return Ahead(*summary, True) if summary else Ahead(call, i, False)
    return None


def _steps_in_order(late, steps, cut):
    """None where no axis can be one of steps."""
    longer = ((axis, None) for axis, size in enumerate(late.shape) if size > steps)
    places = [*longer, *axes_of(steps, late.shape)]
    masks = [(late.unflatten(*split) if split else late, axis) for axis, split in places]
    ordered = [not reduce_to(mask, axis)[: cut + 1].any() for mask, axis in masks]
    return any(ordered) if places else None
