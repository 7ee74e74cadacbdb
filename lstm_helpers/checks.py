"""One call that looks for the mistakes that run silently."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from lstm_helpers._checking.answers import answers
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.directions import directions
from lstm_helpers._checking.finding import Finding
from lstm_helpers._checking.look_ahead import look_ahead
from lstm_helpers._checking.newest_step import newest_step
from lstm_helpers._checking.padding import padding
from lstm_helpers._checking.parameters import parameters
from lstm_helpers._checking.samples import samples
from lstm_helpers._checking.target import target
from lstm_helpers._checking.views import views
from lstm_helpers._typing import Shaped


@dataclass(frozen=True, repr=False)
class Report:
    """What `check_model` found: printed, one line for each check.

    Attributes:
        findings: each with `check`, `verdict` ("right", "wrong" or "question"), what it `says`, and
            the `cause` and `repair` of a mistake.
    """

    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings that are mistakes."""
        return tuple(f for f in self.findings if f.verdict == "wrong")

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; a question is not wrong."""
        return not self.wrong

    def raise_if_wrong(self) -> None:
        """For a test suite.

        Raises:
            ValueError: something is wrong; the message is the report.
        """
        if not self.ok:
            raise ValueError(str(self))

    def __str__(self):
        return "\n".join(map(str, self.findings))

    __repr__ = __str__


def check_model(
    model,
    *inputs,
    y: Shaped[Tensor, "..."] | None = None,
    axes: str = "batch seq feature",
    causal: bool | None = None,
    lengths=None,
) -> Report:
    """Look for mistakes that raise no error: mixed samples, later steps, unread layers and more.

    The model is asked many small questions on variations of its first input, in eval mode, and is
    afterwards as before. A mistake in it never raises here: it is a line of the report.

    Args:
        model: any callable on tensors; best the module itself.
        *inputs: one batch of what it takes, all axis sizes different. The first one is varied:
            (batch, seq, feature), or what `axes` says.
        y: the target of this batch, as the loss gets it.
        axes: one name for each axis of the first input, one of them "seq": "seq batch feature",
            "batch seq" for tokens, "seq feature" for one unbatched sequence.
        causal: True: step t of the output is to use inputs up to t only. None: so where all of y is
            x shifted. False: it may look ahead.
        lengths: (batch,) the number of real steps of each padded sample. A model that takes them
            gets them among `inputs` as well.

    Returns:
        `Report`, with `.ok` and `.raise_if_wrong()`.

    Raises:
        ValueError: `axes` or `lengths` do not fit the first input.
        TypeError: the first input or the model's result is no tensor.

    How: one sample, one step or padding is replaced by other valid values in a float64 copy, whose
    weights are drawn anew as well, and what changes in the output is compared with what may change.

    >>> import torch
    >>> from torch import nn
    >>> lstm = nn.LSTM(2, 3)
    >>> report = check_model(lstm, torch.rand(5, 12, 2))
    >>> report.ok
    False
    >>> "batch_first was forgotten" in str(report)
    True
    >>> check_model(lstm, torch.rand(12, 5, 2), axes="seq batch feature").raise_if_wrong()
    """
    case = Case(model, inputs, y=y, axes=axes, causal=causal, lengths=lengths)
    try:
        case.probe  # noqa: B018 (the first call of the model)
    except Exception as error:
        return Report((_raises(error),))
    return Report(tuple(finding for finding in _findings(case) if finding is not None))


def _findings(case: Case) -> Iterator[Finding | None]:
    """The checks in order; where one fails so that others can't tell, these are not asked."""
    answered, repeatable = answers(case)
    yield answered
    yield target(case)
    if not repeatable:
        says = "Is it right otherwise? That can be told when the same x gets the same answer."
        yield Finding("the rest", "question", says)
        return
    apart = samples(case)
    yield apart
    if apart is not None and apart.verdict == "wrong":
        says = "Are its steps, layers and views right? That can be told when samples are apart."
        yield Finding("the rest", "question", says)
        return
    yield views(case)
    yield look_ahead(case)
    seen = newest_step(case)
    yield seen.finding
    yield padding(case)
    yield directions(case, sees_newest=seen.newest)
    yield parameters(case, sees_x=seen.x)


def _raises(error) -> Finding:
    said = (str(error).strip() or "no message").splitlines()[0]
    return Finding(
        "runs",
        "wrong",
        f"The model raises {type(error).__name__} on these inputs: {said}",
        "see the step where it stops.",
        "trace_shapes(model, x) shows every shape up to there.",
    )
