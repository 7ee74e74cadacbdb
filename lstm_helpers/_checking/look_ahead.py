"""Does an output step see later input steps?"""

import torch

from lstm_helpers._checking.ahead import why_ahead
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, verdicts

right, wrong, question = verdicts("look-ahead")


def look_ahead(case: Case) -> Finding | None:
    """In a forecaster with one output per step, step t may use inputs up to t only."""
    out = case.steps_out
    if out is None or out == 1 or case.steps < 2:
        says = "One output for each window: no later step to look at."
        return right(says) if case.causal else None
    if case.causal is False or (not case.per_step and out != case.steps):
        return None
    if out > case.steps:
        says = (
            f"Does step t see later inputs? The output has {out} steps, x has {case.steps}: which "
            "belong together can't be told."
        )
        return question(says)
    late = case.steps - out  # fewer steps out than in are aligned at the newest
    for cut in _cuts(case.steps, late):
        seen = case.changed(case.at_steps(slice(cut + 1, None)))[:, : cut + 1 - late].any(0)
        if seen.any():
            return _ahead(case, cut, int(seen.int().argmax()))
    told = "asked for by causal=True" if case.causal else "y is x shifted"
    because = f" ({told})" if case.per_step else ""
    return right(f"Output step t uses input steps up to t only{because}.")


def _cuts(steps, late):
    """The first and the last cut, and a few odd ones between: patches have even borders."""
    places = torch.linspace(late, steps - 2, min(6, steps - 1 - late)).long().tolist()
    return sorted({late, steps - 2} | {min(p | 1, steps - 2) for p in places})


def _ahead(case, cut, step):
    says = f"{case.in_yhat(step=step)} changes with {case.in_x(steps=f'{cut + 1}:')}."
    if not case.per_step:
        says += (
            " Is step t a forecast of what follows it? Then it is wrong: pass causal=True to hear "
            "why. It is right for tagging, or for forecasts of steps after the window."
        )
        return question(says)
    later = case.at_steps(slice(cut + 1, None))
    draw = next(
        d
        for d in map(case.draw, range(3))
        if d is not None and case.places(case.probe.changed(d, later))[:, step].any()
    )
    cause, repair = why_ahead(case, draw, cut)
    told = f"({'causal=True' if case.causal else 'y is x shifted'}: step t is not to look ahead.)"
    if not repair:
        return wrong(f"{says} {told}", cause)
    return wrong(says, cause, f"{repair} {told}")
