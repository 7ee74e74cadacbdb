"""Layers that read the batch axis as steps: recurrent ones, cells in a loop and attention."""

from torch import nn

from lstm_helpers._checking.finding import Why
from lstm_helpers._checking.locate import sample_axis
from lstm_helpers._checking.rows import laid_by, moved_back, moves, moving_call, only_swaps, typed
from lstm_helpers._running.calls import Recurrence


def why_cell(case, draw, compared, call) -> Why:
    """A cell mixes samples: its loop runs over them, or it is given the state of others."""
    if _axis(compared, call, case.samples) is None:
        return Why(
            f"the loop over {call.name}{call.place} runs over the batch axis: each step takes one "
            "whole sample, as if batch_first were forgotten.",
            "loop over the seq axis: for x_t in x.unbind(1).",
        )
    return _other_state(case, draw, f"{call.name}{call.place}")


def why_recurrent(case, draw, compared, call) -> Why:
    """An LSTM, GRU or RNN mixes samples."""
    rnn, name = Recurrence(call), f"{call.name}{call.place}"
    axis = _axis(compared, call, case.samples)
    if rnn.packed:
        return Why(
            f"the packed batch of {name} reads the batch axis as steps: batch_first was forgotten.",
            "pack_padded_sequence(..., batch_first=True), with a length for each sample.",
        )
    if axis not in (rnn.seq_axis, -1):
        return _other_state(case, draw, name)
    steps, rows = call.shape[rnn.seq_axis], call.shape[1 - rnn.seq_axis]
    if rows == 1 and steps > case.samples:
        return Why(
            f"{name} reads the whole batch as one sequence of {steps} steps: batch and seq were "
            "merged before it.",
            "no view or reshape there; keep x (batch, seq, feature).",
        )
    if rows == 1:
        return Why(
            f"{name} reads the whole batch as one unbatched sequence of {steps} steps: a 2-D input "
            "has no batch axis.",
            _three_axes(case, rnn),
        )
    made = compared.plain.watch.maker(rnn.input)
    if why := _laid_otherwise(case, compared, made, call, rnn.batch_first):
        return why
    return Why(
        f"{name} (batch_first=False, the default) walks along the batch axis as if it were seq: "
        "batch_first was forgotten.",
        "batch_first=True, or x.transpose(0, 1) before it. If x is time first, say so: "
        'axes="seq batch feature".',
    )


def why_attention(case, compared, call) -> Why:
    """`nn.MultiheadAttention` mixes samples."""
    name = f"attention{call.place}"
    if len(call.shape) == 2:
        return Why(
            f"{name} reads {call.shape} as one unbatched sequence of {call.shape[0]} steps: a 2-D "
            "input has no batch axis.",
            "keep the seq axis before it: (batch, seq, feature), with batch_first=True.",
        )
    made, first = compared.plain.watch.maker(call.tensors[0]), _has_the_batch_first(case, call)
    if first and made:  # the layer itself turns what it is given
        made = next(iter(made[0].parents), None)
    return _laid_otherwise(case, compared, made, call, first, name) or Why(
        f"{name} reads the batch axis as steps: batch_first was forgotten.",
        "batch_first=True, or transpose(0, 1) before it.",
    )


def _axis(compared, call, samples) -> int | None:
    """The axis of samples in what a layer reads."""
    reads = compared.made(call.tensors[0])
    return sample_axis(reads, samples) if reads else None


def _has_the_batch_first(case, call) -> bool:
    """Known by its weights: a layer in a closure has no path."""
    given = {id(weight) for weight in call.tensors}
    return any(
        layer.batch_first and any(id(weight) in given for weight in layer.parameters())
        for layer in case.probe.modules
        if isinstance(layer, nn.MultiheadAttention)
    )


def _laid_otherwise(case, compared, made, call, batch_first, name="") -> Why | None:
    """The layer gets the samples on the axis of its steps, and that is not for want of a flag.

    Args:
        made: (call, result) of what the layer is given.
    """
    mover = laid_by(compared, made, case.samples)
    if not (mover or batch_first) or made is None:
        return None
    name, shape = name or f"{call.name}{call.place}", tuple(made[0].values[made[1]].shape)
    now, other = ("True", "False") if batch_first else ("False, the default", "True")
    cause = f"{name} (batch_first={now}) gets {shape}, whose samples are axis {int(batch_first)}"
    if mover:
        cause += f": {typed(mover)}{mover.place} puts them there"
    elif case.batch > case.seq:
        cause += ": x is time first"
    if mover and only_swaps(mover):
        repair = f"leave {typed(mover)} out, and what undoes it"
    else:
        repair = "transpose(0, 1) before it"
    return Why(f"{cause}.", f"batch_first={other}, or {repair}.")


def _other_state(case, draw, name) -> Why:
    """A layer is given a state whose rows are those of other samples."""
    cause = f"the state given to {name} holds other samples"
    mover = moving_call(case, draw)
    return Why(f"{cause}: {moves(mover)}.", moved_back(mover)) if mover else Why(f"{cause}.")


def _three_axes(case, rnn) -> str:
    if rnn.input.shape[-1] == case.steps:
        return (
            "give x all three axes (batch, seq, feature), for one variable x.unsqueeze(-1) and "
            "input_size=1."
        )
    return "keep the seq axis before it: (batch, seq, feature), with batch_first=True."
