"""Does padding leave the answer alone?"""

import torch

from lstm_helpers._case import Case, Finding
from lstm_helpers._probe import differs, first_tensor


def check_padding(case: Case) -> Finding | None:
    """Other numbers, and more of them, in the place of padding: real answers have to stay."""
    if case.lengths is None:
        return None
    if min(case.lengths) == case.steps:
        text = "Is padding read? No sample of this batch has any: pass one with unequal lengths."
        return Finding("padding", "question", text)
    ends = torch.tensor(case.lengths)[:, None]
    padded = case.shaped(torch.arange(case.steps) >= ends)
    touched = case.changed(padded) & _counts(case, ends)
    if not touched.any():
        return Finding("padding", "right", "No answer depends on a padded step.")
    longer = _with_more_padding(case, ends)
    if longer is False:
        # Other numbers change the answer, more padding doesn't: the model knows padding by its
        # value, and the other numbers were none.
        return Finding("padding", "right", "No answer depends on the number of padded steps.")
    sample = int(touched.any(1).int().argmax())
    if longer is None and _constant(case, padded):
        text = (
            f"Output sample {sample + 1} depends on the value of padded steps, and x with more of "
            "them can't be run: does the model know padding by its value?"
        )
        return Finding("padding", "question", text)
    text = (
        f"Output sample {sample + 1} depends on padded steps: it has {case.lengths[sample]} real "
        f"steps of {case.steps}. Cause: the last step of the padded sequence is read, or padding "
        "is read with the real steps. Repair: out[torch.arange(batch), lengths - 1], or "
        "pack_padded_sequence and h_n[-1]."
    )
    return Finding("padding", "wrong", text)


def _counts(case, ends):
    """Which outputs have to stay: of one output per step only those of real steps."""
    if case.steps_out != case.steps:
        return torch.ones(1, 1, dtype=torch.bool)
    return torch.arange(case.steps) < ends


def _with_more_padding(case, ends):
    """Whether three more padded steps change an answer; None where the model can't run them."""
    changed = False
    shortest = case.lengths.index(min(case.lengths))
    for number in range(3):
        if (draw := case.draw(number)) is None:
            continue
        # More of the same: what stands in the last padded step of the shortest sample.
        x = draw.x.movedim((case.batch, case.seq), (0, 1)).clone()
        x = torch.where(
            (torch.arange(case.steps) >= ends).view(ends.shape[0], -1, *[1] * (x.ndim - 2)),
            case.probe.inputs[0].movedim((case.batch, case.seq), (0, 1)),
            x,
        )
        tail = case.probe.inputs[0].movedim((case.batch, case.seq), (0, 1))[shortest, -1]
        more = torch.cat((x, tail.expand(len(x), 3, *tail.shape)), 1)
        back = [t.movedim((0, 1), (case.batch, case.seq)).contiguous() for t in (x, more)]
        try:
            one, two = (
                first_tensor(case.probe.run(t, weights=draw.weights)) for t in back
            )
        except Exception:
            return None
        if one.shape != two.shape:
            axis = next(i for i, (a, b) in enumerate(zip(one.shape, two.shape, strict=True)) if a != b)
            two = two.narrow(axis, 0, one.shape[axis])
        seen = differs(one, two, max(case.tolerance, 1e-6 * (not case.probe.exact)))
        changed |= bool((case.places(seen) & _counts(case, ends)).any())
    return changed


def _constant(case, padded):
    values = case.probe.inputs[0][padded.expand(case.probe.inputs[0].shape)]
    return bool((values == values.flatten()[0]).all())
