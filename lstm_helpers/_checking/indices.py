"""An index as the code writes it, and the same index with another item at one axis."""

from lstm_helpers._running.calls import Call, index_text


def the_index(call: Call) -> str:
    """`the index [:, 0] on (5, 12, 3) in head`."""
    return f"the index [{index_text(call.arg('index'))}] on {call.shape}{call.place}"


def items(call: Call) -> list | None:
    """One item for each axis that the index names; None for an index that adds or skips axes."""
    index = call.arg("index")
    found = list(index) if isinstance(index, tuple) else [index]
    plain = all(isinstance(i, int | slice) and not isinstance(i, bool) for i in found)
    return found if plain else None


def with_items(call: Call, changed: dict) -> str:
    """The index with other items at some axes: `[:, -1]`."""
    found = items(call)
    found += [slice(None)] * (max(changed) + 1 - len(found))
    return f"[{index_text(tuple(changed.get(axis, item) for axis, item in enumerate(found)))}]"


def picked(call: Call, size: int) -> list[int]:
    """The axes of this size at which the index picks one place."""
    return [
        axis
        for axis, item in enumerate(items(call) or ())
        if isinstance(item, int) and call.shape[axis] == size
    ]


def cut(call: Call, size: int) -> list[int]:
    """The axes of this size of which the index takes a part."""
    return [
        axis
        for axis, item in enumerate(items(call) or ())
        if isinstance(item, slice) and call.shape[axis] == size and item != slice(None)
    ]


def is_whole_but(call: Call, axis: int) -> bool:
    """Whether the index takes all of the other axes."""
    return all(item == slice(None) for at, item in enumerate(items(call)) if at != axis)
