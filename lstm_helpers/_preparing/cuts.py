"""After which rows is the table cut?"""

import numpy as np
import pandas as pd

from lstm_helpers._preparing.comparing import Answer
from lstm_helpers._preparing.given import Given

_GAPS = 3  # the longest ones that are asked about
_TAIL = 0.02  # of the times


def cuts_of(given: Given, base: Answer, train: int | None, others: int) -> list[int]:
    """The numbers of the last times that stay, in order.

    These are: the end of every part and the middle of all but the first, the end of the longest
    gap of a column, the tail, and some others, evenly spread.
    """
    last = given.last
    spread = np.linspace(0, last, others + 2)[1:-1].astype(int)
    # not at a round hour each time, where blocks begin
    wanted = {int(cut) + number for number, cut in enumerate(spread)}
    wanted.add(last - max(2, round(_TAIL * last)))
    wanted |= set() if train is None else {train}
    parts = [lines.when for lines in base.lines if lines is not None]
    for number, when in enumerate(parts):
        wanted.add(int(when.max()))
        if number and when.min() > parts[0].max() - (len(when) // 2):
            wanted.add(int(np.median(when)))
    wanted |= _ends_of_gaps(given) | _missing_dates(given)
    return sorted(cut for cut in wanted if 2 <= cut < last)


def _missing_dates(given: Given) -> set[int]:
    """The last time before the longest stretch without a row."""
    if given.dates is None:
        return set()
    try:
        steps = np.diff(given.dates.asi8 if hasattr(given.dates, "asi8") else given.dates)
        return {int(steps.argmax())} if steps.max() > np.median(steps) else set()
    except TypeError:  # dates that can't be subtracted
        return set()


def _ends_of_gaps(given: Given) -> set[int]:
    """The last time of the longest gap of each column, of the longest gaps of all."""
    found = []
    order = np.argsort(given.when, kind="stable")
    for at in np.flatnonzero(given.gaps.any(axis=0)):
        missing = pd.Series(given.gaps[order, at])
        if given.panel and given.keys:
            keys = given.frame.iloc[order, list(given.keys)].astype(str).agg(" ".join, axis=1)
            pieces = [part for _, part in missing.groupby(keys.to_numpy())]
        else:
            pieces = [missing]
        for part in pieces:
            run = part.groupby((~part).cumsum()).cumsum()
            last = run[run.index[:-1]]
            if len(last) and last.max() > 0:
                row = int(last.idxmax())
                found.append((int(last.max()), int(given.when[order[row]])))
    return {when for _, when in sorted(found, reverse=True)[:_GAPS]}
