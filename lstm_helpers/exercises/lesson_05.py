"""Exercises of lesson 05: the shape of a state, a state of zeros, and pieces with cut gradients."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import said, show
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


def shape_of_h_0(answer) -> Verdict:
    """h_0 of three layers in two directions, for x (8, 20, 4) and hidden_size=5."""
    return check_shape(
        answer,
        (6, 8, 5),
        "layer*direction=6, batch=8, hidden=5.",
        {
            (8, 6, 5): "(8, 6, 5) puts the batch first. batch_first=True is about x and out only: "
            "in a state the batch is axis 1.",
            (3, 8, 5): "(3, 8, 5) counts the layers alone. Each of them has two directions: 3 * 2.",
            (2, 8, 5): "(2, 8, 5) counts the directions alone. There are three layers: 3 * 2.",
            (1, 8, 5): "(1, 8, 5) is the state of one layer in one direction. Here it is 3 * 2.",
            (
                5,
                8,
                5,
            ): "(5, 8, 5) adds layers and directions. Each layer has two directions: 3 * 2.",
            (3, 8, 10): "(3, 8, 10) puts the directions side by side, as out does. In a state they "
            "are entries of axis 0.",
            (6, 8, 10): "(6, 8, 10) counts the directions twice. The last axis is hidden_size.",
            (6, 20, 5): "(6, 20, 5) has the 20 steps in it. A state has none: axis 1 is the batch.",
            (6, 8, 4): "(6, 8, 4) ends with the features of x. A state has hidden_size numbers.",
            (6, 8, 20): "(6, 8, 20) ends with the steps of x. A state has hidden_size numbers.",
            (6, 5): "(6, 5) is the state of one unbatched sequence. x has a batch of 8.",
            (8, 20, 5): "(8, 20, 5) has every step. A state belongs to one step only.",
            (8, 20, 10): "(8, 20, 10) is out: every step, both directions side by side.",
        },
    )


def zero_state(answer) -> Verdict:
    """A function (lstm, x) -> (h_0, c_0), zeros that fit the layer and x."""
    cases = [(3, True, 7, 4, torch.float64), (2, False, 5, 6, torch.float32)]
    return first_wrong(answer, _fits, cases)


def _fits(function, case) -> Verdict:
    layers, both, batch, hidden, dtype = case
    ways, seq = 1 + both, 9
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm = nn.LSTM(2, hidden, layers, bidirectional=both, batch_first=True).to(dtype)
        x = torch.rand(batch, seq, 2, dtype=dtype)
    given = (
        f"For {layers} layers in {ways} direction{'s' * both}, hidden_size={hidden} "
        f"and x {(batch, seq, 2)} of {dtype}"
    )
    state = call(function, lstm, x)
    if problem := no_result(state, f"{given} your function"):
        return problem
    if not isinstance(state, tuple | list) or len(state) != 2:
        return wrong(
            f"{given} your function returns {show(state)}, but an LSTM needs a pair of tensors, "
            "(h_0, c_0)."
        )
    for name, part in zip(("h_0", "c_0"), state, strict=True):
        if not isinstance(part, torch.Tensor):
            return wrong(
                f"{given} your function returns {show(state)}, but {name} has to be a tensor; "
                f"it is {show(part)}."
            )
        if problem := not_a_tensor(part, given, f"{name} of your function"):
            return problem
        if problem := _unfit(part, name, given, (layers, ways, batch, seq, hidden)):
            return problem
        if part.dtype != dtype:
            return wrong(f"{given} {name} has {part.dtype}: x.new_zeros takes the dtype of x.")
        if part.any():
            return wrong(f"{given} {name} has the right shape, but it is not all zeros.")
    return right("layer*direction, batch of x, hidden; the dtype of x.")


def _unfit(part, name: str, given: str, sizes: tuple) -> Verdict | None:
    """The verdict on a part of the wrong shape."""
    layers, ways, batch, seq, hidden = sizes
    needed, shape = (layers * ways, batch, hidden), tuple(part.shape)
    if shape == needed:
        return None
    diagnoses = {
        (layers, batch, hidden): "it counts the layers alone. Multiply by the directions.",
        (ways, batch, hidden): "it counts the directions alone. Multiply by the layers.",
        (1, batch, hidden): "it has one entry, but each layer and direction needs its own.",
        (batch, layers * ways, hidden): "it puts the batch first. In a state the batch is axis 1.",
        (layers * ways, 32, hidden): "its batch is fixed at 32. Take it from x: len(x).",
        (layers * ways, seq, hidden): "its axis 1 has the steps of x. The batch is x.shape[0].",
        (layers * ways, batch, 2): "it ends with the features of x. It needs lstm.hidden_size.",
        (layers, batch, hidden * ways): "its directions stand side by side, as in out. In a state "
        "they are entries of axis 0.",
        (batch, hidden): "it lacks axis 0, an entry for each layer and direction.",
    }
    why = diagnoses.get(shape, f"{needed} is needed: layer*direction, batch, hidden.")
    return wrong(f"{given} {name} is {shape}: {why}")


def in_pieces(answer) -> Verdict:
    """A function (lstm, x, size) -> out of all steps, with gradients cut between the pieces."""
    return first_wrong(answer, _carries_and_cuts, [(4, 11, 3, 4), (3, 6, 5, 3)])


def _carries_and_cuts(function, case) -> Verdict:
    batch, seq, hidden, size = case
    given = f"For x {(batch, seq, 2)} and size={size}"
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm = nn.LSTM(2, hidden, batch_first=True)
        x = torch.rand(batch, seq, 2)
    with torch.no_grad():
        whole, (h_n, _) = lstm(x)
        fresh = torch.cat([lstm(piece)[0] for piece in x.split(size, dim=1)], dim=1)
    followed = x.clone().requires_grad_()
    out = call(function, lstm, followed, size, gradients=True, copies=False)
    if problem := not_a_tensor(out, given):
        return problem
    if not same(out, whole):
        return _other(out, whole, fresh, h_n, given, size)
    if not out.requires_grad:
        return wrong(
            f"{given} the numbers are right, but out has no gradient at all: nothing can be "
            "trained. Cut the state alone, not out."
        )
    found = call(_gradient, out, followed, gradients=True, copies=False)
    if isinstance(found, Exception):
        return wrong(f"{given} no gradient leads from out to x. {said(found)}")
    start = (seq - 1) // size * size  # of the last piece
    if found[:, :start].any():
        return wrong(
            f"{given} the numbers are right, but the gradient of step {seq - 1} reaches steps "
            f"before {start}, where its piece begins. Assign what detach returns, for h and for c."
        )
    if not found[:, start].any():
        return wrong(
            f"{given} the numbers are right, but the gradient of step {seq - 1} does not reach "
            f"step {start}, where its piece begins. Cut between the pieces only."
        )
    return right("Values go on to the next piece, gradients end at the cut.")


def _gradient(out, x):
    """How the newest step of out depends on each step of x."""
    return torch.autograd.grad(out[:, -1].sum(), x)[0]


def _other(out, whole, fresh, h_n, given: str, size: int) -> Verdict:
    """The verdict on other numbers than those of the whole x."""
    seq = whole.shape[1]
    diagnoses = [
        (fresh, "each piece begins from zeros. Pass the state on: lstm(piece, state)."),
        (whole[:, (seq - 1) // size * size :], "the last piece alone. Keep all: torch.cat."),
        (whole[:, : seq // size * size], "the last, shorter piece is missing."),
        (whole.transpose(0, 1), "its steps stand first. Join the pieces along dim=1."),
        (whole[:, -1], "the last step alone. All steps are needed."),
        (h_n, "h_n. All steps are needed: out."),
    ]
    for other, diagnosis in diagnoses:
        if same(out, other):
            return wrong(f"{given} you return {tuple(out.shape)}: {diagnosis}")
    if tuple(out.shape) != tuple(whole.shape):
        return wrong(
            f"{given} you return {tuple(out.shape)}, but {tuple(whole.shape)} is needed: "
            "(batch, seq, hidden)."
        )
    return wrong(f"{given} out has the right shape {tuple(out.shape)}, but other numbers.")


CHECKS = {
    "05.1": shape_of_h_0,
    "05.2": zero_state,
    "05.3": in_pieces,
}
