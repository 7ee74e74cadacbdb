"""See every shape by name: run a model once and list each step with the name of every axis."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache, cached_property, partial

from torch import Tensor

from lstm_helpers._arguments import by_name, true_or_false, what_can_be_asked
from lstm_helpers._running.copies import eagerly, uncompiled, unprinted
from lstm_helpers._running.snapshot import unchanged
from lstm_helpers._running.tensors import check_copies, replace_tensors
from lstm_helpers._running.watch import Watch
from lstm_helpers._tracing import text as _text
from lstm_helpers._tracing.again import Again, Lines
from lstm_helpers._tracing.annotated import Annotated
from lstm_helpers._tracing.comments import Comments, comments, unsure
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

    >>> import torch
    >>> trace = trace_shapes(torch.nn.LSTM(2, 3, batch_first=True), torch.rand(5, 12, 2))
    >>> print(trace.outputs[0])
    batch=5, seq=12, hidden=3
    """

    model: str
    inputs: tuple[NamedShape, ...]
    steps: tuple[Step, ...]
    outputs: tuple[NamedShape, ...]
    error: Exception | None = None

    _again = None  # no field: comparing and copying a trace leaves its model alone

    def __getstate__(self):
        """Without the model: stored, a trace is what it shows."""
        return {k: v for k, v in vars(self).items() if k not in ("_again", "_lines")}

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes on what goes in, on all steps in order, and on what comes out."""
        noted = (*self.inputs, *self.steps, *self.outputs)
        return tuple(note for part in noted for note in part.notes)

    def text(self, *, patterns: bool = False) -> str:
        """What `print` shows; with `patterns` each reshaping also as einops would write it.

        Raises:
            TypeError: `patterns` is neither True nor False.
        """
        return _text.text(self, true_or_false(patterns=patterns))

    def __str__(self):
        return self.text()

    __repr__ = __str__

    def _repr_html_(self):
        return _text.html(self)

    @property
    def lines(self):
        """Each `Line` of the reader's own functions, with what it bound, returned or yielded."""
        return tuple(self._lines.lines)

    def annotated(self) -> Annotated:
        """The model's own source, with shapes behind the lines.

        Shown are the functions of yours that ran, without docstrings: not those of installed
        libraries, which `print(trace)` tells of. A line shows what it binds, changes in place,
        returns or yields. One that ran often says how often, and what varied. If the model raised,
        the source ends at that line, with the shapes that met and the error.

        The model runs once more for it, from the state that it had when it was traced: so a trace
        keeps the model, its inputs and a copy of what they were, weights of more than a million
        numbers aside. If the model goes another way this time, that is said. A tracer that is
        there, such as that of coverage or of a debugger, sees what it always sees.

        A shape comment of yours that agrees gives way to ours; one that `comments()` calls wrong
        stays, behind `# !`.

        Raises:
            ValueError: the trace was stored or copied, and has no model any more.

        >>> import torch
        >>> from torch import nn
        >>> lstm = nn.LSTM(input_size=2, hidden_size=3, batch_first=True)
        >>> def last(x):
        ...     out, _ = lstm(x)
        ...     return out[:, -1]
        >>> trace_shapes(last, torch.rand(5, 12, 2)).annotated()
        last
            def last(x):          # x (batch=5, seq=12, feature=2)
                out, _ = lstm(x)  # out (batch=5, seq=12, hidden=3)
                return out[:, -1] # (batch=5, hidden=3)
        """
        return Annotated(self._lines, self.model, unsure(self))

    def comments(self) -> Comments:
        """The shape comments of the model's own source, and whether they are true.

        Read are `# (batch, seq, hidden)`, `# x: (B, T, C)`, `# [N, 2*H] -> [N, 1]`, `# B x T x C`
        and the like, in the functions of yours that ran. A comment behind a line is about what the
        line binds or returns, after an arrow about the last shape; one on a line of its own about
        the statement below it or else above.

        Wrong is what can't be meant: another number of axes, a batch, seq or layer word on another
        of these axes, a name that is another number in the code, another size where the model
        decides it, two axes in the wrong order. What else does not agree is a question, such as a
        letter that stands for two sizes, a batch size in numbers, or what is true of one run of a
        line only. Of a line that did not run nothing is known.

        A test keeps comments true with `assert not trace_shapes(model, x).comments().wrong`.

        Raises:
            ValueError: there is no source to read, or the trace was stored or copied.

        >>> import torch
        >>> from torch import nn
        >>> lstm = nn.LSTM(input_size=2, hidden_size=3, batch_first=True)
        >>> def last(x):  # (batch, seq, feature)
        ...     out, _ = lstm(x)  # (batch, seq, hidden)
        ...     return out[:, -1]  # (batch, seq)
        >>> found = trace_shapes(last, torch.rand(5, 12, 2)).comments()
        >>> len(found.right), len(found.wrong)
        (2, 1)
        >>> print(found.wrong[0].why)
        axis 1 is hidden=3, not seq
        """
        lines = self._lines
        if not lines.codes:
            raise ValueError(_no_source(self.model, lines.without))
        return comments(lines.lines, unsure(self))

    @cached_property
    def _lines(self) -> Lines:
        if self._again is None:
            raise ValueError(
                "this trace was stored or copied, and its model did not come along, which has to "
                "run again to show its source: call trace_shapes(model, x) here."
            )
        return self._again.lines(self)

    def plot(self, ax=None):
        """Draw it: tensors as blocks, layers as arrows; returns the Axes."""
        from lstm_helpers.plots.trace import plot_trace

        return plot_trace(self, ax=ax)


def _no_source(model, without: dict[str, str]) -> str:
    """What to do where no own function has a source."""
    if not without:
        return (
            f"{model} runs no code of yours, and comments are read from the source of the "
            f"functions that run: call trace_shapes with the model whose forward has the comments."
        )
    name, reason = next(iter(without.items()))
    return (
        f"the comments of {name.rpartition('<locals>.')[2]} can't be read: {reason}. Then call "
        f"trace_shapes(model, x).comments() again."
    )


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
    trace ends with the error. What can't be put back: names that it binds anew in a file or a class
    (`global n`), files, iterators, and what is inside other libraries.

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
        TypeError: `model` can't be called, `axes` or `output` is no text and no list of texts, or
            `kwargs` no dict with names.
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
    model, kwargs = uncompiled(what_can_be_asked(model)), by_name(kwargs)
    check_copies(inputs, kwargs, numbers=False)
    words = Words(model, inputs, kwargs, axes, output)
    run = partial(_run, model, inputs, kwargs, words)
    with unchanged(model, *inputs, kwargs) as snapshot, eagerly():
        trace = run(Recorder(words.inputs), snapshot)
    snapshot.forget_large_weights()
    object.__setattr__(trace, "_again", Again(run, words.inputs, snapshot))
    return trace


def _run(model, inputs, kwargs, words, recorder, snapshot, frames=None) -> ShapeTrace:
    """Call the model under a recorder, and where lines are wanted, under `frames`."""
    watch = Watch(model, listener=recorder, snapshot=snapshot)
    copied = cache(_copy)  # what is one tensor stays one: query, key and value
    copies, named = (replace_tensors(given, copied) for given in ([*inputs], kwargs))
    error = result = None
    try:
        with unprinted(), watch, frames or nullcontext():
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
