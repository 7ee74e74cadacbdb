"""Each exercise tells right from wrong, and typical mistakes from each other."""

import numpy as np
import pytest
import torch

from lstm_helpers import check
from lstm_helpers.exercises import verdict


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
        (96, "would be right for a target of one month"),
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


@pytest.mark.parametrize(("name", "answer"), [(n, a) for n in RIGHT for a in RIGHT[n]])
def test_right_answers(name, answer):
    assert verdict(name, answer).passed is True


@pytest.mark.parametrize(("name", "answer", "text"), [(n, *w) for n in WRONG for w in WRONG[n]])
def test_wrong_answers_get_their_own_diagnosis(name, answer, text):
    result = verdict(name, answer)
    assert result.passed is False
    assert text in result.message
    others = [verdict(name, other).message for other, also in WRONG[name] if also != text]
    assert result.message not in others


@pytest.mark.parametrize("answer", [..., lambda lstm, linear, x: ...])
def test_no_answer_is_no_mistake(answer, capsys):
    assert verdict("01.3", answer).passed is None
    assert check("01.3", answer) is None
    assert capsys.readouterr().out == (
        "01.3  No answer yet. Put yours in place of `...` in the cell above.\n"
    )


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError) as caught:
        check("1.1", (40, 24, 1))
    assert str(caught.value) == ("there is no exercise '1.1': choose from 01.1, 01.2, 01.3.")


def test_checks_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    verdict("01.3", from_h_n)
    assert torch.equal(torch.get_rng_state(), before)
