"""Is all that the model computes ever used? Unread layers, unread directions."""

import torch

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.causes import at
from lstm_helpers._checking.probe import ROUNDING, differs, first_tensor
from lstm_helpers._checking.reads import Reads, reads_of
from lstm_helpers._checking.watch import ancestors, tensors_in


def check_parameters(case: Case) -> Finding | None:
    """Every parameter that can be trained gets a gradient, in eval or in training mode."""
    reads = reads_of(case)
    if not reads.parameters:
        return None
    if not reads.calls:
        text = "Do all parameters get a gradient? The result has none: integers, or no_grad inside."
        return Finding("parameters", "question", text)
    dead = reads.dead()
    if dead:
        training = Reads(case, train=True)
        dead = [name for name in dead if name in training.dead()]
    if not dead:
        return Finding("parameters", "right", "Every parameter gets a gradient.")
    if not case.sees_x and len(dead) == len(reads.parameters):
        return None  # the output ignores x: another check says why
    if all(_ends_a_chain(reads, name, dead) for name in dead):
        text = (
            f"{_listed(dead)} never get a gradient: the last ones of several, and nothing comes "
            "after them. Are they spare? Then leave them out, or freeze them with "
            "requires_grad_(False). If not, something forgot to read them."
        )
        return Finding("parameters", "question", text)
    trivial = [call for call in reads.calls if _is_over_one(call)]
    if {id(reads.parameters[name]) for name in dead} <= _fed_into(reads, trivial):
        text = (
            f"{_listed(dead)} never get a gradient: the softmax{at(trivial[0])} goes over an axis "
            "of one, and is 1 whatever it reads. One variable, one patch? Then nothing is to be "
            "weighed, and it is right. Else another dim is meant."
        )
        return Finding("parameters", "question", text)
    return Finding(
        "parameters", "wrong", f"{_listed(dead)} never get a gradient. {_why(case, dead)}"
    )


def _listed(names):
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def _why(case, dead):
    reads = reads_of(case)
    ids = {id(reads.parameters[name]) for name in dead}
    if _change_the_answer(case, ids):
        return (
            "Cause: the output depends on them, but detach, .data, no_grad, numpy, rounding or "
            "sampling stands between and lets no gradient pass. Repair: leave it out, or freeze "
            "them with requires_grad_(False)."
        )
    for rnn in reads.recurrences:
        unread = [i for i, group in enumerate(rnn.groups) if all(id(p) in ids for p in group)]
        if unread and len(unread) < len(rnn.groups):
            layer, direction = divmod(unread[0], rnn.directions)
            if rnn.directions == 2 and layer == rnn.layers - 1 and len(unread) == 1:
                unread, read = ("forward", "backward")[:: -1 if direction else 1]
                name = f"{rnn.call.name}{at(rnn.call)}"
                return (
                    f"Cause: nothing reads the {unread} direction of {name}, only the {read} one: "
                    "h_n[-1] is the backward half alone. "
                    "Repair: torch.cat((h_n[-2], h_n[-1]), dim=-1)."
                )
            return (
                f"Cause: nothing reads layer {layer + 1} of {rnn.layers} of {rnn.call.name}"
                f"{at(rnn.call)}: h_n[0] is the first layer. Repair: h_n[-1], the last one."
            )
    if not any(id(t) in ids for call in reads.calls for t in _arguments(call)):
        return "Cause: forward never uses them. Repair: use the layer, or take it out."
    return (
        "Cause: what they compute is never read. Repair: read the last layer's result, as h_n[-1] "
        "does, or take the layer out."
    )


def _is_over_one(call):
    if call.name == "scaled_dot_product_attention":
        return call.args[1].shape[-2] == 1
    if call.name not in ("softmax", "log_softmax"):
        return False
    dim = call.kwargs.get("dim", call.args[1] if len(call.args) > 1 else None)
    return isinstance(dim, int) and call.results[0].ndim > 0 and call.results[0].shape[dim] == 1


def _fed_into(reads, calls):
    """The ids of all tensors that these calls depend on."""
    before = set().union(*map(ancestors, calls))
    return {id(t) for call in reads.calls if id(call) in before for t in _arguments(call)}


def _ends_a_chain(reads, name, dead):
    """Whether it is the last of layers that are alike and read, and have no memory.

    The last residual of a chain has no reader. A whole block unread is another matter.
    """
    parts, known = name.split("."), reads.parameters
    if any(known[name] is t for call in reads.walks for t in _arguments(call)):
        return False
    for i, part in enumerate(parts):
        if not part.isdigit():
            continue
        before, after = (
            ".".join([*parts[:i], str(int(part) + by), *parts[i + 1 :]]) for by in (-1, 1)
        )
        if before in known and after not in known and before not in dead:
            block = ".".join(parts[: i + 1]) + "."
            is_one_layer = len(parts) == i + 2
            return is_one_layer or any(n.startswith(block) and n not in dead for n in known)
    return False


def _change_the_answer(case, ids):
    """Whether other values of these parameters give another answer."""
    probe = case.probe
    for draw in filter(None, map(case.draw, range(1, 4))):
        both = zip(probe.weights, draw.weights, strict=True)
        weights = [value + 0.1 if id(p) in ids else value for p, value in both]
        try:
            answer = first_tensor(probe.run(draw.x, weights=weights))
        except Exception:
            continue  # not every value is valid for this model
        if differs(draw.answer, answer, ROUNDING).any():
            return True
    return False


def _arguments(call):
    return tensors_in((call.args, call.kwargs))


def check_directions(case: Case) -> Finding | None:
    """A direction that is read at the first step it walks has seen one step of the window."""
    reads = reads_of(case)
    # A maximum over steps may well sit at the first one: only many draws can tell.
    while (wrong := _read_at_a_start(reads)) and reads.look_again():
        pass
    if wrong:
        return wrong
    if not any(_both_read(r, *reads.read(r.call)[:2]) for r in reads.recurrences):
        return None
    return Finding("directions", "right", "Both directions are read where they saw the window.")


def _read_at_a_start(reads):
    for rnn in reads.recurrences:
        output, h_n = reads.read(rnn.call)[:2]
        if rnn.directions == 1 and not reads.case.sees_newest:
            continue  # it walks forwards: another check says what is missed
        for direction in range(rnn.directions):
            if _read_at_its_start_only(rnn, direction, output, h_n):
                return _one_step(rnn, direction)
    if reads.case.sees_newest and _cells_read_at_their_start(reads):
        return Finding(
            "directions",
            "wrong",
            "Of a loop of cells only the first turn is read: that state has seen one step, and the "
            "backward half of a pair of directions starts at the newest step. Cause: the last "
            "place of both directions is read, as in out[:, -1]. Repair: read each direction where "
            "its loop ends.",
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


def _one_step(rnn, direction):
    name = f"{rnn.call.name}{at(rnn.call)}"
    if rnn.directions == 2:
        half, index, other = (
            ("backward", "out[:, -1]", "out[:, 0, hidden:]")
            if direction
            else ("forward", "out[:, 0]", "out[:, -1, :hidden]")
        )
        return Finding(
            "directions",
            "wrong",
            f"The {half} half of {name} is read at one step only, where it starts: it has seen one "
            f"step of the window. Cause: {index} of an output with two directions. Repair: "
            f"torch.cat((h_n[-2], h_n[-1]), dim=-1), or {other} for that half.",
        )
    return Finding(
        "directions",
        "wrong",
        f"{name} is read at the first step that it walks only: that state has seen one step. "
        "Cause: a backward direction read at the last place, as in out[:, -1]. Repair: read it "
        "where it ends, h_n[-1].",
    )


def _cells_read_at_their_start(reads):
    loops = {}
    for call in reads.cells:
        loops.setdefault(call.path, []).append(reads.read(call)[0].any())
    return any(len(loop) > 2 and loop[0] and not any(loop[1:]) for loop in loops.values())
