"""What lines bind, against the truth: a plain trace function that looks at all local names."""

import sys
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import torch
from models import RIGHT, WRONG
from torch import Tensor

from lstm_helpers import trace_shapes
from lstm_helpers._running.copies import uncompiled

HERE = str(Path(__file__).parent)
ALL = [*WRONG, *RIGHT]
PARTS = ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>", "<module>")


class Plain:
    """Which local names have another tensor, or one of another shape, after which line.

    `bound[file, line][name]` are the shapes in order; `returned` is what the outermost gave.
    """

    def __init__(self):
        self.bound = defaultdict(lambda: defaultdict(list))
        self.alive = []

    def run(self, model, inputs):
        self.latest = {}
        sys.settrace(self)
        try:
            with redirect_stdout(StringIO()):
                model(*inputs)
        except Exception as error:
            self.error = error
        finally:
            sys.settrace(None)

    def __call__(self, frame, event, arg):
        code = frame.f_code
        if not code.co_filename.startswith(HERE) or code.co_name in PARTS:
            return None
        line, before = self.latest.get(frame, (None, {}))
        now = {
            name: (id(value), tuple(value.shape))
            for name, value in frame.f_locals.items()
            if isinstance(value, Tensor)
        }
        self.alive += [frame, list(frame.f_locals.values())]
        if event in ("line", "return") and line is not None:
            for name, (at, shape) in now.items():
                if before.get(name) != (at, shape) and name != "_":
                    self.bound[code.co_filename, line][name].append(shape)
        if event == "exception":
            self.latest[frame] = (None, now)
        else:
            self.latest[frame] = (frame.f_lineno if event != "call" else None, now)
        return self


def ours(trace):
    """The same of the annotated lines: shapes by name."""
    found = {}
    for line in trace.lines:
        by_name = defaultdict(list)
        for run in line.runs:
            for seen in run:
                by_name[seen.name].append(seen.shape)
        for number in range(line.number, line.last + 1):
            found[line.function.filename, number] = by_name
    return found


def is_part(few, many):
    rest = iter(many)
    return all(shape in rest for shape in few)


COUNT = Counter()  # of this process: the models may be shared out among several


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", ALL, ids=str)
def test_each_name_has_the_shapes_that_it_was_bound_to(model):
    trace = trace_shapes(model.make(), *model.inputs(), axes=" ".join(model.axes))
    COUNT["models"] += 1
    plain, twin = Plain(), uncompiled(model.make())
    plain.run(twin, model.inputs())
    shown = ours(trace)
    for at, names in plain.bound.items():
        if at not in shown:
            assert isinstance(twin, torch.jit.ScriptModule), at
            continue
        for name, shapes in names.items():
            assert is_part(shapes, shown[at][name]), (at, name)
            assert set(shown[at][name]) >= set(shapes)
            COUNT["bound"] += 1
    bound = defaultdict(set)
    for (file, _), names in plain.bound.items():
        for name, shapes in names.items():
            bound[file, name] |= set(shapes)
    for line in trace.lines:  # and nothing else is shown under these names
        for seen in (seen for run in line.runs for seen in run):
            if seen.name.isidentifier() and line.kind == "bind":
                known = bound[line.function.filename, seen.name]
                parameter = seen.name in line.function.code.co_varnames
                assert seen.shape in known or parameter, (line, seen)


def test_many_names_were_compared():
    assert COUNT["bound"] >= COUNT["models"]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", ALL, ids=str)
def test_what_the_model_returns_has_the_names_of_the_trace(model):
    COUNT["models asked"] += 1
    made = uncompiled(model.make())
    trace = trace_shapes(made, *model.inputs(), axes=" ".join(model.axes))
    own = getattr(getattr(made, "forward", made), "__code__", None)
    last = [line.runs[-1] for line in trace.lines if line.function.code is own and line.runs][-1:]
    if trace.error is None and last:
        outputs = [(shape.sizes, shape.names) for shape in trace.outputs]
        shown = [(seen.shape, seen.names) for seen in last[0]]
        assert shown[-len(outputs) :] == outputs
        COUNT["returned"] += 1
    assert str(trace.annotated())


def test_many_models_were_compared():
    assert COUNT["returned"] >= 0.7 * COUNT["models asked"]
