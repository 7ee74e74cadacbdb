"""The newest rows of a table, as a forecaster reads them, or why it can't.

`asked` is the `Forecaster`, which knows its columns, its step and its scaler.
"""

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import check_dense
from lstm_helpers._columns import check_columns
from lstm_helpers._kept import unit
from lstm_helpers._named_columns import positions
from lstm_helpers._order import check_order, show_date
from lstm_helpers._steps import Step, describe
from lstm_helpers._tables import read_table
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers
from lstm_helpers.windowing import Windows


class _Newest(Windows):
    """The last rows of tables: the newest window of each, and no other."""

    def _stretches(self, table) -> list[tuple[int, int]]:
        return [(0, 0)]


def newest_rows(asked, table, future) -> tuple[Windows, object]:
    """What `newest` and `to_frame` of windows need for tables, and for what is known after them."""
    several = isinstance(table, list | tuple)
    tables = list(table) if several else [table]
    if not tables:
        raise ValueError(
            "table is an empty list, but at least one table is needed: pass the table itself, or "
            "[table]."
        )
    names = [f"table[{n}]" for n in range(len(tables))] if several else ["table"]
    parts, orders = zip(
        *(_last_rows(asked, *one) for one in zip(tables, names, strict=True)), strict=True
    )
    rows = _Newest(
        list(parts) if several else parts[0],
        asked.seq_len,
        asked.horizon,
        target=asked.target,
        known=asked.known or None,
        gap=asked.gap,
        freq=asked.freq,
        dtype=asked._dtype,
    )
    # what text means as dates was read from all rows
    rows._rows = [(part.index, order) for part, order in zip(parts, orders, strict=True)]
    if asked.known and several and isinstance(future, list | tuple):
        future = [_known_rows(asked, one, f"future[{n}]") for n, one in enumerate(future)]
    elif asked.known:
        future = _known_rows(asked, future, "future")
    return rows, future


def known_ahead(asked, future) -> Tensor | None:
    """The known columns at the steps that are forecast, (series, horizon, known).

    None for a model that does not ask for them. `future` is what `newest` has taken.
    """
    if not getattr(asked.model, "known_size", 0):
        return None
    futures = future if isinstance(future, list) else [future]
    rows = [read_table(one, asked._dtype, "future").values[asked.gap :] for one in futures]
    return torch.stack(rows)


def _last_rows(asked, table, name: str) -> tuple[pd.DataFrame, pd.Index]:
    """The rows that are read, scaled, and what orders them."""
    frame = _frame(asked, table, name)
    if not frame.columns.is_unique:
        check_columns(frame, name)
    try:
        at = positions(list(frame.columns), asked.columns, name, by_number=False)
    except ValueError:
        raise ValueError(
            f"{name} has the columns {list(frame.columns)}, but the forecaster reads "
            f"{asked.columns}: add those that are missing, or rename them."
        ) from None
    if len(frame) < asked.seq_len:
        raise ValueError(
            f"{name} has {len(frame)} rows, but the forecaster reads seq_len={asked.seq_len} of "
            "them: pass more rows, up to the newest one."
        )
    order = check_order(frame.index, name)
    _check_steps(asked, frame.index, order, name)
    part = frame.iloc[-asked.seq_len :, at]
    return _scaled(asked, part, f"{name}[-{asked.seq_len}:]"), order[-asked.seq_len :]


def _scaled(asked, part: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows as the model reads them; refused where they hold text, NaN or the like."""
    if not asked._scaling:
        read_table(part, asked._dtype, name)
        return part
    read_table(part, torch.float64, name)
    return asked._scaling.scale(part)


def _frame(asked, table, name: str) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        return table
    if isinstance(table, pd.Series):
        return table.to_frame()
    if not isinstance(table, np.ndarray | Tensor):
        raise TypeError(
            f"{name} is a {type(table).__name__}, but a table (time, feature) is needed: "
            "pass a DataFrame, a Series, an array or a tensor, or a list of them."
        )
    values = _two_axes(numbers(**{name: table}))
    if values.ndim != 2 or values.shape[1] != len(asked.columns):
        raise ValueError(
            f"{name} is {values.shape}, but (time, feature) with {len(asked.columns)} features is "
            f"needed, which the forecaster reads: {asked.columns}. Pass these."
        )
    return pd.DataFrame(values)


def _two_axes(values: np.ndarray) -> np.ndarray:
    return values[:, None] if values.ndim == 1 else values


def _check_steps(asked, index: pd.Index, order: pd.Index | None, name: str) -> None:
    """Refuse rows that are counted otherwise than in training, or have a gap."""
    if unit(order) != asked._rows:
        raise ValueError(
            f"the rows of {name} are {unit(order)}, but those of the training were "
            f"{asked._rows}, freq={asked.freq!r}: pass a table with such an index."
        )
    recent = order[-max(asked.seq_len, 3) :]
    dated = isinstance(index, pd.DatetimeIndex) and isinstance(asked.freq, str)
    try:
        gaps = Step(asked.freq, recent, name).gaps(recent, name)
    except ValueError:
        gaps = None  # a smaller step
    if gaps is None or len(gaps) == len(recent) - 1 > 0:
        apart = describe([recent]) or f"{show_date(recent[-2])} and {show_date(recent[-1])}"
        mean = f", such as those of table.resample({asked.freq!r}).mean()"
        raise ValueError(
            f"the last rows of {name} are {apart}, but those of the training were "
            f"freq={asked.freq!r} apart: pass rows with this step{mean * (dated and gaps is None)}."
        )
    inside = gaps[gaps > len(recent) - asked.seq_len]
    if len(inside):
        fill = f", such as with table.asfreq({asked.freq!r}).ffill()" * dated
        raise ValueError(
            f"the last {asked.seq_len} rows of {name} have a gap before "
            f"{show_date(recent[inside[-1]])}, but the forecaster reads rows that are "
            f"freq={asked.freq!r} apart: fill it{fill}."
        )


def _known_rows(asked, future, name: str):
    """The known columns of the rows that are read, scaled; as it came where `newest` refuses it."""
    known, whole = asked.known, getattr(asked.model, "known_size", 0)
    needed = asked.gap + asked.horizon if whole else 1
    table = future.to_frame() if isinstance(future, pd.Series) else future
    numbered = isinstance(table, np.ndarray | Tensor)
    check_dense(table, name)
    if numbered and table.ndim in (1, 2):
        values = _two_axes(numbers(**{name: table[:needed]}))
        at = {len(known): slice(None), len(asked.columns): [*map(asked.columns.index, known)]}
        if values.shape[1] not in at:
            return future
        table = pd.DataFrame(values[:, at[values.shape[1]]], columns=known)
    if not isinstance(table, pd.DataFrame) or not {*known} <= {*table.columns} or not len(table):
        return future
    order, table = check_order(table.index, name), table[known].iloc[:needed]
    if len(table) < needed:
        raise ValueError(
            f"{name} has {len(table)} rows, but the model reads the known columns of the whole "
            f"horizon, {needed} = gap {asked.gap} + horizon {asked.horizon} rows: pass more."
        )
    if not numbered and order is not None and unit(order) == asked._rows:
        gaps = Step(asked.freq, order[:needed], name).gaps(order[:needed], name)
        if len(gaps):
            raise ValueError(
                f"{name} has a gap before {show_date(order[gaps[0]])}, but the model reads rows "
                f"that are freq={asked.freq!r} apart: pass every row."
            )
    table = _scaled(asked, table, name)
    return table.to_numpy() if numbered else table
