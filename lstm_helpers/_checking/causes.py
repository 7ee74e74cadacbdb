"""From the call where it goes wrong to its likeliest cause and the repair, in words."""

from functools import wraps

import torch
from torch import nn

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.locate import (
    Compared,
    first_look_ahead,
    first_mixing,
    index_of,
    last_reader,
    origin,
    sample_axis,
    scrambling_view,
    shape_of,
    without_sample_axis,
)
from lstm_helpers._checking.watch import CELLS, RECURRENT, Recurrence, tensors_in

ATTENTION = ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward")
PRODUCTS = ("bmm", "matmul", "__matmul__", "einsum", "baddbmm", "mm")
STATISTICS = (
    "mean", "std", "var", "var_mean", "std_mean", "sum", "norm", "vector_norm", "normalize",
    "max", "min", "amax", "amin", "median", "quantile", "logsumexp", "sort", "argsort", "cumsum",
    "batch_norm", "instance_norm", "group_norm", "layer_norm", "log_softmax",
)  # fmt: skip
CONVOLUTIONS = ("conv1d", "conv2d", "conv_transpose1d", "avg_pool1d", "max_pool1d", "pad")


def never_in_the_way(explain):
    """A mistake that was found is reported, also where its cause can't be made out."""

    @wraps(explain)
    def explained(*args):
        try:
            return explain(*args)
        except Exception:
            return "Its cause could not be made out: trace_shapes(model, x) shows each step."

    return explained


def at(call) -> str:
    return f" in {call.path}" if call.path not in ("", call.name) else ""


def even_and_odd(case, draw) -> Compared:
    """What replacing all even, and all odd samples changes: a mixing call is reached by both."""
    even = torch.arange(case.samples) % 2 == 0
    return Compared(case, draw, case.at_samples(even), case.at_samples(~even))


@never_in_the_way
def why_scrambled(case: Case, draw) -> str:
    """The view that lost the axis of samples, if there is one."""
    view = scrambling_view(even_and_odd(case, draw), None, case.samples)
    return _scrambled(view) if view else ""


@never_in_the_way
def why_mixed(case: Case, draw) -> str:
    """Why one sample's output depends on another sample."""
    compared = even_and_odd(case, draw)
    call = first_mixing(compared)
    reader = call is not None and call.name in (*RECURRENT, *CELLS, *ATTENTION)
    if view := scrambling_view(compared, call, case.samples, may_share=reader or call is None):
        return _scrambled(view)
    if call is None:
        return "Cause: a call joins rows of different samples. Repair: keep the batch axis apart."
    reads = compared.made(next(tensors_in((call.args, call.kwargs)))) if reader else None
    axis = sample_axis(reads, case.samples) if reads else None
    if call.name in RECURRENT:
        return _walks_along_samples(call, axis, case.samples)
    if call.name in CELLS:
        if axis is None:
            return (
                f"Cause: the loop over {call.name}{at(call)} runs over the batch axis: each step "
                "takes one whole sample, as if batch_first were forgotten. "
                "Repair: loop over the seq axis: for x_t in x.unbind(1)."
            )
        return (
            f"Cause: the state given to {call.name}{at(call)} holds other samples. Repair: give "
            "each sample its own row of the state."
        )
    if call.name == "multi_head_attention_forward":
        return (
            f"Cause: attention{at(call)} reads the batch axis as steps: batch_first was forgotten. "
            "Repair: batch_first=True, or transpose(0, 1) before it."
        )
    call = without_sample_axis(compared, call, case.samples) or call
    if call.name in STATISTICS or call.name in ATTENTION:
        extra = ""
        if call.name == "batch_norm":
            extra = " (track_running_stats=False, or training mode inside)"
        return (
            f"Cause: {call.name}{at(call)} takes statistics over the batch, in eval mode too"
            f"{extra}: an answer changes with the company it comes in. Repair: take them over the "
            "sample's own axes, or keep running values from training as BatchNorm1d does."
        )
    if call.name == "__getitem__":
        index = index_of(call.args[1])
        what = (
            "takes places that were found by looking at several samples. Repair: look at each "
            "sample alone."
            if "tensor" in index
            else "takes a part of one sample, and others are given it. Repair: keep the batch axis "
            "whole, as in x[:, -1]."
        )
        return f"Cause: the index [{index}] on {shape_of(call)}{at(call)} {what}"
    return (
        f"Cause: {call.name}{at(call)} joins several samples into one number. Repair: keep the "
        "batch axis apart; only the seq, feature and hidden axes may be summed over."
    )


def _scrambled(view) -> str:
    before, after = shape_of(view), tuple(view.values[0].shape)
    state = origin(view, RECURRENT, through=("transpose", "contiguous", "__getitem__", "cat"))
    if state and state[1] > 0:
        return (
            f"Cause: {view.name} of h_n {before} to {after}{at(view)}: h_n is (layers * "
            "directions, batch, hidden), so this view joins states of different samples. Repair: "
            "h_n[-1], or torch.cat((h_n[-2], h_n[-1]), dim=-1) for two directions; all layers: "
            "h_n.transpose(0, 1).flatten(1)."
        )
    return (
        f"Cause: {view.name} from {before} to {after}{at(view)} cuts the same memory into other "
        "rows: it does not swap axes, the samples are scrambled. Repair: transpose or permute "
        "where axes were to be swapped."
    )


def _walks_along_samples(call, axis, samples) -> str:
    rnn = Recurrence(call)
    shape = shape_of(call)
    if rnn.packed:
        return (
            f"Cause: the packed batch of {call.name}{at(call)} reads the batch axis as steps: "
            "batch_first was forgotten. Repair: pack_padded_sequence(..., batch_first=True)."
        )
    if axis == rnn.seq_axis or axis == -1:
        steps = shape[rnn.seq_axis]
        if shape[1 - rnn.seq_axis] == 1 and steps > samples:
            return (
                f"Cause: {call.name}{at(call)} reads the whole batch as one sequence of {steps} "
                "steps: batch and seq were merged before it. Repair: no view or reshape there; "
                "keep x (batch, seq, feature)."
            )
        if shape[1 - rnn.seq_axis] == 1:
            return (
                f"Cause: {call.name}{at(call)} reads the whole batch as one unbatched sequence of "
                f"{steps} steps: a 2-D input has no batch axis. Repair: give x all "
                "three axes (batch, seq, feature), for one variable x.unsqueeze(-1)."
            )
        now = "batch_first=True" if rnn.batch_first else "batch_first=False, the default"
        other = "batch_first=False" if rnn.batch_first else "batch_first=True"
        return (
            f"Cause: {call.name}{at(call)} ({now}) walks along the batch axis as if it were seq: "
            f"{'x is time first' if rnn.batch_first else 'batch_first was forgotten'}. Repair: "
            f"{other}, or x.transpose(0, 1) before it. If x is time first, say so: "
            'axes="seq batch feature".'
        )
    return (
        f"Cause: the initial state of {call.name}{at(call)} holds other samples: h_0 is (layers * "
        "directions, batch, hidden). Repair: build it with transpose, not with view."
    )


@never_in_the_way
def why_dropped(case: Case, draw, where, what: str) -> str:
    """Which call lets go of what changed."""
    call = last_reader(Compared(case, draw, where))
    if call is None:
        return f"Cause: {what} never reaches the output."
    shape = shape_of(call)
    if call.name == "__getitem__":
        return f"Cause: the index [{index_of(call.args[1])}] on {shape}{at(call)} drops {what}."
    return f"Cause: {call.name} on {shape}{at(call)} drops {what}."


@never_in_the_way
def why_ahead(case: Case, draw, cut: int) -> str:
    """How an output step comes to see later input steps."""
    steps = [t > cut for t in range(case.steps)]
    call = first_look_ahead(Compared(case, draw, case.at_steps(steps)), case.steps, cut)
    if call is None:
        return "Cause: a call reads the whole seq axis. Repair: let step t read steps up to t."
    name = call.name
    if name in RECURRENT and Recurrence(call).directions == 2:
        return (
            f"Cause: {name}{at(call)} has two directions: the backward one comes from the future. "
            "Repair: bidirectional=False."
        )
    if name in RECURRENT or name in CELLS:
        return (
            f"Cause: a state of {name}{at(call)} that has seen later steps reaches earlier ones: a "
            "loop that walks backwards, a second direction, or the last state given to every step. "
            "Repair: one direction, from the oldest step, and out[:, t] for step t."
        )
    weighted = any(isinstance(t, nn.Parameter) for t in tensors_in((call.args, call.kwargs)))
    if name in ("linear", "addmm") or (name in PRODUCTS and weighted):
        return (
            f"Cause: {name}{at(call)} is one layer over all steps of the window, from "
            f"{shape_of(call)}: each output step has a weight for every step. Repair: "
            "Linear(hidden, target) on every step alone; it maps the last axis of (batch, seq, "
            "hidden)."
        )
    if name in ATTENTION or name in PRODUCTS:
        if not case.changed(case.at_steps(slice(-1, None)))[:, 0].any():
            return (
                f"Cause: attention{at(call)} with a mask that lets some later steps in ({name}). "
                "Repair: torch.tril without a diagonal, or is_causal=True."
            )
        return (
            f"Cause: attention without a mask ({name}{at(call)}): every step weighs all steps. "
            "Repair: a causal mask, is_causal=True."
        )
    if name in CONVOLUTIONS:
        shape = shape_of(call)
        if name.startswith("conv") and shape[1] == case.steps != shape[-1]:
            return (
                f"Cause: {name}{at(call)} takes the steps of {shape} for channels: one layer over "
                "all steps of the window. Repair: transpose(1, 2) before it and after it."
            )
        return (
            f"Cause: {name}{at(call)} pads on both sides, so that step t is computed from later "
            "steps. Repair: pad kernel_size - 1 steps on the left only."
        )
    if name in STATISTICS:
        return (
            f"Cause: {name}{at(call)} takes a statistic over the whole window, later steps "
            "included. Repair: take it over the steps up to t (cumsum), or from before the window."
        )
    if name in ("flip", "fliplr", "flipud", "roll"):
        return (
            f"Cause: {name}{at(call)} brings later steps to the front: a second, backward "
            "direction. Repair: leave it out."
        )
    return f"Cause: {name}{at(call)} brings later steps into earlier ones."
