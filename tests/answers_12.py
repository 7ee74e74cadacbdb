"""Right and wrong answers to the exercises of lesson 12, each wrong one with its diagnosis."""

import math

import numpy as np
import torch


def kth(errors, share):
    return errors.abs().sort().values[math.ceil((len(errors) + 1) * share) - 1]


def by_numpy(errors, share):
    sizes = np.sort(np.abs(errors.numpy()))
    return float(sizes[math.ceil((len(sizes) + 1) * share) - 1])


def error(model, x, y):
    return (model(x) - y).abs().mean()


def rolled(model, x, y):
    return error(model, x, y) < error(model, x.roll(1, dims=0), y)


def flipped(model, x, y):
    return bool(error(model, x, y) < error(model, x.flip(0), y))


def without_one(errors, share):
    return errors.abs().sort().values[math.ceil(len(errors) * share) - 1]


def along_the_steps(model, x, y):
    return error(model, x, y) < error(model, x.roll(1, dims=1), y)


def or_equal(model, x, y):
    return error(model, x, y) <= error(model, x.roll(1, dims=0), y)


RIGHT = {
    "12.1": [17, np.int64(17), torch.tensor(17)],
    "12.2": [kth, by_numpy],
    "12.3": [rolled, flipped],
}
WRONG = {
    "12.1": [
        (60, "Equal epochs are no equal steps"),
        (15, "count the batches of each"),
        (18, "come nearer to 240"),
        (16, "come nearer to 240"),
        (14, "the number of batches of an epoch"),
        (240, "not of epochs"),
        (210, "would be 15 epochs"),
        (4, "are not it"),
        (17.0, "A whole number is needed"),
    ],
    "12.2": [
        (
            lambda errors, share: errors.abs().sort().values[math.ceil(len(errors) * share) - 1],
            "first",
        ),
        (lambda errors, share: errors.abs().quantile(share), "lies between two errors"),
        (lambda errors, share: kth(errors, share + 0.1), "Python counts from 0"),
        (
            lambda errors, share: errors.sort().values[math.ceil((len(errors) + 1) * share) - 1],
            "signs left on",
        ),
        (lambda errors, share: errors.quantile(share), "signs left on"),
        (lambda errors, share: errors.abs().mean(), "does not know the share"),
        (lambda errors, share: 2 * kth(errors, share), "of the sizes of all errors"),
        (lambda errors, share: errors.abs(), "One number is needed"),
        (lambda errors, share: None, "Is `return` missing?"),
        (9, "The answer has to be a function"),
    ],
    "12.3": [
        (lambda model, x, y: False, "the newest step of each window"),
        (along_the_steps, "along dim 0"),
        (lambda model, x, y: True, "the smaller one"),
        (or_equal, "the model forecasts 9 whatever it reads"),
        (lambda model, x, y: error(model, x, y), "True or False is needed"),
        (lambda model, x, y: None, "Is `return` missing?"),
        (True, "The answer has to be a function"),
    ],
}
