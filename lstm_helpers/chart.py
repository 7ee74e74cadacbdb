"""Which inputs each output depends on: the chart that shapes can't draw."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lstm_helpers._arguments import by_name, one_of, what_can_be_asked
from lstm_helpers._charting.asked import Asked
from lstm_helpers._checking.layout import axis_names
from lstm_helpers._progress import progress
from lstm_helpers._running.copies import with_sizes
from lstm_helpers._running.tensors import check_copies


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

    >>> import torch
    >>> from torch import nn
    >>> lstm = nn.LSTM(2, 3, batch_first=True)
    >>> found = dependencies(lambda x: lstm(x)[0], torch.rand(5, 4, 2))
    >>> found.is_causal, found.mixes_samples
    (True, False)
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
        known = self.output_axes
        if isinstance(output_axis, str) and output_axis == "hidden" and "hidden" not in known:
            output_axis = "target"
        advice = "the axes are {}: name one of them"
        return self._ask(
            one_of(known, "no axis", advice, output_axis=output_axis),
            one_of(self.input_axes, "no axis", advice, input_axis=input_axis),
        )

    def plot(self, ax=None, *, names=None, ahead=None):
        """Draw the chart of steps; returns the matplotlib `Axes`.

        Args:
            names: one name for each input step, for example months: a list, an array or an index.
            ahead: how many steps after output step t its target lies, 1 where y is x shifted by a
                step: a diamond marks `x[:, t + ahead]` in each row t. On a dark square, the model
                reads its own answer.

        Raises:
            TypeError: `ax` is no Axes, `names` are none, or `ahead` is no whole number.
            ValueError: there are more or fewer names than steps; `ahead` is less than 1, or the
                chart has no output at every input step.

        >>> import torch
        >>> from torch import nn
        >>> found = dependencies(nn.Linear(2, 1), torch.rand(5, 12, 2))
        >>> [len(targets.get_xdata()) for targets in found.plot(ahead=1).lines]
        [11]
        """
        from lstm_helpers.plots.dependencies import plot_dependencies

        return plot_dependencies(self, ax=ax, names=names, ahead=ahead)

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
        TypeError: the model can't be called; the first input or the model's result is no tensor, or
            x is complex; `axes` are no names, or `kwargs` no dict with names.
        Exception: what the model itself raises where it can't run on these inputs.

    How: copies of a sample are put side by side in a batch, and each is asked for another step. A
    cell is `#` where a gradient shows it (in a float64 copy: in float32 they fade to zero over 200
    steps), or a step replaced by another valid one or a ten times larger one. It is `.` where NaN
    in the input never arrives. NaN arrives in more than depends (0 * NaN in a mask), is refused or
    swallowed by some models, and integers have none: there a cell is `.` where eight draws or more,
    asked in full, show nothing, and what they show elsewhere stays far from the smallest numbers;
    else it is `?`. A chart that is too large to be asked in full has such cells, too.

    >>> import torch
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
    model, kwargs = what_can_be_asked(model), by_name(kwargs)
    names = axis_names(inputs[0] if inputs else None, axes)
    check_copies(inputs, kwargs, numbers=True)
    model = with_sizes(model, inputs, kwargs)
    with progress("dependencies", "runs") as step:
        return _chart_of(Asked(model, inputs, kwargs, names, step))


def _chart_of(asked: Asked) -> Dependencies:
    seq, batch = asked.settle()
    return Dependencies(
        seq=seq.seen.numpy(),
        batch=batch.seen.numpy() if batch else None,
        input_axes=tuple(asked.names),
        output_axes=tuple(asked.layout.names),
        way="gradient" if asked.gradients else "replacement",
        unsettled=seq.unsettled.numpy(),
        unsettled_batch=batch.unsettled.numpy() if batch else None,
        branches=asked.branches,
        _ask=lambda out, into: asked.between(out, into).seen.numpy(),
    )


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
