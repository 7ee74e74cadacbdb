"""Checks for the exercises: what was answered, and what the likeliest misunderstanding is."""

from lstm_helpers._arguments import one_of
from lstm_helpers.exercises import lesson_01, lesson_02, lesson_03, lesson_04
from lstm_helpers.exercises._verdict import UNANSWERED, Verdict

_LESSONS = (lesson_01, lesson_02, lesson_03, lesson_04)
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
    return _CHECKS[exercise](answer)


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
    found = verdict(exercise, answer)
    print(f"{exercise}  {found.message}")


__all__ = ["Verdict", "check", "verdict"]
