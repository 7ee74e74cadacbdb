"""Right and wrong answers to the exercises of lesson 03, each wrong one with its diagnosis."""

import torch
from torch import nn


def two_states(lstm, x):
    h_n = lstm(x)[1][0]
    return torch.cat((h_n[-2], h_n[-1]), dim=-1)


def from_out(lstm, x):
    out, _ = lstm(x)
    return torch.cat((out[:, -1, : lstm.hidden_size], out[:, 0, lstm.hidden_size :]), dim=-1)


def cell_states(lstm, x):
    c_n = lstm(x)[1][1]
    return torch.cat((c_n[-2], c_n[-1]), dim=-1)


def three_numbers(lstm, x):
    out, _ = lstm(x)
    return torch.cat((out[:, -1, :3], out[:, 0, 3:]), dim=-1)


def last_step(lstm, x):
    return lstm(x)[0][:, -1]


def backward_only(lstm, x):
    return lstm(x)[1][0][-1]


def lower_layer(lstm, x):
    h_n = lstm(x)[1][0]
    return torch.cat((h_n[0], h_n[1]), dim=-1)


def viewed(lstm, x):
    return lstm(x)[1][0].view(len(x), -1)


def one_below_the_other(lstm, x):
    h_n = lstm(x)[1][0]
    return torch.cat((h_n[-2], h_n[-1]))


class Repaired(nn.Module):
    """The exercise's model; the arguments put its mistakes back one by one."""

    def __init__(self, batch_first=True, layer=-1, view=False, horizon=True):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, num_layers=2, batch_first=batch_first)
        self.linear = nn.Linear(3, 1)
        self.layer, self.view, self.horizon = layer, view, horizon

    def forward(self, x):
        x = x.view(x.shape[1], x.shape[0], 2) if self.view else x
        yhat = self.linear(self.lstm(x)[1][0][self.layer])
        return yhat[:, None] if self.horizon else yhat


RIGHT = {
    "03.1": [(4, 8, 6), [4, 8, 6], torch.Size([4, 8, 6])],
    "03.2": [two_states, from_out],
    "03.3": [Repaired(), Repaired],
}
WRONG = {
    "03.1": [
        ((8, 4, 6), "puts the batch first"),
        ((8, 20, 12), "is out: every step"),
        ((2, 8, 6), "counts the layers or the directions"),
        ((4, 8, 12), "ends with hidden_size"),
        ((2, 8, 12), "puts the directions side by side"),
        ((4, 20, 6), "has the 20 steps in it"),
        ((4, 8), "has 2 axes; 3 are needed"),
        ("4, 8, 6", "A shape is a tuple of whole numbers"),
    ],
    "03.2": [
        (last_step, "its backward half has read the last step only"),
        (backward_only, "the backward half alone"),
        (cell_states, "the cell states"),
        (three_numbers, "For 2 layers, hidden_size=6 and x (5, 7, 2) you return (5, 12)"),
        (lower_layer, "the states of the lower layer"),
        (viewed, "windows are mixed in each row"),
        (one_below_the_other, "join the last axis, dim=-1"),
        (lambda lstm, x: lstm(x), "returns a tuple, not a tensor"),
        (lambda lstm, x: None, "Is `return` missing?"),
        ("h_n[-1]", "The answer has to be a function"),
    ],
    "03.3": [
        (Repaired(horizon=False), "Repair: give yhat its axes"),
        (Repaired(batch_first=False, view=True), "it does not swap axes"),
        (Repaired(layer=0), "h_n[-1]"),
        (Repaired(batch_first=False), "batch_first was forgotten"),
        (lambda x: None, "Is `return` missing?"),
        ("MyModel()", "A model is needed"),
    ],
}
