"""One call that looks for the mistakes that run silently."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace

import pandas as pd
from torch import Tensor

from lstm_helpers._arguments import items, shown, true_or_false
from lstm_helpers._checking.answers import answers
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.directions import directions
from lstm_helpers._checking.finding import Finding
from lstm_helpers._checking.look_ahead import look_ahead
from lstm_helpers._checking.newest_step import Seen, newest_step
from lstm_helpers._checking.padding import padding
from lstm_helpers._checking.parameters import parameters
from lstm_helpers._checking.runs import cannot_be_asked, raises
from lstm_helpers._checking.samples import samples
from lstm_helpers._checking.target import target, without_rows
from lstm_helpers._checking.views import views
from lstm_helpers._running.debug import let_through
from lstm_helpers._running.runner import error_as_it_came
from lstm_helpers._typing import Shaped

CHECKS = (
    "runs", "answers", "target", "samples", "views", "look_ahead", "newest_step", "padding",
    "directions", "parameters", "the_rest",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Report:
    """What `check_model` or `check_preparation` found: printed, one line for each check.

    Attributes:
        findings: each with `check`, `verdict` ("right", "wrong" or "question"), what it `says`, and
            the `cause` and `repair` of a mistake.

    >>> import torch
    >>> report = check_model(torch.nn.LSTM(2, 3), torch.rand(5, 12, 2))
    >>> [(finding.check, finding.verdict) for finding in report.wrong]
    [('samples', 'wrong')]
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

    def raise_if_wrong(self, questions: bool = False) -> None:
        """For a test suite.

        Args:
            questions: raise on questions, too: what could not be seen is not known to be right.

        Raises:
            TypeError: `questions` is neither True nor False.
            ValueError: something is wrong; the message is the report.
        """
        questions = true_or_false(questions=questions)
        asked = questions and any(f.verdict == "question" for f in self.findings)
        if asked or not self.ok:
            raise ValueError(str(self))

    def to_frame(self) -> pd.DataFrame:
        """One row for each finding: check, verdict, says, cause, repair."""
        columns = [field.name for field in fields(Finding)]
        return pd.DataFrame([astuple(f) for f in self.findings], columns=columns)

    def __str__(self):
        return "\n".join(map(str, self.findings))

    __repr__ = __str__


def check_model(
    model,
    *inputs,
    y: Shaped[Tensor, "..."] | None = None,
    axes: str | Sequence[str] = "batch seq feature",
    causal: bool | None = None,
    lengths=None,
    kwargs: dict | None = None,
    ignore: str | Iterable[str] = (),
) -> Report:
    """Look for mistakes that raise no error: mixed samples, later steps, unread layers and more.

    The model is asked many small questions on variations of its first input, in eval mode, and is
    afterwards as before, but for what `trace_shapes` can't put back either. A mistake in it never
    raises here: it is a line of the report. Of a batch of a million numbers or more five samples
    are asked, where they get the answers that they get in the whole batch.

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
        kwargs: keyword arguments that the model is called with; they stay as they are.
        ignore: names of checks that are not wanted, such as "look_ahead".

    Returns:
        `Report`, with `.ok` and `.raise_if_wrong()`.

    Raises:
        ValueError: `axes` or `lengths` do not fit the first input, or `ignore` names no check.
        TypeError: the model can't be called; the first input, `y` or the model's result is no
            tensor; another argument is of another kind than is said here.

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
    how = {"y": y, "axes": axes, "causal": causal, "lengths": lengths, "kwargs": kwargs}
    unwanted, case = _names(ignore), Case(model, inputs, **how)
    found = [f for f in _findings(case) if f is not None and _name(f.check) not in unwanted]
    return Report(tuple(found))


def _names(ignore) -> set[str]:
    names = [ignore] if isinstance(ignore, str) else items(ignore)
    if names is None or isinstance(ignore, Tensor):
        raise TypeError(
            f"ignore is {shown(ignore)}, but names of checks are needed: one as text, or a list."
        )
    others = [n if isinstance(n, str) else shown(n) for n in names]
    if unknown := [n for n in others if n not in CHECKS]:
        raise ValueError(
            f"ignore names {', '.join(unknown)}, but the checks are {', '.join(CHECKS)}: "
            "choose from these."
        )
    return names


def _name(printed: str) -> str:
    """`newest_step` for "newest step": the check's name as the code writes it."""
    return printed.replace("-", "_").replace(" ", "_")


def _findings(case: Case) -> Iterator[Finding | None]:
    """The checks in order; where one fails so that others can't tell, these are not asked."""
    if error := error_as_it_came(case.model, case.inputs, case.kwargs):
        yield raises(case, error)
        return
    try:
        case.probe  # noqa: B018 (the first question)
    except Exception as error:
        yield cannot_be_asked(error)
        return
    case.draw(0)  # raises its own TypeError where the model returns no tensor
    answered = _asked(answers, case)
    answered, repeatable = answered if isinstance(answered, tuple) else (answered, False)
    yield answered
    fits = _asked(target, case)
    if not repeatable:
        yield fits
        says = "Is it right otherwise? That can be told when the same x gets the same answer."
        yield Finding("the rest", "question", says)
        return
    apart = _asked(samples, case, steady=answered.verdict != "wrong")
    lost = apart is not None and apart.verdict == "wrong"
    yield without_rows(case, fits) if lost else fits
    yield _with_evidence(case, apart)
    if lost:
        says = "Are its steps, layers and views right? That can be told when samples are apart."
        yield Finding("the rest", "question", says)
        return
    yield _asked(views, case)
    yield _with_evidence(case, _asked(look_ahead, case))
    seen = _asked(newest_step, case)
    seen = seen if isinstance(seen, Seen) else Seen(seen)
    yield _with_evidence(case, seen.finding)
    told = seen.finding is not None and seen.finding.verdict == "wrong"
    yield _with_evidence(case, _asked(padding, case, told=told))
    yield _asked(directions, case, sees_newest=seen.newest)
    yield _asked(parameters, case, sees_x=seen.x)


def _asked(check, case, **known):
    """What a check finds; where it fails itself, a question that says so."""
    try:
        return check(case, **known)
    except Exception as error:
        let_through()
        name = check.__name__.replace("look_ahead", "look-ahead").replace("_", " ")
        said = f"{type(error).__name__}: {error}"
        return Finding(name, "question", f"This check failed itself, and saw nothing. {said}")


def _with_evidence(case: Case, found: Finding | None) -> Finding | None:
    """Nothing changed, where nothing could show: that is a question, never right."""
    if found is None or found.verdict != "right":
        return found
    answer = case.draw(0).answer
    if not (answer.is_floating_point() or answer.is_complex()):
        why = f"the output holds {answer.dtype}, in which a small change does not show: pass scores"
    elif not case.probe.answered:
        why = "the model refuses every other x that was tried: pass one whose values may vary"
    else:
        return found
    return replace(found, verdict="question", says=f"Is it right? It can't be told: {why}.")
