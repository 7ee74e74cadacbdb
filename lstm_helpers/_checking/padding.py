"""Does a padded sample get the answer that it would get alone, without padding?"""

from dataclasses import replace

import torch
from torch import Tensor

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, verdicts
from lstm_helpers._checking.indices import the_index
from lstm_helpers._checking.locate import Compared, first_padded
from lstm_helpers._running.calls import RECURRENT, STATISTICS, Recurrence
from lstm_helpers._running.probe import differs

right, wrong, question = verdicts("padding")

PACKED = "pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) before it."
LAST_REAL = "out[torch.arange(len(lengths)), lengths - 1]"


def padding(case: Case, *, told: bool) -> Finding | None:
    """Cut the shortest samples to their real steps: their answers have to stay.

    Args:
        told: whether another check says already that a wrong step is read.
    """
    if case.lengths is None or told:
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
        return wrong(says, *_why(case, draw, sample, length))
    if _as_in_batch(case, draw.answer, alone, sample, length):
        return None
    says = f"{who}, and without padding {row} is another one."
    return wrong(says, *_why(case, draw, sample, length))


@never_in_the_way
def _why(case, draw, sample, length) -> Why:
    """Which call reads what stands after the end of this sample."""
    after = case.at_samples(sample) & case.at_steps(slice(length, None))
    # In the place of padding the values of the first step: valid ones, and others.
    first = draw.x.narrow(case.seq, 0, 1).expand_as(draw.x)
    found = first_padded(Compared(case, replace(draw, other=first), after), case.steps, length)
    if found is None:
        return Why()
    call, result = found
    who = f"{call.name}{call.place}"
    if call.name in RECURRENT:
        what = f"{('output', 'h_n', 'c_n')[result]} of {who} has seen padded steps"
        if not result or Recurrence(call).directions == 2:
            what = f"the backward direction of {who} starts in the padding"
        return Why(f"{what}: the batch is not packed.", PACKED)
    if call.name == "__getitem__":
        return Why(f"{the_index(call)} reads a padded step.", f"{LAST_REAL}.")
    if call.name == "multi_head_attention_forward":
        return Why(
            f"attention{call.place} weighs padded steps with the real ones.",
            f"key_padding_mask=torch.arange({case.steps}) >= lengths[:, None].",
        )
    if call.name in STATISTICS:
        return Why(
            f"{who} takes padded steps with the real ones.",
            f"{_left_out(call.name)}padded = torch.arange({case.steps})[:, None] >= "
            "lengths[:, None, None].",
        )
    return Why(f"{who} reads padded steps with the real ones.")


def _left_out(name) -> str:
    if name in ("max", "amax", "logsumexp"):
        return "masked_fill(padded, -torch.inf) before it, with "
    if name in ("min", "amin"):
        return "masked_fill(padded, torch.inf) before it, with "
    return "masked_fill(padded, 0) before a sum, and for a mean over lengths[:, None], with "


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
