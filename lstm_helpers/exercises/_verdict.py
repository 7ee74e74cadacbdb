"""The outcome of one exercise, and what the checks of several lessons share."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch

from lstm_helpers.exercises._answers import as_shape, said, show


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right (None: not answered), and what to tell the reader.

    >>> from lstm_helpers.exercises import verdict
    >>> verdict("01.1", (40, 24)).passed
    False
    """

    passed: bool | None
    message: str


UNANSWERED = Verdict(None, "No answer yet. Put yours in place of `...` in the cell above.")


def right(why: str) -> Verdict:
    return Verdict(True, f"Right. {why}")


def wrong(diagnosis: str) -> Verdict:
    return Verdict(False, f"Not yet. {diagnosis}")


def check_shape(answer, rightly: tuple, why: str, diagnoses: dict[tuple, str]) -> Verdict:
    """Compare a shape with the right one, and with the typical wrong ones.

    Args:
        answer: the reader's shape.
        rightly: the right shape.
        why: said when it is right.
        diagnoses: wrong shape -> what the reader probably thought.
    """
    shape = as_shape(answer)
    if shape is None:
        return wrong(
            f"A shape is a tuple of whole numbers, such as (5, 12, 1); this is {show(answer)}."
        )
    if shape == rightly:
        return right(why)
    if shape in diagnoses:
        return wrong(diagnoses[shape])
    if len(shape) != len(rightly):
        return wrong(f"{show(shape)} has {len(shape)} axes; {len(rightly)} are needed.")
    if sorted(shape) == sorted(rightly):
        return wrong(f"{shape} has the right sizes in another order.")
    return wrong(f"{show(shape)} has the right number of axes, but not the right sizes.")


def first_wrong(answer, judge: Callable, cases: list) -> Verdict:
    """For an answer that has to be a function: the first verdict that is not right.

    Args:
        answer: the reader's function.
        judge: (function, case) -> its verdict.
        cases: of different sizes, so that nothing is right by luck.
    """
    if isinstance(answer, type) or not callable(answer):
        return wrong(f"The answer has to be a function; this is {show(answer)}.")
    verdicts = [judge(answer, case) for case in cases]
    return next((v for v in verdicts if not v.passed), verdicts[0])


def no_result(result, who: str = "Your function") -> Verdict | None:
    """The verdict on an answer that is missing, None or an error; None for anything else.

    Args:
        result: what `call` returned.
        who: whose result it is, and from what: "For x (5, 12, 2) your function".
    """
    if result is ...:
        return UNANSWERED
    if result is None:
        return wrong(f"{who} returns None. Is `return` missing?")
    if isinstance(result, Exception):
        return wrong(f"{who} raised {said(result)}")
    if isinstance(result, tuple | list) and not _can_be_read(result):
        return wrong(f"{who} returns {show(result)} that can't be read.")
    return None


def _can_be_read(result: tuple | list) -> bool:
    try:
        return len(result) == len(list(result))
    except Exception:  # of a class with methods of its own
        return False


def not_a_tensor(result, given: str, who: str = "your function") -> Verdict | None:
    """The verdict on a result that is no tensor; None for a tensor.

    Args:
        result: what `call` returned.
        given: what the function got, such as "For x (5, 12, 2)".
        who: whose result it is.
    """
    if problem := no_result(result, f"{given} {who}"):
        return problem
    if not isinstance(result, torch.Tensor):
        return wrong(f"{given} {who} returns {show(result)}, not a tensor.")
    if not _is_plain(result):
        return wrong(
            f"{given} {who} returns {show(result)} that can't be compared number by number: "
            "a plain tensor of real numbers is needed, none on the device meta, none that is "
            "sparse, nested or complex."
        )
    return None


def _is_plain(result: torch.Tensor) -> bool:
    """Whether all that the checks do with a tensor can be done with this one."""
    try:
        same(result, result), tuple(result.shape)
        return result.layout == torch.strided and not result.is_complex()
    except Exception:  # on meta, nested, or of a class with methods of its own
        return False


def same(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    """Equal shapes and, to rounding, equal numbers."""
    ours, theirs = (x.detach().cpu().double() for x in (ours, theirs))
    return ours.shape == theirs.shape and torch.allclose(ours, theirs)


def call(function: Callable, *arguments, gradients: bool = False, copies: bool = True):
    """What the reader's function returns, or the exception that it raised.

    Args:
        function: the reader's.
        arguments: what it is called with.
        gradients: whether they are computed.
        copies: whether it gets copies, so that a change in place reaches no check.
    """
    try:
        with torch.set_grad_enabled(gradients):
            return function(*(deepcopy(arguments) if copies else arguments))
    except Exception as error:  # whatever a reader's function does is an answer to talk about
        return error
