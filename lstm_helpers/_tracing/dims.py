"""One annotation of a tensor in words, `"batch seq 2"`, and the run beside it."""

import re
from typing import NamedTuple

MARKS = "*#_?"
# What may stand between two spaces: a name or number with its marks, `...`, a computed size.
WORD = re.compile(r"[*#_?]*(\w+=)?[*#_?]*(\.\.\.|\w*|[^\s,]*[-+*/%({]\S*)")


class Dim(NamedTuple):
    """One word in jaxtyping's notation: `batch`, `12`, `rows=12`, `#batch`, `_`, `*lead`, `...`.

    One with `many` stands for any number of axes. A size that is not `checked` may be any.
    """

    name: str | None
    size: int | None
    many: bool
    checked: bool
    broadcasts: bool


def read_dims(text: str) -> list[Dim] | None:
    """The words of one annotation; None where this is another kind of text, as prose is."""
    words = text.split()
    if not all(map(WORD.fullmatch, words)):
        return None
    dims = [_dim(word) for word in words]
    return dims if sum(dim.many for dim in dims) < 2 else None


def _dim(word: str) -> Dim:
    front, _, value = word.rpartition("=")
    named, bare = front.lstrip(MARKS), value.lstrip(MARKS)
    marks = front.removesuffix(named) + value.removesuffix(bare)
    size = int(bare) if bare.isdecimal() else None
    return Dim(
        name=named or (bare if bare.isidentifier() else None),
        size=size,
        many="*" in marks or bare == "...",
        checked="_" not in marks and not (named and size is None),
        broadcasts="#" in marks,
    )


def fits(text: str | None, x) -> bool:
    """Whether the annotation has as many words as the tensor axes."""
    dims = read_dims(text) if text is not None else None
    return dims is not None and len(one_each(dims, x.dim())) == x.dim()


def one_each(dims: list[Dim], axes: int) -> list[Dim | None]:
    """One for each axis, where that can be: `*lead` has a name to give if it is one axis."""
    many = next((at for at, dim in enumerate(dims) if dim.many), None)
    count = axes - len(dims) + 1
    if many is None or count < 0:
        return dims if many is None else [*dims[:many], *dims[many + 1 :]]
    return [
        *dims[:many],
        *(dims[many : many + 1] if count == 1 else [None] * count),
        *dims[many + 1 :],
    ]


class Run:
    """Annotations one after the other, compared with the shapes of one run."""

    def __init__(self):
        self._met: dict[str, tuple[int, str]] = {}  # the size of each name, and where

    def read(self, text: str | None, at: str, shape) -> tuple[list[str | None], list[str]]:
        """The name of each axis, None where there is none, and what the run contradicts in words.

        Args:
            text: the annotation; None: there is none.
            at: what the tensor is called.
            shape: of the tensor.
        """
        nothing, dims = [None] * len(shape), None if text is None else read_dims(text)
        if dims is None:
            return nothing, []
        each = one_each(dims, len(shape))
        if len(each) != len(shape):
            return nothing, [
                f"{at} is annotated {text!r}, but is {tuple(shape)}: {len(shape)} "
                f"{'axis' if len(shape) == 1 else 'axes'} and not {len(each)}."
            ]
        names, contradicted = [], []
        for axis, (dim, size) in enumerate(zip(each, shape, strict=True)):
            wrong = dim and self._contradicts(dim, size, f"axis {axis} of {at}")
            names.append(dim.name if dim and not wrong else None)
            if wrong:
                contradicted.append(f"{at} is annotated {text!r}, but {wrong}.")
        return names, contradicted

    def _contradicts(self, dim: Dim, size: int, where: str) -> str:
        if not dim.checked or (dim.broadcasts and size == 1):
            return ""
        if dim.size not in (None, size):
            return f"{where} is {size} and not {dim.size}"
        if dim.name is None:
            return ""
        other, there = self._met.setdefault(dim.name, (size, where))
        return "" if other == size else f"{where} is {size}, and {there}, also {dim.name}, {other}"
