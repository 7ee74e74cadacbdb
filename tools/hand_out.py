"""Copies of the lessons for a class, without the solutions.

    python tools/hand_out.py [FOLDER]

Into build/copies without an argument. Hints, checks and stored outputs stay; the lessons
themselves are left as they are.
"""

import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?</details>\s*", re.DOTALL)


def copy(path: Path):
    """A lesson in which nothing is folded that answers an exercise."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "<summary>Solution</summary>" in cell.source:
            cell.source = SOLUTION.sub("", cell.source).rstrip()
    return notebook


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in paths:
        nbformat.write(copy(path), folder / path.name)
    print(f"{len(paths)} lessons without solutions: {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "copies")
