"""Cut a series into windows: from a table (time, feature) to tensors (window, seq, feature)."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from lstm_helpers import _forecast_rows
from lstm_helpers._arguments import MOST_SEED, at_least, true_or_false
from lstm_helpers._named_columns import Names, positions
from lstm_helpers._steps import Step, describe, does_not_fit
from lstm_helpers._tables import Table, read_tables
from lstm_helpers._typing import Tensor
from lstm_helpers._which import number, numbers


class Windows(Dataset):
    """Every window of a series, with its target, as one training example each.

    Args:
        series: a DataFrame, Series, array or tensor (time, feature), or a list of them;
            no window crosses from one series of a list to the next.
        seq_len: steps in a window.
        horizon: steps to predict after it.
        shifted: y holds, for each step of the window, the step after it;
            else the `horizon` steps after the window.
        target: the predicted columns, by name or position; all but the known ones by default.
        known: columns that are known ahead, such as the hour of day. x[:, t] holds their value
            of the step after t, beside the observed values of step t.
        gap: steps left out between a window and its target.
        stride: steps between the starts of two windows.
        freq: the step from one row to the next, such as "h", "MS", a Timedelta, or 1 for row
            numbers. Where rows are missing no window crosses the gap. Without it nothing is
            assumed, and `repr` says what the index shows.
        dtype: of x and y.

    Attributes:
        x: (window, seq, feature), a view of your table where its dtype allows it, and not a copy:
            writing to one window changes its neighbours and the table. For a list of series, or
            one with gaps under `freq`, a list of views: one for each stretch without a gap.
            `windows[i]` and batches are copies.
        y: (window, horizon, target), or (window, seq, target) where shifted; as x.
        columns: what the features of x are called, in order.
        target: what the targets of y are called, in order.

    Raises:
        ValueError: a series is too short, has NaN, text, numbers that `dtype` would change, or
            dates out of order; a column is unknown; `freq` does not fit.
        TypeError: a series is no table, or a size no whole number.

    >>> from lstm_helpers import load_flights
    >>> windows = Windows(load_flights(), seq_len=12)
    >>> windows
    Windows: 132 windows, x (seq=12, feature=1), y (horizon=1, target=1)
    >>> windows.x.shape, windows.y.shape
    (torch.Size([132, 12, 1]), torch.Size([132, 1, 1]))
    >>> months, month_after = windows.dates(0)
    >>> print(months[0].date(), months[-1].date(), month_after[0].date())
    1949-01-01 1949-12-01 1950-01-01
    """

    def __init__(
        self,
        series,
        seq_len: int,
        horizon: int = 1,
        *,
        shifted: bool = False,
        target=None,
        known=None,
        gap: int = 0,
        stride: int = 1,
        freq=None,
        dtype: torch.dtype = torch.float32,
    ):
        self.seq_len = at_least(1, seq_len=seq_len)
        self.horizon = at_least(1, horizon=horizon)
        self.gap = at_least(0, gap=gap)
        self.stride = at_least(1, 2**62, stride=stride)
        self.shifted, self.freq = true_or_false(shifted=shifted), freq
        if self.shifted and self.horizon != 1:
            raise ValueError(
                f"horizon is {self.horizon}, but shifted targets are always one step ahead: "
                "drop horizon, or shifted."
            )
        tables = read_tables(series, dtype)
        columns = tables[0].columns
        known_at, target_at = _roles(columns, known, target)
        self.columns = Names(columns, list(range(len(columns))))
        self.known, self.target = Names(columns, known_at), Names(columns, target_at)
        self._several = isinstance(series, list | tuple)
        self._rows = [(table.index, table.order) for table in tables]
        self._begins = np.cumsum([0] + [len(table.values) for table in tables]).tolist()
        values = torch.cat([t.values for t in tables]) if self._several else tables[0].values
        self._values, self._inputs, self._outputs = self._cut(values)
        stretches = [
            (begin + first, count, number)
            for number, (begin, table) in enumerate(zip(self._begins, tables, strict=False))
            for first, count in self._stretches(table)
        ]
        first, counts, self._series_of = zip(*stretches, strict=True)
        self._first = torch.tensor(first)
        self._bounds = torch.tensor((0, *counts)).cumsum(0)

    def __len__(self) -> int:
        return int(self._bounds[-1])

    def __getitem__(self, index) -> tuple[Tensor, Tensor]:
        """Window `index`, (seq, feature), and its target, both copies.

        A batch for a slice, a mask, or several numbers as a list, array or tensor.

        Raises:
            IndexError: there is no such window, or a mask of another length.
            TypeError: it is no whole number, and no several of them.
        """
        start = self._starts(numbers(index, len(self)))
        if not start.ndim:
            return self._inputs[start].clone(), self._outputs[start + self._offset].clone()
        start = start.to(self._values.device)  # index_select is several times faster than [start]
        return self._inputs.index_select(0, start), self._outputs.index_select(
            0, start + self._offset
        )

    def __repr__(self) -> str:
        seq, feature = self._inputs.shape[1:]
        steps, target = self._outputs.shape[1:]
        axis = "seq" if self.shifted else "horizon"
        said = (
            f"Windows: {len(self)} windows, x (seq={seq}, feature={feature}), "
            f"y ({axis}={steps}, target={target})"
        )
        rows = describe([order for _, order in self._rows])
        return f"{said}; rows {rows}" if rows else said

    @property
    def x(self) -> Tensor | list[Tensor]:
        return self._views(self._inputs, 0)

    @property
    def y(self) -> Tensor | list[Tensor]:
        return self._views(self._outputs, self._offset)

    def dates(self, i: int) -> tuple[pd.Index, pd.Index]:
        """Which rows of the table window `i` and its target were cut from.

        For known columns, x holds the values of one row later than these.

        Returns:
            Two parts of the series' index: `seq_len` rows of x, then the rows of y.
            Row numbers where the series has no index.

        Raises:
            IndexError: there is no window `i`.
            TypeError: it is no whole number.
        """
        number, x_rows, y_rows = self.place(i)
        index, _ = self._rows[number]
        return index[x_rows], index[y_rows]

    def place(self, i: int) -> tuple[int, slice, slice]:
        """The number of window `i`'s series, 0 for a single table, and its rows of x and of y."""
        i = number(i, len(self))
        series = self._series_of[int(torch.bucketize(i, self._bounds[1:], right=True))]
        start = int(self._starts(i)) - self._begins[series]
        y_start = start + self._offset
        return series, slice(start, start + self.seq_len), slice(y_start, y_start + self._y_steps)

    def loader(
        self, batch_size: int = 32, *, shuffle: bool = False, seed: int = 0, drop_last: bool = False
    ) -> DataLoader:
        """A DataLoader of batches (x, y): (batch, seq, feature) and (batch, horizon, target).

        Each batch is gathered by one indexing, not window by window. Shuffling draws from a
        generator of its own, seeded with `seed`, in another order each epoch.

        Raises:
            TypeError: `batch_size` or `seed` is no whole number, or a switch no bool.
            ValueError: `batch_size` is below 1; `seed` is negative, or above 2**64 - 1.
        """
        shuffle, drop_last = true_or_false(shuffle=shuffle), true_or_false(drop_last=drop_last)
        generator = torch.Generator().manual_seed(at_least(0, MOST_SEED, seed=seed))
        batches = IndexBatches(
            self, at_least(1, batch_size=batch_size), shuffle, drop_last, generator
        )
        return DataLoader(self, sampler=batches, batch_size=None, generator=generator)

    def newest(self, future=None) -> Tensor:
        """The x whose targets lie after the table: the last rows of each series.

        Args:
            future: the known columns after the table, from its next row on: a table, or a list
                of tables for a list of series. Only where `known` names columns.

        Returns:
            (series, seq, feature), a copy; one series for a single table.

        Raises:
            ValueError: the last rows have a gap; `future` is missing, lacks a known column, or
                begins at another row.
            TypeError: `future` is no table, or no list of them for a list of series.

        >>> from lstm_helpers import load_flights
        >>> Windows(load_flights(), seq_len=12).newest().shape
        torch.Size([1, 12, 1])
        """
        return _forecast_rows.newest(self, future)

    def to_frame(self, yhat, newest: bool = False) -> pd.DataFrame:
        """Predictions as a table with dates, one row for each window and step.

        Args:
            yhat: (window, horizon, target), shaped like y, such as `predict` returns it; for
                `newest` the prediction for `newest()`, (series, horizon, target).
            newest: the dates lie after the table; they are counted on from `freq`, or from a
                regular index.

        Returns:
            The index is the date of the target. Columns: `cutoff`, the date of the last step of x
            that the target is counted from; `ahead`, the rows from there (1 is the next row);
            for a list `series`, counted from 0; then the targets. Where shifted, each step of x
            has its own cutoff.

        Raises:
            TypeError: `yhat` holds no numbers, or `newest` is neither True nor False.
            ValueError: `yhat` has another shape than y; the dates after the table are unknown.

        >>> from lstm_helpers import load_flights
        >>> windows = Windows(load_flights(), seq_len=12, horizon=2)
        >>> windows.to_frame(windows.y).head(3)
                       cutoff  ahead  passengers
        month
        1950-01-01 1949-12-01      1       115.0
        1950-02-01 1949-12-01      2       126.0
        1950-02-01 1950-01-01      1       126.0
        """
        return _forecast_rows.to_frame(self, yhat, newest)

    @property
    def _offset(self) -> int:
        """Rows from the start of a window to the start of its target."""
        return self.gap + (1 if self.shifted else self.seq_len)

    @property
    def _y_steps(self) -> int:
        return self.seq_len if self.shifted else self.horizon

    def _cut(self, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The table as x has it, and from each of its rows on the rows of an x and of a y."""
        target_at, known_at, inputs = self.target.at, self.known.at, values
        if known_at:
            inputs = values.clone()
            inputs[:-1, known_at] = values[1:, known_at]  # no window reaches a series' last row
        if target_at == list(range(target_at[0], target_at[-1] + 1)):
            outputs = values[:, target_at[0] : target_at[-1] + 1]  # neighbours: a view is enough
        else:
            outputs = values[:, target_at]
        # unfold puts time last: swap it with the features, never reshape
        sizes = (inputs, self.seq_len), (outputs, self._y_steps)
        return inputs, *(
            rows.unfold(0, min(steps, len(rows)), 1).transpose(1, 2) for rows, steps in sizes
        )

    def _stretches(self, table: Table) -> list[tuple[int, int]]:
        """Where in a series windows begin, and how many: once, or anew after each gap."""
        needed, rows = self.seq_len + self.gap + self.horizon, len(table.values)
        cuts = [0, rows]
        if self.freq is not None:
            step = Step(self.freq, table.order, table.name)
            cuts[1:1] = step.gaps(table.order, table.name).tolist()
        lengths = np.diff(cuts)
        found = [
            (first, int(length - needed) // self.stride + 1)
            for first, length in zip(cuts, lengths, strict=False)
            if length >= needed
        ]
        if not found:
            gaps = len(cuts) - 2
            if gaps and gaps == rows - 1:
                raise ValueError(does_not_fit(self.freq, table.order, table.name))
            have = (
                f"{rows} steps"
                if not gaps
                else (f"{max(lengths)} steps at most between its {gaps} gap{'s' * (gaps > 1)}")
            )
            raise ValueError(
                f"{table.name} has {have}, but one window needs {needed} = seq_len {self.seq_len} "
                f"+ gap {self.gap} + horizon {self.horizon}: "
                "shorten seq_len or horizon, or pass more data."
            )
        return found

    def _starts(self, number: int | Tensor) -> Tensor:
        """The rows of the table, all series one after the other, where windows begin."""
        number = torch.as_tensor(number)
        if len(self._first) == 1:
            return self._first[0] + number * self.stride
        stretch = torch.bucketize(number, self._bounds[1:], right=True)
        return self._first[stretch] + (number - self._bounds[stretch]) * self.stride

    def _views(self, rows: Tensor, shift: int) -> Tensor | list[Tensor]:
        counts, first = self._bounds.diff().tolist(), (self._first + shift).tolist()
        views = [
            rows[start : start + (count - 1) * self.stride + 1 : self.stride]
            for start, count in zip(first, counts, strict=True)
        ]
        return views if self._several or len(views) > 1 else views[0]


def _roles(columns: list, known, target) -> tuple[list[int], list[int]]:
    """Where the columns stand that are known ahead, and those that are predicted."""
    known_at = positions(columns, known, "known") if known is not None else []
    if target is None:
        target_at = [i for i in range(len(columns)) if i not in known_at]
    else:
        target_at = positions(columns, target, "target")
        if not target_at:
            raise ValueError(
                "target names no column, but one has to be predicted: "
                f"choose from {columns}, or drop target for all of them."
            )
    if not target_at or set(target_at) & set(known_at):
        raise ValueError(
            "target and known share a column, or leave none to predict: a column that is "
            "known ahead needs no prediction. Name other columns in target=."
        )
    return known_at, target_at


class IndexBatches(BatchSampler):
    """Batches of window numbers, each as one tensor: `Windows` gathers a whole batch from it.

    Default collation would take the windows one by one and stack them: many times slower.
    """

    def __init__(self, windows: Windows, batch_size, shuffle, drop_last, generator):
        order = (
            RandomSampler(windows, generator=generator) if shuffle else SequentialSampler(windows)
        )
        super().__init__(order, batch_size, drop_last)
        self.generator = generator if shuffle else None

    def __iter__(self) -> Iterator[Tensor]:
        n = len(self.sampler)
        order = torch.randperm(n, generator=self.generator) if self.generator else torch.arange(n)
        size = min(self.batch_size, max(n, 1))  # no number that is too large for torch
        yield from order[: len(self) * size].split(size) if len(self) else ()
