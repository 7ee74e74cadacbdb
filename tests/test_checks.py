"""`check_model` on every model of the zoo, on random right models, and how it behaves."""

import copy
import doctest
import importlib
import random
from collections import Counter

import numpy as np
import pytest
import torch
from as_before import left_as_it_was
from hypothesis import Phase, given, settings
from models import RIGHT, WRONG
from models.build import Built, head_on
from models.random_right import built, plans
from models.small import Stateful, every_step, last_six, last_step, series
from models.spare import NBeats
from reports import complaints, expected_of, is_as_expected, told_by
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lstm_helpers import check_model
from lstm_helpers._checking import fewer
from lstm_helpers._running.debug import OwnFailure
from lstm_helpers._running.probe import Probe


def report_on(model):
    """The report; the model and its batch have to be as before."""
    made, inputs = model.make(), model.inputs()
    with left_as_it_was(made, inputs, model.how):
        return check_model(made, *inputs, **model.how)


@pytest.mark.slow
@pytest.mark.parametrize("model", WRONG, ids=str)
def test_every_wrong_model_gets_its_cause_and_stays_as_it_was(model):
    told = told_by(report_on(model))
    assert told
    assert is_as_expected(model, told), told


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("model", RIGHT, ids=str)
def test_every_right_model_gets_no_alarm_and_stays_as_it_was(model):
    """And no question, but where one is rightly asked."""
    report = report_on(model)
    assert report.ok, complaints(report)
    questions = [str(f) for f in report.findings if f.verdict == "question"]
    assert len(questions) == bool(model.question), questions
    assert all(model.question in text for text in questions), questions


def test_a_made_up_cause_passes_for_no_model():
    words = (
        "batch_first was forgotten or the view is wrong, h_n transpose direction gradient padding"
    )
    for made_up in (words, f"Cause: {words}"):
        told = (made_up, made_up, made_up)
        assert not any(is_as_expected(m, [told] * len(m.cause)) for m in WRONG)


def test_an_expectation_belongs_to_one_mistake():
    mistakes = {}
    for model in WRONG:
        for expected in expected_of(model):
            assert expected[0] or expected[1], model.name
            mistakes.setdefault(expected, set()).add(model.mistake)
    assert {e: m for e, m in mistakes.items() if len(m) > 1} == {}


def test_a_cause_of_three_models_is_not_all_that_is_compared():
    causes = Counter(cause for model in WRONG for cause in set(model.cause))
    for model in WRONG:
        for cause, says, repair in expected_of(model):
            assert causes[cause] < 3 or (says and repair), model.name


@pytest.mark.parametrize("model", [*WRONG, *RIGHT][::25], ids=str)
def test_the_report_is_the_same_whatever_the_global_seeds(model):
    reports = set()
    for seed in (1, 2):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)
        reports.add(str(check_model(model.make(), *model.inputs(), **model.how)))
    assert len(reports) == 1


@pytest.mark.slow
@settings(
    max_examples=200, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
@given(plans)
def test_no_random_right_model_raises_an_alarm(plan):
    model, x, how = built(plan)
    report = check_model(model, x, **how)
    assert report.ok, f"{plan}\n{complaints(report)}"


def test_the_report_is_the_same_each_run():
    model = every_step(bidirectional=True, width=6)
    assert str(check_model(model, series())) == str(check_model(model, series()))


def test_one_line_for_each_check():
    report = check_model(last_step(), series(), y=torch.randn(5, 1), causal=True)
    lines = str(report).splitlines()
    assert len(lines) == len(report.findings)
    assert all(line.startswith("right") for line in lines)
    names = [f.check for f in report.findings]
    assert names == [
        "answers", "target", "samples", "views", "look-ahead", "newest step", "parameters",
    ]  # fmt: skip


def test_raise_if_wrong_raises_the_report():
    check_model(last_step(), series()).raise_if_wrong()
    report = check_model(last_step(bidirectional=True, width=6), series())
    with pytest.raises(ValueError) as caught:
        report.raise_if_wrong()
    assert str(caught.value) == str(report)


@pytest.mark.parametrize("causal", [True, False, None])
def test_what_causal_says_about_two_directions(causal):
    report = check_model(every_step(bidirectional=True, width=6), series(), causal=causal)
    verdicts = [f.verdict for f in report.findings if f.check == "look-ahead"]
    assert verdicts == {True: ["wrong"], False: [], None: ["question"]}[causal]


def test_causality_is_inferred_where_all_of_y_is_x_shifted():
    x = series(5, 14, 2)
    both = every_step(bidirectional=True, width=6, target=2)
    assert not check_model(both, x[:, :12], y=x[:, 1:13]).ok
    assert not check_model(both, x[:, :12], y=x[:, 2:14]).ok
    assert check_model(both, x[:, :12], y=x[:, 1:13], causal=False).ok
    mixed = x[:, 1:13].clone()
    mixed[..., 1] = torch.randn(5, 12)
    assert check_model(both, x[:, :12], y=mixed).ok


def test_the_last_states_are_right_where_each_answers_its_own_step():
    x = series(5, 13, 2)
    assert not check_model(last_six(target=2), x[:, :12]).ok
    assert check_model(last_six(target=2), x[:, :12], causal=True).ok
    assert check_model(last_six(target=2), x[:, :12], y=x[:, 7:]).ok


def test_only_axes_can_tell_a_time_first_model_from_a_forgotten_batch_first():
    model = last_step(batch_first=False)
    model.read = lambda out, h: h[-1]
    assert check_model(model, series().transpose(0, 1), axes="seq batch feature").ok
    assert "batch_first was forgotten" in str(check_model(model, series()))


def test_a_batch_of_one_is_a_question():
    report = check_model(last_step(), series(1))
    assert [f.check for f in report.findings if f.verdict == "question"] == ["samples"]
    assert report.ok


def test_a_whole_block_unread_is_no_spare_end():
    report = check_model(NBeats(used=2), series())
    assert "blocks.2.inside.weight" in complaints(report)
    assert not report.ok


def test_a_model_that_refuses_every_other_x_is_not_said_to_ignore_it():
    x = series()

    def only_this(given):
        if not torch.equal(given.double(), x.double()):
            raise ValueError("unknown x")
        return given[:, -1]

    assert check_model(only_this, x).ok


def test_an_unbatched_sequence_has_no_samples_to_mix():
    report = check_model(nn.GRU(2, 3), series()[0], axes="seq feature", causal=True)
    assert report.ok
    assert "samples" not in [f.check for f in report.findings]


@pytest.mark.parametrize("closure", [False, True])
def test_everything_is_left_as_it_was(closure):
    torch.manual_seed(3)
    calls = []
    model = nn.Sequential(Stateful(), nn.Dropout(0.5), nn.BatchNorm1d(12)).train()
    model[1].eval()
    model[0].head.register_forward_hook(lambda *_: calls.append(1))
    model(series()).sum().backward()
    model[0].state = None
    loss = model(series()).sum()
    before, kept = copy.deepcopy(model.state_dict()), model[0].state
    grads = [p.grad.clone() for p in model.parameters()]
    attributes = {name: set(vars(m)) for name, m in model.named_modules()}
    states = torch.get_rng_state(), random.getstate()
    hooks = len(nn.modules.module._global_forward_hooks)

    check_model((lambda x: model(x)) if closure else model, series(), y=series(5, 12, 1))

    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert [m.training for m in model.modules()] == [True, True, True, True, False, True]
    assert model[0].state is kept
    assert {name: set(vars(m)) for name, m in model.named_modules()} == attributes
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), grads, strict=True))
    assert len(nn.modules.module._global_forward_hooks) == hooks
    assert torch.get_default_dtype() == torch.float32
    loss.backward()


def test_a_model_that_raises_is_a_finding():
    report = check_model(last_step(), series(5, 12, 4))
    assert [f.check for f in report.wrong] == ["runs"]
    assert "Expected 2, got 4" in str(report)


def test_a_horizon_as_long_as_the_window_is_a_question():
    x = series(5, 13, 2)
    report = check_model(every_step(target=2), x[:, :12], y=torch.rand(5, 12, 2))
    assert [f.check for f in report.findings if f.verdict == "question"] == ["newest step"]
    assert all(
        f.verdict == "right"
        for f in check_model(every_step(target=2), x[:, :12], y=x[:, 1:]).findings
    )


def test_an_answer_that_is_not_finite_tells_nothing():
    report = check_model(last_step(), torch.full((5, 12, 2), torch.nan))
    assert report.ok
    assert "No number of the output is finite" in str(report)


def test_errors_say_what_came_what_is_needed_and_what_to_try():
    with pytest.raises(ValueError) as caught:
        check_model(last_step(), series(), lengths=[12, 13, 4, 5])
    assert str(caught.value) == (
        "lengths is [12, 13, 4, 5], but the first input has batch=5 and seq=12: give each sample "
        "its number of real steps, 1 to 12."
    )
    with pytest.raises(ValueError, match="2 axes, but axes='batch seq feature' names 3"):
        check_model(last_step(), torch.rand(5, 12))
    with pytest.raises(TypeError, match="the first input is None"):
        check_model(last_step())


def test_the_examples_run():
    tried = doctest.testmod(importlib.import_module("lstm_helpers.checks"))
    assert tried.attempted
    assert not tried.failed


def quantiles():
    return head_on(lambda self, x: self.rnn(x)[0][:, -1:], fc=nn.Linear(3, 3))


class ReadsTheTarget(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(2, 3, batch_first=True)
        self.decoder, self.fc = nn.LSTM(1, 3, batch_first=True), nn.Linear(3, 1)

    def forward(self, x, y):
        return self.fc(self.decoder(y, self.encoder(x)[1])[0])


class ForFive(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(2, 3, batch_first=True), nn.Linear(3, 1)

    def forward(self, x):
        return self.fc(self.rnn(x, torch.zeros(1, 5, 3))[0][:, -1])


def upsampled():
    return Built(
        lambda self, x: self.up(self.rnn(x)[0].mT).mT,
        rnn=nn.LSTM(2, 3, batch_first=True),
        up=nn.ConvTranspose1d(3, 4, 3, stride=3),
    )


Y = torch.randn(5, 4, 1)
QUESTIONS = {
    "quantiles": (quantiles, (), {"y": torch.randn(5, 1, 1)}, "are the 3 numbers quantiles"),
    "the target as an input": (ReadsTheTarget, (Y,), {"y": Y}, "y is handed to the model, as inp"),
    "one batch size": (ForFive, (), {}, "Is it meant for batches of 5 only? With 4 samples it rai"),
    "more steps out": (upsampled, (), {}, "Are they forecasts of what follows the window?"),
    "TorchScript": (lambda: torch.jit.script(nn.Linear(2, 1)), (), {}, "Nothing inside TorchScrip"),
    "no backward pass": (lambda: nn.Sequential(nn.Linear(2, 1), Then(NoBackward.apply)), (), {},
                         "the backward pass raises AssertionError: call model.train() first"),
    "booleans": (lambda: head_on(lambda self, x: self.rnn(x)[0][:, -1] > 0, fc=nn.Identity()), (),
                 {}, "the output holds torch.bool, in which a small change does not show"),
    "another x refused": (lambda: OnlyThis(series()), (), {}, "the model refuses every other x"),
}  # fmt: skip


class NoBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        raise AssertionError("call model.train() first")


class OnlyThis(nn.Module):
    def __init__(self, x):
        super().__init__()
        self.x, self.fc = x, nn.Linear(2, 1)

    def forward(self, x):
        if not torch.allclose(x.float(), self.x.float()):
            raise ValueError("unknown x")
        return self.fc(x)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
@pytest.mark.parametrize("name", QUESTIONS)
def test_what_was_not_seen_is_a_question(name):
    make, rest, how, words = QUESTIONS[name]
    report = check_model(make(), series(), *rest, **how)
    assert report.ok, report
    asked = "\n".join(str(f) for f in report.findings if f.verdict == "question")
    assert words in asked
    with pytest.raises(ValueError, match=r"^right|^question"):
        report.raise_if_wrong(questions=True)


LONG = [7, 12, 3, 9, 12, 5, 8, 2, 11, 6, 10, 4]


def _last_states(batch, lengths, packed):
    torch.manual_seed(0)
    lstm, fc = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)

    def model(x, lengths):
        if packed:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return fc(lstm(x)[1][0][-1])

    x = series(batch, 12, 2)
    for row, length in zip(x, lengths, strict=True):
        row[length:] = 0
    return model, x


@pytest.mark.parametrize("packed", [True, False])
def test_a_large_padded_batch_is_asked_in_its_shortest_and_its_longest_samples(packed, monkeypatch):
    monkeypatch.setattr(fewer, "LARGE", 1)
    model, x = _last_states(len(LONG), LONG, packed)
    asked = []

    def few(*given):
        asked.append(fewer.few_samples(*given))
        return asked[-1]

    monkeypatch.setattr("lstm_helpers._checking.case.few_samples", few)
    report = check_model(model, x, LONG, lengths=LONG)
    told = {finding.check: finding for finding in report.findings}
    assert sorted(LONG[i] for i in asked[0].index) == [2, 5, 8, 10, 12]
    assert len(asked[0].inputs[0]) == len(asked[0].inputs[1]) == 5
    if packed:
        assert not report.wrong
        assert told["padding"].verdict == "right"
    else:
        assert told["padding"].says == (
            "x[7] has 2 real steps of 12, and without padding yhat[7] is another one."
        )


def test_the_model_is_asked_as_it_came():
    for model, x in ((last_step().double(), series()), (last_step(), series().half())):
        report = check_model(model, x)
        assert [f.check for f in report.wrong] == ["runs"]
        assert next(model.parameters()).dtype != x.dtype


def test_numbers_that_are_none_at_first_hide_nothing():
    def first_steps_missing(model):
        nothing = torch.full_like(model[:, :2], torch.nan)
        return torch.cat((nothing, model[:, 2:]), 1)

    for batch_first in (True, False):
        model = every_step(batch_first=batch_first)
        report = check_model(nn.Sequential(model, Then(first_steps_missing)), series())
        assert report.ok == batch_first
    assert "batch_first was forgotten" in str(report)


class Then(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


@pytest.mark.parametrize(
    "throw",
    [random.random, lambda: torch.rand(1).item(), np.random.random],
    ids=["random", "torch", "numpy"],
)
def test_a_throw_that_would_seldom_matter_is_found(throw):
    """None of a few seeds gives another answer: the smallest and the largest numbers do."""
    for rare, extreme in ((lambda n: n < 1e-9, "smallest"), (lambda n: n > 1 - 1e-9, "largest")):
        model = Then(lambda x, rare=rare: x[:, -1] + rare(throw()))
        (finding,) = check_model(model, series()).wrong
        assert f"with the {extreme} that there are, the answer is another" in finding.says


class Spans(nn.Module):
    """The units of a sample are scaled by the time span of the one before it, or by its own."""

    def __init__(self, moved):
        super().__init__()
        self.rnn, self.fc, self.moved = nn.GRU(2, 3, batch_first=True), nn.Linear(3, 1), moved

    def forward(self, x, spans):
        return self.fc(self.rnn(x)[0][:, -1] * spans.roll(self.moved, 0)[:, -1:])


@pytest.mark.parametrize("moved", [0, 1])
def test_an_input_beside_x_keeps_to_its_sample(moved):
    report = check_model(Spans(moved), series(), torch.rand(5, 12))
    assert report.ok == (not moved)
    assert bool(moved) == ("yhat[1] changes with spans[0]." in str(report))


def test_an_input_beside_x_costs_no_more_in_a_larger_batch(monkeypatch):
    runs, run = Counter(), Probe.run
    for samples in (5, 30):
        count = lambda *a, n=samples, **k: runs.update([n]) or run(*a, **k)  # noqa: E731
        monkeypatch.setattr(Probe, "run", count)
        check_model(Spans(0), series(samples), torch.rand(samples, 12))
    assert runs[5] == runs[30] > 0


def test_checks_that_are_not_wanted_and_a_table_of_the_others():
    model = last_step(bidirectional=True, width=6)
    assert [f.check for f in check_model(model, series()).wrong] == ["directions"]
    report = check_model(model, series(), ignore="directions")
    assert report.ok
    table = report.to_frame()
    assert list(table.columns) == ["check", "verdict", "says", "cause", "repair"]
    assert list(table["check"]) == [f.check for f in report.findings]
    with pytest.raises(ValueError, match="ignore names direction, but the checks are runs, answ"):
        check_model(model, series(), ignore=["direction"])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"axes": None}, TypeError, "axes is None, but the names of the first input's axes are"),
        ({"axes": 3}, TypeError, "axes is 3, but the names"),
        ({"axes": "batch seq"}, ValueError, "3 axes, but axes='batch seq' names 2"),
        ({"y": np.zeros((5, 1))}, TypeError, "y is a ndarray (5, 1), but a tensor is needed"),
        ({"lengths": [True] * 5}, TypeError, "lengths is [True, True, True, True, True], but"),
        ({"lengths": [12, 3.5, 4, 5, 6]}, TypeError, "give each sample its number of real steps"),
    ],
)
def test_arguments_that_do_not_fit_are_told(arguments, error, words):
    with pytest.raises(error) as caught:
        check_model(last_step(), series(), **arguments)
    assert words in str(caught.value)


def test_axes_may_be_a_list():
    for axes in (["batch", "seq", "feature"], ["batch seq feature"]):
        assert str(check_model(last_step(), series(), axes=axes)) == str(
            check_model(last_step(), series())
        )


def test_what_is_no_model_is_told():
    with pytest.raises(TypeError, match="model is None of type NoneType, which can't be called"):
        check_model(None, series())


def test_a_check_that_fails_itself_says_so(monkeypatch):
    def broken(case):
        raise ZeroDivisionError("ours")

    broken.__name__ = "look_ahead"
    monkeypatch.setattr("lstm_helpers.checks.look_ahead", broken)
    with pytest.raises(OwnFailure):
        check_model(last_step(), series())
    monkeypatch.delenv("LSTM_HELPERS_DEBUG")
    report = check_model(last_step(), series())
    assert report.ok
    assert "look-ahead     This check failed itself, and saw nothing. ZeroDivisionErr" in str(
        report
    )


@pytest.mark.parametrize("result", [None, {}, "a text"])
def test_a_model_that_returns_no_tensor_is_told(result):
    with pytest.raises(TypeError, match=f"the model returned {result!r}, but a tensor"):
        check_model(lambda x: result, series())
