"""The loss of a batch, compared as it comes: what does not fit is refused, with its sizes."""

from collections.abc import Callable
from functools import partial
from math import isfinite

import torch
from torch import nn
from torch.nn import functional as F

from lstm_helpers._arguments import is_cast, shown
from lstm_helpers._batch_checks import (
    call_forward,
    check_dtype,
    check_finite,
    check_takes,
    check_tensor,
    describe,
    first_part,
)
from lstm_helpers._hints import explain
from lstm_helpers._typing import Tensor
from lstm_helpers.shapes import check_same_shape

_ELEMENTWISE_MODULES = (
    nn.MSELoss,
    nn.L1Loss,
    nn.SmoothL1Loss,
    nn.HuberLoss,
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
)
_ELEMENTWISE_FUNCTIONS = (F.mse_loss, F.l1_loss, F.smooth_l1_loss, F.huber_loss)

_WITH_NUMPY = (
    "it computes with numpy, which carries no gradient: compute it with torch, such as "
    "(yhat - y).square().mean()."
)

_TRIED = 64  # windows


class NotFinite(Exception):
    """Ends an epoch; `fit` turns it into its message."""


class Comparison:
    """(number, batch) -> the loss of this batch of train or val, its value, and its windows.

    Args:
        name: train or val, for the messages.
        forward: (model, *batch) -> (yhat, y), or None for batches (x, y).
        loss_fn: what compares yhat and y.

    Raises:
        TypeError: a batch is no pair of tensors; the model or the loss returns no tensor.
        ValueError: sizes, dtypes, features or shapes that do not fit; no gradient.
        NotFinite: the loss is none.
    """

    def __init__(self, name: str, model: nn.Module, forward: Callable | None, loss_fn: Callable):
        self._name, self._model, self._forward, self._loss_fn = name, model, forward, loss_fn
        while isinstance(loss_fn, partial):
            loss_fn = loss_fn.func
        self._elementwise = isinstance(loss_fn, _ELEMENTWISE_MODULES) or any(
            loss_fn is one for one in _ELEMENTWISE_FUNCTIONS
        )
        self._dtype = None  # of x, once it has been looked at
        self._ignored = None  # a class that must not come, where processes share a batch

    def __call__(self, number: int, batch) -> tuple[Tensor, float, int]:
        where = f"batch {number} of {self._name}"
        yhat, y = self._yhat(where, batch)
        self._check_result(where, yhat, y)
        if self._ignored is not None and (y == self._ignored).any():
            raise ValueError(self._counts_less(where))
        loss = self._loss(where, yhat, y)
        value = loss.item()
        if not isfinite(value):
            check_finite(where, batch if self._forward is None else ())
            raise NotFinite(
                f"the {'loss' if self._name == 'train' else 'validation loss'} is {value:.3g}"
            )
        return loss, value, _windows(yhat, y)

    def check_mean(self, batch) -> None:
        """Refuse a loss that is no mean over windows: no shares of a batch add up to it.

        Raises:
            ValueError: the loss of the first windows together is not the mean of each one's.
        """
        where = f"batch 0 of {self._name}"
        yhat, y = self._yhat(where, batch)
        kind, first = getattr(self._loss_fn, "reduction", "mean"), slice(0, _TRIED)
        if kind != "mean":
            raise ValueError(_no_mean(f"has reduction {kind!r}"))
        if not (isinstance(yhat, Tensor) and isinstance(y, Tensor) and yhat.ndim and y.ndim):
            raise ValueError(_no_mean(f"compares {_kind(yhat)} with {_kind(y)}"))
        self._check_result(where, yhat, y)
        self._ignored = getattr(self._loss_fn, "ignore_index", None)
        whole = self._loss(where, yhat[first], y[first]).item()
        each = [
            self._loss(where, yhat[n : n + 1], y[n : n + 1]).item() for n in range(len(y[first]))
        ]
        mean = sum(each) / len(each)
        if isfinite(whole) and not abs(mean - whole) <= 1e-5 * max(map(abs, each)):
            gives = f"gives {whole:.6g} for {len(each)} windows, and {mean:.6g} as the mean of each"
            raise ValueError(_no_mean(gives))

    def _yhat(self, where: str, batch) -> tuple:
        if self._forward is None:
            self._check_pair(where, batch)
        try:
            if self._forward is None:
                yhat, y = self._model(batch[0]), batch[1]
                check_tensor(yhat)
                return yhat, y
            check_takes(self._forward, batch, where)
            result = call_forward(self._forward, self._model, batch)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError, IndexError) as error:
            said = explain(error, self._model, first_part(batch), where)
            if said is None:
                raise
            raise ValueError(said) from error
        if not (isinstance(result, tuple | list) and len(result) == 2):
            raise TypeError(
                f"forward returns a {type(result).__name__}, but a pair (yhat, y) is needed: "
                "end it with return yhat, y."
            )
        return tuple(result)

    def _check_pair(self, where: str, batch) -> None:
        pair = isinstance(batch, tuple | list) and len(batch) == 2
        if not (pair and isinstance(batch[0], Tensor) and isinstance(batch[1], Tensor)):
            raise TypeError(
                f"{where} is {describe(batch)}, but a pair of tensors (x, y) is needed: "
                "for other batches pass forward=, a function (model, *batch) -> (yhat, y)."
            )
        x = batch[0]
        if not x.numel():
            raise ValueError(
                f"{where} is empty, x {tuple(x.shape)}, but at least one window is needed: "
                "leave it out."
            )
        if x.dtype != self._dtype:
            check_dtype(x, self._model, f"x of {where}")
            self._dtype = x.dtype

    def _check_result(self, where: str, yhat, y) -> None:
        """Refuse a prediction that the loss would compare with the wrong numbers.

        Elementwise losses need equal shapes and dtypes. Other losses may compare unlike shapes;
        there only what no loss can mean is refused: both sides stretched against each other.
        """
        if not (isinstance(yhat, Tensor) and isinstance(y, Tensor)):
            return
        if yhat.shape != y.shape and (
            self._elementwise or (y.is_floating_point() and _stretches_both(yhat, y))
        ):
            try:
                check_same_shape(yhat, y)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
        if not yhat.numel():
            raise ValueError(
                f"{where}: yhat is {tuple(yhat.shape)}, without a number, but at least one window "
                "is needed: leave the batch out."
            )
        if self._elementwise and yhat.dtype != y.dtype and not _is_cast(yhat, y):
            raise ValueError(
                f"{where}: yhat has dtype {yhat.dtype}, but y has {y.dtype}: a loss needs one "
                f"dtype. Use y.to({yhat.dtype})."
            )
        if torch.is_grad_enabled() and not yhat.requires_grad:
            raise ValueError(
                f"{where}: yhat carries no gradient, so nothing would be learnt: look for .data, "
                ".detach() or torch.no_grad() in forward, or for weights that are all frozen."
            )

    def _loss(self, where: str, yhat, y) -> Tensor:
        try:
            loss = self._loss_fn(yhat, y)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, IndexError) as error:
            raise ValueError(self._cannot_compare(where, yhat, y, error)) from error
        except (AttributeError, TypeError) as error:
            if isinstance(yhat, Tensor) and isinstance(y, Tensor):
                raise  # somebody's own
            raise TypeError(self._cannot_compare(where, yhat, y, error)) from error
        if not isinstance(loss, Tensor):
            raise TypeError(
                f"loss_fn returns {shown(loss)}, but a tensor of one number is needed, which "
                "carries the gradient: compute it of yhat and y with torch."
            )
        if loss.is_complex():
            raise TypeError(
                f"loss_fn returns {loss.dtype}, but a real number is needed, which can be less: "
                "take the .abs() of the difference of yhat and y."
            )
        if loss.numel() != 1:
            raise ValueError(
                f"loss_fn returns {tuple(loss.shape)}, but one number is needed: take its mean."
            )
        if torch.is_grad_enabled() and not loss.requires_grad:
            raise ValueError(
                "the loss carries no gradient, so nothing would be learnt: look for .item(), "
                ".data, .detach() or torch.no_grad() in loss_fn."
            )
        return loss

    def _counts_less(self, where: str) -> str:
        return (
            f"{where}: y has the class {self._ignored}, which the loss leaves out, so that windows "
            "do not count alike; to be shared by processes they have to: leave those steps out in "
            "forward, or train in one process."
        )

    @staticmethod
    def _cannot_compare(where: str, yhat, y, error: Exception) -> str:
        said = f"{where}: loss_fn can't compare yhat {_kind(yhat)} with y {_kind(y)}: "
        if "Can't call numpy()" in str(error):
            return said + _WITH_NUMPY
        return f"{said}{error}. Return what it needs from forward, or change loss_fn."


def _no_mean(what: str) -> str:
    return (
        f"loss_fn {what}, but to be shared by processes the loss has to be a mean over windows: "
        "use one with reduction='mean' and without weights of classes, such as torch.nn.MSELoss()."
    )


def _stretches_both(yhat: Tensor, y: Tensor) -> bool:
    try:
        size = torch.broadcast_shapes(yhat.shape, y.shape).numel()
    except RuntimeError:
        return False
    return size > max(yhat.numel(), y.numel())


def _is_cast(yhat: Tensor, y: Tensor) -> bool:
    return is_cast(yhat.device.type) and y.is_floating_point()


def _windows(yhat, y) -> int:
    """How many windows a batch has; one where nothing says."""
    for part in (y, yhat):
        if isinstance(part, Tensor) and part.ndim:
            return len(part)
    return 1


def _kind(part) -> str:
    if not isinstance(part, Tensor):
        return f"({type(part).__name__})"
    return f"{tuple(part.shape)} of {part.dtype}"
