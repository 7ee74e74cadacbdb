"""Does the output see the newest input step, and each step of a forecast, too?"""

from typing import NamedTuple

import torch

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.dropped import why_dropped, why_steps_are_dropped, why_x_is_dropped
from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._checking.padding import LAST_REAL
from lstm_helpers._running.calls import ancestors

right, wrong, question = verdicts("newest step")


class Seen(NamedTuple):
    """The finding, and what it means for other checks: whether x, and its newest step, are seen."""

    finding: Finding
    x: bool = True
    newest: bool = True


def newest_step(case: Case) -> Seen:
    """The output has to see the newest step; each step of a forecast has to."""
    if all(draw is None or torch.equal(draw.x, draw.other) for draw in map(case.draw, range(3))):
        says = "Does the output see x? All its values are equal: pass a batch with different ones."
        return Seen(question(says))
    if case.surely_unchanged(case.at_steps(slice(None))).all():
        return Seen(_ignored(case), x=False, newest=False)
    among = _own_newest(case)
    blind = case.surely_unchanged(case.newest(), among)
    if case.lengths is not None and blind.any() and not blind.any(1).all():
        return Seen(_blind_samples(case, blind))
    if _maybe_a_horizon(case):
        says = (
            f"Are the {case.steps} output steps forecasts of the {case.steps} steps after the "
            "window? Then the first one has not seen the newest inputs, and all belong to the last "
            "state. It is right where step t answers step t: pass causal=True."
        )
        return Seen(question(says))
    if not (blind | ~among).all(0).any() or not blind.any():
        return Seen(right("The output sees the newest input step."))
    if not (blind | ~among).all():
        return Seen(_staircase(case, blind.all(0)))
    return _all_blind(case, among)


def _all_blind(case, among) -> Seen:
    missed = _missed(case, among)
    what = "the newest input step" if missed == 1 else f"the newest {missed} input steps"
    where = "" if case.lengths else f"{case.in_x(steps=f'{case.steps - missed}:')}, "
    if _answers_steps(case) and case.causal is None and not case.shifted:
        says = (
            f"Each output step misses {where}{what}: is it meant to answer a question about its "
            "own step from the steps before?"
        )
        return Seen(question(says))
    says = f"The output ignores {where}{what} of {case.steps}."
    return Seen(wrong(says, *why_steps_are_dropped(case, missed, what)), newest=False)


def _answers_steps(case):
    """Whether each output step belongs to the input step beside it."""
    out = case.steps_out
    if case.lengths and out == max(case.lengths):  # unpacked to the longest of the batch
        return True
    return out is not None and (out == case.steps or case.per_step)


def _maybe_a_horizon(case):
    """y is a series, not x shifted, as long as the window; the first step saw no newer input."""
    if case.steps_out != case.steps or case.causal is not None or case.shifted is not False:
        return False
    first = torch.arange(case.steps) == 0
    return case.y.is_floating_point() and case.surely_unchanged(case.newest(), first).any()


def _own_newest(case):
    """(samples out, steps out): which outputs have to see the newest step of their sample."""
    out = case.steps_out or 1
    among = torch.zeros(case.samples or 1, out, dtype=torch.bool)
    if case.layout.batch is None:
        among = among[:1]
    if not _answers_steps(case):
        return ~among
    for sample, row in enumerate(among):
        row[min(case.lengths[sample], out) - 1 if case.lengths else -1] = True
    return among


def _missed(case, among):
    """How many of the newest input steps none of `among` has seen."""
    unseen, seen = 1, case.steps
    while seen - unseen > 1:
        middle = (unseen + seen) // 2
        blind = case.surely_unchanged(case.newest(middle), among)
        unseen, seen = (middle, seen) if blind[among].all() else (unseen, middle)
    return unseen


def _ignored(case) -> Finding:
    says = "The output ignores its input: no number of x changes it."
    return wrong(says, *why_x_is_dropped(case))


def _blind_samples(case, blind) -> Finding:
    sample = int(blind.any(1).int().argmax())
    step = case.in_x(sample=sample, steps=case.lengths[sample] - 1)
    where = case.newest() & case.at_samples(sample)
    cause, _ = why_dropped(case, case.draw(0), where, step)
    return wrong(
        f"{case.in_yhat(sample=sample)} has not seen {step}, the last real step of its sample.",
        cause,
        f"{LAST_REAL}, or h_n[-1] of a packed sequence." if cause else "",
    )


def _staircase(case, blind) -> Finding:
    """The forecast decoded from the last `horizon` states, one for each step."""
    first, horizon = int(blind.int().argmax()), len(blind)
    one = (torch.arange(horizon) == first).expand(case.samples or 1, horizon)
    seen = case.in_x(steps=f":{case.steps - _missed(case, one)}")
    says = (
        f"{case.in_yhat(step=first)} has seen {seen} only, {case.in_yhat(step=horizon - 1)} more."
    )
    if not _last_states_are_read(case, horizon):
        return question(
            f"{says} Are they forecasts of what follows the window? Then the "
            "first ones have not seen the newest inputs. It is right where output steps answer "
            "parts of the window: pass causal=True where step t may not look ahead."
        )
    return wrong(
        says,
        f"the head decodes the last {horizon} states, one for each forecast step, so the first "
        "forecast has not seen the newest inputs.",
        f"decode all from the last state h, Linear(hidden, {horizon} * target)(h), and cut that "
        f"into {horizon} steps. If output steps answer the input steps beside them, pass "
        "causal=True.",
    )


def _last_states_are_read(case: Case, horizon: int) -> bool:
    """Whether the model takes the last `horizon` of its states, out of one tensor or of a loop."""
    cells = case.reads.cells
    for call in case.reads.calls:
        sizes = call.results[0].shape
        cut = call.name in ("__getitem__", "narrow", "split", "index_select") and call.parents
        if cut and horizon in sizes and case.steps in call.shape and horizon < case.steps:
            return True
        if call.name in ("stack", "cat") and len(call.tensors) == horizon < len(cells):
            before = ancestors(*(parent for parent, _ in call.parents))
            if all(id(cell) in before for cell in cells[-horizon:]):
                return True
    return False
