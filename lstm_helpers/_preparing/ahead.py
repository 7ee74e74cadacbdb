"""How far ahead does a column of a result read?"""

from dataclasses import dataclass

import numpy as np

from lstm_helpers._preparing.comparing import Change, Difference
from lstm_helpers._preparing.given import Given
from lstm_helpers._preparing.lines import Lines

_FAINT = 1e-6  # of the column's largest number: below it something fades out, and has no end
SOON = 5  # rows after a gap, which something that fills it may read
_FADES = 0.05  # of what the first rows after a gap do
_LATER = 3  # cuts after the last row that is read, it seems
_FAR, _HALF = 0.1, 0.5  # of the times


@dataclass(frozen=True)
class Reading:
    """What one column reads of later rows.

    Attributes:
        kind: "rows": so many, exactly; "gaps": so many, where something is missing; "least": so
            many or more; "all": as many as there are.
        distance: how many rows ahead.
        changes: what was seen, by cut.
        piece, column: where it stands in the result.
    """

    piece: int
    column: int
    kind: str
    distance: int
    changes: dict[int, list[Change]]

    @property
    def last_cut(self) -> int:
        """The last cut after which something is read."""
        return max(self.changes)


def readings(
    differences: dict[tuple[int, str], Difference], given: Given, lines: list[Lines | None]
) -> list[Reading]:
    """One for each column that reads ahead, in order."""
    seen: dict[tuple[int, int], dict[int, list[Change]]] = {}
    for (cut, _), difference in differences.items():
        for place, change in difference.changes.items():
            seen.setdefault(place, {}).setdefault(cut, []).append(change)
    return [
        Reading(*place, *_how_far(changes, given, lines[place[0]]), changes)
        for place, changes in sorted(seen.items())
    ]


def _how_far(changes: dict[int, list[Change]], given: Given, lines: Lines) -> tuple[str, int]:
    furthest = [max(each, key=lambda change: change.reach) for each in changes.values()]
    reach = np.array([change.reach for change in furthest])
    most = int(reach.max())
    if only_in_gaps(changes, given, lines):
        return _how_gaps_are_filled(changes), most
    firm = [c for c in furthest if c.reach == most and c.edge > _FAINT]
    if len(firm) > 1 and len(firm) * 2 >= len(furthest) and not lines.blocks:
        return "rows", most
    if _is_everywhere(furthest, given, lines):
        return "all", most
    return "least", most


def _how_gaps_are_filled(changes: dict[int, list[Change]]) -> str:
    """From the first rows after them, from more rows that count the less the later, or from all."""
    every = [change for each in changes.values() for change in each]
    later = [change.edge for change in every if change.cut - change.when[-1] >= SOON]
    soon = [change.edge for change in every if change.cut - change.when[-1] < SOON]
    if not later:
        return "gaps"
    return "least" if max(later) < _FADES * max(soon, default=0.0) else "all"


def _is_everywhere(furthest: list[Change], given: Given, lines: Lines) -> bool:
    """Whether the first row that changes is the same, however far away the cut is."""
    far = max(2, round(_FAR * given.last))
    last = max(furthest, key=lambda change: change.cut)
    first = min(int(change.when[0]) for change in furthest)
    begins = int(lines.when.min())
    if last.reach > _HALF * given.last:
        return True
    if len(furthest) > 1 and not lines.blocks and all(c.when[0] == begins for c in furthest):
        return True
    if last.when[0] > first + far:
        return False
    several = last.cut - min(change.cut for change in furthest) > far
    return last.reach > far and (several or last.when[0] <= begins + far)


def only_in_gaps(changes: dict[int, list[Change]], given: Given, lines: Lines) -> bool:
    """Whether only those rows change in which the table has a gap, or which it lacks."""
    rows = np.concatenate([change.rows for each in changes.values() for change in each])
    own = lines.rows[rows]
    if lines.blocks > 1 or own.shape[1] > 1 or (given.panel and (own < 0).any()):
        return False
    return bool((given.gaps[own[:, 0]].any(axis=1) | (own[:, 0] < 0)).all())


def reads_up_to(changed, low: int, high: int, last: int) -> int:
    """The last row that is read: the first cut after which nothing changes, by bisection.

    What reads one stretch of rows, and another one later, changes again after such a cut: some
    later ones are asked, too.

    Args:
        changed: cut -> whether something changes.
        low, high: a cut at which it does, and one at which it does not.
        last: the last row of all.
    """
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if changed(middle) else (low, middle)
    later = np.linspace(high, last, _LATER + 2)[1:-1].astype(int).tolist()
    again = [cut for cut in later if high < cut < last and changed(cut)]
    return reads_up_to(changed, again[-1], last, last) if again else high
