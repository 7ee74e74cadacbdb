"""A listener that gives every tensor named axes, and notes the steps worth a line."""

import torch
from torch import Tensor, nn

from lstm_helpers._running.calls import OPAQUE, Call
from lstm_helpers._running.debug import let_through
from lstm_helpers._running.tensors import named_tensors, tensors_in
from lstm_helpers._running.watch import Listener
from lstm_helpers._tracing import notes
from lstm_helpers._tracing.axes import Axes, apart, new_axis, sizes_of
from lstm_helpers._tracing.call import Marks, NamedCall
from lstm_helpers._tracing.inputs import entering
from lstm_helpers._tracing.shift import Shifts
from lstm_helpers._tracing.steps import Event

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
STATES = {"LSTM": ("output", "h_n", "c_n"), "LSTMCell": ("h", "c")}
STATES |= dict.fromkeys(["GRU", "RNN"], ("output", "h_n"))


class Recorder(Listener):
    """Steps are added to `events` as they happen; where the model raises, `failed_at` is the step.

    A rule that fails leaves axes without a name, and the trace goes on.

    Args:
        words: for each tensor that goes in a (name, who says so) pair for each axis, or None.
    """

    def __init__(self, words=()):
        self.inputs: list[tuple[str, Axes]] = []
        self.events: list[Event] = []
        self.marks = Marks()
        self.shifts = Shifts()
        self.own_axes = {}
        self.first_step = {}
        self.labels = {}
        self._failure: tuple[BaseException, Event] | None = None
        self._running: list[Event | None] = []
        self._pending: dict[Call, NamedCall] = {}
        self._axes: dict[int, tuple[Tensor, Axes]] = {}
        self._sources: dict[int, frozenset] = {}
        self._words = iter(words)

    def start(self, model, inputs, kwargs):
        """`x[:, 0]` of an input is shown with its name, and its axes have the caller's names."""
        for position, (at, x) in enumerate(tensors := entering(model, inputs, kwargs)):
            self.labels[id(x)] = at
            self._sources[id(x)] = frozenset({(None, position)})
            for axis, word in zip(self.axes(x), next(self._words, None) or (), strict=False):
                if word:
                    axis[0].label.bind(*word)
        self.inputs = [(at, self.axes(x)) for at, x in tensors]

    def failed_at(self, error: BaseException) -> Event | None:
        """The innermost step that raised this error."""
        noted, event = self._failure or (None, None)
        return event if noted is error else None

    # What a tensor's axes are, and where it comes from

    def axes(self, x: Tensor) -> Axes:
        _, axes = self._axes.get(id(x), (None, None))
        if axes is None or sizes_of(axes) != tuple(x.shape):
            axes = tuple(new_axis(size) for size in x.shape)
            self.give(x, axes)
        return axes

    def give(self, x: Tensor, axes: Axes):
        self._axes[id(x)] = (x, apart(axes))  # the tensor is held, so that its id stays its own

    def named(self, value, name="") -> list[tuple[str, Axes]]:
        return [(at, self.axes(x)) for at, x in named_tensors(value, name)]

    def sources(self, call: Call) -> frozenset:
        """The (event, output) pairs whose numbers a call reads."""
        return frozenset() if call.is_new else self._read(call.tensors)

    def _read(self, tensors):
        return frozenset().union(*(self._sources.get(id(x), ()) for x in tensors))

    def _add(self, event, results):
        self.events.append(event)
        for i, x in enumerate(results):
            self._sources[id(x)] = frozenset({(event, min(i, len(event.outputs) - 1))})

    # Modules

    @property
    def inside_step(self) -> Event | None:
        return next((event for event in self._running if event), None)

    def reader(self, function: str) -> str:
        """Who is reading, for the notes: the layer's path and class, or the function's name."""
        module = self.watch.inside[-1] if self.watch.inside else None
        if module is None or not is_layer(module):
            return function.strip("_")
        return self.watch.path(module) or type(module).__name__

    def enter_module(self, module, args):
        event = None
        if not self.inside_step and is_layer(module):
            event = Event(self.watch.path(module), "", self.named(args), is_module=True)
            event.sources = self._read(tensors_in(args))
            x = args[0] if args else None
            if isinstance(module, nn.RNNBase) and isinstance(x, Tensor) and x.dim() == 2:
                event.notes.append(notes.unbatched(self.axes(x)))
        self._running.append(event)

    def leave_module(self, module, result, error):
        event = self._running[-1]
        if event:
            event.operation = class_name(module)  # by now a lazy layer is what it became
        if error is not None:
            self._note_failure(error)
        self._running.pop()
        if event and result is not None:
            event.outputs = self.named(result)
            kind = next((c.__name__ for c in type(module).__mro__ if c.__name__ in STATES), None)
            if kind and len(STATES[kind]) == len(event.outputs):
                event.outputs = [
                    (name, axes)
                    for name, (_, axes) in zip(STATES[kind], event.outputs, strict=True)
                ]
                for name, x in zip(STATES[kind], tensors_in(result), strict=True):
                    self.labels[id(x)] = name
            self._add(event, tensors_in(result))

    # Functions

    def before(self, call):
        if not any(map(nn.parameter.is_lazy, call.tensors)):
            self._pending[call] = NamedCall(self, call)

    def failed(self, call, error):
        named = self._pending.pop(call, None)
        self._note_failure(error, named and named.event())

    def after(self, call, result):
        named = self._pending.pop(call, None)
        if not (named and call.tensors and call.results):
            return
        event = None
        try:
            named.follow(result)
            if self.inside_step:
                self.inside_step.notes += named.notes
            elif named.changes_axes():
                event = named.event(result)
            self.shifts.follow(named, event, call.results[0])
        except Exception:
            let_through()
        if event:
            self._add(event, call.results)
            return
        for x in call.results:
            self._sources[id(x)] = named.sources

    def _note_failure(self, error, event=None):
        """Remember the innermost step that raised: an outer one sees the same error later."""
        if self._failure and self._failure[0] is error:
            return
        self._failure = (error, self.inside_step or event or Event(self.watch.path(), "", []))


def class_name(module) -> str:
    if isinstance(module, torch.jit.ScriptModule):
        return f"{OPAQUE} {module.original_name}"
    return type(module).__name__


def is_layer(module) -> bool:
    """torch.nn's own layers and what derives from them; containers are looked into instead."""
    if isinstance(module, torch.jit.ScriptModule):
        return True  # nothing of what it does is seen
    builtin = next(c for c in type(module).__mro__ if c.__module__.startswith("torch.nn."))
    return builtin is not nn.Module and not isinstance(module, CONTAINERS)
