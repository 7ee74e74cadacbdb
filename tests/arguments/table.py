"""The table of mistakes: an argument, what is wrong with it, what is said, and what mends it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import isfunction
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch


@dataclass
class Case:
    """A mistake, made with drawn sizes.

    Attributes:
        call: makes it.
        error, text: what is raised, to the letter.
        advice: does what the text says; has to work.
        watched: what was handed over, which has to be as before.
    """

    call: Callable[[], Any]
    error: type[Exception]
    text: str
    advice: Callable[[], Any]
    watched: list = field(default_factory=list)


@dataclass
class Row:
    name: str  # as in PUBLIC
    argument: str
    mode: str
    make: Callable[[SimpleNamespace], Case]

    @property
    def id(self) -> str:
        return f"{self.name}({self.argument}): {self.mode}"


ROWS: list[Row] = []


def row(name: str, argument: str, mode: str):
    """Below it, a function from drawn sizes to a `Case`."""

    def add(make):
        ROWS.append(Row(name, argument, mode, make))
        return make

    return add


def drawn_sizes(number: int) -> SimpleNamespace:
    """Sizes that differ from each other, others for each number."""
    sizes = np.random.default_rng(number).choice(np.arange(3, 14), 8, replace=False).tolist()
    names = ("batch", "seq", "feature", "hidden", "horizon", "target", "layer", "other")
    return SimpleNamespace(**dict(zip(names, sizes, strict=True)))


def whole(name, argument, use: Callable, least: int = 0, most: int | None = None) -> None:
    """The rows of an argument that is a whole number: `use(sizes, value)` calls with it."""

    def add(mode, value, error, said):
        row(name, argument, mode)(
            lambda sizes: Case(
                lambda: use(sizes, value),
                error,
                f"{argument} is {said}.",
                lambda: use(sizes, np.int16(max(least, 1))),
            )
        )

    no_number = "but it has to be a whole number"
    add("a bool", True, TypeError, f"True, {no_number}")
    add("a fraction", 2.0, TypeError, f"2.0, {no_number}")
    add("text", "3", TypeError, f"'3', {no_number}")
    add("below", least - 1, ValueError, f"{least - 1}, but it has to be {least} or more")
    if most is not None:
        add("above", most + 1, ValueError, f"{most + 1}, but it has to be {most} or less")


def switch(name, argument, use: Callable) -> None:
    """The rows of an argument that is True or False."""
    for value in (1, "yes", None):
        row(name, argument, repr(value))(
            lambda sizes, value=value: Case(
                lambda: use(sizes, value),
                TypeError,
                f"{argument} is {value!r}, but it has to be True or False.",
                lambda: use(sizes, np.True_),
            )
        )


def refused(name, argument, mode, use, wrong, error, text, right) -> None:
    """A row whose mistake is one value: `use(sizes, wrong)` fails, `use(sizes, right)` works.

    `wrong`, `text` and `right` may be functions of the sizes.
    """

    def drawn(part, sizes):
        return part(sizes) if isfunction(part) else part

    def make(sizes):
        value = drawn(wrong, sizes)
        return Case(
            lambda: use(sizes, value),
            error,
            drawn(text, sizes),
            lambda: use(sizes, drawn(right, sizes)),
            [value],
        )

    row(name, argument, mode)(make)


def said(call: Callable) -> str:
    """The words of another library, which ours quotes."""
    try:
        call()
    except Exception as error:
        return str(error)
    raise AssertionError("nothing was raised")


def tensor(*shape) -> torch.Tensor:
    """Numbers that are none of them zero, the same ones each time."""
    return torch.from_numpy(np.random.default_rng(len(shape)).uniform(0.5, 1.5, shape)).float()
