"""What a run of training was asked for, in words and numbers that can be compared."""

import inspect
import re
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
)

from lstm_helpers._digest import VALUES, digest
from lstm_helpers._fit_arguments import Asked
from lstm_helpers._sharing import ALONE
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows


def describe(
    asked: Asked,
    optimizer: torch.optim.Optimizer,
    first: Callable[[str], object],
    held: Callable[[str], dict],
) -> dict[str, object]:
    """What has to be equal for a run to go on: a name and a text or a number each.

    Args:
        first: "train" or "val" -> its first batch, for batches whose data can't be looked at.
        held: the name of an argument -> the numbers that it keeps.
    """
    names = {id(p): name for name, p in asked.model.named_parameters()}
    groups = [
        {name: _plain(value) for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    trained = [
        [names.get(id(p), tuple(p.shape)) for p in group["params"]]
        for group in optimizer.param_groups
    ]
    return {
        "model": f"{_model(asked.model)} {digest(held('model'))}",
        "train": _batches(asked.train, lambda: first("train"), held("train")),
        "val": None
        if asked.val is None
        else _batches(asked.val, lambda: first("val"), held("val")),
        "batch_size": str([_batch_size(data) for data in (asked.train, asked.val)]),
        "seed": asked.seed,
        "loss_fn": f"{function(asked.loss_fn)} {digest(held('loss_fn'))}",
        "forward": _with_numbers(asked.forward),
        "lr": str([group.pop("lr", None) for group in groups]),
        "optimizer": f"{type(optimizer).__name__} {groups} {trained}",
        "clip_norm": asked.clip_norm,
        "patience": asked.patience,
        **{name: value for name, value in asked.sharing.asked.items() if value != ALONE[name]},
    }


_ORDER = (*VALUES, Tensor, np.ndarray, list, tuple, range)  # what tells two samplers apart


def _model(model: nn.Module) -> str:
    """Its parts and its parameters; not its buffers, which may come and go while it trains."""
    places = [
        f"{name} {tuple(p.shape)} {p.dtype} {'trained' if p.requires_grad else 'frozen'}"
        for name, p in model.named_parameters()
    ]
    does = {type(part): _function_of(part, "forward") for part in model.modules()}
    chosen = [_chosen(part) for part in model.modules()]
    return f"{_repr(model)} {places} {list(does.values())} {digest(chosen)}"


def _chosen(thing) -> dict:
    """Text, tuples and functions that an object keeps: how it was made. Its numbers are held."""
    found = {}
    for name, value in getattr(thing, "__dict__", {}).items():
        if isinstance(value, str | tuple):
            found[name] = value
        elif inspect.isroutine(value) or isinstance(value, partial):
            found[name] = function(value)
    return found


def _repr(thing) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(thing))


def _batch_size(data) -> int | None:
    if not isinstance(data, DataLoader):
        return None
    return data.batch_size or getattr(data.batch_sampler or data.sampler, "batch_size", None)


def _batches(data: Iterable, first: Callable, numbers: dict) -> str:
    if isinstance(data, list | tuple):
        return digest(data)
    if not isinstance(data, DataLoader):
        return digest([type(data).__qualname__, numbers, _arrays(data), first()])
    sampler = data.sampler if data.batch_sampler is None else data.batch_sampler
    inner = getattr(sampler, "sampler", None)
    order = [
        [type(one).__qualname__, {k: v for k, v in vars(one).items() if isinstance(v, _ORDER)}]
        for one in (sampler, inner)
        if one is not None
    ]
    seeds = [
        value.initial_seed()
        for one in (data, sampler, inner)
        if one is not None
        for value in vars(one).values()
        if isinstance(value, torch.Generator)
    ]
    only_yields = isinstance(data.dataset, IterableDataset)
    content = [_arrays(data.dataset), first()] if only_yields else _dataset(data.dataset)
    return digest([order, seeds, _with_numbers(data.collate_fn), content])


def _arrays(thing) -> dict:
    """The tables of numbers that it keeps; one on a disk may be too large to read."""
    held = getattr(thing, "__dict__", {})
    tables = (Tensor, np.ndarray, pd.DataFrame, pd.Series)
    return {
        name: value
        for name, value in held.items()
        if isinstance(value, tables) and not isinstance(value, np.memmap)
    }


def _dataset(data: Dataset) -> list:
    """What is in a data set: all of it where that can be seen, else its tables and three items."""
    if isinstance(data, Windows):
        how = (data.seq_len, data.horizon, data.gap, data.stride, data.shifted, str(data.freq))
        rows = (data._starts.first, data._starts.bounds, data.target.at, data.known.at)
        return ["Windows", data._values, data.known and data._inputs, *how, *rows]
    if isinstance(data, TensorDataset):
        return ["TensorDataset", *data.tensors]
    if isinstance(data, Subset):
        return ["Subset", _dataset(data.dataset), list(data.indices)]
    if isinstance(data, ConcatDataset):
        return ["ConcatDataset", *map(_dataset, data.datasets)]
    size = len(data)
    kind = type(data).__qualname__
    return [kind, size, _arrays(data), *(data[n] for n in sorted({0, size // 2, size - 1}))]


def _with_numbers(value) -> str:
    """A function, and the numbers that its object keeps, where nothing else holds them."""
    kept = vars(getattr(value, "__self__", value)) if hasattr(value, "__dict__") else {}
    return f"{function(value)} {digest({k: v for k, v in kept.items() if isinstance(v, VALUES)})}"


def function(value) -> str:
    """A loss or a forward: its name, its code, and what it reads; its numbers count elsewhere."""
    if isinstance(value, partial):
        return f"partial {function(value.func)} {digest([value.args, value.keywords])}"
    if isinstance(value, nn.Module):
        return f"{_repr(value)} {_function_of(value, 'forward')}"
    inner = getattr(value, "__func__", value)
    if inner is not value:  # a method, of an object
        return f"{function(inner)} {digest(_chosen(value.__self__))}"
    name = f"{getattr(inner, '__module__', '')}.{getattr(inner, '__qualname__', '')}"
    if inspect.isfunction(inner):
        code = inner.__code__
        how = [_code(code), _read(inner), inner.__defaults__, inner.__kwdefaults__]
        return f"{name} {digest(how)}"
    if callable(value) and not inspect.isbuiltin(value) and not isinstance(value, type):
        kept = digest(_chosen(value))
        return f"{type(value).__qualname__} {_function_of(value, '__call__')} {kept}"
    return name if value is not None else "None"


def _function_of(thing, name: str) -> str:
    method = getattr(type(thing), name, None)
    return digest(_code(method.__code__)) if inspect.isfunction(method) else ""


def _read(function) -> dict:
    """The numbers and tables that a function reads from outside, and what functions it calls.

    What is trained, and what the function itself binds anew, is no setting.
    """
    read = inspect.getclosurevars(function)
    code = function.__code__
    changed = set(code.co_cellvars) | _stored(code)
    found = {}
    for name, one in sorted({**read.globals, **read.nonlocals}.items()):
        trained = isinstance(one, Tensor) and one.requires_grad
        if isinstance(one, (*VALUES, Tensor, np.ndarray, tuple)) and name not in changed:
            found[name] = tuple(one.shape) if trained else one
        elif inspect.isfunction(one) and one is not function:
            found[name] = [_code(one.__code__), one.__defaults__, one.__kwdefaults__]
        elif isinstance(one, nn.Module):
            found[name] = [
                _repr(one),
                {k: v for k, v in vars(one).items() if isinstance(v, VALUES)},
            ]
    return found


def _stored(code) -> set[str]:
    """Names that the function itself binds anew outside: they count, and are no setting."""
    import dis

    return {
        step.argval
        for step in dis.get_instructions(code)
        if step.opname in ("STORE_DEREF", "STORE_GLOBAL")
    }


def _code(code) -> list:
    inside = [_code(one) if inspect.iscode(one) else one for one in code.co_consts]
    return [code.co_code, code.co_names, inside]


def _plain(value):
    """A setting of an optimizer as a number or a text."""
    value = value.item() if isinstance(value, Tensor) and value.numel() == 1 else value
    return value if isinstance(value, VALUES) else _repr(value)
