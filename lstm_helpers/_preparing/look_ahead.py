"""Does anything read rows that come later? And the training part, rows after it?"""

from collections.abc import Iterator

from lstm_helpers._checking.finding import Finding, Why, never_in_the_way, sentence, verdicts
from lstm_helpers._preparing.ahead import Reading, readings
from lstm_helpers._preparing.causes import column_of_table, why_ahead
from lstm_helpers._preparing.columns import columns_read
from lstm_helpers._preparing.come_and_go import columns_that_come_and_go, rows_that_come_and_go
from lstm_helpers._preparing.doubts import doubt_of
from lstm_helpers._preparing.replacing import may_be_replaced
from lstm_helpers._preparing.seen import Seen
from lstm_helpers._preparing.words import likewise

right, wrong, question = verdicts("look-ahead")


def look_ahead(seen: Seen, target: list) -> Iterator[Finding]:
    """A line for each kind of look-ahead, with all the columns that share it."""
    given, base = seen.asked.given, seen.asked.base
    if not seen.differences:
        cut, error = seen.refused[0]
        yield question(f"Does it look ahead? prepare refuses other rows: {sentence(error)}")
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
        groups.setdefault(_kind(seen, reading), []).append(reading)
    found = [_finding(seen, doubt, end, group) for (doubt, _, _, end), group in groups.items()]
    found += [*columns_that_come_and_go(seen), *rows_that_come_and_go(seen)]
    if not found:
        says = "No row that was checked reads a later one"
        if inside:
            says += f"; statistics end with the training part, at {seen.time(seen.train)}"
        if seen.asked.within_range:
            says += "; numbers beyond the range of their column were refused"
        if targets:
            says += f"; {targets[0]} may, as a target{likewise(targets[1:])}"
        found = [right(f"{says}.")]
    yield from found
    if seen.refused:
        cut, error = seen.refused[0]
        yield question(f"prepare refuses other rows after {seen.time(cut)}: {sentence(error)}")


def _may(reading: Reading, piece, given) -> bool:
    """A target may read later rows; a column of the table may not be scaled by all of them."""
    own = list(given.frame.columns)
    return reading.kind != "all" or piece.names[reading.column] not in own


def _kind(seen: Seen, reading: Reading) -> tuple[str, str, int, int | None]:
    """What columns of one line have in common: doubt, kind, distance, and the last row read."""
    if reading.kind != "all":
        return doubt_of(seen, reading, None), reading.kind, reading.distance, None
    end = seen.last_row_read(reading.last_cut, lambda cut: seen.depends(reading, cut))
    return doubt_of(seen, reading, end), "all", 0, end


def _finding(seen: Seen, doubt: str, end: int | None, group: list[Reading]) -> Finding:
    first, base = group[0], seen.asked.base
    read = _columns(seen, first)
    own = " and ".join(column_of_table(seen.asked.given, at) for at in read) if read else "table"
    names = [base.pieces[r.piece].called(r.column) for r in group]
    says = f"{names[0]} reads {own} {_how_far(seen, first, end)}{likewise(names[1:])}."
    if doubt:
        return question(f"{says} {doubt}")
    return wrong(says, *_why(first, base, seen.asked.given, read))


@never_in_the_way
def _why(reading, base, given, read) -> Why:
    return why_ahead(reading, base, given, read)


def _how_far(seen: Seen, reading: Reading, end: int | None) -> str:
    if reading.kind == "all":
        if end != seen.asked.given.last:
            about = "at least" if seen.asked.within_range else "about"
            return f"up to {about} {seen.time(end)}"
        past = seen.train is not None and reading.piece == 0
        return "to the end" + ", past the training part" * past
    many = reading.distance
    rows = seen.rows if many > 1 else seen.rows[:-1]
    least = "at least " * (reading.kind == "least")
    return f"{least}{many} {rows} ahead{', in its gaps' * (reading.kind == 'gaps')}"


def _columns(seen: Seen, reading: Reading) -> list[int] | None:
    """Which columns of the table it reads ahead, where the change is the clearest."""
    asked, cut = seen.asked, max(reading.changes, key=lambda c: reading.changes[c][0].edge)
    columns = may_be_replaced(asked.given, asked.keep)
    if len(columns) == 1:
        return columns
    return columns_read(lambda part: seen.depends(reading, cut, part), columns)
