"""Does every output belong to one sample, and every sample to an output?"""

import dataclasses

from lstm_helpers._checking.beside import inputs_beside, with_others_of_the_next
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.causes import (
    DECIDED_TOGETHER,
    why_mixed,
    why_scrambled,
)
from lstm_helpers._checking.dropped import why_samples_are_dropped
from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, sentence, verdicts
from lstm_helpers._checking.indices import items, the_index
from lstm_helpers._checking.layout import TRIES, reduce_to
from lstm_helpers._checking.locate import origin
from lstm_helpers._checking.rows import moved_back, moving_call
from lstm_helpers._running.branches import decides_by_values
from lstm_helpers._running.calls import RECURRENT, VIEWS
from lstm_helpers._running.probe import differs

right, wrong, question = verdicts("samples")


def samples(case: Case, *, steady: bool) -> Finding | None:
    """Replace one sample: only its own output may change, and it has to.

    Args:
        steady: whether answers are not random; dropout may well silence a sample.
    """
    if case.batch is None:
        return None
    if case.samples == 1:
        text = "Do samples mix? A batch of one can't tell: pass two or more, best five."
        return question(text)
    if case.layout.batch is not None and not case.layout.mixed:
        return (
            _layers_as_rows(case)
            or (_constant_rows(case) if steady and case.lengths is None else None)
            or _decided_together(case)
            or _other_outputs(case)
            or _beside_x(case)
            or _tied_to_its_size(case)
            or right("Each sample's output depends on that sample alone.")
        )
    reached = case.layout.reached
    dead = [b for b, changed in reached.items() if not changed.any() and _is_ignored(case, b)]
    if len(dead) == len(reached):
        return None  # the output ignores its whole input: another check says so
    if dead:
        return _ignores_samples(case, dead[0])
    if not case.layout.shape:
        text = "The output is one number for the whole batch: a loss? Pass the model that feeds it."
        return question(text)
    why = _reordered(case) or why_mixed(case, case.draw(1) or case.draw(0))
    return wrong(_who(case), *why)


def _is_ignored(case, sample) -> bool:
    where = case.at_samples(sample)
    draws = filter(None, map(case.draw, range(TRIES)))
    return not any(case.probe.changed(d, where, tolerance=case.probe.faintest).any() for d in draws)


def _ignores_samples(case, ignored) -> Finding:
    why = why_scrambled(case, case.draw(0))
    if why is None or not why.cause:
        why = why_samples_are_dropped(case, case.at_samples(ignored))
    return wrong(
        f"The output {tuple(case.layout.shape)} ignores {case.in_x(sample=ignored)}: it reads one "
        "sample of the batch.",
        *why,
    )


def _constant_rows(case) -> Finding | None:
    """Rows that nothing of x changes, beside others that it does."""
    rows = case.surely_unchanged(case.at_steps(slice(None))).all(1)
    if not rows.any() or rows.all() or len(rows) != case.samples:
        return None
    dead = ", ".join(case.in_yhat(sample=int(row)) for row in rows.nonzero())
    return wrong(
        f"{dead} of {case.batch_size} samples depends on nothing: no number of x changes it.",
        *_why_some_rows(case),
    )


@never_in_the_way
def _why_some_rows(case) -> Why:
    """An index that writes one row at a time."""
    for call in case.reads.calls:
        if call.name == "__setitem__" and call.shape and call.shape[0] == case.samples:
            row = (items(call) or [None])[0]
            if isinstance(row, int):
                return Why(
                    f"{the_index(call)} writes into one row, and some rows get none.",
                    "write one step of all rows at a time: [:, t] = ... for step t.",
                )
    return Why()


def _decided_together(case) -> Finding | None:
    """A way that forward takes for the whole batch: other values of one sample turn it."""
    if not (case.x.is_floating_point() and decides_by_values(case.probe)):
        return None
    draws = [*filter(None, map(case.draw, range(3)))]
    # From small values, a large one of any sample may turn the way.
    for draw in filter(None, (*draws, *(case.probe.scaled(d, 0.1) for d in draws))):
        for factor in (10, -10, 100, 0.1):
            turned = dataclasses.replace(draw, other=factor * draw.x)
            for b in range(case.samples):
                others = case.places(case.probe.changed(turned, case.at_samples(b))).any(1)
                others[b] = False
                if others.any():
                    row = case.in_yhat(sample=int(others.int().argmax()))
                    says = f"{row} changes with other values of {case.in_x(sample=b)}."
                    return wrong(says, *DECIDED_TOGETHER)
    return None


def _other_outputs(case) -> Finding | None:
    """Does any other tensor that the model returns mix samples?"""
    for number in range(1, len(case.outputs)):
        answer = case.probe.of_output(number).draw(0).answer
        if not (answer.is_floating_point() and case.samples in answer.shape):
            continue
        other = case.about(number)
        if other.layout.mixed and any(c.any() for c in other.layout.reached.values()):
            return wrong(_who(other), *why_mixed(other, other.draw(1) or other.draw(0)))
    return None


def _beside_x(case) -> Finding | None:
    """Does another input that has samples and steps, as time spans have, keep to its sample?

    A few samples are asked, as they are for x.
    """
    for name, key in inputs_beside(case).items():
        for b in sorted(case.layout.reached):
            for draw in filter(None, map(case.draw, range(3))):
                others = with_others_of_the_next(case, [key], b)
                try:
                    answer = case.probe.pick(
                        case.probe.run(draw.x, weights=draw.weights, others=others)
                    )
                except Exception:
                    break  # not every value is valid for this model
                if answer.shape != draw.answer.shape:
                    break  # it is cut at the longest of the batch
                mixed = case.places(differs(draw.answer, answer, case.probe.rounding)).any(1)
                mixed[b] = False
                if mixed.any():
                    row = case.in_yhat(sample=int(mixed.int().argmax()))
                    at = case.in_x(sample=b).removeprefix("x")
                    return wrong(f"{row} changes with {name}{at}.", *why_mixed(case, draw))
    return None


def _tied_to_its_size(case) -> Finding | None:
    """A batch with one sample less: the last one of a loader is smaller."""
    try:
        first, *rest = (case.without_last_sample(part) for part in case.probe.inputs)
        case.probe.run(first, others=(rest, case.without_last_sample(case.probe.kwargs)))
    except Exception as error:
        said = sentence(error)
        return question(
            f"Is it meant for batches of {case.samples} only? With {case.samples - 1} samples it "
            f"raises {type(error).__name__}: {said} The last batch of a loader is often smaller: "
            "take the size from x, as in x.new_zeros(..., x.shape[0], ...), or drop that batch."
        )
    return None


def _layers_as_rows(case) -> Finding | None:
    """Where a recurrent call's h_n (layers * directions, batch, hidden) became so many rows."""
    if case.layout.split is None or case.layout.split[1][0] == case.samples:
        return None
    answers = case.layout.shape[case.layout.split[0]]
    for rnn in case.reads.recurrences:
        output, state = case.reads.read(rnn.call)[:2]
        if len(rnn.groups) == answers and state.any() and not output.any():
            return _too_many_rows(case, rnn)
    return None


def _too_many_rows(case, rnn) -> Finding:
    many, states = len(rnn.groups), f"h_n of {rnn.call.name}{rnn.call.place}"
    view = next(
        (
            call
            for call in case.reads.calls
            if call.name in VIEWS and origin(call, RECURRENT) == (rnn.call, 1)
        ),
        None,
    )
    all_of_them = "h_n.transpose(0, 1).flatten(1) for all layers"
    last = "h_n[-1]" if rnn.directions == 1 else "torch.cat((h_n[-2], h_n[-1]), dim=-1)"
    return wrong(
        f"The output has {many * case.batch_size} rows for {case.batch_size} samples, "
        f"{many} for each.",
        f"{f'{view.name} of ' if view else ''}{states}: its first axis holds layers * directions = "
        f"{many}, and became rows of its own.",
        f"{last}, or {all_of_them}.",
    )


def _reordered(case) -> Why | None:
    """Every sample has one answer of its own, in another place."""
    axis = case.layout.batch
    if axis is None or any(reduce_to(c, axis).sum() != 1 for c in case.layout.reached.values()):
        return None
    return _why_reordered(case)


@never_in_the_way
def _why_reordered(case) -> Why:
    mover = moving_call(case, case.draw(1) or case.draw(0))
    if mover is None:
        return Why("the samples come out in another order.")
    who = the_index(mover) if mover.name == "__getitem__" else f"{mover.name}{mover.place}"
    return Why(
        f"{who} puts the samples in another order, and nothing puts them back.", moved_back(mover)
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
            row = case.in_yhat(sample=int(others.int().argmax()))
            return f"{row} changes with {case.in_x(sample=b)}."
    return "Samples are mixed."
