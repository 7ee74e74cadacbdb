"""A model that can be asked the same question again and again.

Every answer starts from the same state, in eval mode, with the same random numbers. Where a copy
is possible the questions go to a copy in float64, whose weights may be drawn anew: a head that
starts at zero or a ReLU that happens to be closed then hides no dependency.
"""

import copy
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from lstm_helpers._running.copies import (
    InFloat64,
    ThroughDetach,
    eagerly,
    in_float64,
    uncompiled,
    unheard,
    whole_copy,
)
from lstm_helpers._running.generators import generators_drawn_from
from lstm_helpers._running.snapshot import (
    Snapshot,
    same_surroundings,
    unchanged,
)
from lstm_helpers._running.tensors import first_tensor, replace_tensors, tensors_in
from lstm_helpers._running.variations import another_input, drawn_weights, memory_gates
from lstm_helpers._running.watch import Watch

# A softmax by hand subtracts the largest score of all: that changes the last bits, no more.
ROUNDING, ROUNDING_IN_FLOAT32 = 1e-12, 1e-5
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


class Probe:
    """Runs a model on variations of `inputs` and leaves everything as it was.

    `exact` says whether it asks a float64 copy; `copied`, whether it asks a copy at all.

    Args:
        model: any callable; its own error is raised where it can't run on `inputs`.
        feature: which axis of the first input holds variables.
        real: where the first input is no padding, without its feature axis.
        kwargs: keyword arguments that go along with each question.
        double: ask a float64 copy where there is one; else a copy in the caller's own dtype.
    """

    def __init__(self, model, inputs, *, feature=None, real=None, kwargs=None, double=True):
        self.feature, self.real = feature, real
        self.pick, self.answered = first_tensor, 0
        self._draws = {}
        model, given = uncompiled(model), (inputs, kwargs or {})
        with torch.inference_mode(False):
            caller = Snapshot(model, *given)
            for make in (in_float64, whole_copy) if double else (whole_copy,):
                try:
                    self._settle(*make(model, given, caller), caller, made_by=make)
                    return
                except Exception:  # a closure, `from_numpy` inside, a device without float64
                    pass
            self._settle(model, given, caller)

    def _settle(self, model, given, caller: Snapshot, made_by=None):
        """Ask this model from now on, in eval mode, if it runs."""
        self.model, (self.inputs, self.kwargs) = model, given
        self.exact, self.copied = made_by is in_float64, made_by is not None
        outside = Snapshot(model, *given) if self.copied else caller
        # What a copy shares with the original is put back: a list that a hook of both fills.
        self._caller = Snapshot(*outside.common(caller)) if self.copied else caller
        known = len(outside.modules)
        try:
            self._start_in_eval_mode(outside)
            self.run(watch=Watch(model, snapshot=outside))
            if len(outside.modules) > known:  # reached in ways that only a run shows
                if self.copied:
                    raise TypeError("a module is not copied with the model that calls it")
                outside.restore()
                self._start_in_eval_mode(outside)
                self.run()
        except Exception:
            outside.restore()
            raise
        finally:
            self._caller.restore()

    def _start_in_eval_mode(self, outside: Snapshot):
        for module in reversed(outside.modules):
            module.eval()  # the outermost last: its own `eval` may say otherwise
        self._start = Snapshot(self.model, *outside.modules)

    @property
    def modules(self):
        """Every module of the model that is asked, outermost first."""
        return self._start.modules

    @property
    def rounding(self) -> float:
        """By how much of the largest number answers may differ that mean the same."""
        return ROUNDING if self.exact else ROUNDING_IN_FLOAT32

    @property
    def faintest(self) -> float:
        """What may be rounding, but is no proof that nothing changes: in float32 every bit counts.

        Far steps fade in float32 to less than what rounding does elsewhere.
        """
        return ROUNDING if self.exact else 0.0

    @property
    def opaque(self) -> bool:
        """Whether a part of the model is TorchScript, which no watch can look into."""
        scripted = (torch.jit.ScriptModule, torch.jit.ScriptFunction)
        return any(isinstance(part, scripted) for part in (self.model, *self.modules))

    @property
    def weights(self):
        """The trainable parameters, which a draw may replace (in an original, for one run)."""
        own = {id(p): p for m in self.modules for p in m.parameters(recurse=False)}
        return [p for p in own.values() if p.requires_grad]

    def watch(self, *, keep_values=False, listener=None) -> Watch:
        """For `run(watch=...)`: records the calls, with the paths of this model's modules."""
        root = next(iter(self.modules), None)
        return Watch(root, keep_values=keep_values, listener=listener)

    def run(
        self,
        x=None,
        *,
        weights=None,
        seed=0,
        before=None,
        train=False,
        watch=None,
        grad=False,
        then=None,
        others=None,
    ):
        """Everything the model returns for `x` in the place of its first input.

        Args:
            weights: values for `self.weights`, else the model's own.
            seed: for torch, numpy and random, as `same_generators` takes it.
            before: an input that the model is called with first; the second answer counts.
            train: training mode instead of eval mode.
            watch: a mode that sees the torch functions called.
            grad: record gradients; "through" also where the model says `detach` or `no_grad`.
            then: what to make of the output, while the weights are still those of the run.
            others: (inputs after the first, keyword arguments) in the place of its own.
        """
        others = others or (self.inputs[1:], self.kwargs)
        questions = [q for q in (before, self.inputs[0] if x is None else x) if q is not None]
        with self._quiet(seed, grad), self._set_up(weights, train):
            with ExitStack() as modes:
                through = ThroughDetach() if grad == "through" else None
                for mode in (InFloat64() if self.exact else None, through, watch):
                    if mode is not None:
                        modes.enter_context(mode)
                for question in questions:
                    first = question if grad else question.clone()
                    more, kwargs = fresh(others)
                    inputs = [first, *more]
                    output = (
                        watch.call(self.model, inputs, kwargs)
                        if watch
                        else self.model(*inputs, **kwargs)
                    )
            with InFloat64() if self.exact else nullcontext():
                return then(output) if then else output

    def draws_from(self) -> list[str]:
        """The generators that one run takes numbers from: "torch", "numpy", "random"."""
        drawn, real = [], self.model

        def watched(*given, **named):
            result = []
            drawn.extend(generators_drawn_from(lambda: result.append(real(*given, **named))))
            return result[0]

        self.model = watched
        try:
            self.run()
        finally:
            self.model = real
        return drawn

    @contextmanager
    def _quiet(self, seed, grad):
        """The same surroundings for each run; nothing is printed, and nothing warned of."""
        with (
            same_surroundings(seed),
            unheard(),
            torch.inference_mode(False),
            torch.set_grad_enabled(bool(grad)),
            eagerly(),
            # cuDNN has no backward pass for a recurrent layer in eval mode.
            torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled and not grad),
        ):
            if self.exact:
                torch.set_default_dtype(torch.float64)
            yield

    @contextmanager
    def _set_up(self, weights, train):
        """The model as it was at the start, with these weights, in this mode."""
        try:
            self._start.restore()
            for parameter, value in zip(self.weights, weights or (), strict=False):
                parameter.data.copy_(value)
            for module in self.modules if train else ():
                module.train()
            yield
        finally:
            self._caller.restore()

    def changed_attributes(self) -> list[str]:
        """What the last run left changed in the copy; in the original nothing stays changed."""
        paths = {id(m): name for root in self.modules[:1] for name, m in root.named_modules()}
        changed = self._start.changed_attributes()
        return [".".join(filter(None, (paths.get(id(m), ""), key))) for m, key in changed]

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


def error_as_it_came(model, inputs, kwargs=None) -> Exception | None:
    """What the model raises as its owner calls it: in its own mode, dtype and mode of gradients."""
    with unchanged(model, *inputs, kwargs) as snapshot, unheard(), eagerly():
        try:
            with Watch(model, snapshot=snapshot):
                model(*fresh(inputs), **fresh(kwargs or {}))
        except Exception as error:
            return error
    return None


def fresh(part):
    """A copy for one call; what can't be copied is handed over as it is."""
    own = replace_tensors(part, lambda x: x.detach().clone().requires_grad_(x.requires_grad))
    try:
        return copy.deepcopy(own)
    except Exception:
        return own


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
