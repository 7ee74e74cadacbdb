"""The forecasters of the lessons, each a few lines around `nn.LSTM`."""

import numpy as np
import torch
from torch import nn

from lstm_helpers._arguments import (
    at_least,
    check_room,
    is_cast,
    other_dtype,
    other_features,
    share,
    shown,
)
from lstm_helpers._typing import Float, Tensor
from lstm_helpers.shapes import named

_CUT = "x of Windows(table, seq_len), or a batch of its loader()"
State = tuple[Float[Tensor, "layer batch hidden"], Float[Tensor, "layer batch hidden"]]


class ManyToOneLSTM(nn.Module):
    """Reads a window and predicts the steps after it from the last hidden state.

    Args:
        input_size: features of x at each step.
        hidden_size: length of the hidden state.
        output_size: targets to predict at each step of the horizon.
        horizon: steps to predict.
        num_layers: LSTM layers, each reading the hidden states of the one below.
        dropout: share of hidden values dropped between two layers in training.

    Raises:
        TypeError: a size is no whole number, or dropout is no number.
        ValueError: a size is below 1, or too large for the memory; num_layers is above 1000;
            dropout is no share, or there is one layer only, with no other to drop values for.

    >>> import torch
    >>> model = ManyToOneLSTM(input_size=2, hidden_size=3)
    >>> model(torch.rand(5, 12, 2)).shape
    torch.Size([5, 1, 1])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int = 1,
        *,
        horizon: int = 1,
        num_layers: int = 1,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.horizon = at_least(1, horizon=horizon)
        self.output_size = at_least(1, output_size=output_size)
        outputs = self.horizon * self.output_size
        self.lstm, self.linear = _layers(input_size, hidden_size, outputs, num_layers, dropout)

    def forward(
        self, x: Float[Tensor, "batch seq feature"]
    ) -> Float[Tensor, "batch horizon target"]:
        """Predict from windows.

        Args:
            x: (batch, seq, feature).

        Returns:
            (batch, horizon, target).

        Raises:
            TypeError: x is no tensor.
            ValueError: x has other axes, another number of features, no step, or another dtype or
                device than the weights.
        """
        _check_input(x, self.lstm)
        out, _ = self.lstm(x)  # (batch, seq, hidden)
        last = out[:, -1]  # (batch, hidden): has seen the whole window
        yhat = self.linear(last)  # (batch, horizon * target)
        return yhat.unflatten(1, (self.horizon, self.output_size))


class ManyToManyLSTM(nn.Module):
    """Predicts at every step of a window, from that step and those before it.

    One linear layer maps the hidden state of each step. With y the series shifted by one step,
    each output is a forecast of the step after it: `Windows(..., shifted=True)`.

    Args:
        input_size: features of x at each step.
        hidden_size: length of the hidden state.
        output_size: targets to predict at each step.
        num_layers: LSTM layers, each reading the hidden states of the one below.
        dropout: share of hidden values dropped between two layers in training.

    Raises:
        TypeError: a size is no whole number, or dropout is no number.
        ValueError: a size is below 1, or too large for the memory; num_layers is above 1000;
            dropout is no share, or there is one layer only, with no other to drop values for.

    >>> import torch
    >>> model = ManyToManyLSTM(input_size=2, hidden_size=3)
    >>> model(torch.rand(5, 12, 2)).shape
    torch.Size([5, 12, 1])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int = 1,
        *,
        num_layers: int = 1,
        dropout: float = 0.0,
    ):
        super().__init__()
        outputs = at_least(1, output_size=output_size)
        self.lstm, self.linear = _layers(input_size, hidden_size, outputs, num_layers, dropout)

    def forward(self, x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq target"]:
        """Predict at every step of the windows.

        Args:
            x: (batch, seq, feature).

        Returns:
            (batch, seq, target); step t has seen the steps of x up to t.

        Raises:
            TypeError: x is no tensor.
            ValueError: x has other axes, another number of features, no step, or another dtype or
                device than the weights.
        """
        yhat, _ = self.step(x)
        return yhat

    def step(
        self, x: Float[Tensor, "batch seq feature"], state: State | None = None
    ) -> tuple[Float[Tensor, "batch seq target"], State]:
        """Read the next steps of sequences that were read up to here, and predict at each.

        Args:
            x: (batch, seq, feature), one step or several, that follow the ones read before.
            state: what the call before returned; None at the start of the sequences.

        Returns:
            yhat (batch, seq, target), and the state (h_n, c_n) after the last step, each
            (layer, batch, hidden). Gradients flow through it; `detach` both to cut them off.

        Raises:
            TypeError: x is no tensor, or the state no pair of tensors.
            ValueError: x as for `forward`; or the state belongs to a batch or a model of other
                sizes, dtype or device.

        >>> import torch
        >>> model, x = ManyToManyLSTM(input_size=2, hidden_size=3), torch.rand(5, 12, 2)
        >>> first, state = model.step(x[:, :8])
        >>> second, state = model.step(x[:, 8:], state)
        >>> torch.allclose(torch.cat((first, second), dim=1), model(x))
        True
        """
        _check_input(x, self.lstm)
        _check_state(state, x, self.lstm)
        out, state = self.lstm(x, state)  # (batch, seq, hidden)
        return self.linear(out), state


def _layers(
    input_size, hidden_size, outputs: int, num_layers, dropout
) -> tuple[nn.LSTM, nn.Linear]:
    """The two layers of a forecaster, of sizes that are checked."""
    input_size = at_least(1, input_size=input_size)
    hidden_size = at_least(1, hidden_size=hidden_size)
    num_layers = at_least(1, 1000, num_layers=num_layers)
    dropout = share(dropout=dropout)
    if dropout and num_layers == 1:
        raise ValueError(
            f"dropout is {dropout:g}, but it drops values between two layers, and num_layers is 1: "
            "use num_layers=2 or more, or drop dropout."
        )
    rows = 4 * hidden_size  # one for each gate and hidden value
    layers = input_size + hidden_size + 2 + (num_layers - 1) * (2 * hidden_size + 2)
    sizes = f"input_size={input_size}, hidden_size={hidden_size}, num_layers={num_layers}"
    check_room(
        rows * layers + (hidden_size + 1) * outputs,
        f"the weights for {sizes} and {outputs} outputs",
    )
    lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=dropout)
    return lstm, nn.Linear(hidden_size, outputs)


def _check_input(x: Tensor, lstm: nn.LSTM) -> None:
    """Say by name what nn.LSTM would report by number, or read as one unbatched sequence."""
    weights = lstm.weight_ih_l0
    if not isinstance(x, Tensor):
        convert = f"torch.as_tensor(x, dtype={weights.dtype})"
        raise TypeError(
            f"x is {shown(x)}, but the model needs a tensor (batch, seq, feature): "
            f"pass {convert if isinstance(x, np.ndarray | list | tuple) else _CUT}."
        )
    if x.ndim != 3:
        hints = {
            0: "one value of one variable is x[None, None, None]",
            1: "one window of one variable is x[None, :, None]",
            2: "one window is a batch of one, x[None]",
        }
        raise ValueError(
            f"x is {tuple(x.shape)}, with {x.ndim} {'axis' if x.ndim == 1 else 'axes'}, but the "
            "model needs three, (batch, seq, feature): "
            f"{hints.get(x.ndim, f'merge those before seq, x.flatten(0, {x.ndim - 3})')}."
        )
    shape = named(x.shape, ("batch", "seq", "feature"))
    if x.shape[2] != lstm.input_size:
        raise ValueError(other_features(f"x is {shape}", x.shape[2], lstm.input_size))
    if not x.shape[1]:
        raise ValueError(f"x is {shape}, but one step is needed at least: pass longer windows.")
    if x.dtype not in _dtypes(weights):
        convert = f"x{'.real' * x.is_complex()}.to({weights.dtype})"
        raise ValueError(other_dtype(f"x {shape}", x.dtype, weights.dtype, convert))
    move = f"use x.to({str(weights.device)!r})"
    if x.is_meta:
        move = f"on meta there are no numbers, so make x anew with device={str(weights.device)!r}"
    _check_place("x", f"x {shape}", x, weights, move)


def _dtypes(weights: Tensor) -> tuple[torch.dtype, ...]:
    """What the LSTM reads: the dtype of its weights, and under autocast what it gives itself."""
    kind = weights.device.type
    if weights.dtype == torch.float32 and is_cast(kind):
        return weights.dtype, torch.get_autocast_dtype(kind)
    return (weights.dtype,)


def _check_place(name: str, what: str, tensor: Tensor, weights: Tensor, advice: str) -> None:
    if tensor.layout != torch.strided:
        raise ValueError(
            f"{what} is {tensor.layout}, but the model reads dense tensors: use {name}.to_dense()."
        )
    if tensor.device != weights.device:
        raise ValueError(
            f"{what} is on the device {tensor.device}, but the model's weights are on "
            f"{weights.device}: {advice}."
        )


def _check_state(state, x: Tensor, lstm: nn.LSTM) -> None:
    """A state has to be the pair of this LSTM, for as many samples as x has."""
    if state is None:
        return
    advice = "pass the state that the call before returned, or None to start afresh."
    if not isinstance(state, tuple | list) or len(state) != 2:
        several = isinstance(state, tuple | list)
        came = f"of length {len(state)}" if several else shown(state)
        raise TypeError(f"state is {came}, but the pair (h_n, c_n) is needed: {advice}")
    axes = ("layer", "batch", "hidden")
    needed = (lstm.num_layers, len(x), lstm.hidden_size)
    for name, part in zip(("h_n", "c_n"), state, strict=True):
        if not isinstance(part, Tensor):
            raise TypeError(f"{name} is {shown(part)}, but a tensor is needed: {advice}")
        if part.dtype not in _dtypes(lstm.weight_ih_l0):
            raise ValueError(f"{name} has dtype {part.dtype}, but x has {x.dtype}: {advice}")
        if part.shape != needed:
            came = named(part.shape, axes) if part.ndim == 3 else tuple(part.shape)
            windows = named(x.shape, ("batch", "seq", "feature"))
            raise ValueError(
                f"{name} of the state is {came}, but this model and x {windows} need "
                f"{named(needed, axes)}: {advice}"
            )
        where = f"{name} of the state"
        _check_place(name, where, part, lstm.weight_ih_l0, advice.removesuffix("."))
