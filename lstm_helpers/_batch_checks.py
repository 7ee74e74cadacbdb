"""What is wanted of a batch and of what a model makes of it: each check stands alone."""

import inspect
from collections.abc import Callable

from torch import nn

from lstm_helpers._arguments import other_dtype
from lstm_helpers._typing import Tensor


def call_forward(forward: Callable, model: nn.Module, batch):
    """The parts of a batch as arguments; a dict, or another batch without parts, whole."""
    return forward(model, *batch) if isinstance(batch, tuple | list) else forward(model, batch)


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


def check_takes(forward: Callable, batch, where: str) -> None:
    """Refuse a batch of more or fewer parts than forward takes.

    Raises:
        TypeError: it has so many.
    """
    parts = len(batch) if isinstance(batch, tuple | list) else 1
    try:
        inspect.signature(forward).bind(None, *[None] * parts)
    except ValueError:  # no signature to look at
        return
    except TypeError as error:
        raise TypeError(
            f"{where} is {describe(batch)}, but forward can't be called with the model and "
            f"{'these' if parts != 1 else 'this'} ({error}): give it one argument for each part, "
            "or take them all, def forward(model, *batch)."
        ) from None


def describe(batch) -> str:
    """How many parts a batch has, and of which kinds."""
    if isinstance(batch, tuple | list):
        return f"{len(batch)} parts ({', '.join(type(part).__name__ for part in batch)})"
    return f"one {type(batch).__name__}"


def check_dtype(x: Tensor, model: nn.Module, name: str = "x") -> None:
    weights = [p.dtype for p in model.parameters() if p.is_floating_point()]
    if x.is_floating_point() and weights and x.dtype not in weights:
        windows = f"Windows(..., dtype={weights[0]})"
        raise ValueError(other_dtype(name, x.dtype, weights[0], windows))


def check_finite(where: str, batch) -> None:
    for name, part in zip("xy", batch, strict=False):
        if part.is_floating_point() and not part.isfinite().all():
            raise ValueError(
                f"{where}: {name} {tuple(part.shape)} holds NaN or infinity, but a loss needs "
                "numbers: fill the gaps before you cut windows."
            )


def first_part(batch):
    return batch[0] if isinstance(batch, tuple | list) and len(batch) else batch
