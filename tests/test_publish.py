"""The badge and set-up cells: what tools/publish.py writes is what the notebooks have."""

import re
import shutil
import subprocess
import sys
from types import ModuleType

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from notebooks import PATHS, ROOT, code_cells, read

sys.path.append(str(ROOT / "tools"))
import publish

ADDRESS = "https://github.com/OWNER/NAME"
_, VERSION = publish.project()
lessons = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@lessons
def test_each_notebook_is_what_the_tool_would_write(path):
    assert path.read_text(encoding="utf-8") == publish.published(path, *publish.project())


@pytest.fixture
def copy(tmp_path):
    """A project of its own with the notebooks, to publish as one likes."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    without = re.sub(r'(?m)^Repository = ".*"\n', "", text)
    (tmp_path / "pyproject.toml").write_text(without, encoding="utf-8")
    return tmp_path


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_without_an_address_there_are_no_badges(copy, capsys):
    publish.main([], copy)
    assert capsys.readouterr().out == "No address is set.\n"
    for path in (copy / "notebooks").glob("*.ipynb"):
        assert read(path).cells[0].source.startswith("# ")
        assert "://" not in code_cells(read(path))[0].source


def test_an_address_is_written_once_and_found_again(copy, capsys):
    publish.main([], copy)
    before = files(copy)
    publish.main([f"{ADDRESS}.git"], copy)
    assert capsys.readouterr().out.endswith(f"install v{VERSION} from {ADDRESS}.\n")
    assert publish.project(copy) == (ADDRESS, VERSION)
    written = files(copy)
    assert all(written[path] != before[path] for path in before)
    publish.main([], copy)  # the address is remembered
    assert files(copy) == written
    publish.main(["https://github.com/other/place.io/"], copy)  # ... or replaced
    assert publish.project(copy)[0] == "https://github.com/other/place.io"
    assert not any(ADDRESS.encode() in text for text in files(copy).values())
    publish.main([ADDRESS], copy)
    assert files(copy) == written
    run = [sys.executable, "-m", "ruff", "check", "--quiet", "--config", ROOT / "pyproject.toml"]
    assert subprocess.run([*run, copy / "notebooks"]).returncode == 0


def test_badges_open_the_notebook_that_they_stand_in(copy):
    publish.main([ADDRESS], copy)
    for path in (copy / "notebooks").glob("*.ipynb"):
        badge = read(path).cells[0].source
        opened = re.findall(r"\((https://[^)]*notebooks[^)]*)\)", badge)
        here = f"notebooks/{path.name}"
        assert opened == [
            f"https://colab.research.google.com/github/OWNER/NAME/blob/v{VERSION}/{here}",
            f"https://mybinder.org/v2/gh/OWNER/NAME/v{VERSION}?labpath={here}",
        ]


def test_the_explorer_is_on_the_site(copy):
    publish.main([ADDRESS], copy)
    leads = "[shape explorer](https://owner.github.io/NAME/docs/explorer.html)"
    told = {
        path.name[:2]
        for path in (copy / "notebooks").glob("*.ipynb")
        if any(leads in cell.source for cell in read(path).cells)
    }
    assert told == {"01", "06"}
    at_the_top = publish.explorer("https://github.com/Owner/owner.github.io")
    assert at_the_top == "https://owner.github.io/docs/explorer.html"


@pytest.mark.parametrize(
    "wrong",
    [
        "OWNER/NAME",
        "http://github.com/OWNER/NAME",
        f"{ADDRESS}/tree/main",
        "https://github.com/OWNER",
    ],
)
def test_other_addresses_are_refused(copy, wrong):
    before = files(copy)
    with pytest.raises(SystemExit) as caught:
        publish.main([wrong], copy)
    assert str(caught.value) == (
        f"{wrong} is no repository on GitHub, but badges need one: "
        "make publish REPO=https://github.com/OWNER/NAME"
    )
    assert files(copy) == before


def test_a_notebook_without_a_set_up_cell_is_refused(copy):
    path = copy / "notebooks" / PATHS[0].name
    notebook = read(path)
    code_cells(notebook)[0].source = "import torch"
    nbformat.write(notebook, path)
    before = files(copy)
    with pytest.raises(ValueError) as caught:
        publish.main([ADDRESS], copy)
    first = (
        "the first code cell of 01_univariate.ipynb is no set-up cell:\nimport torch\n"
        "It has to import lstm_helpers: put the set-up cell of another lesson there."
    )
    assert str(caught.value) == first
    assert files(copy) == before


def run_set_up(address, monkeypatch, *, installed=None, installs=None):
    """Run the set-up cell with a package of this version installed, or got by pip; pip's calls."""
    calls = []
    monkeypatch.setitem(sys.modules, "lstm_helpers", installed and make_package(installed))

    class Shell:
        def run_line_magic(self, *call):
            calls.append(call)
            if installs:
                monkeypatch.setitem(sys.modules, "lstm_helpers", make_package(installs))

    source = publish.set_up(address, VERSION)
    exec(TransformerManager().transform_cell(source), {"get_ipython": Shell})
    return calls


def make_package(version):
    package = ModuleType("lstm_helpers")
    package.__version__ = version
    return package


@pytest.mark.parametrize("address", [None, ADDRESS])
def test_set_up_does_nothing_where_the_package_is(address, monkeypatch, capsys):
    assert run_set_up(address, monkeypatch, installed=VERSION) == []
    assert capsys.readouterr().out == f"lstm_helpers {VERSION}\n"


@pytest.mark.parametrize("address", [None, ADDRESS])
def test_set_up_refuses_another_version(address, monkeypatch, capsys):
    """The package is there, but the lesson's names may not be."""
    with pytest.raises(ImportError) as caught:
        run_set_up(address, monkeypatch, installed="0.0.9")
    said = f"lstm_helpers is 0.0.9, but this lesson is written for {VERSION}: run `"
    assert str(caught.value).startswith(said)
    assert capsys.readouterr().out == ""


def test_set_up_says_what_to_do_without_an_address(monkeypatch):
    with pytest.raises(ModuleNotFoundError) as caught:
        run_set_up(None, monkeypatch)
    assert str(caught.value) == (
        "lstm_helpers is missing: run `make lab` in the project's folder and open the lesson there."
    )


def test_set_up_installs_the_tagged_version_alone(monkeypatch, capsys):
    calls = run_set_up(ADDRESS, monkeypatch, installs=VERSION)
    assert calls == [("pip", f"install -q --no-deps git+{ADDRESS}@v{VERSION}")]
    assert capsys.readouterr().out == f"lstm_helpers {VERSION}\n"


def test_set_up_notices_when_pip_failed_or_brought_another_version(monkeypatch):
    with pytest.raises(ModuleNotFoundError):  # %pip itself passes over its failures
        run_set_up(ADDRESS, monkeypatch)
    with pytest.raises(ImportError, match=re.escape("0.0.9")):
        run_set_up(ADDRESS, monkeypatch, installs="0.0.9")
