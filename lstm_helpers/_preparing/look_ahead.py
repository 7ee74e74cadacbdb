"""Does anything read rows that come later? And the training part, rows after it?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, sentence, verdicts
from lstm_helpers._order import show_date
from lstm_helpers._preparing.ahead import Reading, readings, reads_up_to
from lstm_helpers._preparing.asking import Asked, Difference, Refused
from lstm_helpers._preparing.causes import column_of_table, why_ahead
from lstm_helpers._preparing.columns import columns_read
from lstm_helpers._preparing.replacing import WAYS, may_be_replaced

right, wrong, question = verdicts("look-ahead")
_SHOWN = 2  # columns that are named for the same mistake


@dataclass
class Seen:
    """What was asked, and what came of it."""

    asked: Asked
    cuts: list[int]
    train: int | None
    differences: dict[tuple[int, str], Difference]
    refused: list[tuple[int, Exception]]

    @property
    def rows(self) -> str:
        return "dates" if self.asked.given.panel else "rows"

    def time(self, number: int) -> str:
        """A time as it is called, and the number of its row."""
        given = self.asked.given
        if given.dates is None:
            return f"row {number}"
        date = show_date(given.dates[number])
        return f"{date}" if given.panel else f"row {number}, {date}"


def see(asked: Asked, cuts: list[int], train: int | None) -> Seen:
    """Ask at each cut, in both ways."""
    differences, refused = {}, []
    for cut in cuts:
        for way in WAYS[:2]:
            try:
                differences[cut, way] = asked.differs(cut, way)
            except Refused as error:
                refused.append((cut, error))
    return Seen(asked, cuts, train, differences, refused)


def look_ahead(seen: Seen, target: list) -> Iterator[Finding]:
    """A line for each kind of look-ahead, with all the columns that share it."""
    asked, given = seen.asked, seen.asked.given
    base = asked.base
    if not seen.differences:
        yield question(f"Does it look ahead? prepare takes no other rows: {seen.refused[0][1]}")
        return
    groups: dict[tuple, list[Reading]] = {}
    inside, targets = False, []
    for reading in readings(seen.differences, given, base.lines):
        verdict = _verdict(seen, reading, target)
        if verdict == "right":
            piece = base.pieces[reading.piece]
            is_target = piece.names[reading.column] in target
            targets += [piece.called(reading.column)] * is_target
            inside = inside or not is_target
        if verdict != "right":
            end = reading.kind == "all" and _end(seen, reading)
            verdict = (
                verdict if end in (False, given.last) or seen.train is not None else "question"
            )
            far = reading.distance * (reading.kind != "all")
            groups.setdefault((verdict, reading.kind, far, end), []).append(reading)
    for (verdict, kind, _, end), group in groups.items():
        yield _finding(seen, verdict, kind, end, group)
    yield from _rows_and_columns(seen)
    if not groups:
        says = "No row that was asked reads a later one"
        if inside:
            says += f"; statistics end with the training part, at {seen.time(seen.train)}"
        if targets:
            says += f"; {' and '.join(targets)} may, as a target"
        yield right(f"{says}.")
    if seen.refused:
        cut, error = seen.refused[0]
        yield question(f"prepare refuses other rows after {seen.time(cut)}: {sentence(error)}")


def _verdict(seen: Seen, reading: Reading, target: list) -> str:
    """Inside the training part statistics are right; a target may look ahead, but not to the end."""
    piece = seen.asked.base.pieces[reading.piece]
    name = piece.names[reading.column]
    if name in target:
        if reading.kind != "all" or name not in list(seen.asked.given.frame.columns):
            return "right"
    if seen.asked.base.lines[reading.piece].unclear and not piece.steps:
        return "question"
    if seen.train is not None and reading.last_cut < seen.train:
        return "right" if reading.kind == "all" else "question"
    if reading.kind == "least" and reading.distance < seen.asked.base.lines[reading.piece].blocks:
        return "question"
    lengths = [
        seen.differences[cut, way].other_length
        for cut in reading.changes
        for way in WAYS[:2]
        if (cut, way) in seen.differences
    ]
    return "question" if reading.kind == "all" and all(lengths) else "wrong"


def _end(seen: Seen, reading: Reading) -> int:
    """The last time that is read: the table's last one, or that of a part."""
    later = [cut for cut in seen.cuts if cut > reading.last_cut]
    if not later:
        return seen.asked.given.last

    def changed(cut):
        return _depends(seen, reading, cut, None)

    return reads_up_to(changed, reading.last_cut, later[0])


def _depends(seen: Seen, reading: Reading, cut: int, only) -> bool:
    for way in WAYS[1::-1]:
        try:
            difference = seen.asked.differs(cut, way, only)
        except Refused:
            continue
        if (reading.piece, reading.column) in difference.changes:
            return True
    return False


def _finding(seen: Seen, verdict: str, kind: str, end, group: list[Reading]) -> Finding:
    first, base = group[0], seen.asked.base
    read = _columns(seen, first)
    own = " and ".join(column_of_table(seen.asked.given, at) for at in read) if read else "table"
    names = [base.pieces[r.piece].called(r.column) for r in group]
    says = f"{names[0]} reads {own} {_how_far(seen, first, kind, end)}{_likewise(names[1:])}."
    why = _why(first, base, seen.asked.given, read)
    why = why if isinstance(why, Why) else Why()
    if verdict == "wrong":
        return wrong(says, *why)
    if kind == "all" and end < seen.asked.given.last:
        rows = end + 1
        after = f"{says} No row after that is read: the training part? Say so: train={rows}."
        return question(after)
    return question(f"{says} {_asks(seen, first, base)}")


def _asks(seen: Seen, reading: Reading, base) -> str:
    lines = base.lines[reading.piece]
    if lines.unclear and not base.pieces[reading.piece].steps:
        return "Which row of the table its rows belong to is not clear: return a DataFrame."
    if seen.train is not None and reading.last_cut < seen.train:
        return "That is inside the training part: is it meant?"
    if lines.blocks:
        return 'Is a block read only when it is over? label="right" would make it plain.'
    return "But the number of rows changes with them: is it their values, or only how many?"


@never_in_the_way
def _why(reading, base, given, read) -> Why:
    return why_ahead(reading, base, given, read)


def _how_far(seen: Seen, reading: Reading, kind: str, end) -> str:
    if kind == "all":
        if end != seen.asked.given.last:
            return f"up to {seen.time(end)}, whatever row it is"
        past = seen.train is not None and reading.piece == 0
        return "to the end" + ", past the training part" * past
    many = reading.distance
    rows = seen.rows if many > 1 else seen.rows[:-1]
    least, gaps = "at least " * (kind == "least"), ", in its gaps" * (kind == "gaps")
    return f"{least}{many} {rows} ahead{gaps}"


def _likewise(names: list[str]) -> str:
    if not names:
        return ""
    more = len(names) - _SHOWN
    said = ", ".join(names[:_SHOWN]) if more > 0 else " and ".join(names)
    return f", likewise {said}{f' and {more} more' * (more > 0)}"


def _columns(seen: Seen, reading: Reading) -> list[int] | None:
    """Which columns of the table it reads ahead: that of its own name first, then by halving."""
    asked, cut = seen.asked, max(reading.changes, key=lambda c: reading.changes[c][0].edge)
    columns = may_be_replaced(asked.given, asked.keep)
    if len(columns) == 1:
        return columns
    try:
        return columns_read(lambda part: _depends(seen, reading, cut, part), columns)
    except Exception:  # what prepare raises on some columns alone
        return None


def _rows_and_columns(seen: Seen) -> Iterator[Finding]:
    """Rows or columns up to a cut that are there or not, by what comes later."""
    gone = {}
    for (cut, _), difference in seen.differences.items():
        inside = seen.train is not None and cut < seen.train
        for name in difference.columns * (not inside):
            gone.setdefault(name, cut)
    if gone:
        names = list(gone)
        says = f"Whether there is {names[0]} depends on later rows{_likewise(names[1:])}."
        yield wrong(says, "columns are chosen by all rows.", "choose them by the training part.")
    lost: dict[int, np.ndarray] = {}
    for (cut, _), difference in seen.differences.items():
        inside = seen.train is not None and cut < seen.train
        for piece, when in difference.rows.items() if not inside else ():
            lost[piece] = np.union1d(lost.get(piece, []), when)
    for piece, when in lost.items():
        name = seen.asked.base.pieces[piece].name
        says = f"Which rows are in {name} depends on later rows: {len(when)} of them, such as "
        yield question(
            f"{says}{seen.time(int(when[0]))}. Are they left out by a limit of all rows?"
        )
    unlike = {n for difference in seen.differences.values() for n in difference.unlike}
    for piece in sorted(unlike):
        name = seen.asked.base.pieces[piece].name
        yield question(f"{name} has other rows when later ones change: which, is not told.")
