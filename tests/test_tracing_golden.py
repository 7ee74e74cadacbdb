"""Every style of model, its whole trace compared with a text file that a person has read.

`pytest tests/test_tracing_golden.py --rewrite-golden` writes the files anew.
"""

from pathlib import Path

import pytest
from models import RIGHT, WRONG
from models.data import SIZES, Sizes

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.fold import folded

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections")
MODELS = {model.golden: model for model in (*WRONG, *RIGHT) if model.golden}
TOLD_THE_AXES = {"time_first", "forgotten_batch_first", "from_scratch", "scrambled"}
# Whether these raise or cut across axes depends on the sizes: with equal ones they do neither.
DEPEND_ON_SIZES = {"scrambled", "mixed_states"}


def trace(name, sizes):
    model = MODELS[name]
    axes = " ".join(model.axes) if name in TOLD_THE_AXES else None
    return trace_shapes(model.make(sizes).eval(), *model.inputs(sizes), axes=axes)


@pytest.mark.parametrize("name", MODELS)
def test_the_trace_is_the_golden_text(name, request):
    file = GOLDEN / f"{name}.txt"
    text = f"{trace(name, SIZES)}\n"
    if request.config.getoption("--rewrite-golden"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_golden_file_has_a_model():
    assert {file.stem for file in GOLDEN.glob("*.txt")} == MODELS.keys()


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DEPEND_ON_SIZES])
def test_all_sizes_equal_give_the_same_names(name):
    equal = Sizes(batch=4, seq=4, feature=4, hidden=4, layers=4, horizon=4, words=4)
    assert names(trace(name, equal)) == names(trace(name, SIZES))


def names(trace):
    steps = [step for block in folded(trace.steps) for step in block.steps]
    shown = [(step.path, {shape.names for shape in step.outputs}) for step in steps]
    ends = [[shape.names for shape in shapes] for shapes in (trace.inputs, trace.outputs)]
    return shown, ends
