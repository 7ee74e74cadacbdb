"""Exercises of lesson 07: targets far ahead, a window that slides, and a test for an echo."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import as_truth, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    check_shape,
    first_wrong,
    no_result,
    not_a_tensor,
    right,
    same,
    wrong,
)


def shape_of_y(answer) -> Verdict:
    """y of all windows of 24 rows with a horizon of 7, cut from 400 rows and 3 columns."""
    return check_shape(
        answer,
        (370, 7, 3),
        "400 - 24 - 7 + 1 windows, horizon=7, target=3.",
        {
            (376, 7, 3): "376 windows leave room for one target each: 400 - 24. The last of the "
            "7 targets has to be in the table, too.",
            (377, 7, 3): "377 windows leave no room for targets: 400 - 24 + 1. Each window needs "
            "the 7 rows after it, too.",
            (369, 7, 3): "369 is 400 - 24 - 7. One window more fits: the one that begins in row 0.",
            (12, 7, 3): "12 is 400 // 31, windows that do not overlap. The next window begins one "
            "row later.",
            (400, 7, 3): "400 is the number of rows. The last rows begin no window.",
            (370, 24, 3): "(370, 24, 3) is x. y has the 7 steps after each window.",
            (370, 1, 3): "(370, 1, 3) is one step ahead. horizon=7 asks for seven.",
            (370, 7, 1): "(370, 7, 1) has one target. All 3 columns are targets.",
            (370, 21): "(370, 21) merges horizon and target: 7 * 3 = 21. Both keep their axis.",
            (370, 3, 7): "(370, 3, 7) puts target before horizon. The steps come first.",
            (7, 370, 3): "(7, 370, 3) puts the steps first. The windows come first.",
        },
    )


class _OfOneLength(nn.Module):
    """A forecast of one step that reads every step of a window, of one length only."""

    def __init__(self, seq: int, feature: int):
        super().__init__()
        self.seq = seq
        self.linear = nn.Linear(seq * feature, feature)

    def forward(self, x):
        if x.shape[1] != self.seq:
            raise ValueError(f"x has {x.shape[1]} steps, but this model takes {self.seq}.")
        return self.linear(x.flatten(1)).tanh()[:, None]


def slide(answer) -> Verdict:
    """A function (model, x, steps) -> forecasts (batch, steps, feature)."""
    return first_wrong(answer, _slid, [(4, 6, 2, 5), (3, 4, 1, 7)])


def _slid(function, case) -> Verdict:
    batch, seq, feature, steps = case
    given = f"For x {(batch, seq, feature)} and steps={steps}"
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model, x = _OfOneLength(seq, feature), torch.rand(batch, seq, feature)
    result = call(function, model, x, steps)
    if isinstance(result, ValueError) and "this model takes" in str(result):
        return wrong(
            f"{given} the model got a window of another length: {result} For each forecast that "
            "is put behind the window, drop its oldest step, x[:, 1:]."
        )
    if problem := not_a_tensor(result, given):
        return problem
    with torch.no_grad():
        needed = _forecasts(model, x, steps, lambda x, yhat: torch.cat((x[:, 1:], yhat), dim=1))
        newest_lost = _forecasts(
            model, x, steps, lambda x, yhat: torch.cat((x[:, :-1], yhat), dim=1)
        )
        in_front = _forecasts(model, x, steps, lambda x, yhat: torch.cat((yhat, x[:, :-1]), dim=1))
        unchanged = _forecasts(model, x, steps, lambda x, yhat: x)
    if same(result, needed):
        return right("The oldest step goes, the forecast comes in, and so on.")
    got, window = tuple(result.shape), torch.cat((x, needed), dim=1)
    diagnoses = [
        (needed[:, -1:], "the last forecast alone. Keep each of them, and put them together."),
        (needed[:, :1], "the first forecast alone. The loop has to go on."),
        (unchanged, "the same forecast at each step: the window has to move."),
        (newest_lost, "the newest step is dropped in place of the oldest: keep x[:, 1:]."),
        (in_front, "the forecast stands before the window. It is the newest step: put it last."),
        (window, "x and the forecasts. Return the forecasts alone."),
        (window[:, -seq:], "the last window. Return the forecasts alone."),
        (needed.transpose(0, 1), "steps before batch: join along dim=1."),
        (needed.transpose(0, 1)[:, :, None], "torch.stack made an axis more: use torch.cat."),
        (needed[:, :, None], "torch.stack made an axis more: use torch.cat."),
        (needed[:, :-1], "one forecast too few."),
        (torch.cat(list(needed.split(1, dim=1))), "joined along the batch: use dim=1."),
    ]
    for other, diagnosis in diagnoses:
        if same(result, other):
            return wrong(f"{given} you return {got}: {diagnosis}")
    if got == (batch, steps, feature):
        return wrong(
            f"{given} the shape {got} is right, the numbers are not: does each call read the "
            "newest window?"
        )
    return wrong(f"{given} you return {got}, but {(batch, steps, feature)} is needed.")


def _forecasts(model, x, steps: int, move) -> torch.Tensor:
    """What comes of windows that move like this."""
    found = []
    for _ in range(steps):
        found.append(model(x))
        x = move(x, found[-1])
    return torch.cat(found, dim=1)


_Y = torch.tensor([3.0, 4.0, 6.0, 9.0, 13.0, 12.0, 8.0, 5.0])
_BEFORE = torch.cat((_Y[:1], _Y[:-1]))
_AFTER = torch.cat((_Y[1:], _Y[-1:]))
_SERIES = [  # yhat, whether it is an echo, what is said of an answer that is not so
    (
        _BEFORE + 0.5,
        True,
        "yhat is the value before, plus 0.5, and you say that it is none. The value before "
        "y[1:] is y[:-1].",
    ),
    (_Y + 0.5, False, "yhat is the truth plus 0.5, and you say that it is an echo."),
    (
        _AFTER,
        False,
        "yhat is the value after, not before: it runs ahead. Which of y[1:] and y[:-1] belongs to "
        "yhat[1:]?",
    ),
    (
        _Y + 20,
        False,
        "yhat is the truth plus 20, farther still from the value before, and you say that it is "
        "an echo.",
    ),
    (
        torch.cat((_Y[:1] + 1000, _Y[1:] + 0.5)),
        False,
        "the first forecast alone is far off. It has no value before it: leave it out of both.",
    ),
]


def is_echo(answer) -> Verdict:
    """A function (y, yhat) -> whether yhat is nearer to the value before than to the truth."""
    return first_wrong(answer, _heard, _SERIES)


def _heard(function, case) -> Verdict:
    yhat, echo, diagnosis = case
    result = call(function, _Y, yhat)
    if problem := no_result(result):
        return problem
    found = as_truth(result)
    if found is None:
        return wrong(
            f"True or False is needed; this is {show(result)}. Compare two means, so that one "
            "truth comes out."
        )
    if found != echo:
        return wrong(f"Tried on five forecasts: {diagnosis}")
    return right("An echo lies nearer to what was than to what comes.")


CHECKS = {"07.1": shape_of_y, "07.2": slide, "07.3": is_echo}
