"""Which comment of a function's source stands at which statement."""

import ast
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from lstm_helpers._tracing.lines import Function

_PART = re.compile(r"(?:\w+ ?= ?)?\*{0,2}([A-Za-z_][\w.]*),?")
_PARAMETER = re.compile(r"\*{0,2}([A-Za-z_]\w*) ?(?::[^=]*)?(?:=.*)?,?")


@dataclass(frozen=True)
class Head:
    """A statement, or the head of a compound one: its lines in the file, and whether a `def`."""

    first: int
    last: int
    is_def: bool = False


@dataclass(frozen=True)
class Place:
    """A comment and where it stands.

    Attributes:
        number: its line in the file.
        text: with the `#`.
        code: what stands before it on its line.
        at: the statement that it trails; None on a line of its own.
        before, after: the statements next to a comment on a line of its own.
    """

    number: int
    text: str
    code: str
    at: Head | None
    before: Head | None = None
    after: Head | None = None

    @property
    def part(self) -> str | None:
        """For one line of several: the name that it consists of, "" if it is something else.

        None where the comment is about the whole statement.
        """
        if self.at is None or self.at.first == self.at.last:
            return None
        if self.number == self.at.last and self.code.lstrip()[:1] in (")", "]", "}"):
            return None
        if self.number == self.at.first and not self.at.is_def:
            return ""
        found = (_PARAMETER if self.at.is_def else _PART).fullmatch(self.code.strip())
        return found[1] if found else ""


def places(function: Function) -> list[Place]:
    """All comments of a function, those of functions in it included."""
    text, offset = _text(function)
    try:
        tokens = list(tokenize.generate_tokens(StringIO(text).readline))
        heads = list(_heads(ast.parse(text), tokens, offset))
    except (SyntaxError, tokenize.TokenError):
        return []  # a part of a statement, around a lambda
    heads = [head for head in heads if head.first >= function.first]
    heads.sort(key=lambda head: head.first)
    found = []
    for token in tokens:
        if token.type != tokenize.COMMENT:
            continue
        number = token.start[0] + offset
        code = token.line[: token.start[1]]
        around = [head for head in heads if head.first <= number <= head.last]
        if code.strip() or around:
            found.append(Place(number, token.string, code, around[-1] if around else None))
        else:
            before = [head for head in heads if head.last < number]
            after = [head for head in heads if head.first > number]
            sides = before[-1] if before else None, after[0] if after else None
            found.append(Place(number, token.string, "", None, *sides))
    return found


def loop_names(function: Function) -> set[str]:
    """The targets of its loops: what they are when a line ran last need not be a size."""
    tree = _tree(function)
    loops = (
        node.target for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension)
    )
    return {n.id for target in loops for n in ast.walk(target) if isinstance(n, ast.Name)}


def size_names(function: Function) -> set[str]:
    """The names that it takes from a shape: `B, T, C = x.shape`."""
    found = set()
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Assign) and re.search(
            r"\.shape|\.size\(|\blen\(", ast.unparse(node.value)
        ):
            parts = (n for target in node.targets for n in ast.walk(target))
            found |= {n.id for n in parts if isinstance(n, ast.Name)}
    return found


def _tree(function):
    try:
        return ast.parse(_text(function)[0])
    except SyntaxError:
        return ast.Module([], [])


def _text(function) -> tuple[str, int]:
    """What can be parsed, and how much later the file has its lines.

    An indented function stands below an `if`: texts in it may be less indented, so that it can't be
    moved to the left.
    """
    text = "\n".join(line.rstrip("\n") for line in function.source) + "\n"
    if text[0] in " \t":
        return f"if 1:\n{text}", function.first - 2
    return text, function.first - 1


def _heads(tree, tokens, offset) -> Iterator[Head]:
    ends = [token.end[0] for token in tokens if token.type == tokenize.NEWLINE]
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.stmt):
            last = next(end for end in ends if end >= node.lineno)
            is_def = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield Head(node.lineno + offset, last + offset, is_def)
