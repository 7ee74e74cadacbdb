"""The shape comments in the source of a traced model, each with what is to be said of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lstm_helpers._tracing.judge import ORDER, QUESTION, RIGHT, WRONG, Opinion, Scope, best, compare
from lstm_helpers._tracing.lines import Line, Seen
from lstm_helpers._tracing.shape_comments import Claim, claims
from lstm_helpers._tracing.shape_items import Item
from lstm_helpers._tracing.source import Place, loop_names, places, size_names

DID_NOT_RUN = "did not run"


@dataclass(frozen=True)
class Comment:
    """One shape comment.

    Attributes:
        filename, number: the file, and the comment's line in it, counted from 1 as editors do.
        text: the comment, with its `#`.
        verdict: "right", "wrong", "question" or "did not run".
        why: what speaks against it; "" where it is right.
        seen: the tensor that it was compared with, `k (batch=4, seq=8, feature=16)`, or "".
    """

    filename: str
    number: int
    text: str
    verdict: str
    why: str = ""
    seen: str = ""

    def __str__(self):
        said = f"{self.verdict:12}{Path(self.filename).name}:{self.number}  {self.text}"
        below = ": ".join(filter(None, (self.seen, self.why)))
        return f"{said}\n{' ' * 12}{below}" if below else said


@dataclass(frozen=True, repr=False)
class Comments:
    """The shape comments of a model; `print` it. Each list holds `Comment`s in order."""

    right: list[Comment] = field(default_factory=list)
    wrong: list[Comment] = field(default_factory=list)
    questions: list[Comment] = field(default_factory=list)
    did_not_run: list[Comment] = field(default_factory=list)

    def __str__(self):
        counts = (
            f"{len(self.right)} right, {len(self.wrong)} wrong, "
            f"{len(self.questions)} question{'s' * (len(self.questions) != 1)}, "
            f"{len(self.did_not_run)} did not run"
        )
        listed = (*self.wrong, *self.questions, *self.right, *self.did_not_run)
        return "\n".join([f"shape comments: {counts}", *map(str, listed)])

    __repr__ = __str__


def comments(lines: Sequence[Line], unsure=False) -> Comments:
    """Sort all shape comments of the functions that these lines are of.

    `unsure` where the layers disagree what an axis is: then axis names prove nothing.
    """
    found = judged(lines, unsure)
    of = {verdict: [c for c in found if c.verdict == verdict] for verdict in (*ORDER, DID_NOT_RUN)}
    return Comments(of[RIGHT], of[WRONG], of[QUESTION], of[DID_NOT_RUN])


def agreement(found: Sequence[Comment], filename: str, number: int) -> str:
    """Of the comment on a line, as `judged` found it: "agrees", "disagrees" or "none".

    An agreeing comment may give way to what was seen, a disagreeing one has to stay. Questions
    are neither: "none".
    """
    words = {RIGHT: "agrees", WRONG: "disagrees"}
    here = [c for c in found if (c.filename, c.number) == (filename, number)]
    return words.get(here[0].verdict, "none") if here else "none"


def judged(lines: Sequence[Line], unsure=False) -> list[Comment]:
    """All shape comments in the order of the files."""
    ran = {(line.function.filename, line.number): line for line in lines}
    functions = {(line.function.filename, line.function.first): line.function for line in lines}
    found: dict[tuple, tuple[Place, Opinion]] = {}
    for (filename, _), function in sorted(functions.items(), key=lambda pair: pair[0]):
        own = [line for line in lines if line.function.filename == filename]
        judge = _Judge(function, own, ran, unsure)
        said = {place: opinion for place in places(function) if (opinion := judge(place))}
        learnt = {place: _learnt(said, place) for place in said}
        here = {place.number: judge(place, learnt[place]) for place in said}
        texts = {place.number: place.text for place in said}
        for number, opinion in _alike(here).items():
            found[filename, number] = (texts[number], opinion)
    return [
        Comment(filename, number, text, op.verdict, op.why, _shown(op.seen))
        for (filename, number), (text, op) in sorted(found.items())
    ]


def _shown(seen: Seen | None):
    if seen is None:
        return ""
    axes = ", ".join(f"{n}={s}" for n, s in zip(seen.names, seen.shape, strict=True))
    return f"{seen.name} ({axes})".strip()


class _Judge:
    """Says of one comment in a function what is to be said; None where it claims nothing."""

    def __init__(self, function, lines, ran, unsure):
        self.function, self.ran, self.unsure = function, ran, unsure
        here = range(function.first, function.first + len(function.source))
        self.lines = sorted((x for x in lines if x.number in here), key=lambda x: x.number)
        self.loops, self.sizes = loop_names(function), size_names(function)
        self.local = {*function.code.co_varnames} - {"self"}

    def __call__(self, place: Place, learnt=()) -> Opinion | None:
        self.learnt = dict(learnt)
        heads = [place.at] if place.at else [place.after, place.before]
        lines = [line for head in heads if head and (line := self._line(head)) and line.runs]
        shown = _names(lines)
        variables = _names(self.lines) | self.local
        if not (said := claims(place.text, shown, variables - shown)):
            return None
        if not lines:
            return Opinion(DID_NOT_RUN)
        said = self._of_part(place, said)
        if lines[0].kind == "def" and place.at:
            goes_in = [claim for claim in said if claim.given]
            if not any(claim.name for claim in said):
                lines += [line for line in self.lines if line.kind == "return"]
            comes_out = [claim for claim in said if not claim.given]
            if goes_in and len(lines) > 1:
                return _together([*self._all(goes_in, lines[:1]), *self._all(comes_out, lines[1:])])
        return _together(self._all([claim for claim in said if not claim.given], lines))

    def _line(self, head):
        return self.ran.get((self.function.filename, head.first))

    def _of_part(self, place, said):
        """One line of a call with many lines speaks of that argument, or nobody knows of what."""
        if (part := place.part) is None:
            return said
        return [
            replace(claim, name=claim.name or part, firm=claim.firm and bool(claim.name or part))
            for claim in said
        ]

    def _all(self, said: list[Claim], lines):
        return [best(self._one(said, at, line) for line in lines) for at in range(len(said))]

    def _one(self, said, at, line) -> Opinion:
        claim, scope = said[at], self._scope(line)
        runs = [_about(said, at, run) for run in line.runs]
        if claim.name and not runs[-1]:
            runs = self._bound_before(claim.name, line)
            if line.kind in ("return", "yield"):  # the name of what is returned, or of its own
                runs = [*runs[:-1], (*(runs or [()])[-1], *line.runs[-1])]
        if not runs or not runs[-1]:
            return Opinion(QUESTION, f"no tensor {claim.name} is seen here".replace("  ", " "))
        opinion = best(compare(claim, seen, scope) for seen in runs[-1])
        if opinion.verdict == WRONG:
            others = [seen for run in runs for seen in run]
            if not claim.name:
                parts = [Seen("", shape, ("?",) * len(shape)) for shape in line.intermediates]
                others += [*line.runs[-1], *parts]
            elsewhere = any(compare(claim, seen, scope).verdict == RIGHT for seen in others)
            if elsewhere or _two_words(claim, line.runs[-1]):
                why = f"{opinion.why}; it may be said of another tensor or run of this line"
                return replace(opinion, verdict=QUESTION, why=why)
        if opinion.verdict == RIGHT:
            earlier = Scope(unsure=self.unsure)
            said_of = (best(compare(claim, seen, earlier) for seen in run) for run in runs if run)
            if any(other.verdict == WRONG for other in said_of):
                return replace(opinion, verdict=QUESTION, why="it is true of the last run only")
        return opinion

    def _bound_before(self, name, line) -> list[tuple[Seen, ...]]:
        """What this name was when a line above bound it."""
        above = [x for x in self.lines if x.number <= line.last and name in _names([x])]
        return [_named(name, run) for run in above[-1].runs] if above else []

    def _scope(self, line) -> Scope:
        numbers = self._sizes() | line.numbers
        soft = self.loops | {
            name
            for name in numbers
            if name not in self.sizes
            and ((name not in self.local and _depends_on_x(name)) or re.fullmatch("[a-z]", name))
        }
        plain = {name.removeprefix("self.") for name in soft}
        return Scope(numbers, frozenset(soft | plain), self.learnt, self.unsure)

    def _sizes(self) -> dict[str, int]:
        """What the function takes from shapes once is the same above that line."""
        values = {
            name: {x.numbers[name] for x in self.lines if name in x.numbers} for name in self.sizes
        }
        return {name: value.pop() for name, value in values.items() if len(value) == 1}


def _depends_on_x(name):
    """A batch size or length that is written down once, while x may have another."""
    return name in ("B", "N", "T", "L", "S") or Item(name).family in ("batch", "seq")


def _names(lines) -> set[str]:
    return {seen.name for line in lines for run in line.runs for seen in run} - {""}


def _named(name, run) -> tuple[Seen, ...]:
    return tuple(seen for seen in run if seen.name in (name, f"self.{name}"))


def _about(said, at, run) -> tuple[Seen, ...]:
    """The tensors of one run that a claim may be about."""
    claim = said[at]
    if claim.name:
        return _named(claim.name, run)
    alike = [c for c in said if not c.name and c.firm]
    if len(alike) == len(said) == len(run) > 1:
        return (run[at],)
    return run


def _two_words(claim, run):
    """(features, labels) beside two tensors is what they are, not the axes of one."""
    plain = all(item.names == (item.says,) and len(item.says) > 2 for item in claim.items)
    return (
        len(claim.items) == len(run) > 1
        and plain
        and not any(item.family == "batch" for item in claim.items)
    )


def _together(opinions) -> Opinion:
    """The worst of what a comment claims, and all its free names."""
    worst = max(opinions, key=lambda opinion: ORDER.index(opinion.verdict))
    return replace(worst, free=tuple(pair for opinion in opinions for pair in opinion.free))


def _learnt(said: dict[Place, Opinion], but: Place) -> dict[str, int]:
    """The sizes in which at least two other comments agree, and none differs."""
    counts = _counts(opinion for place, opinion in said.items() if place is not but)
    return {
        name: size
        for name, sizes in counts.items()
        for size, times in sizes.items()
        if len(sizes) == 1 and times > 1
    }


def _counts(opinions) -> dict[str, Counter]:
    counts = defaultdict(Counter)
    for opinion in opinions:
        for name, size in {*opinion.free} if opinion.verdict == RIGHT else ():
            counts[name][size] += 1
    return counts


def _alike(opinions: dict[int, Opinion]) -> dict[int, Opinion]:
    """Where comments use one letter for several sizes, those in the minority are questions."""
    counts, result = _counts(opinions.values()), {}
    for number, opinion in opinions.items():
        result[number] = opinion
        for name, size in opinion.free if opinion.verdict == RIGHT else ():
            most = counts[name].most_common(2)
            if len(most) > 1 and counts[name][size] <= most[1][1]:
                other = next(s for s, _ in most if s != size)
                why = f"{name} is {size} here and {other} in another comment"
                result[number] = replace(opinion, verdict=QUESTION, why=why)
                break
    return result
