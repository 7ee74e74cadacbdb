"""The reader's own functions as text and HTML, with the shapes behind their lines."""

import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from html import escape
from textwrap import dedent, indent, wrap

from lstm_helpers._tracing.again import Lines
from lstm_helpers._tracing.comments import agreement, judged
from lstm_helpers._tracing.highlight import highlighted
from lstm_helpers._tracing.lines import Line, Seen, place
from lstm_helpers._tracing.own_source import docstrings
from lstm_helpers._tracing.shape_comments import prose
from lstm_helpers._tracing.steps import NamedShape

INDENT = "    "
COLUMN, WIDTH = 64, 88  # shapes stand in a column that long lines may overrun
DISAGREES = "# ! "


class Annotated:
    """Source with its shapes: `print` it, or show it in a notebook.

    Args:
        lines: what was seen.
        model: its name, where there is nothing to show.
        unsure: its layers disagree what an axis is.
    """

    def __init__(self, lines: Lines, model: str, unsure: bool = False):
        said = partial(agreement, judged(lines.lines, unsure))
        self._blocks = [
            (title, dedent("\n".join(Block(lines, code, said))))
            for title, code in _titled(_shown(lines))
        ]
        self._notes = list(_notes(lines, model))

    def __str__(self):
        blocks = [f"{title}\n{indent(source, INDENT)}" for title, source in self._blocks]
        return "\n\n".join([*blocks, *("\n".join(wrap(note, WIDTH)) for note in self._notes)])

    __repr__ = __str__

    def _repr_html_(self):
        blocks = [f"<b>{escape(title)}</b>{highlighted(source)}" for title, source in self._blocks]
        return "".join([*blocks, *(f"<p>{escape(note)}</p>" for note in self._notes)])


def _shown(lines):
    """The functions in which a line has something to show; one inside another is shown there."""
    telling = {
        (line.function.filename, line.function.first)
        for line in lines.lines
        if any(line.runs) or line in lines.failing or line is lines.stopped
    }
    places = {}
    for code in lines.codes:
        at = (code.function.filename, code.function.first)
        if not telling or at in telling:
            places.setdefault(at, (code, _span(code.function)))
    for (file, _), (code, span) in places.items():
        around = [o for (at, _), (_, o) in places.items() if at == file and _within(span, o)]
        if not around:
            yield code


def _within(span, other) -> bool:
    return span != other and other.start <= span.start and span.stop <= other.stop


def _span(function):
    return range(function.first, function.first + len(function.source))


def _titled(codes):
    """Each function with its name; where two share it, with its place too."""
    codes = list(codes)
    names = [code.function.qualname for code in codes]
    for name, code in zip(names, codes, strict=True):
        at = f" ({place(code.function.filename, code.function.first)})" * (names.count(name) > 1)
        yield name + at, code


def _notes(lines, model) -> Iterator[str]:
    for name, reason in lines.without.items():
        yield f"{name} can't be shown: {reason}."
    if not lines.codes and not lines.without:
        yield f"{model} runs no code of yours: print(trace) shows its steps."
    if not lines.as_before:
        yield (
            "The model took other steps than in the trace when it ran again for this: something "
            "that it reads has changed since, and can't be put back. The shapes are those of the "
            "second run."
        )


class Block:
    """The lines of one function, and of those inside it."""

    def __init__(self, lines: Lines, code, agreement):
        self._function = code.function
        self._all = lines
        self._span = _span(code.function)
        self._own = [
            line
            for line in lines.lines
            if line.function.filename == self._function.filename and line.number in self._span
        ]
        self._at = defaultdict(list)
        for line in self._own:
            self._at[line.last].append(line)
        self._agreement = agreement

    def __iter__(self) -> Iterator[str]:
        comments, skipped = _comments(self._function), docstrings(self._function)
        shown = []
        for number, source in zip(self._span, self._function.source, strict=True):
            if number > self._end:
                break
            if number in skipped:
                continue
            code, ours = source.rstrip(), self._said(number)
            if (start := comments.get(number)) is not None:
                verdict = self._agreement(self._function.filename, number)
                if ours and verdict == "agrees" and code[:start].strip():
                    ours = "; ".join(filter(None, (ours, prose(code[start:]))))
                    code = code[:start].rstrip()
                elif verdict == "disagrees":
                    code = code[:start] + DISAGREES + code[start:].lstrip("# ")
            shown.append((code, ours, self._below(number)))
        lengths = [len(code) for code, ours, _ in shown if ours and len(code) + 2 <= COLUMN]
        column = max(lengths, default=0) + 2
        for code, ours, below in shown:
            yield f"{code:<{max(column, len(code) + 2)}}# {ours}" if ours else code
            margin = " " * (len(code) - len(code.lstrip())) + "# "
            yield from wrap(below, WIDTH, initial_indent=margin, subsequent_indent=margin)

    @property
    def _end(self) -> int:
        """Where the source ends: with an error, unless lines behind it ran before."""
        if not (ends := self._failing + self._stopped):
            return self._span.stop
        ran = [line.last for line in self._own if line.runs] if self._failing else []
        return max(ends[-1].last, *ran, 0)

    @property
    def _failing(self) -> list[Line]:
        return [line for line in self._all.failing if line in self._own]

    @property
    def _stopped(self) -> list[Line]:
        return [line for line in [self._all.stopped] if line in self._own]

    def _said(self, number) -> str:
        parts = [runs_text(line.runs) for line in self._at.get(number, ())]
        for line in self._at.get(number, ()):
            if line in self._failing and line is self._all.failing[-1]:
                parts.append("stops here: " + " and ".join(map(_shape, self._all.met)))
        return "; ".join(part.removesuffix(": ") for part in parts if part)

    def _below(self, number) -> str:
        for line in self._at.get(number, ()):
            if line in self._stopped:
                return f"Here {self._all.why}: what came after was not seen."
            if line in self._failing:
                error, last = self._all.error, self._all.failing[-1]
                kind = type(error).__name__
                if line is last:
                    return " ".join(f"{kind}: {error}".split())
                return f"{kind} in {last.function.qualname}"
        return ""


def _comments(function) -> dict[int, int]:
    """Where in its line each comment starts."""
    text = "\n".join(function.source) + "\n"
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[function.first + token.start[0] - 1] = token.start[1]
    except (tokenize.TokenError, SyntaxError):  # an end that is indented less than its start
        pass
    return found


# Shapes


def runs_text(runs: list[tuple[Seen, ...]]) -> str:
    """`h (batch=5, hidden=3), c (batch=5, hidden=3) × 12`; what varied as `seq=1..12`."""
    of: dict[tuple[str, int], list[Seen]] = defaultdict(list)
    for run in runs:
        met: dict[str, int] = defaultdict(int)
        for seen in run:
            of[seen.name, met[seen.name]].append(seen)
            met[seen.name] += 1
    parts = [(name, _varied(seen)) for (name, _), seen in of.items()]
    times = f" × {len(runs)}" if len(runs) > 1 else ""
    return ", ".join(f"{name} {text}".strip() for name, text in _folded(parts)) + times * bool(of)


def _varied(several: list[Seen]) -> str:
    """One text for the shapes of one name in all runs."""
    alike: dict[tuple, list[Seen]] = defaultdict(list)
    for seen in several:
        alike[seen.names].append(seen)
    texts = [_ranges(names, [seen.shape for seen in group]) for names, group in alike.items()]
    return " or ".join([*texts[:3], "…"] if len(texts) > 3 else texts)


def _ranges(names, shapes):
    sizes = [sorted(set(sizes)) for sizes in zip(*shapes, strict=True)]
    spans = [str(s[0]) if len(s) == 1 else f"{s[0]}..{s[-1]}" for s in sizes]
    return f"({NamedShape('', names, tuple(spans))})"


def _folded(parts):
    """`h[0] … h[11]` for two ends of a list, between which all is alike."""
    folded = []
    for name, text in parts:
        base, index = _item(name)
        if folded and base is not None and folded[-1][1] == text:
            before, at = _item(folded[-1][0])
            if before == base and index > at + 1:
                folded[-1] = (f"{folded[-1][0]} … {name}", text)
                continue
        folded.append((name, text))
    return folded


def _item(name):
    found = re.fullmatch(r"(.*)\[(\d+)\]", name)
    return (found[1], int(found[2])) if found else (None, 0)


def _shape(seen: Seen) -> str:
    return f"{seen.name} ({NamedShape('', seen.names, seen.shape)})".strip()
