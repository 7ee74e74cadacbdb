"""Exercises of lesson 03: states, directions, and a model to repair."""

import torch
from torch import nn

from lstm_helpers.checks import check_model
from lstm_helpers.exercises._answers import said, show
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


def shape_of_h_n(answer) -> Verdict:
    """h_n of two layers in two directions, for x (8, 20, 4) and hidden_size=6."""
    return check_shape(
        answer,
        (4, 8, 6),
        "layer*direction=4, batch=8, hidden=6.",
        {
            (8, 4, 6): "(8, 4, 6) puts the batch first. batch_first=True is about x and out only: "
            "in h_n the batch is axis 1.",
            (8, 20, 12): "(8, 20, 12) is out: every step, both directions side by side.",
            (8, 20, 6): "(8, 20, 6) has every step. h_n is the last step only.",
            (8, 12): "(8, 12) is both directions of one layer, side by side. In h_n each layer and "
            "each direction has an entry of its own on axis 0.",
            (2, 8, 12): "(2, 8, 12) puts the directions side by side, as out does. In h_n they are "
            "entries of their own: 2 layers times 2 directions.",
            (2, 8, 6): "(2, 8, 6) counts the layers or the directions. It is both: 2 times 2.",
            (1, 8, 6): "(1, 8, 6) is h_n of one layer in one direction. Here it is 2 times 2.",
            (4, 20, 6): "(4, 20, 6) has the 20 steps in it. h_n is the last step only: axis 1 "
            "is the batch.",
            (4, 8, 12): "(4, 8, 12) ends with 2 * 6. h_n ends with hidden_size: its directions are "
            "entries of axis 0.",
            (4, 8, 4): "(4, 8, 4) ends with the features of x. A state has hidden_size numbers.",
        },
    )


def both_directions(answer) -> Verdict:
    """A function (lstm, x) -> the two final states of the upper layer, (batch, 2 * hidden)."""
    return first_wrong(answer, _states_of, [(1, 4, 9, 3), (2, 5, 7, 6)])


def _states_of(function, case) -> Verdict:
    layers, batch, seq, hidden = case
    given = f"For {layers} layer{'s' * (layers > 1)}, hidden_size={hidden} and x {(batch, seq, 2)}"
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm = nn.LSTM(2, hidden, layers, bidirectional=True, batch_first=True)
        x = torch.rand(batch, seq, 2)
    states = call(function, lstm, x)
    if problem := not_a_tensor(states, given):
        return problem
    with torch.no_grad():
        out, (h_n, c_n) = lstm(x)
    forward, backward = h_n[-2], h_n[-1]
    if same(states, torch.cat((forward, backward), dim=-1)):
        return right("Both have read the whole window: (batch, 2 * hidden).")
    flat = h_n.reshape(batch, -1)
    diagnoses = [
        (out[:, -1], "out[:, -1]: its backward half has read the last step only."),
        (out[:, 0], "out[:, 0]: its forward half has read the first step only."),
        (torch.cat((backward, forward), dim=-1), "right states, but backward first."),
        (torch.cat((h_n[0], h_n[1]), dim=-1), "the states of the lower layer: count from the end."),
        (backward, "h_n[-1], the backward half alone. The forward half is h_n[-2]."),
        (forward, "h_n[-2], the forward half alone. The backward half is h_n[-1]."),
        (torch.cat((c_n[-2], c_n[-1]), dim=-1), "the cell states. The hidden states are h_n."),
        (flat, "a view of h_n: its batch is axis 1, so windows are mixed in each row."),
        (torch.cat((forward, backward)), "put one below the other: join the last axis, dim=-1."),
        (torch.stack((forward, backward), dim=1), "stacked along a new axis: use torch.cat."),
        (torch.stack((forward, backward)), "stacked along a new axis: use torch.cat."),
    ]
    for other, diagnosis in diagnoses:
        if same(states, other):
            return wrong(f"{given} you return {tuple(states.shape)}: {diagnosis}")
    needed = f"({batch}, {2 * hidden}) with h_n[-2] and h_n[-1] side by side is needed."
    return wrong(f"{given} you return {tuple(states.shape)}, but {needed}")


def repaired(answer) -> Verdict:
    """A model (batch, seq, 2) -> (batch, 1, 1) in which check_model finds nothing wrong."""
    came = show(answer)
    if isinstance(answer, type):
        answer = call(answer)
    if isinstance(answer, Exception):
        return wrong(f"The model can't be made. {said(answer)}")
    if not callable(answer):
        return wrong(f"A model is needed, such as MyModel(); this is {came}.")
    for batch, seq in ((5, 12), (4, 7)):
        generator = torch.Generator().manual_seed(0)
        x, y = (torch.rand(batch, n, m, generator=generator) for n, m in ((seq, 2), (1, 1)))
        given, yhat = f"For x {tuple(x.shape)}", call(answer, x)
        if problem := not_a_tensor(yhat, given, "your model"):
            return problem
        report = call(lambda x=x, y=y: check_model(answer, x, y=y), gradients=True)
        if isinstance(report, Exception):
            return wrong(f"{given} check_model can't ask your model. {said(report)}")
        if not report.ok:
            found = "\n".join(str(finding) for finding in report.wrong)
            return wrong(f"{given} and y {tuple(y.shape)}, check_model finds\n{found}")
    return right("check_model finds nothing wrong.")


CHECKS = {
    "03.1": shape_of_h_n,
    "03.2": both_directions,
    "03.3": repaired,
}
