"""Does every output belong to one sample, and every sample to an output?"""

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.causes import at, why_dropped, why_mixed, why_scrambled
from lstm_helpers._checking.layout import reduce_to
from lstm_helpers._checking.reads import reads_of


def check_samples(case: Case) -> Finding | None:
    """Replace one sample: only its own output may change, and it has to."""
    if case.batch is None:
        return None
    if case.samples == 1:
        text = "Do samples mix? A batch of one can't tell: pass two or more, best five."
        return Finding("samples", "question", text)
    if case.layout.batch is not None and not case.layout.mixed:
        if rnn := _layers_as_rows(case):
            return Finding("samples", "wrong", _too_many_rows(case, rnn))
        return Finding("samples", "right", "Each sample's output depends on that sample alone.")
    reached = case.layout.reached
    dead = [b for b, changed in reached.items() if not changed.any()]
    if len(dead) == len(reached):
        return None  # the output ignores its whole input: another check says so
    if dead:
        why = why_scrambled(case, case.draw(0)) or why_dropped(
            case, case.draw(0), case.at_samples(dead[0]), "the other samples"
        )
        rows = tuple(case.layout.shape)
        text = (
            f"The output {rows} ignores sample {dead[0] + 1} of {case.samples}: it reads one "
            f"sample of the batch. {why} Repair: the last step is out[:, -1] when the batch comes "
            "first, out[-1] when seq does."
        )
        return Finding("samples", "wrong", text)
    if not case.layout.shape:
        text = "The output is one number for the whole batch: a loss? Pass the model that feeds it."
        return Finding("samples", "question", text)
    why = _reordered(case) or why_mixed(case, case.draw(1) or case.draw(0))
    return Finding("samples", "wrong", f"{_who(case)} {why}")


def _layers_as_rows(case):
    """The recurrent call whose h_n (layers * directions, batch, hidden) became so many rows."""
    if case.layout.split is None or case.layout.split[1][0] == case.samples:
        return None
    answers = case.layout.shape[case.layout.split[0]]
    reads = reads_of(case)
    for rnn in reads.recurrences:
        output, state = reads.read(rnn.call)[:2]
        if len(rnn.groups) == answers and state.any() and not output.any():
            return rnn
    return None


def _too_many_rows(case, rnn):
    many = len(rnn.groups)
    return (
        f"The output has {many * case.samples} rows for {case.samples} samples, {many} for each. "
        f"Cause: view of h_n of {rnn.call.name}{at(rnn.call)}: its first axis holds layers * "
        f"directions = {many}, and became rows of its own. Repair: h_n[-1], or h_n.transpose(0, 1)"
        ".flatten(1) for all layers."
    )


def _reordered(case):
    """Every sample has one answer of its own, in another place."""
    axis = case.layout.batch
    if axis is None or any(reduce_to(c, axis).sum() != 1 for c in case.layout.reached.values()):
        return ""
    return (
        "Cause: the samples come out in another order, as after sorting them by length. Repair: "
        "put the rows back, out[order.argsort()], or pack with enforce_sorted=False."
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
