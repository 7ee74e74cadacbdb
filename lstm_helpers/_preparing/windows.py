"""Does the x of a window hold its own y?"""

import numpy as np

from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._preparing.comparing import Answer
from lstm_helpers._preparing.copied import numbers, rise_and_fall

right, wrong, question = verdicts("windows")
_ENOUGH = 6  # rises and falls that are equal


def windows(base: Answer) -> list[Finding]:
    """For windows in arrays: a step of x that rises and falls as y, window after window.

    Both have to stand at one place of the table, so that it is no season that comes again.
    """
    found, asked = [], 0
    for number, piece in enumerate(base.pieces):
        same = [n for n, p in enumerate(base.pieces) if n != number and len(p) == len(piece)]
        if not piece.steps or len(same) != 1 or base.lines[number] is None:
            continue
        y = base.pieces[same[0]]
        if y.steps or base.lines[same[0]] is None:
            continue
        asked += 1
        rows, its = base.lines[number].rows, base.lines[same[0]].rows
        if (its[:, :1] > rows[:, -1:]).all():
            continue
        pair = _equal(piece, y)
        if pair is not None:
            says = f"{pair[0]} is {pair[1]}: x holds its own y."
            repair = "begin y one row after the last row of x."
            found.append(wrong(says, "", repair))
    if asked and not found:
        found.append(right("No window holds its own y."))
    return found


def _equal(x, y) -> tuple[str, str] | None:
    for at, target in enumerate(y.columns):
        own = rise_and_fall(numbers(target))
        if np.isin(own, (1, 255)).sum() < _ENOUGH:
            continue
        for feature, steps in enumerate(x.columns):
            for step in range(x.steps):
                if np.array_equal(rise_and_fall(numbers(steps[:, step])), own):
                    before, _, after = x.called(feature).rpartition(":")
                    return f"{before}{step}{after}", y.called(at)
    return None
