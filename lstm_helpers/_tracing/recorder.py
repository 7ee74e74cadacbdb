"""Watch a model run: every torch function and every module call, with the axes of each tensor."""

import sys
from contextlib import contextmanager

from torch import Tensor, nn
from torch.nn.modules import module as nn_module
from torch.overrides import TorchFunctionMode

from lstm_helpers._tracing import notes
from lstm_helpers._tracing.axes import Axes, new_axis, sizes_of
from lstm_helpers._tracing.call import Call, Event, Marks
from lstm_helpers._tracing.nested import named_tensors, tensors_in

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
STATES = {"LSTM": ("output", "h_n", "c_n"), "LSTMCell": ("h", "c")}
STATES |= dict.fromkeys(["GRU", "RNN"], ("output", "h_n"))


class Recorder(TorchFunctionMode):
    """Inside `with recorder.watching():`, steps are added to `events` as they happen."""

    def __init__(self, model, before_module):
        super().__init__()
        named = model.named_modules() if isinstance(model, nn.Module) else ()
        self.paths = {module: path for path, module in named}
        self.before_module = before_module
        self.events: list[Event] = []
        self.failed: tuple[BaseException, Event] | None = None
        self.open: list[tuple[nn.Module, Event | None]] = []
        self.marks = Marks()
        self.own_axes = {}
        self.first_step = {}
        self.labels = {}
        self._axes: dict[int, tuple[Tensor, Axes]] = {}

    @contextmanager
    def watching(self):
        hooks = [
            nn_module.register_module_forward_pre_hook(self._enter_module),
            nn_module.register_module_forward_hook(self._leave_module, always_call=True),
        ]
        try:
            with self:
                yield
        finally:
            for hook in hooks:
                hook.remove()

    # Axes of tensors

    def axes(self, x: Tensor) -> Axes:
        _, axes = self._axes.get(id(x), (None, None))
        if axes is None or sizes_of(axes) != tuple(x.shape):
            axes = tuple(new_axis(size) for size in x.shape)
            self.give(x, axes)
        return axes

    def give(self, x: Tensor, axes: Axes):
        self._axes[id(x)] = (x, axes)  # the tensor is held, so that its id stays its own

    def enter(self, name, value):
        """An input of the model: `x[:, 0]` is then shown with its name."""
        self.labels |= {id(x): at for at, x in named_tensors(value, name)}
        return self.named(value, name)

    def named(self, value, name="") -> list[tuple[str, Axes]]:
        return [(at, self.axes(x)) for at, x in named_tensors(value, name)]

    # Modules

    @property
    def inside_step(self) -> Event | None:
        return next((event for _, event in self.open if event), None)

    @property
    def path(self) -> str:
        return next((p for m, _ in self.open[::-1] if (p := self.paths.get(m))), "")

    def reader(self, function: str) -> str:
        """Who is reading, for the notes: the layer's path and class, or the function's name."""
        module = self.open[-1][0] if self.open else None
        if module is None or not is_layer(module):
            return function.strip("_")
        return self.paths.get(module) or type(module).__name__

    def _enter_module(self, module, args):
        self.before_module(module)
        event = None
        if not self.inside_step and is_layer(module):
            path, kind = self.paths.get(module, ""), type(module).__name__
            event = Event(path, kind, self.named(args), is_module=True)
            x = args[0] if args else None
            if isinstance(module, nn.RNNBase) and isinstance(x, Tensor) and x.dim() == 2:
                event.notes.append(notes.unbatched(self.axes(x)))
        self.open.append((module, event))

    def _leave_module(self, module, args, result):
        error = sys.exc_info()[1]
        if result is None and error is not None:
            self._note_failure(error)
        _, event = self.open.pop()
        if event and result is not None:
            event.outputs = self.named(result)
            kind = next((c.__name__ for c in type(module).__mro__ if c.__name__ in STATES), None)
            if kind and len(STATES[kind]) == len(event.outputs):
                outputs = zip(STATES[kind], event.outputs, tensors_in(result), strict=False)
                for at, (name, (_, axes), x) in enumerate(outputs):
                    event.outputs[at] = (name, axes)
                    self.labels[id(x)] = name
            self.events.append(event)

    # Functions

    def __torch_function__(self, func, types, args=(), kwargs=None):
        call = Call(self, func, args, kwargs or {})
        try:
            result = func(*args, **call.kwargs)
        except Exception as error:
            self._note_failure(error, call.event())
            raise
        if call.tensors and (tensors_in(result) or call.name == "__setitem__"):
            call.follow(result)
            step = self.inside_step
            if step:
                step.notes += call.notes
            elif call.changes_axes(result):
                self.events.append(call.event(result))
        return result

    def _note_failure(self, error, event=None):
        """Remember the innermost step that raised: an outer one sees the same error later."""
        if self.failed and self.failed[0] is error:
            return
        event = self.inside_step or event or Event(self.path, "", [])
        self.failed = (error, event)


def is_layer(module) -> bool:
    """torch.nn's own layers and what derives from them; containers are looked into instead."""
    builtin = next(c for c in type(module).__mro__ if c.__module__.startswith("torch.nn."))
    return builtin is not nn.Module and not isinstance(module, CONTAINERS)
