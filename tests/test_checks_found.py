"""What `check_model` says to styles that it once misread: the alarm, the question, the cause."""

import re
from types import SimpleNamespace

import pytest
import torch
from small_models import series
from styles_found import RIGHT, SPARE, WRONG, nbeats

from lstm_helpers import check_model, dependencies


def said(report, verdict="wrong"):
    return "\n".join(str(f) for f in report.findings if f.verdict == verdict)


def positive():
    return torch.rand(5, 12, 2, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", RIGHT)
def test_right_models_get_neither_alarm_nor_question(name):
    report = check_model(RIGHT[name](), positive(), y=series(5, 1, 1)[:, 0])
    assert {f.verdict for f in report.findings} == {"right"}, report


@pytest.mark.parametrize("name", SPARE)
def test_what_is_spare_is_a_question(name):
    make, words = SPARE[name]
    report = check_model(make(), series(feature=1 if name == "one variable" else 2))
    assert report.ok, report
    assert words in said(report, "question")


def test_a_whole_block_unread_is_no_spare_end():
    model = SPARE["nbeats"][0]()
    model.function = lambda self, x: nbeats(SimpleNamespace(blocks=self.blocks[:2]), x)
    report = check_model(model, series())
    assert "blocks.2.inside.weight" in said(report)


@pytest.mark.parametrize("name", WRONG)
def test_the_cause_is_the_right_one(name):
    make, more, how, words, other_words = WRONG[name]
    report = check_model(make(), series(), *more, **how)
    assert re.search(words, said(report)), report
    assert not re.search(other_words, said(report)), report


def test_what_was_lazy_is_lazy_afterwards():
    model = RIGHT["lazy"]()
    check_model(model, series())
    dependencies(model, series())
    assert torch.nn.parameter.is_lazy(model.fc.weight)


def test_a_rounded_answer_depends_on_x():
    chart = dependencies(WRONG["rounded"][0](), series())
    assert chart.way == "replacement"
    assert chart.seq[:, -1].all()
    assert not chart.mixes_samples


def test_a_model_that_refuses_every_other_x_is_not_said_to_ignore_it():
    x = series()

    def only_this(given):
        if not torch.equal(given.double(), x.double()):
            raise ValueError("unknown x")
        return given[:, -1]

    assert check_model(only_this, x).ok


def test_what_is_lazy_and_has_no_copy_is_said_in_words():
    model = torch.nn.Sequential(
        torch.nn.LazyBatchNorm1d(), torch.nn.Flatten(), torch.nn.LazyLinear(1)
    )
    with pytest.raises(ValueError, match=r"lazy layers without sizes.*call model\(x\) once before"):
        dependencies(model.eval(), series())
