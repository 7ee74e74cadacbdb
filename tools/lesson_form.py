"""What the form of a lesson asks for, and where a notebook does not follow it. Nothing is run.

    python tools/lesson_form.py [notebooks/01_univariate.ipynb ...]

All of notebooks/ without arguments. Each rule is a function that says what is to be changed.
"""

import ast
import re
import sys
from pathlib import Path

import nbformat
from folding import metadata
from IPython.core.inputtransformer2 import TransformerManager
from lessons import (
    LIMITS,
    code_cells,
    exercises,
    minutes,
    outside,
    proofs,
    set_up,
    shown,
    sizes,
    tags,
    text_cells,
)

ROOT = Path(__file__).parents[1]
TAGS = {"proof", "gallery", "hide-input", "nbval-ignore-output"}
TITLE = re.compile(r"#@title Proof: (\S.*)")
SAID = re.compile(r"\b(\d+) minutes?\b")
WIDTH = 120  # characters in a line of text, about as many as JupyterLab shows


def known_tags(notebook) -> list[str]:
    """No tag but those that a tool reads; and only code is a proof."""
    unknown = sorted({tag for cell in notebook.cells for tag in tags(cell)} - TAGS)
    texts = [cell for cell in text_cells(notebook) if "proof" in tags(cell)]
    return [f"the tag {tag!r} is unknown: {sorted(TAGS)} are known" for tag in unknown] + [
        f"{first_line(cell)!r} is text: only a code cell can have the tag `proof`" for cell in texts
    ]


def folding(notebook) -> list[str]:
    """The metadata is what the tags say."""
    return [
        f"the metadata of {first_line(cell)!r} is not what its tags say: store the notebook"
        for cell, needed in zip(notebook.cells, metadata(notebook), strict=True)
        if cell.metadata != needed
    ]


def proofs_say_what_holds(notebook) -> list[str]:
    """A proof has a title, can fail, and prints its title's words."""
    found = []
    for cell in proofs(notebook):
        title = TITLE.fullmatch(first_line(cell))
        if not title:
            found.append(f"{first_line(cell)!r}, of a proof, has to be `#@title Proof: ...`")
        elif f"holds: {title[1]}" not in printed(cell).splitlines():
            found.append(f"{title[0]!r} has to print 'holds: {title[1]}', on a line of its own")
        if not asserted(cell) and "expect_error(" not in cell.source:
            found.append(f"{first_line(cell)!r} asserts nothing: it could not fail")
    return found + [
        f"{first_line(cell)!r} has no tag `proof`"
        for cell in shown(notebook)
        if first_line(cell).startswith("#@title")
    ]


def at_most_one_assert(notebook) -> list[str]:
    """A cell that is shown has one line at most that convinces a machine only."""
    counts = [(first_line(cell), len(asserted(cell))) for cell in shown(notebook)]
    return [
        f"{line!r}: the cell has {count} lines that assert; one may stay, a proof takes the others"
        for line, count in counts
        if count > 1
    ]


def size(notebook) -> list[str]:
    """Cells, their lines and the minutes are within their limits."""
    found = sizes(notebook)
    return [
        f"{name}: {found[name]:g}, but {LIMITS[name][0]} to {LIMITS[name][1]} are asked for"
        for name in outside(notebook)
    ]


def three_exercises(notebook) -> list[str]:
    count = len(exercises(notebook))
    return [] if count == 3 else [f"there are {count} exercises, but three are asked for"]


def minutes_in_the_box(notebook) -> list[str]:
    """The box above the set-up cell says the minutes once, as the formula counts them."""
    said = [n for text in before(set_up(notebook), notebook) for n in SAID.findall(text)]
    needed = str(minutes(notebook))
    return [] if said == [needed] else [f"the box says minutes {said}, but it takes {needed}"]


def little_text_before_it_runs(notebook) -> list[str]:
    """At most three lines of text, headings apart, between the set-up cell and the next one."""
    following = code_cells(notebook)[1]
    texts = "\n".join(before(following, notebook, after=set_up(notebook)))
    lines = [line for line in texts.splitlines() if line.strip() and not line.startswith("#")]
    count = sum(-(-len(line) // WIDTH) for line in lines)
    return (
        []
        if count <= 3
        else [f"{count} lines of {WIDTH} characters stand below the set-up cell; 3 may"]
    )


RULES = (
    known_tags,
    folding,
    proofs_say_what_holds,
    at_most_one_assert,
    size,
    three_exercises,
    minutes_in_the_box,
    little_text_before_it_runs,
)


def first_line(cell) -> str:
    return cell.source.partition("\n")[0]


def printed(cell) -> str:
    """What the cell printed, as it is stored."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def before(cell, notebook, after=None) -> list[str]:
    """The texts above a cell, those below `after` alone where it is given."""
    start = 0 if after is None else index(after, notebook) + 1
    between = notebook.cells[start : index(cell, notebook)]
    return [other.source for other in between if other.cell_type == "markdown"]


def index(cell, notebook) -> int:
    return next(i for i, other in enumerate(notebook.cells) if other is cell)


def asserted(cell) -> set[int]:
    """The numbers of the lines that belong to an `assert`, or to a call of an `assert_...`."""
    tree = ast.parse(TransformerManager().transform_cell(cell.source))
    return {
        number
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and asserts(node))
        for number in range(node.lineno, node.end_lineno + 1)
    }


def asserts(call: ast.Call) -> bool:
    return ast.unparse(call.func).rpartition(".")[2].startswith("assert_")


def faults(notebook) -> list[str]:
    """All that is to be changed, rule by rule."""
    return [fault for rule in RULES for fault in rule(notebook)]


def minutes_in_readme(text: str, name: str) -> list[int]:
    """The minutes that README's table gives to this lesson: `30 min` in the row that links it."""
    rows = [row for row in text.splitlines() if row.startswith("|") and f"/{name})" in row]
    return [int(number) for row in rows for number in re.findall(r"\b(\d+) min\b", row)]


if __name__ == "__main__":
    given = [Path(name) for name in sys.argv[1:]]
    for path in given or sorted((ROOT / "notebooks").glob("*.ipynb")):
        found = faults(nbformat.read(path, as_version=4))
        print(f"{path.stem}: {len(found) or 'nothing'} to change", *found, sep="\n  ")
