"""The source of a function, found again from its code, if it is still the one that it had."""

import ast
from functools import lru_cache
from types import CodeType

from lstm_helpers._tracing.lines import Function
from lstm_helpers._tracing.statements import (
    SCOPES,
    Statement,
    statement_of_lambda,
    statements_of,
)


class NoSource(Exception):
    """Why a function's source can't be shown, in words."""


def read(code: CodeType, lines: list[str]) -> tuple[Function, list[Statement]]:
    """A function's source and its statements.

    Raises:
        NoSource: the lines are not those that the code was made from.
    """
    if not lines:
        raise NoSource(
            "code that exec or %%time runs has no source. Define it in a file, or in a cell that "
            "does not start with %%time"
        )
    lambda_ = code.co_name == "<lambda>"
    first, end, node = _lambda(code, lines) if lambda_ else _def(code, lines)
    statements = [statement_of_lambda(node)] if lambda_ else statements_of(node, lines)
    source = tuple(line.rstrip("\n") for line in lines[first - 1 : end])
    return Function(code.co_qualname, code.co_filename, first, source, code), statements


def _def(code, lines):
    first = code.co_firstlineno
    ends = [end or start for start, end, _, _ in _positions(code) if end or start]
    end = max(ends, default=first)
    changed = NoSource("its file was changed after it was imported: import it again")
    if first > len(lines):
        raise changed
    head = "if 1:\n" if lines[first - 1][:1] in " \t" else "\n"
    for last in range(end, min(len(lines), end + 50) + 1):
        try:
            tree = ast.parse(head + "".join(lines[first - 1 : last]))
        except SyntaxError:  # brackets or a docstring that no instruction stands for
            continue
        node = tree.body[0].body[0] if head.strip() else tree.body[0]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _fits(node, code):
            ast.increment_lineno(tree, first - 2)
            starts = min(part.lineno for part in (node, *node.decorator_list))
            if starts == first and end <= node.end_lineno and _is_in_place(node, code):
                return first, node.end_lineno, node
        break
    raise changed


def _lambda(code, lines):
    body = next(((line, column) for line, _, column, _ in _positions(code) if column), None)
    tree = _whole("".join(lines))
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Lambda) and _fits(n, code)]
    found = [
        n
        for n in found
        if n.lineno == code.co_firstlineno
        and (body is None or (n.lineno, n.col_offset) <= body <= (n.end_lineno, n.end_col_offset))
    ]
    if not found:
        raise NoSource("its file was changed after it was imported: import it again")
    node = max(found, key=lambda n: (n.lineno, n.col_offset))
    around = [n for n in ast.walk(tree) if _is_simple(n) and _holds(n, node)] or [node]
    return around[0].lineno, around[0].end_lineno, node


@lru_cache(maxsize=4)
def _whole(text):
    try:
        return ast.parse(text)
    except SyntaxError:
        raise NoSource("its file can't be read") from None


def _positions(code):
    """Those of its instructions and of the functions in it."""
    yield from code.co_positions()
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _positions(inner)


def _fits(node, code) -> bool:
    args = node.args
    names = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    count = code.co_argcount + code.co_kwonlyargcount
    # A name with two underscores in front has its class before it.
    same = [n.endswith(a) for n, a in zip(code.co_varnames[:count], names, strict=False)]
    return len(names) == count and all(same) and getattr(node, "name", "<lambda>") == code.co_name


def _is_in_place(node, code) -> bool:
    """Whether its instructions end where a part of the source does: they don't where lines were
    added or changed. A few may differ, as what pytest makes of an `assert`."""
    ends = {(n.end_lineno, n.end_col_offset) for n in ast.walk(node) if hasattr(n, "end_lineno")}
    made = {(end, to) for start, end, _, to in _positions(code) if start == end and to}
    return len(made - ends) <= len(made) / 10


def _is_simple(node) -> bool:
    return isinstance(node, ast.stmt) and not hasattr(node, "body")


def _holds(node, inner) -> bool:
    return node.lineno <= inner.lineno and inner.end_lineno <= node.end_lineno


def docstrings(function: Function) -> set[int]:
    """The lines of its docstring and of those of functions inside it."""
    source, found = function.source, set()
    head = "if 1:\n" if source[0][:1] in (" ", "\t") else "\n"
    try:
        tree = ast.parse(head + "\n".join(source))
    except SyntaxError:  # a lambda's line need not be a whole statement
        return found
    for node in ast.walk(tree):
        if isinstance(node, SCOPES[:3]) and ast.get_docstring(node, clean=False) is not None:
            said, before = node.body[0], function.first - 2
            if said.lineno > node.lineno and len(node.body) > 1:
                found |= set(range(said.lineno + before, said.end_lineno + 1 + before))
    return found
