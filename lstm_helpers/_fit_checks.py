"""What `fit` asks before it trains: its arguments, and the first batch."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import Dataset, IterableDataset

from lstm_helpers._arguments import at_least, other_dtype, other_features
from lstm_helpers._typing import Tensor
from lstm_helpers.shapes import check_same_shape, named

_ELEMENTWISE_MODULES = (
    nn.MSELoss,
    nn.L1Loss,
    nn.SmoothL1Loss,
    nn.HuberLoss,
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
)
_ELEMENTWISE_FUNCTIONS = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss)


def check_batches(data, name: str) -> None:
    """Refuse what looks like batches and is none, before it is trained on by accident."""
    if isinstance(data, Dataset) and not isinstance(data, IterableDataset):
        raise TypeError(
            f"{name} is a {type(data).__name__}, which yields one window at a time, but batches "
            "are needed: pass its .loader(), or torch's DataLoader(...)."
        )
    if isinstance(data, Tensor) or (data is not None and not isinstance(data, Iterable)):
        raise TypeError(
            f"{name} is a {type(data).__name__}, but batches (x, y) are needed: pass a loader, "
            "or [(x, y)] for all windows in one batch."
        )
    if isinstance(data, Iterator):
        raise TypeError(
            f"{name} is an iterator, which is empty after one epoch, but it is read in each: "
            "pass a loader or a list."
        )


def check_settings(model, val, epochs, optimizer, clip_norm, patience) -> None:
    at_least(1, epochs=epochs)
    if clip_norm is not None and not clip_norm > 0:
        raise ValueError(
            f"clip_norm is {clip_norm}, but it has to be above 0, or None for no limit."
        )
    if patience is not None:
        at_least(1, patience=patience)
        if val is None:
            raise ValueError(
                f"patience is {patience}, but without val there is no validation loss to wait for: "
                "pass val, or drop patience."
            )
    ours = {id(parameter) for parameter in model.parameters()}
    if not ours:
        raise ValueError("the model has no parameters, so there is nothing to train.")
    if optimizer is not None:
        theirs = {id(p) for group in optimizer.param_groups for p in group["params"]}
        if not ours & theirs:
            raise ValueError(
                "the optimizer holds none of this model's parameters, so nothing would be learnt: "
                "make it anew from this model, such as torch.optim.Adam(model.parameters())."
            )


def check_first_batch(forward: Callable | None, loss_fn: Callable) -> Callable:
    """A function (model, batch) -> (yhat, y) that checks the first batch it is called with.

    Args:
        forward: (model, *batch) -> (yhat, y), or None for batches (x, y).
        loss_fn: what will compare yhat and y.

    Raises:
        TypeError: the batch is no pair of tensors.
        ValueError: NaN; dtypes, features or shapes that do not fit; no gradient.
    """
    checked = False

    def compute(model: nn.Module, batch) -> tuple:
        nonlocal checked
        if checked:
            return call_forward(forward or _forward, model, batch)
        if forward is None:
            _check_pair(batch)
            check_dtype(batch[0], model)
        try:
            yhat, y = call_forward(forward or _forward, model, batch)
        except RuntimeError as error:
            first = batch[0] if isinstance(batch, tuple | list) and len(batch) else batch
            raise ValueError(explain(error, model, first)) from error
        if forward is None:
            check_tensor(yhat)
        _check_result(yhat, y, loss_fn)
        checked = True
        return yhat, y

    return compute


def call_forward(forward: Callable, model: nn.Module, batch):
    """The parts of a batch as arguments; a dict, or another batch without parts, whole."""
    return forward(model, *batch) if isinstance(batch, tuple | list) else forward(model, batch)


def _forward(model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return model(x), y


def check_tensor(yhat) -> None:
    """Refuse what a bare nn.LSTM returns: a tensor and its states.

    Raises:
        TypeError: it is no tensor.
    """
    if not isinstance(yhat, Tensor):
        raise TypeError(
            f"the model returns a {type(yhat).__name__}, but one tensor is needed, yhat (batch, "
            "horizon, target): write a forward that returns it, as in out, _ = self.lstm(x)."
        )


def _check_pair(batch) -> None:
    pair = isinstance(batch, tuple | list) and len(batch) == 2
    if not (pair and all(isinstance(part, Tensor) for part in batch)):
        raise TypeError(
            f"a batch of train is {_describe(batch)}, but a pair of tensors (x, y) is needed: "
            "for other batches pass forward=, a function (model, *batch) -> (yhat, y)."
        )
    for name, part in zip("xy", batch, strict=True):
        if part.is_floating_point() and not part.isfinite().all():
            raise ValueError(
                f"{name} {tuple(part.shape)} of the first batch holds NaN or infinity, but a loss "
                "needs numbers: fill the gaps before you cut windows."
            )


def check_dtype(x: Tensor, model: nn.Module) -> None:
    weights = next((p for p in model.parameters() if p.is_floating_point()), x)
    if x.is_floating_point() and x.dtype != weights.dtype:
        windows = f"Windows(..., dtype={weights.dtype})"
        raise ValueError(other_dtype("x", x.dtype, weights.dtype, windows))


def explain(error: RuntimeError, model: nn.Module, x, batch: str = "the first batch") -> str:
    """Why the model can't run on x, where the shapes tell; else torch's own words."""
    rnn = next((module for module in model.modules() if isinstance(module, nn.RNNBase)), None)
    if not isinstance(x, Tensor):
        return f"the model can't run on {batch}: {error}"
    shape = named(x.shape, ("batch", "seq", "feature")[: x.ndim] if x.ndim < 4 else None)
    if rnn is not None and x.ndim == 3 and x.shape[-1] != rnn.input_size:
        who = f"the model's {type(rnn).__name__}"
        return other_features(f"x is {shape}", x.shape[-1], rnn.input_size, who)
    return f"the model can't run on {batch}, x {shape}: {error}"


def _check_result(yhat, y, loss_fn) -> None:
    """Refuse a prediction that the loss would compare with the wrong numbers.

    Elementwise losses need equal shapes and dtypes. Other losses may compare unlike shapes;
    there only what no loss can mean is refused: both sides stretched against each other.

    Raises:
        ValueError: the shapes or dtypes differ, or no gradient reaches the prediction.
    """
    if not (isinstance(yhat, Tensor) and isinstance(y, Tensor)):
        return
    elementwise = isinstance(loss_fn, _ELEMENTWISE_MODULES) or loss_fn in _ELEMENTWISE_FUNCTIONS
    if elementwise or (y.is_floating_point() and _stretches_both(yhat, y)):
        check_same_shape(yhat, y)
    if elementwise and yhat.dtype != y.dtype:
        raise ValueError(
            f"yhat has dtype {yhat.dtype}, but y has {y.dtype}: a loss needs one dtype. "
            f"Use y.to({yhat.dtype})."
        )
    if torch.is_grad_enabled() and not yhat.requires_grad:
        raise ValueError(
            "yhat carries no gradient, so nothing would be learnt: look for .data, .detach() or "
            "torch.no_grad() in forward, or for weights that are all frozen."
        )


def _describe(batch) -> str:
    if isinstance(batch, tuple | list):
        return f"{len(batch)} parts ({', '.join(type(part).__name__ for part in batch)})"
    return f"one {type(batch).__name__}"


def _stretches_both(yhat: Tensor, y: Tensor) -> bool:
    try:
        size = torch.broadcast_shapes(yhat.shape, y.shape).numel()
    except RuntimeError:
        return False
    return size > max(yhat.numel(), y.numel())
