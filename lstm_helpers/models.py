"""The forecasters of the lessons, each a few lines around `nn.LSTM`."""

import torch
from torch import nn

from lstm_helpers._arguments import at_least, check_room, share
from lstm_helpers._layer_inputs import check_beside, check_state, check_windows
from lstm_helpers._named_columns import features
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


class EncoderDecoderLSTM(nn.Module):
    """Reads a window with one LSTM and writes the steps after it with another, one by one.

    The encoder's last state is where the decoder begins. At each step of the horizon the decoder
    reads the targets of the step before and the known columns of the step itself. The first of
    these targets are the last in x, the others its own forecasts: so it runs when it is used.
    While training it may be handed the true ones instead, as `y`, which is called teacher forcing.

    Args:
        input_size: features of x at each step.
        hidden_size: length of the hidden states, of the encoder and the decoder.
        output_size: targets to predict at each step of the horizon.
        horizon: steps to predict.
        target: where the targets stand among the features of x, as positions or `windows.target`;
            needed where x has more features than these.
        known_size: columns that are known for the whole horizon, handed over as `future`.
        num_layers: LSTM layers in each, the encoder and the decoder.
        dropout: share of hidden values dropped between two layers in training.

    Raises:
        TypeError: a size is no whole number, or dropout is no number.
        ValueError: a size is too small, or too large for the memory; num_layers is above 1000;
            dropout is no share, or there is one layer only, with no other to drop values for;
            `target` is missing, or is not `output_size` of the features.

    Source: Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014.
    Teacher forcing: Williams and Zipser, "A Learning Algorithm for Continually Running Fully
    Recurrent Neural Networks", 1989.

    >>> import torch
    >>> model = EncoderDecoderLSTM(input_size=2, hidden_size=3, horizon=7, target=0, known_size=4)
    >>> x, future = torch.rand(5, 12, 2), torch.rand(5, 7, 4)
    >>> model(x, future).shape
    torch.Size([5, 7, 1])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int = 1,
        *,
        horizon: int = 1,
        target=None,
        known_size: int = 0,
        num_layers: int = 1,
        dropout: float = 0.0,
    ):
        super().__init__()
        self.output_size = at_least(1, output_size=output_size)
        self.horizon = at_least(1, horizon=horizon)
        self.known_size = at_least(0, known_size=known_size)
        reads = self.output_size + self.known_size
        check_room(self.horizon * reads, f"horizon={self.horizon} with {reads} columns")
        self.target = _targets(at_least(1, input_size=input_size), self.output_size, target)
        reading = _sizes(input_size, hidden_size, 0, num_layers, dropout)
        writing = _sizes(reads, hidden_size, self.output_size, num_layers, dropout)
        self.encoder, self.decoder = nn.LSTM(**reading), nn.LSTM(**writing)
        self.linear = nn.Linear(writing["hidden_size"], self.output_size)

    def forward(
        self,
        x: Float[Tensor, "batch seq feature"],
        future: Float[Tensor, "batch horizon known"] | None = None,
        y: Float[Tensor, "batch horizon target"] | None = None,
    ) -> Float[Tensor, "batch horizon target"]:
        """Predict from windows.

        Args:
            x: (batch, seq, feature).
            future: (batch, horizon, known), the known columns at the very steps that are
                predicted: `Windows(table, seq_len, horizon, target=known).y`.
            y: (batch, horizon, target), what the decoder reads for the step before; the last
                step of it is not read. Only while training: in evaluation mode, as in `predict`
                and for `val` in `fit`, the model goes on from its own forecasts.

        Returns:
            (batch, horizon, target).

        Raises:
            TypeError: x, future or y is no tensor.
            ValueError: x has other axes, another number of features, no step, or another dtype or
                device than the weights; future or y has other sizes; there is a future without
                known columns, or none with them.

        >>> from lstm_helpers import Windows, fit, load_flights
        >>> windows = Windows(load_flights() / 100, seq_len=12, horizon=6)
        >>> model = EncoderDecoderLSTM(input_size=1, hidden_size=3, horizon=6)
        >>> def with_teacher(model, x, y):
        ...     return model(x, y=y), y
        >>> history = fit(model, windows, epochs=1, progress=False, forward=with_teacher)
        """
        check_windows(x, self.encoder)
        check_beside(x, self.encoder, "future", future, self.horizon, known=self.known_size)
        check_beside(x, self.encoder, "y", y, self.horizon, target=self.output_size)
        _, state = self.encoder(x)
        before = x[:, -1:, self.target]  # (batch, 1, target)
        if y is not None and self.training:
            before = torch.cat((before, y[:, :-1]), dim=1)
            return self.linear(self._decode(before, future, state)[0])
        steps = []
        for step in range(self.horizon):
            now = None if future is None else future[:, step : step + 1]
            out, state = self._decode(before, now, state)
            before = self.linear(out)
            steps.append(before)
        return torch.cat(steps, dim=1)

    def _decode(self, before: Tensor, future: Tensor | None, state: State):
        """Steps of the decoder, that read the targets before them and what is known of them."""
        reads = before if future is None else torch.cat((before, future), dim=2)
        return self.decoder(reads, state)


def _targets(input_size: int, output_size: int, target) -> list[int]:
    """Where the targets stand among the features of x."""
    if target is None:
        if input_size > output_size:
            raise ValueError(
                f"x has {input_size} features and the model predicts {output_size} of them, but "
                "target is None: pass target=, where they stand in x, such as windows.target."
            )
        if input_size < output_size:
            raise ValueError(
                f"output_size is {output_size}, but x has {input_size} features, and the decoder "
                "begins with the last values of its targets, which are among them: use "
                f"output_size={input_size} or less."
            )
        return list(range(input_size))
    at = features(input_size, target, "target")
    if len(at) != output_size:
        raise ValueError(
            f"target names {len(at)} features, {at}, but output_size is {output_size}: "
            f"use output_size={len(at)}, or name {output_size}."
        )
    return at


def _layers(
    input_size, hidden_size, outputs: int, num_layers, dropout
) -> tuple[nn.LSTM, nn.Linear]:
    """The two layers of a forecaster, of sizes that are checked."""
    sizes = _sizes(input_size, hidden_size, outputs, num_layers, dropout)
    return nn.LSTM(**sizes), nn.Linear(sizes["hidden_size"], outputs)


def _sizes(input_size, hidden_size, outputs: int, num_layers, dropout) -> dict:
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
