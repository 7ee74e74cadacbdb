"""Right and wrong answers to the exercises of lesson 11, each wrong one with its diagnosis."""

import torch
from torch.nn.functional import cross_entropy, nll_loss

from lstm_helpers import check_model


def turned(scores, classes):
    return cross_entropy(scores.transpose(1, 2), classes)


def flattened(scores, classes):
    return cross_entropy(scores.flatten(0, 1), classes.flatten())


def step_by_step(scores, classes):
    steps = range(scores.shape[1])
    return sum(cross_entropy(scores[:, t], classes[:, t]) for t in steps) / len(steps)


def by_hand(scores, classes):
    return nll_loss(scores.log_softmax(-1).transpose(1, 2), classes)


def viewed(scores, classes):
    batch, seq, count = scores.shape
    return cross_entropy(scores.reshape(batch, count, seq), classes)


def in_two_orders(scores, classes):
    return cross_entropy(scores.flatten(0, 1), classes.T.flatten())


def in_two_other_orders(scores, classes):
    return cross_entropy(scores.transpose(0, 1).flatten(0, 1), classes.flatten())


def with_other_windows(model, x, change=lambda one: one + 1):
    """For every window: the answers of the others, before and after it was changed."""
    for i in range(len(x)):
        changed = x.clone()
        changed[i] = change(changed[i])
        others = [j for j in range(len(x)) if j != i]
        yield model(x)[others], model(changed)[others]


def alone(model, x):
    return all(torch.equal(*pair) for pair in with_other_windows(model, x))


def one_by_one(model, x):
    return torch.allclose(model(x), torch.cat([model(one[None]) for one in x]), rtol=1e-9)


def with_the_changed_one(model, x):
    return torch.equal(model(x), model(torch.cat((x[:1] + 1, x[1:]))))


def first_alone(model, x):
    return torch.equal(model(x)[1:], model(torch.cat((x[:1] + 1, x[1:])))[1:])


def neighbour(model, x):
    return torch.equal(model(x)[1], model(torch.cat((x[:1] + 1, x[1:])))[1])


def roughly(model, x):
    pairs = with_other_windows(model, x)
    return all(torch.allclose(a, b, atol=0.05) for a, b in pairs)


def strictly_later(model, x):
    answers = model(x)
    for i in range(len(x) - 1):
        changed = torch.cat((x[: i + 1], x[i + 1 :] + 1))
        if not torch.equal(model(changed)[: i + 1], answers[: i + 1]):
            return False
    return True


def in_place(model, x):
    changed = x
    changed[0] += 1
    return torch.equal(model(changed)[1:], model(x)[1:])


def of_right_shape(model, x):
    return model(x).shape == (len(x), 3)


RIGHT = {
    "11.1": ["batch_first", "batch_first=True", "batch_first = True", ["batch_first"]],
    "11.2": [turned, flattened, step_by_step, by_hand],
    "11.3": [
        alone,
        lambda model, x: torch.tensor(alone(model, x)),
        lambda model, x: check_model(model, x).ok,
    ],
}
WRONG = {
    "11.1": [
        ("state", "The state is right"),
        ("input_size", "so is the last axis of x"),
        ("hidden_size", "hidden_size is 5"),
        ("num_layers", "a state for one layer"),
        ("view", "'view' is none of the five words."),
        (["batch_first", "state"], "One of the five words is needed"),
    ],
    "11.2": [
        (cross_entropy, "the message is still there: Expected target size [4, 3], got [4, 6]"),
        (viewed, "view cuts the same numbers anew"),
        (in_two_orders, "in two orders"),
        (in_two_other_orders, "in two orders"),
        (lambda s, c: cross_entropy(s[:, -1], c[:, -1]), "the last step alone"),
        (lambda s, c: turned(s.softmax(2), c), "softmax is computed twice"),
        (lambda s, c: turned(s, c) * c.numel(), "the losses are added up"),
        (
            lambda s, c: cross_entropy(s.transpose(1, 2), c, reduction="none"),
            "a loss for every step",
        ),
        (lambda s, c: s.mean(), "not the mean of the losses"),
        (lambda s, c: turned(s, c).item(), "not a tensor"),
        (lambda s, c: None, "Is `return` missing?"),
        ("cross_entropy", "The answer has to be a function"),
    ],
    "11.3": [
        (with_the_changed_one, "Is the answer of the changed window left out?"),
        (lambda model, x: False, "Is the answer of the changed window left out?"),
        (lambda model, x: True, "batch_first was forgotten"),
        (in_place, "batch_first was forgotten"),
        (of_right_shape, "batch_first was forgotten"),
        (first_alone, "Change every window in turn"),
        (roughly, "compare them exactly"),
        (strictly_later, "batch_first was forgotten"),
        (neighbour, "Change every window in turn"),
        (lambda model, x: model(x), "True or False is needed"),
        (lambda model, x: None, "Is `return` missing?"),
        (True, "The answer has to be a function"),
    ],
}
