"""Cut a series into windows: from a table (time, feature) to tensors (window, seq, feature)."""

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset

from lstm_helpers import _forecast_rows
from lstm_helpers._arguments import MOST_SEED, at_least, true_or_false
from lstm_helpers._index_batches import IndexBatches
from lstm_helpers._named_columns import Names, roles
from lstm_helpers._steps import describe
from lstm_helpers._tables import Table, read_tables
from lstm_helpers._typing import Tensor
from lstm_helpers._which import number, numbers
from lstm_helpers._window_rows import Starts, cut, stretches


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
        known_at, target_at = roles(columns, known, target)
        self.columns = Names(columns, list(range(len(columns))))
        self.known, self.target = Names(columns, known_at), Names(columns, target_at)
        self._several = isinstance(series, list | tuple)
        self._rows = [(table.index, table.order) for table in tables]
        self._begins = np.cumsum([0] + [len(table.values) for table in tables]).tolist()
        values = torch.cat([t.values for t in tables]) if self._several else tables[0].values
        self._values, self._inputs, self._outputs = cut(values, self)
        found = [
            (begin + first, count, number)
            for number, (begin, table) in enumerate(zip(self._begins, tables, strict=False))
            for first, count in self._stretches(table)
        ]
        self._starts = Starts(found, self.stride)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index) -> tuple[Tensor, Tensor]:
        """Window `index`, (seq, feature), and its target, both copies.

        A batch for a slice, a mask, or several numbers as a list, array or tensor.

        Raises:
            IndexError: there is no such window, or a mask of another length.
            TypeError: it is no whole number, and no several of them.
        """
        start = self._starts.rows(numbers(index, len(self)))
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
        return self._views(self._inputs)

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
        series = int(self._starts.series(i))
        start = int(self._starts.rows(i)) - self._begins[series]
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

    def _stretches(self, table: Table) -> list[tuple[int, int]]:
        return stretches(table, self)

    def _views(self, rows: Tensor, shift: int = 0) -> Tensor | list[Tensor]:
        views = self._starts.views(rows, shift)
        return views if self._several or len(views) > 1 else views[0]
