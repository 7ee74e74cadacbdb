"""An own function that ran, and one call of it while it runs."""

import inspect
from typing import NamedTuple

from torch import Tensor

from lstm_helpers._running.frames import source_lines
from lstm_helpers._tracing.axes import Axes
from lstm_helpers._tracing.lines import Line
from lstm_helpers._tracing.own_source import read
from lstm_helpers._tracing.statements import Statement


class Pending(NamedTuple):
    """A tensor that a line showed, while its axes have not all got their names."""

    name: str
    shape: tuple[int, ...]
    tensor: Tensor
    axes: Axes | None


class Code:
    """An own function that ran: its source, its statements and their lines."""

    def __init__(self, frame):
        code = frame.f_code
        self.opcodes = code.co_code
        args = code.co_argcount + code.co_kwonlyargcount
        args += bool(code.co_flags & 4) + bool(code.co_flags & 8)  # *args and **kwargs
        self.parameters = code.co_varnames[:args]
        self.globals = [name for name in code.co_names if type(frame.f_globals.get(name)) is int]
        self.function, statements = read(code, source_lines(frame))
        self.lines = {s: Line(self.function, s.number, s.last, s.kind) for s in statements}
        self.at = {n: s for s in statements for n in range(s.number, s.last + 1)}
        self.head = statements[0]
        # A lambda, or `def f(x): return x`: one line for what goes in and what comes out.
        self.in_one_line = self.head.kind != "def" or len(self.head.nodes) > 1


class Activation:
    """One call of an own function: which statement runs, since when, and what it made."""

    def __init__(self, code: Code):
        self.code = code
        self.statement: Statement | None = None
        self.start = self.latest = -1
        self.before: list = []
        self.made: list[tuple[int, ...]] = []
        self.given: list[Pending] = []
        self.yielded: list[Pending] = []
        self.returning: Statement | None = None


def is_function(code) -> bool:
    """Whether it is a `def` or a `lambda`: no comprehension, no body of a class or module."""
    named = not code.co_name.startswith("<") or code.co_name == "<lambda>"
    return named and bool(code.co_flags & inspect.CO_OPTIMIZED)
