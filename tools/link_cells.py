"""Set the links of docs/answers.md and docs/questions.md that lead to a cell of a lesson.

    python tools/link_cells.py

Write `[](03/swap-axes)` where the cell swap-axes of lesson 03 gives the answer. It becomes a link
to the heading above that cell, which readers can click. The id of the cell stays in the link's
title, so that the link can be set again when a heading has changed.
"""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("answers.md", "questions.md")]
TARGET = r'\.\./notebooks/(?P<number>\d\d)_\w+\.ipynb#\S+ "(?P<cell>[\w-]+)"'
LINK = re.compile(rf"\[[^\]]*\]\({TARGET}\)|\[\]\((?P<new_number>\d\d)/(?P<new_cell>[\w-]+)\)")


def headings(markdown: str) -> list[str]:
    """The headings of a piece of Markdown in order, also those in a quoted box."""
    without_code = re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^(?:> )?#+ (.+?)\s*$", without_code, re.MULTILINE)


def anchor(heading: str) -> str:
    """A heading of a lesson as JupyterLab and nbviewer link to it: without marks, with hyphens."""
    return re.sub(r"[`*]", "", heading).replace(" ", "-")


def link(number: str, cell: str, root: Path = ROOT) -> str:
    """The link to the heading above a cell of a lesson, with the cell's id as title."""
    paths = list((root / "notebooks").glob(f"{number}_*.ipynb"))
    if not paths:
        raise ValueError(f"{number}/{cell}: there is no lesson {number} yet.")
    (path,), heading = paths, None
    for one in nbformat.read(path, as_version=4).cells:
        if one.id == cell:
            break
        if one.cell_type == "markdown":
            heading = (headings(one.source) or [heading])[-1]
    else:
        raise ValueError(f"{number}/{cell}: {path.name} has no cell with this id.")
    text = re.sub(r"^\d+ · ", "", heading)
    return f'[{number} · {text}](../notebooks/{path.name}#{anchor(heading)} "{cell}")'


def linked(page: str, root: Path = ROOT) -> str:
    """The page with every link to a cell set anew; one error names all that lead nowhere."""
    lost = []

    def anew(found: re.Match) -> str:
        number = found["number"] or found["new_number"]
        try:
            return link(number, found["cell"] or found["new_cell"], root)
        except ValueError as error:
            lost.append(str(error))
            return found[0]

    page = LINK.sub(anew, page)
    if lost:
        raise ValueError("\n".join(lost))
    return page


if __name__ == "__main__":
    pages = {path: linked(path.read_text(encoding="utf-8")) for path in PAGES}
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")
