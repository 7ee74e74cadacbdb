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
from operator import eq
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

_NEVER_CHANGE = (type(None), type, ModuleType, str, bytes, int, float, complex, range, slice)
# A logger's tree or a compiler's inside is no state of a model, and not ours to touch.
_NOT_OURS = sys.stdlib_module_names | {"torch", "numpy", "pandas"}
_HOLD_STATE = ("types", "collections", "queue", "argparse", "torch.distributions")
_ABSENT = object()


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


class Snapshot:
    """The state of some objects; `restore()` puts all of it back, as often as it is called.

    It walks through modules, containers, arrays, tables, generators, plain objects (attributes and
    slots) and functions: what they close over, and the modules, tensors, containers and functions
    that they read from their own module. `modules` lists every `nn.Module` met on the way.

    What can't be put back: a name that is bound anew in a module or a class (`global n; n = 1`,
    `type(self).n = 1`), what a method reads from its module (modules of torch aside), files,
    iterators, locks, caches of functions, what belongs to a thread, torch's own settings but for
    those of `same_surroundings`, and the inside of other libraries.
    """

    def __init__(self, *roots):
        self.modules: list[nn.Module] = []
        self._kept: dict[int, Kept] = {}
        self._alive = []  # so that no id is used twice
        self._attributes: dict[int, dict] = {}
        self.add(*roots)

    def add(self, *roots):
        """Remember these as well, and what they hold, unless they are known."""
        waiting = list(reversed(roots))
        with torch.inference_mode(False):
            while waiting:
                thing = waiting.pop()
                if id(thing) not in self._kept:
                    waiting.extend(reversed(self._remember(thing)))

    def _remember(self, thing) -> list:
        """Keep one thing; what it holds."""
        try:
            if isinstance(thing, _NEVER_CHANGE):
                return []
            kept, module = _keep(thing), isinstance(thing, nn.Module)
            holds = list(kept.holds)
        except Exception:  # what can't be copied can't be put back
            return []
        if module:
            self.modules.append(thing)
            self._attributes[id(thing)] = _attributes(thing)
        self._alive.append(thing)
        self._kept[id(thing)] = kept
        return holds

    def common(self, other: "Snapshot") -> list:
        """The things that both remember, modules and their parts aside."""
        return [thing for thing in self._alive if id(thing) in other._kept]

    def restore(self):
        """Put everything back. What did not change is not written to.

        Raises:
            RuntimeError: something could not be put back; all else was.
        """
        self._put_back()
        # Once more: a view of another tensor may be right only when that one is.
        if failed := self._put_back():
            raise RuntimeError(f"not as before: {', '.join(failed)}")

    def _put_back(self) -> list[str]:
        """What could not be put back, in words. An interrupt waits until all else is."""
        failed, interrupt = [], None
        with torch.inference_mode(False):
            for thing, kept in zip(self._alive, self._kept.values(), strict=True):
                try:
                    if kept.is_changed:
                        kept.put_back(kept.saved)
                except Exception as error:
                    failed.append(f"a {type(thing).__name__} ({type(error).__name__}: {error})")
                except BaseException as error:
                    interrupt = error
        if interrupt is not None:
            raise interrupt
        return failed

    def changed_attributes(self) -> list[tuple[nn.Module, str]]:
        """(module, name) of each attribute or buffer that is another, or holds another content."""
        return [
            (module, name)
            for module in self.modules
            for name, value in _attributes(module).items()
            if name not in _OF_EVERY_MODULE and self._is_other(module, name, value)
        ]

    def _is_other(self, module, name, value):
        before = self._attributes[id(module)].get(name, _ABSENT)
        if before is value:
            return id(value) in self._kept and self._kept[id(value)].is_changed
        both_tensors = isinstance(before, Tensor) and isinstance(value, Tensor)
        return not (both_tensors and _same_numbers(before, value))


_OF_EVERY_MODULE = {*vars(nn.Module()), "training"}


def _attributes(module) -> dict:
    return {**vars(module), **module._buffers}


@singledispatch
def _keep(thing) -> Kept:
    """How to keep a thing of this type; here, a plain object."""
    home = type(thing).__module__
    ours = home.partition(".")[0] not in _NOT_OURS or home.startswith(_HOLD_STATE)
    return _keep_object(thing) if ours else Kept()


def _keep_object(thing) -> Kept:
    """Its class (a lazy layer becomes another one), its slots and its attributes."""
    names = ["__class__", *_slots(type(thing))]

    def now():
        return [getattr(thing, name, _ABSENT) for name in names]

    def put_back(saved):
        for name, value, present in zip(names, saved, now(), strict=True):
            if value is not _ABSENT:
                object.__setattr__(thing, name, value)
            elif present is not _ABSENT:
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
    pairs = issubclass(base, dict)

    def now():
        return [x for pair in base.items(thing) for x in pair] if pairs else list(thing)

    def put_back(saved):
        base.clear(thing)
        refill = base.extend if base in (list, deque) else base.update
        refill(thing, zip(saved[::2], saved[1::2], strict=True) if pairs else saved)

    return Kept(now(), now, put_back, [*now(), *_own_dict(thing)])


@_keep.register(tuple)
@_keep.register(frozenset)
def _(thing) -> Kept:
    return Kept(holds=thing)


@_keep.register
def _(call: partial) -> Kept:
    return Kept(holds=(call.func, *call.args, *call.keywords.values()))


@_keep.register
def _(method: MethodType) -> Kept:
    return Kept(holds=(method.__self__, method.__func__))


@_keep.register(bytearray)
@_keep.register(array.array)
def _(thing) -> Kept:
    return Kept(thing[:], lambda: thing, partial(thing.__setitem__, slice(None)), same=eq)


@_keep.register
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


@_keep.register(pd.DataFrame)
@_keep.register(pd.Series)
def _(table) -> Kept:
    def put_back(saved):
        table.__setstate__(saved.copy().__getstate__())

    def same(a, b):
        return a.equals(b) and a.attrs == b.attrs

    return Kept(table.copy(), lambda: table, put_back, same=same)


@_keep.register(torch.Generator)
@_keep.register(np.random.Generator)
@_keep.register(np.random.BitGenerator)
@_keep.register(np.random.RandomState)
@_keep.register(random.Random)
def _(generator) -> Kept:
    bits = getattr(generator, "bit_generator", generator)
    if isinstance(bits, np.random.BitGenerator):
        now, put_back = (lambda: bits.state), partial(setattr, bits, "state")
    elif isinstance(generator, random.Random):
        now, put_back = generator.getstate, generator.setstate
    else:
        now, put_back = generator.get_state, generator.set_state
    return Kept(now(), now, put_back, same=lambda a, b: pickle.dumps(a) == pickle.dumps(b))


@_keep.register
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
        return cell.cell_contents is not _ABSENT
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


@_keep.register
def _(tensor: Tensor) -> Kept:
    if nn.parameter.is_lazy(tensor):
        return _keep_without_size(tensor)

    def now():
        grad = tensor.grad if tensor.is_leaf else None
        hooks = tensor._backward_hooks
        return _TensorState(tensor.detach(), tensor.is_leaf, tensor.requires_grad, grad, hooks)

    def same(a, b):
        return _alike(a[1:], b[1:]) and _same_numbers(a.numbers, b.numbers)

    def put_back(saved):
        if saved.is_leaf and not tensor.is_leaf:
            tensor.detach_()
        if saved.is_leaf:
            tensor.requires_grad_(saved.requires_grad)
        if not _same_numbers(tensor.detach(), saved.numbers):
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


def _same_numbers(a: Tensor, b: Tensor) -> bool:
    """To the bit, NaN at the same places included."""
    if (a.shape, a.dtype, a.layout) != (b.shape, b.dtype, b.layout):
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


def generators_drawn_from(run: Callable[[], Any]) -> list[str]:
    """Which of the usual generators a run takes numbers from, whether or not they matter."""

    def states():
        return {
            "torch": torch.get_rng_state().tolist(),
            "numpy": pickle.dumps(np.random.get_state()),
            "random": random.getstate(),
        }

    with same_surroundings():
        before = states()
        run()
        return [name for name, state in states().items() if state != before[name]]


@contextmanager
def unchanged(*roots):
    """Yields a `Snapshot` of these; afterwards they and the surroundings are as before."""
    snapshot = Snapshot(*roots)
    try:
        with same_surroundings():
            yield snapshot
    finally:
        try:
            snapshot.restore()
        except RuntimeError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)
