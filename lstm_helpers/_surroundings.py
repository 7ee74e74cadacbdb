"""Where a model runs: on which device, in which mode, on which random numbers. All is put back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence


def moved(batches: Iterable, device, name: str) -> Iterator:
    """The batches, with a copy of every tensor on the device: nobody's table is written to."""
    empty = True
    for batch in batches:
        empty = False
        yield _moved(batch, device)
    if empty:
        raise ValueError(
            f"{name} has no batch, but at least one is needed: "
            "with drop_last=True, batch_size has to be no more than the number of windows."
        )


def _moved(part, device):
    """A batch or a part of it on the device; what holds tensors is made anew around them."""
    if isinstance(part, torch.Tensor | PackedSequence):
        return part.to(device, copy=True)
    if hasattr(part, "to"):
        return part.to(device)
    if isinstance(part, dict):
        return {key: _moved(value, device) for key, value in part.items()}
    if not isinstance(part, tuple | list):
        return part
    inside = [_moved(each, device) for each in part]
    return type(part)(*inside) if hasattr(part, "_fields") else inside  # a named tuple keeps names


@contextmanager
def kept_mode(model: nn.Module):
    """Give every part of the model its training flag back: parts may differ."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def on_device(model: nn.Module, device):
    """Move the model to the device it is trained on, and back again."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    device, home = torch.device(device), next(model.parameters()).device
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f'device is {str(device)!r}, but torch finds no GPU here: use "auto".')
    with kept_mode(model):
        try:
            model.to(device)
            yield device
        finally:
            model.to(home)


@contextmanager
def seeded(seed: int, device: torch.device, *loaders):
    """Seed torch on this device; afterwards all generators are as before."""
    own = [getattr(loader, "generator", None) for loader in loaders]
    states = [(g, g.get_state()) for g in own if isinstance(g, torch.Generator)]
    on_gpu = device.type == "cuda"
    with torch.random.fork_rng(devices=[device] if on_gpu else []):
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed(seed)
        try:
            yield
        finally:
            for generator, state in states:
                generator.set_state(state)
