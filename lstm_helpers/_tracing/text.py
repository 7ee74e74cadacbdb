"""A ShapeTrace as text and as an HTML table: the same rows in two dresses."""

from html import escape
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from lstm_helpers._tracing.fold import folded

INDENT = "    "
WIDTH = 88
LEFT, WHOLE = 'style="text-align:left"', 'style="white-space:nowrap"'
SIGNS = {"einops": "einops: ", "error": "", "cuts across": "! ", "disagrees": "! "}


class Row(NamedTuple):
    """One line: what happened, and the shape that came of it. `words` stand below."""

    what: str
    shape: str
    axes: str
    words: tuple[tuple[str, str], ...] = ()


def rows(trace, patterns: bool = False) -> list[Row]:
    lines = [_end_row(shape) for shape in trace.inputs]
    for block in folded(trace.steps):
        indent = ""
        if block.times > 1:
            lines.append(Row(f"{block.times} times:", "", ""))
            indent = INDENT
        for step in block.steps:
            lines += _step_rows(step, indent, patterns)
    return lines + [_end_row(shape) for shape in trace.outputs]


def _end_row(shape):
    """One tensor that goes in or comes out."""
    words = tuple((note.kind, note.text) for note in shape.notes)
    return Row(shape.label, str(shape.sizes), str(shape), words)


def _step_rows(step, indent, patterns):
    what = indent + title(step)
    words = tuple((note.kind, note.text) for note in step.notes)
    if patterns and step.pattern:
        words = (("einops", step.pattern), *words)
    if len(step.outputs) == 1:
        (out,) = step.outputs
        return [Row(what, str(out.sizes), str(out), words)]
    parts = [
        Row(f"{indent}{INDENT}{label}", str(shape.sizes), str(shape))
        for label, shape in _alike_together(step.outputs)
    ]
    if parts:
        parts[-1] = parts[-1]._replace(words=words)
        return [Row(what, "", ""), *parts]
    return [Row(what, "", "", words)]


def _alike_together(shapes):
    """The 12 equal shapes of an unbind in one line, `[0] … [11]`."""
    for _, group in groupby(shapes, key=str):
        alike = list(group)
        first, last = alike[0].label, alike[-1].label
        yield (first if len(alike) < 3 or "[" not in first else f"{first} … {last}"), alike[0]
        if len(alike) == 2 or "[" not in first:
            yield from ((shape.label, shape) for shape in alike[1:])


def title(step) -> str:
    """`lstm: LSTM` for a module, `decoder: [:, -1]` for an operation in a module's code."""
    return f"{step.path}: {step.operation}" if step.path else step.operation


def text(trace, patterns: bool = False) -> str:
    table = rows(trace, patterns)
    first = max(len(row.what) for row in table) if table else 0
    second = max(len(row.shape) for row in table) if table else 0
    lines = [trace.model]
    for row in table:
        lines.append(f"  {row.what:{first}}  {row.shape:{second}}  {row.axes}".rstrip())
        margin = " " * 6 + " " * (len(row.what) - len(row.what.lstrip()))
        for kind, words in row.words:
            said = f"{SIGNS.get(kind, '')}{words}"
            width = WIDTH if kind != "einops" else len(margin + said)
            lines += wrap(said, width, initial_indent=margin, subsequent_indent=margin)
    return "\n".join(lines)


def html(trace) -> str:
    """A table for notebooks. All text that comes from users goes through `escape`."""
    body = "".join(_html_row(row) for row in rows(trace))
    head = "".join(f"<th {LEFT}>{word}</th>" for word in ("step", "shape", "axes"))
    return (
        f"<table><caption>{escape(trace.model)}</caption>"
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _html_row(row):
    words = "".join(
        f"<br><small>{escape(SIGNS.get(kind, '') + said)}</small>" for kind, said in row.words
    )
    what = escape(row.what).replace(INDENT, "&emsp;")
    shape = f"<code {WHOLE}>{escape(row.shape)}</code>" if row.shape else ""
    cells = (what, shape, f"{escape(row.axes)}{words}")
    return "<tr>" + "".join(f"<td {LEFT}>{cell}</td>" for cell in cells) + "</tr>"
