"""Where something that looks like a look-ahead may be none: what is to be asked."""

from lstm_helpers._preparing.ahead import Reading
from lstm_helpers._preparing.seen import Seen
from lstm_helpers._preparing.words import quoted

_TARGETS = 0.1  # of the training part: so far its targets may lie after it


def doubt_of(seen: Seen, reading: Reading, end: int | None) -> str:
    """The question to somebody who knows; empty where there is no doubt.

    Args:
        end: the last time that is read, where all rows are read up to one.
    """
    base = seen.asked.base
    piece, lines = base.pieces[reading.piece], base.lines[reading.piece]
    if lines.unclear and not piece.steps:
        return "Which row of the table its rows belong to is not clear: return a DataFrame."
    if seen.train is not None and reading.last_cut < seen.train:
        return "That is inside the training part: is it meant?"
    if reading.kind == "least" and reading.distance < lines.blocks:
        return 'Is a block read only when it is over? label="right" would make it plain.'
    if reading.kind == "rows" and piece.labels == [""] and _has_one_beside(seen, reading.piece):
        return _is_it_the_target(piece)
    lengths = [
        difference.other_length
        for (cut, _), difference in seen.differences.items()
        if cut in reading.changes
    ]
    if reading.kind == "all" and all(lengths):
        return "But how many rows there are changes with them, too: is it only that?"
    return doubt_of_end(seen, end)


def doubt_of_end(seen: Seen, end: int | None) -> str:
    """What is to be asked of something that reads all rows up to one before the last."""
    given = seen.asked.given
    if end is None or end >= given.last:
        return ""
    if seen.train is None and seen.asked.within_range:
        return (
            "Later rows may be read, too: prepare refuses numbers beyond the range of a column. Is "
            "there a training part? Say where it ends: train=."
        )
    if seen.train is None:
        rows = int((given.when <= end).sum())
        return f"No row after that is read: the training part? Say so: train={rows}."
    if end - seen.train <= _TARGETS * seen.train:
        return f"The training part ends with {seen.time(seen.train)}: are these its targets?"
    return ""


def _has_one_beside(seen: Seen, number: int) -> bool:
    """Whether another piece has the same rows, as x has those of y."""
    when = seen.asked.base.lines[number].when
    return any(
        lines is not None and len(lines.when) == len(when) and (lines.when == when).all()
        for other, lines in enumerate(seen.asked.base.lines)
        if other != number
    )


def _is_it_the_target(piece) -> str:
    name = piece.names[0]
    if isinstance(name, str):
        return f"Is it the target? Say so: target={quoted(name)}."
    return f'Is it the target? Say so: {piece.name}.rename("y"), and target="y".'
