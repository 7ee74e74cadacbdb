"""Checks for the exercises: what was answered, and what the likeliest misunderstanding is."""

from lstm_helpers._arguments import one_of
from lstm_helpers._running.debug import let_through
from lstm_helpers.exercises import (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
)
from lstm_helpers.exercises._answers import said, show
from lstm_helpers.exercises._verdict import UNANSWERED, Verdict, wrong

_LESSONS = (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
)
_CHECKS = {name: check for lesson in _LESSONS for name, check in lesson.CHECKS.items()}


def verdict(exercise: str, answer) -> Verdict:
    """What `check` prints, as a value.

    Args:
        exercise: such as "01.1".
        answer: what the reader's cell holds; `...` counts as not answered.

    Raises:
        ValueError: there is no such exercise.

    >>> verdict("01.1", (40, 24)).passed
    False
    """
    exercise = one_of(_CHECKS, "there is no exercise", exercise=exercise)
    if answer is ...:
        return UNANSWERED
    try:
        return _CHECKS[exercise](answer)
    except Exception as error:  # no answer may cost the reader a traceback of ours
        let_through()
        return wrong(f"This answer can't be checked: {show(answer)} raised {said(error)}")


def check(exercise: str, answer) -> None:
    """Say whether an answer is right, and if not, what it looks like.

    Args:
        exercise: such as "01.1".
        answer: what the reader's cell holds; `...` counts as not answered.

    Raises:
        ValueError: there is no such exercise.

    >>> check("01.1", ...)
    01.1  No answer yet. Put yours in place of `...` in the cell above.
    """
    message = verdict(exercise, answer).message
    print(f"{exercise}  {message}")


__all__ = ["Verdict", "check", "verdict"]
