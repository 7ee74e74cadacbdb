"""Build the site in build/site: prepare its pages in build/site-source, and run Sphinx on them.

    python tools/build_site.py

The pages are those of docs/, README's table of lessons, the lessons with their stored outputs, and
the reference from the docstrings. A warning of Sphinx is an error. Nothing is executed, and nothing
is fetched.
"""

import importlib
import re
import shutil
import subprocess
import sys
import zipfile
from contextlib import chdir
from pathlib import Path

import nbformat
from flit_core.buildapi import build_wheel
from lessons import set_up, tags
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parents[1]
SOURCE, SITE = ROOT / "build" / "site-source", ROOT / "build" / "site"
EXPLORER = "lstm_helpers/data/explorer.html"  # a page of its own, which docs/explorer.md frames
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/*.md",
    "lstm_helpers/data/README.md",
    "lstm_helpers/data/study/RESULTS.md",
    "benchmarks/RESULTS.md",
    "benchmarks/PEERS.md",
)
MODULES = ("lstm_helpers", "lstm_helpers.plots", "lstm_helpers.exercises")

CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
TARGET = re.compile(r"(?<=\]\()(?!https?:)([^()\s#]+)(?:#([^()\s]+))?(?=\))")
HERE = re.compile(r"(?<=\]\()#([^()\s]+)(?=\))")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FIGURE = re.compile(r"^(?:> )?\*Figure: (.+?)\*$", re.MULTILINE)
TITLE = re.compile(r"#@title (.*)\n")
BADGE = re.compile(r"\[!\[([^]]+)\]\([^)]+\)\]")


def place(lesson: str, cell: str) -> str:
    """The name of a cell on the site: cell-03-swap-axes. Sphinx has no underscore in names."""
    return f"cell-{lesson[:2]}-{cell.replace('_', '-')}"


def linked(text: str, folder: Path, here: dict[str, str] | None = None) -> str:
    """A page's Markdown with its links as the site has them, and the files that they lead to.

    A link to a cell of a lesson leads to the cell's name, and one to a heading of the same lesson
    to the cell that `here` names. Files that are no page, such as a module of the tests, are put
    beside the pages: Sphinx makes downloads of them.
    """

    def anew(link: re.Match) -> str:
        path, anchor = link.groups()
        file = (folder / path).resolve()
        if file == ROOT / "README.md":
            return "/index.md"
        if anchor and anchor.startswith("cell-id="):
            return "#" + place(file.name, anchor.removeprefix("cell-id="))
        if file.is_file() and file.suffix not in (".md", ".ipynb"):
            copy(file)
        return link[0]

    parts = CODE.split(text)
    parts[::2] = [TARGET.sub(anew, part) for part in parts[::2]]
    text = "".join(parts)
    return HERE.sub(lambda link: "#" + here.get(link[1], link[1]), text) if here else text


def copy(file: Path) -> None:
    """Put a file of the project where the pages are, in the same folder."""
    there = SOURCE / file.relative_to(ROOT)
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, there)


def write(path: str | Path, text: str) -> None:
    (SOURCE / path).parent.mkdir(parents=True, exist_ok=True)
    (SOURCE / path).write_text(text, encoding="utf-8")


def lesson(path: Path):
    """A lesson as its page shows it: each cell with a name, proofs folded, figures described."""
    notebook = nbformat.read(path, as_version=4)
    badges = ""
    if notebook.cells[0].source.startswith("[!["):
        badges = " · ".join(BADGE.sub(r"[\1]", notebook.cells.pop(0).source).splitlines()) + " · "
    folded, cells = set_up(notebook), []
    headings = {  # JupyterLab's name of a heading -> the site's of its cell
        heading.replace(" ", "-"): place(path.name, cell.id)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for heading in HEADING.findall(cell.source)
    }
    for number, cell in enumerate(notebook.cells):
        name = f"({place(path.name, cell.id)})=\n"
        if cell.cell_type == "markdown":
            # HTML carries no name: an empty paragraph does
            begins = f"[]{{#{place(path.name, cell.id)}}}\n\n" if cell.source[0] == "<" else name
            cell.source = begins + linked(cell.source, path.parent, headings)
        else:
            cells.append(new_markdown_cell(name))
            cell.metadata["mystnb"] = shown(cell, notebook.cells[number + 1 :])
            if cell is folded or "proof" in tags(cell):
                cell.source = TITLE.sub("", cell.source)
        cells.append(cell)
    download = f"{{download}}`Download this lesson <../downloads/{path.name}>`"
    cells.insert(1, new_markdown_cell(badges + download))
    notebook.cells = cells
    return notebook


def shown(cell, below: list) -> dict:
    """What myst-nb is told of a cell: the words that unfold it, and what its figure shows."""
    title = TITLE.match(cell.source)
    found = {"code_prompt_show": title[1], "code_prompt_hide": title[1]} if title else {}
    if any("image/png" in output.get("data", {}) for output in cell.outputs):
        texts = (FIGURE.search(other.source) for other in below)
        found["image"] = {"alt": next(text[1] for text in texts if text).replace("`", "")}
    return found


def reference(module: str) -> str:
    """A page with every public name of a module, in the order of its files."""
    found = importlib.import_module(module)
    lines = [f"# {module}\n", f"{found.__doc__}\n"]
    files: dict[str, list[str]] = {}
    for name in found.__all__:
        files.setdefault(getattr(found, name).__module__, []).append(name)
    for file, names in files.items():
        about = importlib.import_module(file).__doc__.partition("\n")[0]
        lines.append(f"## {file.rpartition('.')[2].strip('_')}\n\n{about}\n")
        for name in names:
            kind = "class" if isinstance(getattr(found, name), type) else "function"
            options = "   :members:\n" if kind == "class" else ""
            directive = f".. auto{kind}:: {module}.{name}\n{options}"
            lines.append(f"```{{eval-rst}}\n{directive}```\n")
    return "\n".join(lines)


def downloads(lessons: list[Path]) -> str:
    """Put the lessons, one by one and together, and the package beside the pages; its name."""
    folder = SOURCE / "downloads"
    folder.mkdir()
    with zipfile.ZipFile(folder / "lessons.zip", "w", zipfile.ZIP_DEFLATED) as together:
        for path in lessons:
            shutil.copy(path, folder)
            together.write(path, f"lessons/{path.name}")
    with chdir(ROOT):  # where flit looks for the project
        return build_wheel(str(folder))


def prepare() -> None:
    """All that Sphinx reads."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for file in sorted(path for pattern in PAGES for path in ROOT.glob(pattern)):
        text = linked(file.read_text(encoding="utf-8"), file.parent)
        write(file.relative_to(ROOT), text)
    lessons = sorted((ROOT / "notebooks").glob("*.ipynb"))
    index = (ROOT / "docs" / "site" / "index.md").read_text(encoding="utf-8")
    write("index.md", linked(index.replace("WHEEL", downloads(lessons)), ROOT))
    for path in lessons:
        write(path.relative_to(ROOT), nbformat.writes(lesson(path)))
    for module in MODULES:
        write(f"api/{module}.md", reference(module))


def main() -> int:
    prepare()
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    folders = ["-c", ROOT / "docs" / "site", "-d", ROOT / "build" / "site-read", SOURCE, SITE]
    failed = subprocess.run([*command, "-E", *folders], cwd=ROOT).returncode
    (SITE / EXPLORER).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / EXPLORER, SITE / EXPLORER)
    return failed


if __name__ == "__main__":
    sys.exit(main())
