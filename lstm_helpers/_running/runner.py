"""A model that can be run again and again, always from the same state.

Every run starts from the same state, in eval mode, with the same random numbers. Where a copy is
possible it is one of a copy, in float64.
"""

import copy
from contextlib import ExitStack, contextmanager, nullcontext

import torch

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
from lstm_helpers._running.tensors import replace_tensors
from lstm_helpers._running.watch import Watch

# A softmax by hand subtracts the largest score of all: that changes the last bits, no more.
ROUNDING, ROUNDING_IN_FLOAT32 = 1e-12, 1e-5


class Runner:
    """Runs a model on variations of `inputs` and leaves everything as it was.

    `exact` says whether it asks a float64 copy; `copied`, whether it asks a copy at all.

    Args:
        model: any callable; its own error is raised where it can't run on `inputs`.
        kwargs: keyword arguments that go along with each question.
        double: ask a float64 copy where there is one; else a copy in the caller's own dtype.
    """

    def __init__(self, model, inputs, *, kwargs=None, double=True):
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
