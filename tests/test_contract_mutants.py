"""The contract catches each wrong many-to-many model, and says by which of its tests."""

import pytest
import test_contract as contract
from models.many_to_many import CAUGHT_BY

from lstm_helpers import ManyToManyLSTM, check_model

CONTRACT = {
    "shape": contract.test_shape,
    "any batch size": lambda case: contract.test_any_batch_size(case, batch=3),
    "samples": contract.test_samples_are_independent,
    "sees every step that it may": (
        contract.test_each_output_sees_every_step_that_it_may_and_no_other
    ),
    "memory layout": contract.test_memory_layout_does_not_matter,
    "fit and predict": contract.test_fit_and_predict_take_it,
    "linear in its own state": contract.test_each_output_is_linear_in_its_own_hidden_state,
    "two halves": lambda case: contract.test_two_halves_with_the_state_handed_over_equal_the_whole(
        case, cut=5
    ),
    "one step at a time": contract.test_one_step_at_a_time_equals_the_whole,
    "gradient through the state": contract.test_the_gradient_goes_through_the_handed_over_state,
}


def failures(cls):
    failed = set()
    for name, test in CONTRACT.items():
        case = contract.case_of(lambda: cls(2, 3, 6, num_layers=2), (contract.SEQ, 6))
        try:
            test(case)
        except (AssertionError, RuntimeError, ValueError):
            failed.add(name)
    return failed


def test_the_right_model_passes_all_of_it():
    assert failures(ManyToManyLSTM) == set()


@pytest.mark.parametrize("cls", CAUGHT_BY)
def test_each_mutant_is_caught_by_its_tests_and_no_other(cls):
    assert failures(cls) == CAUGHT_BY[cls]


@pytest.mark.parametrize("cls", CAUGHT_BY)
def test_what_check_model_sees_of_it(cls):
    """It asks `forward` only: a wrong `step` needs the contract."""
    model, _, x = contract.case_of(lambda: cls(2, 3), (contract.SEQ, 1))
    wrong = {finding.check for finding in check_model(model, x, causal=True).wrong}
    assert bool(wrong) == ("sees every step that it may" in CAUGHT_BY[cls])
