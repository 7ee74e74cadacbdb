"""Right and wrong answers to the exercises of lesson 02, each wrong one with its diagnosis."""

import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from lstm_helpers import Windows, split_by_time


def as_tables(scaler=None):
    return (scaler or StandardScaler()).set_output(transform="pandas")


def honest(table, scaler=None, **how):
    train, _, test = split_by_time(table, val=0, test=20, context=6)
    scaler = as_tables(scaler).fit(train)
    return tuple(Windows(scaler.transform(part), 6, **how) for part in (train, test))


def min_max(table):
    return list(honest(table, MinMaxScaler((-1, 1)), dtype=torch.float64))


def the_exercise(table):
    scaled = as_tables().fit_transform(table)
    return Windows(scaled.iloc[:-20], seq_len=6), Windows(scaled.iloc[-20:], seq_len=6)


def fitted_on_everything(table):
    scaled = as_tables().fit_transform(table)
    return Windows(scaled.iloc[:-20], seq_len=6), Windows(scaled.iloc[-26:], seq_len=6)


def fitted_twice(table):
    parts = table.iloc[:-20], table.iloc[-26:]
    return tuple(Windows(as_tables().fit_transform(part), seq_len=6) for part in parts)


def unscaled(table):
    return Windows(table.iloc[:-20], seq_len=6), Windows(table.iloc[-26:], seq_len=6)


def trained_on_the_test(table):
    train, test = as_tables().fit_transform(table.iloc[:-10]), table.iloc[-26:]
    return Windows(train, seq_len=6), Windows(test, seq_len=6)


def too_much_context(table):
    return Windows(table.iloc[:-20], seq_len=6), Windows(table.iloc[-30:], seq_len=6)


def longer_windows(table):
    return Windows(table.iloc[:-20], seq_len=7), Windows(table.iloc[-27:], seq_len=7)


def one_target(table):
    return honest(table, target="column 0")


def shorter_training(table):
    train, test = honest(table)
    return Windows(table.iloc[30:-20] / 10, seq_len=6), test


def tensors(table):
    return tuple(windows.x for windows in honest(table))


def arrays(table):
    train, _, test = split_by_time(table, val=0, test=20, context=6)
    scaler = StandardScaler().fit(train)
    return tuple(Windows(scaler.transform(part), 6) for part in (train, test))


RIGHT = {
    "02.1": [(32, 48, 6), [32, 48, 6], torch.Size([32, 48, 6])],
    "02.2": [
        ["weekday", "school_holiday", "price"],
        ("price", "weekday", "school_holiday"),
        {"weekday", "price", "school_holiday"},
    ],
    "02.3": [honest, min_max],
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
        ((32, 288), "a row for ridge regression"),
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
        (the_exercise, "14 of the last 20 rows are predicted"),
        (fitted_on_everything, "the scaler has seen them"),
        (fitted_twice, "each part has a scaler of its own"),
        (unscaled, "Nothing has been scaled"),
        (trained_on_the_test, "reach into the last 20 rows, as far as 2013-03-11"),
        (too_much_context, "predict 2013-02-26 already"),
        (longer_windows, "Windows of 6 steps"),
        (one_target, "predicted: Windows: 54 windows, x (seq=6, feature=2), y (horizon=1, target"),
        (shorter_training, "Only 24 training windows: 54 fit before the test."),
        (tensors, "this is a tuple of Tensor, Tensor"),
        (arrays, "The dates are gone"),
        (lambda table: None, "Is `return` missing?"),
        (lambda table: table[:, 0], "Your function raised"),
        ("prepare", "The answer has to be a function"),
    ],
}
