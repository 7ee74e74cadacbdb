"""Read what a reader's cell holds, whatever it is: nothing here raises.

An answer may be a class, a number of 400 digits, or an object whose own methods raise. Each
function returns a plain value that the checks can work with, or None.
"""

from contextlib import suppress
from operator import index

import numpy as np
import torch

_LONG = 60  # characters; what is longer is not printed


def as_number(answer) -> int | None:
    """A whole number of Python, numpy or torch; None for anything else, True among it.

    >>> as_number(np.int64(95)), as_number("95"), as_number(95.0)
    (95, None, None)
    """
    with suppress(Exception):
        if not isinstance(answer, bool | np.bool_) and getattr(answer, "dtype", None) != torch.bool:
            return int(index(answer))
    return None


def as_shape(answer) -> tuple[int, ...] | None:
    """A shape given as tuple, list or torch.Size; None for anything else.

    >>> as_shape([5, 12, 1])
    (5, 12, 1)
    """
    with suppress(Exception):
        if isinstance(answer, tuple | list):
            sizes = tuple(as_number(size) for size in answer)
            return None if None in sizes else sizes
    return None


def as_names(answer) -> set[str] | None:
    """Names in a list, tuple or set, or a single one; None for anything else.

    >>> sorted(as_names(["sales", "price"]))
    ['price', 'sales']
    """
    with suppress(Exception):
        if isinstance(answer, str):
            return {str.__str__(answer)}
        if isinstance(answer, list | tuple | set | frozenset):
            names = list(answer)
            if all(isinstance(name, str) for name in names):
                return {str.__str__(name) for name in names}
    return None


def as_truth(answer) -> bool | None:
    """True or False of Python, numpy or torch; None for anything else, 1 and "yes" among it.

    >>> as_truth(np.bool_(False)), as_truth(torch.tensor([True])), as_truth("no")
    (False, True, None)
    """
    with suppress(Exception):
        one = isinstance(answer, torch.Tensor | np.ndarray) and tuple(answer.shape) in ((), (1,))
        answer = answer.item() if one else answer
        if isinstance(answer, bool | np.bool_):
            return bool(answer)
    return None


def show(answer) -> str:
    """An answer in a few words: a tensor by its shape, not its thousand numbers.

    >>> show(10**400)
    'a whole number of more than 60 digits'
    >>> show(dict), show(torch.rand(5, 12, 1))
    ('the class dict', 'a Tensor of shape (5, 12, 1)')
    """
    with suppress(Exception):
        return _described(answer)
    return _a(_class_name(type(answer)))


def said(error: Exception) -> str:
    """An exception's class and message, as Python prints them last."""
    with suppress(Exception):
        return f"{_class_name(type(error))}: {error}"
    return _class_name(type(error))


def _described(answer) -> str:
    if isinstance(answer, type):
        return f"the class {_class_name(answer)}"
    if isinstance(answer, int) and abs(answer) >= 10**_LONG:
        return f"a whole number of more than {_LONG} digits"
    if hasattr(answer, "shape") and (shape := as_shape(tuple(answer.shape))) is not None:
        return f"{_a(_class_name(type(answer)))} of shape {shape}"
    if type(answer).__repr__ is object.__repr__ or hasattr(type(answer), "__next__"):
        return _a(_class_name(type(answer)))  # its repr is an address
    text = repr(answer)
    if len(text) < _LONG and "\n" not in text and " at 0x" not in text:
        return text
    name = getattr(answer, "__name__", None)
    kind = _class_name(type(answer))
    return f"the {kind} {name}" if isinstance(name, str) and len(name) < _LONG else _a(kind)


def _class_name(kind: type) -> str:
    """The name of a class, also where a metaclass hides it."""
    return type.__dict__["__name__"].__get__(kind)


def _a(name: str) -> str:
    vowel = name.lower().startswith(("a", "e", "i", "o", "u", "nd"))  # an ndarray
    return f"an {name}" if vowel else f"a {name}"
