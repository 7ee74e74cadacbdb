"""Which input steps does each output step see: none later, and the newest?"""

import torch

from lstm_helpers._case import Case, Finding
from lstm_helpers._causes import why_ahead, why_dropped


def check_look_ahead(case: Case) -> Finding | None:
    """In a forecaster with one output per step, step t may use inputs up to t only."""
    out = case.steps_out
    if out is None or out == 1 or case.steps < 2:
        text = "One output for each window: no later step to look at."
        return Finding("look-ahead", "right", text) if case.causal else None
    per_step = case.causal or case.shifted
    if not per_step and (out != case.steps or case.causal is False):
        return None
    if out > case.steps:
        text = (
            f"Does step t see later inputs? The output has {out} steps, x has {case.steps}: which "
            "belong together can't be told."
        )
        return Finding("look-ahead", "question", text)
    late = case.steps - out  # fewer steps out than in are aligned at the newest
    for cut in _cuts(case.steps, late):
        seen = case.changed(case.at_steps(slice(cut + 1, None)))[:, : cut + 1 - late].any(0)
        if seen.any():
            return _ahead(case, cut, int(seen.int().argmax()), per_step)
    why = "asked for by causal=True" if case.causal else "y is x shifted" if per_step else ""
    text = f"Output step t uses input steps up to t only{f' ({why})' if why else ''}."
    return Finding("look-ahead", "right", text)


def _cuts(steps, late):
    """The first and the last cut, and a few odd ones between: patches have even borders."""
    places = torch.linspace(late, steps - 2, min(6, steps - 1 - late)).long().tolist()
    return sorted({late, steps - 2} | {min(p | 1, steps - 2) for p in places})


def _ahead(case, cut, step, per_step):
    what = f"Output step {step + 1} of {case.steps_out} changes with input steps after {cut + 1}."
    draw = next(
        d
        for d in map(case.draw, range(3))
        if d is not None
        and case.places(case.probe.changed(d, case.at_steps(slice(cut + 1, None))))[:, step].any()
    )
    why = why_ahead(case, draw, cut)
    if per_step:
        reason = "causal=True" if case.causal else "y is x shifted"
        return Finding("look-ahead", "wrong", f"{what} {why} ({reason}: step t is not to look ahead.)")
    text = (
        f"{what} Is step t a forecast of what follows it? Then it is wrong: pass causal=True to "
        f"hear why. It is right for tagging, or for forecasts of steps after the window."
    )
    return Finding("look-ahead", "question", text)


def check_newest(case: Case) -> Finding | None:
    """The output has to see the newest step; each step of a forecast has to."""
    everything = case.at_steps(slice(None))
    if case.surely_unchanged(everything).all():
        return _unsure(case) or Finding("newest step", "wrong", _ignored(case))
    out = case.steps_out
    per_step = out is not None and (out == case.steps or case.causal or case.shifted)
    among = slice(-1, None) if per_step else slice(None)
    blind = case.surely_unchanged(case.newest(), among)[:, among].all(0)
    if not blind.any():
        return Finding("newest step", "right", "The output sees the newest input step.")
    if not blind.all():
        return _staircase(case, blind)
    missed = next(
        k
        for k in range(2, case.steps + 1)
        if not case.surely_unchanged(case.newest(k), among)[:, among].all()
    ) - 1
    what = "the newest input step" if missed == 1 else f"the newest {missed} input steps"
    why = why_dropped(case, case.draw(0), case.newest(missed), what)
    if per_step and case.causal is None and not case.shifted:
        text = (
            f"Each output step misses {what}: is it meant to answer a question about its own step "
            "from the steps before?"
        )
        return Finding("newest step", "question", text)
    text = (
        f"The output ignores {what} of {case.steps}. {why} Repair: read the last state, "
        "out[:, -1] with the batch first, out[-1] with seq first."
    )
    return _unsure(case) or Finding("newest step", "wrong", text)


def _ignored(case):
    why = why_dropped(case, case.draw(0), case.at_steps(slice(None)), "x")
    return f"The output ignores its input: no number of x changes it. {why} Repair: compute from x."


def _unsure(case):
    """Weights of a closure can't be drawn anew, and behind a zero head everything is unseen."""
    modules = case.probe.modules
    if case.probe.copied or not any((p == 0).all() for m in modules for p in m.parameters()):
        return None
    text = "Does the output see x? Weights are all zero in this callable: pass the module itself."
    return Finding("newest step", "question", text)


def _staircase(case, blind):
    """The forecast decoded from the last `horizon` states, one for each step."""
    first = int(blind.int().argmax())
    horizon = len(blind)
    seen = next(
        case.steps - k
        for k in range(1, case.steps)
        if not case.surely_unchanged(case.newest(k + 1), slice(first, first + 1))[:, first].all()
    )
    text = (
        f"Forecast step {first + 1} of {horizon} has seen input steps 1-{seen} of {case.steps} "
        f"only, step {horizon} more. Cause: the head decodes the last {horizon} states, one for "
        "each forecast step, so the first forecast has not seen the newest inputs. Repair: decode "
        f"all from the last state, Linear(hidden, {horizon} * target)(out[:, -1]). If output steps "
        "answer the input steps beside them, pass causal=True."
    )
    return Finding("newest step", "wrong", text)
