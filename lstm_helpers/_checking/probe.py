"""A model that can be asked the same question again and again.

Every answer starts from the same state, in eval mode, with the same random numbers. Where a copy
is possible the questions go to a copy in float64, whose weights may be drawn anew: a head that
starts at zero or a ReLU that happens to be closed then hides no dependency.
"""

import copy
import io
import warnings
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext, redirect_stdout
from dataclasses import dataclass, fields, is_dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence
from torch.overrides import TorchFunctionMode

from lstm_helpers._checking.remember import Remembered, same_surroundings
from lstm_helpers._checking.variations import another_input, drawn_weights

# A softmax by hand subtracts the largest score of all: that changes the last bits, no more.
ROUNDING = 1e-12


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
    """Runs `model` on variations of `inputs` and leaves everything as it was.

    `exact` says whether it asks a float64 copy; `copied`, whether it asks a copy at all.
    Raises what the model raises on its own inputs.
    """

    def __init__(self, model, inputs, *, feature=None, real=None):
        self.feature, self.real = feature, real
        self._draws = {}
        attempts = (_in_float64, lambda *both: copy.deepcopy(both), lambda *both: both)
        for self.exact, attempt in zip((True, False, False), attempts, strict=True):
            try:
                self.model, self.inputs = attempt(model, inputs)
                self._outside = Remembered(self.model)
                self.copied = not _share_modules(self._outside, Remembered(model))
                for module in reversed(self._outside.modules):
                    module.eval()  # the outermost last: its own `eval` may say otherwise
                self._start = Remembered(self.model)
                self.run()
                return
            except Exception:
                # No such copy (a closure, `from_numpy` inside, a device without float64):
                # ask with less, and at last let the model's own error speak.
                if attempt is attempts[-1]:
                    raise
            finally:
                if attempt is attempts[-1]:
                    self._outside.restore()

    @property
    def modules(self):
        """Every module of the model that is asked, outermost first."""
        return self._start.modules

    @property
    def weights(self):
        """The trainable parameters, which a draw may replace (in an original, for one run)."""
        own = {id(p): p for m in self.modules for p in m.parameters(recurse=False)}
        return [p for p in own.values() if p.requires_grad]

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
    ):
        """Everything the model returns for `x` in the place of its first input.

        Args:
            weights: values for `self.weights`, else the model's own.
            seed: for torch, numpy and random.
            before: an input that the model is called with first; the second answer counts.
            train: training mode instead of eval mode.
            watch: a mode that sees the torch functions called.
            grad: record gradients; "through" also where the model says `detach` or `no_grad`.
            then: what to make of the output, while the weights are still those of the run.
        """
        x = self.inputs[0] if x is None else x
        with ExitStack() as stack:
            stack.enter_context(same_surroundings(seed))
            stack.enter_context(warnings.catch_warnings(action="ignore"))
            stack.enter_context(redirect_stdout(io.StringIO()))
            stack.enter_context(torch.inference_mode(False))
            stack.enter_context(torch.set_grad_enabled(bool(grad)))
            if self.exact:
                torch.set_default_dtype(torch.float64)
                stack.enter_context(_InFloat64())
            if not self.copied:
                stack.callback(self._outside.restore)
            self._start.restore()
            for parameter, value in zip(self.weights, weights or (), strict=False):
                parameter.data.copy_(value)
            for module in self.modules if train else ():
                module.train()
            with _Through() if grad == "through" else nullcontext(), watch or nullcontext():
                for one in (x,) if before is None else (before, x):
                    first = one if one.requires_grad else one.clone()
                    output = self.model(first, *copy.deepcopy(self.inputs[1:]))
            return then(output) if then else output

    def changed_attributes(self) -> list[str]:
        """What the last run left changed in the copy; in the original nothing stays changed."""
        paths = {id(m): name for root in self.modules[:1] for name, m in root.named_modules()}
        changed = self._start.changed_attributes()
        return [".".join(filter(None, (paths.get(id(m), ""), key))) for m, key in changed]

    def draw(self, number) -> Draw | None:
        """`_draw`, each number once."""
        if number not in self._draws:
            self._draws[number] = self._draw(number)
        return self._draws[number]

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
            answer = first_tensor(self.run(x, weights=weights))
        except Exception:
            if number == 0:
                raise
            return None
        if not torch.isfinite(answer).all() and number:
            return None
        return Draw(x, another(x, normal=normal), weights, answer)

    def changed(self, draw, where, *, tolerance=ROUNDING) -> Tensor:
        """Which numbers of the answer change when `where` x is replaced by the other input."""
        answer = self.answer(draw, where)
        return differs(draw.answer, draw.answer if answer is None else answer, tolerance)

    def answer(self, draw, where) -> Tensor | None:
        """The answer to the replaced input; None where that is not valid for this model."""
        try:
            return first_tensor(self.run(draw.mixed(where), weights=draw.weights))
        except Exception:
            return None


def differs(a, b, tolerance=0.0) -> Tensor:
    """Where `a` and `b` differ by more than `tolerance` of their largest number."""
    if a.shape != b.shape:
        return torch.ones(a.shape, dtype=torch.bool)
    if not tolerance or not a.is_floating_point() or not a.numel():
        return ((a != b) & ~((a != a) & (b != b))).cpu()
    return ((a - b).abs() > tolerance * torch.maximum(a.abs(), b.abs()).max()).cpu()


def first_tensor(output) -> Tensor:
    """The first tensor of what a model returns: `yhat` of `(yhat, state)`, the first of a dict."""
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output, batch_first=True)[0]
    if isinstance(output, Tensor):
        return output
    if isinstance(output, Mapping):
        output = tuple(output.values())
    elif is_dataclass(output):
        output = tuple(getattr(output, field.name) for field in fields(output))
    for part in output if isinstance(output, list | tuple) else ():
        if part is not None:  # as a loss is that was not asked for
            return first_tensor(part)
    raise TypeError(
        f"the model returned {type(output).__name__}, but dependencies are those of a tensor: "
        "return a tensor, or a tuple, list, dict or dataclass that starts with one."
    )


class _InFloat64(TorchFunctionMode):
    """Copies tensors into float64 and keeps the model from going back to float32."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is Tensor.__deepcopy__:
            # The usual copy refuses tensors with a history: a kept state, a normed weight.
            tensor = args[0].detach().clone()
            return tensor.double() if tensor.is_floating_point() else tensor
        if func is Tensor.float:
            func = Tensor.double
        swap = {torch.float32: torch.float64}
        args = tuple(swap.get(a, a) if isinstance(a, torch.dtype) else a for a in args)
        kwargs = {k: swap.get(v, v) if k == "dtype" else v for k, v in (kwargs or {}).items()}
        return func(*args, **kwargs)


class _Through(TorchFunctionMode):
    """Lets gradients pass where the model stops them: the values depend on it all the same."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is Tensor.detach or getattr(func, "__self__", None) is Tensor.data:
            return args[0]
        if getattr(func, "__name__", "") == "_set_grad_enabled":
            return None
        return func(*args, **(kwargs or {}))


def _in_float64(model, inputs):
    with _InFloat64():
        twin, inputs = copy.deepcopy((model, inputs))
    found = Remembered(twin)
    if _share_modules(found, Remembered(model)):
        raise TypeError("a function is not copied with the model that it calls")
    for module in found.modules:
        for parameter in module.parameters(recurse=False):
            if parameter.is_floating_point():
                parameter.data = parameter.data.double()
    return twin, inputs


def _share_modules(one, two):
    return not {id(m) for m in one.modules}.isdisjoint(id(m) for m in two.modules)
