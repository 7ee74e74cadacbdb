"""Relative shifts: pad by one, view, cut a row. There a view across axes is the point.

Transformer-XL and what came after it shift row i of its scores by i steps that way. What shows a
shift is what follows the view, so the note on the view is put right then.
"""

from dataclasses import dataclass

from torch import Tensor

from lstm_helpers._tracing.axes import Axes, Padded, name_of, new_axis, size_of
from lstm_helpers._tracing.steps import Event

NOTE = "A relative shift: with one row cut off, each row starts one step further than the last."


@dataclass
class Swap:
    """A view of (..., a, b, ...) as (..., b, a, ...), where `b` stands at `row`."""

    event: Event
    before: Axes
    row: int

    @property
    def needs_no_way_back(self) -> bool:
        """T x (T + 1), one of them padding: what is left after the cut is T x T."""
        steps, (padded, *others) = self.before[self.row], self.before[self.row + 1]
        grown = not others and isinstance(padded.origin, Padded)
        return grown and size_of(padded.origin.axis) + 1 == padded.size == size_of(steps) + 1

    def cut(self) -> tuple[int, ...]:
        """The view's shape without one of its rows."""
        return self._shape(self.row + 1, self.row, fewer_at=self.row)

    def back(self) -> tuple[int, ...]:
        """The shape in the old order without one column."""
        return self._shape(self.row, self.row + 1, fewer_at=self.row + 1)

    def _shape(self, first, second, fewer_at):
        sizes = [size_of(axis) for axis in self.before]
        sizes[self.row], sizes[self.row + 1] = sizes[first], sizes[second]
        sizes[fewer_at] -= 1
        return tuple(sizes)


class Shifts:
    """Follows each view across axes to where it proves to be one of these."""

    def __init__(self):
        self._viewed: dict[int, Swap] = {}
        self._cut: dict[int, Swap] = {}

    def follow(self, call, event: Event | None, result: Tensor) -> None:
        """One call and its step, if it is one; `call` gives a shifted result its axes."""
        source, shape = id(call.tensors[0]), tuple(result.shape)
        if event and (swap := _swap(event)):
            self._viewed[id(result)] = swap
        if (swap := self._viewed.get(source)) and shape == swap.cut():
            if swap.needs_no_way_back:
                _settle(swap, call, event, result)
            else:
                self._cut[id(result)] = swap
        elif (swap := self._cut.get(source)) and shape == swap.back():
            _settle(swap, call, event, result)


def _swap(event) -> Swap | None:
    if "cuts across" not in [kind for kind, _ in event.notes]:
        return None
    (_, axes), (_, after) = event.inputs[0], event.outputs[0]
    before, after = ([size_of(axis) for axis in shape] for shape in (axes, after))
    moved = [at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
    if len(before) != len(after) or len(moved) != 2 or moved[1] != moved[0] + 1:
        return None
    row = moved[0]
    names = name_of(axes[row]), name_of(axes[row + 1])
    return None if any("batch" in name for name in names) else Swap(event, axes, row)


def _settle(swap, call, event, result):
    """It is a shift: the view is no mistake, and the rows are again those from before it."""
    axes = list(swap.before)
    axes[swap.row + 1] = new_axis(result.shape[swap.row + 1])
    call.give(result, tuple(axes))
    for step in filter(None, (swap.event, event)):
        step.notes = [note for note in step.notes if note[0] != "cuts across"]
    swap.event.notes.append(("shift", lambda: NOTE))
    if event:
        event.outputs = [(event.outputs[0][0], tuple(axes))]
