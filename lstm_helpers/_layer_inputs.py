"""What an LSTM reads: said by name where nn.LSTM reports it by number, or reads it otherwise.

`lstm` is an `nn.LSTM`, or anything else with its attributes and weights.
"""

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

from lstm_helpers._arguments import is_cast, other_dtype, other_features, shown
from lstm_helpers._typing import Tensor
from lstm_helpers.shapes import named

_CUT = "x of Windows(table, seq_len), or a batch of its loader()"


def check_windows(x, lstm) -> None:
    """x has to be a batch of windows, (batch, seq, feature).

    Raises:
        TypeError: x is no tensor.
        ValueError: x has other axes, another number of features, no step, or another dtype or
            device than the weights.
    """
    _check_tensor(x, "(batch, seq, feature)", _CUT, lstm)
    if x.ndim != 3:
        hints = {
            0: "one value of one variable is x[None, None, None]",
            1: "one window of one variable is x[None, :, None]",
            2: "one window is a batch of one, x[None]",
        }
        merge = f"merge those before seq, x.flatten(0, {x.ndim - 3})"
        raise ValueError(_other_axes(x, "three, (batch, seq, feature)", hints.get(x.ndim, merge)))
    _check_numbers(x, lstm)


def check_sequences(x, lstm) -> None:
    """x has to be a batch of sequences in the order of `lstm.batch_first`, or one of them.

    Raises:
        TypeError: x is no tensor.
        ValueError: x has other axes, another number of features, no step, or another dtype or
            device than the weights.
    """
    axes = "(batch, seq, feature)" if lstm.batch_first else "(seq, batch, feature)"
    if isinstance(x, PackedSequence):
        raise TypeError(
            f"x is a PackedSequence, but the model needs a tensor {axes}: read it with nn.LSTM, "
            f"or pass pad_packed_sequence(x, batch_first={lstm.batch_first})[0], of which the "
            "padding is read, too."
        )
    cut = _CUT if lstm.batch_first else "Windows(table, seq_len).x.transpose(0, 1)"
    _check_tensor(x, axes, cut, lstm)
    if x.ndim not in (2, 3):
        hints = {
            0: "one value of one variable is x[None, None]",
            1: "one sequence of one variable is x[:, None]",
        }
        merge = f"merge those between seq and feature, x.flatten(1, {x.ndim - 2})"
        if lstm.batch_first:
            merge = f"merge those before seq, x.flatten(0, {x.ndim - 3})"
        needed = f"three, {axes}, or two for one sequence, (seq, feature)"
        raise ValueError(_other_axes(x, needed, hints.get(x.ndim, merge)))
    _check_numbers(x, lstm)


def check_state(state, x: Tensor, lstm) -> None:
    """A state has to be the pair of this LSTM, for as many samples as x has.

    Raises:
        TypeError: it is no pair of tensors.
        ValueError: it belongs to a batch or a model of other sizes, dtype or device.
    """
    if state is None:
        return
    advice = "pass the state that the call before returned, or None to start afresh."
    if not isinstance(state, tuple | list) or len(state) != 2:
        several = isinstance(state, tuple | list)
        came = f"of length {len(state)}" if several else shown(state)
        raise TypeError(f"state is {came}, but the pair (h_n, c_n) is needed: {advice}")
    weights = lstm.weight_ih_l0
    for name, part in zip(("h_n", "c_n"), state, strict=True):
        if not isinstance(part, Tensor):
            raise TypeError(f"{name} is {shown(part)}, but a tensor is needed: {advice}")
        if not _is_read(part.dtype, weights):
            raise ValueError(f"{name} has dtype {part.dtype}, but x has {x.dtype}: {advice}")
        needed = _of_state(name, x, lstm)
        if part.shape != tuple(needed.values()):
            alike = part.ndim == len(needed)
            came = named(part.shape, needed) if alike else tuple(part.shape)
            raise ValueError(
                f"{name} of the state is {came}, but this model and x {_with_names(x, lstm)} need "
                f"{named(needed.values(), needed)}: {advice}"
            )
        if not _is_here(part, weights):
            where = f"{name} of the state"
            raise ValueError(_elsewhere(name, where, part, weights, advice[:-1]))


def check_beside(x: Tensor, lstm, name: str, part, horizon: int, **last: int) -> None:
    """What comes beside x has to be (batch, horizon, ...); `last` is its last axis, with its size.

    None where no column is needed; y may always be left out.

    Raises:
        TypeError: it is no tensor.
        ValueError: it has other sizes, dtype or device; it is missing, or not wanted.
    """
    ((axis, size),) = last.items()
    if part is None and (axis == "target" or not size):
        return
    shape = named((len(x), horizon, size), ("batch", "horizon", axis))
    if not size:
        raise ValueError(
            f"{name} was passed, but the model was built with {axis}_size=0: build it with "
            f"{axis}_size=, or drop {name}."
        )
    if not isinstance(part, Tensor):
        cut = f"y of Windows(table, seq_len, horizon={horizon}, target={axis}), or a batch of it"
        convert = f"torch.as_tensor({name}, dtype={lstm.weight_ih_l0.dtype})"
        raise TypeError(
            f"{name} is {shown(part)}, but the model needs a tensor {shape}: "
            f"pass {convert if isinstance(part, np.ndarray | list | tuple) else cut}."
        )
    if part.shape != (len(x), horizon, size):
        came = tuple(part.shape)
        if part.ndim == 3:
            came = named(part.shape, ("batch", "horizon", axis))
        raise ValueError(
            f"{name} is {came}, but the model and x {_with_names(x, lstm)} need {shape}: "
            f"pass the {horizon} steps after each window."
        )
    weights = lstm.weight_ih_l0
    if not _is_read(part.dtype, weights):
        convert = f"{name}{'.real' * part.is_complex()}.to({weights.dtype})"
        raise ValueError(other_dtype(f"{name} {shape}", part.dtype, weights.dtype, convert))
    if not _is_here(part, weights):
        move = _move(name, part, weights)
        raise ValueError(_elsewhere(name, f"{name} {shape}", part, weights, move))


def _of_state(name: str, x: Tensor, lstm) -> dict[str, int]:
    """The axes of h_n or c_n with their sizes; one sequence has no batch axis."""
    both = lstm.bidirectional
    needed = {"layer*direction" if both else "layer": lstm.num_layers * (1 + both)}
    if x.ndim == 3:
        needed["batch"] = x.shape[0 if lstm.batch_first else 1]
    if name == "h_n" and lstm.proj_size:
        needed["proj"] = lstm.proj_size
    else:
        needed["hidden"] = lstm.hidden_size
    return needed


def _axes(x: Tensor, lstm) -> tuple[str, ...]:
    if x.ndim == 2:
        return "seq", "feature"
    return ("batch", "seq", "feature") if lstm.batch_first else ("seq", "batch", "feature")


def _with_names(x: Tensor, lstm) -> str:
    return named(x.shape, _axes(x, lstm))


def _other_axes(x: Tensor, needed: str, hint: str) -> str:
    axes = "1 axis" if x.ndim == 1 else f"{x.ndim} axes"
    return f"x is {tuple(x.shape)}, with {axes}, but the model needs {needed}: {hint}."


def _check_tensor(x, axes: str, cut: str, lstm) -> None:
    if not isinstance(x, Tensor):
        convert = f"torch.as_tensor(x, dtype={lstm.weight_ih_l0.dtype})"
        raise TypeError(
            f"x is {shown(x)}, but the model needs a tensor {axes}: "
            f"pass {convert if isinstance(x, np.ndarray | list | tuple) else cut}."
        )


def _check_numbers(x: Tensor, lstm) -> None:
    """Whether x, which has the right axes, holds what these weights can be multiplied with."""
    weights = lstm.weight_ih_l0
    if x.shape[-1] != lstm.input_size:
        came = f"x is {_with_names(x, lstm)}"
        raise ValueError(other_features(came, x.shape[-1], lstm.input_size))
    if not x.shape[_axes(x, lstm).index("seq")]:
        shape = _with_names(x, lstm)
        raise ValueError(f"x is {shape}, but one step is needed at least: pass longer windows.")
    if not _is_read(x.dtype, weights):
        convert = f"x{'.real' * x.is_complex()}.to({weights.dtype})"
        came = f"x {_with_names(x, lstm)}"
        raise ValueError(other_dtype(came, x.dtype, weights.dtype, convert))
    if not _is_here(x, weights):
        came, move = f"x {_with_names(x, lstm)}", _move("x", x, weights)
        raise ValueError(_elsewhere("x", came, x, weights, move))


def _move(name: str, tensor: Tensor, weights: Tensor) -> str:
    """What to do with a tensor that is not where the weights are."""
    device = str(weights.device)
    if tensor.is_meta:
        return f"on meta there are no numbers, so make {name} anew with device={device!r}"
    return f"use {name}.to({device!r})"


def _is_read(dtype: torch.dtype, weights: Tensor) -> bool:
    """Whether the LSTM reads it: the dtype of its weights; under autocast what it gives, too."""
    if dtype == weights.dtype:
        return True
    kind = weights.device.type
    cast = weights.dtype == torch.float32 and is_cast(kind)
    return cast and dtype == torch.get_autocast_dtype(kind)


def _is_here(tensor: Tensor, weights: Tensor) -> bool:
    """Whether it is dense, and on the device of the weights."""
    return tensor.layout == torch.strided and tensor.device == weights.device


def _elsewhere(name: str, what: str, tensor: Tensor, weights: Tensor, advice: str) -> str:
    if tensor.layout != torch.strided:
        return (
            f"{what} is {tensor.layout}, but the model reads dense tensors: use {name}.to_dense()."
        )
    return (
        f"{what} is on the device {tensor.device}, but the model's weights are on "
        f"{weights.device}: {advice}."
    )
