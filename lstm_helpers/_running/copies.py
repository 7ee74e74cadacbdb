"""Copies of a model that can be asked instead of it: in float64 where that can be had."""

import copy
import io
import sys
import warnings
from contextlib import contextmanager, redirect_stdout

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lstm_helpers._running.snapshot import Snapshot, same_surroundings


def with_sizes(model, inputs, kwargs=None):
    """The model, or where its lazy layers have no sizes yet, a copy after a first call.

    Raises:
        ValueError: it has such layers and no copy.
    """
    caller = Snapshot(model)
    if not any(nn.parameter.is_lazy(p) for m in caller.modules for p in m.parameters()):
        return model
    try:
        model, (inputs, kwargs) = whole_copy(model, (inputs, kwargs or {}), caller)
    except Exception:
        raise ValueError(
            "the model has lazy layers without sizes, and PyTorch can't copy all of them, but "
            "their sizes are needed: call model(x) once before."
        ) from None
    with same_surroundings(seed=0), unheard(), torch.no_grad():
        model(*inputs, **kwargs)
    return model


def uncompiled(model):
    """The model as it was before `torch.compile`: in compiled code no call can be watched."""
    dynamo = sys.modules.get("torch._dynamo")
    if dynamo and isinstance(model, dynamo.OptimizedModule):
        return model._orig_mod
    home = getattr(model, "__globals__", {}).get("__name__", "")  # not that of a wrapper around it
    return getattr(model, "_torchdynamo_orig_callable", model) if "_dynamo" in home else model


def unprinted():
    """Inside, what is printed goes nowhere."""
    return redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


@contextmanager
def unheard():
    """Inside, nothing is printed, and nothing warned of."""
    with warnings.catch_warnings(action="ignore"), unprinted():
        yield


@contextmanager
def eagerly():
    """Inside, what was compiled, a part of a model too, runs as it was written."""
    if "torch._dynamo" not in sys.modules:  # nothing was ever compiled
        yield
        return
    with warnings.catch_warnings(), torch.compiler.set_stance("force_eager"):
        warnings.filterwarnings("ignore", "Using `torch.compile.* when there are global hooks")
        yield


def in_float64(model, given, caller: Snapshot):
    """`whole_copy`, with all numbers in float64."""
    with InFloat64():
        twin, given = whole_copy(model, given, caller)
    for module in Snapshot(twin).modules:
        for parameter in module.parameters(recurse=False):
            if parameter.is_floating_point():
                parameter.data = parameter.data.double()
    return twin, given


def whole_copy(model, given, caller: Snapshot):
    """Copies of a model and of what it is called with; `caller` is a snapshot of the model.

    Raises:
        TypeError: a function that the model calls is not copied with it.
    """
    twin, given = copy.deepcopy((model, given))
    if _share(Snapshot(twin), caller):
        raise TypeError("a function is not copied with the model that it calls")
    return twin, given


def _share(one: Snapshot, two: Snapshot) -> bool:
    """Whether a module or a parameter belongs to both."""
    ours, theirs = (
        {id(part) for m in some.modules for part in (m, *m.parameters(recurse=False))}
        for some in (one, two)
    )
    return not ours.isdisjoint(theirs)


class InFloat64(TorchFunctionMode):
    """Copies tensors into float64 and keeps the model from going back to float32."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is Tensor.__deepcopy__:
            # The usual copy refuses tensors with a history: a kept state, a normed weight.
            tensor = args[0].detach().clone()
            return tensor.double() if tensor.is_floating_point() else tensor
        if func is Tensor.float:
            func = Tensor.double
        swap = {torch.float32: torch.float64}
        args = tuple(swap.get(a, a) if isinstance(a, torch.dtype) else a for a in args)
        kwargs = {k: swap.get(v, v) if k == "dtype" else v for k, v in (kwargs or {}).items()}
        return func(*args, **kwargs)


class ThroughDetach(TorchFunctionMode):
    """Lets gradients pass where the model stops them: the values depend on it all the same."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is Tensor.detach or getattr(func, "__self__", None) is Tensor.data:
            return args[0]
        if getattr(func, "__name__", "") == "_set_grad_enabled":
            return None
        return func(*args, **(kwargs or {}))
