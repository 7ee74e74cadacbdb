"""The arguments of `roll_out`, checked."""

import inspect

import numpy as np
import torch

from lstm_helpers._arguments import shown
from lstm_helpers._named_columns import features
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers
from lstm_helpers.encoder_decoder import EncoderDecoderLSTM
from lstm_helpers.shapes import named
from lstm_helpers.windowing import Windows

AXES = ("batch", "seq", "feature")


def check_x(x) -> tuple[int, ...]:
    """The sizes of x, (batch, seq, feature)."""
    needed = "x (batch, seq, feature) or a Windows is needed"
    if not isinstance(x, Tensor):
        advice = "pass windows.newest(), or the Windows"
        if isinstance(x, np.ndarray | list | tuple):
            advice = "pass torch.as_tensor(x, dtype=torch.float32)"
        raise TypeError(f"x is {shown(x)}, but {needed}: {advice}.")
    if x.layout is not torch.strided or x.is_meta:
        kind, advice = "is sparse", "pass x.to_dense()"
        if x.is_meta:
            kind, advice = "holds no numbers", "make it anew on the CPU"
        raise ValueError(f"x {tuple(x.shape)} {kind}, but {needed}: {advice}.")
    if not x.is_floating_point():
        raise ValueError(
            f"x {tuple(x.shape)} has dtype {x.dtype}, but forecasts become its next steps: "
            f"use x{'.real' * x.is_complex()}.to(torch.float32)."
        )
    if x.ndim != 3:
        advice = "one window is x[None]" if x.ndim == 2 else "keep these three axes"
        raise ValueError(f"x is {tuple(x.shape)}, but {needed}: {advice}.")
    if not x.numel():
        raise ValueError(
            f"x is {named(x.shape, AXES)}, without a number, but one window with one step is "
            "needed at least: pass more rows."
        )
    return tuple(x.shape)


def check_windows(windows: Windows, steps: int, target, known, future) -> None:
    for name, value in (("target", target), ("known", known)):
        if value is not None:
            raise ValueError(
                f"{name} was passed, but the windows know their columns, {name} "
                f"{list(getattr(windows, name))}: drop it, or cut windows with {name}=."
            )
    if windows.gap:
        raise ValueError(
            f"the windows have a gap of {windows.gap} steps before their targets, but a forecast "
            "becomes the next step of a window: cut windows without gap."
        )
    if windows.known and future is None and steps > windows.horizon:
        raise ValueError(
            f"steps is {steps}, but behind each window the table is sure to have {windows.horizon} "
            f"rows with {list(windows.known)}: cut windows with horizon={steps}, or pass future=, "
            f"(window={len(windows)}, steps={steps - 1}, known={len(windows.known)})."
        )


class Roles:
    """Which features of x are forecast, and which are known ahead: positions, together all.

    Raises:
        ValueError: a feature is neither, or both.
    """

    def __init__(self, size: int, target, known):
        self.known = [] if known is None else features(size, known, "known")
        others = [n for n in range(size) if n not in self.known]
        self.target = others if target is None else features(size, target, "target")
        if both := sorted({*self.target} & {*self.known}):
            raise ValueError(
                f"target and known share {both}, but a feature that is known ahead needs no "
                "forecast: name each in one of them."
            )
        if not self.target:
            raise ValueError(
                f"x has {size} features, and none of them is forecast: name fewer in known=, or "
                "one in target=."
            )
        if rest := [n for n in others if n not in self.target]:
            raise ValueError(
                f"x has {size} features, of which {self.target} are forecast and {self.known} are "
                f"known ahead, but after the first forecast {rest} have no value: name them in "
                "known= and pass their future=, or use a model that forecasts them, too, or one "
                "with horizon=steps in predict."
            )
        self._order = sorted(range(size), key=[*self.target, *self.known].__getitem__)
        self._in_order = self._order == sorted(self._order)

    def rows(self, forecasts: Tensor, future: Tensor, steps: slice) -> Tensor:
        """What a model reads next, (batch, steps, feature); `steps` of the known features."""
        rows = torch.cat((forecasts, future[:, steps]), dim=2) if self.known else forecasts
        return rows if self._in_order else rows[..., self._order]


def check_future(future, needed: tuple[int, int, int]) -> Tensor:
    """The known features of the steps after x, as many as are read."""
    batch, steps, known = needed
    shape = named(needed, ("batch", "steps", "known"))
    if not known:
        if future is not None:
            raise ValueError(
                "future was passed, but no feature is known ahead: name them in known=, or drop "
                "future."
            )
        return torch.empty(needed)
    if future is None:
        if not steps:
            return torch.empty(needed)
        raise ValueError(
            f"{known} features of x are known ahead, but future is None: pass their values after "
            f"those in x, {shape}."
        )
    values = torch.as_tensor(numbers(future=future))
    if values.ndim != 3 or values.shape[0] != batch or values.shape[2] != known:
        advice = "for one window, add its axis, future[None]" * (values.ndim == 2)
        raise ValueError(
            f"future is {tuple(values.shape)}, but {shape} is needed, from the step after those "
            f"that x holds: {advice or 'pass one row of the known features for each step'}."
        )
    if values.shape[1] < steps:
        raise ValueError(
            f"future has {values.shape[1]} steps, but {steps + 1} steps of a forecast read "
            f"{steps}, since x holds the first: pass {shape}, or ask for fewer steps."
        )
    values = values[:, :steps]
    if missing := int((~values.isfinite()).sum()):
        raise ValueError(
            f"future has NaN or infinity in {missing} of {values.numel()} places that are read, "
            "but what is known ahead has to be known: fill them, or ask for fewer steps."
        )
    return values


def check_step(model) -> None:
    """A method of this name may be something else."""
    try:
        inspect.signature(model.step).bind(None, None)
    except TypeError as error:
        raise TypeError(
            f"the model's step can't be called with x and a state ({error}): let it be "
            "step(x, state) -> (yhat, state), or call the method otherwise."
        ) from None
    except ValueError:  # no signature to look at
        return


def check_made_for(model: EncoderDecoderLSTM, roles: Roles) -> None:
    if model.known_size not in (0, len(roles.known)):
        raise ValueError(
            f"the model was built with known_size={model.known_size}, but {len(roles.known)} "
            f"features of x are known ahead: name {model.known_size} in known=."
        )
    if model.target != roles.target:
        raise ValueError(
            f"the model was built with target={model.target}, but {roles.target} of x are to be "
            f"forecast: pass target={model.target}, or build it with target={roles.target}."
        )
