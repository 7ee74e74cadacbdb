"""How an output step comes to see later input steps, in words."""

from torch import nn

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why, never_in_the_way
from lstm_helpers._checking.indices import the_index
from lstm_helpers._checking.locate import Compared, first_look_ahead
from lstm_helpers._running.calls import (
    ATTENTION,
    CELLS,
    RECURRENT,
    STATISTICS,
    Recurrence,
    ancestors,
)

PRODUCTS = ("bmm", "matmul", "__matmul__", "einsum", "baddbmm", "mm")
CONVOLUTIONS = ("conv1d", "conv2d", "conv_transpose1d", "avg_pool1d", "max_pool1d", "pad")
SO_FAR = {
    "amax": "cummax(dim).values in its place",
    "max": "cummax(dim).values in its place",
    "amin": "cummin(dim).values in its place",
    "min": "cummin(dim).values in its place",
    "sum": "cumsum(dim) in its place",
    "mean": "cumsum(dim) over the number of steps so far",
}


@never_in_the_way
def why_ahead(case: Case, draw, cut: int) -> Why:
    """How an output step comes to see input steps after step `cut`."""
    compared = Compared(case, draw, case.at_steps([t > cut for t in range(case.steps)]))
    found = first_look_ahead(compared, case.steps, cut)
    if found is None:
        return Why()
    call, result, alone = found
    name, who = call.name, f"{call.name}{call.place}"
    if name in RECURRENT:
        return _layer_ahead(compared, call, result)
    if name in CELLS:
        return _loop_ahead(compared, call)
    weighted = any(isinstance(tensor, nn.Parameter) for tensor in call.tensors)
    if name in ("linear", "addmm") or (name in PRODUCTS and weighted):
        return Why(
            f"{who} is one layer over all steps of the window, from {call.shape}: each output step "
            "has a weight for every step.",
            "Linear(hidden, target) on every step alone; it maps the last axis of (batch, seq, "
            "hidden).",
        )
    if name in ATTENTION or (name in PRODUCTS and _feeds_softmax(compared, call)):
        return _attention_ahead(case, call)
    if name in CONVOLUTIONS:
        return _convolution_ahead(case, call)
    if name in STATISTICS:
        so_far = f"{SO_FAR[name]}, or " if name in SO_FAR else ""
        return Why(
            f"{who} takes a statistic over the whole window, later steps included.",
            f"{so_far}a number from before the window.",
        )
    if name in ("flip", "fliplr", "flipud", "roll"):
        return Why(f"{who} brings later steps to the front.", "leave it out.")
    if name == "__getitem__" and alone:
        return Why(
            f"{the_index(call)} picks a step that each of the others is given.", "leave it out."
        )
    if name == "__getitem__":
        return Why(f"{the_index(call)} puts later steps in the place of earlier ones.")
    return Why(f"{who} brings later steps into earlier ones.")


def _layer_ahead(compared, call, result) -> Why:
    rnn, who = Recurrence(call), f"{call.name}{call.place}"
    if result:
        return Why(
            f"{('h_n', 'c_n')[result - 1]} of {who} has seen the whole window, and each step is "
            "given it.",
            "leave it out: out holds the state after each step.",
        )
    if rnn.directions == 2:
        hidden = call.results[1].shape[-1]
        return Why(
            f"{who} has two directions: the backward one comes from the future.",
            f"bidirectional=False; what follows then reads {hidden} numbers a step, not "
            f"{2 * hidden}.",
        )
    if any(map(compared.reached, rnn.states)):
        return Why(f"the initial state of {who} has seen later steps.")
    return Why(f"what {who} reads has no steps in order.")


def _loop_ahead(compared, call) -> Why:
    """The loop of cells that a state comes from: it walks backwards, or its last state is read."""
    who = f"{call.name}{call.place}"
    turns = turns_of(compared.calls, call)
    if walks_backwards(compared, turns):
        return Why(
            f"the loop over {who} walks from the newest step to the oldest, so that its states "
            "have seen later steps.",
            "leave that loop out, or walk from the oldest step to the newest.",
        )
    if call is turns[-1]:
        return Why(
            f"the last state of the loop over {who} has seen the whole window, and each step is "
            "given it.",
            "give step t the state after turn t.",
        )
    return Why()


def turns_of(calls, cell) -> list:
    """All calls of the same cell, in order."""
    return [c for c in calls if c.name == cell.name and c.arg("w_hh") is cell.arg("w_hh")]


def walks_backwards(compared: Compared, turns) -> bool:
    """Whether the first turn of a loop reads the steps that are changed, and the last one none."""
    first, last = (compared.reached(turn.arg("input")) for turn in (turns[0], turns[-1]))
    return first and not last


def _feeds_softmax(compared, call) -> bool:
    return any(c.name == "softmax" and id(call) in ancestors(c) for c in compared.calls)


def _attention_ahead(case, call) -> Why:
    steps = case.steps
    what = f"{call.name}{call.place}"
    mask = {
        "multi_head_attention_forward": "a mask: nn.Transformer.generate_square_subsequent_mask("
        f"{steps}).",
        "scaled_dot_product_attention": "is_causal=True.",
    }.get(
        call.name,
        f"masked_fill(~torch.ones({steps}, {steps}).tril().bool(), -torch.inf) on the scores.",
    )
    if not case.changed(case.at_steps(slice(-1, None)))[:, 0].any():
        return Why(f"attention that lets some later steps in ({what}).", mask)
    return Why(f"attention without a mask ({what}): every step weighs all steps.", mask)


def _convolution_ahead(case, call) -> Why:
    who, shape = f"{call.name}{call.place}", call.shape
    if call.name.startswith("conv") and shape[1] == case.steps != shape[-1]:
        return Why(
            f"{who} takes the steps of {shape} for channels: one layer over all steps of the "
            "window.",
            f"transpose(1, 2) before it and after it, and {shape[-1]} channels.",
        )
    if call.name == "pad":
        return Why(
            f"{who} pads on both sides, so that step t is computed from later steps.",
            "pad kernel_size - 1 steps on the left only.",
        )
    return Why(
        f"{who} pads on both sides, so that step t is computed from later steps.",
        "F.pad(..., (kernel_size - 1, 0)) before it, and padding=0.",
    )
