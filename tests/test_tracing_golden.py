"""Every style of model, its whole trace compared with a text file that a person has read.

`pytest tests/test_tracing_golden.py --rewrite-golden` writes the files anew.
"""

from pathlib import Path

import pytest
import torch
from models_to_trace import Sizes, cases

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.fold import folded

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")
NAMES = list(cases(Sizes()))
# Whether these raise or cut across axes depends on the sizes: with equal ones they do neither.
DEPEND_ON_SIZES = {"scrambled", "mixed_states"}


def trace(name, sizes):
    torch.manual_seed(0)
    model, inputs, axes = cases(sizes)[name]
    return trace_shapes(model.eval(), *inputs, axes=axes)


@pytest.mark.parametrize("name", NAMES)
def test_the_trace_is_the_golden_text(name, request):
    file = GOLDEN / f"{name}.txt"
    text = f"{trace(name, Sizes())}\n"
    if request.config.getoption("--rewrite-golden"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_has_a_model():
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DEPEND_ON_SIZES])
def test_all_sizes_equal_give_the_same_names(name):
    equal = Sizes(batch=4, seq=4, feature=4, hidden=4, layers=4, horizon=4, words=4)
    assert names(trace(name, equal)) == names(trace(name, Sizes()))


def names(trace):
    steps = [step for block in folded(trace.steps) for step in block.steps]
    shown = [(step.path, {shape.names for shape in step.outputs}) for step in steps]
    ends = [[shape.names for shape in shapes] for shapes in (trace.inputs, trace.outputs)]
    return shown, ends
