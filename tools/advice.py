"""Print sizes beside what is advised for them; `!` marks what is outside. Nothing fails here.

python tools/advice.py
"""

import ast
import sys
from pathlib import Path

import nbformat
from lessons import LIMITS, outside, sizes

ROOT = Path(__file__).parents[1]
FOLDERS = ("lstm_helpers", "tests", "tools")
MOST_LINES = 250  # of a file: it is read in one sitting
MOST_NAMES = 35


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
    notebooks = {
        path.stem: nbformat.read(path, as_version=4)
        for path in sorted((root / "notebooks").glob("*.ipynb"))
    }
    rows = [["", *map(head, sizes(next(iter(notebooks.values()))))]]
    for name, notebook in notebooks.items():
        marked = outside(notebook)
        counts = sizes(notebook).items()
        rows.append([name, *(f"{'! ' * (what in marked)}{n:g}" for what, n in counts)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "   ".join([name.ljust(widths[0]), *map(str.rjust, counts, widths[1:])])
        for name, *counts in rows
    ]


def head(name: str) -> str:
    """What is counted, with what is advised for it, where anything is."""
    least, most = LIMITS.get(name, (None, None))
    if most is None:
        return name
    return f"{name} ≤ {most}" if least == 1 else f"{name} {least}-{most}"


def main(root: Path = ROOT) -> None:
    for topic in (files, names, lessons):
        print("\n".join(topic(root)), end="\n\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
