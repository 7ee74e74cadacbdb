"""Does a view keep the axes of one sample apart? The dependency chart can't show it."""

import warnings
from itertools import accumulate, pairwise
from operator import mul

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.causes import at
from lstm_helpers._checking.locate import VIEWS, shape_of
from lstm_helpers._checking.reads import reads_of
from lstm_helpers.tracing import trace_shapes

CAUSE = (
    "Cause: view or reshape where transpose was needed: it leaves the memory in its order. "
    "Repair: unflatten or flatten one axis, and transpose or permute to move axes."
)


def check_views(case: Case) -> Finding:
    """Read the trace for a view that cuts across axes, and the shapes of all views."""
    for step, note in _notes(case):
        if note.kind == "cuts across":
            where = f" in {step.path}" if step.path else ""
            return Finding("views", "wrong", f"{step.operation}{where}: {note.text} {CAUSE}")
    for call in reads_of(case).calls:
        if call.name in VIEWS and joins_parts(before := shape_of(call), call.results[0].shape):
            after = tuple(call.results[0].shape)
            text = (
                f"{call.name} from {before} to {after}{at(call)} joins a part of one axis with a "
                f"part of the next. {CAUSE}"
            )
            return Finding("views", "wrong", text)
    return Finding("views", "right", "No view cuts across the axes of a sample.")


def _notes(case):
    try:
        with warnings.catch_warnings(action="ignore"):
            trace = trace_shapes(case.model, *case.inputs, axes=case.axes)
    except Exception:
        return []  # a help only: a model that can't be traced is checked by the others
    return [(step, note) for step in trace.steps for note in step.notes]


def joins_parts(before, after) -> bool:
    """Whether a new axis is made of a part of one old axis and a part of another.

    (12, 6) to (2, 12, 3) does: the new 12 counts half of the old 12 and half of the 6. Splitting
    (12, 6 -> 2, 3) and merging (12, 2 -> 24), also of patches (12, 2 -> 3, 8), do not.
    """
    old, new = (list(accumulate(reversed(shape), mul, initial=1)) for shape in (before, after))
    return any(
        low not in old and high not in old and any(low < edge < high for edge in old)
        for low, high in pairwise(new)
    )
