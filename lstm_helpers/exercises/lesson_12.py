"""Exercises of lesson 12: equal steps, an interval from past errors, and does the window help?"""

import math

import torch

from lstm_helpers.exercises._answers import as_number, as_truth, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    first_wrong,
    no_result,
    right,
    wrong,
)


def equal_steps(answer) -> Verdict:
    """Epochs of 107 windows in batches of 8 with about as many steps as 60 in batches of 32."""
    number = as_number(answer)
    if number is None:
        return wrong(f"A whole number is needed, such as 40; this is {show(answer)}.")
    if number == 17:
        return right("107 / 8 makes 14 batches, and 17 * 14 = 238 steps, beside 60 * 4 = 240.")
    diagnoses = {
        60: "60 epochs of batches of 8 are 840 steps. Equal epochs are no equal steps.",
        15: "15 * 14 = 210 steps. The batches are a quarter as large, but 107 / 32 and 107 / 8 are "
        "rounded up: count the batches of each.",
        18: "18 * 14 = 252 steps. 17 epochs come nearer to 240.",
        16: "16 * 14 = 224 steps. 17 epochs come nearer to 240.",
        14: "14 is the number of batches of an epoch. How many epochs make 240 steps?",
        240: "240 is the number of steps, not of epochs.",
        210: "210 steps would be 15 epochs. How many epochs make 240 steps?",
    }
    needed = "60 epochs of 4 batches are 240 steps; an epoch in batches of 8 has 14."
    return wrong(diagnoses.get(number, f"{show(number)} epochs are not it. {needed}"))


_ERRORS = [  # errors with their signs, and the share that has to lie inside
    (torch.tensor([1.0, -9.0, 3.0, 4.0, -2.0, 6.0, 12.0, -8.0, 5.0, -15.0]), 0.8),
    (torch.arange(1.0, 21) * torch.tensor([1.0, -1.0]).repeat(10), 0.9),
]


def half_width(answer) -> Verdict:
    """A function (errors, share) -> the k-th smallest size, k = ceil((n + 1) * share)."""
    return first_wrong(answer, _width, _ERRORS)


def _width(function, case) -> Verdict:
    errors, share = case
    result = call(function, errors, share)
    if problem := no_result(result):
        return problem
    found = _number(result)
    if found is None:
        return wrong(f"One number is needed; this is {show(result)}.")
    sizes, count = errors.abs().sort().values, len(errors)
    place = math.ceil((count + 1) * share)
    if abs(found - sizes[place - 1].item()) < 1e-4:
        return right("The next error is as likely to be at any place among the past ones.")
    held = f", {found:.4g}" if hasattr(result, "shape") else ""
    given = f"For {count} errors and share={share} you return {show(result)}{held}"
    needed = f"number {place} from the smallest, ceil(({count} + 1) * {share}), is needed."
    others = [
        (
            sizes[place - 2],
            f"number {place - 1} from the smallest. Add 1 to {count} first: {needed}",
        ),
        (sizes[min(place, count - 1)], f"one place too far. Python counts from 0: {needed}"),
        (sizes.quantile(share), f"torch.quantile lies between two errors: {needed}"),
        (errors.sort().values[place - 1], "signs left on: take errors.abs() first."),
        (errors.quantile(share), "signs left on: take errors.abs() first."),
        (sizes.mean(), f"the mean size, which does not know the share: {needed}"),
    ]
    for other, diagnosis in others:
        if abs(found - other.item()) < 1e-4:
            return wrong(f"{given}: {diagnosis}")
    return wrong(f"{given}: of the sizes of all errors, {needed}")


def _number(result) -> float | None:
    """One number, from a tensor, an array or Python; None for anything else."""
    try:
        return None if isinstance(result, bool | str | bytes) else float(result)
    except Exception:
        return None


_X = torch.arange(6.0)[:, None, None] ** 2 + torch.tensor([0.0, 3.0, 1.0, 2.0])[:, None]
_CASES = [  # model, y, whether the window helps, what is said of an answer that is not so
    (
        lambda x: x[:, -1:],
        _X[:, -1:] + 0.5,
        True,
        "the model forecasts the newest step of each window, nearly right, and you say that the "
        "window does not help. The other windows go to the model, and y stays.",
    ),
    (
        lambda x: x.mean(dim=1, keepdim=True),
        _X.mean(dim=1, keepdim=True) + 0.5,
        True,
        "the model forecasts the mean of each window, nearly right, and you say that the window "
        "does not help. Give each sample the window of another one: change the order along dim 0, "
        "not that of the steps.",
    ),
    (
        lambda x: 25 - x.mean(dim=1, keepdim=True),
        _X.mean(dim=1, keepdim=True),
        False,
        "the model errs less with the windows of others, and you say that its own ones help. Is "
        "the error with the own windows the smaller one?",
    ),
    (
        lambda x: torch.full_like(x[:, :1], 9.0),
        _X.mean(dim=1, keepdim=True),
        False,
        "the model forecasts 9 whatever it reads, and you say that the window helps. Both errors "
        "are equal.",
    ),
]


def window_helps(answer) -> Verdict:
    """A function (model, x, y) -> whether the error is smaller than with windows of others."""
    return first_wrong(answer, _helped, _CASES)


def _helped(function, case) -> Verdict:
    model, y, helps, diagnosis = case
    result = call(function, model, _X, y)
    if problem := no_result(result):
        return problem
    found = as_truth(result)
    if found is None:
        return wrong(f"True or False is needed; this is {show(result)}. Compare two means.")
    if found != helps:
        return wrong(f"Tried on four models: {diagnosis}")
    return right("What a model does not read, it does not miss.")


CHECKS = {"12.1": equal_steps, "12.2": half_width, "12.3": window_helps}
