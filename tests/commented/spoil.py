"""Spoil a true shape comment: two axes swapped, one dropped, one added.

Which lists in brackets are shapes is found here by itself, not by what is to be tried.
"""

import re

SHAPE = re.compile(r"[(\[]([^()\[\]]*(?:\([^()]*\)[^()\[\]]*)?)[)\]]")


def axes_in(text: str) -> list[str] | None:
    """The axes of the last shape of a comment."""
    found = SHAPE.findall(text)
    return [part.strip() for part in found[-1].split(",")] if found else None


def with_axes(text: str, axes: list[str]) -> str:
    """The comment with other axes in place of the last shape's."""
    last = [*SHAPE.finditer(text)][-1]
    comma = "," if len(axes) == 1 else ""
    return f"{text[: last.start(1)]}{', '.join(axes)}{comma}{text[last.end(1) :]}"


def spoilt(text: str, differ) -> list[tuple[str, str]]:
    """(how, comment) for each way; `differ(i, j)` says whether two axes differ in size."""
    axes = axes_in(text)
    ways = []
    for i in range(len(axes)):
        for j in range(i + 1, len(axes)):
            if axes[i] != axes[j] and differ(i, j):
                swapped = [*axes]
                swapped[i], swapped[j] = axes[j], axes[i]
                ways.append(("swapped", with_axes(text, swapped)))
    fewer = [rest for rest in (axes[:-1], axes[1:]) if {*rest} - {"*"}]  # (*,) is always true
    ways += [("dropped", with_axes(text, rest)) for rest in fewer]
    return [
        *ways,
        ("added", with_axes(text, ["1", *axes])),
        ("added", with_axes(text, [*axes, "1"])),
    ]
