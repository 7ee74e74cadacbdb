"""Right and wrong answers to the exercises of lesson 09, each wrong one with its diagnosis."""

import numpy as np
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from lstm_helpers import Windows, split_by_time


def by_hour(table):
    return table["dep_delay"].groupby(table.index.hour)


def earlier(table):
    return by_hour(table).transform(lambda delay: delay.expanding().mean().shift())


def shifted_first(table):
    return by_hour(table).transform(lambda delay: delay.shift().expanding().mean())


def by_a_loop(table):
    found = []
    for row in range(len(table)):
        before = table[:row]
        before = before[before.index.hour == table.index[row].hour]
        found.append(before["dep_delay"].mean())
    return np.array(found)


def of_all(table):
    return by_hour(table).transform("mean")


def with_the_row(table):
    return by_hour(table).transform(lambda delay: delay.expanding().mean())


def moved_outside(table):
    return with_the_row(table).shift()


def whatever_the_hour(table):
    return table["dep_delay"].expanding().mean().shift()


def the_day_before(table):
    return by_hour(table).shift()


def grouped_rows(table):
    return by_hour(table).expanding().mean().droplevel(0)


def later(table):
    return by_hour(table).transform(lambda delay: delay[::-1].expanding().mean().shift()[::-1])


def median(table):
    return by_hour(table).transform(lambda delay: delay.expanding().median().shift() + 1)


def deviation_of_all(table):
    return table["dep_delay"] - table["dep_delay"].mean()


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
    "09.1": [4, np.int64(4), torch.tensor(4)],
    "09.2": [earlier, shifted_first, by_a_loop],
    "09.3": [honest, min_max],
}
WRONG = {
    "09.1": [
        (9, "the whole window"),
        (8, "on both sides"),
        (5, "counts the row itself"),
        (0, "without center=True"),
        (-4, "are the rows back"),
        (3, "is not the number"),
        ("four", "A whole number is needed"),
    ],
    "09.2": [
        (of_all, "later ones among them"),
        (with_the_row, "up to the row and with it"),
        (moved_outside, "shift inside each group"),
        (whatever_the_hour, "whatever the hour"),
        (the_day_before, "the day before alone"),
        (lambda table: earlier(table).fillna(0), "leave NaN"),
        (later, "the mean of the later rows"),
        (grouped_rows, "transform keeps the order"),
        (deviation_of_all, "they read it"),
        (median, "should hold"),
        (lambda table: earlier(table)[3:], "each row needs its own"),
        (lambda table: table, "A Series of 12 numbers is needed"),
        (lambda table: None, "Is `return` missing?"),
        (lambda table: table["delay"], "Your function raised"),
        (3.5, "The answer has to be a function"),
    ],
    "09.3": [
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
