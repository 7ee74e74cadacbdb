"""What an axis is: an identity that travels with the data and gets its name late.

A tensor's axes are a tuple, each axis a tuple of pieces: `view(-1, 3)` leaves the axis
`(batch, seq)`, made of two pieces, and the axis `(hidden,)`. A piece keeps its identity through
every operation, whatever its size. Its name may come later, from the first layer that reads it.
"""

from dataclasses import dataclass, field
from itertools import count
from math import prod

UNKNOWN = "?"
_births = count()


class Label:
    """A name that may come later. `merge` makes two labels one, for axes that line up.

    Three may speak: the caller beforehand or a layer gives the `name`, an operation makes a `hint`,
    and where neither has named it, the reader has a `word` for it when the model has run.
    """

    def __init__(self, name=None, hint=None):
        self._same_as, self._name, self._given_by, self._hint = None, name, None, hint
        self._word = None

    @property
    def root(self):
        label = self
        while label._same_as is not None:
            label = label._same_as
        return label

    name = property(lambda self: self.root._name)
    given_by = property(lambda self: self.root._given_by)
    hint = property(lambda self: self.root._hint)
    word = property(lambda self: self.root._word)

    def bind(self, name, given_by):
        self.root._name, self.root._given_by = name, given_by

    def call(self, word):
        """The reader's word for it. After it nothing may be merged any more."""
        self.root._word = word

    def suggest(self, hint):
        """A name for the case that no layer gives a better one."""
        if self.root._hint in (None, "1"):
            self.root._hint = hint

    def merge(self, other):
        mine, theirs = self.root, other.root
        if mine is theirs:
            return
        if mine._name is None:
            mine._name, mine._given_by = theirs._name, theirs._given_by
        if mine._hint in (None, "1"):
            mine._hint = theirs._hint
        theirs._same_as = mine


@dataclass(eq=False)
class Piece:
    """One identity: a whole axis, or a factor of one.

    `origin` says how it was made out of other pieces; `cuts` are the two pieces, by the size of
    the first, that views cut it into, `halves` those of the first view. Of two that share a name
    in one tensor, the one that was `born` later is numbered.
    """

    size: int
    label: Label = field(default_factory=Label)
    origin: "Digit | Joined | Packed | Padded | None" = None
    cuts: "dict[int, tuple[Piece, Piece]]" = field(default_factory=dict)
    born: int = field(default_factory=_births.__next__)

    @property
    def halves(self) -> "tuple[Piece, Piece] | None":
        return next(iter(self.cuts.values()), None)

    @property
    def word(self) -> str | None:
        """The reader's word for it, or those for its parts where no layer gave it a name."""
        word = self.label.word
        if word or not self.cuts or self.label.name:
            return word
        cuts = (cut for cut in self.cuts.values() if all(half.word for half in cut))
        cut = next(cuts, ())
        return "*".join(_numbered([(half.word, half.born) for half in cut])) or None

    @property
    def own_name(self) -> str:
        if word := self.word:
            return word
        if self.origin and UNKNOWN not in (name := self.origin.name(self.size)):
            return name
        return UNKNOWN if self.mixed else self.label.name or self.label.hint or UNKNOWN

    @property
    def name(self) -> str:
        """The own name, or that of the parts: a batch*seq axis that only its parts' reader knew."""
        name = self.own_name
        return name_of(self.halves) if name == UNKNOWN and self.halves and self.size > 1 else name

    @property
    def mixed(self) -> bool:
        """Made by a view across several axes: a layer's reading can't say what it is."""
        return isinstance(self.origin, Digit) and len(self.origin.source) > 1

    def resized(self, size):
        """The same axis with another length: a slice, a pooled or padded axis."""
        return self if size == self.size else Piece(size, self.label, born=self.born)

    def twin(self):
        """Another axis over the same positions: the second `seq` of `x @ x.mT`."""
        return Piece(self.size, self.label, self.origin)

    def split(self, outer: int) -> "tuple[Piece, Piece]":
        """The two pieces of which this one is the product, the first of size `outer`."""
        if outer in self.cuts:
            return self.cuts[outer]
        inner = self.size // outer
        if isinstance(self.origin, Digit):
            source, stride = self.origin.source, self.origin.stride
        else:
            source, stride = (self,), 1
        halves = (
            Piece(outer, origin=Digit(source, stride * inner)),
            Piece(inner, origin=Digit(source, stride)),
        )
        self.cuts[outer] = halves
        return halves


@dataclass
class Digit:
    """Position `index // stride % size` of the flat index over `source`, as views cut it."""

    source: tuple[Piece, ...]
    stride: int

    def name(self, size):
        whole = "*".join(_numbered([(p.own_name, p.born) for p in self.source]))
        text = f"({whole})" if "*" in whole else whole
        if self.stride > 1:
            text += f"//{self.stride}"
        if self.stride * size < prod(piece.size for piece in self.source):
            text += f"%{size}"
        return text


@dataclass
class Joined:
    """Different axes put one after the other by `cat`."""

    parts: "tuple[Axis, ...]"

    def name(self, size):
        names = [name_of(axis) for axis in self.parts]
        if len(set(names)) == 1 and len(names) == size:
            return names[0]  # steps of size 1 in a row
        shown = names if len(names) < 4 else [names[0], "…", names[-1]]
        return UNKNOWN if "1" in names else "+".join(shown)


@dataclass
class Padded:
    """An axis with some more positions, which hold no data."""

    axis: "Axis"

    def name(self, size):
        return name_of(self.axis)


@dataclass
class Packed:
    """The real steps of all sequences, padding left out, as a PackedSequence keeps them."""

    batch: "Axis"
    seq: "Axis"

    def name(self, size):
        return "packed"


Axis = tuple[Piece, ...]
Axes = tuple[Axis, ...]


def new_axis(size, name=None, hint=None) -> Axis:
    return (Piece(size, Label(name, hint)),)


def one() -> Axis:
    """An axis of size 1 that an operation added; printed as `1` until a layer names it."""
    return new_axis(1, hint="1")


def size_of(axis: Axis) -> int:
    return prod(piece.size for piece in axis)


def sizes_of(axes: Axes) -> tuple[int, ...]:
    return tuple(size_of(axis) for axis in axes)


def name_of(axis: Axis) -> str:
    names = [piece.name for piece in axis]
    if set(names) == {UNKNOWN}:
        return UNKNOWN
    return "*".join(_numbered([(name, p.born) for name, p in zip(names, axis, strict=True)]))


def names_of(axes: Axes, words=()) -> tuple[str, ...]:
    """The names of a tensor's axes. No two share one: attention weights are `seq, seq2`.

    `words` has the reader's own names for this tensor, None where there is none.
    """
    words = words or (None,) * len(axes)
    pairs = zip(axes, words, strict=True)
    return _numbered(
        [(w or name_of(a), 0 if w else max((p.born for p in a), default=0)) for a, w in pairs]
    )


def _numbered(names: list[tuple[str, int]]) -> tuple[str, ...]:
    """The (name, age)s apart: the oldest keeps its name, wherever in the tensor it stands."""
    shown = {name for name, _ in names}
    if len(shown) == len(names):
        return tuple(name for name, _ in names)
    found = [name for name, _ in names]
    met = {UNKNOWN: 0, "1": 0}
    for at in sorted(range(len(names)), key=lambda at: names[at][1]):
        name = names[at][0]
        if name in (UNKNOWN, "1"):
            continue
        met[name] = met.get(name, 0) + 1
        while met[name] > 1 and _with_number(name, met[name]) in shown:
            met[name] += 1
        found[at] = _with_number(name, met[name])
    return tuple(found)


def _with_number(name, number):
    if number == 1:
        return name
    return f"{name}{number}" if name.isidentifier() else f"({name}){number}"


def apart(axes: Axes) -> Axes:
    """The same axes, none of them twice: later they may be moved apart."""
    if len(set(axes)) == len(axes):
        return axes
    return tuple(
        tuple(piece.twin() for piece in axis) if axis in axes[:position] else axis
        for position, axis in enumerate(axes)
    )


def resized(axis: Axis, size: int) -> Axis:
    if size == size_of(axis):
        return axis
    return (axis[0].resized(size),) if len(axis) == 1 else new_axis(size)


def padded(axis: Axis, size: int) -> Axis:
    """The same axis with some positions more."""
    if len(axis) != 1 or size <= size_of(axis):
        return resized(axis, size)
    return (Piece(size, axis[0].label, Padded(axis), born=axis[0].born),)
