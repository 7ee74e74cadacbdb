"""Words that several lines of a report share."""

import json

import numpy as np

_SHOWN = 2  # names of a list that are shown


def likewise(names: list[str]) -> str:
    """Others of which the same is true: the first ones, and how many more."""
    if not names:
        return ""
    more = len(names) - _SHOWN
    said = ", ".join(names[:_SHOWN]) if more > 0 else " and ".join(names)
    return f", likewise {said}{f' and {more} more' * (more > 0)}"


def quoted(name) -> str:
    """A name of a column, or another label, as it is typed."""
    if isinstance(name, str):
        return json.dumps(name, ensure_ascii=False)
    if isinstance(name, tuple):
        return f"({', '.join(map(quoted, name))}{',' * (len(name) == 1)})"
    return repr(name.item() if isinstance(name, np.number) else name)
