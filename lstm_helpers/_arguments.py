"""Read the arguments that several functions share, and say what is wrong with them."""

from collections.abc import Sequence
from math import inf
from numbers import Real
from operator import index

import numpy as np
import pandas as pd
import torch
from torch import nn

from lstm_helpers._typing import Tensor


def as_array(values) -> np.ndarray:
    """Numbers of any kind as an array, also those of a tensor with a gradient."""
    if not isinstance(values, Tensor):
        return np.asarray(values)
    values = values.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()


def at_least(least: int, most: int | None = None, **argument) -> int:
    """A whole number of any width, as an int; True is none.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is below `least` or above `most`.
    """
    ((name, value),) = argument.items()
    try:
        if isinstance(value, bool | np.bool_) or getattr(value, "dtype", None) == torch.bool:
            raise TypeError
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {shown(value)}, but it has to be a whole number.") from None
    if number < least:
        raise ValueError(f"{name} is {number}, but it has to be {least} or more.")
    if most is not None and number > most:
        raise ValueError(f"{name} is {number}, but it has to be {most} or less.")
    return number


def above(least: float, hint: str = "", **argument) -> float:
    """A finite number above `least`, as a float; `hint` ends the message, as in ", or None".

    Raises:
        TypeError: it is no number.
        ValueError: it is not above `least`, or not finite.
    """
    ((name, value),) = argument.items()
    number = _real(name, value, f"a number above {least:g}{hint}")
    if not least < number < inf:
        raise ValueError(
            f"{name} is {shown(value)}, but it has to be a number above {least:g}{hint}."
        )
    return number


def share(**argument) -> float:
    """A number from 0 to 1, as a float.

    Raises:
        TypeError: it is no number.
        ValueError: it is outside.
    """
    ((name, value),) = argument.items()
    number = _real(name, value, "a number from 0 to 1")
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is {shown(value)}, but it has to be a number from 0 to 1.")
    return number


def _real(name: str, value, needed: str) -> float:
    """Python's, numpy's and torch's numbers; no bool, no text, nothing with an axis."""
    scalar = isinstance(value, Real | np.number) or (
        isinstance(value, Tensor | np.ndarray) and value.ndim == 0
    )
    kind = getattr(value, "dtype", None)
    flag = isinstance(value, bool | np.bool_) or kind in (torch.bool, np.bool_)
    try:
        if scalar and not flag:
            return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass
    raise TypeError(f"{name} is {shown(value)}, but it has to be {needed}.")


def a_model(model) -> nn.Module:
    """An nn.Module, and not its class.

    Raises:
        TypeError: it is none.
    """
    if isinstance(model, type):
        raise TypeError(
            f"model is the class {model.__name__}, but a model is needed: "
            f"make one of it, {model.__name__}(...)."
        )
    if not isinstance(model, nn.Module):
        came = "None" if model is None else f"a {type(model).__name__}"
        raise TypeError(f"model is {came}, but an nn.Module is needed: pass the model itself.")
    return model


def shown(value) -> str:
    """A value in a message: its repr where that is short, else its kind and its size."""
    if isinstance(value, Tensor | np.ndarray) and value.ndim:
        return f"a {type(value).__name__} {tuple(value.shape)}"
    try:
        text = repr(value)
    except Exception:
        text = ""
    if text and len(text) <= 60 and "\n" not in text:
        return text
    return f"a {type(value).__name__}"


def true_or_false(**argument) -> bool:
    ((name, value),) = argument.items()
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {shown(value)}, but it has to be True or False.")
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
