"""From the call where it goes wrong to its likeliest cause and the repair, in words."""

from functools import wraps

import torch
from torch import nn

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why
from lstm_helpers._checking.locate import (
    Compared,
    first_look_ahead,
    first_mixing,
    last_reader,
    origin,
    sample_axis,
    scrambling_view,
    without_sample_axis,
)
from lstm_helpers._checking.meeting import why_apart
from lstm_helpers._running.branches import decides_by_values
from lstm_helpers._running.calls import CELLS, RECURRENT, Recurrence, ancestors, index_text
from lstm_helpers._running.debug import let_through

ATTENTION = ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward")
PRODUCTS = ("bmm", "matmul", "__matmul__", "einsum", "baddbmm", "mm")
STATISTICS = (
    "mean", "std", "var", "var_mean", "std_mean", "sum", "norm", "vector_norm", "normalize",
    "max", "min", "amax", "amin", "median", "quantile", "logsumexp", "sort", "argsort", "cumsum",
    "batch_norm", "instance_norm", "group_norm", "layer_norm", "log_softmax",
)  # fmt: skip
CONVOLUTIONS = ("conv1d", "conv2d", "conv_transpose1d", "avg_pool1d", "max_pool1d", "pad")


DECIDED_TOGETHER = Why(
    "forward decides by a number that is made of the whole batch, as in `if`, bool() or item(): "
    "which way it goes depends on the company.",
    "decide for each sample, with torch.where.",
)


def never_in_the_way(explain):
    """A mistake that was found is reported, also where its cause can't be made out."""

    @wraps(explain)
    def explained(*args):
        try:
            return explain(*args)
        except Exception:
            let_through()
            return Why(repair="look at each step with trace_shapes(model, x).")

    return explained


def even_and_odd(case, draw, beside=None) -> Compared:
    """What replacing all even, and all odd samples changes: a mixing call is reached by both.

    Args:
        beside: which input beside x is replaced with them.
    """
    even = torch.arange(case.samples) % 2 == 0
    both = even, ~even
    along = [case.with_others_of_the_next(beside, chosen) for chosen in both] if beside else None
    return Compared(case, draw, *map(case.at_samples, both), along=along)


@never_in_the_way
def why_scrambled(case: Case, draw) -> Why | None:
    """The view that lost the axis of samples, if there is one."""
    view = scrambling_view(even_and_odd(case, draw), None, case.samples)
    return _scrambled(view) if view else None


@never_in_the_way
def why_mixed(case: Case, draw, beside=None) -> Why:
    """Why one sample's output depends on another sample, or on that one's part of `beside`."""
    compared = even_and_odd(case, draw, beside)
    call = first_mixing(compared)
    if call is not None and (why := why_apart(compared, call, case.samples)):
        return why
    reader = call is not None and call.name in (*RECURRENT, *CELLS, *ATTENTION)
    if view := scrambling_view(compared, call, case.samples, may_share=reader or call is None):
        return _scrambled(view)
    if call is None and decides_by_values(case.probe):
        return DECIDED_TOGETHER
    if call is None:
        return Why("a call joins rows of different samples.", "keep the batch axis apart.")
    reads = compared.made(call.tensors[0]) if reader else None
    axis = sample_axis(reads, case.samples) if reads else None
    if call.name in RECURRENT:
        return _walks_along_samples(call, axis, case.samples)
    if call.name in CELLS:
        return _cell_among_samples(call, axis)
    if call.name == "multi_head_attention_forward":
        return Why(
            f"attention{call.place} reads the batch axis as steps: batch_first was forgotten.",
            "batch_first=True, or transpose(0, 1) before it.",
        )
    call = without_sample_axis(compared, call, case.samples) or call
    return _turns_are_samples(compared, call, case.samples) or _joins_samples(call)


def _cell_among_samples(call, axis) -> Why:
    if axis is None:
        return Why(
            f"the loop over {call.name}{call.place} runs over the batch axis: each step takes one "
            "whole sample, as if batch_first were forgotten.",
            "loop over the seq axis: for x_t in x.unbind(1).",
        )
    return Why(
        f"the state given to {call.name}{call.place} holds other samples.",
        "give each sample its own row of the state.",
    )


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


def _joins_samples(call) -> Why:
    if call.name in STATISTICS or call.name in ATTENTION:
        extra = ""
        if call.name == "batch_norm":
            extra = " (track_running_stats=False, or training mode inside)"
        return Why(
            f"{call.name}{call.place} takes statistics over the batch, in eval mode too{extra}: an "
            "answer changes with the company it comes in.",
            "take them over the sample's own axes, or keep running values from training as "
            "BatchNorm1d does.",
        )
    if call.name == "__getitem__":
        what = f"the index [{index_text(call.arg('index'))}] on {call.shape}{call.place}"
        if len(call.tensors) > 1:
            return Why(
                f"{what} takes places that were found by looking at several samples.",
                "look at each sample alone.",
            )
        return Why(
            f"{what} takes a part of one sample, and others are given it.",
            "keep the batch axis whole, as in x[:, -1].",
        )
    return Why(
        f"{call.name}{call.place} joins several samples into one number.",
        "keep the batch axis apart; only the seq, feature and hidden axes may be summed over.",
    )


def _scrambled(view) -> Why:
    before, after = view.shape, tuple(view.values[0].shape)
    state = origin(view, RECURRENT, through=("transpose", "contiguous", "__getitem__", "cat"))
    if state and state[1] > 0:
        return Why(
            f"{view.name} of h_n {before} to {after}{view.place}: h_n is (layers * directions, "
            "batch, hidden), so this view joins states of different samples.",
            "h_n[-1], or torch.cat((h_n[-2], h_n[-1]), dim=-1) for two directions; all layers: "
            "h_n.transpose(0, 1).flatten(1).",
        )
    return Why(
        f"{view.name} from {before} to {after}{view.place} cuts the same memory into other rows: "
        "it does not swap axes, the samples are scrambled.",
        "transpose or permute where axes were to be swapped.",
    )


def _walks_along_samples(call, axis, samples) -> Why:
    rnn, name = Recurrence(call), f"{call.name}{call.place}"
    if rnn.packed:
        return Why(
            f"the packed batch of {name} reads the batch axis as steps: batch_first was forgotten.",
            "pack_padded_sequence(..., batch_first=True).",
        )
    if axis not in (rnn.seq_axis, -1):
        return Why(
            f"the initial state of {name} holds other samples: h_0 is (layers * directions, batch, "
            "hidden).",
            "build it with transpose, not with view.",
        )
    steps, rows = call.shape[rnn.seq_axis], call.shape[1 - rnn.seq_axis]
    if rows == 1 and steps > samples:
        return Why(
            f"{name} reads the whole batch as one sequence of {steps} steps: batch and seq were "
            "merged before it.",
            "no view or reshape there; keep x (batch, seq, feature).",
        )
    if rows == 1:
        return Why(
            f"{name} reads the whole batch as one unbatched sequence of {steps} steps: a 2-D input "
            "has no batch axis.",
            "give x all three axes (batch, seq, feature), for one variable x.unsqueeze(-1).",
        )
    now, other, why = (
        ("batch_first=True", "batch_first=False", "x is time first")
        if rnn.batch_first
        else ("batch_first=False, the default", "batch_first=True", "batch_first was forgotten")
    )
    return Why(
        f"{name} ({now}) walks along the batch axis as if it were seq: {why}.",
        f"{other}, or x.transpose(0, 1) before it. If x is time first, say so: "
        'axes="seq batch feature".',
    )


def last_states_are_read(case: Case, horizon: int) -> bool:
    """Whether the model takes the last `horizon` of its states, out of one tensor or of a loop."""
    cells = case.reads.cells
    for call in case.reads.calls:
        sizes = call.results[0].shape
        cut = call.name in ("__getitem__", "narrow", "split", "index_select") and call.parents
        if cut and horizon in sizes and case.steps in call.shape and horizon < case.steps:
            return True
        if call.name in ("stack", "cat") and len(call.tensors) == horizon < len(cells):
            before = ancestors(*(parent for parent, _ in call.parents))
            if all(id(cell) in before for cell in cells[-horizon:]):
                return True
    return False


@never_in_the_way
def why_dropped(case: Case, draw, where, what: str) -> Why:
    """Which call lets go of what changed."""
    call = last_reader(Compared(case, draw, where))
    if call is None:
        return Why(f"{what} never reaches the output.")
    index = f"the index [{index_text(call.arg('index'))}]"
    who = index if call.name == "__getitem__" else call.name
    return Why(f"{who} on {call.shape}{call.place} drops {what}.")


@never_in_the_way
def why_ahead(case: Case, draw, cut: int) -> Why:
    """How an output step comes to see later input steps."""
    steps = [t > cut for t in range(case.steps)]
    call = first_look_ahead(Compared(case, draw, case.at_steps(steps)), case.steps, cut)
    if call is None:
        return Why("a call reads the whole seq axis.", "let step t read steps up to t.")
    name, who = call.name, f"{call.name}{call.place}"
    if name in RECURRENT and Recurrence(call).directions == 2:
        return Why(
            f"{who} has two directions: the backward one comes from the future.",
            "bidirectional=False.",
        )
    if name in RECURRENT or name in CELLS:
        return Why(
            f"a state of {who} that has seen later steps reaches earlier ones: a loop that walks "
            "backwards, a second direction, or the last state given to every step.",
            "one direction, from the oldest step, and out[:, t] for step t.",
        )
    weighted = any(isinstance(tensor, nn.Parameter) for tensor in call.tensors)
    if name in ("linear", "addmm") or (name in PRODUCTS and weighted):
        return Why(
            f"{who} is one layer over all steps of the window, from {call.shape}: each output step "
            "has a weight for every step.",
            "Linear(hidden, target) on every step alone; it maps the last axis of (batch, seq, "
            "hidden).",
        )
    if name in ATTENTION or name in PRODUCTS:
        return _attention_ahead(case, call)
    if name in CONVOLUTIONS:
        return _convolution_ahead(case, call)
    if name in STATISTICS:
        return Why(
            f"{who} takes a statistic over the whole window, later steps included.",
            "take it over the steps up to t (cumsum), or from before the window.",
        )
    if name in ("flip", "fliplr", "flipud", "roll"):
        return Why(
            f"{who} brings later steps to the front: a second, backward direction.", "leave it out."
        )
    return Why(f"{who} brings later steps into earlier ones.", "let step t read steps up to t.")


def _attention_ahead(case, call) -> Why:
    if not case.changed(case.at_steps(slice(-1, None)))[:, 0].any():
        return Why(
            f"attention{call.place} with a mask that lets some later steps in ({call.name}).",
            "torch.tril without a diagonal, or is_causal=True.",
        )
    return Why(
        f"attention without a mask ({call.name}{call.place}): every step weighs all steps.",
        "a causal mask, is_causal=True.",
    )


def _convolution_ahead(case, call) -> Why:
    who, shape = f"{call.name}{call.place}", call.shape
    if call.name.startswith("conv") and shape[1] == case.steps != shape[-1]:
        return Why(
            f"{who} takes the steps of {shape} for channels: one layer over all steps of the "
            "window.",
            "transpose(1, 2) before it and after it.",
        )
    return Why(
        f"{who} pads on both sides, so that step t is computed from later steps.",
        "pad kernel_size - 1 steps on the left only.",
    )
