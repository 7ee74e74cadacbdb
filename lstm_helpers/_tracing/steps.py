"""The steps of a trace: as they are recorded, and as they are shown when all axes have names."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from lstm_helpers._running.debug import let_through
from lstm_helpers._tracing.axes import Axes, names_of, sizes_of
from lstm_helpers._tracing.pattern import pattern


@dataclass(frozen=True)
class NamedShape:
    """A shape and the name of each axis; `label` says which tensor: `x`, `h_n`, or nothing.

    `notes` are about the names of what goes in and comes out.
    """

    label: str
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    notes: tuple["Note", ...] = ()

    def __str__(self):
        pairs = zip(self.names, self.sizes, strict=True)
        return ", ".join(name if name == "1" else f"{name}={size}" for name, size in pairs)


@dataclass(frozen=True)
class Note:
    """Something to know about a step, in words.

    `kind` is one of "merges", "splits", "cuts across", "shift" (a view across axes that is meant),
    "picks", "windows", "unbatched", "reads" (a layer reads an axis as something else than its name
    says, which may be meant), "disagrees" (it takes the batch for something else, which can't be
    meant), "opaque" (nothing is seen inside) and "error"; about a shape "annotated" (the run
    contradicts its annotation) and "called" (the output's names are not those of the steps).
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    """One module, or one operation that changes axes.

    `path` is the module's path in the model ("encoder.lstm"), for an operation that of the module
    whose code does it. `operation` is the module's class or the call (`view(-1, 3)`). `sources`
    are (step, output) pairs: which output of which earlier step it reads, itself or through
    operations that are no steps; step None is the model's input.
    """

    path: str
    operation: str
    inputs: tuple[NamedShape, ...]
    outputs: tuple[NamedShape, ...]
    pattern: str | None
    notes: tuple[Note, ...]
    is_module: bool
    sources: tuple[tuple[int | None, int], ...] = ()


@dataclass(eq=False)
class Event:
    """A step while its axes have not all got their names. `sources` are (event, output) pairs."""

    path: str
    operation: str
    inputs: list[tuple[str, Axes]]
    outputs: list[tuple[str, Axes]] = field(default_factory=list)
    notes: list[tuple[str, Callable[[], str]]] = field(default_factory=list)
    is_module: bool = False
    reshapes: bool = False
    sources: frozenset = frozenset()


def shapes(named, said=()) -> tuple[NamedShape, ...]:
    """The (label, axes) pairs with the names that their axes have now, and the notes on each."""
    pairs = zip_longest(named, said, fillvalue=())
    return tuple(NamedShape(at, names_of(axes), sizes_of(axes), on) for (at, axes), on in pairs)


def notes(event: Event) -> tuple[Note, ...]:
    """What is to be said about a step, now that its axes have their names."""
    said = [Note(kind, text) for kind, words in event.notes if (text := _said(words))]
    return tuple(dict.fromkeys(said))  # attention reads one tensor as query and as key


def _said(words: Callable[[], str]) -> str:
    try:
        return words()
    except Exception:
        let_through()
        return ""


def steps(events: list[Event]) -> list[Step]:
    """All events as steps, in order."""
    number = {id(event): i for i, event in enumerate(events)} | {id(None): None}
    return [
        Step(
            path=event.path,
            operation=event.operation,
            inputs=shapes(event.inputs),
            outputs=shapes(event.outputs),
            pattern=_pattern(event),
            notes=notes(event),
            is_module=event.is_module,
            sources=_in_order((number[id(e)], output) for e, output in event.sources),
        )
        for event in events
    ]


def _pattern(event) -> str | None:
    return pattern(event.inputs[0][1], event.outputs[0][1]) if event.reshapes else None


def _in_order(sources):
    return tuple(sorted(sources, key=lambda source: (source[0] is not None, source)))


def failed_step(event: Event | None, error: Exception, before: list[Event]) -> Step:
    """Where the model stopped: the shapes that met, and the error in place of a result."""
    event = replace(event or Event("", "", []), outputs=[], reshapes=False)
    step = steps([*before, event])[-1]
    message = f"{type(error).__name__}: {error}"
    return replace(step, notes=(*step.notes, Note("error", message)))
