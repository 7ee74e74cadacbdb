"""Write the badge cell, the set-up cell and the links to the shape explorer of every notebook.

    python tools/publish.py [https://github.com/OWNER/NAME]

The address goes into pyproject.toml, the one place that knows it. The release's tag is "v" and the
version there. Without an address in either place there are no badges, and the set-up cell says
how to get the package. Outputs stay: after a change of version, run the notebooks again.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
URLS = "[project.urls]\n"
# Badges need an address on GitHub: Colab and Binder name the notebook by it.
ADDRESS = re.compile(r"https://github\.com/[\w-]+/[\w.-]*[\w-]")

# The first line is the title that Colab shows in place of the folded cell.
TITLE = "#@title Set-up: find lstm_helpers\n"
AT_HOME = """\
try:
    import lstm_helpers
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "lstm_helpers is missing: run `make lab` in the project's folder and open the lesson there."
    ) from None
if lstm_helpers.__version__ != "{version}":
    raise ImportError(
        f"lstm_helpers is {{lstm_helpers.__version__}}, but this lesson is written for {version}: "
        "run `make lab` in the project's folder and open the lesson there."
    )
print("lstm_helpers", lstm_helpers.__version__)"""
# %pip passes over its own failures; the import and the check of the version do not.
# --no-deps: numpy is loaded before the first cell, and replacing it would break the session.
ANYWHERE = """\
try:
    import lstm_helpers
except ModuleNotFoundError:  # on Colab or Kaggle: get the package, and replace nothing
    %pip install -q --no-deps git+{address}@v{version}
    import lstm_helpers
if lstm_helpers.__version__ != "{version}":
    raise ImportError(
        f"lstm_helpers is {{lstm_helpers.__version__}}, but this lesson is written for {version}: "
        "run `%pip uninstall -y lstm_helpers`, restart the session, and run this cell again."
    )
print("lstm_helpers", lstm_helpers.__version__)"""
BADGES = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{project}/blob/v{version}/notebooks/{name})\n"
    "[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
    "(https://mybinder.org/v2/gh/{project}/v{version}?labpath=notebooks/{name})"
)

EXPLORER = re.compile(r"(?<=\[shape explorer\]\()[^)]*")  # where the link leads


def explorer(address: str | None) -> str:
    """The page that asks for nothing but a browser: on the project's site, once it has one."""
    if address is None:
        return "../docs/explorer.md"
    owner, name = address.removeprefix("https://github.com/").split("/")
    home = f"https://{owner.lower()}.github.io"
    return (
        f"{home}/docs/explorer.html"
        if home == f"https://{name.lower()}"
        else f"{home}/{name}/docs/explorer.html"
    )


def set_up(address: str | None, version: str) -> str:
    """The set-up cell, the same in every notebook."""
    source = TITLE + (ANYWHERE if address else AT_HOME)
    return source.format(address=address, version=version)


def badges(address: str, version: str, name: str) -> str:
    """The badge cell: this notebook, as it was released."""
    project = address.removeprefix("https://github.com/")
    return BADGES.format(project=project, version=version, name=name)


def published(path: Path, address: str | None, version: str) -> str:
    """The notebook as it has to be: all of its file, with both cells written."""
    notebook = nbformat.read(path, as_version=4)
    cells = notebook.cells
    if cells[0].source.startswith("[!["):
        del cells[0]
    first = next(cell for cell in cells if cell.cell_type == "code")
    if "import lstm_helpers\n" not in first.source:
        raise ValueError(
            f"the first code cell of {path.name} is no set-up cell:\n{first.source}\n"
            "It has to import lstm_helpers: put the set-up cell of another lesson there."
        )
    first.source = set_up(address, version)
    for cell in cells:
        cell.source = EXPLORER.sub(explorer(address), cell.source)
    if address:
        source = badges(address, version, path.name)
        cells.insert(0, nbformat.v4.new_markdown_cell(source, id="badges"))
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def project(root: Path = ROOT) -> tuple[str | None, str]:
    """Address and version, as pyproject.toml has them."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return settings["urls"].get("Repository"), settings["version"]


def remember(address: str, root: Path = ROOT) -> None:
    """Put the address into pyproject.toml, in place of an earlier one."""
    file = root / "pyproject.toml"
    text = re.sub(r'(?m)^Repository = ".*"\n', "", file.read_text(encoding="utf-8"))
    text = text.replace(URLS, f'{URLS}Repository = "{address}"\n')
    file.write_text(text, encoding="utf-8")


def main(given: list[str], root: Path = ROOT) -> None:
    address, version = project(root)
    if given:
        address = given[0].rstrip("/").removesuffix(".git")
        if not ADDRESS.fullmatch(address):
            raise SystemExit(
                f"{given[0]} is no repository on GitHub, but badges need one: "
                "make publish REPO=https://github.com/OWNER/NAME"
            )
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    texts = [published(path, address, version) for path in paths]
    if given:
        remember(address, root)
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    print(f"The notebooks install v{version} from {address}." if address else "No address is set.")


if __name__ == "__main__":
    main(sys.argv[1:])
