"""Two tensors that keep the samples apart, and in which a sample does not meet its own."""

import torch

from lstm_helpers._checking.finding import Why
from lstm_helpers._checking.locate import Compared, sample_place
from lstm_helpers._running.calls import Call

ELEMENTWISE = (
    "add", "radd", "iadd", "sub", "rsub", "isub", "mul", "rmul", "imul", "div", "truediv",
    "rtruediv", "itruediv", "pow", "rpow", "where", "maximum", "minimum", "lerp", "addcmul",
    "masked_fill",
)  # fmt: skip


def why_apart(compared: Compared, call: Call, samples: int) -> Why | None:
    """`call` reads samples in two orders of rows, or along two axes that meet in broadcasting."""
    for i, (one, result, axis, split) in enumerate(apart := _apart_in(compared, call, samples)):
        for other, its_result, its_axis, its_split in apart[:i]:
            shape, its_shape = one.values[result].shape, other.values[its_result].shape
            if split and its_split and split[1] != its_split[1] and len(shape) == len(its_shape):
                makers = [_layer_of_rows(compared, maker, samples) for maker in (other, one)]
                return _rows_in_two_orders(call, makers, (its_split, split), samples)
            ends = axis - len(shape), its_axis - len(its_shape)
            if not (split or its_split) and ends[0] != ends[1] and _is_elementwise(call):
                return _broadcast(call, (its_shape, its_axis), (shape, axis))
    return None


def _apart_in(compared, call, samples) -> list[tuple]:
    """(maker, result, axis of samples, split) of each argument of `call` that keeps them apart."""
    known = [(*p, *sample_place(compared.changed(*p), samples)) for p in compared.parents(call)]
    return [place for place in known if place[2] is not None]


def _layer_of_rows(compared, call, samples) -> Call:
    """Up from `call`, whose rows are samples and more, to the call that made so many of them."""
    while above := _apart_in(compared, call, samples):
        if above[0][3] is None:
            return call
        call = above[0][0]
    return call


def _is_elementwise(call) -> bool:
    if call.name.strip("_") not in ELEMENTWISE:
        return False
    together = torch.broadcast_shapes(*(t.shape for t in call.tensors))
    return together == call.results[0].shape


def _rows_in_two_orders(call, makers, splits, samples) -> Why:
    """`splits`: how the rows that each of the two makers laid out hold the samples."""
    told = []
    for maker, (axis, (first, _)) in zip(makers, splits, strict=True):
        many = maker.values[0].shape[axis] // samples
        order = (samples, many) if first == samples else (many, samples)
        told.append(f"{order} as {maker.name}{maker.place} lays them")
    return Why(
        f"{call.name}{call.place} joins rows that hold the {samples} samples in two orders: "
        f"{told[0]}, {told[1]}.",
        "one order for both: repeat_interleave repeats each row in its place, repeat all rows "
        "after themselves.",
    )


def _broadcast(call, *places) -> Why:
    """`places`: the shape of each of the two tensors, and which axis its samples are."""
    (few, at), (many, axis) = sorted(places, key=lambda place: len(place[0]))
    few, many, lacking = tuple(few), tuple(many), len(many) - len(few)
    behind = (len(many) - axis) - (len(few) - at)
    if 0 < behind == lacking:
        repair = f"{'.unsqueeze(-1)' * behind} behind the {few}, which is {few + (1,) * behind}."
    else:
        repair = "transpose one of them, so that both have the samples at the same place."
    return Why(
        f"{call.name}{call.place} broadcasts {few} with {many}: axis {at} of the first, its "
        f"samples, meets axis {at + lacking} of the second, whose samples are axis {axis}.",
        repair,
    )
