"""Is there a row, or a column, only because of what comes later?"""

from collections.abc import Iterator

import numpy as np

from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._preparing.doubts import doubt_of_end
from lstm_helpers._preparing.seen import Seen
from lstm_helpers._preparing.words import likewise

right, wrong, question = verdicts("look-ahead")


def columns_that_come_and_go(seen: Seen) -> Iterator[Finding]:
    """Columns of the result that other rows after a cut make disappear, as a selection does."""
    last: dict[tuple[int, int], int] = {}
    for cut, difference in seen.past_training():
        for place in difference.columns:
            last[place] = max(cut, last.get(place, cut))
    if not last:
        return

    def changed(cut):
        return any(not last.keys().isdisjoint(one.columns) for one in seen.differences_at(cut))

    end = seen.last_row_read(max(last.values()), changed)
    names = [seen.asked.base.pieces[piece].called(column) for piece, column in sorted(last)]
    says = f"Whether there is {names[0]} depends on later rows{likewise(names[1:])}."
    if doubt := doubt_of_end(seen, end):
        yield question(f"{says} The last of them is about {seen.time(end)}. {doubt}")
    else:
        cause = "columns are chosen by all rows."
        yield wrong(says, cause, "choose them by the training part.")


def rows_that_come_and_go(seen: Seen) -> Iterator[Finding]:
    """Rows up to a cut that are there or not, by what comes later."""
    pieces = seen.asked.base.pieces
    lost: dict[int, np.ndarray] = {}
    unlike: set[int] = set()
    for _, difference in seen.past_training():
        unlike |= set(difference.unlike)
        for piece, when in difference.rows.items():
            lost[piece] = np.union1d(lost.get(piece, []), when)
    for piece, when in lost.items():
        says = f"Which rows are in {pieces[piece].name} depends on later rows, such as "
        yield question(f"{says}{seen.time(int(when[0]))}: are they left out by a limit of all?")
    for piece in sorted(unlike):
        yield question(
            f"{pieces[piece].name} has other rows when later ones change: which, is not told."
        )
