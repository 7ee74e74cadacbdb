"""What `nn.LSTM` computes, written out: a loop over the steps, and four gates at each."""

from math import prod, sqrt

import torch
from torch import nn

from lstm_helpers._arguments import at_least, check_room, true_or_false
from lstm_helpers._layer_inputs import check_sequences, check_state
from lstm_helpers._typing import Float, Tensor

# Only c always ends with hidden_size: a projection shortens h, and with it out.
State = tuple[Float[Tensor, "..."], Float[Tensor, "... hidden"]]


class LSTMFromScratch(nn.Module):
    """`nn.LSTM` in plain tensor operations, to be read and to be stepped through.

    Its weights have the names and shapes of `nn.LSTM`'s, and from the same seed the same values,
    so `load_state_dict` goes both ways; outputs, states and gradients are equal, too. Left out
    are `bias=False`, `dropout`, packed sequences (they are refused, with what to do instead), and
    all that makes `nn.LSTM` fast.

    The equations are those in PyTorch's documentation of `nn.LSTM`. The cell state is due to
    Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997), the projection to Sak, Senior and
    Beaufays, "Long Short-Term Memory Recurrent Neural Network Architectures for Large Scale
    Acoustic Modeling" (2014).

    Args:
        input_size: features of x at each step.
        hidden_size: length of the cell state, and without `proj_size` of the hidden state.
        num_layers: layers, each reading the hidden states of the one below.
        batch_first: whether x and the output are (batch, seq, ...), not (seq, batch, ...).
        bidirectional: whether each layer also reads from the last step back to the first one.
        proj_size: length of the hidden state, below `hidden_size`; 0 for no projection.

    Raises:
        TypeError: a size is no whole number, or a switch is not True or False.
        ValueError: a size is too small, or too large for the memory; num_layers is above 1000;
            proj_size is not below hidden_size.

    >>> import torch
    >>> lstm = LSTMFromScratch(input_size=2, hidden_size=3, batch_first=True)
    >>> out, (h_n, c_n) = lstm(torch.rand(5, 12, 2))
    >>> out.shape, h_n.shape, c_n.shape
    (torch.Size([5, 12, 3]), torch.Size([1, 5, 3]), torch.Size([1, 5, 3]))
    >>> theirs = torch.nn.LSTM(input_size=2, hidden_size=3)
    >>> theirs.load_state_dict(lstm.state_dict())
    <All keys matched successfully>
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        batch_first: bool = False,
        bidirectional: bool = False,
        proj_size: int = 0,
    ):
        super().__init__()
        self.input_size = at_least(1, input_size=input_size)
        self.hidden_size = at_least(1, hidden_size=hidden_size)
        self.num_layers = at_least(1, 1000, num_layers=num_layers)
        self.batch_first = true_or_false(batch_first=batch_first)
        self.bidirectional = true_or_false(bidirectional=bidirectional)
        self.proj_size = at_least(0, proj_size=proj_size)
        if self.proj_size >= self.hidden_size:
            raise ValueError(
                f"proj_size is {self.proj_size}, but a projection shortens the hidden state of "
                f"hidden_size={self.hidden_size}: use a smaller one, or 0 for no projection."
            )
        self._suffixes = ("", "_reverse") if self.bidirectional else ("",)  # of the weights' names
        shapes = self._shapes()
        check_room(
            sum(map(prod, shapes.values())),
            f"the weights for input_size={input_size}, hidden_size={hidden_size}, "
            f"num_layers={num_layers}",
        )
        bound = 1 / sqrt(self.hidden_size)
        for name, shape in shapes.items():
            weight = torch.empty(shape).uniform_(-bound, bound)
            self.register_parameter(name, nn.Parameter(weight))

    def forward(
        self, x: Float[Tensor, "... feature"], state: State | None = None
    ) -> tuple[Float[Tensor, "..."], State]:
        """Read sequences, layer by layer, in each direction.

        Args:
            x: (seq, batch, feature); with batch_first (batch, seq, feature); one sequence alone
                (seq, feature).
            state: the pair (h_0, c_0) before the first step, of the shapes of (h_n, c_n); None
                for zeros.

        Returns:
            out, the hidden states of the last layer at every step, (seq, batch,
            direction * hidden) in the order of x; and (h_n, c_n), the states of each layer and
            direction after the last step that it read, both (layer * direction, batch, hidden).
            With proj_size, hidden is proj_size in out and h_n, and hidden_size in c_n.

        Raises:
            TypeError: x is no tensor, as a PackedSequence is none, or the state no pair of them.
            ValueError: x has other axes, another number of features, no step, or another dtype or
                device than the weights; or the state belongs to another batch or model.
        """
        check_sequences(x, self)
        check_state(state, x, self)
        swapped = self.batch_first and x.ndim == 3
        below = x.transpose(0, 1) if swapped else x  # steps first
        h_0, c_0 = self._zeros(below) if state is None else state
        h_n, c_n = [], []
        for layer in range(self.num_layers):
            outs = []
            for direction, suffix in enumerate(self._suffixes):
                row = layer * len(self._suffixes) + direction
                out, h, c = self._read(below, h_0[row], c_0[row], f"l{layer}{suffix}")
                outs.append(out)
                h_n.append(h)
                c_n.append(c)
            below = torch.cat(outs, dim=-1)  # directions side by side
        out = below.transpose(0, 1) if swapped else below
        return out, (torch.stack(h_n), torch.stack(c_n))

    def _read(self, x: Tensor, h: Tensor, c: Tensor, name: str) -> tuple[Tensor, Tensor, Tensor]:
        """Read x, steps first, with one layer in one direction, from the states h and c.

        The comments show the shapes of a batch; of one sequence they are the same without batch.
        """
        w_ih, w_hh = getattr(self, f"weight_ih_{name}"), getattr(self, f"weight_hh_{name}")
        b_ih, b_hh = getattr(self, f"bias_ih_{name}"), getattr(self, f"bias_hh_{name}")
        steps = range(len(x))
        out = {}
        for t in reversed(steps) if name.endswith("_reverse") else steps:
            gates = x[t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh  # (batch, 4 * hidden)
            i, f, g, o = gates.chunk(4, dim=-1)  # each (batch, hidden)
            input_gate, forget_gate, output_gate = i.sigmoid(), f.sigmoid(), o.sigmoid()
            candidate = g.tanh()
            c = forget_gate * c + input_gate * candidate  # keeps a share, and takes in a share
            h = output_gate * c.tanh()  # shows a share
            if self.proj_size:
                h = h @ getattr(self, f"weight_hr_{name}").T  # (batch, proj)
            out[t] = h
        return torch.stack([out[t] for t in steps]), h, c

    def _zeros(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The states before the first step of x, (seq, batch, feature), where none are given."""
        rows, batch = self.num_layers * len(self._suffixes), x.shape[1:-1]
        h_0 = x.new_zeros(rows, *batch, self.proj_size or self.hidden_size)
        return h_0, x.new_zeros(rows, *batch, self.hidden_size)

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        """Each weight, in the order in which `nn.LSTM` draws them."""
        gates, out_size = 4 * self.hidden_size, self.proj_size or self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {}
        below = self.input_size
        for layer in range(self.num_layers):
            for suffix in self._suffixes:
                name = f"l{layer}{suffix}"
                shapes[f"weight_ih_{name}"] = (gates, below)
                shapes[f"weight_hh_{name}"] = (gates, out_size)
                shapes[f"bias_ih_{name}"] = shapes[f"bias_hh_{name}"] = (gates,)
                if self.proj_size:
                    shapes[f"weight_hr_{name}"] = (out_size, self.hidden_size)
            below = out_size * len(self._suffixes)
        return shapes
