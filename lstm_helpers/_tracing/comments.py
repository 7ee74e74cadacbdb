"""The shape comments in the source of a traced model, each with what is to be said of it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lstm_helpers._tracing.compare import ORDER, QUESTION, RIGHT, WRONG, Opinion
from lstm_helpers._tracing.judge import DID_NOT_RUN, Judge
from lstm_helpers._tracing.lines import Line, Seen, place
from lstm_helpers._tracing.source import Place, places
from lstm_helpers._tracing.steps import NamedShape


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
        said = f"{self.verdict:12}{place(self.filename, self.number)}  {self.text}"
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
        found = counts if listed else "none in the functions of yours that ran"
        return "\n".join([f"shape comments: {found}", *map(str, listed)])

    __repr__ = __str__


def unsure(trace) -> bool:
    """Whether layers of the model disagree what an axis is."""
    return any(note.kind in ("reads", "disagrees") for note in trace.notes)


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
        judge = Judge(function, own, ran, unsure)
        said = {at: opinion for at in places(function) if (opinion := judge(at))}
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
    return f"{seen.name} ({NamedShape('', seen.names, tuple(seen.shape))})".strip()


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
