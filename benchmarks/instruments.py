"""What the instruments cost, in forwards of the model or in calls of the preparation they ask."""

import copy

import torch
from measuring import ROUNDS, Measure, in_turns

from lstm_helpers import (
    ManyToManyLSTM,
    check_model,
    check_preparation,
    dependencies,
    load_nyc_departures,
    trace_shapes,
)

SIZE, LONG = (8, 200, 20), (4, 500, 10)


def in_forwards(ask, size=SIZE, many: int = 20) -> list[float]:
    """The time of `ask(model, x)` in forwards of the batch in float64."""
    torch.manual_seed(0)
    x, model = torch.rand(size), ManyToManyLSTM(size[-1], 16).eval()
    twin, x_twin = copy.deepcopy(model).double(), x.double()

    def forwards():
        with torch.no_grad():
            for _ in range(many):
                twin(x_twin)

    return [ratio * many for ratio in in_turns(lambda: ask(model, x), forwards)]


def annotating() -> list[float]:
    model, x = ManyToManyLSTM(2, 16).eval(), torch.rand(5, 12, 2)
    return in_turns(lambda: trace_shapes(model, x).annotated(), lambda: trace_shapes(model, x))


def week_before(table):
    """A preparation: each column, less the median of the 7 days before, which have 19 rows each."""
    return table - table.rolling(7 * 19).median()


def departures():
    return load_nyc_departures().select_dtypes("number")


def calls_of_prepare() -> list[float]:
    """Counted, and the same each time: twice the table itself, and twice at each of five cuts.

    These are the three asked for, the end of the longest gap, and shortly before the last row.
    """
    calls = []
    check_preparation(lambda table: calls.append(1) or week_before(table), departures(), cuts=3)
    return [float(len(calls))] * ROUNDS


def in_calls_of_prepare() -> list[float]:
    table, many = departures(), 10
    return [
        ratio * many
        for ratio in in_turns(
            lambda: check_preparation(week_before, table),
            lambda: [week_before(table) for _ in range(many)],
        )
    ]


MEASURES = [
    Measure("trace_shapes / a forward of (8, 200, 20)", lambda: in_forwards(trace_shapes)),
    Measure("annotated / trace_shapes, a small model", annotating, at_most=5),
    Measure("check_model / a forward of (8, 200, 20)", lambda: in_forwards(check_model)),
    Measure(
        "dependencies / a forward of (8, 200, 20), with 200 steps",
        lambda: in_forwards(dependencies),
        at_most=200,
    ),
    Measure(
        "dependencies / a forward of (4, 500, 10), with 500 steps",
        lambda: in_forwards(dependencies, LONG),
        at_most=500,
    ),
    Measure(
        "check_preparation, calls of prepare for five cuts: 2, and 2 a cut",
        calls_of_prepare,
        at_most=12,
    ),
    Measure(
        "check_preparation / a call of prepare, medians of 7 days, five cuts",
        in_calls_of_prepare,
    ),
]
