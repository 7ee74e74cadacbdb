"""Cut a series into windows: from a table (time, feature) to tensors (window, seq, feature)."""

from collections.abc import Iterator

import pandas as pd
import torch
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from lstm_helpers._arguments import at_least, positions
from lstm_helpers._tables import Table, read_tables
from lstm_helpers._typing import Tensor


class Windows(Dataset):
    """Every window of a series, with its target, as one training example each.

    Args:
        series: a DataFrame, Series, array or tensor (time, feature), or a list of them;
            no window crosses from one series of a list to the next.
        seq_len: steps in a window.
        horizon: steps to predict after it.
        targets: "ahead": y holds the `horizon` steps after the window;
            "shifted": y holds, for each step of the window, the step after it.
        target: the predicted columns, by name or position; all but the known ones by default.
        known: columns that are known ahead, such as the hour of day. x[:, t] holds their value
            of the step after t, beside the observed values of step t.
        gap: steps left out between a window and its target.
        stride: steps between the starts of two windows.
        dtype: of x and y.

    Attributes:
        x: (window, seq, feature), a view of the series and not a copy: writing to one window
            changes its neighbours. For a list of series, a list of such views.
        y: (window, horizon, target), or (window, seq, target) for shifted targets; as x.
        columns: what the features of x are called, in order.
        target: what the targets of y are called, in order.

    Raises:
        ValueError: a series is too short, has NaN, text, or dates out of order;
            a column is unknown.
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
        targets: str = "ahead",
        target=None,
        known=None,
        gap: int = 0,
        stride: int = 1,
        dtype: torch.dtype = torch.float32,
    ):
        self.seq_len = at_least(1, seq_len=seq_len)
        self.horizon = at_least(1, horizon=horizon)
        self.gap = at_least(0, gap=gap)
        self.stride = at_least(1, stride=stride)
        if targets not in ("ahead", "shifted"):
            raise ValueError(f'targets is {targets!r}, but it has to be "ahead" or "shifted".')
        if targets == "shifted" and horizon != 1:
            raise ValueError(
                f"horizon is {horizon}, but shifted targets are always one step ahead: "
                'drop horizon, or use targets="ahead".'
            )
        self.targets = targets
        self._tables = read_tables(series, dtype, seq_len=seq_len, gap=gap, horizon=horizon)
        self.columns = self._tables[0].columns
        known_at = positions(self.columns, known, "known") if known is not None else []
        if target is None:
            target_at = [i for i in range(len(self.columns)) if i not in known_at]
        else:
            target_at = positions(self.columns, target, "target")
        if not target_at or set(target_at) & set(known_at):
            raise ValueError(
                "target and known share a column, or leave none to predict: a column that is "
                "known ahead needs no prediction. Name other columns in target=."
            )
        self.target = [self.columns[i] for i in target_at]
        views = [self._cut(table, known_at, target_at) for table in self._tables]
        self._x, self._y = (list(each) for each in zip(*views, strict=True))
        self._bounds = torch.tensor([0] + [len(x) for x in self._x]).cumsum(0)
        single = not isinstance(series, list | tuple)
        self.x = self._x[0] if single else self._x
        self.y = self._y[0] if single else self._y

    def __len__(self) -> int:
        return int(self._bounds[-1])

    def __getitem__(self, index) -> tuple[Tensor, Tensor]:
        """Window `index`, (seq, feature), and its target; a batch for a slice or index tensor."""
        if isinstance(index, slice):
            index = torch.tensor(range(len(self))[index], dtype=torch.long)
        elif not isinstance(index, Tensor):
            index = self._number(index)
        return self._take(self._x, index), self._take(self._y, index)

    def __repr__(self) -> str:
        seq, feature = self._x[0].shape[1:]
        steps, target = self._y[0].shape[1:]
        axis = "seq" if self.targets == "shifted" else "horizon"
        return (
            f"Windows: {len(self)} windows, x (seq={seq}, feature={feature}), "
            f"y ({axis}={steps}, target={target})"
        )

    def dates(self, i: int) -> tuple[pd.Index, pd.Index]:
        """Which rows of the table window `i` and its target were cut from.

        For known columns, x holds the values of one row later than these.

        Returns:
            Two parts of the series' index: `seq_len` rows of x, then the rows of y.
            Row numbers where the series has no index.
        """
        number, local = self._locate(self._number(i))
        start = int(local) * self.stride
        y_start = start + self._offset
        index = self._tables[int(number)].index
        y_steps = self._y[0].shape[1]
        return index[start : start + self.seq_len], index[y_start : y_start + y_steps]

    def loader(
        self, batch_size: int = 32, *, shuffle: bool = False, seed: int = 0, drop_last: bool = False
    ) -> DataLoader:
        """A DataLoader of batches (x, y): (batch, seq, feature) and (batch, horizon, target).

        Each batch is gathered by one indexing, not window by window. Shuffling draws from a
        generator of its own, seeded with `seed`, in another order each epoch.
        """
        generator = torch.Generator().manual_seed(seed)
        batches = _IndexBatches(
            self, at_least(1, batch_size=batch_size), shuffle, drop_last, generator
        )
        return DataLoader(self, sampler=batches, batch_size=None, generator=generator)

    def _number(self, i: int) -> int:
        """A window's number, counted from the end where `i` is negative."""
        try:
            return range(len(self))[i]
        except IndexError:  # which also ends a for loop over the windows
            raise IndexError(
                f"window {i} was asked for, but there are {len(self)}: choose from 0 to "
                f"{len(self) - 1}."
            ) from None

    @property
    def _offset(self) -> int:
        """Rows from the start of a window to the start of its target."""
        return self.gap + (1 if self.targets == "shifted" else self.seq_len)

    def _cut(self, table: Table, known_at: list, target_at: list) -> tuple[Tensor, Tensor]:
        values, y_steps = table.values, self.seq_len if self.targets == "shifted" else self.horizon
        inputs = values
        if known_at:
            inputs = values.clone()
            inputs[:-1, known_at] = values[1:, known_at]  # no window reaches the last row
        if target_at == list(range(target_at[0], target_at[-1] + 1)):
            outputs = values[:, target_at[0] : target_at[-1] + 1]  # neighbours: a view is enough
        else:
            outputs = values[:, target_at]
        inputs = inputs[: len(values) - self.gap - self.horizon]
        # unfold puts time last: swap it with the features, never reshape
        x = inputs.unfold(0, self.seq_len, self.stride).transpose(1, 2)
        y = outputs[self._offset :].unfold(0, y_steps, self.stride).transpose(1, 2)
        return x, y

    def _locate(self, index) -> tuple[Tensor, Tensor]:
        """Series number and place within it, for windows numbered through all series."""
        index = torch.as_tensor(index)
        number = torch.bucketize(index, self._bounds[1:], right=True)
        return number, index - self._bounds[number]

    def _take(self, views: list[Tensor], index) -> Tensor:
        if len(views) == 1:
            return views[0][index]
        number, local = self._locate(index)
        if number.ndim == 0:
            return views[number][local]
        batch = views[0].new_empty(len(local), *views[0].shape[1:])
        for n in number.unique():
            batch[number == n] = views[n][local[number == n]]
        return batch


class _IndexBatches(BatchSampler):
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
        yield from order[: len(self) * self.batch_size].split(self.batch_size)
