"""Which input steps does each output step see: none later, and the newest?"""

import torch

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.causes import why_ahead, why_dropped


def check_look_ahead(case: Case) -> Finding | None:
    """In a forecaster with one output per step, step t may use inputs up to t only."""
    out = case.steps_out
    if out is None or out == 1 or case.steps < 2:
        text = "One output for each window: no later step to look at."
        return Finding("look-ahead", "right", text) if case.causal else None
    if case.causal is False:
        return None
    per_step = case.causal or case.shifted
    if not per_step and out != case.steps:
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
        return Finding(
            "look-ahead", "wrong", f"{what} {why} ({reason}: step t is not to look ahead.)"
        )
    text = (
        f"{what} Is step t a forecast of what follows it? Then it is wrong: pass causal=True to "
        f"hear why. It is right for tagging, or for forecasts of steps after the window."
    )
    return Finding("look-ahead", "question", text)


def check_newest(case: Case) -> Finding | None:
    """The output has to see the newest step; each step of a forecast has to."""
    if all(draw is None or torch.equal(draw.x, draw.other) for draw in map(case.draw, range(3))):
        text = "Does the output see x? All its values are equal: pass a batch with different ones."
        return Finding("newest step", "question", text)
    if case.surely_unchanged(case.at_steps(slice(None))).all():
        case.sees_x = case.sees_newest = False
        return Finding("newest step", "wrong", _ignored(case))
    among = _own_newest(case)
    blind = case.surely_unchanged(case.newest(), among)
    if case.lengths is not None and blind.any() and not blind.any(1).all():
        return _blind_samples(case, blind)
    if _maybe_a_horizon(case):
        text = (
            f"Are the {case.steps} output steps forecasts of the {case.steps} steps after the "
            "window? Then the first one has not seen the newest inputs, and all belong to the last "
            "state. It is right where step t answers step t: pass causal=True."
        )
        return Finding("newest step", "question", text)
    if not (blind | ~among).all(0).any() or not blind.any():
        return Finding("newest step", "right", "The output sees the newest input step.")
    if not (blind | ~among).all():
        return _staircase(case, blind.all(0))
    missed = _missed(case, among)
    what = "the newest input step" if missed == 1 else f"the newest {missed} input steps"
    why = why_dropped(case, case.draw(0), case.newest(missed), what)
    if _per_step(case) and case.causal is None and not case.shifted:
        text = (
            f"Each output step misses {what}: is it meant to answer a question about its own step "
            "from the steps before?"
        )
        return Finding("newest step", "question", text)
    case.sees_newest = False
    text = (
        f"The output ignores {what} of {case.steps}. {why} Repair: read the last state, "
        "out[:, -1] with the batch first, out[-1] with seq first."
    )
    return Finding("newest step", "wrong", text)


def _per_step(case):
    out = case.steps_out
    return out is not None and (out == case.steps or case.causal or case.shifted)


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
    if not _per_step(case):
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


def _ignored(case):
    why = why_dropped(case, case.draw(0), case.at_steps(slice(None)), "x")
    return f"The output ignores its input: no number of x changes it. {why} Repair: compute from x."


def _blind_samples(case, blind):
    sample = int(blind.any(1).int().argmax())
    text = (
        f"Output sample {sample + 1} has not seen the last real step of its sample, step "
        f"{case.lengths[sample]} of {case.steps}. Cause: another step is read, the last of the "
        "padded sequence. Repair: out[torch.arange(batch), lengths - 1], or h_n[-1] of a packed "
        "sequence."
    )
    return Finding("newest step", "wrong", text)


def _staircase(case, blind):
    """The forecast decoded from the last `horizon` states, one for each step."""
    first, horizon = int(blind.int().argmax()), len(blind)
    one = (torch.arange(horizon) == first).expand(case.samples or 1, horizon)
    seen = case.steps - _missed(case, one)
    text = (
        f"Forecast step {first + 1} of {horizon} has seen input steps 1-{seen} of {case.steps} "
        f"only, step {horizon} more. Cause: the head decodes the last {horizon} states, one for "
        "each forecast step, so the first forecast has not seen the newest inputs. Repair: decode "
        f"all from the last state, Linear(hidden, {horizon} * target)(out[:, -1]). If output steps "
        "answer the input steps beside them, pass causal=True."
    )
    return Finding("newest step", "wrong", text)
