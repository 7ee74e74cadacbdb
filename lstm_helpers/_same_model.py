"""Whether a model is the one that was saved: it has the same weights, and answers the same."""

from copy import deepcopy

import torch
from torch import nn

from lstm_helpers._running.copies import uncompiled
from lstm_helpers._typing import Tensor
from lstm_helpers.predicting import predict
from lstm_helpers.windowing import Windows


def answer(model: nn.Module, x: Tensor, future: Tensor | None) -> Tensor:
    """What a model predicts, which may want to know the known columns of the whole horizon."""
    if future is None:
        return predict(model, x)
    return predict(model, [(x, future)], forward=lambda model, x, future: model(x, future))


def first_answer(model: nn.Module, windows: Windows) -> dict[str, Tensor | None]:
    """The first window, what is known ahead of it, and what the model makes of it.

    Raises:
        ValueError: that is not shaped like y, or no number.
    """
    (x, y), future = windows[[0]], None
    if wanted := getattr(model, "known_size", 0):
        if wanted != len(windows.known):
            raise ValueError(
                f"the model was built with known_size={wanted}, but the windows have "
                f"{len(windows.known)} columns that are known ahead, {list(windows.known)}: "
                f"name {wanted} in Windows(..., known=)."
            )
        # x has known columns a row early
        first = int(windows._starts.rows(0)) + windows._offset - 1
        future = windows._values[first : first + windows.horizon, windows.known.at][None].clone()
    yhat = answer(model, x, future)
    if yhat.shape != y.shape:
        axis = "seq" if windows.shifted else "horizon"
        every = not windows.shifted and yhat.shape == (1, windows.seq_len, y.shape[2])
        advice = "as the model was trained on" if not every else "with shifted=True"
        raise ValueError(
            f"the model returns {tuple(yhat.shape)} for one window {tuple(x.shape)}, but y is "
            f"(window=1, {axis}={y.shape[1]}, target={y.shape[2]}): pass windows {advice}."
        )
    if not torch.isfinite(yhat).all():
        raise ValueError(
            "the model returns NaN or infinity for the first window, so it can't forecast: train "
            "it anew, with a lower lr."
        )
    return {"x": x, "future": future, "yhat": yhat}


def filled(model: nn.Module, weights: dict) -> nn.Module:
    """A copy of the model with these weights."""
    try:
        model = deepcopy(uncompiled(model))
    except Exception as error:
        raise ValueError(
            f"model {type(model).__name__} can't be copied ({error}): pass one that was made anew "
            "and has not run."
        ) from None
    own = model.state_dict()
    lazy = {name for name, value in own.items() if nn.parameter.is_lazy(value)}  # takes any sizes
    for name in dict.fromkeys((*own, *weights)):
        if name in lazy and name in weights:
            continue
        has = "without sizes" if name in lazy else _described(own, name)
        needs = _described(weights, name)
        if has != needs:
            raise ValueError(
                f"{name} of the model is {has}, but in the file it is {needs}: pass a model that "
                "is made as it was made before training."
            )
    model.load_state_dict(weights)
    return model


def _described(weights: dict, name: str) -> str:
    """The sizes of a tensor; whether there is anything else."""
    if not isinstance(value := weights.get(name), Tensor):
        return "there" if name in weights else "not there"
    return f"{tuple(value.shape)} {value.dtype}"


def check_same(model: nn.Module, x: Tensor, future: Tensor | None, yhat: Tensor) -> None:
    """Other machines round otherwise; another `forward` is another model.

    Raises:
        ValueError: it answers otherwise than the model that was saved.
    """
    expected, yhat = yhat, answer(model, x, future)
    if yhat.shape == expected.shape and yhat.dtype == expected.dtype:
        if not yhat.is_floating_point():
            same = torch.equal(yhat, expected)
        else:
            off = (yhat.double() - expected.double()).abs().max()
            allowed = max(5e-3, 16 * torch.finfo(yhat.dtype).eps)
            same = bool(off <= allowed * expected.double().abs().max())
        if same:
            return
    raise ValueError(
        "the model answers the first window of the training otherwise than when it was saved: "
        "pass model=, one with the same forward and the same settings."
    )
