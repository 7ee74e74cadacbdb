"""Where a look-ahead comes from, where it can be seen, and what to do about it."""

import numpy as np

from lstm_helpers._checking.finding import Why
from lstm_helpers._preparing.ahead import Reading, only_in_gaps
from lstm_helpers._preparing.comparing import Answer
from lstm_helpers._preparing.copied import rise_and_fall
from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.words import quoted
from lstm_helpers._typing import Tensor

_FITTED = "fit it on the training part only, .fit(train), and .transform the others"
_UP_TO_ITS_OWN = "compute each row from rows up to its own"
_ENOUGH = 6  # rises and falls that are equal


def column_of_table(given: Given, at: int) -> str:
    """A column of the table as code that can be typed."""
    if not isinstance(given.table, np.ndarray | Tensor):
        return f"table[{quoted(given.frame.columns[at])}]"
    return f"table[:, {at}]" if given.table.ndim == 2 else "table"


def why_ahead(reading: Reading, base: Answer, given: Given, read: list[int] | None) -> Why:
    """The cause of what one column reads ahead, and the repair.

    Args:
        read: the columns of the table that it reads there, where they are known.
    """
    piece, lines = base.pieces[reading.piece], base.lines[reading.piece]
    name, values = piece.called(reading.column), piece.columns[reading.column]
    own = column_of_table(given, read[0]) if read and len(read) == 1 else None
    if reading.kind == "gaps":
        where = own or "table"
        if (lines.rows[:, -1] < 0).any():
            return Why("rows that the table lacks are filled from later ones.", ".ffill().")
        return Why(f"gaps in {where} are filled from later rows.", f"{where}.ffill().")
    if reading.kind == "all":
        return _why_all(reading, values, lines, given, own, read)
    if reading.kind == "least":
        if lines.blocks:
            return Why("", 'label a block by its last row: resample(..., label="right").')
        return Why("", f"{_UP_TO_ITS_OWN}.")
    if own is not None and is_moved(values, lines, given, read[0], reading.distance):
        cause = f"{name} is {own} moved back: {own}.shift(-{reading.distance})."
        name = quoted(piece.names[reading.column])
        return Why(cause, f"leave it out, or, if it is what is predicted, say target={name}.")
    moved = f", or {name}.shift({reading.distance})" * (piece.frame is not None)
    return Why("", f"a window that ends with its own row, without center=True{moved}.")


def _why_all(reading, values, lines, given, own, read) -> Why:
    if only_in_gaps(reading.changes, given, lines):
        where = own or "the table"
        cause = f"gaps in {where} are filled with what comes from later rows, too."
        return Why(cause, f"{_FITTED}; or .ffill().")
    if own is not None and is_scaled(values, lines, given, read[0]):
        return Why(f"{own} is scaled with numbers of later rows, too.", f"{_FITTED}.")
    return Why("", f"{_FITTED}; what has nothing to fit: {_UP_TO_ITS_OWN}.")


def is_moved(values, lines, given: Given, column: int, distance: int) -> bool:
    """Whether values rise and fall as a column of the table does some rows later."""
    own = given.frame.iloc[:, column].to_numpy()
    rows = lines.rows[:, -1]
    later = rows + distance
    if values.ndim > 1 or given.panel or own.dtype.kind not in "biuf":
        return False
    here = (rows >= 0) & (later < len(own))
    if not (np.diff(rows[here]) > 0).all():
        return False
    one, other = rise_and_fall(values[here].astype(float)), rise_and_fall(own[later[here]])
    both = np.isin(one, (1, 255))
    return both.sum() >= _ENOUGH and bool((one == other)[(one != 2) & (other != 2)].all())


def is_scaled(values, lines, given: Given, column: int) -> bool:
    """Whether values are a column of the table, times a number, plus another."""
    own = given.frame.iloc[:, column].to_numpy()
    rows = lines.rows[:, -1]
    if values.ndim > 1 or not {values.dtype.kind, own.dtype.kind} <= set("biuf"):
        return False
    if (rows < 0).any():
        return False
    x, y = own[rows].astype(float), values.astype(float)
    here = np.isfinite(x) & np.isfinite(y)
    x, y = x[here], y[here]
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    slope = np.ptp(y) / np.ptp(x)
    slope = slope if np.corrcoef(x, y)[0, 1] > 0 else -slope
    left = y - slope * x
    return bool(np.ptp(left) <= 1e-5 * np.ptp(y))
