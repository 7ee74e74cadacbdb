"""Right and wrong answers to the exercises of lesson 04, each wrong one with its diagnosis."""

import torch

from lstm_helpers import check_model, dependencies


def at_every_step(lstm, linear, x):
    out, _ = lstm(x)
    return linear(out)


def merged_and_back(lstm, linear, x):
    out, _ = lstm(x)
    return linear(out.reshape(-1, 6)).reshape(len(x), -1, 2)


def step_by_step(lstm, linear, x):
    out, _ = lstm(x)
    return torch.stack([linear(state) for state in out.unbind(1)], dim=1)


def changed_after(x, t, by=1):
    x = x.clone()
    x[:, t + 1 :] += by
    return x


def every_cut(model, x):
    for t in range(x.shape[1] - 1):
        if not torch.equal(model(changed_after(x, t))[:, : t + 1], model(x)[:, : t + 1]):
            return True
    return False


def by_gradients(model, x):
    x = x.clone().requires_grad_()
    y = model(x)
    for t in range(x.shape[1] - 1):
        (gradient,) = torch.autograd.grad(y[:, t].sum(), x, retain_graph=True)
        if gradient[:, t + 1 :].any():
            return True
    return False


def one_number(model, x):
    cuts = range(x.shape[1] - 1)
    moved = [(model(changed_after(x, t)) - model(x))[:, : t + 1].abs().max() for t in cuts]
    return max(moved) > 1e-6


def in_place(model, x):
    before = model(x)
    x[:, 1:] += 1
    return not torch.equal(model(x)[:, :1], before[:, :1])


def everything_compared(model, x):
    return not torch.equal(model(changed_after(x, 3)), model(x))


def middle_only(model, x):
    return not torch.equal(model(changed_after(x, 3))[:, :4], model(x)[:, :4])


def first_only(model, x):
    return not torch.equal(model(changed_after(x, 0))[:, :1], model(x)[:, :1])


def many_numbers(model, x):
    return model(changed_after(x, 3))[:, :4] != model(x)[:, :4]


RIGHT = {
    "04.1": [(40, 24, 1), [40, 24, 1], torch.Size([40, 24, 1])],
    "04.2": [at_every_step, merged_and_back, step_by_step],
    "04.3": [
        every_cut,
        one_number,
        by_gradients,
        lambda model, x: not dependencies(model, x).is_causal,
        lambda model, x: not check_model(model, x, causal=True).ok,
    ],
}
WRONG = {
    "04.1": [
        ((40, 1, 1), "is many-to-one"),
        ((40, 24, 3), "is x. Of its three columns"),
        ((40, 24), "has lost the axis target"),
        ((40, 23, 1), "leaves out the last step"),
        ((40, 25, 1), "counts the hours that a window and its targets take"),
        ((24, 40, 1), "puts time first"),
        ((960, 1), "merges batch and seq"),
        ((40, 24, 2), "not the right sizes"),
        ("40, 24, 1", "A shape is a tuple of whole numbers"),
    ],
    "04.2": [
        (lambda lstm, linear, x: linear(lstm(x)[0][:, -1]), "the last step only"),
        (lambda lstm, linear, x: linear(lstm(x)[1][0]), "made of h_n"),
        (lambda lstm, linear, x: linear(lstm(x)[0].reshape(-1, 6)), "batch and seq are merged"),
        (lambda lstm, linear, x: lstm(x)[0], "these are hidden states"),
        (lambda lstm, linear, x: linear(lstm(x)[0]).transpose(0, 1), "time first"),
        (
            lambda lstm, linear, x: (
                linear(lstm(x)[0]).transpose(0, 1).reshape(len(x), x.shape[1], 2)
            ),
            "the shape is right, the numbers are not",
        ),
        (lambda lstm, linear, x: linear(lstm(x)[0].flatten(1)), "raised RuntimeError"),
        (lambda lstm, linear, x: lstm(x)[0].double(), "these are hidden states"),
        (lambda lstm, linear, x: lstm(x), "returns a tuple, not a tensor"),
        (lambda lstm, linear, x: None, "Is `return` missing?"),
        ("linear(out)", "The answer has to be a function"),
    ],
    "04.3": [
        (everything_compared, "ManyToManyLSTM does not look ahead, but you say that it does"),
        (lambda model, x: False, "a model with two directions looks ahead"),
        (middle_only, "whose yhat[:, 0] reads x[:, 1]"),
        (first_only, "whose yhat[:, 6] reads x[:, 7]"),
        (in_place, "changes x itself"),
        (many_numbers, "True or False is needed"),
        (lambda model, x: model(x[0]), "Your function raised ValueError"),
        (lambda model, x: None, "Is `return` missing?"),
        (True, "The answer has to be a function"),
    ],
}
