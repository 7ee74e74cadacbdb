"""Which axis of an output is which: found by what depends on what, with the size as a hint."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lstm_helpers._arguments import shown
from lstm_helpers._running.probe import Draw, Probe
from lstm_helpers.shapes import named_sizes

TRIES = 8  # a closed ReLU may hide everything in one draw, hardly ever in eight


def axis_names(x, axes) -> list[str]:
    """The names in `axes`, one for each axis of `x`; `seq` has to be among them."""
    if not isinstance(x, Tensor):
        raise TypeError(
            f"the first input is {shown(x)}, but its steps and samples are to be varied: "
            "pass a tensor first, and what else the model takes after it."
        )
    if not isinstance(axes, str | list | tuple) or not all(isinstance(a, str) for a in axes):
        raise TypeError(
            f"axes is {shown(axes)}, but the names of the first input's axes are needed: "
            'axes="batch seq feature", or a list of names.'
        )
    names, shape = axes.split() if isinstance(axes, str) else list(axes), tuple(x.shape)
    if len(names) == 1 and " " in names[0]:  # a list of texts, as trace_shapes takes it
        names = names[0].split()
    if len(names) != len(shape) or len(set(names)) != len(names) or "seq" not in names:
        fitting = {1: "seq", 2: "batch seq", 3: "batch seq feature"}.get(len(shape))
        other = ' (tokens, one variable) or "seq feature" (one unbatched sequence)'
        raise ValueError(
            f"the first input is {shape}: {len(shape)} axes, but axes={axes!r} names {len(names)}: "
            "each axis needs one name of its own, one of them seq. "
            + (f'Try axes="{fitting}"{other if len(shape) == 2 else ""}.' if fitting else "")
        )
    if 0 in shape:
        raise ValueError(
            f"the first input is ({named_sizes(shape, names)}): nothing to vary. "
            "Pass at least one sample with one step."
        )
    if x.is_complex():
        raise TypeError(
            f"the first input ({named_sizes(shape, names)}) is complex, but its values are to be "
            "replaced by other real ones: wrap the model, as in lambda parts: "
            "model(torch.view_as_complex(parts.unflatten(-1, (-1, 2)))), and pass real and "
            "imaginary parts as features, torch.view_as_real(x).flatten(-2)."
        )
    return names


@dataclass(frozen=True)
class Layout:
    """How to read an output: cut axis `split[0]` into `split[1]`, -1 for what is no sample.

    `mixed`: no axis keeps the samples apart, `batch` is a guess by size. `reached`: for a few
    samples, which numbers of the output change with them.
    """

    names: list[str]
    shape: tuple[int, ...]
    batch: int | None
    steps: int | None
    split: tuple[int, tuple[int, int]] | None = None
    mixed: bool = False
    reached: dict[int, Tensor] | None = None

    def __call__(self, output: Tensor) -> Tensor:
        return output.unflatten(*self.split) if self.split else output

    def of(self, samples: int) -> "Layout":
        """How to read the output of a batch of another size."""
        if self.split is None:
            return self
        axis, (first, second) = self.split
        sizes = (samples, second) if self.batch == axis else (first, samples)
        return replace(self, split=(axis, tuple(sizes)))


def only(size, index, axis, ndim) -> Tensor:
    """True at `index` (a number, a list or a mask) of one axis; broadcasts against x."""
    chosen = torch.zeros(size, dtype=torch.bool)
    chosen[index] = True
    return chosen.view([-1 if i == axis else 1 for i in range(ndim)])


def reduce_to(changed, axis) -> Tensor:
    """A mask over one axis: where anything changed."""
    return changed.movedim(axis, 0).reshape(changed.shape[axis], -1).any(1)


def find_layout(probe: Probe, names: list[str], first: Draw) -> Layout:
    """Replace a few samples, and the newest step, and see where the answer changes."""
    x, shape = first.x, tuple(first.answer.shape)
    samples = x.shape[names.index("batch")] if "batch" in names else 0
    axis, split, mixed, seen = None, None, False, {}
    if samples:
        seen = _replaced_samples(probe, names.index("batch"), samples)
        axis, split = _batch_axis(seen, shape, samples)
        mixed = axis is None and samples > 1
        if axis is None:
            same_place = [names.index("batch"), *range(len(shape))]
            axis = next((k for k in same_place if k < len(shape) and shape[k] == samples), None)
    if split:
        shape = tuple(first.answer.unflatten(*split).shape)
    steps = _step_axis(probe, names, shape, axis, split)
    labels = ["target"] * len(shape)
    if axis is not None:
        labels[axis] = "batch"
    if steps is not None:
        labels[steps] = "seq" if shape[steps] == x.shape[names.index("seq")] else "horizon"
    for i, label in enumerate(labels):
        labels[i] = label if labels.index(label) == i else f"{label}{labels[:i].count(label) + 1}"
    return Layout(labels, shape, axis, steps, split, mixed, seen)


def _replaced_samples(probe, axis, samples):
    """{sample: which numbers change with it}, over several draws."""
    seen = {}
    for b in sorted({0, samples // 2, samples - 1}):
        for number in range(TRIES):
            if (draw := probe.draw(number)) is None:
                continue
            changed = probe.changed(draw, only(samples, b, axis, draw.x.ndim))
            seen[b] = seen.get(b, False) | changed
            if seen[b].any() and number > 0:
                break
    return seen


def _batch_axis(seen, shape, samples):
    """The axis, or the half of a flattened axis, along which each sample changes its own place."""

    def own_place(axis, split=None):
        for b, changed in seen.items():
            places = reduce_to(changed.unflatten(*split) if split else changed, axis)
            if len(places) != samples or places.sum() - places[b].int() > 0:
                return False
        return any(changed.any() for changed in seen.values())

    found = (place for place in axes_of(samples, shape) if own_place(*place))
    return next(found, (None, None))


def axes_of(size, shape) -> Iterator[tuple[int, tuple | None]]:
    """(axis, how to split for it) of each axis that is so long, then of halves of longer ones."""
    yield from ((axis, None) for axis, length in enumerate(shape) if length == size)
    for axis, length in enumerate(shape):
        if length > size > 1 and length % size == 0:
            yield axis, (axis, (size, -1))
            yield axis + 1, (axis, (-1, size))


def _step_axis(probe, names, shape, batch, split):
    """The axis as long as the input's seq; else the one whose places see different input steps."""
    seq = names.index("seq")
    free = [k for k in range(len(shape)) if k != batch]
    long = probe.inputs[0].shape[seq]
    if fitting := [k for k in free if shape[k] == long]:
        return fitting[0]
    if len(free) != 1:
        return free[0] if free else None
    # One axis left: steps of a forecast, or variables? Variables all see the same input steps.
    seen = torch.zeros(shape[free[0]], dtype=torch.bool)
    for number in range(TRIES):
        if (draw := probe.draw(number)) is not None:
            changed = probe.changed(draw, only(long, -1, seq, draw.x.ndim))
            seen |= reduce_to(changed.unflatten(*split) if split else changed, free[0])
            if seen.all():
                break
    return free[0] if seen.any() and not seen.all() else None
