"""Which windows are wanted: one number or several, however they are given."""

from operator import index as as_number

import numpy as np
import pandas as pd
import torch

from lstm_helpers._typing import Tensor

_NONE = torch.empty(0, dtype=torch.long)


def number(i, count: int) -> int:
    """One of `count` windows, counted from the end where `i` is negative."""
    if isinstance(i, bool | np.bool_):
        raise TypeError(_no_number(i))
    try:
        return range(count)[as_number(i)]
    except TypeError:
        raise TypeError(_no_number(i)) from None
    except IndexError:  # which also ends a for loop over the windows
        raise IndexError(_absent(i, count)) from None


def numbers(index, count: int) -> Tensor:
    """One number, without an axis, or several, from whatever says which windows are wanted."""
    if isinstance(index, slice):
        wanted = range(count)[index]
        return torch.arange(wanted.start, wanted.stop, wanted.step) if wanted else _NONE
    if not isinstance(index, list | np.ndarray | Tensor | pd.Index | pd.Series):
        return torch.tensor(number(index, count))
    index = index if isinstance(index, Tensor) else _tensor_of(index)
    if index.ndim > 1:
        raise IndexError(
            f"an index {tuple(index.shape)} was asked for, but windows stand in one row: "
            "use index.flatten()."
        )
    if index.dtype == torch.bool:
        if index.shape != (count,):
            raise IndexError(
                f"the mask is {tuple(index.shape)}, but there are {count} windows: "
                "a mask has one True or False for each."
            )
        return index.nonzero()[:, 0].cpu()
    if index.numel() and (index.is_floating_point() or index.is_complex()):
        raise TypeError(_no_number(index.dtype))
    index = index.long().cpu()
    outside = (index < -count) | (index >= count)
    if outside.any():
        raise IndexError(_absent(index[outside][0].item(), count))
    return torch.where(index < 0, index + count, index)


def _tensor_of(index) -> Tensor:
    """A list or an array, in whichever direction it runs."""
    try:
        array = np.asarray(index)
    except ValueError:  # lists of unequal length
        raise TypeError(_no_number(index)) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(_no_number(index))
    return torch.from_numpy(array.copy())


def _absent(i, count: int) -> str:
    return f"window {i} was asked for, but there are {count}: choose from 0 to {count - 1}."


def _no_number(what) -> str:
    return (
        f"{what!r} was asked for, but windows have whole numbers: "
        "use a number, a slice, a mask, or several numbers as a list, array or tensor."
    )
