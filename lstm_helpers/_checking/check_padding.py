"""Does a padded sample get the answer that it would get alone, without padding?"""

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.probe import differs, first_tensor


def check_padding(case: Case) -> Finding | None:
    """Cut the shortest samples to their real steps: their answers have to stay."""
    if case.lengths is None:
        return None
    if case.layout.batch is None:
        text = "Is padding read? The output has no axis of samples that could be told apart."
        return Finding("padding", "question", text)
    short = sorted((n, b) for b, n in enumerate(case.lengths) if n < case.steps)[:3]
    if not short:
        text = "Is padding read? No sample of this batch has any: pass one with unequal lengths."
        return Finding("padding", "question", text)
    for _, sample in short:
        for draw in filter(None, map(case.draw, range(3))):
            if (why := _wrong(case, draw, sample)) is None:
                text = "Is padding read? x can't be cut to fewer steps for this model."
                return Finding("padding", "question", text)
            if why:
                return Finding("padding", "wrong", why)
    return Finding(
        "padding", "right", "Padded samples get the answers that they get without padding."
    )


def _wrong(case, draw, sample) -> str | None:
    """What is wrong with the answer of one sample, "" if nothing, None if it can't be told."""
    length = case.lengths[sample]
    who = f"Output sample {sample + 1} has {length} real steps of {case.steps}"
    repair = (
        "Repair: out[torch.arange(batch), lengths - 1], or pack_padded_sequence and h_n[-1]; "
        "leave padded steps out of means."
    )
    try:
        alone = _alone(case, draw, sample, length)
    except Exception:
        try:
            _alone(case, draw, sample, length + 1)
        except Exception:
            return None
        return (
            f"{who}, and without padding it has no answer. Cause: a padded step is read. {repair}"
        )
    if _as_in_batch(case, draw.answer, alone, sample, length):
        return ""
    return (
        f"{who}, and without padding its answer is another one. Cause: the last step of the padded "
        f"sequence is read, or padded steps are read with the real ones. {repair}"
    )


def _alone(case, draw, sample, steps) -> Tensor:
    """The answer to a batch of this sample only, as large as before, cut to `steps`."""
    probe, inputs = case.probe, case.probe.inputs
    first, *rest = (_cut(case, part, sample, steps) for part in (draw.x, *inputs[1:]))
    probe.inputs = (first, *rest)
    try:
        return first_tensor(probe.run(first, weights=draw.weights))
    finally:
        probe.inputs = inputs


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
    tolerance = 1e-9 if case.probe.exact else 1e-4
    return one.shape == two.shape and not differs(one, two, tolerance).any()
