"""Copies of the lessons for a class, without the solutions.

    python tools/hand_out.py [FOLDER]

Into build/copies without an argument, in folders as those of the project: notebooks/, and docs/
with the pages that lessons link. Hints, checks and stored outputs stay; the lessons themselves are
left as they are.
"""

import re
import shutil
import sys
from pathlib import Path

import nbformat
from build_site import CODE, TARGET

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = re.compile(r"<details><summary>Solution</summary>.*?</details>\s*", re.DOTALL)


def copy(path: Path):
    """A lesson in which nothing is folded that answers an exercise."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "<summary>Solution</summary>" in cell.source:
            cell.source = SOLUTION.sub("", cell.source).rstrip()
    return notebook


def links(path: Path) -> list[Path]:
    """The files that a lesson or a page leads to."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    else:
        texts = [path.read_text(encoding="utf-8")] if path.suffix == ".md" else []
    found = [link for text in texts for link in TARGET.findall(CODE.sub("", text))]
    return [(path.parent / name).resolve() for name, _ in found]


def main(folder: Path) -> None:
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    waiting = list(lessons)
    for path in waiting:  # it grows
        there = folder / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        if path in lessons:
            nbformat.write(copy(path), there)
        else:
            shutil.copy(path, there)
        waiting += [one for one in dict.fromkeys(links(path)) if one not in waiting]
    print(f"{len(lessons)} lessons without solutions: {folder / 'notebooks'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "copies")
