"""All that was asked of a `prepare`, and what came of it."""

from dataclasses import dataclass

from lstm_helpers._order import show_date
from lstm_helpers._preparing.ahead import SOON, Reading, readings, reads_up_to
from lstm_helpers._preparing.asking import Asked, Refused
from lstm_helpers._preparing.comparing import Difference
from lstm_helpers._preparing.replacing import WAYS


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

    def differences_at(self, cut: int, only=None) -> list[Difference]:
        """What changes up to any cut, in all ways that are not refused."""
        found = []
        for way in WAYS[1::-1]:
            try:
                found.append(self.asked.differs(cut, way, only))
            except Refused:
                continue
        return found

    def depends(self, reading: Reading, cut: int, only=None) -> bool:
        """Whether one column changes up to a cut."""
        place = reading.piece, reading.column
        return any(place in found.changes for found in self.differences_at(cut, only))

    def last_row_read(self, last_cut: int, changed) -> int:
        """The last time that is read, it seems, after a cut where something changes.

        Args:
            changed: cut -> whether something changes.
        """
        later = [cut for cut in self.cuts if cut > last_cut]
        last = self.asked.given.last
        return reads_up_to(changed, last_cut, later[0], last) if later else last

    def past_training(self) -> list[tuple[int, Difference]]:
        """The cuts that leave the training part as it is, and what changes."""
        return [
            (cut, found)
            for (cut, _), found in self.differences.items()
            if self.train is None or cut >= self.train
        ]


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
        if len(reading.changes) == 1 or reading.kind == "gaps":
            cut, last = reading.last_cut, seen.asked.given.last
            end = seen.train if seen.train is not None and cut < seen.train else last
            more.add(min(cut + SOON, end - 1))
    return sorted(more - set(seen.cuts))  # what fills a gap reads the first rows after it
