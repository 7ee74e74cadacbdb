"""Questions to a model: an input, another valid one, and weights that may be drawn anew.

A head that starts at zero or a ReLU that happens to be closed then hides no dependency.
"""

import copy
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from lstm_helpers._running.runner import Runner
from lstm_helpers._running.tensors import first_tensor, tensors_in
from lstm_helpers._running.variations import another_input, drawn_weights, memory_gates

LARGE = 2**20  # numbers of x


@dataclass(frozen=True)
class Draw:
    """One question: an input, another valid input of the same shape, and the weights to use."""

    x: Tensor
    other: Tensor
    weights: list | None
    answer: Tensor

    def mixed(self, where: Tensor) -> Tensor:
        """`x`, but the other input `where` a mask says so."""
        return torch.where(where.to(self.x.device), self.other, self.x)


class Probe(Runner):
    """A `Runner` that is asked what changes.

    Args:
        model, inputs, kwargs, double: as for `Runner`.
        feature: which axis of the first input holds variables.
        real: where the first input is no padding, without its feature axis.
    """

    def __init__(self, model, inputs, *, feature=None, real=None, kwargs=None, double=True):
        self.feature, self.real = feature, real
        self.pick, self.answered = first_tensor, 0
        self._draws = {}
        super().__init__(model, inputs, kwargs=kwargs, double=double)

    def draw(self, number) -> Draw | None:
        """`_draw`, each number once; of a large x only the first ones are kept."""
        if number in self._draws:
            return self._draws[number]
        draw = self._draw(number)
        if number < 3 or self.inputs[0].numel() < LARGE:
            self._draws[number] = draw
        return draw

    def _draw(self, number):
        """Question `number`; None where the model has no finite answer to it.

        0 is the user's own x and weights. After it come weights drawn anew, x by turns made of the
        user's own values and of standard normal numbers (raw passengers saturate every gate).
        """
        generator = torch.Generator().manual_seed(number)
        x = self.inputs[0]
        another = partial(another_input, feature=self.feature, real=self.real, generator=generator)
        normal = number > 0 and number % 2 == 0
        weights = [drawn_weights(p, generator) for p in self.weights] if number else None
        if number and self.real is None:
            x = another(x, normal=normal)
        elif number:
            # Padding stays as it is: a model may know it by its value.
            real = self.real if self.feature is None else self.real.unsqueeze(self.feature)
            x = torch.where(real.to(x.device), another(x, normal=normal), x)
        try:
            answer = self.pick(self.run(x, weights=weights))
        except Exception:
            if number == 0:
                raise
            return None
        if number and not torch.equal(answer.isfinite(), self.draw(0).answer.isfinite()):
            return None
        return Draw(x, another(x, normal=normal), weights, answer)

    def remembering(self, draw) -> Draw | None:
        """The same question to weights that hold on to far steps; None where there are none.

        An LSTM or GRU forgets half of what it knows at each step, or more, when its weights are
        drawn: after a thousand steps no number of float64 is small enough for what is left.
        """
        gates = memory_gates(self.modules)
        own = draw.weights or [p.detach() for p in self.weights]
        weights = [w.clone() for w in own]
        for parameter, weight in zip(self.weights, weights, strict=True):
            for gate, more in gates.get(id(parameter), ()):
                weight[gate] += more
        return self._asked_again(replace(draw, weights=weights)) if gates else None

    def scaled(self, draw, factor) -> Draw | None:
        """The same question with other sizes of x; None where these are not valid."""
        if not draw.x.is_floating_point():
            return None
        return self._asked_again(replace(draw, x=factor * draw.x))

    def _asked_again(self, draw) -> Draw | None:
        try:
            answer = self.pick(self.run(draw.x, weights=draw.weights))
        except Exception:
            return None
        return replace(draw, answer=answer) if answer.isfinite().all() else None

    def changed(self, draw, where, *, tolerance=None) -> Tensor:
        """Which numbers of the answer change when `where` x is replaced by the other input."""
        answer = self.answer(draw, where)
        tolerance = self.rounding if tolerance is None else tolerance
        return differs(draw.answer, draw.answer if answer is None else answer, tolerance)

    def answer(self, draw, where) -> Tensor | None:
        """The answer to the replaced input; None where that is not valid for this model."""
        try:
            answer = self.pick(self.run(draw.mixed(where), weights=draw.weights))
        except Exception:
            return None
        self.answered += 1
        return answer

    def of_output(self, number: int) -> "Probe":
        """The same probe, asked about another tensor of what the model returns."""
        other = copy.copy(self)
        other._draws, other.pick = {}, lambda output: tensors_in(output)[number]
        return other


def differs(a, b, tolerance=0.0) -> Tensor:
    """Where `a` and `b` differ by more than `tolerance` of their largest number."""
    if a.shape != b.shape:
        return torch.ones(a.shape, dtype=torch.bool)
    if not tolerance or not a.is_floating_point() or not a.numel():
        return ((a != b) & ~((a != a) & (b != b))).cpu()
    largest = torch.maximum(a.abs(), b.abs())
    largest = largest[largest.isfinite()]
    limit = tolerance * (largest.max() if largest.numel() else 0.0)
    return (((a - b).abs() > limit) | (a.isfinite() != b.isfinite())).cpu()
