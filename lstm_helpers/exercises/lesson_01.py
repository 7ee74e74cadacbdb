"""Exercises of lesson 01: shapes of windows and of what an LSTM returns."""

from operator import index

import torch
from torch import Tensor, nn

from lstm_helpers.exercises._verdict import UNANSWERED, Verdict, check_shape, outcome, right, wrong


def shape_of_x(answer) -> Verdict:
    """40 windows, each of 24 hours, of one variable."""
    return check_shape(
        answer,
        (40, 24, 1),
        "batch=40, seq=24, feature=1.",
        {
            (40, 24): "(40, 24) is a table of rows and columns: the feature axis is missing. "
            "It stays, with size 1, when there is one variable.",
            (
                24,
                40,
                1,
            ): "(24, 40, 1) puts time first. With batch_first=True the batch comes first.",
            (40, 1, 24): "(40, 1, 24) makes 24 features of one step: the LSTM would read each "
            "window at once, as one step. The hours belong in the middle, as seq.",
            (960, 1): "(960, 1) folds the hours of all windows into one axis: 40 * 24 = 960. "
            "Where one window ends and the next begins is lost.",
            (960, 1, 1): "(960, 1, 1) makes every hour a window of its own: 40 * 24 = 960.",
            (1, 40, 24): "(1, 40, 24) is a single window of 40 steps with 24 features.",
            (1, 24, 1): "(1, 24, 1) is one window. There are 40.",
        },
    )


def number_of_windows(answer) -> Verdict:
    """Windows of 24 months, with the two months after as target, in a series of 120 months."""
    try:
        answer = index(answer)
    except TypeError:
        return wrong(f"One whole number is asked for: how many windows? This is {answer!r}.")
    diagnoses = {
        97: "97 = 120 - 24 + 1 windows fit, but each also needs 2 months after it as its target.",
        96: "96 would be right for a target of one month. Here the target has 2.",
        94: "94 is one too few: the last window may end right before the last 2 months. "
        "range(120 - 24 - 2) loses it.",
        5: "5 = 120 / 24 windows fit side by side. These overlap: one starts every month.",
        4: "4 windows of 24 + 2 months fit side by side. These overlap: one starts every month.",
        120: "120 is the number of months. The last of them can't begin a whole window.",
    }
    if answer == 95:
        return right("120 - 24 - 2 + 1 = 95. The last target is the last month of the series.")
    return wrong(
        diagnoses.get(
            answer, f"{answer} is not it. Where may the last window start, at the latest?"
        )
    )


def last_step_forecast(answer) -> Verdict:
    """A function (lstm, linear, x) -> the forecast from the last hidden state of each window."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(4, 12, 2, generator=generator)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm, linear = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)
    yhat, problem = outcome(answer, lstm, linear, x)
    if problem:
        return wrong(problem)
    if yhat is None:
        return UNANSWERED
    if not isinstance(yhat, Tensor):
        return wrong(
            f"Your function returns {type(yhat).__name__}, not a tensor. "
            "An LSTM returns out and the pair (h_n, c_n): take out."
        )
    with torch.no_grad():
        out, _ = lstm(x)
        expected = linear(out[:, -1])[:, None]
    shape = tuple(yhat.shape)
    if shape == (4, 1, 1) and torch.allclose(yhat, expected):
        return right("One forecast for each window, (batch=4, horizon=1, target=1).")
    diagnoses = {
        (48, 1): "(48, 1): the steps were folded into the batch. nn.Linear needs no flattening.",
        (4, 12, 1): "(4, 12, 1): a forecast at every step. Keep the last step of each window.",
        (
            12,
            1,
        ): "(12, 1): out[-1] takes the last window of the batch. The last step is out[:, -1].",
        (1, 12, 1): "(1, 12, 1): out[-1:] keeps the last window. The last step is out[:, -1:].",
        (
            4,
            1,
        ): "(4, 1): the numbers may be right, but an axis is missing: (batch, horizon, target).",
        (4, 3): "(4, 3): these are hidden states. The linear layer is still to come.",
        (4, 1, 3): "(4, 1, 3): these are hidden states. The linear layer is still to come.",
        (4,): "(4,): the axes horizon and target are missing. Keep them, with size 1.",
        (1, 1): "(1, 1): one forecast for four windows. Keep the batch axis: out[:, -1].",
        (1,): "(1,): one forecast for four windows. Keep the batch axis: out[:, -1].",
        (
            4,
            1,
            1,
        ): "The shape is right, but the numbers are not. Is it the last step that you keep?",
    }
    return wrong(
        diagnoses.get(shape, f"For x (4, 12, 2) the result is {shape}; (4, 1, 1) is needed.")
    )


CHECKS = {"01.1": shape_of_x, "01.2": number_of_windows, "01.3": last_step_forecast}
