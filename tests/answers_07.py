"""Right and wrong answers to the exercises of lesson 07, each wrong one with its diagnosis."""

import torch

from lstm_helpers import Windows, roll_out


def slid(model, x, steps):
    forecasts = []
    for _ in range(steps):
        forecasts.append(model(x))
        x = torch.cat((x[:, 1:], forecasts[-1]), dim=1)
    return torch.cat(forecasts, dim=1)


def one_long_series(model, x, steps):
    seq = x.shape[1]
    for _ in range(steps):
        x = torch.cat((x, model(x[:, -seq:])), dim=1)
    return x[:, seq:]


def growing(model, x, steps):
    for _ in range(steps):
        x = torch.cat((x, model(x)), dim=1)
    return x[:, -steps:]


def moved(model, x, steps, how):
    forecasts = []
    for _ in range(steps):
        forecasts.append(model(x))
        x = how(x, forecasts[-1])
    return torch.cat(forecasts, dim=1)


def newest_dropped(model, x, steps):
    return moved(model, x, steps, lambda x, yhat: torch.cat((x[:, :-1], yhat), dim=1))


def in_front(model, x, steps):
    return moved(model, x, steps, lambda x, yhat: torch.cat((yhat, x[:, :-1]), dim=1))


def not_moved(model, x, steps):
    return moved(model, x, steps, lambda x, yhat: x)


def rolled(model, x, steps):
    return moved(model, x, steps, lambda x, yhat: x.roll(-1, dims=1))


def stacked(model, x, steps):
    return torch.stack(list(slid(model, x, steps).split(1, dim=1)))


def along_the_batch(model, x, steps):
    return torch.cat(list(slid(model, x, steps).split(1, dim=1)))


def nearer(y, yhat):
    to_truth, to_before = (yhat[1:] - y[1:]).abs().mean(), (yhat[1:] - y[:-1]).abs().mean()
    return to_before < to_truth


def by_squares(y, yhat):
    return bool(((yhat[1:] - y[:-1]) ** 2).sum() < ((yhat[1:] - y[1:]) ** 2).sum())


def the_value_after(y, yhat):
    return (yhat[:-1] - y[1:]).abs().mean() < (yhat - y).abs().mean()


def first_in_one(y, yhat):
    return (yhat[1:] - y[:-1]).abs().mean() < (yhat - y).abs().mean()


def turned_round(y, yhat):
    return ~nearer(y, yhat)


def each_step(y, yhat):
    return (yhat[1:] - y[:-1]).abs() < (yhat[1:] - y[1:]).abs()


Y = Windows(torch.rand(400, 3), seq_len=24, horizon=7).y
RIGHT = {
    "07.1": [(370, 7, 3), [370, 7, 3], Y.shape],
    "07.2": [slid, one_long_series, lambda model, x, steps: roll_out(model, x, steps)],
    "07.3": [nearer, by_squares],
}
WRONG = {
    "07.1": [
        ((376, 7, 3), "leave room for one target each"),
        ((377, 7, 3), "leave no room for targets"),
        ((369, 7, 3), "One window more fits"),
        ((12, 7, 3), "windows that do not overlap"),
        ((400, 7, 3), "is the number of rows"),
        ((370, 24, 3), "is x"),
        ((370, 1, 3), "is one step ahead"),
        ((370, 7, 1), "All 3 columns are targets"),
        ((370, 21), "merges horizon and target"),
        ((370, 3, 7), "puts target before horizon"),
        ((7, 370, 3), "The windows come first"),
        ((371, 7, 3), "but not the right sizes"),
        ("370, 7, 3", "A shape is a tuple of whole numbers"),
    ],
    "07.2": [
        (growing, "drop its oldest step"),
        (newest_dropped, "the newest step is dropped"),
        (in_front, "the forecast stands before the window"),
        (not_moved, "the window has to move"),
        (rolled, "the numbers are not"),
        (stacked, "torch.stack made an axis more"),
        (along_the_batch, "joined along the batch"),
        (lambda model, x, steps: slid(model, x, steps)[:, -1:], "the last forecast alone"),
        (lambda model, x, steps: model(x), "the first forecast alone"),
        (lambda model, x, steps: slid(model, x, steps - 1), "one forecast too few"),
        (
            lambda model, x, steps: torch.cat((x, slid(model, x, steps)), dim=1),
            "x and the forecasts",
        ),
        (lambda model, x, steps: slid(model, x, steps).transpose(0, 1), "steps before batch"),
        (lambda model, x, steps: x, "but (4, 5, 2) is needed"),
        (lambda model, x, steps: None, "Is `return` missing?"),
        ("model(x)", "The answer has to be a function"),
    ],
    "07.3": [
        (lambda y, yhat: False, "you say that it is none"),
        (lambda y, yhat: True, "the truth plus 0.5, and you say that it is an echo"),
        (turned_round, "you say that it is none"),
        (the_value_after, "you say that it is none"),
        (
            lambda y, yhat: (yhat - y).abs().mean() > 2,
            "it runs ahead",
        ),
        (
            lambda y, yhat: nearer(y, yhat) | ((yhat - y).abs().mean() > 15),
            "farther still from the value before",
        ),
        (first_in_one, "leave it out of both"),
        (each_step, "True or False is needed"),
        (lambda y, yhat: None, "Is `return` missing?"),
        (True, "The answer has to be a function"),
    ],
}
