"""The rows of `check_preparation`."""

import numpy as np
import pandas as pd
import torch

from arguments.table import Case, refused, row, whole
from lstm_helpers import check_preparation


def table(sizes):
    """(time, feature) by the hour, without zeros."""
    rows = sizes.seq + sizes.batch + sizes.other
    columns = [f"c{n}" for n in range(sizes.feature)]
    index = pd.date_range("2024-02-27", periods=rows, freq="h")
    return pd.DataFrame(
        np.random.default_rng(3).uniform(1, 2, (rows, sizes.feature)), index, columns
    )


def prepare(table):
    return table.diff()


def of_prepare(sizes, value):
    return check_preparation(value, table(sizes))


SIGNATURE = "pass one of (table) -> out."
for mode, wrong, text in (
    ("None", None, f"prepare is None, but a function is needed: {SIGNATURE}"),
    ("a table", lambda sizes: table(sizes), None),
    (
        "a class",
        dict,
        "prepare is the class dict, but a function (table) -> out is needed: make one of it, "
        "dict().",
    ),
):

    def said(sizes, text=text):
        rows = len(table(sizes))
        came = f"a DataFrame ({rows}, {sizes.feature})"
        return text or f"prepare is {came}, but a function is needed: {SIGNATURE}"

    refused(
        "check_preparation", "prepare", mode, of_prepare, wrong, TypeError, said, lambda _: prepare
    )


def of_table(sizes, value):
    return check_preparation(lambda table: table * 2, value)


PASS = "pass a DataFrame, a Series, an array or a tensor."
for mode, wrong, error, text, right in (
    (
        "None",
        lambda sizes: None,
        TypeError,
        f"table is None, but a table (time, feature) is needed: {PASS}",
        table,
    ),
    (
        "several",
        lambda sizes: [table(sizes)] * 2,
        TypeError,
        "table is a list, but one table (time, feature) is needed: glue several series, "
        "pd.concat(tables, keys=range(len(tables))), and take them apart in prepare.",
        lambda sizes: pd.concat([table(sizes)] * 2, keys=range(2)),
    ),
    (
        "windows",
        lambda sizes: np.ones((sizes.batch, sizes.seq, sizes.feature)),
        ValueError,
        "table is ({batch}, {seq}, {feature}), with 3 axes, but a table has two, (time, feature): "
        "pass the table before it is cut into windows.",
        lambda sizes: table(sizes).to_numpy(),
    ),
    (
        "a sparse tensor",
        lambda sizes: torch.as_tensor(table(sizes).to_numpy()).to_sparse(),
        ValueError,
        "table is torch.sparse_coo, but rows are cut from a dense table: use table.to_dense().",
        lambda sizes: torch.as_tensor(table(sizes).to_numpy()).to_sparse().to_dense(),
    ),
    (
        "on the device meta",
        lambda sizes: torch.empty(sizes.seq, sizes.feature, device="meta"),
        ValueError,
        "table is on the device meta, without numbers: pass one with them.",
        lambda sizes: torch.as_tensor(table(sizes).to_numpy()),
    ),
    (
        "masked",
        lambda sizes: np.ma.masked_less(table(sizes).to_numpy(), 1.5),
        TypeError,
        "table is a MaskedArray ({rows}, {feature}), but a table (time, feature) is needed: pass "
        "a DataFrame, a Series, an array of plain numbers, or a tensor.",
        lambda sizes: table(sizes).to_numpy(),
    ),
    (
        "names that come twice",
        lambda sizes: pd.concat([table(sizes)["c0"]] * 2, axis=1),
        ValueError,
        "table has the columns ['c0', 'c0'], but every column needs its own name: keep the first "
        "of each, table.loc[:, ~table.columns.duplicated()].",
        lambda sizes: table(sizes)[["c0"]],
    ),
    (
        "too short",
        lambda sizes: table(sizes)[:5],
        ValueError,
        "table is (5, {feature}), with 5 rows and {feature} columns, but at least 8 rows and one "
        "column are needed: pass a longer part of it.",
        table,
    ),
    (
        "too few dates",
        lambda sizes: pd.concat([table(sizes)[:5]] * 3),
        ValueError,
        "table has 15 rows of 5 different dates, but at least 8 dates are needed: pass a longer "
        "part of it.",
        table,
    ),
    (
        "a row without its date",
        lambda sizes: table(sizes).set_axis([*table(sizes).index[:-1], pd.NaT]),
        ValueError,
        "table has no date in row {last}, but every row needs one: drop the row, or give it its "
        "date.",
        lambda sizes: table(sizes)[:-1],
    ),
    (
        "dates only",
        lambda sizes: table(sizes).index.to_series().to_frame("when").reset_index(drop=True),
        ValueError,
        "table has the columns ['when'], but only dates and names of series beside known: pass it "
        "with the columns that are measured.",
        table,
    ),
):

    def text_of(sizes, text=text):
        rows = len(table(sizes))
        return text.format(**vars(sizes), rows=rows, last=rows - 1)

    refused("check_preparation", "table", mode, of_table, wrong, error, text_of, right)


def columns_of(sizes):
    return list(table(sizes).columns)


for argument, wrong, text in (
    ("known", "snow", "choose from these, or give a position from 0 to {last}."),
    ("target", ["c0", "snow"], "choose from these."),
):
    refused(
        "check_preparation",
        argument,
        "an unknown column",
        lambda sizes, value, name=argument: check_preparation(
            prepare, table(sizes), **{name: value}
        ),
        wrong,
        ValueError,
        lambda sizes, argument=argument, text=text: (
            f"{argument} names 'snow', but the columns are {columns_of(sizes)}: "
            + text.format(last=sizes.feature - 1)
        ),
        ["c0"],
    )


@row("check_preparation", "known", "all columns")
def _(sizes):
    return Case(
        lambda: check_preparation(prepare, table(sizes), known=columns_of(sizes)),
        ValueError,
        f"table has the columns {columns_of(sizes)}, and known names them all, but one has to be "
        "replaced: name fewer in known.",
        lambda: check_preparation(prepare, table(sizes), known=columns_of(sizes)[1:]),
    )


def of_train(sizes, value):
    return check_preparation(prepare, table(sizes), train=value)


for mode, wrong, error, text in (
    ("a bool", True, TypeError, "train is True, but it has to be a whole number."),
    ("no row", 0, ValueError, "train is 0, but it has to be 1 or more."),
    (
        "all rows",
        lambda sizes: len(table(sizes)),
        ValueError,
        "train is {rows}, but it has to be {last} or less.",
    ),
    (
        "a fraction above 1",
        1.5,
        ValueError,
        "train is 1.5, but it has to be a whole number of rows, a fraction between 0 and 1, or "
        "the date of the last row of the training part.",
    ),
    (
        "no date of the table",
        "2023",
        ValueError,
        "train is '2023', which is no date of the table: its dates run from 2024-02-27 to {end}. "
        "Name one of these, or pass the number of rows of the training part.",
    ),
    (
        "the last date",
        lambda sizes: str(table(sizes).index[-1]),
        ValueError,
        "train is '{stamp}', but then no row comes after the training part: name an earlier end.",
    ),
):

    def train_text(sizes, text=text):
        index = table(sizes).index
        end, rows = str(index[-1]).removesuffix(" 00:00:00"), len(index)
        return text.format(end=end, stamp=index[-1], rows=rows, last=rows - 1)

    refused(
        "check_preparation",
        "train",
        mode,
        of_train,
        wrong,
        error,
        train_text,
        lambda sizes: str(table(sizes).index[7]),
    )

refused(
    "check_preparation",
    "train",
    "a date of a table without dates",
    lambda sizes, value: check_preparation(
        lambda table: table * 2, table(sizes).to_numpy(), train=value
    ),
    "2024-02-28",
    ValueError,
    lambda sizes: (
        "train is '2024-02-28', which is no date of the table: it has rows, and no dates, from 0 "
        f"to {len(table(sizes)) - 1}. Name one of these, or pass the number of rows of the "
        "training part."
    ),
    8,
)

whole(
    "check_preparation",
    "cuts",
    lambda sizes, value: check_preparation(prepare, table(sizes), cuts=value),
    most=1000,
)
