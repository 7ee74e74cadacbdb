"""`trace_shapes` as its users meet it: what it shows, what it leaves as it was, what it refuses."""

import random

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from as_before import left_as_it_was
from models import RIGHT, WRONG
from models.small import Restless
from models.traced import Newcomer
from page import Page
from torch import nn

from lstm_helpers import ManyToOneLSTM, trace_shapes
from lstm_helpers._tracing.fold import folded

X = torch.rand(5, 12, 2)
ALL = [*WRONG, *RIGHT]


def traced(model):
    """The trace; the model and its batch have to be as before."""
    made, inputs = model.make(), model.inputs()
    with left_as_it_was(made, inputs):
        return trace_shapes(made, *inputs, axes=" ".join(model.axes))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", ALL, ids=str)
def test_every_model_is_traced_and_stays_as_it_was(model):
    trace = traced(model)
    assert isinstance(trace.error, TypeError | RuntimeError if model.raises else type(None))
    assert trace.steps


def shown(trace):
    return [f"{step.path} {step.operation}".strip() for step in trace.steps]


def test_the_newcomers_class_twice_in_a_row():
    """It keeps its hidden state: the second call would read the first one's."""
    model, x = Newcomer(), torch.rand(12, 1)
    first, again = trace_shapes(model, x), trace_shapes(model, x)
    assert str(first) == str(again)
    names = [shape.names for step in first.steps for shape in step.outputs]
    assert not any("?" in name for shape in names for name in shape)
    (merging,) = (step for step in first.steps if step.operation.endswith("view(-1, 3)"))
    assert str(merging.outputs[0]) == "batch*seq=12, hidden=3"
    assert merging.pattern == "batch seq hidden -> (batch seq) hidden"
    assert "Every time step became a row of its own" in merging.notes[0].text


@pytest.mark.parametrize("steps", [12, 1], ids=["runs", "raises"])
@pytest.mark.parametrize("training", [True, False])
def test_everything_is_as_before(steps, training, capsys):
    model = Restless().train(training)
    model.lstm.register_forward_hook(lambda *_: None)
    x = torch.rand(5, steps, 2)
    model.lstm(x)[0].sum().backward()
    kept = x.clone()
    hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()]
    gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()

    trace = trace_shapes(model, x)

    assert (trace.error is None) == (steps > 1)
    assert capsys.readouterr().out == ""
    assert (model.calls, model.seen, model.hidden) == (0, [], None)
    assert all(m.training == training for m in model.modules())
    assert torch.equal(x, kept)
    assert hooks == [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()]
    for before, parameter in zip(gradients, model.parameters(), strict=True):
        assert (before is None) == (parameter.grad is None)
        assert before is None or torch.equal(before, parameter.grad)
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), drawn[0])
    assert random.getstate() == drawn[1]
    assert (np.random.get_state()[1] == drawn[2]).all()


def test_a_model_that_raises_is_traced_up_to_the_error():
    model = nn.Sequential(nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1))
    trace = trace_shapes(model, X)
    assert isinstance(trace.error, TypeError)
    assert shown(trace) == ["0 LSTM", "1 Linear"]
    assert trace.steps[-1].notes[-1].kind == "error"
    last = str(trace).splitlines()[-1]
    assert last.strip().startswith("TypeError: linear(): argument 'input'")
    assert trace.outputs == ()


def test_wrong_features_name_the_layer():
    trace = trace_shapes(ManyToOneLSTM(2, 3), torch.rand(5, 12, 7))
    assert "ValueError: x is (batch=5, seq=12, feature=7)" in " ".join(str(trace).split())


def test_two_axes_are_called_unbatched():
    trace = trace_shapes(nn.LSTM(2, 3, batch_first=True), torch.rand(12, 2))
    assert trace.inputs[0].names == ("seq", "feature")
    assert "unbatched" in {note.kind for note in trace.notes}


def test_the_callers_names_and_the_layers_reading_may_disagree():
    forgotten = trace_shapes(nn.LSTM(2, 3), X, axes="batch seq feature")
    assert "disagrees" in {note.kind for note in forgotten.notes}
    meant = trace_shapes(nn.LSTM(2, 3), X, axes="seq batch feature")
    assert not meant.notes


def test_long_loops_are_folded():
    cell = nn.LSTMCell(2, 3)

    def loop(x):
        h = c = torch.zeros(x.shape[0], 3)
        for t in range(x.shape[1]):
            h, c = cell(x[:, t], (h, c))
        return h

    short, long = (str(trace_shapes(loop, torch.rand(5, steps, 2))) for steps in (20, 200))
    assert "200 times:" in long
    assert short.count("\n") == long.count("\n") < 15


def test_html_escapes_what_comes_from_users():
    evil = "<script>alert(1)</script>"
    model = nn.Sequential()
    model.add_module(evil, type(evil, (nn.Linear,), {})(2, 3))
    trace = trace_shapes(model, X, axes=f"batch seq {evil}")
    page = Page(trace._repr_html_())
    assert page.tags <= {
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "br",
        "small",
    }
    assert evil in page.text

    def broken(x):
        raise ValueError(evil)

    assert "script" not in Page(trace_shapes(broken, X)._repr_html_()).tags


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", [m for m in ALL if m.golden], ids=lambda m: m.golden)
def test_the_three_faces_tell_the_same(model):
    trace = traced(model)
    assert repr(trace) == str(trace)
    html = Page(trace._repr_html_()).text
    ax = trace.plot()
    assert ax.figure.get_size_inches()[0] * ax.figure.dpi == 800
    ax.figure.canvas.draw()
    drawn = " ".join(text.get_text() for text in ax.texts)
    for step in folded(trace.steps)[0].steps:
        assert step.operation in html
        assert "".join(step.operation.split()) in "".join(drawn.split())
    plt.close(ax.figure)


def test_the_picture_shows_each_axis_of_a_simple_model():
    ax = trace_shapes(ManyToOneLSTM(2, 3), X).plot()
    texts = {line for text in ax.texts for line in text.get_text().splitlines()}
    assert {"batch=5", "seq=12", "feature=2", "hidden=3", "(5, 12, 2)", "(5, 12, 3)"} <= texts
    for text in ax.texts:  # nothing is cut off
        box = text.get_window_extent()
        assert 0 <= box.x0 < box.x1 <= 800, text.get_text()


@pytest.mark.parametrize(
    ("model", "inputs", "names"),
    [
        (
            lambda x: {"a": x.mean(1), "b": (x, x[0])},
            [X],
            ["output['a']", "output['b'][0]", "output['b'][1]"],
        ),
        (lambda: torch.rand(3), [], ["output"]),
        (lambda x: None, [X], []),
    ],
)
def test_any_callable_and_any_result(model, inputs, names):
    trace = trace_shapes(model, *inputs)
    assert trace.error is None
    assert [shape.label for shape in trace.outputs] == names


@pytest.mark.parametrize(
    ("model", "axes", "error", "message"),
    [
        (
            nn.LSTM(2, 3),
            "batch seq",
            ValueError,
            "input 0 is (5, 12, 2): 3 axes, but axes gives it 2 names ('batch seq'): "
            "give each axis one name.",
        ),
        (
            nn.LSTM(2, 3),
            ["seq batch feature", "layer batch hidden"],
            ValueError,
            "axes has 2 texts, ['seq batch feature', 'layer batch hidden'], but the model gets 1 "
            "input tensor: give one text for each tensor, in their order.",
        ),
        (
            nn.LSTM(2, 3),
            ["batch", "seq", "feature"],
            ValueError,
            "axes has 3 texts, ['batch', 'seq', 'feature'], but the model gets 1 input tensor: "
            "give one text for each tensor, in their order. Try axes='batch seq feature'.",
        ),
        *(
            (
                nn.LSTM(2, 3),
                axes,
                TypeError,
                f"axes is {what}; input 0 is (5, 12, 2): give the names of a tensor's axes in one "
                f"text, a word for each, and for several tensors a list of such texts. "
                f"Try axes='batch seq feature', with the names that you know.",
            )
            for axes, what in [
                (3, "3 of type int"),
                ([3], "a list with others than texts"),
                ([["batch", "seq", "feature"]], "a list with others than texts"),
                ({"x": "batch seq feature"}, "of type dict"),
                (X, "of type Tensor"),
            ]
        ),
        (
            "lstm",
            None,
            TypeError,
            "model is 'lstm' of type str, which can't be called: pass a module or a function of "
            "tensors, and then what it is called with.",
        ),
    ],
)
def test_refusals(model, axes, error, message):
    with pytest.raises(error) as caught:
        trace_shapes(model, X, axes=axes)
    assert str(caught.value) == message
