"""Windows, and how they are divided between training and test."""

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import train_test_split
from torch.utils.data import Subset, random_split

from lstm_helpers import Windows, split_by_time

from .data import SEQ, departures, flights
from .registry import SHARED, right, wrong

KNOWS = "a window that knows its target"
BOTH_HAVE = "shared by training and test"
RANDOM = "a random split"


def _lags(table) -> pd.DataFrame:
    delay = table["dep_delay"]
    columns = {f"{k} ago": delay.shift(k) for k in range(SEQ, 0, -1)}
    return pd.DataFrame(columns | {"now": delay}).dropna()


def _slid(table) -> tuple[np.ndarray, np.ndarray]:
    """(window, seq, 1) and (window, 1)."""
    values = table.iloc[:, 0].to_numpy()
    slid = np.lib.stride_tricks.sliding_window_view(values, SEQ + 1)
    return slid[:, :-1, None].copy(), slid[:, -1:].copy()


def _slid_rows(table):
    return [table.index[SEQ - 1 : -1], table.index[SEQ:]]


@wrong(KNOWS, departures, column="dep_delay", ahead=1, cause="shift(-1)")
def the_next_delay_among_the_inputs(table):
    soon = table.assign(soon=table["dep_delay"].shift(-1)).dropna()
    return Windows(soon, seq_len=12, target="dep_delay")


@wrong(KNOWS, departures, column="dep_delay", ahead=2, cause="center=True")
def windows_of_a_centred_mean(table):
    smooth = table["dep_delay"].rolling(5, center=True, min_periods=1).mean()
    return Windows(table.assign(smooth=smooth), seq_len=12, target="dep_delay")


@wrong(KNOWS, flights, column="passengers", ahead=1, cause="np.maximum(", rows=_slid_rows)
def windows_scaled_together_with_their_target(table):
    x, y = _slid(table)
    highest = np.maximum(x.max(axis=1), y)
    return x / highest[:, None], y / highest


@right(flights, rows=_slid_rows)
def windows_scaled_by_themselves(table):
    x, y = _slid(table)
    last = x[:, -1]
    return x / last[:, None], y / last


@right(departures)
def windows_and_known_hours(table):
    angle = 2 * np.pi * table.index.hour / 24
    table = table.assign(hour_sin=np.sin(angle), hour_cos=np.cos(angle))
    known = ["hour_sin", "hour_cos"]
    return Windows(table, seq_len=12, target="dep_delay", known=known)


@right(departures)
def windows_of_three_parts(table):
    parts = split_by_time(table, val=57, test=63, context=12)
    return tuple(Windows(part, seq_len=12, target="dep_delay") for part in parts)


@wrong(BOTH_HAVE, departures, column="", ahead=SHARED, cause="table[280:]")
def test_rows_that_training_has_as_targets(table):
    return Windows(table[:320], seq_len=12), Windows(table[280:], seq_len=12)


@wrong(BOTH_HAVE, departures, column="", ahead=SHARED, cause="Windows(table,")
def trained_on_everything_tested_on_its_end(table):
    return Windows(table, seq_len=12), Windows(table[-99:], seq_len=12)


@wrong(BOTH_HAVE, departures, column="", ahead=SHARED, cause="lags[250:]", reads=SEQ)
def tables_of_lags_that_overlap(table):
    lags = _lags(table)
    return lags[:300], lags[250:]


@right(departures, reads=SEQ)
def tables_of_lags_one_after_the_other(table):
    lags = _lags(table)
    return lags[:300], lags[300:]


@wrong(RANDOM, departures, column="", ahead=SHARED, cause="train_test_split", reads=SEQ)
def lags_divided_at_random(table):
    return tuple(train_test_split(_lags(table), test_size=0.2, random_state=3))


@right(departures, reads=SEQ)
def lags_divided_in_order(table):
    return tuple(train_test_split(_lags(table), test_size=0.2, shuffle=False))


@wrong(
    RANDOM, departures, column="", ahead=SHARED, cause="train_test_split",
    reads=SEQ,
    rows=lambda table: [
        table.index[at] for start in (SEQ - 1, SEQ)
        for at in train_test_split(
            np.arange(start, len(table) - SEQ + start), test_size=0.2, random_state=3
        )
    ],
)  # fmt: skip
def windows_divided_at_random(table):
    x, y = _slid(table)
    return tuple(train_test_split(x, y, test_size=0.2, random_state=3))


@right(
    departures,
    reads=SEQ,
    rows=lambda table: [
        table.index[SEQ - 1 : 300], table.index[300:-1],
        table.index[SEQ:301], table.index[301:],
    ],
)  # fmt: skip
def windows_divided_in_order(table):
    x, y = _slid(table)
    first = 301 - SEQ
    return x[:first], x[first:], y[:first], y[first:]


@wrong(RANDOM, departures, column="", ahead=SHARED, cause="random_split(")
def windows_through_random_split(table):
    windows = Windows(table, seq_len=12, target="dep_delay")
    drawn = torch.Generator().manual_seed(3)
    return tuple(random_split(windows, [0.8, 0.2], generator=drawn))


@right(departures)
def windows_in_two_subsets(table):
    windows = Windows(table, seq_len=12, target="dep_delay")
    return Subset(windows, range(250)), Subset(windows, range(262, len(windows)))
