"""Right and wrong answers to the exercises of lesson 06, each wrong one with its diagnosis."""

import numpy as np
import torch
from torch import nn


def sums_of(lstm, x, h):
    from_x = x @ lstm.weight_ih_l0.T + lstm.bias_ih_l0
    return from_x + h @ lstm.weight_hh_l0.T + lstm.bias_hh_l0


def gate(lstm, x, h):
    return sums_of(lstm, x, h).chunk(4, dim=1)[1].sigmoid()


def window_by_window(lstm, x, h):
    rows = slice(lstm.hidden_size, 2 * lstm.hidden_size)
    from_x = [lstm.weight_ih_l0[rows] @ row + lstm.bias_ih_l0[rows] for row in x]
    from_h = [lstm.weight_hh_l0[rows] @ row + lstm.bias_hh_l0[rows] for row in h]
    return (torch.stack(from_x) + torch.stack(from_h)).sigmoid()


def block(number, change=torch.sigmoid):
    def of_a_step(lstm, x, h):
        return change(sums_of(lstm, x, h).chunk(4, dim=1)[number])

    return of_a_step


def all_four(lstm, x, h):
    return sums_of(lstm, x, h).sigmoid()


def one_bias(lstm, x, h):
    return (sums_of(lstm, x, h) - lstm.bias_hh_l0).chunk(4, dim=1)[1].sigmoid()


def no_bias(lstm, x, h):
    return (x @ lstm.weight_ih_l0.T + h @ lstm.weight_hh_l0.T).chunk(4, dim=1)[1].sigmoid()


def x_alone(lstm, x, h):
    return (x @ lstm.weight_ih_l0.T + lstm.bias_ih_l0).chunk(4, dim=1)[1].sigmoid()


def transposed(lstm, x, h):
    return gate(lstm, x, h).T


def new_c(lstm, x, h):
    return lstm(x[None], (h[None], torch.zeros_like(h[None])))[1][1][0]


def weight_on_the_left(lstm, x, h):
    return lstm.weight_ih_l0 @ x


def always_two(lstm, x, h):
    return sums_of(lstm, x, h)[:, 2:4].sigmoid()


WEIGHTS = sum(weight.numel() for weight in nn.LSTM(3, 6, 2).parameters())
SHAPE = nn.LSTM(3, 5, 2, bidirectional=True).weight_ih_l1.shape
RIGHT = {
    "06.1": [600, np.int64(600), WEIGHTS],
    "06.2": [(20, 10), [20, 10], SHAPE],
    "06.3": [gate, window_by_window],
}
WRONG = {
    "06.1": [
        (264, "layer 0 alone"),
        (528, "as if layer 1 read the 3 features"),
        (672, "as if layer 0 read 6 numbers"),
        (552, "counts one bias for each row"),
        (504, "leaves out the biases"),
        (150, "counts one block of rows"),
        (450, "as a GRU has"),
        (1200, "is right for two directions"),
        (7, "7 is not the number. Add 4 * hidden * (columns"),
        ("600", "A whole number is needed, such as 40; this is '600'"),
    ],
    "06.2": [
        ((20, 3), "is weight_ih_l0"),
        ((20, 5), "has the columns of one direction"),
        ((10, 20), "is transposed"),
        ((5, 10), "has the rows of one block"),
        ((40, 10), "counts the rows of both directions"),
        ((15, 10), "has three blocks of rows"),
        ((20,), "has 1 axes; 2 are needed"),
        ((21, 10), "but not the right sizes"),
        ("20, 10", "A shape is a tuple of whole numbers"),
    ],
    "06.3": [
        (block(0), "the input gate"),
        (block(2), "the third block, g"),
        (block(2, torch.tanh), "the candidate g"),
        (block(3), "the output gate"),
        (block(1, lambda sums: sums), "a gate lies between 0 and 1"),
        (block(1, torch.tanh), "a gate needs sigmoid"),
        (all_four, "all four blocks: cut them"),
        (sums_of, "all four blocks of sums"),
        (one_bias, "bias_hh_l0 left out"),
        (no_bias, "both biases left out"),
        (x_alone, "what comes from h left out"),
        (transposed, "transposed: (batch, hidden) is needed"),
        (new_c, "the new cell state, not the gate"),
        (weight_on_the_left, "raised RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        (always_two, "For x (5, 1) and h (5, 7) you return (5, 2), but (5, 7)"),
        (lambda lstm, x, h: None, "Is `return` missing?"),
        ("f.sigmoid()", "The answer has to be a function"),
    ],
}
