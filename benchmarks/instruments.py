"""What the instruments cost, in forwards of the model that they look at."""

import copy

import torch
from measuring import Measure, in_turns

from lstm_helpers import ManyToManyLSTM, check_model, dependencies, trace_shapes

SIZE = 8, 200, 20


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


MEASURES = [
    Measure("trace_shapes / a forward of (8, 200, 20)", lambda: in_forwards(trace_shapes)),
    Measure("annotated / trace_shapes, a small model", annotating, at_most=5),
    Measure("check_model / a forward of (8, 200, 20)", lambda: in_forwards(check_model)),
    Measure(
        "dependencies / a forward of (8, 200, 20), with 200 steps",
        lambda: in_forwards(dependencies),
        at_most=200,
    ),
]
