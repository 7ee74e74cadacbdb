"""Any arguments into any public name: a right result, or an error that the package raises."""

import warnings

import pytest
import torch
from arguments.drawn import calls, refusal
from arguments.public import PUBLIC, public_arguments
from hypothesis import HealthCheck, given, settings

from lstm_helpers import ManyToManyLSTM


def test_no_argument_is_forgotten():
    tried = {(name, argument) for name, public in PUBLIC.items() for argument in public.right}
    made_by_fit = {("History.to_frame", "self")}
    assert not public_arguments() - tried - made_by_fit


@pytest.mark.parametrize("name", PUBLIC)
def test_a_call_is_answered_or_refused_by_the_package(name):
    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(calls(PUBLIC[name]))
    def one(given):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            refusal(PUBLIC[name], given)

    one()


def test_a_state_made_under_autocast_is_taken_there_and_nowhere_else():
    model, x = ManyToManyLSTM(2, 3), torch.rand(5, 12, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        _, state = model.step(x[:, :6])
        second, _ = model.step(x[:, 6:], state)
        assert second.shape == (5, 6, 1)
        with pytest.raises(ValueError, match=r"h_n has dtype torch\.float64"):
            model.step(x[:, 6:], tuple(part.double() for part in state))
    with pytest.raises(
        ValueError, match=r"h_n has dtype torch\.bfloat16, but x has torch\.float32"
    ):
        model.step(x[:, 6:], state)


@pytest.mark.stress
@pytest.mark.parametrize("part", range(2))
def test_many_calls_are_answered_or_refused_by_the_package(part):
    from arguments.__main__ import drive

    made, wrong = drive(list(PUBLIC)[part::2], 1.5, first=part * 10**6, keep_on=False)
    assert made.total() > 500
    assert not wrong
