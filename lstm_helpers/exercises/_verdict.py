"""The outcome of one exercise, and what the checks of several lessons share."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import index

import torch
from torch import Tensor


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


def call(function: Callable, *arguments):
    """What the reader's function returns, or the exception that it raised."""
    try:
        with torch.no_grad():
            return function(*arguments)
    except Exception as error:  # whatever a reader's function does is an answer to talk about
        return error


def show(answer) -> str:
    """An answer in a few words: a tensor by its shape, not its thousand numbers."""
    if hasattr(answer, "shape"):
        return f"a {type(answer).__name__} of shape {tuple(answer.shape)}"
    text = repr(answer)
    return text if len(text) < 60 else f"a {type(answer).__name__}"


def first_wrong(answer, judge, cases) -> Verdict:
    """The first verdict that is not right, over several cases."""
    if not callable(answer):
        return wrong(f"The answer has to be a function; this is {show(answer)}.")
    verdicts = [judge(answer, case) for case in cases]
    return next((v for v in verdicts if not v.passed), verdicts[0])


def as_tensor(result, given: str, who: str = "your function"):
    """What was returned, as (tensor, None), or (None, the verdict on it)."""
    if result is ...:
        return None, UNANSWERED
    if result is None:
        return None, wrong(f"{given} {who} returns None. Is `return` missing?")
    if isinstance(result, Exception):
        return None, wrong(f"{given} {who} raised {type(result).__name__}: {result}")
    if not isinstance(result, Tensor):
        return None, wrong(f"{given} {who} returns {show(result)}, not a tensor.")
    return result, None


def same(ours: Tensor, theirs: Tensor) -> bool:
    return ours.shape == theirs.shape and torch.allclose(ours, theirs)
