"""See every shape by name: run a model once and list each step with the name of every axis."""

import inspect
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO

from torch import Tensor, nn

from lstm_helpers._tracing import text as _text
from lstm_helpers._tracing.axes import name_of, sizes_of
from lstm_helpers._tracing.call import Event
from lstm_helpers._tracing.einops import pattern
from lstm_helpers._tracing.nested import named_tensors, replace_tensors
from lstm_helpers._tracing.recorder import Recorder
from lstm_helpers._tracing.state import unchanged


@dataclass(frozen=True)
class NamedShape:
    """A shape and the name of each axis; `label` says which tensor: `x`, `h_n`, or nothing."""

    label: str
    names: tuple[str, ...]
    sizes: tuple[int, ...]

    def __str__(self):
        pairs = zip(self.names, self.sizes, strict=True)
        return ", ".join(name if name == "1" else f"{name}={size}" for name, size in pairs)


@dataclass(frozen=True)
class Note:
    """Something to know about a step, in words.

    `kind` is one of "merges", "splits", "cuts across", "picks", "windows", "unbatched", "reads"
    (a layer reads an axis as something else than its name says, which may be meant), "disagrees"
    (the same, and it can't be meant) and "error".
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    """One module, or one operation that changes axes.

    `path` is the module's path in the model ("encoder.lstm"), for an operation that of the module
    whose code does it. `operation` is the module's class or the call (`view(-1, 3)`).
    """

    path: str
    operation: str
    inputs: tuple[NamedShape, ...]
    outputs: tuple[NamedShape, ...]
    pattern: str | None
    notes: tuple[Note, ...]
    is_module: bool


@dataclass(frozen=True, repr=False)
class ShapeTrace:
    """What `trace_shapes` saw: `print` it, show it in a notebook, or `.plot()` it.

    Attributes:
        model: the class of the model, or the function's name.
        inputs, outputs: the named shapes that went in and came out.
        steps: every `Step` in order.
        error: what the model raised, if it did; the last step is where.
    """

    model: str
    inputs: tuple[NamedShape, ...]
    steps: tuple[Step, ...]
    outputs: tuple[NamedShape, ...]
    error: Exception | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes of all steps in order."""
        return tuple(note for step in self.steps for note in step.notes)

    def __str__(self):
        return _text.text(self)

    __repr__ = __str__

    def _repr_html_(self):
        return _text.html(self)

    def plot(self, ax=None):
        """Draw it: tensors as blocks, layers as arrows; returns the Axes."""
        from lstm_helpers.plots.trace import plot_trace

        return plot_trace(self, ax=ax)


def trace_shapes(model, *inputs, axes: str | Iterable[str | None] | None = None) -> ShapeTrace:
    """Run `model(*inputs)` once and list every step with its shape and the name of every axis.

    Names are carried through the operations, not guessed from sizes. They come from the first
    layer that reads an axis, or from `axes`. What can't be known is printed as `?`, and an axis of
    size 1 that an operation added as `1`. The last axis of what Linear, Embedding or Conv1d give is
    a `feature` (PyTorch's out_features) until another layer reads it as something else.

    The model runs in the mode it is in. Its hooks, mode, gradients, buffers and attributes, and the
    random generators, are afterwards as before. What it prints is not shown. If it raises, the
    trace ends with the error.

    Args:
        model: a module, or any callable on tensors.
        inputs: what the model is called with.
        axes: the names of the first input's axes, `"batch seq feature"`; for several inputs a list
            with one such text for each tensor, or None where you don't know.

    Raises:
        TypeError: `model` can't be called.
        ValueError: `axes` does not fit the inputs.

    >>> import torch
    >>> from torch import nn
    >>> lstm = nn.LSTM(input_size=2, hidden_size=3, batch_first=True)
    >>> trace = trace_shapes(lambda x: lstm(x)[0][:, -1], torch.rand(5, 12, 2))
    >>> print(trace)  # doctest: +SKIP
    >>> print(trace.outputs[0])
    batch=5, hidden=3

    Source: the names follow torch.nn's documentation of each layer. Operations are seen by
    `torch.overrides.TorchFunctionMode`.
    """
    if not callable(model):
        raise TypeError(
            f"model is {model!r} of type {type(model).__name__}, which can't be called: pass a "
            f"module or a function of tensors. Try trace_shapes(model, x) with the model first."
        )
    tensors = list(named_tensors(list(inputs)))
    given = _given_axes(axes, [x for _, x in tensors])
    with unchanged() as snapshot:
        snapshot.add(model)
        recorder = Recorder(model, snapshot.add)
        names = _argument_names(model, len(inputs))
        copies = [replace_tensors(x, _copy) for x in inputs]
        entering = [e for pair in zip(names, copies, strict=True) for e in recorder.enter(*pair)]
        for (_, named), axis_names in zip(entering, given, strict=True):
            for axis, name in zip(named, axis_names or (), strict=False):
                axis[0].label.bind(name, "axes=")
        error = result = None
        try:
            with redirect_stdout(StringIO()), recorder.watching():
                result = model(*copies)
        except Exception as raised:
            error = raised
        leaving = recorder.named(result, "output")
        steps = [_step(event) for event in recorder.events]
        if error is not None:
            steps.append(_last_step(recorder, error))
    return ShapeTrace(
        model=getattr(model, "__name__", type(model).__name__),
        inputs=_shapes(entering),
        steps=tuple(steps),
        outputs=_shapes(leaving),
        error=error,
    )


def _given_axes(axes, tensors) -> list[list[str] | None]:
    """The caller's names for each input tensor, checked against its shape."""
    texts = [axes] if axes is None or isinstance(axes, str) else list(axes)
    if len(texts) > max(len(tensors), 1):
        raise ValueError(
            f"axes has {len(texts)} texts, {texts}, but the model gets {len(tensors)} input "
            f"tensors: give one text for each tensor, in their order."
        )
    given = [text and text.split() for text in texts] + [None] * (len(tensors) - len(texts))
    for position, (names, x) in enumerate(zip(given, tensors, strict=False)):
        if names and len(names) != x.dim():
            raise ValueError(
                f"input {position} is {tuple(x.shape)}: {x.dim()} axes, but axes gives it "
                f"{len(names)} names ({' '.join(names)!r}): give each axis one name."
            )
    return given[: len(tensors)]


def _copy(x: Tensor) -> Tensor:
    """The model may write into its input; the caller's tensor stays as it is."""
    return x.detach().clone().requires_grad_(x.requires_grad)


def _argument_names(model, count: int) -> list[str]:
    function = model.forward if isinstance(model, nn.Module) else model
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"input[{i}]" for i in range(len(names), count))][:count]


def _shapes(named) -> tuple[NamedShape, ...]:
    return tuple(NamedShape(at, tuple(map(name_of, axes)), sizes_of(axes)) for at, axes in named)


def _step(event) -> Step:
    einops = pattern(event.inputs[0][1], event.outputs[0][1]) if event.reshapes else None
    notes = ((kind, text()) for kind, text in event.notes)
    return Step(
        path=event.path,
        operation=event.operation,
        inputs=_shapes(event.inputs),
        outputs=_shapes(event.outputs),
        pattern=einops,
        notes=tuple(Note(kind, text) for kind, text in notes if text),
        is_module=event.is_module,
    )


def _last_step(recorder, error) -> Step:
    noted, event = recorder.failed or (None, None)
    if noted is not error:
        event = Event("", "", [])
    step = _step(replace(event, outputs=[]))
    message = f"{type(error).__name__}: {error}"
    return replace(step, pattern=None, notes=(*step.notes, Note("error", message)))
