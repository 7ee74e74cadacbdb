"""Exercises of lesson 02: a table's shape, columns known ahead, rows that are samples."""

import torch

from lstm_helpers.exercises._answers import as_names, show
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


def shape_of_a_batch(answer) -> Verdict:
    """x of 32 windows of 48 hours, all 6 columns in, 2 columns for 24 hours out."""
    return check_shape(
        answer,
        (32, 48, 6),
        "batch=32, seq=48, feature=6. The two columns and the 24 hours are those of y.",
        {
            (32, 48, 2): "(32, 48, 2) has the predicted columns only. All 6 go in: that two of "
            "them are predicted is a matter of y.",
            (32, 24, 2): "(32, 24, 2) is y: batch, horizon, target.",
            (32, 24, 6): "(32, 24, 6) has the horizon where the steps of the window belong.",
            (32, 72, 6): "(32, 72, 6) has the 24 hours of the horizon as well. They belong to y.",
            (
                32,
                48,
                4,
            ): "(32, 48, 4) leaves out the predicted columns. Their past goes in as well.",
            (32, 6, 48): "(32, 6, 48) makes 6 steps of 48 features. Time is seq, columns are "
            "feature.",
            (48, 32, 6): "(48, 32, 6) puts time first. With batch_first=True the batch is first.",
            (32, 48): "(32, 48) has no feature axis.",
            (32, 288): "(32, 288) puts steps and columns into one axis, 48 * 6 = 288: that is a "
            "row for a linear model.",
            (32, 1, 288): "(32, 1, 288) makes features of the lags: the LSTM would read each "
            "window in one step.",
            (32, 48, 8760): "(32, 48, 8760) has the number of rows as input_size. It is the number "
            "of columns.",
            (8760, 48, 6): "(8760, 48, 6) has a window for every row. A batch holds 32 of them.",
            (8689, 48, 6): "(8689, 48, 6) is x of all windows: 8760 - 48 - 24 + 1. A batch holds "
            "32 of them.",
            (1, 1536, 6): "(1, 1536, 6) is one window of 32 * 48 hours.",
        },
    )


_AHEAD = {"weekday", "school_holiday", "price"}
_NOT_AHEAD = {
    "temperature": "temperature was measured on the day itself. On the evening before only a "
    "forecast of it exists, and the table has none.",
    "visitors": "visitors are counted when the day is over.",
    "sales": "sales are what is to be predicted.",
}


def known_ahead(answer) -> Verdict:
    """Which columns an ice cream shop knows on the evening before."""
    names = as_names(answer)
    if names is None:
        return wrong(f"A list of column names is needed; this is {show(answer)}.")
    if unknown := sorted(names - _AHEAD - set(_NOT_AHEAD)):
        return wrong(f"There is no column {unknown[0]!r}.")
    for name, why in _NOT_AHEAD.items():
        if name in names:
            return wrong(f"Not all of these: {why}")
    if missing := sorted(_AHEAD - names):
        hints = {"price": "it stands for weeks", "school_holiday": "it is in the calendar"}
        hint = hints.get(missing[0], "nothing is surer")
        return wrong(f"{missing[0]} could have been written down as well: {hint}.")
    return right("All three can be written down on the evening before.")


def measures_of_a_ward(answer) -> Verdict:
    """A function numbers (patient, 10) -> x (patient, 5, 2): five pulses, five temperatures."""
    return first_wrong(answer, _ward, [7, 3])


def _ward(function, patients: int) -> Verdict:
    numbers = torch.arange(patients * 10.0).reshape(patients, 10)
    given = f"For numbers {tuple(numbers.shape)}"
    result = call(function, numbers.clone())
    if problem := not_a_tensor(result, given):
        return problem
    pulses, temperatures = numbers[:, :5], numbers[:, 5:]
    wanted = torch.stack((pulses, temperatures), dim=2)
    if same(result, wanted):
        return right("x[0, 1] holds column 1 and column 6: the two measures of day 1.")
    shape = tuple(result.shape)
    if shape != tuple(wanted.shape):
        return check_shape(
            shape,
            tuple(wanted.shape),
            "",
            {
                (patients, 2, 5): f"{shape} has the measures where the days belong: they are "
                "the features. transpose(1, 2) turns it.",
                (patients, 10, 1): f"{shape} makes ten steps of the ten columns. There are five "
                "days.",
                (patients, 1, 10): f"{shape} makes ten features of the ten columns: the LSTM "
                "would read all days in one step.",
                (patients, 10): f"{shape} has no axis for the measures.",
                (5, patients, 2): f"{shape} puts time first. With batch_first=True the patients "
                "are first.",
            },
        )
    for diagnosis, like in {
        "reshape(..., 5, 2) scrambles: it takes the columns two by two, so x[0, 0] holds the pulse "
        "of day 0 and the pulse of day 1.": numbers.reshape(patients, 5, 2),
        "The measures are swapped: the pulse comes first.": wanted.flip(2),
        "The days run backwards: day 0 comes first.": wanted.flip(1),
    }.items():
        if same(result, like):
            return wrong(diagnosis)
    return wrong(
        f"The shape is right, but x[0, 1] is {result[0, 1].tolist()}; for day 1 of patient 0 it "
        f"has to be {wanted[0, 1].tolist()}, columns 1 and 6."
    )


CHECKS = {"02.1": shape_of_a_batch, "02.2": known_ahead, "02.3": measures_of_a_ward}
