"""Does the target have the output's shape? An elementwise loss broadcasts what does not."""

from math import prod

import torch

from lstm_helpers._checking.case import Case, Finding


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
                f"{_repair(ours, theirs)}."
            )
            return Finding("target", "wrong", text)
        return _unequal(ours, theirs, yhat.numel() == y.numel())
    text = (
        f"The output is {ours} but y is {theirs}: an elementwise loss would broadcast both to "
        f"{together}, each answer against the targets of others. Cause: the target's axes don't "
        f"match. Repair: {_repair(ours, theirs)}."
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
        "target's axes don't match. Repair: give y the output's shape."
    )
    return Finding("target", "wrong", text)


def _repair(ours, theirs):
    if prod(ours) != prod(theirs):
        return "give y the output's shape"
    if theirs == ours[: len(theirs)]:
        index = [":"] * len(theirs) + ["None"] * (len(ours) - len(theirs))
        return f"give y its axes, y[{', '.join(index)}]"
    return f"don't squeeze the output, or y.reshape{ours}"
