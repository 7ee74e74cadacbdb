"""What the checks of `check_model` share: one model, one batch, and answers to "what changes?"."""

import copy
from functools import cached_property

import torch
from torch import Tensor

from lstm_helpers._arguments import at_least, by_name, shown, true_or_false, what_can_be_asked
from lstm_helpers._checking.fewer import Few, few_samples
from lstm_helpers._checking.layout import axis_names, find_layout, only
from lstm_helpers._checking.reads import MOST, Reads
from lstm_helpers._checking.shifted import is_shifted
from lstm_helpers._running.batches import take
from lstm_helpers._running.copies import with_sizes
from lstm_helpers._running.probe import Draw, Probe, differs
from lstm_helpers._running.tensors import check_copies, named_tensors
from lstm_helpers._values import numbers


class Case:
    """A model and its inputs under examination. Nothing here changes from one check to the next.

    Args:
        model, inputs: the model and what it is called with.
        y, axes, causal, lengths: as for `check_model`.
    """

    def __init__(
        self,
        model,
        inputs,
        *,
        y=None,
        axes="batch seq feature",
        causal=None,
        lengths=None,
        kwargs=None,
    ):
        if y is not None and not isinstance(y, Tensor):
            raise TypeError(
                f"y is {shown(y)}, but a tensor is needed, as the loss gets it: pass "
                "torch.as_tensor(y), or drop y."
            )
        self.model, self.inputs = what_can_be_asked(model), inputs
        self.kwargs, self.y = by_name(kwargs), y
        self.causal = None if causal is None else true_or_false(causal=causal)
        self.names = axis_names(inputs[0] if inputs else None, axes)
        check_copies(inputs, self.kwargs, numbers=True)
        self.x = inputs[0]
        self.seq = self.names.index("seq")
        self.batch = self.names.index("batch") if "batch" in self.names else None
        self.steps = self.x.shape[self.seq]
        self._lengths = self._checked(lengths)

    @cached_property
    def probe(self) -> Probe:
        """Raises what the model raises on its own inputs."""
        feature = self.names.index("feature") if "feature" in self.names else None
        inputs, kwargs = (self.few.inputs, self.few.kwargs) if self.few else self._given
        return Probe(self._sized, inputs, kwargs=kwargs, feature=feature, real=self._real)

    @cached_property
    def few(self) -> Few | None:
        """Some samples of a large batch, if they can be asked instead of all."""
        return few_samples(self._sized, *self._given, self.batch, self._lengths)

    @cached_property
    def lengths(self) -> list[int] | None:
        """The number of real steps of each sample that is asked."""
        if self._lengths is None or self.few is None:
            return self._lengths
        return [self._lengths[i] for i in self.few.index.tolist()]

    @property
    def _given(self):
        return self.inputs, self.kwargs

    @cached_property
    def _sized(self):
        return with_sizes(self.model, *self._given)

    @cached_property
    def samples(self) -> int | None:
        """How many samples are asked."""
        return len(self.few.index) if self.few else self.batch_size

    @property
    def batch_size(self) -> int | None:
        """How many samples there are."""
        return self.x.shape[self.batch] if self.batch is not None else None

    @property
    def answer_shape(self) -> tuple[int, ...]:
        """The shape of the answer to all samples."""
        return self.few.shape if self.few else tuple(self.draw(0).answer.shape)

    def _checked(self, lengths):
        if lengths is None:
            return None
        samples = self.batch_size
        few = isinstance(lengths, Tensor) and lengths.numel() <= 60
        came = shown(lengths.tolist() if few else lengths)
        if samples is None:
            raise ValueError(
                f"lengths is {came}, but axes names no batch, so no sample is padded: drop lengths."
            )
        needed = (
            f"lengths is {came}, but the first input has batch={samples} and seq={self.steps}: "
            f"give each sample its number of real steps, 1 to {self.steps}."
        )
        try:
            values = numbers(lengths=lengths).reshape(-1)[: samples + 1]
            each = [at_least(1, self.steps, length=n) for n in values]
        except (TypeError, ValueError) as error:
            raise type(error)(needed) from None
        if len(each) != samples:
            raise ValueError(needed)
        return each

    @property
    def _real(self):
        """The real steps of a padded batch, shaped as the input without its feature axis."""
        if self.lengths is None:
            return None
        real = torch.arange(self.steps) < torch.tensor(self.lengths)[:, None]
        return real if self.batch < self.seq else real.T

    def draw(self, number) -> Draw | None:
        return self.probe.draw(number)

    @cached_property
    def reads(self) -> Reads:
        """What of its work the model reads."""
        return Reads(self.probe)

    @cached_property
    def layout(self):
        return find_layout(self.probe, self.names, self.draw(0))

    def at_steps(self, chosen) -> Tensor:
        """A mask on the input: these steps of every sample."""
        return only(self.steps, chosen, self.seq, len(self.names))

    def at_samples(self, chosen) -> Tensor:
        return only(self.samples, chosen, self.batch, len(self.names))

    def newest(self, count=1) -> Tensor:
        """A mask on the input: the last `count` real steps of each sample."""
        if self.lengths is None:
            return self.at_steps(slice(self.steps - count, None))
        ends = torch.tensor(self.lengths)[:, None]
        place = torch.arange(self.steps)
        return self.shaped((place < ends) & (place >= ends - count))

    def shaped(self, samples_by_steps) -> Tensor:
        """A (sample, step) mask in the axes of the input."""
        mask = samples_by_steps if self.batch < self.seq else samples_by_steps.T
        for axis in sorted(set(range(len(self.names))) - {self.batch, self.seq}):
            mask = mask.unsqueeze(axis)
        return mask

    def changed(self, where, *, draws=3) -> Tensor:
        """(samples out, steps out): what changes in any of the first draws."""
        found = False
        for number in range(draws):
            if (draw := self.draw(number)) is not None:
                found = found | self.places(self.probe.changed(draw, where))
        return found

    def surely_unchanged(self, where, among=True) -> Tensor:
        """(samples out, steps out): which of `among` change in none of many draws.

        A model that refuses every other x tells nothing: none of them surely.
        """
        among, told = torch.as_tensor(among), False
        found = self.places(torch.zeros(self.draw(0).answer.shape, dtype=torch.bool))
        for number in range(MOST):
            draw = self.draw(number)
            if draw is not None and (answer := self.probe.answer(draw, where)) is not None:
                changed = differs(draw.answer, answer, self.probe.faintest)
                told, found = True, found | self.places(changed)
                if (found | ~among).all():
                    break
        return ~found & among & told

    def places(self, changed) -> Tensor:
        """A mask on the output, reduced to (samples out, steps out); 1 for an axis it lacks."""
        layout = self.layout
        changed = layout(changed)
        kept = [axis for axis in (layout.batch, layout.steps) if axis is not None]
        changed = changed.movedim(kept, list(range(len(kept))))
        changed = changed.flatten(len(kept)).any(-1) if changed.ndim > len(kept) else changed
        if layout.batch is None:
            changed = changed.unsqueeze(0)
        return changed.unsqueeze(1) if layout.steps is None else changed

    @cached_property
    def outputs(self) -> list[str]:
        """Each tensor that the model returns, as Python reaches it: `yhat[0]`, `yhat['mean']`."""
        return [name for name, _ in named_tensors(self.probe.run(), "yhat")]

    @cached_property
    def name(self) -> str:
        """The output that this case is about: the first."""
        return self.outputs[0]

    def about(self, number: int) -> "Case":
        """The same case, about another output."""
        other = copy.copy(self)
        other.probe, other.name = self.probe.of_output(number), self.outputs[number]
        other.layout = find_layout(other.probe, self.names, other.draw(0))
        return other

    def without_last_sample(self, part):
        """An input, or a structure of inputs, with one sample less; what has none stays whole."""
        return take(part, torch.arange(self.samples - 1), self.samples, self.batch)

    def in_x(self, *, sample=None, steps=None) -> str:
        """A place of the input as the code writes it: `x[1]`, `x[:, 5:]`."""
        return _at("x", {self.batch: self._numbered(sample), self.seq: steps})

    def in_yhat(self, *, sample=None, step=None) -> str:
        """A place of the output: `yhat[1]`, `yhat[:, 0]`."""
        layout = self.layout
        whole = f"{self.name}.unflatten{layout.split}" if layout.split else self.name
        return _at(whole, {layout.batch: self._numbered(sample), layout.steps: step})

    def _numbered(self, sample: int | None) -> int | None:
        """The number that a sample has in the caller's batch."""
        return int(self.few.index[sample]) if self.few and sample is not None else sample

    @property
    def steps_out(self) -> int | None:
        return self.layout.shape[self.layout.steps] if self.layout.steps is not None else None

    @property
    def per_step(self) -> bool:
        """Whether output step t has to be made of input steps up to t."""
        return bool(self.causal or self.shifted)

    @cached_property
    def shifted(self) -> bool | None:
        """Whether all of y is x, some steps later; None where that can't be told."""
        if self.y is None or self.steps_out is None or self.batch is None:
            return None
        return is_shifted(self.x, self.y, self.names)


def _at(name, places) -> str:
    """A tensor with an index at these axes; None: the axis, or what is asked of it, is whole."""
    chosen = {axis: str(p) for axis, p in places.items() if axis is not None and p is not None}
    items = [chosen.get(axis, ":") for axis in range(max(chosen, default=-1) + 1)]
    return f"{name}[{', '.join(items)}]" if items else name
