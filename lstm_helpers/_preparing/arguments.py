"""The arguments of `check_preparation`, checked."""

from numbers import Integral

import numpy as np

from lstm_helpers._arguments import at_least, is_real, shown
from lstm_helpers._named_columns import positions
from lstm_helpers._order import show_date
from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.replacing import may_be_replaced
from lstm_helpers._preparing.results import Piece


def read_known(given: Given, known) -> list[int]:
    """Where the columns stand that are known ahead.

    Raises:
        ValueError: one is not there, or they are all of them.
    """
    columns = list(given.frame.columns)
    at = [] if known is None else positions(columns, known, "known")
    if len(at) == len(columns):
        raise ValueError(
            f"table has the columns {columns}, and known names them all, but one has to be "
            "replaced: name fewer in known."
        )
    if not may_be_replaced(given, at):
        raise ValueError(
            f"table has the columns {columns}, but only dates and names of series beside known: "
            "pass it with the columns that are measured."
        )
    return at


def read_target(given: Given, pieces: list[Piece], target) -> list:
    """Names of columns of the table, or of what `prepare` returns.

    Raises:
        ValueError: there is none of this name.
    """
    if target is None:
        return []
    names = list(given.frame.columns)
    names += [name for piece in pieces for name in piece.names if name is not None]
    names = list(dict.fromkeys(names))
    return [names[at] for at in positions(names, target, "target", by_number=False)]


def read_train(given: Given, train) -> int | None:
    """The number of the last time of the training part.

    Raises:
        TypeError: a count is True or no whole number.
        ValueError: there is no such row, or none after it.
    """
    if train is None:
        return None
    rows, times = len(given.when), np.sort(given.when)
    if isinstance(train, bool | np.bool_) or (is_real(train) and _counts(train)):
        last = int(times[at_least(1, rows - 1, train=train) - 1])
    elif is_real(train):
        if not 0 < float(train) < 1:
            raise ValueError(
                f"train is {shown(train)}, but it has to be a whole number of rows, a fraction "
                "between 0 and 1, or the date of the last row of the training part."
            )
        last = int(times[max(round(rows * float(train)), 1) - 1])
    else:
        last = _date(given, train)
    if last >= given.last:
        raise ValueError(
            f"train is {shown(train)}, but then no row comes after the training part: name an "
            "earlier end."
        )
    return last


def _counts(train) -> bool:
    kind = getattr(train, "dtype", None)
    if kind is None:
        return isinstance(train, Integral)
    return not (kind.is_floating_point if hasattr(kind, "is_floating_point") else kind.kind == "f")


def _date(given: Given, train) -> int:
    if given.dates is not None:
        try:
            found = np.arange(len(given.dates))[given.dates.get_loc(train)]
            return int(found if np.ndim(found) == 0 else found[-1])
        except Exception:  # no such date, or nothing that could be one
            pass
        run = f"its dates run from {show_date(given.dates[0])} to {show_date(given.dates[-1])}"
    else:
        run = f"it has rows, and no dates, from 0 to {given.last}"
    raise ValueError(
        f"train is {shown(train)}, which is no date of the table: {run}. Name one of these, or "
        "pass the number of rows of the training part."
    )
