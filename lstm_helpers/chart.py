"""Which inputs each output depends on: the chart that shapes can't draw."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from lstm_helpers._checking.layout import Layout, axis_names, find_layout, only, reduce_to
from lstm_helpers._running.copies import with_sizes
from lstm_helpers._running.probe import Probe
from lstm_helpers._running.tensors import first_tensor

DRAWS, MOST_DRAWS = 2, 16


@dataclass(frozen=True, repr=False)
class Dependencies:
    """What `dependencies` found. Printed, it is a chart: `#` depends, `.` does not.

    Attributes:
        seq: (steps out, steps in) bool; one row where the output has no axis of steps.
        batch: (samples out, samples in) bool; one row where the output has no axis of samples,
            `None` where the input has none.
        input_axes, output_axes: the name of every axis; the output's were found by probing.
        way: "gradient" (in a float64 copy) or "replacement" (of steps and samples).
    """

    seq: np.ndarray
    batch: np.ndarray | None
    input_axes: tuple[str, ...]
    output_axes: tuple[str, ...]
    way: str
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
        if self.batch is None:
            return False
        if "batch" not in self.output_axes:
            return bool(self.batch.sum() > 1)
        return bool((self.batch & ~np.eye(*self.batch.shape, dtype=bool)).any())

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
            names: one name for each input step, for example months.
        """
        from lstm_helpers.plots.dependencies import plot_dependencies

        return plot_dependencies(self, ax=ax, names=names)

    def __str__(self):
        out = next((n for n in ("seq", "horizon") if n in self.output_axes), None)
        lines = [f"steps out ({out or 'one'}) from steps in (seq)", *_chart(self.seq)]
        if self.batch is not None:
            lines += ["samples out from samples in (batch)", *_chart(self.batch)]
        yes = {True: "yes", False: "no"}
        lines.append(f"causal: {yes[self.is_causal]} · mixes samples: {yes[self.mixes_samples]}")
        return "\n".join(lines)

    __repr__ = __str__


def dependencies(model, *inputs, axes: str = "batch seq feature") -> Dependencies:
    """Find which inputs each output of `model` depends on.

    A dependency is one of the construction, not of this moment's numbers: several inputs are
    tried and, where the model can be copied, several draws of its weights. The model is asked in
    eval mode and is afterwards as before.

    Args:
        model: any callable on tensors. Of several results the first tensor counts.
        *inputs: what the model takes. The first one is varied: (batch, seq, feature), or what
            `axes` says.
        axes: one name for each axis of the first input, one of them "seq".

    Returns:
        `Dependencies`, with `.seq` (steps out, steps in) and `.batch` (samples out, samples in).

    Raises:
        ValueError: `axes` does not fit the first input.
        TypeError: the first input or the model's result is no tensor.

    How: gradients in a float64 copy (in float32 they fade to zero over 200 steps); a callable
    that has no copy, integer inputs and rounded answers have one step or one sample replaced by
    another valid one, and bits are compared.

    >>> from torch import nn
    >>> lstm = nn.LSTM(2, 3, batch_first=True)
    >>> print(dependencies(lstm, torch.rand(2, 4, 2)))
    steps out (seq) from steps in (seq)
      1 #...
      2 ##..
      3 ###.
      4 ####
    samples out from samples in (batch)
      1 #.
      2 .#
    causal: yes · mixes samples: no
    """
    names = axis_names(inputs[0] if inputs else None, axes)
    feature = names.index("feature") if "feature" in names else None
    probe = Probe(with_sizes(model, inputs), inputs, feature=feature)
    layout = find_layout(probe, names, probe.draw(0))
    way = by_gradient if _has_gradient(probe) else by_replacement

    def ask(output_axis, input_axis):
        out = layout.names.index(output_axis) if output_axis else None
        return way(probe, layout, out, names.index(input_axis)).numpy()

    return Dependencies(
        seq=ask(layout.names[layout.steps] if layout.steps is not None else None, "seq"),
        batch=ask("batch" if layout.batch is not None else None, "batch")
        if "batch" in names
        else None,
        input_axes=tuple(names),
        output_axes=tuple(layout.names),
        way="gradient" if way is by_gradient else "replacement",
        _ask=ask,
    )


def by_gradient(probe: Probe, layout: Layout, out: int | None, into: int) -> Tensor:
    """(places out, places in): where the gradient of a place of the output is not zero."""

    def one(draw):
        x = draw.x.clone().requires_grad_()
        y = layout(first_tensor(probe.run(x, weights=draw.weights, grad="through")))
        # Different factors, so that equal and opposite gradients don't cancel.
        numbers = torch.Generator().manual_seed(0)
        y = y * torch.rand(y.shape, generator=numbers, dtype=y.dtype).to(y.device)
        totals = (
            y.movedim(out, 0).reshape(y.shape[out], -1).sum(1)
            if out is not None
            else y.sum().reshape(1)
        )
        rows = [torch.autograd.grad(total, x, retain_graph=True)[0] for total in totals]
        return torch.stack([reduce_to(row != 0, into) for row in rows]).cpu()

    return _over_draws(probe, one)


def by_replacement(probe: Probe, layout: Layout, out: int | None, into: int) -> Tensor:
    """(places out, places in): which places of the output change with a place of the input."""

    def one(draw):
        size, columns = draw.x.shape[into], []
        for place in range(size):
            changed = layout(
                probe.changed(draw, only(size, place, into, draw.x.ndim), tolerance=0.0)
            )
            columns.append(reduce_to(changed, out) if out is not None else changed.any().reshape(1))
        return torch.stack(columns, dim=1)

    return _over_draws(probe, one)


def _over_draws(probe, one):
    """The union over several draws; over more of them while a place seems to depend on nothing."""
    found = torch.zeros(1, 1, dtype=torch.bool)
    for number in range(MOST_DRAWS):
        if (draw := probe.draw(number)) is not None:
            found = found | one(draw)
        if number + 1 >= DRAWS and found.any(1).all():
            break
    return found


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


def _chart(rows):
    width = len(str(len(rows)))
    return [
        f"  {i:>{width}} " + "".join("#" if seen else "." for seen in row)
        for i, row in enumerate(rows, 1)
    ]
