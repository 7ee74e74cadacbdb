"""Remember everything a model can change about itself, and put it back."""

import copy
import random
import sys
from collections import deque
from contextlib import contextmanager, suppress
from dis import get_instructions
from functools import partial
from types import FunctionType, MethodType, ModuleType

import torch
from numpy import random as np_random
from torch import Tensor, nn


class Remembered:
    """The state of some objects at one moment: tensors, attributes, hooks, modes, gradients.

    Walks through modules, containers, plain objects and what a function closes over.
    `modules` lists every `nn.Module` met on the way.
    """

    def __init__(self, *roots):
        self.modules: list[nn.Module] = []
        self._undo = []
        self._seen = {}
        self._attributes = {}
        self._data = {}
        for root in roots:
            self._remember(root)

    def restore(self):
        """Put everything back. What did not change is not written to."""
        for undo in self._undo:
            undo()

    def changed_attributes(self) -> list[tuple[nn.Module, str]]:
        """(module, name) of each attribute or buffer that is another, or holds other numbers."""
        return [
            (module, name)
            for module in self.modules
            for name, value in [*vars(module).items(), *module._buffers.items()]
            if name != "training" and self._is_other(module, name, value)
        ]

    def _is_other(self, module, name, value):
        saved = self._attributes[id(module)]
        if isinstance(value, Tensor) and id(value) in self._data:
            return not _same(value.detach(), self._data[id(value)])
        return not isinstance(value, dict) and saved.get(name) is not value

    def _remember(self, value):
        if value is None or isinstance(value, (type, ModuleType, str, int, float)):
            return
        if id(value) in self._seen:
            return
        self._seen[id(value)] = value  # keeps it alive, so that no id is used twice
        if isinstance(value, Tensor):
            self._remember_tensor(value)
        elif isinstance(value, torch.Generator):
            self._undo.append(partial(value.set_state, value.get_state()))
        elif isinstance(value, FunctionType):
            for inner in _closed_over(value):
                self._remember(inner)
        elif isinstance(value, MethodType):
            self._remember(value.__self__)
        elif isinstance(value, partial):
            for inner in (value.func, *value.args, *value.keywords.values()):
                self._remember(inner)
        elif isinstance(value, tuple):
            for inner in value:
                self._remember(inner)
        elif isinstance(value, list | deque | set | dict):
            self._remember_container(value)
        elif isinstance(value, nn.Module):
            self.modules.append(value)
            self._attributes[id(value)] = {**vars(value), **value._buffers}
            self._remember_container(vars(value))
        elif hasattr(value, "__dict__") and _is_users_own(value):
            self._remember_container(vars(value))

    def _remember_container(self, container):
        saved = container.copy()

        def undo():
            container.clear()
            (container.extend if isinstance(container, (list, deque)) else container.update)(saved)

        self._undo.append(undo)
        for inner in list(saved.values() if isinstance(saved, dict) else saved):
            self._remember(inner)

    def _remember_tensor(self, tensor):
        if nn.parameter.is_lazy(tensor):
            return
        data, leaf, needs_grad = tensor.detach().clone(), tensor.is_leaf, tensor.requires_grad
        self._data[id(tensor)] = data
        grad = tensor.grad if leaf else None
        if grad is not None:
            self._remember(grad)

        def undo():
            if leaf and not tensor.is_leaf:
                tensor.detach_()
            if leaf and tensor.requires_grad != needs_grad:
                tensor.requires_grad_(needs_grad)
            # `.data`: a version bump would break a backward pass that the caller still plans.
            if (tensor.shape, tensor.dtype) != (data.shape, data.dtype):
                tensor.data = data.clone()
            elif not _same(tensor.data, data):
                tensor.data.copy_(data)
            if leaf and tensor.grad is not grad:
                tensor.grad = grad

        self._undo.append(undo)


def built(model, inputs):
    """The model, or where its lazy layers have no sizes yet, a copy after a first call."""
    if not any(nn.parameter.is_lazy(p) for m in Remembered(model).modules for p in m.parameters()):
        return model
    try:
        model, inputs = copy.deepcopy((model, inputs))
    except Exception:
        raise ValueError(
            "the model has lazy layers without sizes, and PyTorch can't copy all of them, but "
            "their sizes are needed: call model(x) once before."
        ) from None
    with same_surroundings(), torch.no_grad():
        model(*inputs)
    return model


def _closed_over(function):
    """What a function holds. Globals count only if they are state: behind others lie libraries."""
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # a cell that is not filled yet
            yield cell.cell_contents
    yield from function.__defaults__ or ()
    for step in get_instructions(function):
        inner = function.__globals__.get(step.argval) if step.opname == "LOAD_GLOBAL" else None
        if isinstance(inner, (nn.Module, Tensor, list, dict)):
            yield inner


def _is_users_own(value):
    """A loggers' tree or a table's inside is no state of a model, and not ours to touch."""
    home = type(value).__module__.partition(".")[0]
    return home not in sys.stdlib_module_names | {"torch", "numpy", "pandas"} or home == "__main__"


def _same(a, b):
    return bool(((a == b) | ((a != a) & (b != b))).all())


@contextmanager
def same_surroundings(seed=0):
    """Seed every usual source of randomness; afterwards give back generators and default dtype."""
    numbers, arrays, plain = torch.get_rng_state(), np_random.get_state(), random.getstate()  # noqa: NPY002
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
    dtype = torch.get_default_dtype()
    # Not torch.manual_seed: it leaves a note to seed the cards when they are first used.
    torch.default_generator.manual_seed(seed)
    if cards is not None:
        torch.cuda.manual_seed_all(seed)
    np_random.seed(seed)  # noqa: NPY002
    random.seed(seed)
    try:
        yield
    finally:
        torch.set_rng_state(numbers)
        np_random.set_state(arrays)  # noqa: NPY002
        random.setstate(plain)
        if cards is not None:
            torch.cuda.set_rng_state_all(cards)
        torch.set_default_dtype(dtype)
