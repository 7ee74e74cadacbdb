"""Where windows begin in the rows of a table, and which rows are theirs."""

import numpy as np
import torch

from lstm_helpers._steps import Step, does_not_fit
from lstm_helpers._tables import Table
from lstm_helpers._typing import Tensor


class Starts:
    """The rows where windows begin, all series one after the other.

    Args:
        stretches: rows without a gap, in order: the row where the first window begins, how many
            windows begin there, and the number of the series.
        stride: rows between the starts of two windows.
    """

    def __init__(self, stretches: list[tuple[int, int, int]], stride: int):
        first, counts, series = zip(*stretches, strict=True)
        self.first, self.stride = torch.tensor(first), stride
        self.bounds = torch.tensor((0, *counts)).cumsum(0)
        self._series = torch.tensor(series)

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def rows(self, number: int | Tensor) -> Tensor:
        """Where windows begin, given their numbers."""
        number = torch.as_tensor(number)
        if len(self.first) == 1:
            return self.first[0] + number * self.stride
        stretch = self._stretch(number)
        return self.first[stretch] + (number - self.bounds[stretch]) * self.stride

    def series(self, number: Tensor) -> Tensor:
        """Which series windows are cut from, given their numbers."""
        return self._series[self._stretch(number)]

    def views(self, rows: Tensor, shift: int) -> list[Tensor]:
        """Of what is given for each row, what stands `shift` rows after the starts, by stretch."""
        counts, first = self.bounds.diff().tolist(), (self.first + shift).tolist()
        return [
            rows[start : start + (count - 1) * self.stride + 1 : self.stride]
            for start, count in zip(first, counts, strict=True)
        ]

    def _stretch(self, number: Tensor) -> Tensor:
        return torch.bucketize(number, self.bounds[1:], right=True)


def stretches(table: Table, windows) -> list[tuple[int, int]]:
    """Where in a series windows of these sizes begin, and how many: once, or after each gap.

    Raises:
        ValueError: the series is too short, or `freq` does not fit it.
    """
    seq_len, gap, horizon = windows.seq_len, windows.gap, windows.horizon
    needed, rows = seq_len + gap + horizon, len(table.values)
    cuts = [0, rows]
    if windows.freq is not None:
        step = Step(windows.freq, table.order, table.name)
        cuts[1:1] = step.gaps(table.order, table.name).tolist()
    lengths = np.diff(cuts)
    found = [
        (first, int(length - needed) // windows.stride + 1)
        for first, length in zip(cuts, lengths, strict=False)
        if length >= needed
    ]
    if not found:
        gaps = len(cuts) - 2
        if gaps and gaps == rows - 1:
            raise ValueError(does_not_fit(windows.freq, table.order, table.name))
        have = (
            f"{rows} steps"
            if not gaps
            else f"{max(lengths)} steps at most between its {gaps} gap{'s' * (gaps > 1)}"
        )
        raise ValueError(
            f"{table.name} has {have}, but one window needs {needed} = seq_len {seq_len} "
            f"+ gap {gap} + horizon {horizon}: shorten seq_len or horizon, or pass more data."
        )
    return found


def cut(values: Tensor, windows) -> tuple[Tensor, Tensor, Tensor]:
    """The table as x has it, and from each of its rows on the rows of an x and of a y."""
    target_at, known_at, inputs = windows.target.at, windows.known.at, values
    if known_at:
        inputs = values.clone()
        inputs[:-1, known_at] = values[1:, known_at]  # no window reaches a series' last row
    if target_at == list(range(target_at[0], target_at[-1] + 1)):
        outputs = values[:, target_at[0] : target_at[-1] + 1]  # neighbours: a view is enough
    else:
        outputs = values[:, target_at]
    # unfold puts time last: swap it with the features, never reshape
    sizes = (inputs, windows.seq_len), (outputs, windows._y_steps)
    return inputs, *(
        rows.unfold(0, min(steps, len(rows)), 1).transpose(1, 2) for rows, steps in sizes
    )
