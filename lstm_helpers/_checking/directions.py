"""Is each direction read where it has seen the window?"""

import torch

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, verdicts

right, wrong, _ = verdicts("directions")


def directions(case: Case, *, sees_newest: bool) -> Finding | None:
    """A direction that is read at the first step it walks has seen one step of the window.

    Args:
        sees_newest: whether the output sees the newest step; else another check says what is
            missed by a layer that walks forwards.
    """
    reads = case.reads
    # A maximum over steps may well sit at the first one: only many draws can tell.
    while (found := _read_at_a_start(reads, sees_newest)) and reads.look_again():
        pass
    if found or (found := _not_flipped_back(case)):
        return found
    if not any(_both_read(r, *reads.read(r.call)[:2]) for r in reads.recurrences):
        return None
    return right("Both directions are read where they saw the window.")


def _not_flipped_back(case) -> Finding | None:
    """Output step t beside what a backward pass saw t steps from the end."""
    steps = case.steps
    told_already = case.per_step  # then no output may see later steps at all
    if told_already or case.steps_out != steps or steps < 6 or case.lengths is not None:
        return None
    for t in (0, 1):
        mirrored, between = case.at_steps(steps - 1 - t), case.at_steps(slice(t + 1, steps - 1 - t))
        if not case.changed(mirrored)[:, t].any():
            return None
        here = (torch.arange(steps) == t).expand(case.samples or 1, steps)
        if not case.surely_unchanged(between, here)[:, t].all():
            return None
    return wrong(
        f"yhat[:, 0] changes with x[:, 0] and x[:, {steps - 1}] and with none between, yhat[:, 1] "
        f"with x[:, :2] and x[:, {steps - 2}:] only.",
        "the outputs of a backward pass are not turned round again: its first one belongs to the "
        "last step.",
        "backward(x.flip(1))[0].flip(1) beside the forward pass.",
    )


def _read_at_a_start(reads, sees_newest) -> Finding | None:
    for rnn in reads.recurrences:
        output, h_n = reads.read(rnn.call)[:2]
        if rnn.directions == 1 and not sees_newest:
            continue
        for direction in range(rnn.directions):
            if _read_at_its_start_only(rnn, direction, output, h_n):
                return _one_step(rnn, direction)
    if sees_newest and _cells_read_at_their_start(reads):
        return wrong(
            "Of a loop of cells only the first turn is read: that state has seen one step, and the "
            "backward half of a pair of directions starts at the newest step.",
            "the last place of both directions is read, as in out[:, -1].",
            "read each direction where its loop ends.",
        )
    return None


def _both_read(rnn, output, h_n):
    return rnn.directions == 2 and (output.any() or h_n.any())


def _half(rnn, direction, output):
    width = output.shape[-1] // rnn.directions
    return output[..., direction * width : (direction + 1) * width]


def _read_at_its_start_only(rnn, direction, output, h_n):
    read = _half(rnn, direction, output).any(-1)
    ends = h_n.reshape(rnn.layers, rnn.directions, -1)[-1, direction]
    if rnn.packed:
        read = _unpacked(read, rnn.batch_sizes)
    elif rnn.batch_first:
        read = read.T
    if ends.any() or not read.any() or len(read) < 2:
        return False
    steps = torch.arange(len(read))[:, None].expand_as(read)
    first = torch.zeros(read.shape[1], dtype=torch.long)
    if direction == 1:
        first = (
            (rnn.batch_sizes[:, None] > torch.arange(read.shape[1])).sum(0) - 1
            if rnn.packed
            else first + len(read) - 1
        )
    return not (read & (steps != first)).any()


def _unpacked(read, batch_sizes):
    rows = torch.zeros(len(batch_sizes), int(batch_sizes[0]), dtype=torch.bool)
    for step, part in enumerate(read.split(batch_sizes.tolist())):
        rows[step, : len(part)] = part
    return rows


def _one_step(rnn, direction) -> Finding:
    name = f"{rnn.call.name}{rnn.call.place}"
    if rnn.directions == 1:
        return wrong(
            f"{name} is read at the first step that it walks only: that state has seen one step.",
            "a backward direction read at the last place, as in out[:, -1].",
            "read it where it ends, h_n[-1].",
        )
    half, index, other = (
        ("backward", "out[:, -1]", "out[:, 0, hidden:]")
        if direction
        else ("forward", "out[:, 0]", "out[:, -1, :hidden]")
    )
    return wrong(
        f"The {half} half of {name} is read at one step only, where it starts: it has seen one "
        "step of the window.",
        f"{index} of an output with two directions.",
        f"torch.cat((h_n[-2], h_n[-1]), dim=-1), or {other} for that half.",
    )


def _cells_read_at_their_start(reads):
    loops = {}
    for call in reads.cells:
        loops.setdefault(call.path, []).append(reads.read(call)[0].any())
    return any(len(loop) > 2 and loop[0] and not any(loop[1:]) for loop in loops.values())
