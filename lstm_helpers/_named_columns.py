"""Which columns are meant: by name or by position, and what remembers both."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lstm_helpers._arguments import shown
from lstm_helpers._typing import Tensor

_SEVERAL = (Sequence, np.ndarray, Tensor, pd.Index, pd.Series)


class Names(list):
    """Names of columns that know where they stand in their table: `at`, of `size` columns."""

    def __init__(self, columns: list, at: list[int]):
        super().__init__(columns[n] for n in at)
        self.at, self.size = at, len(columns)


def positions(columns: list, wanted, argument: str, by_number: bool = True) -> list[int]:
    """Where the wanted columns stand, given by name or, with `by_number`, by position.

    Raises:
        ValueError: a column is not there, or named twice.
    """
    found = []
    for column in _each(columns, wanted):
        flag = isinstance(column, bool | np.bool_)
        equal = [n for n, name in enumerate(columns) if _is_called(name, column, flag)]
        number = by_number and isinstance(column, int | np.integer) and not flag
        if equal:
            found.append(equal[0])
        elif number and -len(columns) <= column < len(columns):
            found.append(int(column) % len(columns))
        else:
            places = f", or give a position from 0 to {len(columns) - 1}" * by_number
            raise ValueError(
                f"{argument} names {shown(column)}, but the columns are {columns}: "
                f"choose from these{places}."
            )
    if len(set(found)) < len(found):
        raise ValueError(f"{argument} names a column twice: {shown(wanted)}. Name each once.")
    return found


def roles(columns: list, known, target) -> tuple[list[int], list[int]]:
    """Where the columns stand that are known ahead, and those that are predicted."""
    known_at = positions(columns, known, "known") if known is not None else []
    if target is None:
        target_at = [i for i in range(len(columns)) if i not in known_at]
    else:
        target_at = positions(columns, target, "target")
        if not target_at:
            raise ValueError(
                "target names no column, but one has to be predicted: "
                f"choose from {columns}, or drop target for all of them."
            )
    if not target_at or set(target_at) & set(known_at):
        raise ValueError(
            "target and known share a column, or leave none to predict: a column that is "
            "known ahead needs no prediction. Name other columns in target=."
        )
    return known_at, target_at


def features(size: int, wanted, argument: str) -> list[int]:
    """Where the wanted features of x stand: positions, or columns of `Windows` that know theirs.

    Raises:
        ValueError: a feature is not there, or named twice; the columns are of another x.
    """
    if isinstance(wanted, Names):
        if wanted.size != size:
            raise ValueError(
                f"{argument} is {list(wanted)} of a table with {wanted.size} columns, but x has "
                f"{size} features: give their positions in x."
            )
        return wanted.at
    return positions(list(range(size)), wanted, argument)


def _each(columns: list, wanted) -> list:
    """One column or several; a tuple may be the name of one."""
    if isinstance(wanted, np.ndarray | Tensor):
        try:
            wanted = wanted.tolist()
        except Exception:  # numbers that are nowhere, on the device meta
            return [wanted]
    named = isinstance(wanted, tuple) and any(_is_called(name, wanted, False) for name in columns)
    if named or isinstance(wanted, str | bytes) or not isinstance(wanted, _SEVERAL):
        return [wanted]
    return list(wanted)


def _is_called(name, column, flag: bool) -> bool:
    """Whether a column has this name; True is no name for 1."""
    try:
        return isinstance(name, bool) == flag and bool(name == column)
    except Exception:  # an array, NA, an object of somebody's own
        return False
