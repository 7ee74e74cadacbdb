"""Does a padded sample get the answer that it would get alone, without padding?"""

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._running.probe import differs

right, wrong, question = verdicts("padding")

REPAIR = (
    "out[torch.arange(batch), lengths - 1], or pack_padded_sequence and h_n[-1]; leave padded "
    "steps out of means."
)


def padding(case: Case) -> Finding | None:
    """Cut the shortest samples to their real steps: their answers have to stay."""
    if case.lengths is None:
        return None
    if case.layout.batch is None:
        text = "Is padding read? The output has no axis of samples that could be told apart."
        return question(text)
    short = sorted((n, b) for b, n in enumerate(case.lengths) if n < case.steps)[:3]
    if not short:
        text = "Is padding read? No sample of this batch has any: pass one with unequal lengths."
        return question(text)
    for _, sample in short:
        for draw in filter(None, map(case.draw, range(3))):
            if (found := _asked_alone(case, draw, sample)) is not None:
                return found
    return right("Padded samples get the answers that they get without padding.")


def _asked_alone(case, draw, sample) -> Finding | None:
    """What there is to say about one sample; None where its answer is the same without padding."""
    length = case.lengths[sample]
    who = f"{case.in_x(sample=sample)} has {length} real steps of {case.steps}"
    row = case.in_yhat(sample=sample)
    try:
        alone = _alone(case, draw, sample, length)
    except Exception:
        try:
            _alone(case, draw, sample, length + 1)
        except Exception:
            says = "Is padding read? x can't be cut to fewer steps for this model."
            return question(says)
        says = f"{who}, and without padding {row} can't be computed."
        return wrong(says, "a padded step is read.", REPAIR)
    if _as_in_batch(case, draw.answer, alone, sample, length):
        return None
    return wrong(
        f"{who}, and without padding {row} is another one.",
        "the last step of the padded sequence is read, or padded steps are read with the real "
        "ones.",
        REPAIR,
    )


def _alone(case, draw, sample, steps) -> Tensor:
    """The answer to a batch of this sample only, as large as before, cut to `steps`."""
    parts = (draw.x, *case.probe.inputs[1:])
    first, *rest = (_cut(case, part, sample, steps) for part in parts)
    others = rest, case.probe.kwargs
    return case.probe.pick(case.probe.run(first, weights=draw.weights, others=others))


def _cut(case, part, sample, steps):
    """Lengths, masks and other inputs of one row a sample go with it."""
    if isinstance(part, list) and len(part) == case.samples:
        return [part[sample]] * case.samples
    if not isinstance(part, Tensor) or part.ndim == 0:
        return part
    batch, seq = (0, None) if part.ndim == 1 else (case.batch, case.seq)
    if part.shape[batch] == case.samples:
        part = part.index_select(batch, torch.full((case.samples,), sample, device=part.device))
    if seq is not None and seq < part.ndim and part.shape[seq] == case.steps:
        part = part.narrow(seq, 0, steps)
    return part


def _as_in_batch(case, answer, alone, sample, length):
    layout = case.layout
    one, two = (layout(t).select(layout.batch, sample) for t in (answer, alone))
    if layout.steps is not None and (one.shape != two.shape or case.steps_out == case.steps):
        axis = layout.steps - (layout.batch < layout.steps)
        if min(one.shape[axis], two.shape[axis]) < length:
            return False
        one, two = one.narrow(axis, 0, length), two.narrow(axis, 0, length)
    # Cut and uncut sequences are added up in another order.
    return one.shape == two.shape and not differs(one, two, 100 * case.probe.rounding).any()
