"""Check one argument and return it as it is used: a helper for each kind of argument."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from math import inf
from numbers import Real
from operator import index

import numpy as np
import torch
from torch import nn

from lstm_helpers._typing import Tensor

MOST_SEED = 2**64 - 1  # that torch's generators take


def at_least(least: int, most: int = 2**63 - 1, **argument) -> int:
    """A whole number of any width, as an int; True is none.

    Raises:
        TypeError: it is no whole number.
        ValueError: it is below `least` or above `most`.
    """
    ((name, value),) = argument.items()
    try:
        if _is_flag(value) or np.ma.is_masked(value):
            raise TypeError
        number = index(value)
    except Exception:  # a tensor on the device meta, an object of somebody's own
        raise TypeError(f"{name} is {shown(value)}, but it has to be a whole number.") from None
    if number < least:
        raise ValueError(f"{name} is {shown(number)}, but it has to be {least} or more.")
    if number > most:
        raise ValueError(f"{name} is {shown(number)}, but it has to be {most} or less.")
    return number


def above(least: int | float, hint: str = "", **argument) -> float:
    """A finite number above `least`, as a float; `hint` ends the message, as in ", or None".

    Raises:
        TypeError: it is no number.
        ValueError: it is not above `least`, or not finite.
    """
    ((name, value),) = argument.items()
    needed = f"a number above {least:g}{hint}"
    number = _real(name, value, needed)
    if not least < number < inf:
        raise ValueError(f"{name} is {shown(value)}, but it has to be {needed}.")
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


def is_real(value) -> bool:
    """Python's, numpy's and torch's numbers; no bool, no text, nothing complex or with an axis."""
    scalar = isinstance(value, Real | np.number) or (
        isinstance(value, Tensor | np.ndarray) and value.ndim == 0
    )
    if not scalar or _is_flag(value) or np.ma.is_masked(value):
        return False
    if isinstance(value, np.ndarray) and value.dtype == object:
        return False
    return not (value.is_complex() if isinstance(value, Tensor) else np.iscomplexobj(value))


def _real(name: str, value, needed: str) -> float:
    with suppress(Exception):
        if is_real(value):
            return float(value)
    raise TypeError(f"{name} is {shown(value)}, but it has to be {needed}.")


def _is_flag(value) -> bool:
    kind = value.dtype if isinstance(value, Tensor | np.ndarray | np.generic) else None
    return isinstance(value, bool) or kind in (torch.bool, np.bool_)


def true_or_false(**argument) -> bool:
    ((name, value),) = argument.items()
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} is {shown(value)}, but it has to be True or False.")
    return bool(value)


def text(example: str, **argument) -> str:
    """Text; `example` is shown where something else came."""
    ((name, value),) = argument.items()
    if not isinstance(value, str):
        raise TypeError(f"{name} is {shown(value)}, but text is needed, such as {example!r}.")
    return value


def one_of(known: Iterable[str], what: str, advice: str = "choose from {}", **argument) -> str:
    """One of the known words; `what` says that there is none of this name.

    Raises:
        ValueError: it is another one, or none.
    """
    ((_, value),) = argument.items()
    known = list(known)
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{what} {shown(value)}: {advice.format(', '.join(known))}.")
    return value


def items(value) -> list | None:
    """What a list, an array or an index holds; None for text, a dict and what holds nothing."""
    if isinstance(value, str | bytes | Mapping):
        return None
    try:
        return list(value)
    except Exception:  # a number, an array without an axis, an object of somebody's own
        return None


def a_function(signature: str, **argument) -> Callable:
    """Something that can be called, and no class; `signature` says with what."""
    ((name, value),) = argument.items()
    if isinstance(value, type):
        raise TypeError(
            f"{name} is the class {value.__name__}, but a function {signature} is needed: "
            f"make one of it, {value.__name__}()."
        )
    if not callable(value):
        raise TypeError(
            f"{name} is {shown(value)}, but a function is needed: pass one of {signature}."
        )
    return value


def a_forward(forward) -> Callable:
    """A function that gets the model and a batch; a model is none, it would get itself as x."""
    signature = "(model, *batch) -> (yhat, y)"
    if isinstance(forward, nn.Module):
        raise TypeError(
            f"forward is a model, {type(forward).__name__}, but a function {signature} is needed, "
            "which gets the model: pass lambda model, x, y: (model(x), y)."
        )
    return a_function(signature, forward=forward)


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


def what_can_be_asked(model) -> Callable:
    """A module or a function of tensors, which the instruments call.

    Raises:
        TypeError: it can't be called, or is the class of a module.
    """
    if isinstance(model, type) and issubclass(model, nn.Module):
        return a_model(model)
    if not callable(model):
        raise TypeError(
            f"model is {shown(model)} of type {type(model).__name__}, which can't be called: pass "
            "a module or a function of tensors, and then what it is called with."
        )
    return model


def by_name(kwargs) -> dict:
    """Keyword arguments as a new dict; none for None.

    Raises:
        TypeError: they are no dict, or a name is no text.
    """
    if kwargs is None:
        return {}
    if not isinstance(kwargs, Mapping):
        raise TypeError(
            f"kwargs is {shown(kwargs)}, but a dict of the arguments that the model takes by name "
            'is needed: kwargs={"mask": mask}.'
        )
    if other := [name for name in kwargs if not isinstance(name, str)]:
        raise TypeError(
            f"kwargs has the name {shown(other[0])}, but names of arguments are text: "
            'kwargs={"mask": mask}.'
        )
    return dict(kwargs)


def shown(value) -> str:
    """A value in a message: its repr where that is short, else its kind and its size."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, Tensor | np.ndarray) and value.ndim:
        return f"a {type(value).__name__} {tuple(value.shape)}"
    try:
        said = repr(value)
    except Exception:
        said = "a whole number of thousands of digits" if isinstance(value, int) else ""
    if said and len(said) <= 60 and "\n" not in said:
        return said
    try:
        size = f" {tuple(value.shape)}"
    except Exception:
        size = ""
    return f"a {type(value).__name__}{size}"


def check_dense(value, name: str) -> None:
    """Refuse a sparse tensor, which can't be cut.

    Raises:
        ValueError: with what to call.
    """
    if isinstance(value, Tensor) and value.layout != torch.strided:
        raise ValueError(
            f"{name} is {value.layout}, but rows are cut from a dense table: use {name}.to_dense()."
        )


def check_room(numbers: int, what: str) -> None:
    """Refuse what no memory can be had for, before it is filled.

    Raises:
        ValueError: with what it would be.
    """
    try:
        torch.empty(numbers)
    except Exception:
        raise ValueError(
            f"{what}: that is {shown(numbers)} numbers, for which there is no memory. "
            "Choose smaller sizes."
        ) from None


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


def is_cast(device: str) -> bool:
    """Whether autocast is at work on this kind of device; not every kind has it."""
    return torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
