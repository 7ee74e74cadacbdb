"""All that a model can change, remembered at one moment and put back."""

import array
import pickle
import random
import sys
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import contextmanager, suppress
from dis import get_instructions
from functools import partial, singledispatch
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lstm_helpers._running.debug import let_through

_NEVER_CHANGE = (type(None), type, ModuleType, str, bytes, int, float, complex, range, slice)
# A logger's tree or a compiler's inside is no state of a model, and not ours to touch.
_NOT_OURS = sys.stdlib_module_names | {"torch", "numpy", "pandas"}
_HOLD_STATE = {"types", "collections", "queue", "argparse", "torch.distributions", "__main__"}


class Kept(NamedTuple):
    """One object as it was: whether it is another now, how to put it back, what it holds."""

    is_changed: Callable[[], bool]
    put_back: Callable[[], None]
    holds: Iterable = ()


class Snapshot:
    """The state of some objects; `restore()` puts all of it back, as often as it is called.

    It walks through modules, containers, arrays, tables, generators, plain objects (attributes and
    slots) and functions: what they close over, and the modules, tensors, containers and functions
    that they read from their own module. `modules` lists every `nn.Module` met on the way.

    What can't be put back: a name that is bound anew in a module or a class (`global n; n = 1`,
    `type(self).n = 1`), what a method reads from its module, files, iterators, locks, and the
    inside of other libraries.
    """

    def __init__(self, *roots):
        self.modules: list[nn.Module] = []
        self._kept: dict[int, Kept] = {}
        self._attributes: dict[int, dict] = {}
        self._alive = []  # so that no id is used twice
        self.add(*roots)

    def add(self, *roots):
        """Remember these as well, and what they hold, unless they are known."""
        waiting = list(reversed(roots))
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, _NEVER_CHANGE) or id(thing) in self._kept:
                continue
            if isinstance(thing, nn.Module):
                self.modules.append(thing)
                self._attributes[id(thing)] = _attributes(thing)
            try:
                kept = _keep(thing)
            except Exception:  # what can't be copied can't be put back
                let_through()
                kept = Kept(lambda: False, lambda: None)
            self._alive.append(thing)
            self._kept[id(thing)] = kept
            waiting.extend(reversed(list(kept.holds)))

    def restore(self):
        """Put everything back. What did not change is not written to."""
        failed = []
        for thing, kept in zip(self._alive, self._kept.values(), strict=True):
            try:
                if kept.is_changed():
                    kept.put_back()
            except Exception as error:  # the others are put back all the same
                failed.append(f"a {type(thing).__name__} ({type(error).__name__}: {error})")
        if failed:
            warnings.warn(f"not as before: {', '.join(failed)}", RuntimeWarning, stacklevel=2)

    def changed_attributes(self) -> list[tuple[nn.Module, str]]:
        """(module, name) of each attribute or buffer that is another, or holds another content."""
        return [
            (module, name)
            for module in self.modules
            for name, value in _attributes(module).items()
            if name not in _OF_EVERY_MODULE and self._is_other(module, name, value)
        ]

    def _is_other(self, module, name, value):
        if self._attributes[id(module)].get(name, self) is not value:
            return not (isinstance(value, Tensor) and self._says_the_same(module, name, value))
        return id(value) in self._kept and self._kept[id(value)].is_changed()

    def _says_the_same(self, module, name, value):
        """A tensor that took another's place, with the numbers that this one had."""
        before = self._attributes[id(module)].get(name)
        return isinstance(before, Tensor) and before.shape == value.shape and _same(before, value)


_OF_EVERY_MODULE = {*vars(nn.Module()), "training"}


def _attributes(module) -> dict:
    return {**vars(module), **module._buffers}


@singledispatch
def _keep(thing) -> Kept:
    """A plain object: its class, its attributes and its slots."""
    home = type(thing).__module__
    if home.partition(".")[0] in _NOT_OURS and not home.startswith(tuple(_HOLD_STATE)):
        return Kept(lambda: False, lambda: None)
    return _keep_object(thing)


def _keep_object(thing) -> Kept:
    kind, names = type(thing), _slots(type(thing))
    saved = {name: getattr(thing, name) for name in names if hasattr(thing, name)}

    def now():
        return {name: getattr(thing, name) for name in names if hasattr(thing, name)}

    def put_back():
        if type(thing) is not kind:
            thing.__class__ = kind  # a lazy layer has become another one
        for name in now().keys() - saved.keys():
            object.__delattr__(thing, name)
        for name, value in saved.items():
            object.__setattr__(thing, name, value)

    inside = [vars(thing)] if hasattr(thing, "__dict__") else []
    return Kept(
        lambda: type(thing) is not kind or not _alike(_flat(now()), _flat(saved)),
        put_back,
        [*inside, *saved.values()],
    )


def _slots(kind):
    named = [vars(c).get("__slots__", ()) for c in kind.__mro__]
    names = [name for some in named for name in ((some,) if isinstance(some, str) else some)]
    return [name for name in names if name not in ("__dict__", "__weakref__")]


@_keep.register
def _(module: nn.Module) -> Kept:
    kept = _keep_object(module)
    with suppress(Exception):  # a scripted module holds them elsewhere than in its attributes
        own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
        return kept._replace(holds=[*kept.holds, *own])
    return kept


@_keep.register(list)
@_keep.register(deque)
@_keep.register(set)
@_keep.register(dict)
def _(thing) -> Kept:
    # Not the methods of a class derived from these, which may do more.
    base = next(b for b in (OrderedDict, dict, list, deque, set) if isinstance(thing, b))
    saved, parts = base(thing), _flat(thing)

    def put_back():
        base.clear(thing)
        (base.extend if base in (list, deque) else base.update)(thing, saved)

    inside = [vars(thing)] if hasattr(thing, "__dict__") else []
    return Kept(lambda: not _alike(_flat(thing), parts), put_back, [*parts, *inside])


def _flat(thing) -> list:
    return [x for pair in dict.items(thing) for x in pair] if isinstance(thing, dict) else [*thing]


def _alike(ours, theirs) -> bool:
    """The very same objects in the same order."""
    return len(ours) == len(theirs) and all(a is b for a, b in zip(ours, theirs, strict=True))


@_keep.register(tuple)
@_keep.register(frozenset)
def _(thing) -> Kept:
    return Kept(lambda: False, lambda: None, thing)


@_keep.register(bytearray)
@_keep.register(array.array)
def _(thing) -> Kept:
    saved = thing[:]
    return Kept(lambda: thing != saved, lambda: thing.__setitem__(slice(None), saved))


@_keep.register
def _(values: np.ndarray) -> Kept:
    if not values.flags.writeable:
        return Kept(lambda: False, lambda: None)
    saved = values.copy()

    def put_back():
        if values.shape != saved.shape:
            values.resize(saved.shape, refcheck=False)
        values[...] = saved

    return Kept(
        lambda: values.shape != saved.shape or values.tobytes() != saved.tobytes(),
        put_back,
        list(values.flat) if values.dtype == object else (),
    )


@_keep.register(pd.DataFrame)
@_keep.register(pd.Series)
def _(table) -> Kept:
    saved = table.copy()
    return Kept(
        lambda: not (table.equals(saved) and table.attrs == saved.attrs),
        lambda: table.__setstate__(saved.copy().__getstate__()),
    )


@_keep.register(torch.Generator)
@_keep.register(np.random.Generator)
@_keep.register(np.random.BitGenerator)
@_keep.register(np.random.RandomState)
@_keep.register(random.Random)
def _(generator) -> Kept:
    bits = getattr(generator, "bit_generator", generator)
    if isinstance(bits, np.random.BitGenerator):
        read, write = (lambda: bits.state), partial(setattr, bits, "state")
    else:
        pairs = (("get_state", "set_state"), ("getstate", "setstate"))
        get, put = next(pair for pair in pairs if hasattr(generator, pair[0]))
        read, write = getattr(generator, get), getattr(generator, put)
    saved = read()
    before = pickle.dumps(saved)
    return Kept(lambda: pickle.dumps(read()) != before, lambda: write(saved))


@_keep.register
def _(call: partial) -> Kept:
    return Kept(lambda: False, lambda: None, (call.func, *call.args, *call.keywords.values()))


@_keep.register
def _(method: MethodType) -> Kept:
    return Kept(lambda: False, lambda: None, (method.__self__, method.__func__))


@_keep.register
def _(function: FunctionType) -> Kept:
    """What it closes over, also where it binds that anew (`nonlocal`)."""
    cells, saved = [], []
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # a cell that is not filled yet
            saved.append(cell.cell_contents)
            cells.append(cell)

    def put_back():
        for cell, value in zip(cells, saved, strict=True):
            cell.cell_contents = value

    return Kept(
        lambda: not _alike([cell.cell_contents for cell in cells], saved),
        put_back,
        [
            *saved,
            *(function.__defaults__ or ()),
            *(function.__kwdefaults__ or {}).values(),
            *_globals_read(function),
            vars(function),
        ],
    )


def _globals_read(function):
    """Globals count only if they are state, or functions beside it: behind others lie libraries."""
    if function.__module__ and function.__module__.partition(".")[0] in _NOT_OURS - {"__main__"}:
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


@_keep.register
def _(tensor: Tensor) -> Kept:
    kind = type(tensor)
    if nn.parameter.is_lazy(tensor):
        empty = torch.empty(0, dtype=tensor.dtype, device=tensor.device)

        def without_size():
            tensor.data = empty
            tensor.__class__ = kind

        return Kept(lambda: type(tensor) is not kind, without_size)

    saved, leaf, needs_grad = tensor.detach().clone(), tensor.is_leaf, tensor.requires_grad
    grad = tensor.grad if leaf else None

    def other_numbers():
        return tensor.dtype != saved.dtype or not _same(tensor.detach(), saved)

    def other_graph():
        if tensor.is_leaf != leaf or tensor.requires_grad != needs_grad:
            return True
        return leaf and tensor.grad is not grad

    def put_back():
        if leaf and not tensor.is_leaf:
            tensor.detach_()
        if leaf and tensor.requires_grad != needs_grad:
            tensor.requires_grad_(needs_grad)
        # `.data`: a version bump would break a backward pass that the caller still plans.
        other_kind = (tensor.shape, tensor.dtype) != (saved.shape, saved.dtype)
        if other_kind or tensor.layout == torch.sparse_coo:
            tensor.data = saved.clone()
        elif other_numbers():
            tensor.data.copy_(saved)  # in place: other tensors may share this storage
        if leaf and tensor.grad is not grad:
            tensor.grad = grad

    return Kept(lambda: other_graph() or other_numbers(), put_back, (grad,))


def _same(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape or a.layout != b.layout:
        return False
    if a.is_meta:
        return True
    if a.layout != torch.strided:
        a, b = a.to_dense(), b.to_dense()
    return bool(((a == b) | ((a != a) & (b != b))).all())


@contextmanager
def same_surroundings(seed: int | None = None):
    """Afterwards every usual generator, the default dtype and the gradients' mode are as before.

    Args:
        seed: for torch, numpy and random; None leaves them where they are.
    """
    plain, arrays, numbers = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    dtype, gradients = torch.get_default_dtype(), torch.is_grad_enabled()
    try:
        if seed is not None:
            # Not torch.manual_seed: it leaves a note to seed the cards when they are first used.
            torch.default_generator.manual_seed(seed)
            if cards is not None:
                torch.cuda.manual_seed_all(seed)
            np.random.seed(seed)
            random.seed(seed)
        yield
    finally:
        torch.set_rng_state(numbers)
        np.random.set_state(arrays)
        random.setstate(plain)
        if cards is not None:
            torch.cuda.set_rng_state_all(cards)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)


@contextmanager
def unchanged(*roots):
    """Yields a `Snapshot` of these; afterwards they and the surroundings are as before."""
    snapshot = Snapshot(*roots)
    try:
        with same_surroundings():
            yield snapshot
    finally:
        snapshot.restore()
