"""Run the call of a trace once more, from the state that it started from, and follow its lines.

Following lines costs more than the trace itself, and it takes the one trace function of the thread,
which coverage and debuggers use. So nobody pays for it who does not ask: `trace_shapes` keeps what
it has to remember anyway, and the first question about lines runs the model again. That the second
run is the first one again is not taken for granted: its steps have to be the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lstm_helpers._running.copies import eagerly
from lstm_helpers._running.debug import let_through
from lstm_helpers._running.snapshot import Snapshot, unchanged
from lstm_helpers._tracing.activations import Code
from lstm_helpers._tracing.line_recorder import LineRecorder
from lstm_helpers._tracing.lines import Line, Seen


@dataclass(frozen=True, eq=False)
class Lines:
    """What the own functions of a model showed, line by line.

    Attributes:
        codes: the functions, in the order in which they were first called.
        lines: their statements, function by function.
        without: own functions without a source, with the reason.
        error: what the model raised; `failing` are the lines that it came up in, from the caller
            to the innermost, and `met` the shapes that met there.
        stopped: the line at which following ended before the model did, and `why`.
        as_before: whether the model took the same steps as in the trace.
    """

    codes: Sequence[Code]
    lines: Sequence[Line]
    without: dict[str, str]
    error: Exception | None
    failing: Sequence[Line]
    met: Sequence[Seen]
    stopped: Line | None
    why: str
    as_before: bool


@dataclass(frozen=True, eq=False)
class Again:
    """The call of a trace.

    Attributes:
        run: runs the model under a recorder; the trace.
        axis_names: for the recorder.
        snapshot: what the model and its inputs were, and the surroundings.
    """

    run: Callable[..., Any]
    axis_names: Sequence
    snapshot: Snapshot

    def lines(self, trace) -> Lines:
        """Of the run that this trace is of."""
        recorder = LineRecorder(self.axis_names)
        frames = recorder.frames
        # All that was remembered, so that nothing of what it has become since is lost.
        with unchanged(*self.snapshot.things) as now, eagerly():
            self.snapshot.restore()
            self.snapshot.surroundings.restore()
            again = self.run(recorder, now, frames)
        if frames.failure is not None:
            try:
                raise frames.failure
            except Exception:
                let_through()
        error = again.error
        why = "a debugger took over" if frames.taken_over else ""
        why = f"following failed ({frames.failure!r})" if frames.failure else why
        return Lines(
            codes=recorder.codes,
            lines=recorder.lines(),
            without=recorder.without,
            error=error,
            failing=recorder.failing(error),
            met=recorder.met(error),
            stopped=recorder.latest if why else None,
            why=why,
            as_before=_taken(again) == _taken(trace),
        )


def _taken(trace):
    steps = [(step.path, step.operation, step.inputs, step.outputs) for step in trace.steps]
    return trace.inputs, steps, trace.outputs, type(trace.error)
