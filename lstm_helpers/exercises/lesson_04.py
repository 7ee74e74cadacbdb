"""Exercises of lesson 04: targets at every step, Keras' words, and a test for look-ahead."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import as_truth, said, show
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
from lstm_helpers.models import ManyToManyLSTM


def shape_of_y(answer) -> Verdict:
    """y of 40 windows of 24 hours, shifted targets, one target of three columns."""
    return check_shape(
        answer,
        (40, 24, 1),
        "batch=40, seq=24, target=1: every hour of x has its own target.",
        {
            (40, 1, 1): "(40, 1, 1) is many-to-one: one target for each window. Shifted targets "
            "give every step its own.",
            (40, 24, 3): "(40, 24, 3) is x. Of its three columns one is the target.",
            (40, 24): "(40, 24) has lost the axis target. It stays, with size 1.",
            (40, 23, 1): "(40, 23, 1) leaves out the last step. Its target is the hour after the "
            "window, and that stands in the table.",
            (40, 25, 1): "(40, 25, 1) counts the hours that a window and its targets take. "
            "y has as many steps as x.",
            (24, 40, 1): "(24, 40, 1) puts time first. The batch comes first.",
            (960, 1): "(960, 1) merges batch and seq: 40 * 24 = 960. Nothing needs that.",
        },
    )


def per_step(answer) -> Verdict:
    """A function (lstm, linear, x) -> the linear layer's answer at every step."""
    return first_wrong(answer, _per_step, [(4, 7, 5), (3, 9, 1)])


def _per_step(function, shape) -> Verdict:
    batch, seq, feature = shape
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm, linear = nn.LSTM(feature, 6, batch_first=True), nn.Linear(6, 2)
        x = torch.rand(shape)
    yhat = call(function, lstm, linear, x)
    if problem := not_a_tensor(yhat, f"For x {shape}"):
        return problem
    with torch.no_grad():
        needed = linear(lstm(x)[0])
    got = tuple(yhat.shape)
    if same(yhat, needed):
        return right("(batch, seq, target): nothing to flatten, nothing to loop over.")
    last = "the last step only, return_sequences=False. Keep all steps."
    diagnoses = {
        (batch, seq, 6): "these are hidden states. The linear layer is still to come.",
        (batch, 2): last,
        (batch, 1, 2): last,
        (1, batch, 2): "made of h_n, which is the last step only. out has every step.",
        (batch * seq, 2): "right answers, but batch and seq are merged. nn.Linear keeps both.",
        (seq, batch, 2): "time first. Keep the batch first.",
        (batch, seq, 2): "the shape is right, the numbers are not: is there a view that swaps "
        "axes, or a layer that was not given?",
    }
    return wrong(
        f"For x {shape} you return {got}: {diagnoses.get(got, f'{(batch, seq, 2)} is needed.')}"
    )


class _Peeking(nn.Module):
    """A causal model, but for one output step that also reads one later input step."""

    def __init__(self, at: int, reads: int):
        super().__init__()
        self.honest, self.at, self.reads = ManyToManyLSTM(2, 3), at, reads

    def forward(self, x):
        reads = torch.zeros(x.shape[1], x.shape[1], dtype=x.dtype)
        reads[self.at, self.reads] = 1.0
        return self.honest(x) + reads @ x[..., :1]


class _Backward(nn.Module):
    """Two directions, one forecast a step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(6, 1)

    def forward(self, x):
        return self.linear(self.lstm(x)[0])


_SEQ = 8
_LENGTH = ". Keep the length of x: some models take one length only."
_MODELS = [  # how to make it, whether it looks ahead, what is said of an answer that is not so
    (
        lambda: ManyToManyLSTM(2, 3),
        False,
        "ManyToManyLSTM does not look ahead, but you say that it does. When the steps after t "
        "change, the outputs after t may change as well. Compare those up to t only.",
    ),
    (
        _Backward,
        True,
        "a model with two directions looks ahead, and you say that it does not. Are the steps "
        "after t really other values, is the output looked at up to step t, and does the loop go "
        "on after its first t?",
    ),
    (
        lambda: _Peeking(at=0, reads=1),
        True,
        "a model whose yhat[:, 0] reads x[:, 1], and nothing else too late, is not found. Try "
        "every step t, not one cut only.",
    ),
    (
        lambda: _Peeking(at=_SEQ - 2, reads=_SEQ - 1),
        True,
        f"a model whose yhat[:, {_SEQ - 2}] reads x[:, {_SEQ - 1}], and nothing else too late, is "
        "not found. Try every step t, not one cut only.",
    ),
]


def peeks(answer) -> Verdict:
    """A function (model, x) -> whether an output step depends on a later input step."""
    return first_wrong(answer, _judged, _MODELS)


def _judged(function, case) -> Verdict:
    make, looks_ahead, diagnosis = case
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model, x = make(), torch.rand(5, _SEQ, 2)
    before = x.clone()
    result = call(function, model, x, gradients=True, copies=False)
    if isinstance(result, RuntimeError | IndexError | ValueError):  # as those about sizes are
        return wrong(f"Your function raised {said(result)}{_LENGTH}")
    if problem := no_result(result):
        return problem
    if not torch.equal(x, before):
        return wrong("Your function changes x itself. Change a copy: x.clone().")
    found = as_truth(result)
    if found is None:
        return wrong(
            f"True or False is needed; this is {show(result)}. (...).any() makes one of many."
        )
    if found != looks_ahead:
        return wrong(f"Tried on four models: {diagnosis}")
    return right("It finds a look-ahead of a single step, in any model.")


CHECKS = {"04.1": shape_of_y, "04.2": per_step, "04.3": peeks}
