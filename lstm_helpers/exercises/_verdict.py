"""The outcome of one exercise, and what the checks of several lessons share."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import index

import torch


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right (None: not answered), and what to tell the reader."""

    passed: bool | None
    message: str


UNANSWERED = Verdict(None, "No answer yet. Put yours in place of `...` in the cell above.")


def right(why: str) -> Verdict:
    return Verdict(True, f"Right. {why}")


def wrong(diagnosis: str) -> Verdict:
    return Verdict(False, f"Not yet. {diagnosis}")


def as_shape(answer) -> tuple[int, ...] | None:
    """A shape given as tuple, list or torch.Size; None for anything else.

    >>> as_shape([5, 12, 1])
    (5, 12, 1)
    """
    if not isinstance(answer, tuple | list):
        return None
    try:
        return tuple(index(size) for size in answer)
    except TypeError:
        return None


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
        return wrong(f"{shape} has {len(shape)} axes; {len(rightly)} are needed.")
    if sorted(shape) == sorted(rightly):
        return wrong(f"{shape} has the right sizes in another order.")
    return wrong(f"{shape} has the right number of axes, but not the right sizes.")


def first_wrong(answer, judge: Callable, cases: list) -> Verdict:
    """For an answer that has to be a function: the first verdict that is not right.

    Args:
        answer: the reader's function.
        judge: (function, case) -> its verdict.
        cases: of different sizes, so that nothing is right by luck.
    """
    if not callable(answer):
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
        return wrong(f"{who} raised {type(result).__name__}: {result}")
    return None


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
    return None


def same(ours: torch.Tensor, theirs: torch.Tensor) -> bool:
    """Equal shapes and, to rounding, equal numbers."""
    return ours.shape == theirs.shape and torch.allclose(ours.double(), theirs.double())


def call(function: Callable, *arguments, gradients: bool = False):
    """What the reader's function returns, or the exception that it raised."""
    try:
        with torch.set_grad_enabled(gradients):
            return function(*arguments)
    except Exception as error:  # whatever a reader's function does is an answer to talk about
        return error


def show(answer) -> str:
    """An answer in a few words: a tensor by its shape, not its thousand numbers."""
    if hasattr(answer, "shape"):
        return f"a {type(answer).__name__} of shape {tuple(answer.shape)}"
    text = repr(answer)
    return text if len(text) < 60 else f"a {type(answer).__name__}"
