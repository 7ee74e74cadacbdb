"""Which inputs each output depends on: the chart that shapes can't draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from lstm_helpers._charting.asking import NotApartError, SideBySide, Whole
from lstm_helpers._charting.bounds import CHEAP, DRAWS, Bounds, Search, price_of, samples_apart
from lstm_helpers._charting.progress import progress
from lstm_helpers._checking.fewer import few_samples
from lstm_helpers._checking.layout import axis_names, find_layout
from lstm_helpers._running.branches import decides_by_values
from lstm_helpers._running.copies import with_sizes
from lstm_helpers._running.probe import ROUNDING, Probe
from lstm_helpers._running.tensors import first_tensor


@dataclass(frozen=True, repr=False)
class Dependencies:
    """What `dependencies` found. Printed, it is a chart: `#` depends, `.` does not.

    A cell that nothing settles is `?`: no value that was tried shows that it depends, and nothing
    shows that it can't. In `seq` and `batch`, and in what follows from these, it counts as not
    depending.

    Attributes:
        seq: (steps out, steps in) bool; one row where the output has no axis of steps.
        batch: (samples out, samples in) bool; one row where the output has no axis of samples,
            `None` where the input has none.
        input_axes, output_axes: the name of every axis; the output's were found by probing.
        way: "gradient" (in a float64 copy) or "replacement" (of steps and samples).
        unsettled: as `seq`; which of its cells nothing settles.
        unsettled_batch: as `batch`; the same for samples.
        branches: whether the model turned a number made of x into one of Python's, as `if` does:
            another x may take another way, and depend otherwise.
    """

    seq: np.ndarray
    batch: np.ndarray | None
    input_axes: tuple[str, ...]
    output_axes: tuple[str, ...]
    way: str
    unsettled: np.ndarray
    unsettled_batch: np.ndarray | None
    branches: bool
    _ask: object = field(repr=False, compare=False)

    @property
    def is_causal(self) -> bool:
        """Whether step t of the output uses inputs up to t only.

        Steps that are fewer than the input's are aligned at the newest. An output without one step
        per input step, say a forecast of the steps after the window, has nothing later to look at.
        """
        if "seq" not in self.output_axes:
            return True
        return not np.triu(self.seq, k=1).any()

    @property
    def mixes_samples(self) -> bool:
        """Whether an output of one sample depends on another sample."""
        if self.batch is not None and "batch" not in self.output_axes:
            return bool(self.batch.sum() > 1)
        return bool(_off_diagonal(self.batch).any())

    def between(self, output_axis: str, input_axis: str) -> np.ndarray:
        """The same question for any two axes: (places out, places in) bool.

        Args:
            output_axis: one of `output_axes`; "hidden" is understood as "target", the last axis.
            input_axis: one of `input_axes`.

        Raises:
            ValueError: there is no such axis.

        >>> import torch
        >>> from torch import nn
        >>> lstm = nn.LSTM(2, 3, bidirectional=True, batch_first=True)
        >>> last = lambda x: lstm(x)[0][:, -1]
        >>> dependencies(last, torch.rand(5, 12, 2)).between("hidden", "seq")[[0, 3]].astype(int)
        array([[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
               [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]])
        """
        if output_axis == "hidden" and "hidden" not in self.output_axes:
            output_axis = "target"
        for name, known in ((output_axis, self.output_axes), (input_axis, self.input_axes)):
            if name not in known:
                raise ValueError(
                    f"no axis {name!r}: the axes are {', '.join(known)}: name one of them."
                )
        return self._ask(output_axis, input_axis)

    def plot(self, ax=None, *, names=None):
        """Draw the chart of steps; returns the matplotlib `Axes`.

        Args:
            names: one name for each input step, for example months: a list, an array or an index.
        """
        from lstm_helpers.plots.dependencies import plot_dependencies

        return plot_dependencies(self, ax=ax, names=names)

    def __str__(self):
        out = next((n for n in ("seq", "horizon") if n in self.output_axes), None)
        lines = [
            f"steps out ({out or 'one'}) from steps in (seq)",
            *_chart(self.seq, self.unsettled),
        ]
        if self.batch is not None:
            lines += [
                "samples out from samples in (batch)",
                *_chart(self.batch, self.unsettled_batch),
            ]
        later = int(np.triu(self.unsettled, k=1).sum()) if "seq" in self.output_axes else 0
        causal = f"yes{_so_far(later)}" if self.is_causal else "no"
        between = int(_off_diagonal(self.unsettled_batch).sum())
        mixes = "yes" if self.mixes_samples else f"no{_so_far(between)}"
        lines.append(f"causal: {causal} · mixes samples: {mixes}")
        if self.branches:
            lines.append("a branch on values was seen: another x may depend otherwise")
        return "\n".join(lines)

    __repr__ = __str__


def dependencies(
    model, *inputs, axes: str | Sequence[str] = "batch seq feature", kwargs: dict | None = None
) -> Dependencies:
    """Find which inputs each output of `model` depends on.

    A dependency is one of the construction, not of this moment's numbers: several inputs are
    tried and, where the model can be copied, several draws of its weights. The model is asked in
    eval mode and is afterwards as before, but for what `trace_shapes` can't put back either.

    Args:
        model: any callable on tensors. Of several results the first tensor counts.
        *inputs: what the model takes. The first one is varied: (batch, seq, feature), or what
            `axes` says.
        axes: one name for each axis of the first input, one of them "seq": text, or a list.
        kwargs: keyword arguments that the model gets with each question.

    Returns:
        `Dependencies`, with `.seq` (steps out, steps in) and `.batch` (samples out, samples in),
        and `.unsettled`, the cells of `.seq` that could not be told.

    Raises:
        ValueError: `axes` does not fit the first input.
        TypeError: the first input or the model's result is no tensor, or x is complex.

    How: copies of a sample are put side by side in a batch, and each is asked for another step. A
    cell is `#` where a gradient shows it (in a float64 copy: in float32 they fade to zero over 200
    steps), or a step replaced by another valid one or a ten times larger one. It is `.` where NaN
    in the input never arrives. NaN arrives in more than depends (0 * NaN in a mask), is refused or
    swallowed by some models, and integers have none: there a cell is `.` where eight draws or more,
    asked in full, show nothing, and what they show elsewhere stays far from the smallest numbers;
    else it is `?`. A chart that is too large to be asked in full has such cells, too.

    >>> from torch import nn
    >>> lstm = nn.LSTM(2, 3, batch_first=True)
    >>> print(dependencies(lstm, torch.rand(2, 4, 2)))
    steps out (seq) from steps in (seq)
      0 #...
      1 ##..
      2 ###.
      3 ####
    samples out from samples in (batch)
      0 #.
      1 .#
    causal: yes · mixes samples: no
    """
    if not callable(model):
        raise TypeError(
            f"model is {model!r} of type {type(model).__name__}, which can't be called: pass a "
            "module or a function of tensors, and then what it is called with."
        )
    names = axis_names(inputs[0] if inputs else None, axes)
    model = with_sizes(model, inputs, kwargs)
    with progress() as step:
        return _Asked(model, inputs, kwargs or {}, names, step).chart()


class _Asked:
    """A model that is asked for charts: steps of a few samples, side by side where it can be."""

    def __init__(self, model, inputs, kwargs, names, step):
        self.names, self.step = names, step
        self.batch = names.index("batch") if "batch" in names else None
        self.all = model, inputs, kwargs
        self.few = few_samples(model, inputs, kwargs, self.batch)
        if self.few:
            inputs, kwargs = self.few.inputs, self.few.kwargs
        feature = names.index("feature") if "feature" in names else None
        self.probe = Probe(model, inputs, feature=feature, kwargs=kwargs)
        self.layout = find_layout(self.probe, names, self.probe.draw(0))
        self.gradients = _has_gradient(self.probe)
        self.branches = decides_by_values(self.probe)
        self.apart = False
        x = inputs[0]
        self.samples = x.shape[self.batch] if self.batch is not None else 1
        self.price = price_of(x, self.samples, x.shape[names.index("seq")])
        self.plain = self._in_own_dtype(model, inputs, kwargs) or self.probe

    def _in_own_dtype(self, model, inputs, kwargs) -> Probe | None:
        """A copy that is faster than the float64 one, where both can be had."""
        if not self.probe.exact:
            return None
        try:
            plain = Probe(model, inputs, kwargs=kwargs, double=False)
        except Exception:  # this model runs in float64 only
            return None
        return plain if plain.copied else None

    def chart(self) -> Dependencies:
        layout = self.layout
        batch = self._of_samples() if self.batch is not None else None
        if batch is not None and layout.batch is not None:
            self.apart = not _off_diagonal((batch.seen | batch.unsettled).numpy()).any()
        out = layout.names[layout.steps] if layout.steps is not None else None
        seq = self.between(out, "seq")
        return Dependencies(
            seq=seq.seen.numpy(),
            batch=batch.seen.numpy() if batch else None,
            input_axes=tuple(self.names),
            output_axes=tuple(layout.names),
            way="gradient" if self.gradients else "replacement",
            unsettled=seq.unsettled.numpy(),
            unsettled_batch=batch.unsettled.numpy() if batch else None,
            branches=self.branches,
            _ask=lambda out, into: self.between(out, into).seen.numpy(),
        )

    def between(self, output_axis: str | None, input_axis: str) -> Bounds:
        """(places out, places in) of two axes."""
        if input_axis == "batch" and output_axis in ("batch", None):
            return self._of_samples()
        out = self.layout.names.index(output_axis) if output_axis else None
        into = self.names.index(input_axis)
        among_samples = self.batch in (into,) or (out is not None and out == self.layout.batch)
        if self.apart and not among_samples:
            try:
                asker = SideBySide(
                    self.probe, self.layout, out, into, batch=self.batch, chosen=self._chosen(out)
                )
                return self._search(asker, self.price * asker.samples)
            except NotApartError:
                pass
        asker = Whole(self.probe, self.layout, out, into)
        return self._search(asker, self.price * self.samples)

    def _search(self, asker, price, *, plain=None, gradients=None, tolerance=None) -> Bounds:
        exact = 64 * torch.finfo(torch.float64).eps if self.probe.exact else 0.0
        return Search(
            asker,
            plain or self.plain,
            gradients=self.gradients if gradients is None else gradients,
            tolerance=exact if tolerance is None else tolerance,
            price=price,
            branches=self.branches,
            step=self.step,
        ).result()

    def _chosen(self, out) -> Tensor:
        """All samples of a small batch; of a larger one, that in which most steps are seen."""
        rows = self.layout.shape[out] if out is not None else 1
        if self.price * self.samples * rows <= CHEAP / 4:
            return torch.arange(self.samples)
        if not self.gradients:
            return torch.arange(self.samples if len(self.all[1]) > 1 or self.all[2] else 1)
        draw = self.probe.draw(0)
        x = draw.x.clone().requires_grad_()
        y = first_tensor(self.probe.run(x, weights=draw.weights, grad="through"))
        gradient = torch.autograd.grad(y.sum(), x)[0].movedim(self.batch, 0)
        return (gradient != 0).flatten(1).sum(1).argmax().cpu().reshape(1)

    def _of_samples(self) -> Bounds:
        """(samples out, samples in), or one row."""
        into, layout = self.batch, self.layout
        if self.few is None:
            asker = Whole(self.probe, layout, layout.batch, into)
            cheap = self.price * self.samples**2 <= CHEAP
            return self._search(
                asker,
                self.price * self.samples,
                gradients=self.gradients and cheap,
                tolerance=ROUNDING,
            )
        model, inputs, kwargs = self.all
        probe = Probe(model, inputs, kwargs=kwargs, double=False, feature=self.probe.feature)
        samples = inputs[0].shape[into]
        layout = layout.of(samples)
        if (found := samples_apart(probe, layout, into, self.step)) is not None:
            alive, tight = found
            itself = torch.eye(samples, dtype=torch.bool)
            return Bounds(itself & alive, ~itself & (not tight) | itself & ~alive)
        shape = tuple(layout(first_tensor(probe.run())).shape)
        asker = Whole(probe, replace(layout, shape=shape), layout.batch, into)
        return self._search(
            asker, self.price * samples, plain=probe, gradients=False, tolerance=ROUNDING
        )


def _has_gradient(probe):
    """Whether gradients tell: a rounded answer has zeros, and depends on x all the same."""
    if not (probe.exact and probe.inputs[0].is_floating_point()):
        return False
    try:
        return all(_tells(probe, d) for d in map(probe.draw, range(DRAWS)) if d is not None)
    except Exception:  # `.numpy()`, `inference_mode`, integer results: there is no gradient
        return False


def _tells(probe, draw):
    x = draw.x.clone().requires_grad_()
    y = first_tensor(probe.run(x, weights=draw.weights, grad="through"))
    gradient = torch.autograd.grad(y.sum(), x)[0]
    if gradient.any():
        return gradient.isfinite().all()
    return not probe.changed(draw, torch.ones_like(x, dtype=torch.bool)).any()


def _off_diagonal(cells):
    """The cells between two different samples; where there are no samples, none."""
    if cells is None:
        return np.zeros((0, 0), dtype=bool)
    return cells & ~np.eye(*cells.shape, dtype=bool)


def _so_far(unsettled):
    cells = "1 cell" if unsettled == 1 else f"{unsettled} cells"
    return f", as far as was seen ({cells} unsettled)" if unsettled else ""


def _chart(rows, unsettled):
    width = len(str(len(rows) - 1))
    return [
        f"  {i:>{width}} "
        + "".join("#" if a else "?" if b else "." for a, b in zip(*row, strict=True))
        for i, row in enumerate(zip(rows, unsettled, strict=True))
    ]
