"""Values that somebody may hand over by mistake: hardly an argument takes more than a few."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from lstm_helpers import ManyToOneLSTM, Windows


class Mute:
    """An object that can't even say what it is."""

    def __repr__(self):
        raise RuntimeError("no words")


class Sour:
    """An object on which nothing works."""

    def _fail(self, *_):
        raise RuntimeError("not with me")

    __repr__ = __str__ = __index__ = __int__ = __float__ = __len__ = __iter__ = _fail
    __bool__ = __eq__ = __getitem__ = __array__ = _fail
    __hash__ = object.__hash__


class Shaped:
    """An object with a shape that is none."""

    shape = ("seq", 2)


def _tensor(dtype):
    return lambda: torch.arange(96).reshape(4, 12, 2).to(dtype)


def _array(dtype):
    return lambda: np.arange(24).reshape(12, 2).astype(dtype)


def _frame(**how):
    return lambda: pd.DataFrame(np.arange(24.0).reshape(12, 2), **how)


DAYS = pd.date_range("2024-02-27", periods=12)
PLAIN = (
    *(None, True, False, 0, 1, -1, 3, 2**40, 2**63, 2**64 - 1, 2**70, -(2**70)),
    *(0.5, 1.5, 2.0, -0.0, float("nan"), float("inf"), 1e300, 1j, Fraction(1, 3), Decimal("0.5")),
    *("", "seq", "batch seq feature", "3", b"ab", ..., NotImplemented, Path("x.csv"), slice(0, 3)),
    *(int, ValueError, nn.LSTM, ManyToOneLSTM, pd.NA, pd.NaT, np.ma.masked, range(3), torch.int64),
    *(pd.Timestamp("2024-02-27"), pd.Timedelta("1h"), pd.Period("2024-02"), slice("a", None, 0)),
)
# what to call it -> how to make it anew
ODD = {
    **{repr(value): (lambda value=value: value) for value in PLAIN},
    "10**5000": lambda: 10**5000,
    "an object that can't be shown": Mute,
    "an object that does nothing": Sour,
    "an object of an odd shape": Shaped,
    "object()": object,
    "the class Mute": lambda: Mute,
    "print": lambda: print,
    "a function": lambda: lambda *given, **named: given,
    "a generator": lambda: (i for i in range(3)),
    **{f"np.{kind}(3)": (lambda k=kind: getattr(np, k)(3)) for kind in ("int8", "uint16", "int64")},
    **{
        f"np.{kind}(0.5)": (lambda k=kind: getattr(np, k)(0.5))
        for kind in ("float16", "float32", "longdouble", "complex64")
    },
    "np.True_": lambda: np.True_,
    "np.str_": lambda: np.str_("seq"),
    "np.datetime64": lambda: np.datetime64("2024-02-27"),
    **{
        f"torch.tensor({value})": (lambda value=value: torch.tensor(value))
        for value in (3, 0.5, True, 1j)
    },
    **{f"np.array({value})": (lambda v=value: np.array(v)) for value in (3, 0.5, None, True)},
    "a masked number": lambda: np.ma.array(3, mask=True),
    **{text: (lambda t=text: eval(t)) for text in ("[]", "()", "{}", "set()", "[None]", "['a']")},
    **{text: (lambda t=text: eval(t)) for text in ("[1, 2]", "[0.5, True]", "{'a': 1}", "{1: 2}")},
    "lists of unequal length": lambda: [[1.0], [1.0, 2.0]],
    "a list that holds itself": lambda: (own := [1.0]).append(own) or own,
    "[a mute object]": lambda: [Mute()],
    "(a sour object,)": lambda: (Sour(),),
    "{'x': a tensor}": lambda: {"x": torch.rand(4, 12, 2)},
    "[an array, None]": lambda: [np.arange(24.0).reshape(12, 2), None],
    "two tensors": lambda: (torch.rand(4, 12, 2), torch.rand(4, 1, 1)),
    "a ragged tuple": lambda: (np.arange(5.0), np.arange(3)),
    **{
        f"(4, 12, 2) {dtype}": _tensor(dtype)
        for dtype in (
            *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn),
            *(torch.int64, torch.uint8, torch.uint16, torch.bool, torch.complex64),
        )
    },
    **{
        f"empty {shape}": (lambda s=shape: torch.empty(s))
        for shape in ((0,), (0, 12, 2), (4, 0, 2))
    },
    "(12, 2)": lambda: torch.rand(12, 2),
    "(12, 1)": lambda: torch.rand(12, 1),
    "(4, 12, 3)": lambda: torch.rand(4, 12, 3),
    "(2, 2, 2, 2)": lambda: torch.rand(2, 2, 2, 2),
    "with a gradient": lambda: torch.rand(4, 12, 2, requires_grad=True),
    "not contiguous": lambda: torch.rand(12, 4, 2).transpose(0, 1),
    "NaN": lambda: torch.full((4, 12, 2), torch.nan),
    "infinity in a table": lambda: torch.full((12, 2), torch.inf),
    "huge numbers": lambda: np.array([[1.0, 1e300]] * 12),
    "on meta": lambda: torch.empty(4, 12, 2, device="meta"),
    "a table on meta": lambda: torch.empty(12, 2, device="meta"),
    "a number on meta": lambda: torch.tensor(3, device="meta"),
    "sparse": lambda: torch.eye(12, 2).to_sparse(),
    "sparse windows": lambda: torch.ones(4, 12, 2).to_sparse(),
    "one million million steps": lambda: torch.ones(1).expand(2**40),
    **{
        f"array of {dtype}": _array(dtype)
        for dtype in ("f4", ">f8", "f2", "i1", "u8", "?", "U3", "O", "c16", "M8[D]", "m8[s]", "g")
    },
    "records": lambda: np.zeros(12, dtype=[("a", "f4"), ("b", "i4")]),
    "objects": lambda: np.array([object()] * 12),
    "a masked table": lambda: np.ma.masked_less(np.arange(24.0).reshape(12, 2), 5),
    "a masked table without a mask": lambda: np.ma.array(np.arange(24.0).reshape(12, 2)),
    "backwards": lambda: np.arange(24.0).reshape(12, 2)[::-1],
    "an empty array": lambda: np.empty((0, 2)),
    "frame": _frame(columns=["a", "b"], index=DAYS),
    "columns of one name": _frame(columns=["a", "a"]),
    "columns of NaN": _frame(columns=["a", np.nan]),
    "columns of levels": _frame(columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    "rows of levels": _frame(index=pd.MultiIndex.from_product([["a", "b"], range(6)])),
    "rows out of order": _frame(index=DAYS[::-1]),
    "rows that repeat": _frame(index=[0] * 12),
    "an empty frame": pd.DataFrame,
    "a frame of text": lambda: pd.DataFrame({"a": list("abcdefghijkl"), "b": 1.0}),
    "a frame of complex numbers": lambda: pd.DataFrame({"a": np.arange(12) * 1j}),
    "a frame of objects": lambda: pd.DataFrame({"a": [Mute() for _ in range(12)]}),
    "a frame with NA": lambda: pd.DataFrame({"a": pd.array([1, None] * 6, dtype="Int64")}),
    "a sparse frame": lambda: pd.DataFrame({"a": pd.arrays.SparseArray([0.0, 1.0] * 6)}),
    "a series": lambda: pd.Series(np.arange(12.0), DAYS, name="a"),
    "a series of categories": lambda: pd.Series(list("ab") * 6, dtype="category"),
    "an index": lambda: DAYS,
    "windows": lambda: Windows(np.arange(24.0).reshape(12, 2), 3),
    "a model": lambda: ManyToOneLSTM(2, 3),
    "nn.LSTM": lambda: nn.LSTM(2, 3, batch_first=True),
    "an lstm that is lazy": lambda: nn.LazyLinear(3),
    "an exception": lambda: ValueError("x"),
}
