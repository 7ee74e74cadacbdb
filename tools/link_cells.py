"""Set the links of docs/answers.md and docs/questions.md that lead to a cell of a lesson.

    python tools/link_cells.py

Write `[](03/swap-axes)` where the cell swap-axes of lesson 03 gives the answer. It becomes a link
to this cell, in the words of the heading above it. Run the tool again when headings have changed.
The form `#cell-id=` is that of JupyterLab, which opens the lesson at this very cell, and of the
pages that nbconvert makes.
"""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("answers.md", "questions.md")]
TEXT = r"\[(?:[^][]|\[[^][]*\])*\]"  # the text of a link, in which brackets come in pairs
TO_A_CELL = r"(?:\.\./notebooks/)?(?P<number>\d\d)(?:_\w+\.ipynb#cell-id=|/)(?P<cell>[\w-]+)"
LINK = re.compile(rf"{TEXT}\({TO_A_CELL}\)")


def headings(markdown: str) -> list[str]:
    """The headings of a piece of Markdown in order; that of a quoted box is none."""
    without_code = re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ (.+?)\s*$", without_code, re.MULTILINE)


def link(number: str, cell: str, root: Path = ROOT) -> str:
    """The link to a cell of a lesson, with the heading above it as text."""
    paths = list((root / "notebooks").glob(f"{number}_*.ipynb"))
    if not paths:
        raise ValueError(f"{number}/{cell}: there is no lesson {number} yet.")
    (path,), heading = paths, ""
    for one in nbformat.read(path, as_version=4).cells:
        if one.id == cell:
            break
        if one.cell_type == "markdown":
            heading = [heading, *headings(one.source)][-1]
    else:
        raise ValueError(f"{number}/{cell}: {path.name} has no cell with this id.")
    text = re.sub(r"^\d+ · ", "", heading)
    return f"[{number} · {text}](../notebooks/{path.name}#cell-id={cell})"


def linked(page: str, root: Path = ROOT) -> str:
    """The page with every link to a cell set anew; one error names all that lead nowhere."""
    lost = []

    def anew(found: re.Match) -> str:
        try:
            return link(found["number"], found["cell"], root)
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
