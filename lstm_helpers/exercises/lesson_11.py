"""Exercises of lesson 11: name a mistake, repair a loss, and prove that a model is repaired."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from lstm_helpers.exercises._answers import as_names, as_truth, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    first_wrong,
    no_result,
    not_a_tensor,
    right,
    same,
    wrong,
)

_SUSPECTS = {  # who could be wrong -> what speaks against it
    "input_size": "input_size is 4, and so is the last axis of x. If it were wrong, the message "
    "would be `input.size(-1) must be equal to input_size`.",
    "hidden_size": "The last numbers of both shapes agree: hidden_size is 5, as in the state.",
    "num_layers": "The first numbers of both shapes agree: one layer, and a state for one layer.",
    "state": "The state is right: 8, its batch, is the number of windows in x. Which axis of x has "
    "size 20?",
}


def name_the_mistake(answer) -> Verdict:
    """Who has to change, where 20 steps are taken for the batch."""
    names = as_names(answer)
    if names is None or len(names) != 1:
        return wrong(f"One of the five words is needed, as text; this is {show(answer)}.")
    (name,) = (name.replace(" ", "").removesuffix("=True") for name in names)
    if name == "batch_first":
        return right("20 is the number of steps: the layer took it for the batch.")
    return wrong(_SUSPECTS.get(name, f"{show(answer)} is none of the five words."))


def class_loss(answer) -> Verdict:
    """A function (scores, classes) -> the mean loss, for scores (batch, seq, class)."""
    return first_wrong(answer, _compared, [(4, 6, 3), (3, 5, 7)])


def _compared(function, case) -> Verdict:
    batch, seq, count = case
    generator = torch.Generator().manual_seed(0)
    scores = torch.rand(case, generator=generator, dtype=torch.float64)
    classes = torch.randint(count, (batch, seq), generator=generator)
    result = call(function, scores, classes)
    given = f"For scores {case} and classes {(batch, seq)}"
    if isinstance(result, RuntimeError) and "Expected target size" in str(result):
        return wrong(
            f"{given} the message is still there: {result}. It names the classes as axis 1, where "
            "scores have the steps."
        )
    if problem := not_a_tensor(result, given):
        return problem
    turned = scores.transpose(1, 2)
    if same(result, cross_entropy(turned, classes)):
        return right("Each step is compared with its own class.")
    others = [
        (
            cross_entropy(scores.reshape(batch, count, seq), classes),
            "the message is gone, but view cuts the same numbers anew: each step is compared with "
            "the scores of others. Swap the axes with transpose.",
        ),
        (
            cross_entropy(scores.flatten(0, 1), classes.T.flatten()),
            "scores and classes are flattened in two orders: batch first in both.",
        ),
        (
            cross_entropy(scores.transpose(0, 1).flatten(0, 1), classes.flatten()),
            "scores and classes are flattened in two orders: batch first in both.",
        ),
        (
            cross_entropy(scores[:, -1], classes[:, -1]),
            "this is the loss of the last step alone. Every step has a class.",
        ),
        (
            cross_entropy(turned.softmax(1), classes),
            "softmax is computed twice: cross_entropy does it itself.",
        ),
        (
            cross_entropy(turned, classes, reduction="sum"),
            "the losses are added up. Average them, as cross_entropy does by itself.",
        ),
        (
            cross_entropy(turned, classes, reduction="none"),
            "there is a loss for every step. Average them, so that backward() can start at one "
            "number.",
        ),
    ]
    for other, diagnosis in others:
        if same(result, other):
            return wrong(f"{given}: {diagnosis}")
    return wrong(
        f"{given} you return {show(result)}, and it is not the mean of the losses of all steps."
    )


class _Reader(nn.Module):
    """Answers (batch, target) of an LSTM, which reads each window alone or mixes them somehow."""

    def __init__(self, batch_first: bool, before=lambda x: x, after=lambda answer, x: answer):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            self.lstm = nn.LSTM(2, 3, batch_first=batch_first).double()
        self.before, self.after = before, after

    def forward(self, x):
        out, _ = self.lstm(self.before(x))
        return self.after(out[:, -1] if self.lstm.batch_first else out[-1], x)


class _Forgotten(_Reader):
    """Without batch_first, and without the axes swapped: window i is step i."""

    def __init__(self):
        super().__init__(False)

    def forward(self, x):
        return self.lstm(x)[0][:, -1]


def _leak(to: int, source: int, much: float):
    """One answer holds some of another window."""

    def after(answer, x):
        there = torch.arange(len(x))[:, None] == to % len(x)
        return answer + much * there * x[source].mean()

    return after


_MODELS = [  # a model, whether it reads each window alone, what is said of an answer that is not so
    (
        _Reader(True),
        True,
        "A model that reads each window alone, and you say that it does not. Is the answer of the "
        "changed window left out? It may move.",
    ),
    (
        _Forgotten(),
        False,
        "batch_first was forgotten, and you say that each window is read alone. Is a *copy* of x "
        "changed, and are the answers for both compared?",
    ),
    (
        _Reader(False, lambda x: x.transpose(0, 1)),
        True,
        "A model swaps the axes with transpose, so it reads each window alone, and you say that it "
        "does not.",
    ),
    (
        _Reader(False, lambda x: x.reshape(x.shape[1], len(x), 2)),
        False,
        "view scrambles the windows, and you say that each of them is read alone.",
    ),
    (
        _Reader(True, after=_leak(to=0, source=-1, much=1)),
        False,
        "The answer to window 0 depends on the last window, and on no other, and you say that each "
        "is read alone. Change every window in turn.",
    ),
    (
        _Reader(True, after=_leak(to=-1, source=0, much=1e-3)),
        False,
        "The answer to the last window depends on window 0, a little, and you say that each is "
        "read alone. Watch all other answers, and compare them exactly.",
    ),
]


def reads_alone(answer) -> Verdict:
    """A function (model, x) -> whether no answer changes with another window."""
    return first_wrong(answer, _judged, _MODELS)


def _judged(function, case) -> Verdict:
    model, alone, diagnosis = case
    generator = torch.Generator().manual_seed(1)
    result = call(function, model, torch.rand(5, 4, 2, generator=generator, dtype=torch.float64))
    if problem := no_result(result):
        return problem
    found = as_truth(result)
    if found is None:
        return wrong(f"True or False is needed; this is {show(result)}.")
    if found != alone:
        return wrong(f"Tried on six models: {diagnosis}")
    return right("That is what check_model asks first: a repair is one if it passes.")


CHECKS = {"11.1": name_the_mistake, "11.2": class_loss, "11.3": reads_alone}
