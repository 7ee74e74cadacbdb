"""Which axes were to be moved where a view cuts the memory into a new shape."""

from collections.abc import Iterator


def meant_move(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    """What to type in the place of a view from one shape to the other, if it can be one thing only.

    >>> meant_move((5, 12, 2), (5, 2, 12))
    'transpose(1, 2)'
    >>> meant_move((5, 12, 6), (5, 2, 12, 3))
    'unflatten(2, (2, 3)).transpose(1, 2)'
    """
    found = {
        f"{first}transpose({i}, {j})"
        for first, shape in _opened(tuple(before))
        for i in range(len(shape))
        for j in range(i + 1, len(shape))
        if _swapped(shape, i, j) == tuple(after)
    }
    return found.pop() if len(found) == 1 else ""


def _opened(shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The shape, with one axis more at its end, and with one axis cut into two."""
    yield "", shape
    yield "unsqueeze(-1).", (*shape, 1)
    for axis, size in enumerate(shape):
        for part in range(2, size):
            if size % part == 0:
                pair = part, size // part
                yield f"unflatten({axis}, {pair}).", (*shape[:axis], *pair, *shape[axis + 1 :])


def _swapped(shape, i, j):
    moved = list(shape)
    moved[i], moved[j] = moved[j], moved[i]
    return tuple(moved)
