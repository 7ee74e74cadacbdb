"""Print sizes beside what is advised for them; `!` marks what is outside. Nothing fails here.

python tools/advice.py
"""

import ast
import re
import statistics
import sys
from itertools import pairwise
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
FOLDERS = ("lstm_helpers", "tests", "tools")
MOST_LINES = 250  # of a file: it is read in one sitting
MOST_NAMES = 35
# What is counted of a lesson, the least and the most of it
LESSON = {"shown cells": (0, 22), "median lines": (3, 5), "longest": (0, 20), "minutes": (0, 30)}
NOT_READ = re.compile(r"<details>.*?</details>|```.*?```|^\*Figure: .*?$", re.DOTALL | re.MULTILINE)


def files(root: Path) -> list[str]:
    """The files of code that are too long for one sitting, the longest first."""
    paths = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    lines = {path: path.read_text(encoding="utf-8").count("\n") for path in paths}
    found = sorted((-count, path) for path, count in lines.items() if count > MOST_LINES)
    said = [f"! {-count:4}  {path.relative_to(root)}" for count, path in found]
    return [f"Files over {MOST_LINES} lines: {len(found)} of {len(paths)}", *said]


def names(root: Path) -> list[str]:
    """How many public names the package has, read without importing it."""
    tree = ast.parse((root / "lstm_helpers" / "__init__.py").read_text(encoding="utf-8"))
    (public,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    mark = "! " if len(public) > MOST_NAMES else ""
    return [f"{mark}Public names: {len(public)}, about {MOST_NAMES} at most"]


def lessons(root: Path) -> list[str]:
    """A line for each lesson, under a line that says what is counted and advised."""
    heads = [f"{name} {f'{low}-' if low else '≤ '}{most}" for name, (low, most) in LESSON.items()]
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    width = max(len(path.stem) for path in paths)
    said = [" " * width + "   " + "   ".join(heads)]
    for path in paths:
        counts = zip(heads, lesson(nbformat.read(path, as_version=4)), LESSON.values(), strict=True)
        cells = [
            f"{'' if low <= count <= most else '! '}{count:g}".rjust(len(head))
            for head, count, (low, most) in counts
        ]
        said.append(f"{path.stem:{width}}   " + "   ".join(cells))
    return said


def lesson(notebook) -> tuple[int, float, int, int]:
    """The counts of one lesson, in the order of `LESSON`."""
    story, exercises = shown(notebook)
    lines = [cell.source.count("\n") + 1 for cell in story]
    minutes = words(notebook) / 180 + sum(lines) / 10 + 4 * exercises
    return len(story), statistics.median(lines), max(lines), round(minutes)


def shown(notebook) -> tuple[list, int]:
    """The code cells that tell the story, and the number of exercises.

    The set-up cell, proofs, and the two cells of an exercise are no part of the story.
    """
    checks = [bool(re.search(r'(?m)^check\("', cell.source)) for cell in notebook.cells]
    answers = [below for _, below in pairwise(checks)] + [False]
    _, *story = (
        cell
        for cell, check, answer in zip(notebook.cells, checks, answers, strict=True)
        if cell.cell_type == "code" and not check and not answer
    )
    return [cell for cell in story if "proof" not in cell.metadata.get("tags", [])], sum(checks)


def words(notebook) -> int:
    """The words that are read: not what is folded, nor code, nor what describes a figure."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return sum(len(NOT_READ.sub("", text).split()) for text in texts)


def main(root: Path = ROOT) -> None:
    for topic in (files, names, lessons):
        print("\n".join(topic(root)), end="\n\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
