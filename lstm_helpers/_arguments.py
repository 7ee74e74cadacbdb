"""Read the arguments that several functions share, and say what is wrong with them."""

from collections.abc import Sequence
from operator import index

import numpy as np
import pandas as pd

from lstm_helpers._typing import Tensor


def as_array(values) -> np.ndarray:
    """Numbers of any kind as an array, also those of a tensor with a gradient."""
    return values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)


def at_least(least: int, **argument) -> int:
    ((name, value),) = argument.items()
    try:
        value = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}, but it has to be a whole number.") from None
    if value < least:
        raise ValueError(f"{name} is {value}, but it has to be {least} or more.")
    return value


def other_features(x: str, size: int, input_size: int, who: str = "the model") -> str:
    """What to say where x, described with its shape, has another number of features."""
    return (
        f"{x}, but {who} was built with input_size={input_size}: "
        f"build it with input_size={size}, or pass the features it was made for."
    )


def other_dtype(x: str, dtype, weights, convert: str) -> str:
    """What to say where x has another dtype than the weights; `convert` is code that mends x."""
    return (
        f"{x} has dtype {dtype}, but the model's weights have {weights}: "
        f"use {convert}, or model.to({dtype})."
    )


def positions(columns: list, wanted, argument: str) -> list[int]:
    """Where the wanted columns stand, given by name or by position."""
    single = isinstance(wanted, str) or not isinstance(wanted, Sequence | np.ndarray | pd.Index)
    found = []
    for column in [wanted] if single else wanted:
        if column in columns:
            found.append(columns.index(column))
        elif isinstance(column, int | np.integer) and -len(columns) <= column < len(columns):
            found.append(column % len(columns))
        else:
            raise ValueError(
                f"{argument} names {column!r}, but the columns are {columns}: choose from these, "
                f"or give a position from 0 to {len(columns) - 1}."
            )
    if len(set(found)) < len(found):
        raise ValueError(f"{argument} names a column twice: {wanted!r}. Name each once.")
    return found
