"""Why samples are mixed: from the call where it happens to its cause and the repair, in words."""

import torch

from lstm_helpers._checking.beside import inputs_beside, with_others_of_the_next
from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why, never_in_the_way
from lstm_helpers._checking.indices import picked, the_index, with_items
from lstm_helpers._checking.locate import (
    Compared,
    first_mixing,
    origin,
    scrambling_view,
    without_sample_axis,
)
from lstm_helpers._checking.meeting import why_apart
from lstm_helpers._checking.moves import meant_move
from lstm_helpers._checking.rows import moved_back, moves, moving_call
from lstm_helpers._checking.walks import why_attention, why_cell, why_recurrent
from lstm_helpers._running.branches import decides_by_values
from lstm_helpers._running.calls import ATTENTION, CELLS, RECURRENT, STATISTICS, Recurrence

DECIDED_TOGETHER = Why(
    "forward decides by a number that is made of the whole batch, as in `if`, bool() or item(): "
    "which way it goes depends on the company.",
    "decide for each sample, with torch.where.",
)


def even_and_odd(case, draw, beside=()) -> Compared:
    """What replacing all even, and all odd samples changes: a mixing call is reached by both.

    Args:
        beside: which inputs beside x are replaced with them.
    """
    even = torch.arange(case.samples) % 2 == 0
    both = even, ~even
    along = [with_others_of_the_next(case, beside, chosen) for chosen in both] if beside else None
    return Compared(case, draw, *map(case.at_samples, both), along=along)


def _all_even_and_odd(case, draw) -> Compared:
    """The same with all that has samples: a call may join x with another input's samples."""
    if beside := inputs_beside(case).values():
        try:
            compared = even_and_odd(case, draw, beside)
        except Exception:
            compared = None  # not every value is valid for this model
        if compared and first_mixing(compared):
            return compared
    return even_and_odd(case, draw)


@never_in_the_way
def why_scrambled(case: Case, draw) -> Why | None:
    """The view that lost the axis of samples, if there is one."""
    view = scrambling_view(even_and_odd(case, draw), None, case.samples)
    return _scrambled(view) if view else None


@never_in_the_way
def why_mixed(case: Case, draw) -> Why:
    """Why one sample's output depends on another sample, of x or of an input beside it."""
    compared = _all_even_and_odd(case, draw)
    call = first_mixing(compared)
    if call is not None and (why := why_apart(compared, call, case.samples)):
        return why
    reader = call is not None and call.name in (*RECURRENT, *CELLS, *ATTENTION)
    if view := scrambling_view(compared, call, case.samples, may_share=reader or call is None):
        return _scrambled(view)
    if call is None and decides_by_values(case.probe):
        return DECIDED_TOGETHER
    if call is None:
        mover = moving_call(case, draw)
        return Why(f"{moves(mover)}.", moved_back(mover)) if mover else Why()
    if call.name in RECURRENT:
        return why_recurrent(case, draw, compared, call)
    if call.name in CELLS:
        return why_cell(case, draw, compared, call)
    if call.name == "multi_head_attention_forward":
        return why_attention(case, compared, call)
    call = without_sample_axis(compared, call, case.samples) or call
    return _turns_are_samples(compared, call, case.samples) or _joins_samples(case, call)


def _turns_are_samples(compared, call, samples) -> Why | None:
    """A loop whose turns take one sample each, as if it were a step."""
    alike = [c for c in compared.calls if c.name == call.name and c.shape == call.shape]
    if call.name == "unbind" and len(call.results) == samples:
        how = f"unbind({call.arg('dim', 0)})"
    elif call.name == "__getitem__" and len(alike) >= samples > 1:
        indices = {c.arg("index") for c in alike if isinstance(c.arg("index"), int)}
        if len(indices) < samples:
            return None
        how = "x[i]"
    else:
        return None
    return Why(
        f"a loop{call.place} runs over the batch axis ({how}): each turn takes one whole sample, "
        "as if it were a step.",
        "loop over the seq axis: for x_t in x.unbind(1).",
    )


def _joins_samples(case, call) -> Why:
    if call.name in STATISTICS or call.name in ATTENTION:
        extra = ""
        if call.name == "batch_norm":
            extra = " (track_running_stats=False, or training mode inside)"
        return Why(
            f"{call.name}{call.place} takes statistics over the batch, in eval mode too{extra}: an "
            "answer changes with the company it comes in.",
            _over_steps(case, call),
        )
    if call.name == "__getitem__":
        if len(call.tensors) > 1:
            return Why(
                f"{the_index(call)} takes places that were found by looking at several samples."
            )
        at = picked(call, case.samples)
        repair = f"{with_items(call, {at[0]: slice(None)})} in its place" if at else ""
        if repair and not call.values[0].ndim:  # a number met what it met without an axis
            repair += ", with as many axes as what it meets"
        return Why(
            f"{the_index(call)} takes a part of one sample, and others are given it.",
            repair and f"{repair}.",
        )
    return Why(f"{call.name}{call.place} joins several samples into one number.")


def _over_steps(case, call) -> str:
    """The same statistic over each sample's own steps, or one that is kept from training."""
    dim = case.seq
    if call.name == "batch_norm":
        return "nn.BatchNorm1d with track_running_stats=True, the default."
    if call.name in ("softmax", "log_softmax", "normalize"):
        return f"dim={dim}, over the sample's own steps."
    if call.name in ("instance_norm", "group_norm", "layer_norm"):
        return ""
    name = {"min": "amin", "max": "amax"}.get(call.name, call.name)
    if name not in ("mean", "std", "var", "sum", "amin", "amax", "norm", "logsumexp"):
        return ""
    return (
        f"{name}({dim}, keepdim=True), over the sample's own steps, or a number that is kept from "
        "training."
    )


def _scrambled(view) -> Why:
    before, after = view.shape, tuple(view.values[0].shape)
    moved = ("transpose", "contiguous", "__getitem__")
    state = origin(view, RECURRENT, through=(*moved, "cat"))
    if state and state[1] > 0 and len(Recurrence(state[0]).groups) == before[0]:
        return _states_scrambled(
            view, Recurrence(state[0]), state[1], origin(view, ("cat",), through=moved)
        )
    move = meant_move(before, after)
    return Why(
        f"{view.name} from {before} to {after}{view.place} cuts the same memory into other rows: "
        "it does not swap axes, the samples are scrambled.",
        f"{move} in its place." if move else "transpose or permute where axes were to be swapped.",
    )


def _states_scrambled(view, rnn, result, joined) -> Why:
    """A view of (layers * directions, batch, hidden) that starts with the batch."""
    before, after = view.shape, tuple(view.values[0].shape)
    name = ("h_n", "c_n")[result - 1]
    flat = len(after) == 2 and after[0] == before[1]
    turned = f"transpose(0, 1).{'flatten(1)' if flat else f'reshape{after}'}"
    last = f"torch.cat(({name}[-2], {name}[-1]), dim=-1)" if rnn.directions == 2 else f"{name}[-1]"
    return Why(
        f"{view.name} of {'joined states' if joined else name} {before} to {after}{view.place}: "
        "its axes are (layers * directions, batch, hidden), so this view joins states of different "
        "samples.",
        f"{turned} in its place."
        if joined
        else f"{name}.{turned}; for the last layer alone {last}.",
    )
