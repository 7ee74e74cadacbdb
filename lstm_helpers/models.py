"""The forecasters of the lessons, each a few lines around `nn.LSTM`."""

from torch import nn

from lstm_helpers._arguments import at_least, check_room, share
from lstm_helpers._layer_inputs import check_state, check_windows
from lstm_helpers._typing import Float, Tensor

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
        check_windows(x, self.lstm)
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
        check_windows(x, self.lstm)
        check_state(state, x, self.lstm)
        out, state = self.lstm(x, state)  # (batch, seq, hidden)
        return self.linear(out), state


def _layers(
    input_size, hidden_size, outputs: int, num_layers, dropout
) -> tuple[nn.LSTM, nn.Linear]:
    """The two layers of a forecaster, of sizes that are checked."""
    sizes = layer_sizes(input_size, hidden_size, outputs, num_layers, dropout)
    return nn.LSTM(**sizes), nn.Linear(sizes["hidden_size"], outputs)


def layer_sizes(input_size, hidden_size, outputs: int, num_layers, dropout) -> dict:
    """What `nn.LSTM` is made with, checked together with the linear layer after it."""
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
    return {
        "input_size": input_size,
        "hidden_size": hidden_size,
        "num_layers": num_layers,
        "batch_first": True,
        "dropout": dropout,
    }
