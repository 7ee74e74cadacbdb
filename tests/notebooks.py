"""Read the lessons: their cells, exercises and solutions."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def without_badges(notebook) -> list:
    """The cells from the title on: badges are there only where an address is known."""
    return notebook.cells[notebook.cells[0].source.startswith("[![") :]


def printed(cell) -> str:
    """All text that a cell shows: what it printed, then its last value."""
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


@dataclass
class Exercise:
    """The cells of one exercise, and the solution that is folded below its check."""

    name: str
    answer: nbformat.NotebookNode
    check: nbformat.NotebookNode
    solution: str


def exercises(notebook) -> list[Exercise]:
    found = []
    for answer, check, below in zip(
        notebook.cells, notebook.cells[1:], notebook.cells[2:], strict=False
    ):
        if name := re.search(r'^check\("([\d.]+)"', check.source, re.MULTILINE):
            fold = r"<details><summary>Solution</summary>\s+```python\n(.*?)```\s.*?</details>"
            solution = re.search(fold, below.source, re.DOTALL)
            assert solution, f"no folded solution below the check of {name[1]}"
            found.append(Exercise(name[1], answer, check, solution[1]))
    return found
