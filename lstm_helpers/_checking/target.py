"""Does the target have the output's shape? An elementwise loss broadcasts what does not."""

from math import prod

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, verdicts
from lstm_helpers.shapes import target_repair

right, wrong, question = verdicts("target")


def target(case: Case) -> Finding | None:
    """`yhat.shape == y.shape`; integer classes have one axis less."""
    if case.y is None:
        return None
    y = case.y
    ours, theirs = case.answer_shape, tuple(y.shape)
    if given := _given_as_input(case):
        return question(
            f"y is handed to the model, as inputs[{given}]. Is it known when the model is used? If "
            "not, ask it without: y there is for training (teacher forcing) only."
        )
    if ours == theirs:
        return right(f"y has the output's shape {ours}.")
    if not (y.is_floating_point() or y.is_complex()) and _is_class_target(ours, theirs):
        return right(f"y {theirs} holds one class number for each {ours[-1]} scores.")
    if len(ours) == len(theirs) and ours[:-1] == theirs[:-1] and theirs[-1] == 1:
        return question(
            f"The output is {ours} but y is {theirs}: are the {ours[-1]} numbers quantiles, or "
            "those of a distribution? Then the loss has to know. An elementwise loss would compare "
            "each of them with the one target."
        )
    these = f"The output is {ours} but y is {theirs}:"
    try:
        together = tuple(torch.broadcast_shapes(ours, theirs))
    except RuntimeError:
        if _without_ones(ours) == _without_ones(theirs):
            says = f"{these} an elementwise loss broadcasts such shapes, or fails, by their sizes."
        elif prod(ours) == prod(theirs):
            says = f"The output is {ours}, y is {theirs}: is one of them reshaped before the loss?"
            return question(says)
        else:
            says = f"{these} no elementwise loss takes both."
    else:
        says = (
            f"{these} an elementwise loss would broadcast both to {together}, each answer against "
            "the targets of others."
        )
    if (why := _one_axis_apart(case)).cause:
        return wrong(says, *why)
    repair = target_repair(ours, theirs, case.samples)
    return wrong(says, "the target's axes don't match.", f"{repair}.")


@never_in_the_way
def _one_axis_apart(case) -> Why:
    """Shapes that are the same but for the length of one axis: which, and what to type if known."""
    ours, theirs = case.answer_shape, tuple(case.y.shape)
    if len(ours) != len(theirs):
        return Why()
    apart = [axis for axis, size in enumerate(ours) if size != theirs[axis]]
    if len(apart) != 1:
        return Why()
    axis, many, asked = apart[0], ours[apart[0]], theirs[apart[0]]
    steps = case.layout.split is None and case.layout.names[axis] == "seq"
    if not steps:
        repair = f"let the model give {asked} there, or hand over a y of {many}."
        return Why(f"axis {axis} differs: the output has {many}, y has {asked}.", repair)
    if case.shifted:
        repair = f"yhat[{':, ' * axis}-{asked}:], the steps that y goes with."
    elif asked == 1:
        repair = f"{target_repair(ours, theirs)}."
    else:  # which of them would be the forecasts is not to be seen
        repair = f"let the model give {asked} steps, or hand over a y of {many}."
    cause = f"the output has an answer for each of the {many} steps of x, y has {asked}."
    return Why(cause, repair)


def without_rows(case: Case, fits: Finding | None) -> Finding | None:
    """The finding on y where samples are mixed: an output without rows for them fits no y."""
    if fits is None or fits.verdict != "wrong" or case.x.shape[case.batch] in case.answer_shape:
        return fits
    return question(
        f"Does y fit? The output is {case.answer_shape} but y is {tuple(case.y.shape)}: that can "
        "be told when each sample has its answer."
    )


def _given_as_input(case) -> int | None:
    """Which input holds the target, number by number."""
    y = case.y
    for number, given in enumerate(case.inputs):
        if isinstance(given, Tensor) and given.shape == y.shape and torch.equal(given.to(y), y):
            return number
    return None


def _is_class_target(scores, classes):
    """nn.CrossEntropyLoss: (batch, class, ...) against (batch, ...), or class last, flattened."""
    if len(scores) < 2:
        return False
    last = scores[-1] > 1 and classes in (scores[:-1], (prod(scores[:-1]),))
    second = scores[1] > 1 and classes == scores[:1] + scores[2:]
    flat = len(scores) == 2 and scores[1] > 1 and prod(classes) == scores[0]
    return last or second or flat


def _without_ones(shape):
    return tuple(size for size in shape if size != 1)
