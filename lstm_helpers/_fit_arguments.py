"""The arguments of `fit`: each is checked, and what comes back is what is used."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, IterableDataset

from lstm_helpers._accelerator import check_accelerator
from lstm_helpers._arguments import (
    MOST_SEED,
    a_forward,
    a_function,
    a_model,
    above,
    at_least,
    shown,
    true_or_false,
)
from lstm_helpers._files import a_path
from lstm_helpers._sharing import Alone, Shared
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows


@dataclass(frozen=True)
class Asked:
    """What `fit` was asked for, checked."""

    model: nn.Module
    train: Iterable
    val: Iterable | None
    epochs: int
    lr: float
    loss_fn: Callable
    optimizer: torch.optim.Optimizer | None
    clip_norm: float | None
    patience: int | None
    checkpoint: Path | None
    seed: int
    device: torch.device
    progress: bool
    forward: Callable | None
    sharing: Alone | Shared


def checked(
    model,
    train,
    val,
    epochs,
    lr,
    loss_fn,
    optimizer,
    clip_norm,
    patience,
    checkpoint,
    seed,
    device,
    progress,
    forward,
    accelerator,
) -> Asked:
    """The arguments of `fit`, in its order.

    Raises:
        TypeError, ValueError: one of them can't be used.
    """
    sharing = check_accelerator(accelerator, device, model, optimizer, train, val)
    model, seed = _trainable(model), at_least(0, MOST_SEED, seed=seed)
    if lr is not None:
        lr = above(0, lr=lr)
        narrow = any(weight.dtype != torch.float64 for weight in model.parameters())
        if narrow and lr > torch.finfo(torch.float32).max:
            raise ValueError(f"lr is {lr:g}, a number that float32 can't hold: try 0.001.")
    if optimizer is not None:
        optimizer = _optimizer(optimizer, model, lr)
    if patience is not None:
        patience = at_least(1, patience=patience)
        if val is None:
            raise ValueError(
                f"patience is {patience}, but without val there is no validation loss to wait for: "
                "pass val, or drop patience."
            )
    return Asked(
        model=model,
        train=_batches(train, "train", shuffle=True, seed=seed),
        val=None if val is None else _batches(val, "val", shuffle=False, seed=seed),
        epochs=at_least(1, epochs=epochs),
        lr=1e-3 if lr is None else lr,
        loss_fn=nn.MSELoss()
        if loss_fn is None
        else a_function("(yhat, y) -> loss", loss_fn=loss_fn),
        optimizer=optimizer,
        clip_norm=None
        if clip_norm is None
        else above(0, ", or None for no limit", clip_norm=clip_norm),
        patience=patience,
        checkpoint=None if checkpoint is None else a_path("run.pt", checkpoint=checkpoint),
        seed=seed,
        device=_device(device) if accelerator is None else sharing.device,
        progress=true_or_false(progress=progress),
        forward=None if forward is None else a_forward(forward),
        sharing=sharing,
    )


def _trainable(model) -> nn.Module:
    model = a_model(model)
    parameters = list(model.parameters())
    if not parameters:
        raise ValueError("the model has no parameters, so there is nothing to train.")
    if any(not nn.parameter.is_lazy(p) and p.is_inference() for p in parameters):
        raise ValueError(
            "the model was made under torch.inference_mode(), so its weights can't be trained: "
            "make it outside."
        )
    devices = sorted({str(p.device) for p in parameters})
    if len(devices) > 1:
        raise ValueError(
            f"the model's weights are on {' and '.join(devices)}, but fit moves a model as a "
            "whole: bring it to one device first, model.to(...)."
        )
    if devices == ["meta"]:
        raise ValueError(
            "the model's weights are on the device meta, which holds no numbers: "
            'use model.to_empty(device="cpu") and set them.'
        )
    return model


def _optimizer(optimizer, model: nn.Module, lr: float | None) -> torch.optim.Optimizer:
    if isinstance(optimizer, type):
        raise TypeError(
            f"optimizer is the class {optimizer.__name__}, but one made of it is needed: "
            f"optimizer={optimizer.__name__}(model.parameters(), lr=1e-3)."
        )
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(
            f"optimizer is {shown(optimizer)}, but one of torch.optim is needed, such as "
            "torch.optim.Adam(model.parameters(), lr=1e-3)."
        )
    if lr is not None:
        raise ValueError(
            f"lr is {lr:g}, but the optimizer has a learning rate of its own: drop lr, or make the "
            f"optimizer with it, {type(optimizer).__name__}(model.parameters(), lr={lr:g})."
        )
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        raise ValueError(
            f"optimizer is {type(optimizer).__name__}, which computes the loss several times in "
            "one step, but fit computes it once: use torch.optim.Adam, or write its loop yourself."
        )
    ours = {id(parameter) for parameter in model.parameters()}
    if ours.isdisjoint(id(p) for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(
            "the optimizer holds none of this model's parameters, so nothing would be learnt: "
            "make it anew from this model, such as torch.optim.Adam(model.parameters())."
        )
    return optimizer


def _batches(data, name: str, shuffle: bool, seed: int) -> Iterable:
    """Refuse what looks like batches and is none, before it is trained on by accident."""
    if isinstance(data, Windows):
        return data.loader(32, shuffle=shuffle, seed=seed)
    if isinstance(data, Dataset) and not isinstance(data, IterableDataset):
        raise TypeError(
            f"{name} is a {type(data).__name__}, which yields one window at a time, but batches "
            "are needed: pass its .loader(), or torch's DataLoader(...)."
        )
    if hasattr(data, "iloc") or isinstance(data, np.ndarray | np.generic):
        raise TypeError(
            f"{name} is a {type(data).__name__}, but batches (x, y) are needed: "
            "pass Windows(table, seq_len), which cuts them."
        )
    if isinstance(data, Tensor | str | bytes | dict | type) or not (
        isinstance(data, Iterable) or hasattr(data, "__getitem__")
    ):
        came = "None" if data is None else f"a {type(data).__name__}"
        raise TypeError(
            f"{name} is {came}, but batches (x, y) are needed: pass a loader, "
            "or [(x, y)] for all windows in one batch."
        )
    if isinstance(data, Iterator):
        raise TypeError(
            f"{name} is an iterator, which is empty after one epoch, but it is read in each: "
            "pass a loader or a list."
        )
    return data


def _device(device) -> torch.device:
    if isinstance(device, str) and device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    names = 'use "auto", "cpu" or "cuda"'
    if isinstance(device, bool) or not isinstance(device, str | int | torch.device):
        raise TypeError(f"device is {shown(device)}, but the name of a device is needed: {names}.")
    try:
        found = torch.device(device)
        torch.empty(1, device=found)
    except (RuntimeError, AssertionError, ValueError, OverflowError, NotImplementedError):
        raise ValueError(
            f"device is {shown(device)}, but torch finds no such device here: {names}."
        ) from None
    if found.type == "meta":
        raise ValueError(f"device is 'meta', which holds no numbers to train with: {names}.")
    return found
