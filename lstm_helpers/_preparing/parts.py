"""Do the parts of a split lie one after the other, and does none read what another is tested on?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._preparing.comparing import Answer
from lstm_helpers._preparing.given import Given

right, wrong, question = verdicts("split")
_MIXED = 0.05  # of the rows of a part: more changes from part to part are no blocks
_HALF = 0.5
_IN_TIME = "split_by_time(table, val=..., test=...) first, then windows of each part."


@dataclass
class Part:
    """One part of a split.

    Attributes:
        name: how it is reached.
        reads: the rows of the table that are in it, or that its windows read.
        targets: the rows that its windows are to forecast; None for a table.
        samples: a row for each row of a table, or each window: the last that it reads.
        names: what its columns are called: a part has those of the others.
    """

    name: str
    reads: np.ndarray
    targets: np.ndarray | None
    samples: np.ndarray
    names: tuple = ()

    @property
    def fold(self) -> str:
        """Which of several splits it belongs to, where results are nested."""
        return self.name.split("]")[0] if self.name.count("]") > 1 else ""

    @property
    def rows(self) -> np.ndarray:
        return self.reads if self.targets is None else np.union1d(self.reads, self.targets)

    @property
    def own(self) -> np.ndarray:
        """The rows that it is there for."""
        return self.reads if self.targets is None else self.targets


def parts_of(base: Answer) -> list[Part] | None:
    """The parts of what `prepare` returns, in order; None where rows are not known."""
    found: list[Part] = []
    taken: set[int] = set()
    for number, (piece, lines) in enumerate(zip(base.pieces, base.lines, strict=True)):
        if number in taken:
            continue
        if lines is None or (lines.rows < 0).any() or lines.blocks:
            return None
        name = piece.name
        if piece.windows is not None:
            part = _of_windows(piece, lines, base, number, taken)
        elif piece.index is None:
            beside = _beside(number, base, taken)
            taken.update(beside)
            targets = [base.lines[other].rows.ravel() for other in beside]
            targets = np.unique(np.concatenate(targets)) if targets else None
            part = Part(name, np.unique(lines.rows), targets, lines.rows[:, -1])
        else:
            part = Part(name, np.unique(lines.rows), None, lines.rows[:, -1])
        part.names = tuple(map(str, piece.names))
        same = [one for one in found if np.array_equal(one.rows, part.rows)]
        if not same:
            found.append(part)
    return found


def unclear_rows(base: Answer) -> Iterator[Finding]:
    """A question for each array in which one row holds several rows of the table."""
    for number, (piece, lines) in enumerate(zip(base.pieces, base.lines, strict=True)):
        if lines is None or not lines.unclear or piece.steps:
            continue
        if any(base.pieces[other].steps for other in _beside(number, base, set())):
            continue
        first, last = lines.rows[0, 0], lines.rows[0, -1]
        says = (
            f"{piece.name}[0] holds rows {first} to {last} of the table, and is taken to belong to "
            f"row {last}. Is a target among its columns? Name it in target."
        )
        yield Finding("rows", "question", says)


def end_of_training(base: Answer, parts: list[Part] | None, given: Given) -> int | None:
    """The last time of the first of several parts, where others go on after it."""
    if parts is None:  # series without a name: their dates say it
        whole = list(zip(base.pieces, base.lines, strict=True))
        if any(piece.windows is None or lines is None for piece, lines in whole):
            return None
        names = {piece.name: [] for piece, _ in whole}
        for piece, lines in whole:
            names[piece.name].append(int(lines.when.max()))
        if len(names) < 2:
            return None
        end = max(next(iter(names.values())))
    elif len(parts) < 2:
        return None
    else:
        end = int(given.when[parts[0].rows].max())
    return end if end < given.last else None


def _of_windows(piece, lines, base: Answer, number: int, taken: set[int]) -> Part:
    """Which rows the windows read, and which they are to forecast, also of several series."""
    windows = piece.windows
    chosen = np.arange(len(windows)) if piece.chosen is None else np.asarray(piece.chosen)
    rows = np.full(windows._begins[-1], -1)
    for other, one in enumerate(base.pieces):
        if one.windows is windows and one.name == piece.name and base.lines[other] is not None:
            taken.add(other)
            begin = windows._begins[one.series]
            rows[begin : begin + len(one)] = base.lines[other].rows[:, -1]
    starts = windows._starts.rows(chosen).numpy()[:, None] if len(chosen) else np.empty((0, 1), int)
    reads = rows[starts + np.arange(windows.seq_len)]
    targets = rows[starts + windows._offset + np.arange(windows._y_steps)]
    # a share of the windows is meant, not the whole set that it keeps
    name = piece.name if piece.chosen is None else piece.name.removesuffix(".dataset")
    return Part(name, np.unique(reads), np.unique(targets), reads[:, -1])


def _beside(number: int, base: Answer, taken: set[int]) -> list[int]:
    """What goes with x in an array, such as y: as long, and about the same rows."""
    size, mine = len(base.pieces[number]), base.lines[number].rows
    same = [
        n
        for n, piece in enumerate(base.pieces)
        if n != number and n not in taken and len(piece) == size
        if base.lines[n] is not None and piece.windows is None
    ]
    return [
        n
        for n in same
        if np.isin(base.lines[n].rows, mine).mean() > _HALF
        or (len(same) == 1 and base.pieces[number].steps and not base.pieces[n].steps)
    ]


def split(parts: list[Part], given: Given) -> list[Finding]:
    """What is wrong between the first part and the later ones."""
    if len(parts) < 2:
        return []
    if len({part.fold for part in parts}) < len(parts) and parts[0].fold:
        fold = parts[0].fold.removeprefix("out")
        says = f"These are several splits. Ask about each: lambda table: prepare(table){fold}]."
        return [question(says)]
    first, found = parts[0], []
    alike = [part for part in parts[1:] if part.names == first.names]
    for part in alike:
        finding = _between(first, part, given)
        if finding is not None:
            found.append(finding)
    if found or not alike:
        return found
    return [right(f"{_all([first, *alike])}: each part lies after the one before it.")]


def _all(parts: list[Part]) -> str:
    return ", ".join(part.name for part in parts)


def _between(first: Part, part: Part, given: Given) -> Finding | None:
    mixed = _is_mixed(first, part, given)
    shared = np.intersect1d(first.rows, part.own)
    cause = "a random split." if mixed else ""
    if len(shared) and part.targets is not None:
        says = (
            f"{len(shared)} of the {len(part.own)} rows that {part.name} is to forecast are in "
            f"windows of {first.name}."
        )
        return wrong(says, cause, _IN_TIME)
    if len(shared):
        before = given.when[shared].max() <= given.when[first.rows].max()
        leading = np.isin(part.own[np.argsort(given.when[part.own])][: len(shared)], shared).all()
        rows = f"{len(shared)} row{'s' * (len(shared) > 1)}"
        if before and leading and len(shared) < len(part.own) and not mixed:
            says = (
                f"{part.name} begins with the last {rows} of {first.name}: are they read only, and "
                "never forecast? Windows can tell: return these."
            )
            return question(says)
        return wrong(f"{part.name} shares {rows} with {first.name}.", cause, _IN_TIME)
    if given.when[part.own].min() > given.when[first.rows].max():
        return None
    later = int((given.when[first.own] > given.when[part.own].min()).sum())
    says = f"{later} of the {len(first.own)} rows of {first.name} come after {part.name} begins."
    if mixed and not given.panel:
        return wrong(says, cause, _IN_TIME)
    asked = "split by series, or cross-validation?" if given.panel else "cross-validation?"
    return question(f"{says} Is this meant: {asked}")


def _is_mixed(first: Part, part: Part, given: Given) -> bool:
    """Whether the rows of both alternate all the time."""
    own = first.samples, part.samples
    own = [np.setdiff1d(one, other) for one, other in (own, own[::-1])]
    when = given.when[np.concatenate(own)]
    whose = np.repeat([0, 1], [len(one) for one in own])
    turns = np.abs(np.diff(whose[np.argsort(when, kind="stable")])).sum()
    return bool(turns > max(4, _MIXED * min(map(len, own))))
