"""What each line of the reader's own functions bound, returned or yielded."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType


@dataclass(frozen=True)
class Seen:
    """One tensor that a line showed.

    `name` is as it can be typed: `out`, `self.memory`, `d["mean"]`; "" where the tensor is only
    returned or yielded. `names` are those of its axes as the trace prints them, "?" where unknown.
    """

    name: str
    shape: tuple[int, ...]
    names: tuple[str, ...]


@dataclass(eq=False)
class Function:
    """One function of the reader's own, as its file or cell has it.

    `source` are its lines as they stand there, from line `first` of the file on, decorators
    included; none where the source can't be found.
    """

    qualname: str
    filename: str
    first: int
    source: tuple[str, ...]
    code: CodeType


@dataclass(eq=False)
class Line:
    """One statement, or the head of a compound one, and what was seen each time it ran.

    Attributes:
        number, last: its first and last line in the file, counted from 1 as editors do.
        kind: "def" for the head of the function, which shows what goes in, "bind", "return",
            "yield" or "other".
        runs: one entry for each time it ran: the tensors that it showed.
        numbers: the ints in scope when it ran last, by the names they are typed with.
        intermediates: the shapes that parts of it made when it ran last, in order.
    """

    function: Function
    number: int
    last: int
    kind: str
    runs: list[tuple[Seen, ...]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    intermediates: tuple[tuple[int, ...], ...] = ()


def place(filename: str, number: int) -> str:
    """Where a line is, for a person: a notebook's cell has a file name that is none of theirs.

    >>> place("mine/model.py", 7), place("ipykernel_71/2574785945.py", 7)
    ('model.py:7', 'cell:7')
    """
    cell = re.search(r"ipykernel_\d+[/\\\\]\d+\.py$|^<ipython-input", filename)
    return f"{'cell' if cell else Path(filename).name}:{number}"
