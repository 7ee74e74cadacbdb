"""Whether what a comment claims is true of a tensor that was seen.

Wrong is only what can't be meant: another number of axes, a batch, seq or layer word on another of
these axes, a name whose value in the code is another, a number that the model decides, two axes of
which each has what the other should have. What else does not agree is a question.
"""

import re
from dataclasses import dataclass, field

from lstm_helpers._tracing.axes import UNKNOWN
from lstm_helpers._tracing.lines import Seen
from lstm_helpers._tracing.shape_comments import Claim
from lstm_helpers._tracing.shape_items import MANY, SINGLE, Item

RIGHT, QUESTION, WRONG = "right", "question", "wrong"
ORDER = (RIGHT, QUESTION, WRONG)
_OF_AXIS = {"batch": "batch", "seq": "seq", "layer": "layer", "direction": "layer"}
_OF_AXIS |= {"hidden": "width", "proj": "width"}
_DECIDED = {"hidden", "feature", "channel", "proj", "layer", "direction"}


@dataclass(frozen=True)
class Opinion:
    """`free` are the names that mean nothing in the code, with the sizes that they would have."""

    verdict: str
    why: str = ""
    seen: Seen | None = None
    free: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Scope:
    """What the names in a comment may mean where it stands.

    Attributes:
        numbers: the ints in scope.
        soft: those of them that may well be something else than the size of that name.
        learnt: what names mean nothing in the code are in other comments of the function.
        unsure: the layers do not agree what an axis is, so that its name proves nothing.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    soft: frozenset[str] = frozenset()
    learnt: dict[str, int] = field(default_factory=dict)
    unsure: bool = False

    def size(self, item: Item) -> int | None:
        return item.size(self.learnt | self.numbers)

    def is_soft(self, item: Item) -> bool:
        return any(name in self.soft or name in SINGLE for name in item.names)


def best(opinions) -> Opinion:
    """The kindest of them."""
    return min(opinions, key=lambda opinion: ORDER.index(opinion.verdict))


def compare(claim: Claim, seen: Seen, scope: Scope) -> Opinion:
    """One claim and one tensor of which it may be said."""
    items = _spread(claim.items, len(seen.shape))
    if items is None:
        fixed = sum(item.says != MANY for item in claim.items)
        numbers = all(item.is_number for item in claim.items)
        if numbers and len(seen.shape) == 1 and len(claim.items) == seen.shape[0]:
            return Opinion(QUESTION, "these may be its values", seen)
        return _firmly(claim, f"it has {_axes(len(seen.shape))}, the comment {fixed}", seen)
    found = [
        _item(item, size, name, scope, at)
        for at, (item, size, name) in enumerate(zip(items, seen.shape, seen.names, strict=True))
    ]
    if wrong := [why for verdict, why in found if verdict == WRONG]:
        return _firmly(claim, wrong[0], seen)
    if why := next((why for verdict, why in found if verdict == QUESTION), ""):
        if swapped := _swapped(items, seen.shape, scope):
            return _firmly(claim, f"axes {swapped[0]} and {swapped[1]} are swapped", seen)
        return Opinion(QUESTION, why, seen)
    pairs = [
        (item.says, size)
        for item, size in zip(items, seen.shape, strict=True)
        if item.names == (item.says,) and item.size(scope.numbers) is None
    ]
    for name, size in pairs:
        if dict(pairs)[name] != size:
            return Opinion(QUESTION, f"{name} would be both {size} and {dict(pairs)[name]}", seen)
    return Opinion(RIGHT, "", seen, tuple(pairs))


def _firmly(claim, why, seen):
    return Opinion(WRONG if claim.firm else QUESTION, why, seen)


def _axes(count):
    return "1 axis" if count == 1 else f"{count} axes"


def _spread(items, dims):
    """The items with `...` as the axes that it stands for; None where the numbers don't fit."""
    fixed = sum(item.says != MANY for item in items)
    if fixed == len(items):
        return items if fixed == dims else None
    if fixed > dims or len(items) - fixed > 1:
        return None
    at = next(i for i, item in enumerate(items) if item.says == MANY)
    return (*items[:at], *[Item(UNKNOWN)] * (dims - fixed), *items[at + 1 :])


def _swapped(items, shape, scope) -> tuple[int, int] | None:
    """The two axes of which each has the other's size, where numbers alone do not say so."""
    sizes = [scope.size(item) for item in items]
    off = [at for at, (a, b) in enumerate(zip(sizes, shape, strict=True)) if a not in (None, b)]
    if len(off) != 2:
        return None
    i, j = off
    known = [not items[at].is_number and not scope.is_soft(items[at]) for at in off]
    return (i, j) if any(known) and (sizes[i], sizes[j]) == (shape[j], shape[i]) else None


def _item(item, size, name, scope, at):
    value, axis = scope.size(item), f"axis {at}"
    if _crosses(item.family, name):
        sure = not scope.unsure and (value != size or item.is_number)
        return (
            WRONG if sure else QUESTION
        ), f"{axis} is {name}={size}, not {item.word or item.says}"
    if item.says == UNKNOWN or value in (size, None):
        return RIGHT, ""
    if item.is_number:
        names = {*re.findall(r"[a-z]+", name)}
        decided = name == "1" or (names and names <= _DECIDED and UNKNOWN not in name)
        return (WRONG if decided else QUESTION), f"{axis} has size {size}, not {value}"
    if item.size(scope.numbers) is None:
        return QUESTION, f"{axis} has size {size}, but {item.says} is {value} in other comments"
    why = f"{axis} has size {size}, but {item.says} is {value} here"
    if scope.is_soft(item):  # self.batch_size is 64, and this batch has 5
        return (RIGHT, "") if item.family == _family(name) is not None else (QUESTION, why)
    return WRONG, why


def _family(name) -> str | None:
    """The kind of axis that a name of the trace surely stands for."""
    found = {_OF_AXIS.get(re.sub(r"\d+$", "", part)) for part in name.split("*")}
    if None in found or len(found - {"width"}) > 1:
        return None
    return min(found, key=lambda family: family == "width")


def _crosses(family, name) -> bool:
    """Whether a batch, seq or layer word stands on an axis that is surely another one."""
    return None not in (family, of := _family(name)) and family != of
