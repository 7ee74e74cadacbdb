"""Which call stands between parameters and the output, and lets no gradient pass."""

import torch

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why, never_in_the_way
from lstm_helpers._running.calls import Call
from lstm_helpers._running.watch import Listener

# Steps, whose slope is 0 wherever they have one.
FLAT = ("round", "floor", "ceil", "trunc", "fix", "sign", "sgn", "floor_divide", "__floordiv__")
FREEZE = "requires_grad_(False) for what is not to be trained."
LEAVES_TORCH = ("numpy", "__array__", "item", "tolist")


class Blocks(Listener):
    """Calls that read a number with a gradient, of these parameters, and return none with one."""

    def __init__(self, parameters: set[int]):
        self._parameters, self._made = parameters, {}
        self._kept = []
        self.found: list[tuple[str, Call]] = []

    def after(self, call, result):
        self._kept.append((call, result))  # else an id would be lent to another tensor
        read = [t for t in call.tensors if id(t) in self._parameters or id(t) in self._made]
        if not read:
            return
        self._made |= dict.fromkeys(map(id, call.results))
        if call.name in LEAVES_TORCH:
            self.found.append(("numpy", call))
        elif any(t.requires_grad for t in read) and (kind := self._kind(call)):
            self.found.append((kind, call))

    def _kind(self, call) -> str:
        if call.name.rstrip("_") in FLAT:
            return "flat"
        numbers = [t for t in call.results if t.is_floating_point()]
        if not numbers or any(t.requires_grad for t in numbers):
            return ""
        return "" if call.is_new else ("stopped" if torch.is_grad_enabled() else "no_grad")


@never_in_the_way
def why_no_gradient(case: Case, parameters: set[int]) -> Why:
    """The one call that lets no gradient of these parameters pass; nothing if it is not seen."""
    listener = Blocks(parameters)
    case.probe.run(grad=True, watch=case.probe.watch(listener=listener))
    found = listener.found
    if any(kind == "numpy" for kind, _ in found):  # what was detached for it is no other block
        found = [(kind, call) for kind, call in found if kind == "numpy"]
    places = {(kind, call.name if kind != "no_grad" else "", call.place) for kind, call in found}
    if len(places) != 1:
        return Why()
    kind, call = found[0]
    who = f"{call.name}{call.place}, on the way to the output,"
    if kind == "numpy":
        how = "numpy" if call.name in ("numpy", "__array__") else f"{call.name}()"
        who = f"{how}{call.place}, on the way to the output,"
        return Why(f"{who} lets no gradient pass.", f"stay in torch, without {how}, or {FREEZE}")
    if kind == "no_grad":
        return Why(
            f"{who} runs where gradients are switched off, as by no_grad.",
            f"leave that out, or {FREEZE}",
        )
    what = "has the gradient 0 everywhere" if kind == "flat" else "lets no gradient pass"
    return Why(f"{who} {what}.", f"leave {call.name} out, or {FREEZE}")
