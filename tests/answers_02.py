"""Right and wrong answers to the exercises of lesson 02, each wrong one with its diagnosis."""

import torch


def stacked(numbers):
    return torch.stack((numbers[:, :5], numbers[:, 5:]), dim=2)


def turned(numbers):
    return numbers.reshape(-1, 2, 5).transpose(1, 2)


def scrambled(numbers):
    return numbers.reshape(-1, 5, 2)


def last_day_twice(numbers):
    x = stacked(numbers)
    return torch.cat((x[:, :1], x[:, 2:], x[:, 4:]), dim=1)


RIGHT = {
    "02.1": [(32, 48, 6), [32, 48, 6], torch.Size([32, 48, 6])],
    "02.2": [
        ["weekday", "school_holiday", "price"],
        ("price", "weekday", "school_holiday"),
        {"weekday", "price", "school_holiday"},
    ],
    "02.3": [stacked, turned],
}
WRONG = {
    "02.1": [
        ((32, 72, 6), "They belong to y"),
        ((32, 48, 4), "leaves out the predicted columns"),
        ((32, 48, 2), "has the predicted columns only"),
        ((32, 24, 2), "is y: batch, horizon, target"),
        ((32, 6, 48), "makes 6 steps of 48 features"),
        ((48, 32, 6), "puts time first"),
        ((32, 1, 288), "makes features of the lags"),
        ((32, 288), "a row for a linear model"),
        ((32, 48, 8760), "has the number of rows as input_size"),
        ((8689, 48, 6), "is x of all windows"),
        ((32, 48, 6, 1), "has 4 axes; 3 are needed"),
        ("32, 48, 6", "A shape is a tuple of whole numbers"),
    ],
    "02.2": [
        (["weekday", "temperature"], "only a forecast of it exists"),
        (["weekday", "visitors"], "counted when the day is over"),
        (["sales"], "what is to be predicted"),
        (["weekday", "price"], "school_holiday could have been written down as well"),
        ("weekday", "price could have been written down as well"),
        (["weekday", "school_holiday", "price", "weather"], "There is no column 'weather'"),
        (3, "A list of column names is needed"),
    ],
    "02.3": [
        (scrambled, "scrambles: it takes the columns two by two"),
        (lambda numbers: numbers.reshape(-1, 2, 5), "(7, 2, 5) has the measures where the days"),
        (lambda numbers: numbers[:, :, None], "(7, 10, 1) makes ten steps of the ten columns"),
        (lambda numbers: numbers[:, None], "(7, 1, 10) makes ten features"),
        (lambda numbers: numbers, "(7, 10) has no axis for the measures"),
        (lambda numbers: stacked(numbers).transpose(0, 1), "(5, 7, 2) puts time first"),
        (lambda numbers: stacked(numbers).flip(2), "The measures are swapped"),
        (lambda numbers: stacked(numbers).flip(1), "The days run backwards"),
        (last_day_twice, "x[0, 1] is [2.0, 7.0]; for day 1 of patient 0 it has to be [1.0, 6.0]"),
        (lambda numbers: stacked(numbers)[:3], "not the right sizes"),
        (lambda numbers: numbers.reshape(7, 2, 5).transpose(1, 2), "raised RuntimeError"),
        (lambda numbers: stacked(numbers).numpy(), "not a tensor"),
        (lambda numbers: None, "Is `return` missing?"),
        ((500, 5, 2), "The answer has to be a function"),
    ],
}
