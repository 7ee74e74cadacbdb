"""Numbers that come as an array, a tensor, a table or a list."""

import warnings
from contextlib import suppress

import numpy as np

from lstm_helpers._arguments import shown
from lstm_helpers._typing import Tensor

_PLAIN = "biuf"  # numpy's kinds of numbers


def shape_of(**argument) -> tuple[int, ...]:
    """The shape of anything that has one.

    Raises:
        TypeError: it has none.
    """
    ((name, value),) = argument.items()
    try:
        if isinstance(value, type):
            raise TypeError
        return tuple(int(size) for size in value.shape)
    except Exception:
        raise TypeError(
            f"{name} is {shown(value)}, which has no shape: pass a tensor, an array or a table."
        ) from None


def numbers(**argument) -> np.ndarray:
    """Numbers of any kind as an array, also those of a tensor with a gradient; NaN where masked.

    Raises:
        TypeError: they are no numbers.
    """
    ((name, value),) = argument.items()
    try:
        if value is None:  # numpy would make NaN of it
            raise TypeError
        array = _as_array(value)
    except Exception:
        raise TypeError(f"{name} is {shown(value)}, but {_NEEDED}") from None
    if array.dtype == object:  # numbers beside NA, whole ones of any size
        with suppress(Exception):
            array = array.astype(np.float64)
    if array.dtype.kind not in _PLAIN:
        convert = "Use their .real" if array.dtype.kind == "c" else "Try astype(float)"
        raise TypeError(f"{name} has dtype {array.dtype}, but numbers are needed. {convert}.")
    if np.ma.is_masked(array):
        array = array.astype(np.float64)
    return np.asarray(np.ma.filled(array, np.nan))


_NEEDED = "numbers are needed: pass a tensor, an array, a table or a list of numbers."


def _as_array(value) -> np.ndarray:
    if isinstance(value, Tensor):
        value = value.detach().cpu().to_dense().resolve_neg()
        small = value.is_floating_point() and value.itemsize < 4  # numpy knows no bfloat16
        return (value.float() if small else value).numpy()
    with warnings.catch_warnings():  # of what numpy makes of lists of unlike parts
        warnings.simplefilter("error")
        return value if np.ma.isMaskedArray(value) else np.asarray(value)
