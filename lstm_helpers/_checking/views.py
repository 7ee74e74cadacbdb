"""Does a view keep the axes of one sample apart? The dependency chart can't show it."""

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._checking.moves import meant_move
from lstm_helpers._tracing.axes import sizes_of
from lstm_helpers._tracing.recorder import Recorder
from lstm_helpers._tracing.steps import notes
from lstm_helpers._tracing.words import words

right, wrong, question = verdicts("views")


def views(case: Case) -> Finding:
    """Trace the axes' names through the model, and look for a view that cuts across axes."""
    recorder = Recorder([words(case.names)])
    case.probe.run(watch=case.probe.watch(listener=recorder))
    for event in recorder.events:
        for note in notes(event):
            if note.kind == "cuts across":
                where = f" in {event.path}" if event.path else ""
                shapes = (sizes_of(some[0][1]) for some in (event.inputs, event.outputs))
                move = meant_move(*shapes)
                return wrong(
                    f"{event.operation}{where}: {note.text}",
                    "view or reshape where transpose was needed: it leaves the memory in its "
                    "order.",
                    f"{move} in its place."
                    if move
                    else "unflatten or flatten one axis, and transpose or permute to move axes.",
                )
    if case.probe.opaque:
        return question(
            "Does a view cut across axes? Nothing inside TorchScript can be seen: check the model "
            "as it was before torch.jit."
        )
    return right("No view cuts across the axes of a sample.")
