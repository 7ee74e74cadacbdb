"""What a trace says in words. Each note is a kind and a text that is made when names are known."""

from lstm_helpers._running.calls import VIEWS
from lstm_helpers._tracing.axes import (
    UNKNOWN,
    Axes,
    Axis,
    Digit,
    name_of,
    names_of,
    size_of,
    sizes_of,
)
from lstm_helpers._tracing.regroup import meant, scrambled

ANNOTATION = "the annotation"


def sized(axis: Axis, among: Axes = ()) -> str:
    """`seq=12`, as it is called among the axes of its tensor."""
    name = dict(zip(among, names_of(among), strict=True)).get(axis) or name_of(axis)
    return "1" if name == "1" else f"{name}={size_of(axis)}"


def called_otherwise(axes: Axes, position: int, word: str, by: str) -> str:
    """Of an axis that comes out: the reader's word is another than its name in the steps."""
    axis = axes[position]
    source = axis[0].label.given_by if len(axis) == 1 else None
    known = f", according to {source}" if source else ""
    return (
        f"{by[0].upper() + by[1:] if by == ANNOTATION else by} calls axis {position} {word}; "
        f"in the steps it is {sized(axis, axes)}{known}."
    )


def opaque():
    return (
        "opaque",
        lambda: (
            "A trace can't look inside TorchScript, so no step and no name comes out of it: trace "
            "the module or function that torch.jit made it from."
        ),
    )


def unbatched(axes: Axes):
    steps, features = sizes_of(axes)
    return (
        "unbatched",
        lambda: (
            f"A 2-D input is one unbatched sequence: {steps} steps of {features} "
            f"{'feature' if features == 1 else 'features'}, no batch axis."
        ),
    )


def reads(reader, setting, axes, odd):
    """A layer reads some `axes` as something else than they are: `odd` are (position, role)s.

    Attention over variables and convolutions over steps are meant to; nothing is meant to read the
    batch as something else.
    """
    odd = [(position, axes[position], role) for position, role in odd]
    cut = any(isinstance(piece.origin, Digit) for _, axis, _ in odd for piece in axis)

    def text():
        read = " and ".join(f"axis {position} as {role}" for position, _, role in odd)
        are = " and ".join(sized(axis, axes) for _, axis, _ in odd)
        who = f"{reader} ({setting})" if setting else reader
        known = "" if cut else _according_to(odd)
        it_is = "they are" if len(odd) > 1 else "it is"
        return f"{who} reads {read}, but {it_is} {are}{known}{_swap(setting, names)}."

    names = {name_of(axis) for _, axis, _ in odd}
    batch_is_taken = any("batch" in name for name in names)
    return "disagrees" if batch_is_taken and not cut else "reads", text


def _according_to(odd):
    sources = {axis[0].label.given_by for _, axis, _ in odd if len(axis) == 1} - {None}
    return f" according to {' and '.join(sorted(sources))}" if sources else ""


def _swap(setting, names):
    """What to try where batch and seq are taken for each other."""
    if not setting or names != {"batch", "seq"}:
        return ""
    other = "batch_first=False" if "True" in setting else "batch_first=True"
    return f": use transpose(0, 1) before it, or {other}"


def about(call, before: Axes, after: Axes):
    """Notes on one operation from its first input's axes to its first output's."""
    if call.name in VIEWS:
        return _regrouping(call.name, before, after)
    if call.name == "unfold" and call.arg("dimension") is not None:
        return [_unfolding(call, before)]
    return [_picking(axis, index, before) for axis, index in call.dropped]


def _regrouping(operation, before, after):
    if found := scrambled(before, after):
        return [("cuts across", lambda: _across(operation, before, after, *found))]
    split = [axis for axis in before if len(axis) == 1 and axis[0].halves and size_of(axis) > 1]
    merged = [axis for axis in after if len(axis) > 1 and axis not in before]
    notes = [("merges", lambda axis=axis: _merging(axis)) for axis in merged]
    kept = {piece for axis in after for piece in axis}
    split = [axis for axis in split if axis[0] not in kept and not merged]
    return notes + [("splits", lambda axis=axis: _splitting(axis, before, after)) for axis in split]


def _across(operation, before, after, across, order):
    names = [
        f"axis {before.index(axis)}" if UNKNOWN in name_of(axis) else sized(axis, before)
        for axis in across
    ]
    *others, last = names
    what = f"{', '.join(others)} and {last}" if others else _parts(last, *across)
    text = (
        f"This {operation} cuts across {what}: it leaves the elements in their order, so the new "
        f"axes mix the old ones."
    )
    if not order:
        return text + _swapped_parts(before, after, *across) if len(across) == 1 else text
    moved = [i for i, position in enumerate(order) if i != position]
    swap = f"transpose({moved[0]}, {moved[1]})" if len(moved) == 2 else f"permute{order}"
    if sizes_of(tuple(before[i] for i in order)) != sizes_of(after):
        swap += f".reshape{sizes_of(after)}"
    return text + f" You probably meant {swap}, which moves axes."


def _parts(name, axis):
    """One axis that is itself made of several: `the parts 12 × batch=5 of axis 0`."""
    parts = [str(p.size) if p.name in (UNKNOWN, "1") else f"{p.name}={p.size}" for p in axis]
    return f"the parts {' × '.join(parts)} of {name}" if len(parts) > 1 else name


def _swapped_parts(before, after, axis):
    """What to write where a view takes the parts of one axis for another order of them."""
    at, parts = before.index(axis), tuple((piece,) for piece in axis)
    sizes = sizes_of(after)
    order = meant((*before[:at], *parts, *before[at + 1 :]), sizes) if len(parts) > 1 else None
    moved = [i for i, position in enumerate(order or ()) if i != position]
    if len(moved) != 2:
        return ""
    return (
        f" You probably meant unflatten({at}, {sizes_of(parts)}).transpose({moved[0]}, {moved[1]})"
        f".reshape{sizes}, which moves axes."
    )


def _merging(axis):
    names = names_of(tuple((piece,) for piece in axis))
    rows = f"{' × '.join(str(piece.size) for piece in axis)} = {size_of(axis)}"
    if {"batch", "seq"} == set(names):
        return f"Every time step became a row of its own: {rows} rows, and no batch axis any more."
    if "batch" not in names and "seq" in names and len(names) > 1:
        return f"All time steps of a sequence stand side by side in one row of {rows} numbers."
    if "batch" in names:
        others = " and ".join(name for name in names if name != "batch")
        return f"Rows are no longer samples: batch and {others} share one axis of {rows}."
    return f"{' and '.join(names)} share one axis of {rows}."


def _splitting(axis, before, after):
    pieces = _cut_into(axis[0])
    parts = [a for a in after if any(piece in pieces for piece in a)]
    return f"{sized(axis, before)} is cut into {' × '.join(str(size_of(a)) for a in parts)}."


def _cut_into(piece):
    """What views cut it into, themselves, their halves, and so on."""
    halves = piece.halves or ()
    return [*halves, *(part for half in halves for part in _cut_into(half))]


def _picking(axis, index, before):
    """An integer index: worth a word where it does not pick a time step."""

    def text():
        name, size = name_of(axis), size_of(axis)
        if name == "layer":
            which = "last" if index == size - 1 else f"number {index}"
            which = "only layer" if size == 1 else f"{which} of {size} layers"
            return f"Picks the {which}, not a time step."
        if name == "layer*direction":
            layer, way = index // 2, ("forward", "backward")[index % 2]
            return f"Picks the {way} direction of layer {layer}, not a time step."
        if "batch" in name:
            others = f"drops the {size - 1} others" if size > 1 else "there is no other"
            return f"Keeps row {index} of {sized(axis, before)}, {others}."
        return ""

    return "picks", text


def _unfolding(call, before):
    axis, size = before[call.arg("dimension")], call.arg("size")
    return (
        "windows",
        lambda: (
            f"Windows of {size} along {sized(axis, before)}: the positions inside a window are now "
            f"the last axis."
        ),
    )
