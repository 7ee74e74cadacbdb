"""Samples that come into other rows, or onto another axis: the call that moves them, in words."""

import torch

from lstm_helpers._checking.indices import the_index
from lstm_helpers._checking.locate import Compared, first_moving, sample_axis
from lstm_helpers._running.calls import Call, argument_text

TURNS = (
    "transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "t", "T", "mT",
    "adjoint", "H", "mH",
)  # fmt: skip


def moving_call(case, draw):
    """The call that puts samples into other rows, if it is to be seen."""
    samples = sorted({0, case.samples // 2, case.samples - 1})
    compared = Compared(case, draw, *map(case.at_samples, samples))
    return first_moving(compared, samples, case.samples)


def moves(call) -> str:
    who = the_index(call) if call.name == "__getitem__" else f"{call.name}{call.place}"
    return f"{who} puts samples into other rows"


def moved_back(call) -> str:
    """What to type for a call that moves samples."""
    if call.name == "__getitem__":
        return "put the rows back, out[order.argsort()], or pack with enforce_sorted=False."
    return f"leave {call.name} out."


def laid_by(compared: Compared, made: tuple[Call, int] | None, samples: int) -> Call | None:
    """The call that put the samples on the axis which they have in the result `made`."""
    while made and compared.knows(made[0]):
        above = next(iter(compared.parents(made[0])), None)
        axes = [sample_axis(compared.changed(*m), samples) for m in (made, above) if m]
        if len(axes) == 2 and None not in axes and axes[0] != axes[1]:
            return made[0]
        made = above
    return None


def only_swaps(call: Call) -> bool:
    """Whether all that it does is to swap the first two axes."""
    before, after = call.tensors[0], call.values[0]
    return call.name in TURNS and torch.equal(before.transpose(0, 1), after)


def typed(call: Call) -> str:
    """A call that turns axes as the code writes it, `transpose(0, 1)`; of another one the name."""
    if call.name not in TURNS or not (call.args[1:] or call.kwargs):
        return call.name
    given = [*map(argument_text, call.args[1:])]
    given += [f"{name}={argument_text(value)}" for name, value in call.kwargs.items()]
    return f"{call.name}({', '.join(given)})"
