"""The statements of a function, as its source has them: where each stands and what it binds."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMPOUND = (ast.If, ast.While, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Match)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_KINDS = ("other", "bind", "yield", "return", "def")


@dataclass(eq=False)
class Statement:
    """A simple statement, or the head of a compound one; those that share a line are one.

    Attributes:
        number, last: its lines in the file.
        kind: as in `Line`.
        targets: the expressions that it binds or changes in place.
        body: the lines of what it is the head of, where it binds only if that runs: the head of a
            `for` is visited once more when all is done, and that of a `with` on the way out.
        loose: part of it may not run.
        returns: what stands behind `return` or `yield`.
        node: what it was read from.
    """

    number: int
    last: int
    kind: str = "other"
    targets: list[ast.expr] = field(default_factory=list)
    body: range | None = None
    loose: bool = False
    returns: ast.expr | None = None
    nodes: list[ast.AST] = field(default_factory=list)


def statements_of(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]):
    """The head of a function and the statements in it, in the order of their lines."""
    last = _head_end(lines, node, _expressions(node.args, node.returns), node.body[0])
    head = Statement(node.lineno, last, "def", nodes=[node.args])
    return _merged([head, *_statements(node.body, lines)])


def statement_of_lambda(node: ast.Lambda) -> Statement:
    return Statement(node.lineno, node.end_lineno, "return", returns=node.body, nodes=[node])


def _statements(body, lines) -> Iterator[Statement]:
    for node in body:
        if isinstance(node, SCOPES):
            yield Statement(node.lineno, _head_end(lines, node, [], node.body[0]))
        elif isinstance(node, ast.Try | ast.TryStar):
            yield Statement(node.lineno, node.lineno)
            for handler in node.handlers:
                yield Statement(handler.lineno, handler.lineno)
                yield from _statements(handler.body, lines)
            for part in (node.body, node.orelse, node.finalbody):
                yield from _statements(part, lines)
        elif isinstance(node, ast.Match):
            yield Statement(node.lineno, node.subject.end_lineno, nodes=[node.subject])
            for case in node.cases:
                yield _case(case, lines)
                yield from _statements(case.body, lines)
        elif isinstance(node, _COMPOUND):
            yield _head(node, lines)
            yield from _statements(node.body, lines)
            yield from _statements(getattr(node, "orelse", []), lines)
        else:
            yield _simple(node)


def _head(node, lines):
    items = [part for item in getattr(node, "items", []) for part in _expressions(item)]
    names = ("target", "iter", "test")
    parts = [*items, *(getattr(node, name) for name in names if hasattr(node, name))]
    targets = [t for t in (getattr(node, "target", None),) if t]
    targets += [item.optional_vars for item in getattr(node, "items", []) if item.optional_vars]
    last = _head_end(lines, node, parts, node.body[0])
    targets = [*_leaves(targets), *_walrus(parts)]
    body = range(node.body[0].lineno, node.body[-1].end_lineno + 1)
    own = None if isinstance(node, ast.If | ast.While) else body
    kind = "bind" if targets else "other"
    return Statement(node.lineno, last, kind, targets, own, nodes=parts)


def _case(case, lines):
    captures = [
        ast.Name(name)
        for part in ast.walk(case.pattern)
        for name in [getattr(part, "name", None) or getattr(part, "rest", None)]
        if name and name != "_"
    ]
    parts = _expressions(case.pattern, case.guard)
    last = _head_end(lines, case.pattern, parts, case.body[0])
    body = range(case.body[0].lineno, case.body[-1].end_lineno + 1)
    kind = "bind" if captures else "other"
    return Statement(case.pattern.lineno, last, kind, captures, body, nodes=parts)


def _simple(node):
    targets, kind, returns = [], "other", None
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = _changed(node.value)
    targets = [*_leaves(targets), *_walrus([node])]
    if targets:
        kind = "bind"
    yields = [n.value for n in _inside(node) if isinstance(n, ast.Yield) and n.value]
    if yields:
        kind, returns = "yield" if not targets else "bind", yields[0]
    if isinstance(node, ast.Return):
        kind, returns = "return", node.value
    return Statement(node.lineno, node.end_lineno, kind, targets, returns=returns, nodes=[node])


def _changed(call: ast.Call) -> list[ast.expr]:
    """What a call changes in place: `x` of `x.add_(1)`, `relu_(x)` and `add(a, b, out=x)`; of
    `outputs.append(h)` the new item."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    said = {keyword.arg: keyword.value for keyword in call.keywords}
    if name == "append" and isinstance(call.func, ast.Attribute) and len(call.args) == 1:
        last = ast.UnaryOp(ast.USub(), ast.Constant(1))
        return [ast.Subscript(call.func.value, last)]
    if "out" in said:
        return [said["out"]]
    inplace = isinstance(said.get("inplace"), ast.Constant) and said["inplace"].value is True
    if not (inplace or (name.endswith("_") and not name.endswith("__"))):
        return []
    # Of the two, only the one that is a tensor is shown: `nn.init` is none.
    subject = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    return [root for part in (*subject, *call.args[:1]) if (root := _root(part)) is not None]


def _root(expr):
    """`x` of `x[:, 0].transpose(0, 1)`."""
    while isinstance(expr, ast.Subscript | ast.Call):
        expr = getattr(expr.func, "value", None) if isinstance(expr, ast.Call) else expr.value
    return expr if isinstance(expr, ast.Name | ast.Attribute) else None


def _leaves(targets) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            yield from _leaves(target.elts)
        elif isinstance(target, ast.Starred):
            yield from _leaves([target.value])
        elif not (isinstance(target, ast.Name) and target.id == "_"):
            yield target


def _walrus(parts):
    return [n.target for part in parts for n in _inside(part) if isinstance(n, ast.NamedExpr)]


def _inside(node) -> Iterator[ast.AST]:
    """The node and its parts, other functions aside."""
    if isinstance(node, SCOPES):
        return
    yield node
    for part in ast.iter_child_nodes(node):
        yield from _inside(part)


def _expressions(*nodes):
    return [n for node in nodes if node is not None for n in ast.walk(node) if hasattr(n, "lineno")]


def _head_end(lines, node, parts, body) -> int:
    """The line with the colon of a compound statement's head."""
    number = max([node.lineno, *(part.end_lineno for part in parts)])
    while number < body.lineno and not re.search(r":\s*(#.*)?$", lines[number - 1].rstrip("\n")):
        number += 1
    return min(number, body.lineno)


def _merged(statements) -> list[Statement]:
    merged: list[Statement] = []
    for new in sorted(statements, key=lambda statement: statement.number):
        if not merged or new.number > merged[-1].last:
            merged.append(new)
            continue
        old = merged[-1]
        old.loose = old.loose or any(not isinstance(n, ast.stmt | ast.arguments) for n in old.nodes)
        old.last = max(old.last, new.last)
        old.kind = max(old.kind, new.kind, key=_KINDS.index)
        said = {
            ast.unparse(target) for target in new.targets
        }  # `y = f(x); y = g(y)` shows the last
        old.targets = [t for t in old.targets if ast.unparse(t) not in said] + new.targets
        old.returns = old.returns or new.returns
        old.nodes += new.nodes
        old.body = None
    return merged
