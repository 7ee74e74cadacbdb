"""Does the model run on these inputs, and again where it is asked?"""

from torch import nn

from lstm_helpers._checking.beside import names_beside
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, sentence, verdicts
from lstm_helpers._running.copies import unheard
from lstm_helpers._running.runner import fresh
from lstm_helpers._running.snapshot import unchanged
from lstm_helpers._running.tensors import tensors_in
from lstm_helpers._running.watch import Listener, Watch
from lstm_helpers._tracing.axes import UNKNOWN
from lstm_helpers._tracing.recorder import Recorder
from lstm_helpers._tracing.steps import shapes
from lstm_helpers._tracing.words import words

_, wrong, question = verdicts("runs")


class Stopped(Listener):
    """The innermost module that raised, what it was given, and which module returned that."""

    def __init__(self):
        self.module, self.given = None, ()
        self._inside, self._returned = [], {}
        self._kept = []

    def enter_module(self, module, args):
        self._inside.append(args)

    def leave_module(self, module, result, error):
        given = self._inside.pop()
        if error is not None and self.module is None:
            self.module, self.given = module, given
        if error is None:
            self._kept.append(result)  # else its id would be lent to another result
            self._returned.setdefault(id(result), module)

    def maker(self, result) -> nn.Module | None:
        """The innermost module that returned this very object."""
        return self._returned.get(id(result))


def raises(case: Case, error) -> Finding:
    """The model's own error, on the inputs as they came."""
    says = f"The model raises {type(error).__name__} on these inputs: {sentence(error)}"
    why = _a_pair_for_a_tensor(case)
    if not why.cause:
        why = _what_met(case)
    given = "x" if len(case.inputs) == 1 else "*inputs"
    up_to_there = f"trace_shapes(model, {given}) shows every shape up to there."
    return wrong(says, why.cause, why.repair or up_to_there)


def cannot_be_asked(error) -> Finding:
    """It raises on a copy in eval mode only."""
    return question(
        "The model runs, but not where it is asked again, in eval mode with the same random "
        f"numbers: there it raises {type(error).__name__}: {sentence(error)}"
    )


@never_in_the_way
def _a_pair_for_a_tensor(case) -> Why:
    """A layer that is given the pair which a recurrent one returns."""
    stopped = Stopped()
    watch, _ = _watched(case, stopped)
    given = stopped.given[0] if stopped.given else None
    maker = stopped.maker(given) if isinstance(given, tuple) else None
    if not isinstance(maker, nn.RNNBase):
        return Why()
    who, whose = (f"{type(m).__name__}{_in(watch.path(m))}" for m in (stopped.module, maker))
    return Why(
        f"{who} is given the pair (output, states) that {whose} returns.",
        "take the output alone, out, _ = lstm(x), in a module of its own within nn.Sequential.",
    )


@never_in_the_way
def _what_met(case) -> Why:
    """The layer or function that raised, and the shapes that it was given."""
    beside = (names_beside(case, x) for x in tensors_in([*case.inputs[1:], case.kwargs]))
    recorder = Recorder(map(words, (case.names, *beside)))
    _, error = _watched(case, recorder)
    event = recorder.failed_at(error)
    if event is None or not event.inputs:
        return Why()
    met = " and ".join(map(_named, shapes(event.inputs)))
    return Why(f"{event.operation}{_in(event.path)} is given {met}.")


def _watched(case, listener) -> tuple[Watch, Exception | None]:
    """The watch of one run as it came, and what that raised."""
    model, inputs, kwargs = case.model, case.inputs, case.kwargs
    with unchanged(model, *inputs, kwargs) as snapshot, unheard():
        watch = Watch(model, snapshot=snapshot, listener=listener)
        try:
            with watch:
                watch.call(model, fresh(inputs), fresh(kwargs))
        except Exception as error:
            return watch, error
    return watch, None


def _named(shape) -> str:
    """`(batch=5, seq=12)`; an axis without a name is a number."""
    pairs = zip(shape.names, shape.sizes, strict=True)
    axes = (str(size) if name in ("1", UNKNOWN) else f"{name}={size}" for name, size in pairs)
    return f"({', '.join(axes)})"


def _in(path):
    return f" in {path}" if path else ""
