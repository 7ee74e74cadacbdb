"""Does a view keep the axes of one sample apart? The dependency chart can't show it."""

from lstm_helpers._case import Case, Finding
from lstm_helpers.tracing import trace_shapes


def check_views(case: Case) -> Finding | None:
    """Read the trace for a view that cuts across axes."""
    try:
        trace = trace_shapes(case.model, *case.inputs, axes=case.axes)
    except Exception:
        return None  # the trace is a help: a model that can't be traced is checked by the others
    for step in trace.steps:
        for note in step.notes:
            if note.kind == "cuts across":
                where = f" in {step.path}" if step.path else ""
                text = (
                    f"{step.operation}{where}: {note.text} Cause: view or reshape where transpose "
                    "was needed. Repair: transpose or permute, which move the axes."
                )
                return Finding("views", "wrong", text)
    return Finding("views", "right", "No view cuts across the axes of a sample.")
