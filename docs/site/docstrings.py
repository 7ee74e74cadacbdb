"""Docstrings as they are written here, made reStructuredText: `*inputs` and `**how` are names."""

import inspect
import re

STARRED = re.compile(r"(?<![\w*`\\])(\*{1,2})(?=\w+\b(?!\*))")


def escape_stars(app, what, name, obj, options, lines: list[str]) -> None:
    """A star before a name begins no emphasis; in examples, and within backticks, stars stay."""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            code_or_not = re.split(r"(`[^`]*`)", line)
            code_or_not[::2] = [STARRED.sub(r"\\\1", part) for part in code_or_not[::2]]
            lines[number] = "".join(code_or_not)


def hide_made_by_us(app, what, name, obj, options, signature, returns):
    """No signature for a class that the package alone makes: it has an argument `_like_this`."""
    if what == "class" and any(one.startswith("_") for one in inspect.signature(obj).parameters):
        return "", returns
    return None


def setup(app):
    app.connect("autodoc-process-signature", hide_made_by_us)
    app.connect("autodoc-process-docstring", escape_stars, priority=100)  # before napoleon
    return {"parallel_read_safe": True}
