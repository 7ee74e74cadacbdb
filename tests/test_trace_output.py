"""`output=`: the reader's words for what comes out, and for the parts it is made of."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from models import RIGHT, WRONG
from torch import nn

from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM, trace_shapes

X = torch.rand(5, 12, 2)
lstm, linear = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 28)


def direct(x):
    """(batch, horizon=7, target=4)"""
    return linear(lstm(x)[0][:, -1]).view(-1, 7, 4)


def of_steps(trace):
    return {step.operation: step.outputs[0].names for step in trace.steps}


def test_the_parts_of_a_split_axis_and_their_source_take_the_readers_words():
    trace = trace_shapes(direct, X, output="batch horizon target")
    assert str(trace.outputs[0]) == "batch=5, horizon=7, target=4"
    assert of_steps(trace)["Linear"] == ("batch", "horizon*target")
    assert of_steps(trace)["view(-1, 7, 4)"] == ("batch", "horizon", "target")
    assert [note.text for note in trace.notes] == ["horizon*target=28 is cut into 7 × 4."]
    assert trace.steps[-1].pattern == "batch (horizon target) -> batch horizon target, target=4"


@pytest.mark.parametrize(
    ("function", "words", "source"),
    [
        (lambda y: y.view(-1, 2, 7, 2), "batch side horizon target", "side*horizon*target"),
        (lambda y: y.view(-1, 7, 4).mT, "batch target horizon", "horizon*target"),
        (lambda y: y.view(-1, 7, 4)[:, :3].relu(), "batch horizon target", "horizon*target"),
        (lambda y: y.relu().unflatten(1, (7, 4)), "batch horizon target", "horizon*target"),
        (
            lambda y: (y.view(-1, 4, 7), y.view(-1, 7, 4))[1],
            "batch horizon target",
            "horizon*target",
        ),
        (lambda y: y[:, None], "batch horizon target", "target"),
        (lambda y: y.view(-1, 28, 1), "batch horizon target", "horizon"),
        (lambda y: y.view(-1, 7, 4), "batch ? target", "feature"),
    ],
    ids=range(8),
)
def test_whichever_way_the_output_is_made_of_it(function, words, source):
    trace = trace_shapes(lambda x: function(linear(lstm(x)[0][:, -1])), X, output=words)
    shown = trace.outputs[0].names
    assert [own for own, name in zip(words.split(), shown, strict=True) if own != name] in (
        [],
        ["?"],
    )
    assert of_steps(trace)["Linear"] == ("batch", source)


def test_a_name_that_a_layer_gave_stays_in_its_steps():
    trace = trace_shapes(lambda x: lstm(x)[0].mT, X, output="batch unit moment")
    assert of_steps(trace)["output.mT"] == ("batch", "hidden", "seq")
    assert trace.outputs[0].names == ("batch", "unit", "moment")
    assert [note.text for note in trace.notes] == [
        "output= calls axis 1 unit; in the steps it is hidden=3.",
        "output= calls axis 2 moment; in the steps it is seq=12, according to LSTM.",
    ]
    for face in (str(trace), trace._repr_html_()):
        assert "output= calls axis 1 unit" in face


def test_a_view_that_scrambles_keeps_its_name_in_the_steps():
    trace = trace_shapes(
        lambda x: x.view(12, 5, 2), X, axes="batch seq feature", output="seq batch ?"
    )
    assert of_steps(trace)["x.view(12, 5, 2)"][0] == "(batch*seq)//5"
    assert trace.outputs[0].names == ("seq", "batch", "feature")
    assert [note.kind for note in trace.notes] == ["cuts across", "called", "called"]


def test_a_name_that_axes_gave_stays_and_one_that_nobody_gave_goes_back_to_the_input():
    told = trace_shapes(lambda x: x * 2, X, axes="batch ? feature", output="batch seq target")
    assert told.inputs[0].names == ("batch", "seq", "feature")
    assert told.outputs[0].names == ("batch", "seq", "target")
    (note,) = told.notes
    assert (
        note.text
        == "output= calls axis 2 target; in the steps it is feature=2, according to axes=."
    )
    unlike = trace_shapes(lambda x: x + linear(lstm(x)[0])[..., :2], X, output="batch seq target")
    assert unlike.outputs[0].names[2] == "target"


def test_what_was_put_together_keeps_what_it_is_made_of():
    trace = trace_shapes(lambda x: torch.cat((lstm(x)[0], x), 2), X, output="batch seq both")
    assert of_steps(trace)["output.cat(2)"][2] == "hidden+feature"
    assert trace.outputs[0].names[2] == "both"


SEVERAL = [
    (["batch horizon target", "layer batch hidden"], "batch horizon target", "layer batch hidden"),
    ([["batch", "horizon", "target"], ["layer", "b", "h"]], "batch horizon target", "layer b h"),
    (("batch horizon target",), "batch horizon target", "layer batch hidden"),
    ("batch horizon target", "batch horizon target", "layer batch hidden"),
    ([None, "l b h"], "batch feature//4 feature%4", "l b h"),
]


@pytest.mark.parametrize(("output", "first", "second"), SEVERAL)
def test_several_tensors(output, first, second):
    trace = trace_shapes(lambda x: {"y": direct(x), "h": lstm(x)[1][0]}, X, output=output)
    assert [" ".join(shape.names) for shape in trace.outputs] == [first, second]


def advised(message):
    """The `output=` that an error tells to try."""
    found = re.search(r"Try (?:output=)?(.*?)(?: for output\S*)?(?:, with .*)?\.$", message)
    return eval(found.group(1))


@pytest.mark.parametrize(
    ("output", "error", "message"),
    [
        (
            "batch horizon",
            ValueError,
            "output is (batch=5, feature//4=7, feature%4=4), with 3 axes, but output gives it 2 "
            "names ('batch horizon'): give each axis one name. Try 'batch horizon ?' for output.",
        ),
        (
            "batch horizon target value",
            ValueError,
            "output is (batch=5, feature//4=7, feature%4=4), with 3 axes, but output gives it 4 "
            "names ('batch horizon target value'): give each axis one name. Try "
            "'batch horizon target' for output.",
        ),
        (
            "batch value value",
            ValueError,
            "output is (batch=5, feature//4=7, feature%4=4), but output calls axis 1 and axis 2 "
            "value ('batch value value'): give each axis a name of its own, or '?' where you have "
            "none. Try 'batch value ?' for output.",
        ),
        (
            ["batch", "horizon", "target"],
            ValueError,
            "output has 3 texts, ['batch', 'horizon', 'target'], but what comes out is output "
            "(batch=5, feature//4=7, feature%4=4): give one text for each tensor, in their order. "
            "Try output='batch horizon target'.",
        ),
        (
            ["batch horizon target", "layer batch hidden"],
            ValueError,
            "output has 2 texts, ['batch horizon target', 'layer batch hidden'], but what comes "
            "out is output (batch=5, feature//4=7, feature%4=4): give one text for each tensor, in "
            "their order. Try output=['batch ? ?'].",
        ),
        *(
            (
                output,
                TypeError,
                f"output is {what}: give the names of a tensor's axes in one text, a word for "
                f"each, and for several tensors a list of such texts. Try "
                f"output='batch horizon target', with the names that you use.",
            )
            for output, what in [
                (3, "3 of type int"),
                ([3], "a list with others than texts"),
                ([["batch", 3]], "a list with others than texts"),
                ({"y": "batch horizon target"}, "of type dict"),
                (X, "of type Tensor"),
            ]
        ),
    ],
)
def test_refusals_and_what_they_advise(output, error, message):
    with pytest.raises(error) as caught:
        trace_shapes(direct, X, output=output)
    assert str(caught.value) == message
    assert trace_shapes(direct, X, output=advised(message)).error is None


def test_names_for_an_output_that_does_not_come():
    with pytest.raises(ValueError, match="but what comes out is no tensor"):
        trace_shapes(lambda x: None, X, output="batch")
    trace = trace_shapes(nn.Sequential(lstm, linear), X, output="batch horizon target")
    assert isinstance(trace.error, TypeError)
    assert not trace.outputs


def test_arguments_by_keyword_are_inputs():
    def model(x, *, scale):
        return x * scale

    scale = torch.rand(12, 1)
    trace = trace_shapes(model, X, axes=["b s f", "s 1"], kwargs={"scale": scale})
    assert [(shape.label, shape.sizes) for shape in trace.inputs] == [
        ("x", (5, 12, 2)),
        ("scale", (12, 1)),
    ]
    assert trace.outputs[0].names == ("b", "s", "f")
    wrote = trace_shapes(lambda x, scale: scale.zero_(), X, kwargs={"scale": scale})
    assert wrote.error is None
    assert scale.abs().sum() > 0


SIZES = st.integers(1, 6)


@given(batch=SIZES, seq=SIZES, feature=SIZES, hidden=SIZES, horizon=SIZES, target=SIZES)
def test_the_models_of_the_package_speak_horizon_and_target(
    batch, seq, feature, hidden, horizon, target
):
    x = torch.rand(batch, seq, feature)
    one = trace_shapes(ManyToOneLSTM(feature, hidden, target, horizon=horizon), x)
    assert str(one.outputs[0]) == f"batch={batch}, horizon={horizon}, target={target}"
    assert one.steps[-1].outputs[0].names == ("batch", "horizon", "target")
    (made,) = (step.outputs[0] for step in one.steps if step.operation == "Linear")
    whole = "horizon" if horizon > target == 1 else "target" if target > horizon == 1 else None
    assert made.names == ("batch", whole or "horizon*target")
    many = trace_shapes(ManyToManyLSTM(feature, hidden, target), x)
    assert str(many.outputs[0]) == f"batch={batch}, seq={seq}, target={target}"
    assert many.steps[-1].outputs[0].names == ("batch", "seq", "target")
    assert {note.kind for note in (*one.notes, *many.notes)} <= {"splits"}


@given(st.data())
def test_any_split_of_any_axis_takes_any_words(data):
    sizes = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=4))
    words = [f"word{i}" for i in range(len(sizes))]
    layer = nn.Linear(2, torch.Size(sizes).numel())
    trace = trace_shapes(
        lambda x: layer(x).view(5, 12, *sizes), X, output=[["moment", "time", *words]]
    )
    assert trace.outputs[0].names == ("moment", "time", *words)
    assert trace.steps[0].outputs[0].names == ("moment", "time", "*".join(words))
    assert trace.inputs[0].names == ("moment", "time", "feature")


WORDS = {
    "direct_forecast": "batch horizon target",
    "encoder_decoder": "batch horizon target",
    "many_to_one": "batch target",
    "many_to_many": "batch seq target",
    "embedding": "batch seq word",
    "self_attention": ["batch target", "batch query key"],
    "repeated_context": "horizon batch target",
    "cells_in_a_loop": "batch seq target",
    "newcomer": "target",
    "packed": "batch target",
}


@pytest.mark.parametrize("name", WORDS)
def test_models_of_the_zoo_in_the_readers_words(name):
    (model,) = (m for m in (*WRONG, *RIGHT) if m.golden == name)
    made, inputs = model.make().eval(), model.inputs()
    trace = trace_shapes(made, *inputs, output=WORDS[name])
    plain = trace_shapes(made, *inputs)
    each = [WORDS[name]] if isinstance(WORDS[name], str) else WORDS[name]
    assert [" ".join(shape.names) for shape in trace.outputs] == each
    assert [s.sizes for s in trace.outputs] == [s.sizes for s in plain.outputs]
    for ours, old in zip(trace.steps, plain.steps, strict=True):
        for shape, before in zip(ours.outputs, old.outputs, strict=True):
            for word, name in zip(shape.names, before.names, strict=True):
                decoded = ours.operation == "cat(dim=1)" and name == "seq"  # steps of size 1
                assert word == name or name == "?" or name.startswith("feature") or decoded


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", [*WRONG, *RIGHT], ids=str)
def test_every_model_of_the_zoo_takes_any_words(model):
    axes = " ".join(model.axes)
    plain = trace_shapes(model.make(), *model.inputs(), axes=axes)
    words = [
        [f"out{i}axis{d}" for d in range(len(out.sizes))] for i, out in enumerate(plain.outputs)
    ]
    trace = trace_shapes(model.make(), *model.inputs(), axes=axes, output=words)
    assert type(trace.error) is type(plain.error)
    assert [list(shape.names) for shape in trace.outputs] == words
    assert [s.sizes for s in trace.inputs] == [s.sizes for s in plain.inputs]
    for ours, before in zip(trace.steps, plain.steps, strict=True):
        assert [shape.sizes for shape in ours.outputs] == [shape.sizes for shape in before.outputs]
        for shape in ours.outputs:
            known = [name for name in shape.names if name not in ("?", "1")]
            assert len(set(known)) == len(known), shape
    for shape, before in zip(trace.outputs, plain.outputs, strict=True):
        for at, name in enumerate(before.names):
            noted = any(f"calls axis {at} " in note.text for note in shape.notes)
            unnamed = name in ("?", "1") or re.match(r"feature|channel|[a-z]+(//|%)", name)
            assert noted or unnamed or name in ("seq", "horizon", "target"), name


@pytest.mark.parametrize(
    "text", ["batch, horizon, target", "(batch,horizon,target)", "[batch horizon target]"]
)
def test_names_may_stand_as_in_a_tuple(text):
    assert trace_shapes(direct, X, output=text).outputs[0].names == ("batch", "horizon", "target")
    renamed = trace_shapes(direct, X, axes=text).inputs[0].names
    assert renamed == ("batch", "horizon", "target")


def test_where_no_tensor_comes_out_there_is_nothing_to_name():
    with pytest.raises(ValueError, match=r"1 text, \['batch'\].* no tensor.* Try output=None"):
        trace_shapes(lambda x: 3, X, output="batch")
    assert trace_shapes(lambda x: 3, X, output=None).outputs == ()
