"""What is to be said of one comment: of which tensors it may be, and what its names mean there."""

import re
from dataclasses import replace

from lstm_helpers._tracing.compare import (
    ORDER,
    QUESTION,
    RIGHT,
    WRONG,
    Opinion,
    Scope,
    best,
    compare,
)
from lstm_helpers._tracing.lines import Seen
from lstm_helpers._tracing.shape_comments import Claim, claims
from lstm_helpers._tracing.shape_items import Item
from lstm_helpers._tracing.source import Place, loop_names, size_names

DID_NOT_RUN = "did not run"


class Judge:
    """Says of one comment in a function what is to be said; None where it claims nothing."""

    def __init__(self, function, lines, ran, unsure):
        self.function, self.ran, self.unsure = function, ran, unsure
        here = range(function.first, function.first + len(function.source))
        self.lines = sorted((x for x in lines if x.number in here), key=lambda x: x.number)
        self.loops, self.sizes = loop_names(function), size_names(function)
        self.local = {*function.code.co_varnames} - {"self"}
        self.calls = max([1, *(len(x.runs) for x in self.lines if x.kind == "def")])

    def __call__(self, place: Place, learnt=()) -> Opinion | None:
        self.learnt, self.trails = dict(learnt), place.at is not None
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
            if self.trails and line.kind in (
                "return",
                "yield",
            ):  # the name of what is returned, or of its own
                runs = [*runs[:-1], (*(runs or [()])[-1], *line.runs[-1])]
        if not runs or not runs[-1]:
            return Opinion(QUESTION, f"no tensor {claim.name} is seen here".replace("  ", " "))
        opinion = best(compare(claim, seen, scope) for seen in runs[-1])
        if not self._in_last_call(line):
            opinion = replace(opinion, free=())
        if opinion.verdict == WRONG:
            others = [seen for run in runs for seen in run]
            if not claim.name:
                shown = {seen.shape for seen in line.runs[-1]}
                parts = [Seen("", s, ("?",) * len(s)) for s in line.intermediates if s not in shown]
                others += [*line.runs[-1], *parts]
            elsewhere = any(compare(claim, seen, scope).verdict == RIGHT for seen in others)
            if elsewhere or (len(said) == 1 and _names_two(claim, line.runs[-1])):
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

    def _in_last_call(self, line) -> bool:
        """Whether it ran in each call of its function, so that its last run was in the last one."""
        return len(line.runs) % self.calls == 0

    def _scope(self, line) -> Scope:
        numbers, learnt = line.numbers, {}
        if self._in_last_call(line):
            numbers, learnt = self._sizes() | numbers, self.learnt
        soft = {name for name in numbers if self._is_soft(name)}
        plain = {name.removeprefix("self.") for name in soft}
        return Scope(numbers, frozenset(soft | plain), learnt, self.unsure)

    def _is_soft(self, name) -> bool:
        """A loop's counter or a short name; a batch size or length set once, whatever x has."""
        if name in self.loops or name in self.sizes:
            return name in self.loops
        letter = name.removeprefix("self.") in ("B", "N", "T", "L", "S")
        once = letter or Item(name).family in ("batch", "seq")
        return (once and name not in self.local) or re.fullmatch("[a-z]", name) is not None

    def _sizes(self) -> dict[str, int]:
        """What the function takes from shapes once is the same above that line."""
        values = {
            name: {
                line.numbers[name]
                for line in self.lines
                if name in line.numbers and self._in_last_call(line)
            }
            for name in self.sizes
        }
        return {name: value.pop() for name, value in values.items() if len(value) == 1}


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


def _names_two(claim, run) -> bool:
    """(features, labels) beside two tensors is what they are, not the axes of one."""
    words = all(item.names == (item.says,) and len(item.says) > 2 for item in claim.items)
    batch = any(item.family == "batch" for item in claim.items)
    return words and not batch and not claim.name and len(claim.items) == len(run) > 1


def _together(opinions) -> Opinion:
    """The worst of what a comment claims, and all its free names."""
    worst = max(opinions, key=lambda opinion: ORDER.index(opinion.verdict))
    return replace(worst, free=tuple(pair for opinion in opinions for pair in opinion.free))
