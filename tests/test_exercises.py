"""Each exercise tells right from wrong, and typical mistakes from each other."""

import answers_01
import answers_02
import answers_03
import answers_04
import answers_05
import answers_06
import answers_07
import answers_08
import answers_09
import answers_10
import answers_11
import answers_12
import pytest
import torch

from lstm_helpers import exercises
from lstm_helpers.exercises import check, verdict

ANSWERS = (
    answers_01,
    answers_02,
    answers_03,
    answers_04,
    answers_05,
    answers_06,
    answers_07,
    answers_08,
    answers_09,
    answers_10,
    answers_11,
    answers_12,
)
RIGHT = {name: answers for module in ANSWERS for name, answers in module.RIGHT.items()}
WRONG = {name: answers for module in ANSWERS for name, answers in module.WRONG.items()}


def test_every_exercise_is_tried_rightly_and_wrongly():
    assert list(RIGHT) == list(WRONG) == list(exercises._CHECKS)
    assert all(len({text for _, text in wrong}) >= 2 for wrong in WRONG.values())


@pytest.mark.parametrize(("name", "answer"), [(n, a) for n in RIGHT for a in RIGHT[n]])
def test_right_answers(name, answer):
    assert verdict(name, answer).passed is True


@pytest.mark.parametrize(("name", "answer", "text"), [(n, *w) for n in WRONG for w in WRONG[n]])
def test_wrong_answers_get_their_own_diagnosis(name, answer, text):
    result = verdict(name, answer)
    assert result.passed is False
    assert text in result.message
    others = [verdict(name, other).message for other, also in WRONG[name] if also != text]
    assert result.message not in others


@pytest.mark.parametrize("answer", [..., lambda lstm, linear, x: ...])
def test_no_answer_is_no_mistake(answer, capsys):
    assert verdict("01.3", answer).passed is None
    assert check("01.3", answer) is None
    assert capsys.readouterr().out == (
        "01.3  No answer yet. Put yours in place of `...` in the cell above.\n"
    )


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError) as caught:
        check("1.1", (40, 24, 1))
    assert str(caught.value) == (f"there is no exercise '1.1': choose from {', '.join(RIGHT)}.")


def test_checks_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    verdict("01.3", answers_01.from_h_n)
    assert torch.equal(torch.get_rng_state(), before)
