"""The caller's names for what comes out, `output=`, checked against the shapes that came."""

from itertools import zip_longest

from torch import Tensor

from lstm_helpers._arguments import items
from lstm_helpers._tracing.axes import UNKNOWN
from lstm_helpers._tracing.inputs import names_in, plainly
from lstm_helpers._tracing.steps import NamedShape

FREE = (UNKNOWN, "1")  # may come more than once


def read_output(output) -> list[list[str] | None]:
    """The names for each tensor, or None.

    Raises:
        TypeError: it is no text, and no list of texts and of lists of names.
    """
    if output is None or isinstance(output, str):
        return [] if output is None else [names_in(output)]
    each = None if isinstance(output, Tensor) else items(output)
    if each is None or not all(map(_is_names, each)):
        others = f"a {type(output).__name__} with others than texts"
        what = plainly(output) if each is None else others
        raise TypeError(
            f"output is {what}: give the names of a tensor's axes in one text, a word for each, "
            f"and for several tensors a list of such texts. "
            f"Try output='batch horizon target', with the names that you use."
        )
    return [x and (names_in(x) if isinstance(x, str) else list(x)) for x in each]


def _is_names(value) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(name, str) for name in value)
    return value is None or isinstance(value, str)


def check_output(given: list[list[str] | None], shapes: list[NamedShape]) -> None:
    """Refuse names that don't fit what came out.

    Raises:
        ValueError: there are more of them than tensors, or than axes; or two axes have one name.
    """
    if len(given) > len(shapes):
        came = " and ".join(f"{shape.label} ({shape})" for shape in shapes) or "no tensor"
        texts = [names if names is None else " ".join(names) for names in given]
        words = [text for text in texts if text and " " not in text]
        of_one = shapes and len(words) == len(given) == len(shapes[0].sizes)
        advice = " ".join(words) if of_one else [_suggested(shape, []) for shape in shapes] or None
        raise ValueError(
            f"output has {_count(len(given), 'text', 'texts')}, {texts}, but what comes out is "
            f"{came}: give one text for each tensor, in their order. Try output={advice!r}."
        )
    for shape, names in zip(shapes, given, strict=False):
        if names is None:
            continue
        if len(names) != len(shape.sizes):
            raise ValueError(
                f"{shape.label} is ({shape}), with {_count(len(shape.sizes), 'axis', 'axes')}, but "
                f"output gives it {_count(len(names), 'name', 'names')} ({' '.join(names)!r}): "
                f"give each axis one name. Try {_suggested(shape, names)!r} for {shape.label}."
            )
        twice = [name for name in names if name not in FREE and names.count(name) > 1]
        if twice:
            at = " and ".join(f"axis {i}" for i, name in enumerate(names) if name == twice[0])
            raise ValueError(
                f"{shape.label} is ({shape}), but output calls {at} {twice[0]} "
                f"({' '.join(names)!r}): give each axis a name of its own, or '?' where you have "
                f"none. Try {_suggested(shape, names)!r} for {shape.label}."
            )


def _suggested(shape: NamedShape, names: list[str]) -> str:
    """One name for each axis, none twice: the caller's where they go, else the trace's."""
    chosen = []
    for own, found in zip_longest(names, shape.names):
        if len(chosen) < len(shape.sizes):
            fresh = [name for name in (own, found) if name and name not in chosen]
            chosen.append(next((name for name in fresh if name.isidentifier()), UNKNOWN))
    return " ".join(chosen)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
