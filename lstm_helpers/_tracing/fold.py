"""Fold the repetitions of a loop: a cell loop of 200 steps is one block, "x 200"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

NUMBER = re.compile(r"-?\d+")


class Block(NamedTuple):
    """`steps`, which came `times` times in a row; a number that changed is shown as a range."""

    steps: tuple
    times: int


def folded(steps: Sequence, longest: int = 24) -> list[Block]:
    """The steps in order, runs of equal blocks of up to `longest` steps taken together."""
    keys = [_key(step) for step in steps]
    blocks, at = [], 0
    while at < len(steps):
        period, times = max(
            ((period, _times(keys, at, period)) for period in range(1, longest + 1)),
            key=lambda found: (found[0] * found[1] if found[1] > 2 else 1, -found[0]),
        )
        if times < 3:
            period = times = 1
        runs = [steps[at + i * period : at + (i + 1) * period] for i in range(times)]
        blocks.append(Block(tuple(_together(same) for same in zip(*runs, strict=True)), times))
        at += period * times
    return blocks


def _key(step):
    """What must agree: all but the numbers in an index, which count, and the first state."""
    indexing = step.operation.endswith("]")
    operation = NUMBER.sub("#", step.operation) if indexing else step.operation
    kinds = tuple(note.kind for note in step.notes)
    return step.path, operation, step.outputs, step.pattern, kinds


def _times(keys, at, period):
    times = 1
    while keys[at : at + period] == keys[at + times * period : at + (times + 1) * period]:
        times += 1
    return times


def _together(same):
    """One step for all repetitions: `[:, 0]` to `[:, 199]` becomes `[:, 0…199]`."""
    first, last = same[0], same[-1]
    ends = iter(NUMBER.findall(last.operation))
    operation = NUMBER.sub(lambda m: _range(m.group(), next(ends)), first.operation)
    return replace(first, operation=operation)


def _range(first, last):
    return first if first == last else f"{first}…{last}"
