"""Does the target have the output's shape? An elementwise loss broadcasts what does not."""

from math import prod

import torch

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers.shapes import missing_axes


def check_target(case: Case) -> Finding | None:
    """`yhat.shape == y.shape`; integer classes have one axis less."""
    if case.y is None:
        return None
    yhat, y = case.draw(0).answer, case.y
    ours, theirs = tuple(yhat.shape), tuple(y.shape)
    if ours == theirs:
        return Finding("target", "right", f"y has the output's shape {ours}.")
    if not (y.is_floating_point() or y.is_complex()) and _is_class_target(ours, theirs):
        return Finding(
            "target", "right", f"y {theirs} holds one class number for each {ours[-1]} scores."
        )
    try:
        together = tuple(torch.broadcast_shapes(ours, theirs))
    except RuntimeError:
        if _without_ones(ours) == _without_ones(theirs):
            text = (
                f"The output is {ours} but y is {theirs}: an elementwise loss broadcasts such "
                "shapes, or fails, by their sizes. Cause: the target's axes don't match. Repair: "
                f"{_repair(ours, theirs, case.samples)}."
            )
            return Finding("target", "wrong", text)
        return _unequal(ours, theirs, yhat.numel() == y.numel())
    text = (
        f"The output is {ours} but y is {theirs}: an elementwise loss would broadcast both to "
        f"{together}, each answer against the targets of others. Cause: the target's axes don't "
        f"match. Repair: {_repair(ours, theirs, case.samples)}."
    )
    return Finding("target", "wrong", text)


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


def _unequal(ours, theirs, same_count):
    if same_count:
        text = f"The output is {ours}, y is {theirs}: is one of them reshaped before the loss?"
        return Finding("target", "question", text)
    text = (
        f"The output is {ours} but y is {theirs}: no elementwise loss takes both. Cause: the "
        "target's axes don't match. Repair: give y and the output the same axes in the same order."
    )
    return Finding("target", "wrong", text)


def _repair(ours, theirs, samples):
    for name, few, many in (("y", theirs, ours), ("yhat", ours, theirs)):
        if len(few) < len(many) and (index := missing_axes(few, many)):
            return f"give {name} its axes, {name}[{index}]"
    if prod(ours) < prod(theirs) and samples not in ours:
        return f"keep one answer for each of the {samples} samples"
    if len(ours) == len(theirs) == 3 and ours[::2] == theirs[::2] and theirs[1] == 1:
        return "keep the last step, yhat[:, -1:], or give every step a target"
    return "give y and the output the same axes in the same order"
