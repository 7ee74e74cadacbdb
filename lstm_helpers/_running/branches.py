"""Does a model decide by values of its input what to compute?"""

from lstm_helpers._running.debug import let_through
from lstm_helpers._running.probe import Probe
from lstm_helpers._running.watch import Listener

# How a number leaves a tensor for Python, which may then go one way or another.
DECIDE = {"__bool__", "__int__", "__float__", "__index__", "item", "tolist", "numpy", "__array__"}


class _FromInput(Listener):
    """Follows what is made of the first input."""

    def __init__(self):
        self.made: set[int] = set()
        self.decided = False

    def start(self, model, inputs, kwargs):
        self.kept = inputs[0]  # so that no other tensor gets its id
        self.made.add(id(inputs[0]))

    def after(self, call, result):
        if any(id(t) in self.made for t in call.tensors):
            self.decided |= call.name in DECIDE
            self.made.update(map(id, call.results))


def decides_by_values(probe: Probe) -> bool:
    """Whether a number that was computed from x is turned into one of Python's, as `if` does.

    What compiled or scripted code does is not seen.
    """
    listener = _FromInput()
    try:
        probe.run(watch=probe.watch(listener=listener))
    except Exception:  # it ran without being watched
        let_through()
    return listener.decided
