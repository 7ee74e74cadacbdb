"""The package as others get it: light to import, documented, whole when installed."""

import ast
import doctest
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from flit_core.buildapi import build_sdist

import lstm_helpers
from lstm_helpers import __main__ as entry
from notebooks import PATHS, code_cells, read

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run(*command, **how):
    result = subprocess.run(command, capture_output=True, text=True, **how)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_import_is_light():
    code = "import sys, lstm_helpers; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = run(sys.executable, "-c", code).split()
    assert {"torch", "numpy", "pandas"} <= set(loaded)
    heavy = {"matplotlib", "seaborn", "sklearn", "statsmodels", "IPython", "ipywidgets"}
    assert not heavy & set(loaded)


def test_every_public_name_is_there_and_documented():
    assert lstm_helpers.__all__ == sorted(lstm_helpers.__all__)
    for name in lstm_helpers.__all__:
        assert len(getattr(lstm_helpers, name).__doc__) > 40, name


@pytest.mark.slow
def test_the_wheel_works_in_an_environment_of_its_own(tmp_path):
    """Built and installed with nothing of this checkout on the path, no network, no caches.

    The dependencies come from the environment of the tests: they are on the new one's path, but
    the editable install of this checkout is not, since only its own folder's .pth files count.
    """
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", str(tmp_path), str(ROOT)),
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"lstm_helpers-{PYPROJECT['version']}-py3-none-any.whl"
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--target", site, str(wheel)),
    )
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    home = tmp_path / "home"
    home.mkdir()
    code = """
import socket, sys
socket.socket.connect = socket.socket.connect_ex = None  # any attempt to reach a network fails
import lstm_helpers, seaborn
print(lstm_helpers.__file__)
print(lstm_helpers.load_flights().shape, lstm_helpers.__version__)
print(seaborn.load_dataset("flights", data_home=lstm_helpers.data_home()).shape)
"""
    keep = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SEABORN_DATA")}
    shown = run(
        *(python, "-c", code),
        cwd=tmp_path,
        env={**keep, "HOME": str(home), "XDG_CACHE_HOME": str(home), "MPLCONFIGDIR": str(tmp_path)},
    ).splitlines()
    assert shown[0].startswith(str(tmp_path))
    assert shown[1:] == [f"(144, 1) {PYPROJECT['version']}", "(144, 3)"]
    assert not (home / "seaborn").exists()
    assert (Path(site) / "lstm_helpers" / "py.typed").exists()

    cells = [code_cells(read(path))[0].source for path in PATHS]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    code = """
import json
from IPython.core.inputtransformer2 import TransformerManager
for cell in json.load(open("cells.json")):
    exec(TransformerManager().transform_cell(cell), {"get_ipython": None})
"""
    how = {"cwd": tmp_path, "env": keep}
    said = f"lstm_helpers {PYPROJECT['version']}"
    assert run(python, "-c", code, **how).splitlines() == len(PATHS) * [said]
    first, lessons, *_ = run(python, "-m", "lstm_helpers", **how).splitlines()
    address = PYPROJECT["urls"].get("Repository")
    assert first == said
    assert lessons.startswith(f"lessons: {address or 'not installed; they are in the project'}")


def test_the_module_says_where_the_lessons_are_and_what_is_next(monkeypatch):
    shown = run(sys.executable, "-m", "lstm_helpers", cwd=ROOT).splitlines()
    assert shown[:3] == [
        f"lstm_helpers {PYPROJECT['version']}",
        f"lessons: {ROOT / 'notebooks'}",
        f'next:    jupyter lab "{PATHS[0]}"',
    ]
    monkeypatch.setattr(entry, "BESIDE", ROOT / "nowhere")
    monkeypatch.setattr(entry, "metadata", lambda name: Urls(["Repository, https://n.org/a/b"]))
    place = f"https://n.org/a/b/tree/v{PYPROJECT['version']}/notebooks"
    assert entry.says().splitlines()[1] == f"lessons: {place}"
    monkeypatch.setattr(entry, "metadata", lambda name: Urls(None))
    assert "run `make lab` in its folder" in entry.says().splitlines()[2]


def test_the_example_of_the_module_runs():
    """Pytest collects none from a file that is called __main__.py."""
    tried = doctest.testmod(entry)
    assert tried.attempted == 1
    assert not tried.failed


class Urls:
    """The metadata of a package with these addresses."""

    def __init__(self, urls):
        self.urls = urls

    def get_all(self, name):
        return {"Project-URL": self.urls}[name]


@pytest.mark.slow
def test_the_sdist_is_the_project_and_makes_the_same_wheel(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    with tarfile.open(tmp_path / build_sdist(str(tmp_path))) as archive:
        archive.extractall(tmp_path, filter="data")
    project = tmp_path / f"lstm_helpers-{PYPROJECT['version']}"
    names = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert {path.relative_to(ROOT).as_posix() for path in PATHS} <= names
    assert {"Makefile", "constraints.txt", "environment.yml", "README.md", "LICENSE"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("build/")]
    wheels = []
    for place in (ROOT, project):
        folder = tmp_path / f"wheel-{len(wheels)}"
        folder.mkdir()
        code = f"from flit_core.buildapi import build_wheel; print(build_wheel({str(folder)!r}))"
        name = run(sys.executable, "-c", code, cwd=place).strip()
        with zipfile.ZipFile(folder / name) as wheel:
            wheels.append({info.filename: info.CRC for info in wheel.infolist()})
    assert wheels[0] == wheels[1]


def imported(block: list[ast.stmt]) -> dict[str, str]:
    """Public name -> its file, of the imports in a block of the package."""
    return {
        alias.name: statement.module.removeprefix("lstm_helpers.")
        for statement in block
        if isinstance(statement, ast.ImportFrom) and statement.module.startswith("lstm_helpers.")
        for alias in statement.names
    }


def test_the_lists_of_names_agree():
    """A type checker reads the imports, Python the other two."""
    tree = ast.parse(Path(lstm_helpers.__file__).read_text(encoding="utf-8"))
    (block,) = (one.body for one in tree.body if isinstance(one, ast.If))
    now, later = imported(tree.body), imported(block)
    assert later == lstm_helpers._LATER
    assert not now.keys() & later.keys()
    assert sorted([*now, *later]) == lstm_helpers.__all__


def test_what_is_seldom_needed_is_loaded_when_asked_for():
    code = """
import sys
import lstm_helpers
assert "lstm_helpers.checks" not in sys.modules, "loaded with the package"
assert not any(name.startswith("lstm_helpers._tracing") for name in sys.modules)
from lstm_helpers import *
assert check_model.__module__ in sys.modules
"""
    run(sys.executable, "-c", code)
    assert set(lstm_helpers._LATER) < set(lstm_helpers.__all__) <= set(dir(lstm_helpers))
    for name, file in lstm_helpers._LATER.items():
        assert getattr(lstm_helpers, name).__module__ == f"lstm_helpers.{file}"
    with pytest.raises(AttributeError, match="module 'lstm_helpers' has no attribute 'windows'"):
        _ = lstm_helpers.windows
