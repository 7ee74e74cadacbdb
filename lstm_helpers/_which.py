"""Which windows are wanted: one number or several, however they are given."""

from operator import index as as_number

import numpy as np
import pandas as pd
import torch

from lstm_helpers._arguments import shown
from lstm_helpers._typing import Tensor

_NONE = torch.empty(0, dtype=torch.long)


def number(i, count: int) -> int:
    """One of `count` windows, counted from the end where `i` is negative."""
    if isinstance(i, bool | np.bool_) or np.ma.is_masked(i):
        raise TypeError(_no_number(i))
    try:
        i = as_number(i)
    except Exception:  # an object of somebody's own, a tensor that is nowhere
        raise TypeError(_no_number(i)) from None
    if not -count <= i < count:  # an IndexError also ends a for loop over the windows
        raise IndexError(_absent(i, count))
    return i % count


def numbers(index, count: int) -> Tensor:
    """One number, without an axis, or several, from whatever says which windows are wanted."""
    if isinstance(index, slice):
        try:
            wanted = range(count)[index]
        except Exception:
            raise TypeError(_no_number(index)) from None
        return torch.arange(wanted.start, wanted.stop, wanted.step) if wanted else _NONE
    if not isinstance(index, list | np.ndarray | Tensor | pd.Index | pd.Series):
        return torch.tensor(number(index, count))
    index = _tensor_of(index)
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
    least, most = (int(edge) for edge in index.aminmax()) if index.numel() else (0, -1)
    if least < -count or most >= count:
        outside = (index < -count) | (index >= count)
        raise IndexError(_absent(index[outside][0].item(), count))
    return index if least >= 0 else torch.where(index < 0, index + count, index)


def _tensor_of(index) -> Tensor:
    """A list or an array, in whichever direction it runs, or a tensor, on the CPU."""
    try:
        if isinstance(index, Tensor):
            return index.cpu().to_dense()
        array = np.asarray(index)
        if np.ma.is_masked(index) or array.dtype.kind not in "biuf":
            raise TypeError
        if array.dtype.kind == "u":  # torch can't compare all of these; none is so large
            array = np.minimum(array.astype(np.uint64), np.uint64(2**63 - 1)).astype(np.int64)
        return torch.from_numpy(array.copy())
    except Exception:  # lists of unequal length, numbers that torch does not know
        raise TypeError(_no_number(index)) from None


def _absent(i, count: int) -> str:
    return f"window {shown(i)} was asked for, but there are {count}: choose from 0 to {count - 1}."


def _no_number(what) -> str:
    return (
        f"{shown(what)} was asked for, but windows have whole numbers: "
        "use a number, a slice, a mask, or several numbers as a list, array or tensor."
    )
