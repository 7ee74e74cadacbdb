"""Exercises of lesson 06: counting weights, their shapes, and one gate by hand."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import as_number, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    check_shape,
    first_wrong,
    not_a_tensor,
    right,
    same,
    wrong,
)


def number_of_weights(answer) -> Verdict:
    """Of nn.LSTM(input_size=3, hidden_size=6, num_layers=2)."""
    number = as_number(answer)
    if number is None:
        return wrong(f"A whole number is needed, such as 40; this is {show(answer)}.")
    if number == 600:
        return right("Layer 0: 4 * 6 * (3 + 6 + 2) = 264. Layer 1: 4 * 6 * (6 + 6 + 2) = 336.")
    diagnoses = {
        264: "264 is layer 0 alone. Layer 1 has weights of its own.",
        336: "336 is layer 1 alone. Layer 0 has weights of its own.",
        528: "528 is twice 264, as if layer 1 read the 3 features. It reads the 6 hidden numbers "
        "of layer 0.",
        672: "672 is twice 336, as if layer 0 read 6 numbers. It reads the 3 features.",
        552: "552 counts one bias for each row. PyTorch has two: bias_ih and bias_hh.",
        504: "504 leaves out the biases: each layer has two, of 4 * 6 numbers each.",
        150: "150 counts one block of rows. An LSTM has four: i, f, g and o.",
        450: "450 counts three blocks of rows, as a GRU has. An LSTM has four.",
        1200: "1200 is right for two directions. Here there is one.",
    }
    needed = (
        "Add 4 * hidden * (columns + hidden + 2) of both layers, where columns is the count of "
        "numbers that the layer reads from below."
    )
    return wrong(diagnoses.get(number, f"{show(number)} is not the number. {needed}"))


def shape_of_weight(answer) -> Verdict:
    """weight_ih_l1 of two layers in two directions, input_size=3, hidden_size=5."""
    return check_shape(
        answer,
        (20, 10),
        "4*hidden=20 rows, and as columns the hidden numbers of both directions below.",
        {
            (20, 3): "(20, 3) is weight_ih_l0, which reads the features of x. Layer 1 reads the "
            "hidden numbers of layer 0.",
            (20, 5): "(20, 5) has the columns of one direction. Layer 1 reads both directions of "
            "layer 0, side by side.",
            (10, 20): "(10, 20) is transposed: in PyTorch the rows of a weight belong to what is "
            "computed, the columns to what is read.",
            (5, 10): "(5, 10) has the rows of one block. An LSTM has four: i, f, g and o.",
            (40, 10): "(40, 10) counts the rows of both directions. Each direction has a matrix "
            "of its own; the other one is weight_ih_l1_reverse.",
            (15, 10): "(15, 10) has three blocks of rows, as a GRU has. An LSTM has four.",
            (20, 15): "(20, 15) has columns for the features, too. Layer 1 does not read x.",
            (20, 6): "(20, 6) doubles the features. Layer 1 reads the hidden numbers of layer 0.",
            (40, 5): "(40, 5) doubles the rows. The two directions below are columns.",
        },
    )


def forget_gate(answer) -> Verdict:
    """A function (lstm, x, h) -> the forget gate of one step, (batch, hidden)."""
    return first_wrong(answer, _gate_of, [(4, 3, 2), (5, 1, 7)])


def _gate_of(function, case) -> Verdict:
    batch, feature, hidden = case
    given = f"For x {(batch, feature)} and h {(batch, hidden)}"
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm = nn.LSTM(feature, hidden)
        x, h = torch.rand(batch, feature), torch.rand(batch, hidden)
    gate = call(function, lstm, x, h)
    if problem := not_a_tensor(gate, given):
        return problem
    with torch.no_grad():
        from_x, from_h = x @ lstm.weight_ih_l0.T, h @ lstm.weight_hh_l0.T
        sums = from_x + lstm.bias_ih_l0 + from_h + lstm.bias_hh_l0
        _, (_, c_n) = lstm(x[None], (h[None], torch.zeros_like(h[None])))
    if same(gate, _block(sums, 1).sigmoid()):
        return right("Row 1 of the four blocks, for each window of the batch.")
    diagnoses = [
        (_block(sums, 0).sigmoid(), "the input gate: the order is i, f, g, o."),
        (_block(sums, 2).sigmoid(), "the third block, g: the order is i, f, g, o."),
        (_block(sums, 2).tanh(), "the candidate g: the order is i, f, g, o."),
        (_block(sums, 3).sigmoid(), "the output gate: the order is i, f, g, o."),
        (_block(sums, 1), "the right sums, but a gate lies between 0 and 1: use sigmoid."),
        (_block(sums, 1).tanh(), "tanh of the right sums. That is for g; a gate needs sigmoid."),
        (sums.sigmoid(), "all four blocks: cut them with chunk(4, dim=1)."),
        (sums, "all four blocks of sums: cut them with chunk(4, dim=1), then use sigmoid."),
        (c_n[0], "the new cell state, not the gate."),
        (_block(sums, 1).sigmoid().T, "transposed: (batch, hidden) is needed."),
    ]
    left_out = {
        "bias_hh_l0": lstm.bias_hh_l0,
        "bias_ih_l0": lstm.bias_ih_l0,
        "both biases": lstm.bias_ih_l0 + lstm.bias_hh_l0,
        "what comes from h": from_h + lstm.bias_hh_l0,
        "weight_hh_l0 and h": from_h,
        "what comes from x": from_x + lstm.bias_ih_l0,
        "weight_ih_l0 and x": from_x,
    }
    for name, part in left_out.items():
        diagnoses.append((_block(sums - part, 1).sigmoid(), f"{name} left out."))
    for other, diagnosis in diagnoses:
        if same(gate, other):
            return wrong(f"{given} you return {tuple(gate.shape)}: {diagnosis}")
    needed = f"({batch}, {hidden}) with sigmoid of the sums of the second block is needed."
    return wrong(f"{given} you return {tuple(gate.shape)}, but {needed}")


def _block(sums: torch.Tensor, number: int) -> torch.Tensor:
    return sums.chunk(4, dim=1)[number]


CHECKS = {
    "06.1": number_of_weights,
    "06.2": shape_of_weight,
    "06.3": forget_gate,
}
