"""Which columns of the table does a column of a result read ahead? By halving."""

from collections.abc import Callable

_MANY = 3  # columns that are named; with more it is said of the table


def columns_read(depends: Callable[[list[int]], bool], columns: list[int]) -> list[int] | None:
    """The columns whose replacement alone is seen; None for more than a few.

    Args:
        depends: whether replacing these columns, and no others, is seen.
    """
    found: list[int] = []
    waiting = [columns]
    while waiting:
        part = waiting.pop(0)
        if not part or not depends(part):
            continue
        if len(part) == 1:
            found.append(part[0])
            if len(found) > _MANY:
                return None
            continue
        half = len(part) // 2
        waiting += [part[:half], part[half:]]
    return sorted(found) or None
