"""Does every output belong to one sample, and every sample to an output?"""

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.causes import why_dropped, why_mixed, why_scrambled
from lstm_helpers._checking.finding import Finding, Why, verdicts
from lstm_helpers._checking.layout import reduce_to

right, wrong, question = verdicts("samples")


def samples(case: Case) -> Finding | None:
    """Replace one sample: only its own output may change, and it has to."""
    if case.batch is None:
        return None
    if case.samples == 1:
        text = "Do samples mix? A batch of one can't tell: pass two or more, best five."
        return question(text)
    if case.layout.batch is not None and not case.layout.mixed:
        if rnn := _layers_as_rows(case):
            return _too_many_rows(case, rnn)
        return right("Each sample's output depends on that sample alone.")
    reached = case.layout.reached
    dead = [b for b, changed in reached.items() if not changed.any()]
    if len(dead) == len(reached):
        return None  # the output ignores its whole input: another check says so
    if dead:
        return _ignores_samples(case, dead[0])
    if not case.layout.shape:
        text = "The output is one number for the whole batch: a loss? Pass the model that feeds it."
        return question(text)
    why = _reordered(case) or why_mixed(case, case.draw(1) or case.draw(0))
    return wrong(_who(case), *why)


def _ignores_samples(case, ignored) -> Finding:
    cause, repair = why_scrambled(case, case.draw(0)) or why_dropped(
        case, case.draw(0), case.at_samples(ignored), "the other samples"
    )
    return wrong(
        f"The output {tuple(case.layout.shape)} ignores sample {ignored + 1} of {case.samples}: it "
        "reads one sample of the batch.",
        cause,
        repair or "the last step is out[:, -1] when the batch comes first, out[-1] when seq does.",
    )


def _layers_as_rows(case):
    """The recurrent call whose h_n (layers * directions, batch, hidden) became so many rows."""
    if case.layout.split is None or case.layout.split[1][0] == case.samples:
        return None
    answers = case.layout.shape[case.layout.split[0]]
    for rnn in case.reads.recurrences:
        output, state = case.reads.read(rnn.call)[:2]
        if len(rnn.groups) == answers and state.any() and not output.any():
            return rnn
    return None


def _too_many_rows(case, rnn) -> Finding:
    many = len(rnn.groups)
    return wrong(
        f"The output has {many * case.samples} rows for {case.samples} samples, {many} for each.",
        f"view of h_n of {rnn.call.name}{rnn.call.place}: its first axis holds layers * directions "
        f"= {many}, and became rows of its own.",
        "h_n[-1], or h_n.transpose(0, 1).flatten(1) for all layers.",
    )


def _reordered(case) -> Why | None:
    """Every sample has one answer of its own, in another place."""
    axis = case.layout.batch
    if axis is None or any(reduce_to(c, axis).sum() != 1 for c in case.layout.reached.values()):
        return None
    return Why(
        "the samples come out in another order, as after sorting them by length.",
        "put the rows back, out[order.argsort()], or pack with enforce_sorted=False.",
    )


def _who(case):
    axis = case.layout.batch
    if axis is None:
        return (
            f"The output {tuple(case.layout.shape)} has no axis for the {case.samples} samples: "
            "its numbers depend on several."
        )
    for b, changed in case.layout.reached.items():
        others = reduce_to(changed, axis)
        others[b] = False
        if others.any():
            return (
                f"Output sample {int(others.int().argmax()) + 1} depends on input sample {b + 1}."
            )
    return "Samples are mixed."
