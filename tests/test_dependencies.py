"""The chart of which output depends on which input, both ways of finding it, and what stays."""

import copy
import doctest
import random

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from as_before import left_as_it_was
from models import RIGHT, WRONG
from models.small import Stateful, Tokens, every_step, last_six, last_step, series, words
from models.unread import rounded
from models.ways_to_write import lazy
from numpy import random as np_random
from torch import nn

from lstm_helpers import chart, dependencies

LOWER = np.tril(np.ones((12, 12), dtype=bool))
MIXING = {
    "batch_first forgotten",
    "the batch read as one sequence",
    "h_n flattened by view",
    "time first for a layer with batch_first",
    "one sample's number for all",
    "a state given to another sample",
    "samples in another order",
    "statistics over the batch",
}
LOOKING_AHEAD = {
    "two directions at every step",
    "one layer over all steps",
    "attention to later steps",
    "padding on both sides",
    "a statistic over the whole window",
    "the last state at every step",
}
ONE_CALL_IS_NOT_THE_NEXT = {"a state kept between calls", "random in eval mode"}
RUNNING = [m for m in WRONG if not m.raises]


def chart_of(model):
    """The chart; the model and its batch have to be as before."""
    made, inputs = model.make(), model.inputs()
    with left_as_it_was(made, inputs):
        return dependencies(made, *inputs, axes=" ".join(model.axes))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", RIGHT, ids=str)
def test_the_chart_of_every_right_model_and_what_stays_as_it_was(model):
    chart = chart_of(model)
    assert not chart.mixes_samples
    assert chart.seq[:, -1].any() or "lengths" in model.how
    assert chart.is_causal or not model.how.get("causal")


@pytest.mark.slow
@pytest.mark.parametrize("model", RUNNING, ids=str)
def test_the_chart_of_every_wrong_model_and_what_stays_as_it_was(model):
    chart = chart_of(model)
    if model.mistake in ONE_CALL_IS_NOT_THE_NEXT:
        return
    if model.mistake in MIXING:  # rows that are layers are apart, but too many
        assert chart.mixes_samples or len(chart.seq) == model.make().lstm.num_layers
    assert not (chart.is_causal and model.mistake in LOOKING_AHEAD)
    assert chart.seq.any() == (model.mistake != "x ignored")
    assert not chart.seq[:, -1].any() or model.mistake != "the newest step ignored"


@pytest.mark.parametrize("bidirectional", [False, True])
def test_integers_are_replaced(bidirectional):
    found = dependencies(Tokens(bidirectional), words(), axes="batch seq")
    assert found.way == "replacement"
    assert found.is_causal != bidirectional
    assert (found.seq == (LOWER | bidirectional)).all()
    assert (found.batch == np.eye(5, dtype=bool)).all()


def test_a_closure_gives_the_same_chart():
    model = every_step()
    found = dependencies(lambda x: model(x).view(-1, 1), series())
    assert found.way == "replacement"
    assert found.output_axes == ("batch", "seq", "target")
    assert (found.seq == LOWER).all()


def test_the_right_axes_are_found_when_all_sizes_agree():
    model = nn.LSTM(6, 6)
    found = dependencies(model, series(6, 6, 6), axes="seq batch feature")
    assert found.output_axes == ("seq", "batch", "target")
    assert found.is_causal
    assert not found.mixes_samples
    assert dependencies(model, series(6, 6, 6)).mixes_samples


@pytest.mark.parametrize("seed", range(12))
def test_a_closed_relu_or_a_zero_head_hides_nothing(seed):
    torch.manual_seed(seed)
    relu = nn.Sequential(last_step(), nn.ReLU())
    zero = last_step()
    nn.init.zeros_(zero.head.weight)
    for model in (relu, zero):
        assert dependencies(model, series()).seq.all()


def test_long_sequences_do_not_fade():
    found = dependencies(last_step(), series(2, 400, 2))
    assert found.seq.all()


def test_raw_passengers_do_not_saturate_it():
    assert dependencies(last_step(), 300 + 100 * series()).seq.all()


def test_features_and_hidden_units_on_request():
    found = dependencies(last_step(bidirectional=True, width=6), series())
    assert found.between("target", "feature").all()
    lstm = nn.LSTM(2, 3, batch_first=True, bidirectional=True)
    both = dependencies(lambda x: lstm(x)[0][:, -1], series())
    assert both.between("hidden", "seq").sum(1).tolist() == [12, 12, 12, 1, 1, 1]


def test_other_outputs():
    found = dependencies(lambda x: x.mean(), series())
    assert found.output_axes == ()
    assert found.mixes_samples
    assert (found.seq.shape, found.batch.shape) == ((1, 12), (1, 5))
    alone = dependencies(nn.LSTM(2, 3), series()[0], axes="seq feature")
    assert alone.batch is None
    assert not alone.mixes_samples
    assert dependencies(lambda x: {"yhat": (x, None)}, series()).is_causal


def test_the_text_is_the_same_each_run():
    model = every_step(bidirectional=True, width=6)
    assert str(dependencies(model, series())) == str(dependencies(model, series()))
    assert "causal: no · mixes samples: no" in str(dependencies(model, series()))


@pytest.mark.parametrize("closure", [False, True])
def test_everything_is_left_as_it_was(closure):
    torch.manual_seed(3)
    calls = []
    model = nn.Sequential(Stateful(), nn.Dropout(0.5), nn.BatchNorm1d(12)).train()
    model[1].eval()
    handle = model[0].head.register_forward_hook(lambda *_: calls.append(1))
    model(series()).sum().backward()
    model[0].state = None
    loss = model(series()).sum()
    x = series().requires_grad_()
    before = copy.deepcopy(model.state_dict())
    kept = model[0].state
    grads = [p.grad.clone() for p in model.parameters()]
    hooks = dict(model[0].head._forward_hooks)
    states = torch.get_rng_state(), np_random.get_state()[1].copy(), random.getstate()

    dependencies((lambda x: model(x)) if closure else model, x)

    assert torch.equal(torch.get_rng_state(), states[0])
    assert (np_random.get_state()[1] == states[1]).all()
    assert random.getstate() == states[2]
    assert [m.training for m in model.modules()] == [True, True, True, True, False, True]
    assert model[0].state is kept
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert dict(model[0].head._forward_hooks) == hooks
    assert x.grad is None
    assert torch.get_default_dtype() == torch.float32
    handle.remove()
    loss.backward()  # no version was bumped under a graph that still waits


def test_errors_say_what_came_what_is_needed_and_what_to_try():
    b, t = 4, 9
    with pytest.raises(ValueError) as caught:
        dependencies(last_step(), torch.rand(b, t))
    assert str(caught.value) == (
        f"the first input is ({b}, {t}): 2 axes, but axes='batch seq feature' names 3: each axis "
        'needs one name of its own, one of them seq. Try axes="batch seq" (tokens, one variable) '
        'or "seq feature" (one unbatched sequence).'
    )
    with pytest.raises(TypeError, match=r"the first input is \[\[1\.0\]\], but its steps"):
        dependencies(last_step(), [[1.0]])
    with pytest.raises(ValueError, match=r"\(batch=0, seq=12, feature=2\): nothing to vary"):
        dependencies(last_step(), torch.rand(0, 12, 2))
    with pytest.raises(TypeError, match="the model returned None"):
        dependencies(lambda x: None, series())
    with pytest.raises(ValueError, match="no axis 'time': the axes are batch, seq, feature"):
        dependencies(last_step(), series()).between("batch", "time")
    with pytest.raises(RuntimeError, match="must match"):
        dependencies(lambda x: x + torch.zeros(7), series())


def test_a_rounded_answer_depends_on_x():
    chart = dependencies(rounded(), series())
    assert chart.way == "replacement"
    assert chart.seq[:, -1].all()
    assert not chart.mixes_samples


def test_what_was_lazy_is_lazy_afterwards():
    model = lazy()
    dependencies(model, series())
    assert nn.parameter.is_lazy(model.fc.weight)


def test_what_is_lazy_and_has_no_copy_is_said_in_words():
    model = nn.Sequential(nn.LazyBatchNorm1d(), nn.Flatten(), nn.LazyLinear(1))
    with pytest.raises(ValueError, match=r"lazy layers without sizes.*call model\(x\) once before"):
        dependencies(model.eval(), series())


def test_the_picture():
    found = dependencies(last_six(), series())
    months = [f"month {i}" for i in range(12)]
    ax = found.plot(names=months)
    assert [t.get_text() for t in ax.get_xticklabels()] == months
    assert [t.get_text() for t in ax.get_yticklabels()] == list("012345")
    assert [t.get_text() for t in found.plot().get_xticklabels()] == [str(i) for i in range(12)]
    assert found.plot(ax) is ax
    with pytest.raises(ValueError, match="2 names for 12 input steps"):
        found.plot(names=months[:2])


@pytest.mark.parametrize("ahead", [1, 3])
def test_the_target_of_each_output_step_is_marked(ahead):
    found = dependencies(nn.LSTM(2, 3, batch_first=True), series())
    (targets,) = found.plot(ahead=ahead).lines
    marked = list(zip(targets.get_xdata(), targets.get_ydata(), strict=True))
    assert marked == [(t + ahead, t) for t in range(12 - ahead)]
    assert not found.seq[targets.get_ydata(), targets.get_xdata()].any()
    assert not found.plot().lines


def test_targets_that_are_no_input_step_are_not_marked():
    with pytest.raises(ValueError, match="has 6 output steps for 12 input steps: leave ahead out"):
        dependencies(last_six(), series()).plot(ahead=1)
    each = dependencies(nn.Linear(2, 3), series())
    with pytest.raises(ValueError, match="ahead"):
        each.plot(ahead=0)
    with pytest.raises(TypeError, match="ahead"):
        each.plot(ahead="1")
    assert len(each.plot(ahead=12).lines[0].get_xdata()) == 0


def test_numbers_leave_room_for_each_other():
    """On small axes only every second or third step has its number."""
    _, small = plt.subplots(1, 3, figsize=(6, 2))
    ax = dependencies(nn.Linear(2, 3), series()).plot(ax=small[0])
    assert [t.get_text() for t in ax.get_xticklabels()] == [str(i) for i in range(0, 12, 2)]
    assert [t.get_text() for t in ax.get_yticklabels()] == [str(i) for i in range(0, 12, 2)]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (pd.date_range("1949-01-01", periods=12, freq="MS"), "1949-01-01"),
        (pd.date_range("2013-01-01 05:00", periods=12, freq="h"), "2013-01-01 05:00"),
        (np.arange(12), "0"),
        ("JFMAMJJASOND", "J"),
        ([f"US${i}" for i in range(12)], r"US\$0"),
    ],
)
def test_names_of_any_kind(names, first):
    ax = dependencies(last_six(), series()).plot(names=names)
    ax.figure.canvas.draw()
    assert ax.get_xticklabels()[0].get_text() == first


def test_the_examples_run():
    tried = doctest.testmod(chart)
    assert tried.attempted
    assert not tried.failed
