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
_TARGETS = 0.1  # of the training part: so far its targets may lie after it
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
    """Ask at each cut, in both ways; and once more between where something was seen only once."""
    seen = _see(asked, cuts, train)
    more = _see(asked, _once_more(seen), train)
    return Seen(
        asked,
        sorted(cuts + more.cuts),
        train,
        seen.differences | more.differences,
        seen.refused + more.refused,
    )


def _see(asked: Asked, cuts: list[int], train: int | None) -> Seen:
    differences, refused = {}, []
    for cut in cuts:
        for way in WAYS[:2]:
            try:
                differences[cut, way] = asked.differs(cut, way)
            except Refused as error:
                refused.append((cut, error))
    return Seen(asked, cuts, train, differences, refused)


def _once_more(seen: Seen) -> list[int]:
    """Cuts soon after one, where something was seen at this one only."""
    more = set()
    for reading in readings(seen.differences, seen.asked.given, seen.asked.base.lines):
        if len(reading.changes) == 1:
            cut, last = reading.last_cut, seen.asked.given.last
            end = seen.train if seen.train is not None and cut < seen.train else last
            more.add(min(cut + SOON, end - 1))
    return sorted(more - set(seen.cuts))  # what fills a gap reads the first rows after it


def look_ahead(seen: Seen, target: list) -> Iterator[Finding]:
    """A line for each kind of look-ahead, with all the columns that share it."""
    given, base = seen.asked.given, seen.asked.base
    if not seen.differences:
        yield question(f"Does it look ahead? prepare takes no other rows: {seen.refused[0][1]}")
        return
    groups: dict[tuple, list[Reading]] = {}
    inside, targets = False, []
    for reading in readings(seen.differences, given, base.lines):
        piece = base.pieces[reading.piece]
        named = piece.names[reading.column] in target
        if base.lines[reading.piece].beside or (named and _may(reading, piece, given)):
            targets.append(piece.called(reading.column))
            continue
        if reading.kind == "all" and seen.train is not None and reading.last_cut < seen.train:
            inside = True
            continue
        end = _end(seen, reading) if reading.kind == "all" else None
        far = reading.distance * (reading.kind != "all")
        doubt = _doubt(seen, reading, end)
        groups.setdefault((doubt, reading.kind, far, end), []).append(reading)
    found = [_finding(seen, doubt, end, group) for (doubt, _, _, end), group in groups.items()]
    found += _rows_and_columns(seen)
    if not found:
        says = "No row that was asked reads a later one"
        if inside:
            says += f"; statistics end with the training part, at {seen.time(seen.train)}"
        if targets:
            says += f"; {' and '.join(targets)} may, as a target"
        found = [right(f"{says}.")]
    yield from found
    if seen.refused:
        cut, error = seen.refused[0]
        yield question(f"prepare refuses other rows after {seen.time(cut)}: {sentence(error)}")


def _may(reading: Reading, piece, given) -> bool:
    """A target may read later rows; a column of the table may not be scaled by all of them."""
    own = list(given.frame.columns)
    return reading.kind != "all" or piece.names[reading.column] not in own


def _doubt(seen: Seen, reading: Reading, end: int | None) -> str:
    """What is to be asked where a look-ahead may be none; empty where it is one."""
    base = seen.asked.base
    piece, lines = base.pieces[reading.piece], base.lines[reading.piece]
    if lines.unclear and not piece.steps:
        return "Which row of the table its rows belong to is not clear: return a DataFrame."
    if seen.train is not None and reading.last_cut < seen.train:
        return "That is inside the training part: is it meant?"
    if reading.kind == "least" and reading.distance < lines.blocks:
        return 'Is a block read only when it is over? label="right" would make it plain.'
    lengths = [
        difference.other_length
        for (cut, _), difference in seen.differences.items()
        if cut in reading.changes
    ]
    if reading.kind == "all" and all(lengths):
        return "But how many rows there are changes with them, too: is it only that?"
    return _doubt_of_end(seen, end)


def _doubt_of_end(seen: Seen, end: int | None) -> str:
    """What is to be asked of something that reads all rows up to one before the last."""
    if end is None or end >= seen.asked.given.last:
        return ""
    if seen.train is None:
        rows = _rows(seen.asked.given, end)
        return f"No row after that is read: the training part? Say so: train={rows}."
    if end - seen.train <= _TARGETS * seen.train:
        return f"The training part ends with {seen.time(seen.train)}: are these its targets?"
    return ""


def _rows(given, end: int) -> int:
    """How many rows there are up to a time."""
    return int((given.when <= end).sum())


def _end(seen: Seen, reading: Reading) -> int:
    """The last time that is read: the table's last one, or that of a part."""
    return _last_row_read(seen, reading.last_cut, lambda cut: _depends(seen, reading, cut, None))


def _last_row_read(seen: Seen, last_cut: int, changed) -> int:
    later = [cut for cut in seen.cuts if cut > last_cut]
    return reads_up_to(changed, last_cut, later[0]) if later else seen.asked.given.last


def _depends(seen: Seen, reading: Reading, cut: int, only) -> bool:
    for way in WAYS[1::-1]:
        try:
            difference = seen.asked.differs(cut, way, only)
        except Refused:
            continue
        if (reading.piece, reading.column) in difference.changes:
            return True
    return False


def _finding(seen: Seen, doubt: str, end: int | None, group: list[Reading]) -> Finding:
    first, base = group[0], seen.asked.base
    read = _columns(seen, first)
    own = " and ".join(column_of_table(seen.asked.given, at) for at in read) if read else "table"
    names = [base.pieces[r.piece].called(r.column) for r in group]
    says = f"{names[0]} reads {own} {_how_far(seen, first, end)}{_likewise(names[1:])}."
    if doubt:
        return question(f"{says} {doubt}")
    why = _why(first, base, seen.asked.given, read)
    return wrong(says, *why)


@never_in_the_way
def _why(reading, base, given, read) -> Why:
    return why_ahead(reading, base, given, read)


def _how_far(seen: Seen, reading: Reading, end: int | None) -> str:
    kind = reading.kind
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
    base = seen.asked.base
    outside = {
        cut: difference
        for (cut, _), difference in seen.differences.items()
        if seen.train is None or cut >= seen.train
    }
    yield from _columns_that_come_and_go(seen)
    lost: dict[int, np.ndarray] = {}
    for difference in outside.values():
        for piece, when in difference.rows.items():
            lost[piece] = np.union1d(lost.get(piece, []), when)
    for piece, when in lost.items():
        says = f"Which rows are in {base.pieces[piece].name} depends on later rows, such as "
        yield question(f"{says}{seen.time(int(when[0]))}: are they left out by a limit of all?")
    unlike = {n for difference in outside.values() for n in difference.unlike}
    for piece in sorted(unlike):
        name = base.pieces[piece].name
        yield question(f"{name} has other rows when later ones change: which, is not told.")


def _columns_that_come_and_go(seen: Seen) -> Iterator[Finding]:
    last: dict[tuple[int, int], int] = {}
    for (cut, _), difference in seen.differences.items():
        for place in difference.columns if seen.train is None or cut >= seen.train else ():
            last[place] = max(cut, last.get(place, cut))
    if not last:
        return

    def changed(cut):
        differences = (seen.asked.differs(cut, way) for way in WAYS[:2])
        return any(not last.keys().isdisjoint(one.columns) for one in differences)

    end = _last_row_read(seen, max(last.values()), changed)
    names = [seen.asked.base.pieces[piece].called(column) for piece, column in sorted(last)]
    says = f"Whether there is {names[0]} depends on later rows{_likewise(names[1:])}."
    if doubt := _doubt_of_end(seen, end):
        yield question(f"{says} The last of them is {seen.time(end)}. {doubt}")
    else:
        cause = "columns are chosen by all rows."
        yield wrong(says, cause, "choose them by the training part.")
