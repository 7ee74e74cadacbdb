"""The reader's names for axes: those of `axes=` and `output=`, else those of the annotations."""

from lstm_helpers._running.debug import let_through
from lstm_helpers._tracing import notes
from lstm_helpers._tracing.annotations import Annotations
from lstm_helpers._tracing.axes import UNKNOWN, Axes, Axis, Packed, name_of, names_of, sizes_of
from lstm_helpers._tracing.dims import Run
from lstm_helpers._tracing.inputs import entering, given_axes
from lstm_helpers._tracing.outputs import FREE, check_output, read_output
from lstm_helpers._tracing.steps import NamedShape, Note, shapes

Word = tuple[str, str]  # a name, and who gives it


def words(names, by: str = "axes=") -> list[Word | None]:
    """The names of a tensor's axes, given by one speaker."""
    return [None if name in (None, UNKNOWN) else (name, by) for name in names]


class Words:
    """What the reader calls the axes of what goes in, and of what comes out.

    Attributes:
        inputs: for each tensor that goes in a `Word`, or None, for each axis.
    """

    def __init__(self, model, inputs, kwargs, axes, output):
        self._output = read_output(output)
        tensors = entering(model, inputs, kwargs)
        given = given_axes(axes, [x for _, x in tensors])
        self._run, self._annotations = Run(), Annotations(model)
        texts = _or_none(lambda: self._annotations.of_inputs(inputs, kwargs), len(tensors))
        read = [
            self._read(*it, at, tuple(x.shape), "axes=")
            for *it, (at, x) in zip(given, texts, tensors, strict=True)
        ]
        self.inputs = [spoken for spoken, _ in read]
        self._input_notes = [noted for _, noted in read]

    def _read(self, given, text, at, shape, argument) -> tuple[list[Word | None], tuple[Note, ...]]:
        """A word for each axis: given as an argument, or by an annotation; and notes on this."""
        names, contradicted = self._run.read(text, at, shape)
        own = words(given or [None] * len(shape), argument)
        pairs = zip(own, words(names, notes.ANNOTATION), strict=True)
        return [a or b for a, b in pairs], tuple(Note("annotated", said) for said in contradicted)

    def of_inputs(self, inputs: list[tuple[str, Axes]]) -> tuple[NamedShape, ...]:
        return shapes(inputs, said=self._input_notes)

    def of_output(self, result, leaving, inputs) -> tuple[NamedShape, ...]:
        """Give the axes of what came out their words, where neither a layer nor the caller did.

        From then on they have them in all steps. What has a name of its own keeps it there.

        Args:
            result: what came out.
            leaving, inputs: the (label, axes) pairs of its tensors, and of those that went in.

        Raises:
            ValueError: output= does not fit.
        """
        check_output(self._output, shapes(leaving))
        texts = _or_none(lambda: self._annotations.of_output(result), len(leaving))
        given = [*self._output, *[None] * (len(leaving) - len(self._output))]
        read = [
            self._read(*it, at, sizes_of(axes), "output=")
            for *it, (at, axes) in zip(given, texts, leaving, strict=True)
        ]
        heard = {piece.label.root for _, axes in inputs for axis in axes for piece in axis}
        for (_, axes), (spoken, _) in zip(leaving, read, strict=True):
            for axis, word in zip(axes, spoken, strict=True):
                if word and _is_open(axis, heard):
                    axis[0].label.call(word[0])
        return tuple(
            NamedShape(
                at,
                names_of(axes, [word and word[0] for word in spoken]),
                sizes_of(axes),
                (*noted, *_called_otherwise(axes, spoken)),
            )
            for (at, axes), (spoken, noted) in zip(leaving, read, strict=True)
        )


def _or_none(ask, count: int) -> list:
    """Annotations that can't be read cost their names."""
    try:
        return ask()
    except Exception:
        let_through()
        return [None] * count


def _is_open(axis: Axis, heard: set) -> bool:
    """Whether nobody has a name for it, only an operation: a digit of another axis, a new one.

    What a scrambling view made is never called by the word for what it should have been.
    """
    piece, *others = axis
    label = piece.label
    if others or piece.mixed or label.word or isinstance(piece.origin, Packed):
        return False
    if label.root in heard and label.hint not in (None, "1"):
        return False
    return piece.own_name != label.name and "+" not in piece.own_name


def _called_otherwise(axes: Axes, spoken: list[Word | None]):
    """Notes on the axes that have another name in the steps than the reader's word."""
    shown = zip(axes, names_of(axes), spoken, strict=True)
    for position, (axis, numbered, word) in enumerate(shown):
        if word and word[0] not in (name_of(axis), numbered) and numbered not in FREE:
            yield Note("called", notes.called_otherwise(axes, position, *word))
