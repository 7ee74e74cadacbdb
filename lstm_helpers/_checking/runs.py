"""Does the model run on these inputs, and again where it is asked?"""

from torch import nn

from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, sentence, verdicts
from lstm_helpers._running.copies import unheard
from lstm_helpers._running.probe import fresh
from lstm_helpers._running.snapshot import unchanged
from lstm_helpers._running.watch import Listener, Watch

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


def raises(model, inputs, kwargs, error) -> Finding:
    """The model's own error, on the inputs as they came."""
    says = f"The model raises {type(error).__name__} on these inputs: {sentence(error)}"
    cause, repair = _why_it_stops(model, inputs, kwargs)
    return wrong(says, cause, repair or "trace_shapes(model, x) shows every shape up to there.")


def cannot_be_asked(error) -> Finding:
    """It raises on a copy in eval mode only."""
    return question(
        "The model runs, but not where it is asked again, in eval mode with the same random "
        f"numbers: there it raises {type(error).__name__}: {sentence(error)}"
    )


@never_in_the_way
def _why_it_stops(model, inputs, kwargs) -> Why:
    """A layer that is given the pair which a recurrent one returns."""
    stopped = Stopped()
    with unchanged(model, *inputs, kwargs) as snapshot, unheard():
        watch = Watch(model, snapshot=snapshot, listener=stopped)
        try:
            with watch:
                watch.call(model, fresh(inputs), fresh(kwargs or {}))
        except Exception:  # the one that is told of
            pass
    given = stopped.given[0] if stopped.given else None
    maker = stopped.maker(given) if isinstance(given, tuple) else None
    if not isinstance(maker, nn.RNNBase):
        return Why()
    who, whose = (f"{type(m).__name__}{_in(watch.path(m))}" for m in (stopped.module, maker))
    return Why(
        f"{who} is given the pair (output, states) that {whose} returns.",
        "take the output alone, out, _ = lstm(x), in a module of its own within nn.Sequential.",
    )


def _in(path):
    return f" in {path}" if path else ""
