"""The rows of splitting, scaling back, and forecasts without training."""

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from arguments.rows_windows import frame, windows
from arguments.table import Case, refused, row, said, tensor, whole
from lstm_helpers import (
    inverse_target,
    last_value,
    seasonal_naive,
    split_by_time,
)

NUMBERS = "numbers are needed: pass a tensor, an array, a table or a list of numbers."
TEXT = "has dtype <U1, but numbers are needed. Try astype(float)."


def split(s, argument, value):
    how = {"table": frame(s), "val": s.batch, "test": s.other, argument: value}
    return split_by_time(how.pop("table"), **how)


whole("split_by_time", "context", lambda s, value: split(s, "context", value))
for argument in ("val", "test"):
    for value in (True, "4", None):
        refused(
            *("split_by_time", argument, repr(value), lambda s, v, a=argument: split(s, a, v)),
            *(value, TypeError, f"{argument} is {value!r}, but it has to be a whole number.", 4),
        )
    for value in (1.5, -0.25, 1.0, np.nan):
        refused(
            *("split_by_time", argument, repr(value), lambda s, v, a=argument: split(s, a, v)),
            *(value, ValueError),
            f"{argument} is {value}, but it has to be a whole number, or a fraction below 1.",
            0.25,
        )
    refused(
        *("split_by_time", argument, "below 0", lambda s, v, a=argument: split(s, a, v)),
        *(-1, ValueError, f"{argument} is -1, but it has to be 0 or more.", 0),
    )


def too_large(argument, right):
    @row("split_by_time", argument, "too large")
    def _(s):
        rows = 40 + s.other
        sizes = {"val": s.batch, "test": s.hidden, "context": s.seq, argument: rows}
        left = max(rows - sizes["val"] - sizes["test"], 0)
        return Case(
            lambda: split_by_time(frame(s), **sizes),
            ValueError,
            f"table has {rows} rows, of which val {sizes['val']} and test {sizes['test']} leave "
            f"{left} for training, but at least {sizes['context']} are needed: shorten val, test "
            "or context.",
            lambda: split_by_time(frame(s), **{**sizes, argument: 1}),
        )


for argument in ("val", "test", "context"):
    too_large(argument, 1)

A_TABLE = (
    "but a table (time, ...) is needed: pass a DataFrame, a Series, an array or a tensor, or a "
    "list of them."
)


def table(mode, wrong, error, text, right=frame):
    refused(
        "split_by_time", "table", mode, lambda s, v: split(s, "table", v), wrong, error, text, right
    )


table("text", "flights.csv", TypeError, f"table is a str, {A_TABLE}")
table("None", None, TypeError, f"table is a NoneType, {A_TABLE}")
table("one number", torch.tensor(2.5), TypeError, f"table is a Tensor, {A_TABLE}")
table("a list of numbers", [1.5, 2.5], TypeError, f"table[0] is a float, {A_TABLE}", np.arange(60))
table(
    "an empty list",
    [],
    ValueError,
    "table is an empty list, but at least one table is needed: pass the table itself, or [table].",
    lambda s: [frame(s)],
)
table(
    "rows out of order",
    lambda s: frame(s)[::-1],
    ValueError,
    lambda s: (
        f"table is out of order: row 1 is {frame(s).index[-2]}, but row 0 is "
        f"{frame(s).index[-1]}. Rows need to run from old to new: try table.sort_index()."
    ).replace(" 00:00:00", ""),
    lambda s: frame(s)[::-1].sort_index(),
)


def scaled(argument, mode, wrong, error, text, right):
    def use(s, value):
        how = {"scaler": fitted(s), "values": tensor(s.batch, s.horizon, 1), "columns": "b"}
        return inverse_target(**{**how, argument: value})

    refused("inverse_target", argument, mode, use, wrong, error, text, right)


def fitted(s):
    return MinMaxScaler().fit(frame(s))


ONE = "but one of scikit-learn's is needed, with inverse_transform: pass the one that was fitted."
scaled("scaler", "None", None, TypeError, f"scaler is None, {ONE}", fitted)
scaled(
    "scaler", "a class", MinMaxScaler, TypeError, f"scaler is the class MinMaxScaler, {ONE}", fitted
)
scaled(
    "scaler",
    "not fitted",
    StandardScaler(),
    ValueError,
    "scaler StandardScaler() is not fitted: use scaler.fit(train).",
    lambda s: StandardScaler().fit(frame(s)),
)


def mixing(s):
    return PCA(n_components=1).fit(frame(s))


scaled(
    "scaler",
    "one that mixes the columns",
    mixing,
    ValueError,
    lambda s: (
        f"scaler PCA(n_components=1) can't scale ({s.batch * s.horizon}, 2) back: "
        + said(lambda: mixing(s).inverse_transform(np.zeros((s.batch * s.horizon, 2))))
        + ". Use one that treats each column by itself, such as MinMaxScaler."
    ),
    fitted,
)
scaled("values", "text", "y", TypeError, f"values {TEXT}", [[0.5]])
scaled("values", "None", None, TypeError, f"values is None, but {NUMBERS}", [[0.5]])
OTHER = (
    "but its last axis has to be target=1 for columns='b': name the columns that were predicted."
)


def two_targets(s):
    return tensor(s.batch, s.horizon, 2)


scaled(
    "values",
    "another number of targets",
    two_targets,
    ValueError,
    lambda s: f"values is ({s.batch}, {s.horizon}, 2), {OTHER}",
    lambda s: two_targets(s)[..., 1:],
)
scaled(
    "values",
    "a list with another number of targets",
    lambda s: [tensor(s.batch, 1), tensor(s.other, 2)],
    ValueError,
    lambda s: f"values is ({s.other}, 2), {OTHER}",
    lambda s: [tensor(s.batch, 1), tensor(s.other, 2)[:, 1:]],
)
for value in ("c", 1, 1.5, None):
    scaled(
        "columns",
        repr(value),
        value,
        ValueError,
        f"columns names {value!r}, but the columns are ['a', 'b']: choose from these.",
        "a",
    )
scaled(
    "columns",
    "one twice",
    ["b", "b"],
    ValueError,
    "columns names a column twice: ['b', 'b']. Name each once.",
    ["b"],
)


@row("inverse_target", "columns", "names for a scaler of a larger table without names")
def _(s):
    scaler, target = MinMaxScaler().fit(tensor(30, s.feature)), windows(s, target="b").target
    values = tensor(s.batch, s.horizon, 1)
    return Case(
        lambda: inverse_target(scaler, values, target),
        ValueError,
        f"columns are ['b'], of a table with 2 columns, but the scaler has {s.feature} without "
        "names: give their positions in the scaler.",
        lambda: inverse_target(scaler, values, [1]),
        [values],
    )


def naive(name, use):
    """The rows that both forecasts share; `use(x, horizon)` asks for one."""
    whole(name, "horizon", lambda s, value: use(tensor(s.seq), value), least=1)

    def x(mode, wrong, error, text, right):
        refused(name, "x", mode, lambda s, v: use(v, None), wrong, error, text, right)

    x("text", "x", TypeError, f"x {TEXT}", [1.5, 2.5])
    x("None", None, TypeError, f"x is None, but {NUMBERS}", [1.5, 2.5])
    x(
        "complex",
        np.arange(9) * 1j,
        TypeError,
        "x has dtype complex128, but numbers are needed. Use their .real.",
        (np.arange(9) * 1j).real,
    )
    x(
        "one number",
        torch.tensor(2.5),
        ValueError,
        "x is one number without an axis, but a history (seq,) is needed: use x[None].",
        torch.tensor(2.5)[None],
    )
    x(
        "windows without a step",
        lambda s: tensor(s.batch, 0, s.feature),
        ValueError,
        lambda s: (
            f"x is ({s.batch}, 0, {s.feature}) with 0 steps, but a whole season of 1 is needed: "
            "use longer windows, or a shorter season."
        ),
        lambda s: tensor(s.batch, 1, s.feature),
    )
    refused(
        *(name, "horizon", "not that of the windows"),
        lambda s, value: use(windows(s, horizon=s.horizon), value),
        lambda s: s.other,
        ValueError,
        lambda s: (
            f"horizon is {s.other}, but the windows have {s.horizon}: drop horizon, or cut windows "
            "with this one."
        ),
        None,
    )
    refused(
        *(name, "horizon", "too large for the memory"),
        lambda s, value: use(tensor(s.seq, s.feature), value),
        2**60,
        ValueError,
        lambda s: (
            f"horizon={2**60} for ({s.seq}, {s.feature}): that is {2**60 * s.feature} numbers, for "
            "which there is no memory. Choose smaller sizes."
        ),
        lambda s: s.horizon,
    )


naive("last_value", last_value)
naive("seasonal_naive", lambda x, horizon: seasonal_naive(x, 1, horizon))
whole("seasonal_naive", "season", lambda s, value: seasonal_naive(tensor(s.seq), value), least=1)
refused(
    *("seasonal_naive", "season", "longer than the window"),
    lambda s, value: seasonal_naive(tensor(s.batch, s.seq, s.feature), value),
    lambda s: s.seq + 1,
    ValueError,
    lambda s: (
        f"x is ({s.batch}, {s.seq}, {s.feature}) with {s.seq} steps, but a whole season of "
        f"{s.seq + 1} is needed: use longer windows, or a shorter season."
    ),
    lambda s: s.seq,
)


@row("seasonal_naive", "season", "shifted targets")
def _(s):
    shifted = windows(s, shifted=True)
    return Case(
        lambda: seasonal_naive(shifted, 2),
        ValueError,
        "season is 2, but targets are shifted, and the first steps of a window have no season "
        "before them: use last_value, or windows without shifted.",
        lambda: [last_value(shifted), seasonal_naive(windows(s), 2)],
    )
