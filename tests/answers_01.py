"""Right and wrong answers to the exercises of lesson 01, each wrong one with its diagnosis."""

import numpy as np
import torch


def every_step(lstm, linear, x):
    return linear(lstm(x)[0])


def flattened(lstm, linear, x):
    return linear(lstm(x)[0].reshape(-1, 3))


def last_window(lstm, linear, x):
    return linear(lstm(x)[0][-1])


def without_horizon(lstm, linear, x):
    return linear(lstm(x)[0][:, -1])


def first_step(lstm, linear, x):
    return linear(lstm(x)[0][:, :1])


def hidden_only(lstm, linear, x):
    return lstm(x)[0][:, -1]


def forgot_the_pair(lstm, linear, x):
    return linear(lstm(x)[:, -1])


def viewed(lstm, linear, x):
    return linear(lstm(x.view(1, 12, 1))[0])


def fixed_length(lstm, linear, x):
    return linear(lstm(x)[0][:, 11])[:, None]


def fixed_step(lstm, linear, x):
    return (
        linear(lstm(x)[0][:, min(11, x.shape[1] - 2)])[:, None]
        if x.shape[1] < 12
        else (from_h_n(lstm, linear, x))
    )


def no_return(lstm, linear, x):
    linear(lstm(x)[0][:, -1])


def from_h_n(lstm, linear, x):
    return linear(lstm(x)[1][0][-1]).unsqueeze(1)


def from_the_last_slice(lstm, linear, x):
    return linear(lstm(x)[0][:, -1:])


RIGHT = {
    "01.1": [(40, 24, 1), [40, 24, 1], torch.Size([40, 24, 1])],
    "01.2": [95, np.int64(95), torch.tensor(95)],
    "01.3": [from_h_n, from_the_last_slice],
}
WRONG = {
    "01.1": [
        ((40, 24), "the feature axis is missing"),
        ((24, 40, 1), "puts time first"),
        ((1, 960, 1), "is one window of 960 hours"),
        ((40, 1, 24), "24 features of one step"),
        ((960, 1), "folds the hours of all windows"),
        ((1, 24, 1), "is one window. There are 40"),
        ((40, 24, 2), "the right number of axes, but not the right sizes"),
        ((1, 24, 40), "the right sizes in another order"),
        ((40, 24, 1, 1), "has 4 axes; 3 are needed"),
        ("40, 24, 1", "A shape is a tuple of whole numbers"),
        ((40, 24, "1"), "A shape is a tuple of whole numbers"),
        (torch.rand(40, 24, 1), "this is a Tensor of shape (40, 24, 1)"),
    ],
    "01.2": [
        (97, "each also needs 2 months after it"),
        (96, "would be right for a horizon of one month"),
        (94, "one too few"),
        (5, "fit side by side"),
        (120, "is the number of months"),
        (7, "Where may the last window start"),
        ((95,), "One whole number is asked for"),
        ("95", "One whole number is asked for"),
    ],
    "01.3": [
        (every_step, "a forecast at every step"),
        (flattened, "(48, 1): the steps were folded into the batch"),
        (viewed, "No view is needed"),
        (fixed_length, "For x (5, 7, 1) your function raised an error. IndexError"),
        (fixed_step, "For x (5, 7, 1) you return (5, 1, 1): the shape is right"),
        (no_return, "Is `return` missing?"),
        (last_window, "out[-1] takes the last window"),
        (without_horizon, "an axis is missing"),
        (first_step, "For x (4, 12, 2) you return (4, 1, 1): the shape is right, but"),
        (hidden_only, "these are hidden states"),
        (forgot_the_pair, "error. lstm(x) returns a pair: write out, _ = lstm(x)."),
        (lambda lstm, linear, x: lstm(x), "returns a tuple, not a tensor"),
        (lambda lstm, linear, x: x, "(4, 1, 1) is needed"),
        (torch.rand(4, 1, 1), "has to be a function"),
    ],
}
