"""The rows of `Windows` and its methods."""

import numpy as np
import pandas as pd
import torch

from arguments.table import Case, refused, row, switch, whole
from lstm_helpers import Windows
from lstm_helpers._arguments import MOST_SEED

DAY = pd.Timestamp("2024-02-27")


def frame(s, freq="h", **columns):
    """A table (time, feature=2) of 40 to 53 rows, and what else is drawn into it."""
    rows = 40 + s.other
    index = pd.date_range(DAY, periods=rows, freq=freq)
    values = {"a": np.arange(rows) + 0.5, "b": np.arange(rows) % 7 + 1.0}
    return pd.DataFrame({**values, **columns}, index)


def windows(s, series=None, **how):
    return Windows(frame(s) if series is None else series, s.seq, **how)


def at(argument):
    """Cut windows of a right table, with this argument."""
    return lambda s, value: windows(s, **{argument: value})


whole("Windows", "seq_len", lambda s, value: Windows(frame(s), value), least=1)
whole("Windows", "horizon", at("horizon"), least=1)
whole("Windows", "gap", at("gap"))
whole("Windows", "stride", at("stride"), least=1, most=2**62)
switch("Windows", "shifted", at("shifted"))
ROWS_NEEDED = "shorten seq_len or horizon, or pass more data."


@row("Windows", "horizon", "beside shifted")
def _(s):
    return Case(
        lambda: windows(s, horizon=s.horizon, shifted=True),
        ValueError,
        f"horizon is {s.horizon}, but shifted targets are always one step ahead: drop horizon, or "
        "shifted.",
        lambda: [windows(s, shifted=True), windows(s, horizon=s.horizon)],
    )


for argument in ("seq_len", "horizon", "gap"):

    @row("Windows", argument, "too large for the series")
    def _(s, argument=argument):
        rows = 40 + s.other
        sizes = {"seq_len": s.seq, "horizon": s.horizon, "gap": s.layer, argument: rows}
        parts = " + ".join(f"{name} {sizes[name]}" for name in ("seq_len", "gap", "horizon"))
        return Case(
            lambda: Windows(frame(s), **sizes),
            ValueError,
            f"series has {rows} steps, but one window needs {sum(sizes.values())} = {parts}: "
            + ROWS_NEEDED,
            lambda: [
                Windows(frame(s), **{**sizes, argument: 1}),
                Windows(np.arange(4.0 * rows), **sizes),
            ],
        )


CHOICE = "use a number, a slice, a mask, or several numbers as a list, array or tensor."
for method, argument in (("__getitem__", "index"), ("dates", "i"), ("place", "i")):

    def use(s, value, method=method):
        return getattr(windows(s), method)(value)

    for value in ("3", True, 2.0, None):
        refused(
            *(f"Windows.{method}", argument, repr(value), use, value, TypeError),
            f"{value!r} was asked for, but windows have whole numbers: {CHOICE}",
            3,
        )
    for value, mode in ((50, "above"), (-50, "below")):
        refused(
            *(f"Windows.{method}", argument, mode, use, value, IndexError),
            lambda s, value=value: (
                f"window {value} was asked for, but there are {len(windows(s))}: choose from 0 to "
                f"{len(windows(s)) - 1}."
            ),
            lambda s: len(windows(s)) - 1,
        )


def index(mode, wrong, error, text, right):
    refused(
        "Windows.__getitem__", "index", mode, lambda s, v: windows(s)[v], wrong, error, text, right
    )


index(
    "a slice of text",
    slice("a", "b"),
    TypeError,
    f"slice('a', 'b', None) was asked for, but windows have whole numbers: {CHOICE}",
    slice(1, 3),
)
index(
    "fractions",
    torch.tensor([0.5]),
    TypeError,
    f"torch.float32 was asked for, but windows have whole numbers: {CHOICE}",
    torch.tensor([3]),
)
index(
    "a list with text",
    [1, "a"],
    TypeError,
    f"[1, 'a'] was asked for, but windows have whole numbers: {CHOICE}",
    [1, 2],
)
index(
    "a list with one that is not there",
    [1, 60],
    IndexError,
    lambda s: (
        f"window 60 was asked for, but there are {len(windows(s))}: choose from 0 to "
        f"{len(windows(s)) - 1}."
    ),
    lambda s: [1, len(windows(s)) - 1],
)
index(
    "two axes",
    lambda s: torch.ones(s.batch, 2, dtype=torch.long),
    IndexError,
    lambda s: (
        f"an index ({s.batch}, 2) was asked for, but windows stand in one row: use index.flatten()."
    ),
    lambda s: torch.ones(s.batch, 2, dtype=torch.long).flatten(),
)
index(
    "a mask of another length",
    lambda s: np.ones(s.batch, bool),
    IndexError,
    lambda s: (
        f"the mask is ({s.batch},), but there are {len(windows(s))} windows: a mask has one True "
        "or False for each."
    ),
    lambda s: np.ones(len(windows(s)), bool),
)

whole(
    "Windows.loader", "batch_size", lambda s, value: next(iter(windows(s).loader(value))), least=1
)
whole("Windows.loader", "seed", lambda s, value: windows(s).loader(seed=value), most=MOST_SEED)
switch("Windows.loader", "shuffle", lambda s, value: windows(s).loader(shuffle=value))
switch("Windows.loader", "drop_last", lambda s, value: windows(s).loader(drop_last=value))
