"""See every shape by name: run a model once and list each step with the name of every axis."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from torch import Tensor

from lstm_helpers._running.copies import eagerly, uncompiled, unprinted
from lstm_helpers._running.snapshot import unchanged
from lstm_helpers._running.tensors import replace_tensors
from lstm_helpers._running.watch import Watch
from lstm_helpers._tracing import text as _text
from lstm_helpers._tracing.recorder import Recorder
from lstm_helpers._tracing.steps import NamedShape, Note, Step, failed_step, steps
from lstm_helpers._tracing.words import Words


@dataclass(frozen=True, repr=False)
class ShapeTrace:
    """What `trace_shapes` saw: `print` it, show it in a notebook, or `.plot()` it.

    `.text(patterns=True)` adds a line in einops notation to each reshaping.

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
        """The notes on what goes in, on all steps in order, and on what comes out."""
        noted = (*self.inputs, *self.steps, *self.outputs)
        return tuple(note for part in noted for note in part.notes)

    def text(self, *, patterns: bool = False) -> str:
        """What `print` shows; with `patterns` each reshaping also as einops would write it."""
        return _text.text(self, patterns)

    def __str__(self):
        return self.text()

    __repr__ = __str__

    def _repr_html_(self):
        return _text.html(self)

    def plot(self, ax=None):
        """Draw it: tensors as blocks, layers as arrows; returns the Axes."""
        from lstm_helpers.plots.trace import plot_trace

        return plot_trace(self, ax=ax)


def trace_shapes(
    model,
    *inputs,
    axes: str | Iterable[str | None] | None = None,
    output: str | Iterable[str | Iterable[str] | None] | None = None,
    kwargs: Mapping | None = None,
) -> ShapeTrace:
    """Run `model(*inputs)` once and list every step with its shape and the name of every axis.

    Names are carried through the operations, not guessed from sizes. They come from `axes`, from
    annotations as in `forward(self, x: Float[Tensor, "batch seq feature"])` (jaxtyping's, or
    `Annotated[Tensor, "batch seq feature"]`), or from the first layer that reads an axis. What
    can't be known is printed as `?`, and an axis of size 1 that an operation added as `1`. The last
    axis of what Linear, Embedding or Conv1d give is a `feature` (PyTorch's out_features) until
    another layer reads it as something else; those of Conv2d and Conv3d are a `channel`. Where two
    axes of a tensor have one name, the second is numbered: the attention that each step pays to
    each step is (batch, seq, seq2).

    What comes out is called as `output` says, or the annotation of what is returned: `target` and
    not `feature`. So are the parts that it is made of, in all steps: a linear layer before
    `view(batch, horizon, target)` gives (batch, horizon*target). Only a name that a layer or `axes`
    gave stays in the steps, and a note says so. Another note says where the run contradicts an
    annotation.

    The model runs in the mode it is in. Its hooks, mode, gradients, buffers and attributes, and the
    random generators, are afterwards as before. What it prints is not shown. If it raises, the
    trace ends with the error.

    Args:
        model: a module, or any callable on tensors.
        inputs: what the model is called with.
        axes: the names of the first input's axes, `"batch seq feature"`; for several inputs a list
            with one such text for each tensor, or None where you don't know. `?` stands for one
            name that you don't know.
        output: the same for what comes out, `"batch horizon target"`; for several tensors a list
            of such texts, or of lists of names, in the order in which they are returned.
        kwargs: arguments by name; their tensors come after `inputs`.

    Raises:
        TypeError: `model` can't be called, or `axes` or `output` is no text and no list of texts.
        ValueError: `axes` does not fit the inputs, or `output` what comes out: there are more or
            fewer names than axes, more texts than tensors, or two axes of one name in `output`.

    >>> import torch
    >>> from torch import nn
    >>> lstm = nn.LSTM(input_size=2, hidden_size=3, batch_first=True)
    >>> trace = trace_shapes(lambda x: lstm(x)[0][:, -1], torch.rand(5, 12, 2))
    >>> print(trace)  # doctest: +SKIP
    >>> print(trace.outputs[0])
    batch=5, hidden=3
    >>> linear = nn.Linear(3, 28)  # 7 steps ahead, 4 targets
    >>> forecast = lambda x: linear(lstm(x)[0][:, -1]).view(5, 7, 4)
    >>> print(trace_shapes(forecast, torch.rand(5, 12, 2), output="batch horizon target"))
    <lambda>
      x              (5, 12, 2)  batch=5, seq=12, feature=2
      LSTM
          output     (5, 12, 3)  batch=5, seq=12, hidden=3
          h_n        (1, 5, 3)   layer=1, batch=5, hidden=3
          c_n        (1, 5, 3)   layer=1, batch=5, hidden=3
      output[:, -1]  (5, 3)      batch=5, hidden=3
      Linear         (5, 28)     batch=5, horizon*target=28
      view(5, 7, 4)  (5, 7, 4)   batch=5, horizon=7, target=4
          horizon*target=28 is cut into 7 × 4.
      output         (5, 7, 4)   batch=5, horizon=7, target=4

    Source: the names follow torch.nn's documentation of each layer. Operations are seen by
    `torch.overrides.TorchFunctionMode`.
    """
    if not callable(model):
        raise TypeError(
            f"model is {model!r} of type {type(model).__name__}, which can't be called: pass a "
            f"module or a function of tensors. Try trace_shapes(model, x) with the model first."
        )
    model, kwargs = uncompiled(model), dict(kwargs or {})
    words = Words(model, inputs, kwargs, axes, output)
    with unchanged(model, *inputs, kwargs) as snapshot, eagerly():
        recorder = Recorder(words.inputs)
        watch = Watch(model, listener=recorder, snapshot=snapshot)
        copied = cache(_copy)  # what is one tensor stays one: query, key and value
        copies, named = (replace_tensors(given, copied) for given in ([*inputs], kwargs))
        error = result = None
        try:
            with unprinted(), watch:
                result = watch.call(model, copies, named)
        except Exception as raised:
            error = raised
        leaving = recorder.named(result, "output")
        outputs = words.of_output(result, leaving, recorder.inputs) if error is None else ()
        seen = steps(recorder.events)
        if error is not None:
            seen.append(failed_step(recorder.failed_at(error), error, recorder.events))
    return ShapeTrace(
        model=getattr(model, "__name__", type(model).__name__),
        inputs=words.of_inputs(recorder.inputs),
        steps=tuple(seen),
        outputs=outputs,
        error=error,
    )


def _copy(x: Tensor) -> Tensor:
    """The model may write into its input; the caller's tensor stays as it is."""
    return x.detach().clone().requires_grad_(x.requires_grad)
