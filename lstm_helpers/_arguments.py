"""Read the arguments that several functions share, and say what is wrong with them."""

from collections.abc import Sequence
from operator import index

import numpy as np
import pandas as pd
import torch

from lstm_helpers._typing import Tensor


def as_array(values) -> np.ndarray:
    """Numbers of any kind as an array, also those of a tensor with a gradient."""
    if not isinstance(values, Tensor):
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()


def at_least(least: int, **argument) -> int:
    ((name, value),) = argument.items()
    try:
        value = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, but it has to be a whole number.") from None
    if value < least:
        raise ValueError(f"{name} is {value}, but it has to be {least} or more.")
    return value


def true_or_false(**argument) -> bool:
    ((name, value),) = argument.items()
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {value!r}, but it has to be True or False.")
    return bool(value)


def other_features(x: str, size: int, input_size: int, who: str = "the model") -> str:
    """What to say where x, described with its shape, has another number of features."""
    return (
        f"{x}, but {who} was built with input_size={input_size}: "
        f"build it with input_size={size}, or pass the features it was made for."
    )


def other_dtype(x: str, dtype, weights, convert: str) -> str:
    """What to say where x has another dtype than the weights; `convert` is code that mends x."""
    other = f", or model.to({dtype})" if getattr(dtype, "is_floating_point", False) else ""
    return f"{x} has dtype {dtype}, but the model's weights have {weights}: use {convert}{other}."


def positions(columns: list, wanted, argument: str, by_number: bool = True) -> list[int]:
    """Where the wanted columns stand, given by name or, with `by_number`, by position."""
    named = isinstance(wanted, tuple) and wanted in columns
    if isinstance(wanted, np.ndarray) and wanted.ndim == 0:
        wanted = wanted.item()
    single = named or isinstance(wanted, str) or not isinstance(wanted, _SEVERAL)
    found = []
    for column in [wanted] if single else list(wanted):
        flag = isinstance(column, bool | np.bool_)
        equal = _equal(columns, column, flag)
        number = by_number and isinstance(column, int | np.integer) and not flag
        if equal:
            found.append(equal[0])
        elif number and -len(columns) <= column < len(columns):
            found.append(int(column) % len(columns))
        else:
            places = f", or give a position from 0 to {len(columns) - 1}" * by_number
            raise ValueError(
                f"{argument} names {column!r}, but the columns are {columns}: "
                f"choose from these{places}."
            )
    if len(set(found)) < len(found):
        raise ValueError(f"{argument} names a column twice: {wanted!r}. Name each once.")
    return found


_SEVERAL = (Sequence, np.ndarray, pd.Index, pd.Series)


def _equal(columns: list, column, flag: bool) -> list[int]:
    """Columns of this name; True is no name for 1."""
    if isinstance(column, np.ndarray | pd.Series | pd.Index):
        return []
    return [
        n for n, name in enumerate(columns) if isinstance(name, bool) == flag and name == column
    ]


class Names(list):
    """Names of columns that know where they stand in their table: `at`, of `size` columns."""

    def __init__(self, columns: list, at: list[int]):
        super().__init__(columns[n] for n in at)
        self.at, self.size = at, len(columns)
