"""Is each direction read where it has seen the window?"""

import torch

from lstm_helpers._checking.ahead import turns_of
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, verdicts
from lstm_helpers._checking.indices import the_index
from lstm_helpers._checking.locate import Compared
from lstm_helpers._running.calls import ancestors, index_text

right, wrong, _ = verdicts("directions")


def directions(case: Case, *, sees_newest: bool) -> Finding | None:
    """A direction that is read at the first step it walks has seen one step of the window.

    Args:
        sees_newest: whether the output sees the newest step; else another check says what is
            missed by a layer that walks forwards.
    """
    reads = case.reads
    # A maximum over steps may well sit at the first one: only many draws can tell.
    while (found := _read_at_a_start(case, sees_newest)) and reads.look_again():
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


def _read_at_a_start(case, sees_newest) -> Finding | None:
    reads = case.reads
    for rnn in reads.recurrences:
        output, h_n = reads.read(rnn.call)[:2]
        if rnn.directions == 1 and not sees_newest:
            continue
        for direction in range(rnn.directions):
            if _read_at_its_start_only(rnn, direction, output, h_n):
                return _one_step(case, rnn, direction, output)
    if sees_newest and (loop := _loop_read_at_its_start(reads)):
        return wrong(
            f"Of the loop over {loop[0].name}{loop[0].place} only the first turn is read: that "
            "state has seen one step.",
            *_why_the_first_turn(case, loop[0]),
        )
    return None


@never_in_the_way
def _why_the_first_turn(case, cell) -> Why:
    compared = Compared(case, case.draw(0), case.newest())
    # The first turn alone stands in the answer's way: the others are looked up in the whole run.
    turns = turns_of(compared.plain.watch.calls, cell)
    if not turns or not compared.reached(turns[0].arg("input")):
        return Why()
    return Why(
        "it walks from the newest step to the oldest, and is read where it starts, at the newest.",
        "read the state after its last turn.",
    )


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


def _one_step(case, rnn, direction, output) -> Finding:
    name = f"{rnn.call.name}{rnn.call.place}"
    if rnn.directions == 1:
        return wrong(
            f"{name} is read at the first step that it walks only: that state has seen one step.",
            *_why_the_first_step(case, rnn, output),
        )
    half = ("forward", "backward")[direction]
    index = _index_that_reads(case, rnn, direction, output)
    return wrong(
        f"The {half} half of {name} is read at one step only, where it starts: it has seen one "
        "step of the window.",
        f"{index} reads it, of an output with two directions." if index else "",
        f"torch.cat((h_n[-2], h_n[-1]), dim=-1){_its_own_end(rnn, direction)}.",
    )


def _its_own_end(rnn, direction) -> str:
    """The index of the last step that this half walks, in an output that is not packed."""
    if rnn.packed:
        return ""
    width = rnn.call.results[1].shape[-1]
    step, half = (0, f"{width}:") if direction else (-1, f":{width}")
    index = f"[:, {step}, {half}]" if rnn.batch_first else f"[{step}, :, {half}]"
    return f", or out{index} for that half"


@never_in_the_way
def _why_the_first_step(case, rnn, output) -> Why:
    """A layer that walks from the newest step, read at its first one."""
    compared = Compared(case, case.draw(0), case.newest())
    calls = [c for c in compared.calls if c.name == rnn.call.name and c.path == rnn.call.path]
    index = _index_that_reads(case, rnn, 0, output)
    if len(calls) != 1 or not compared.reached(calls[0].arg("input")) or not index:
        return Why(f"{index} of its output." if index else "")
    return Why(
        f"it walks from the newest step to the oldest, and {index} reads it where it starts.",
        f"h_n[-1] of {rnn.call.path or rnn.call.name}, where it ends.",
    )


def _index_that_reads(case, rnn, direction, output) -> str:
    """The index that takes this half's start out of the output, as the code writes it."""
    half = torch.zeros_like(output)
    width = output.shape[-1] // rnn.directions
    half[..., direction * width : (direction + 1) * width] = True
    for call in case.reads.calls:
        if call.name != "__getitem__" or not case.reads.read(call)[0].any():
            continue
        if id(rnn.call) not in ancestors(call) or len(call.results[0].shape) >= len(call.shape):
            continue
        same = call.shape == tuple(output.shape)
        if same and not (output & half)[call.arg("index")].any():
            continue
        return f"out[{index_text(call.arg('index'))}]" if same else the_index(call)
    return ""


def _loop_read_at_its_start(reads):
    """The turns of a loop of cells of which only the first is read."""
    loops = {}
    for call in reads.cells:
        loops.setdefault(call.path, []).append(call)
    for loop in loops.values():
        read = [reads.read(call)[0].any() for call in loop]
        if len(loop) > 2 and read[0] and not any(read[1:]):
            return loop
    return None
