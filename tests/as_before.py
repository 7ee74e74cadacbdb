"""Whether a call left everything as it was: all of it, written down before and after."""

import random
from collections import deque
from contextlib import contextmanager
from types import FunctionType, MethodType

import numpy as np
import torch
from torch import nn

PLAIN = (type(None), bool, int, float, complex, str, bytes, torch.dtype, torch.device, torch.Size)


@contextmanager
def left_as_it_was(*objects):
    """Fails if a model, an input or something global is another one after the block."""
    before = Portrait(objects)
    yield
    after = Portrait(objects)
    different = [
        path
        for path in before.parts | after.parts
        if before.parts.get(path, "missing") != after.parts.get(path, "missing")
    ]
    assert not different


class Portrait:
    """path -> what stands there, for all that can be reached from some objects, and for globals.

    Objects are compared by who they are, numbers by their bytes, tensors by both.
    """

    def __init__(self, objects):
        self.parts, self.seen = {}, {}
        self.walk(objects, "objects")
        numpy_state = np.random.get_state()
        self.parts |= {
            "random": random.getstate(),
            "numpy.random": (numpy_state[1].tobytes(), *numpy_state[2:]),
            "torch.random": bytes_of(torch.get_rng_state()),
            "default dtype": torch.get_default_dtype(),
            "grad mode": torch.is_grad_enabled(),
            "threads": torch.get_num_threads(),
            "deterministic": torch.are_deterministic_algorithms_enabled(),
        }
        for name, value in vars(nn.modules.module).items():
            if name.startswith("_global_") and "hooks" in name:
                self.parts[name] = list(value)

    def walk(self, value, path):
        if isinstance(value, PLAIN):
            self.parts[path] = value
            return
        self.parts[path] = (type(value), id(value))
        if id(value) in self.seen:
            return
        self.seen[id(value)] = value  # stays alive, so that no id is used twice
        if isinstance(value, torch.Tensor):
            self.walk_tensor(value, path)
        elif isinstance(value, np.ndarray):
            self.parts[f"{path}:"] = (value.dtype, value.shape, value.tobytes())
        elif isinstance(value, torch.Generator):
            self.parts[f"{path}:"] = bytes_of(value.get_state())
        else:
            for name, inner in inside(value):
                self.walk(inner, f"{path}.{name}")

    def walk_tensor(self, tensor, path):
        if nn.parameter.is_lazy(tensor):
            return
        parts = (tensor.dtype, tensor.shape, tensor.stride(), tensor.requires_grad)
        self.parts[f"{path}:"] = (*parts, bytes_of(tensor))
        if tensor.requires_grad:  # a graph that still waits for its gradient minds a version
            self.parts[f"{path}._version"] = tensor._version
        if tensor.is_leaf:
            self.walk(tensor.grad, f"{path}.grad")


def inside(value):
    """(name, part) of what an object is made of."""
    if isinstance(value, dict):
        return [(repr(key), part) for key, part in value.items()]
    if isinstance(value, list | tuple | deque):
        return list(enumerate(value))
    if isinstance(value, set | frozenset):
        return [(repr(part), part) for part in value]
    if isinstance(value, MethodType):
        return [("self", value.__self__)]
    if isinstance(value, FunctionType) and not value.__module__.startswith("torch"):
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        return [(name, cell.cell_contents) for name, cell in cells]
    if isinstance(value, nn.Module) or type(value).__module__.startswith("models"):
        return list(vars(value).items())
    return []


def bytes_of(tensor):
    return tensor.detach().contiguous().numpy().tobytes()
