"""Exercises of lesson 01: shapes of windows and of what an LSTM returns."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import as_number, said, show
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
            (1, 960, 1): "(1, 960, 1) is one window of 960 hours. There are 40 windows.",
            (1, 24, 1): "(1, 24, 1) is one window. There are 40.",
            (24, 1): "(24, 1) is one window. There are 40.",
        },
    )


def number_of_windows(answer) -> Verdict:
    """Windows of 24 months, with the two months after as target, in a series of 120 months."""
    number = as_number(answer)
    if number is None:
        return wrong(
            f"One whole number is asked for, the number of windows; this is {show(answer)}. "
            "len(...) counts."
        )
    diagnoses = {
        97: "97 = 120 - 24 + 1 windows fit, but each also needs 2 months after it, its horizon.",
        96: "96 would be right for a horizon of one month. Here it is 2.",
        94: "94 is one too few: the last window may end right before the last 2 months. "
        "range(120 - 24 - 2) loses it.",
        5: "5 = 120 / 24 windows fit side by side. These overlap: one starts every month.",
        4: "4 windows of 24 + 2 months fit side by side. These overlap: one starts every month.",
        120: "120 is the number of months. The last of them can't begin a whole window.",
    }
    if number == 95:
        return right(
            "120 - 24 - 2 + 1 = 95, windows[0] to windows[94]. The last target is the last month "
            "of the series."
        )
    other = f"{show(number)} is not it. Where may the last window start, at the latest?"
    return wrong(diagnoses.get(number, other))


def last_step_forecast(answer) -> Verdict:
    """A function (lstm, linear, x) -> the forecast from the last hidden state of each window."""
    return first_wrong(answer, _forecast_for, [(4, 12, 2), (5, 7, 1)])


def _forecast_for(function, shape: tuple[int, int, int]) -> Verdict:
    batch, seq, feature = shape
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm, linear = nn.LSTM(feature, 3, batch_first=True), nn.Linear(3, 1)
        x = torch.rand(shape)
    yhat = call(function, lstm, linear, x)
    given = f"For x {shape}"
    if isinstance(yhat, Exception):
        return wrong(f"{given} your function raised an error. {_advice(yhat)}")
    if problem := not_a_tensor(yhat, given):
        return problem
    with torch.no_grad():
        expected = linear(lstm(x)[0][:, -1])[:, None]
    got = tuple(yhat.shape)
    if same(yhat, expected):
        return right("One forecast for each window: (batch, horizon=1, target=1).")
    hidden = "these are hidden states. The linear layer is still to come."
    last_window = "out[-1] takes the last window of the batch. The steps are axis 1."
    diagnoses = {
        (batch * seq, 1): "the steps were folded into the batch. nn.Linear needs no flattening.",
        (batch, seq, 1): "a forecast at every step. Keep the last step of each window.",
        (seq, 1): last_window,
        (seq, 1, 1): last_window,
        (1, seq, 1): last_window,
        (batch, 1): "an axis is missing: (batch, horizon, target).",
        (batch,): "the axes horizon and target are missing. Keep them, with size 1.",
        (batch, 3): hidden,
        (batch, 1, 3): hidden,
        (1, 1): "one forecast for all windows. Keep the batch axis: out[:, -1].",
        (1,): "one forecast for all windows. Keep the batch axis: out[:, -1].",
        (batch, 1, 1): "the shape is right, but the numbers are not. Take the last step, "
        "out[:, -1], and the lstm and linear that were given.",
    }
    return wrong(f"{given} you return {got}: {diagnoses.get(got, f'({batch}, 1, 1) is needed.')}")


def _advice(error: Exception) -> str:
    if "tuple" in said(error):
        return "lstm(x) returns a pair: write out, _ = lstm(x)."
    if "view" in said(error) or "shape" in said(error):
        return f"No view is needed: use x as it is, and out[:, -1]. PyTorch says: {said(error)}"
    return said(error)


CHECKS = {"01.1": shape_of_x, "01.2": number_of_windows, "01.3": last_step_forecast}
