"""Run a model and leave no trace of it: what a forward pass may change is put back."""

import random
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType

import numpy as np
import torch
from torch import Tensor


class Snapshot:
    """Remembers objects by `add`, puts them back by `restore`: tensors, containers, attributes."""

    def __init__(self):
        self._seen = {}
        self._undo = []

    def add(self, thing):
        if id(thing) in self._seen or isinstance(thing, type | ModuleType | FunctionType):
            return
        self._seen[id(thing)] = thing  # held, so that its id stays its own
        if isinstance(thing, Tensor):
            self._add_tensor(thing)
        elif isinstance(thing, torch.Generator):
            state = thing.get_state()
            self._undo.append(lambda: thing.set_state(state))
        elif isinstance(thing, MethodType):
            self.add(thing.__self__)
        elif isinstance(thing, dict):
            self._add_container(thing, dict(thing), _refill_dict)
            self._add_all(thing.values())
        elif isinstance(thing, list | set):
            self._add_container(thing, thing.copy(), _refill)
            self._add_all(thing)
        elif isinstance(thing, tuple):
            self._add_all(thing)
        elif hasattr(thing, "__dict__"):
            self.add(vars(thing))

    def _add_all(self, things):
        for thing in things:
            self.add(thing)

    def _add_container(self, thing, copy, refill):
        self._undo.append(lambda: refill(thing, copy))

    def _add_tensor(self, x):
        values, grad = x.detach().clone(), x.grad if x.is_leaf else None
        if grad is not None:
            self.add(grad)

        def undo():
            if x.is_leaf:
                x.grad = grad
            if x.shape != values.shape:
                x.data = values
            elif not torch.equal(x, values):
                x.data.copy_(values)  # in place: other tensors may share this storage

        self._undo.append(undo)

    def restore(self):
        for undo in reversed(self._undo):
            undo()


def _refill_dict(thing, items):
    thing.clear()
    thing.update(items)


def _refill(thing, items):
    thing.clear()
    (thing.update if isinstance(thing, set) else thing.extend)(items)


@contextmanager
def unchanged():
    """Yields a Snapshot; afterwards all that it knows, and every generator, is as before."""
    snapshot = Snapshot()
    python, numpy = random.getstate(), np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    try:
        with torch.random.fork_rng(devices), torch.set_grad_enabled(torch.is_grad_enabled()):
            yield snapshot
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        snapshot.restore()
