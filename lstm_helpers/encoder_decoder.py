"""A forecaster of two LSTMs: one reads a window, the other writes the steps after it."""

import torch
from torch import nn

from lstm_helpers._arguments import at_least, check_room
from lstm_helpers._layer_inputs import check_beside, check_windows
from lstm_helpers._named_columns import features
from lstm_helpers._typing import Float, Tensor
from lstm_helpers.models import State, layer_sizes


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
        reading = layer_sizes(input_size, hidden_size, 0, num_layers, dropout)
        writing = layer_sizes(reads, hidden_size, self.output_size, num_layers, dropout)
        self.target = _targets(reading["input_size"], self.output_size, target)
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
