"""What a run of training was asked for, in words and numbers that can be compared."""

import inspect
import re
from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset

from lstm_helpers._digest import VALUES, digest
from lstm_helpers._fit_arguments import Asked
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows


def describe(
    asked: Asked, optimizer: torch.optim.Optimizer, first: Callable[[str], object]
) -> dict[str, object]:
    """What has to be equal for a run to go on: a name and a text or a number each.

    Args:
        first: "train" or "val" -> its first batch, for batches whose data can't be looked at.
    """
    groups = [
        {name: _plain(value) for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    return {
        "model": _model(asked.model),
        "train": _batches(asked.train, lambda: first("train")),
        "val": None if asked.val is None else _batches(asked.val, lambda: first("val")),
        "batch_size": str([_batch_size(data) for data in (asked.train, asked.val)]),
        "seed": asked.seed,
        "loss_fn": function(asked.loss_fn),
        "forward": function(asked.forward),
        "lr": str([group.pop("lr", None) for group in groups]),
        "optimizer": f"{type(optimizer).__name__} {groups}",
        "clip_norm": asked.clip_norm,
        "patience": asked.patience,
    }


def _model(model: nn.Module) -> str:
    """Its parts and its parameters; not its buffers, which may come and go while it trains."""
    places = [
        f"{name} {tuple(p.shape)} {p.dtype} {'trained' if p.requires_grad else 'frozen'}"
        for name, p in model.named_parameters()
    ]
    return f"{_repr(model)} {places}"


def _repr(thing) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(thing))


def _batch_size(data) -> int | None:
    if not isinstance(data, DataLoader):
        return None
    return data.batch_size or getattr(data.batch_sampler or data.sampler, "batch_size", None)


def _batches(data: Iterable, first: Callable) -> str:
    if isinstance(data, list | tuple):
        return digest(data)
    if not isinstance(data, DataLoader):
        return digest([type(data).__qualname__, first()])
    sampler = data.sampler if data.batch_sampler is None else data.batch_sampler
    inner = getattr(sampler, "sampler", None)
    order = [
        [type(one).__qualname__, {k: v for k, v in vars(one).items() if isinstance(v, VALUES)}]
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
    try:
        content = _dataset(data.dataset)
    except TypeError:  # one that only yields
        content = [len(data) if hasattr(data.dataset, "__len__") else None, first()]
    return digest([order, seeds, content])


def _dataset(data: Dataset) -> list:
    """What is in a data set: all of it where that can be seen, else three items."""
    if isinstance(data, Windows):
        how = (data.seq_len, data.horizon, data.gap, data.stride, data.shifted, str(data.freq))
        rows = (data._first, data._bounds, data.target.at, data.known.at)
        return ["Windows", data._values, data.known and data._inputs, *how, *rows]
    if isinstance(data, TensorDataset):
        return ["TensorDataset", *data.tensors]
    if isinstance(data, Subset):
        return ["Subset", _dataset(data.dataset), list(data.indices)]
    if isinstance(data, ConcatDataset):
        return ["ConcatDataset", *map(_dataset, data.datasets)]
    size = len(data)
    return [type(data).__qualname__, size, *(data[n] for n in sorted({0, size // 2, size - 1}))]


def function(value) -> str:
    """A loss or a forward: its name, its code, and the numbers that it reads."""
    if isinstance(value, partial):
        return f"partial {function(value.func)} {digest([value.args, value.keywords])}"
    if isinstance(value, nn.Module):
        held = {k: v for k, v in vars(value).items() if isinstance(v, VALUES) and k != "training"}
        return f"{_repr(value)} {digest([held, dict(value.named_buffers())])}"
    inner = getattr(value, "__func__", value)
    name = f"{getattr(inner, '__module__', '')}.{getattr(inner, '__qualname__', '')}"
    if inspect.isfunction(inner):
        read = inspect.getclosurevars(inner)
        code = inner.__code__
        changed = set(code.co_cellvars) | _stored(code)
        values = {
            key: one
            for key, one in sorted({**read.globals, **read.nonlocals}.items())
            if isinstance(one, (*VALUES, Tensor)) and key not in changed
        }
        return f"{name} {digest([_code(code), values, inner.__defaults__])}"
    if callable(value) and not inspect.isbuiltin(value):
        held = {k: v for k, v in getattr(value, "__dict__", {}).items() if isinstance(v, VALUES)}
        return f"{type(value).__qualname__} {digest(held)}"
    return name if value is not None else "None"


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
