"""What of a thing a model can change: how to compare it, put it back, and what it holds."""

import array
import pickle
import random
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dis import get_instructions
from functools import partial, singledispatch
from operator import eq
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

# A logger's tree or a compiler's inside is no state of a model, and not ours to touch.
_NOT_OURS = sys.stdlib_module_names | {"torch", "numpy", "pandas"}
_HOLD_STATE = ("types", "collections", "queue", "argparse", "torch.distributions")
ABSENT = object()


def _alike(ours: list, theirs: list) -> bool:
    """The very same objects in the same order."""
    return len(ours) == len(theirs) and all(a is b for a, b in zip(ours, theirs, strict=True))


class Kept(NamedTuple):
    """One object as it was: what to compare, how to put it back, and what it holds."""

    saved: Any = ()
    now: Callable[[], Any] = tuple
    put_back: Callable[[Any], None] = tuple
    holds: Iterable = ()
    same: Callable[[Any, Any], bool] = _alike

    @property
    def is_changed(self) -> bool:
        try:
            return not self.same(self.now(), self.saved)
        except Exception:  # what can't be compared is left alone
            return False


@singledispatch
def keep(thing) -> Kept:
    """How to keep a thing of this type; here, a plain object."""
    home = type(thing).__module__
    ours = home.partition(".")[0] not in _NOT_OURS or home.startswith(_HOLD_STATE)
    return _keep_object(thing) if ours else Kept()


def _keep_object(thing) -> Kept:
    """Its class (a lazy layer becomes another one), its slots and its attributes."""
    names = ["__class__", *_slots(type(thing))]

    def now():
        return [getattr(thing, name, ABSENT) for name in names]

    def put_back(saved):
        for name, value, present in zip(names, saved, now(), strict=True):
            if value is not ABSENT:
                object.__setattr__(thing, name, value)
            elif present is not ABSENT:
                object.__delattr__(thing, name)

    return Kept(now(), now, put_back, [*_own_dict(thing), *now()[1:]])


def _slots(kind):
    for c in kind.__mro__:
        names = vars(c).get("__slots__", ())
        for name in (names,) if isinstance(names, str) else names:
            private = name.startswith("__") and not name.endswith("__")
            if name not in ("__dict__", "__weakref__"):
                yield f"_{c.__name__.lstrip('_')}{name}" if private else name


def _own_dict(thing) -> list:
    return [vars(thing)] if hasattr(thing, "__dict__") else []


@keep.register
def _(module: nn.Module) -> Kept:
    kept = _keep_object(module)
    with suppress(Exception):  # a scripted module holds them elsewhere than in its attributes
        own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
        return kept._replace(holds=[*kept.holds, *own])
    return kept


@keep.register(list)
@keep.register(deque)
@keep.register(set)
@keep.register(dict)
def _(thing) -> Kept:
    # Not the methods of a class derived from these, which may do more.
    base = next(b for b in (OrderedDict, dict, list, deque, set) if isinstance(thing, b))
    pairs = issubclass(base, dict)

    def now():
        return [x for pair in base.items(thing) for x in pair] if pairs else list(thing)

    def put_back(saved):
        base.clear(thing)
        refill = base.extend if base in (list, deque) else base.update
        refill(thing, zip(saved[::2], saved[1::2], strict=True) if pairs else saved)

    return Kept(now(), now, put_back, [*now(), *_own_dict(thing)])


@keep.register(tuple)
@keep.register(frozenset)
def _(thing) -> Kept:
    return Kept(holds=thing)


@keep.register
def _(call: partial) -> Kept:
    return Kept(holds=(call.func, *call.args, *call.keywords.values()))


@keep.register
def _(method: MethodType) -> Kept:
    return Kept(holds=(method.__self__, method.__func__))


@keep.register(bytearray)
@keep.register(array.array)
def _(thing) -> Kept:
    return Kept(thing[:], lambda: thing, partial(thing.__setitem__, slice(None)), same=eq)


@keep.register
def _(values: np.ndarray) -> Kept:
    def put_back(saved):
        if values.shape != saved.shape:
            values.resize(saved.shape, refcheck=False)
        values[...] = saved

    def same(a, b):
        return a.shape == b.shape and a.tobytes() == b.tobytes()

    holds = list(values.flat) if values.dtype == object else ()
    fixed = not values.flags.writeable
    return Kept() if fixed else Kept(values.copy(), lambda: values, put_back, holds, same)


@keep.register(pd.DataFrame)
@keep.register(pd.Series)
def _(table) -> Kept:
    def put_back(saved):
        table.__setstate__(saved.copy().__getstate__())

    def same(a, b):
        return a.equals(b) and a.attrs == b.attrs

    return Kept(table.copy(), lambda: table, put_back, same=same)


@keep.register(torch.Generator)
@keep.register(np.random.Generator)
@keep.register(np.random.BitGenerator)
@keep.register(np.random.RandomState)
@keep.register(random.Random)
def _(generator) -> Kept:
    bits = getattr(generator, "bit_generator", generator)
    if isinstance(bits, np.random.BitGenerator):
        now, put_back = (lambda: bits.state), partial(setattr, bits, "state")
    elif isinstance(generator, random.Random):
        now, put_back = generator.getstate, generator.setstate
    else:
        now, put_back = generator.get_state, generator.set_state
    return Kept(now(), now, put_back, same=lambda a, b: pickle.dumps(a) == pickle.dumps(b))


@keep.register
def _(function: FunctionType) -> Kept:
    """What it closes over, also where it binds that anew (`nonlocal`), and what else it reads."""
    cells = [cell for cell in function.__closure__ or () if _is_filled(cell)]

    def now():
        return [cell.cell_contents for cell in cells]

    def put_back(saved):
        for cell, value in zip(cells, saved, strict=True):
            cell.cell_contents = value

    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    holds = [*now(), *defaults, *_globals_read(function), vars(function)]
    return Kept(now(), now, put_back, holds)


def _is_filled(cell) -> bool:
    with suppress(ValueError):
        return cell.cell_contents is not ABSENT
    return False


def _globals_read(function):
    """Globals count only if they are state, or functions beside it: behind others lie libraries."""
    if (function.__module__ or "").partition(".")[0] in _NOT_OURS:
        return
    state = (nn.Module, Tensor, list, dict, set, deque, bytearray, np.ndarray)
    for name in _names_read(function.__code__):
        value = function.__globals__.get(name)
        beside = getattr(value, "__module__", None) == function.__module__
        if isinstance(value, state) or (isinstance(value, FunctionType) and beside):
            yield value


def _names_read(code: CodeType):
    yield from (i.argval for i in get_instructions(code) if i.opname == "LOAD_GLOBAL")
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_read(inner)


class _TensorState(NamedTuple):
    numbers: Tensor
    is_leaf: bool
    requires_grad: bool
    grad: Tensor | None
    hooks: dict | None


@keep.register
def _(tensor: Tensor) -> Kept:
    if nn.parameter.is_lazy(tensor):
        return _keep_without_size(tensor)

    def now():
        grad = tensor.grad if tensor.is_leaf else None
        hooks = tensor._backward_hooks
        return _TensorState(tensor.detach(), tensor.is_leaf, tensor.requires_grad, grad, hooks)

    def same(a, b):
        return _alike(a[1:], b[1:]) and same_numbers(a.numbers, b.numbers)

    def put_back(saved):
        if saved.is_leaf and not tensor.is_leaf:
            tensor.detach_()
        if saved.is_leaf:
            tensor.requires_grad_(saved.requires_grad)
        if not same_numbers(tensor.detach(), saved.numbers):
            _write(tensor, saved.numbers)
        if saved.is_leaf:
            tensor.grad = saved.grad
        tensor._backward_hooks = saved.hooks

    state, own = now(), _own_dict(tensor)
    holds = (state.grad, state.hooks, *own)
    return Kept(state._replace(numbers=state.numbers.clone()), now, put_back, holds, same)


def _write(tensor, numbers):
    # `.data`: a version bump would break a backward pass that the caller still plans.
    other_kind = (tensor.shape, tensor.dtype) != (numbers.shape, numbers.dtype)
    if other_kind or tensor.layout == torch.sparse_coo:
        tensor.data = numbers.clone()
    else:
        tensor.data.copy_(numbers)  # in place: other tensors may share this storage


def _keep_without_size(tensor) -> Kept:
    kind, empty = type(tensor), torch.empty(0, dtype=tensor.dtype, device=tensor.device)

    def put_back(saved):
        tensor.data = empty
        tensor.__class__ = kind

    return Kept([kind], lambda: [type(tensor)], put_back)


def same_numbers(a: Tensor, b: Tensor) -> bool:
    """To the bit, NaN at the same places included."""
    if (a.shape, a.dtype, a.layout) != (b.shape, b.dtype, b.layout):
        return False
    if a.is_meta:
        return True
    if a.layout != torch.strided:
        a, b = a.to_dense(), b.to_dense()
    return bool(((a == b) | ((a != a) & (b != b))).all())
