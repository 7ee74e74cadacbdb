"""What a preparation of the zoo is, the mistakes there are, and the decorators that enter one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

MISTAKES = {
    "statistics of all rows": "A mean, an extreme, an order or a fit is taken over all rows, and "
    "given to each of them.",
    "the training part knows later parts": "What is fitted or chosen on all rows before the split "
    "is part of the training data.",
    "a window over both sides": "A filter or a moving statistic is centred, or runs backwards.",
    "a later row": "A column is moved against time.",
    "a gap filled from its end": "What was missing is made from a value after it.",
    "a block known at its start": "A day's number is given to the hours before its end, or is "
    "dated with its beginning.",
    "a window that knows its target": "x holds the y of its window.",
    "shared by training and test": "The test has rows, or targets, that training has, too.",
    "a random split": "Rows or overlapping windows are divided at random.",
}
END = "to the end"
TRAIN = "the training part"
SHARED = "shared"


class AtLeast(NamedTuple):
    """So many rows ahead are proved; further ones fade out."""

    rows: int


@dataclass(frozen=True, eq=False)
class Preparation:
    """A preparation, a table for it, and what there is to say about it.

    Attributes:
        prepare: table -> what its author makes of it.
        table: builds the table.
        how: keyword arguments of `check_preparation`.
        mistake: one of `MISTAKES`; None: the preparation is right.
        column: the column of the table that is read too early; one of several where all are.
        ahead: how many rows later a value is read. `END`: to the last row. `TRAIN`: the first part
            depends on the later ones. `SHARED`: training and test have rows in common.
        cause: the line of `prepare` that does it, as it stands there.
        cut: the row up to which cells are looked at; the middle of the table by default.
        inside: the training part's number of rows: only cuts after it are looked at.
        rows: table -> the dates of each array that is returned without an index.
        reads: how many rows before its own a row of the result holds, such as lags.
        asked: why no checker can tell, so that a question is the best answer.
    """

    name: str
    prepare: Callable
    table: Callable
    how: dict[str, Any]
    mistake: str | None = None
    column: str = ""
    ahead: int | str | AtLeast | None = None
    cause: str = ""
    cut: int | None = None
    inside: int = 0
    rows: Callable | None = None
    reads: int = 0
    asked: str = ""

    def __str__(self):
        return self.name


WRONG: list[Preparation] = []
RIGHT: list[Preparation] = []
_FIELDS = {"cut", "inside", "rows", "reads", "asked"}


def wrong(mistake, table, *, column, ahead, cause, **more):
    """Enter the function as a wrong preparation; other arguments are `check_preparation`'s."""
    assert mistake in MISTAKES, mistake
    told = {"mistake": mistake, "column": column, "ahead": ahead, "cause": cause}

    def enter(prepare):
        WRONG.append(_entry(prepare, table, more, **told))
        return prepare

    return enter


def right(table, **more):
    """Enter the function as a right preparation; other arguments are `check_preparation`'s."""

    def enter(prepare):
        RIGHT.append(_entry(prepare, table, more))
        return prepare

    return enter


def _entry(prepare, table, more, **told) -> Preparation:
    own = {name: more[name] for name in _FIELDS & more.keys()}
    how = {name: value for name, value in more.items() if name not in _FIELDS}
    name = prepare.__name__.replace("_", " ")
    return Preparation(name=name, prepare=prepare, table=table, how=how, **told, **own)
