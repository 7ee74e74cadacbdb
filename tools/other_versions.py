"""Run every notebook against its stored outputs with other versions of what it needs.

    python tools/other_versions.py colab     those of Google Colab, exactly
    python tools/other_versions.py floors    the lowest that pyproject.toml allows
    python tools/other_versions.py newest    the newest that there are

Each builds an environment of its own in build/, of several GB. Floors that do not exist for the
Python at hand give way to the lowest version that does.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from run_tests import ENVIRONMENT, ROOT, RUNS

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
COLAB = tomllib.loads((ROOT / "tests" / "colab_versions.toml").read_text(encoding="utf-8"))
RUNNER = ("nbval", "pytest", "pytest-xdist")  # what runs the notebooks; Colab has none of it


def python_for(wanted: str) -> str:
    """This version of Python, or else the one at hand."""
    found = shutil.which(f"python{wanted}")
    # a command of this name may be there and start nothing
    if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
        return found
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    print(f"Colab has Python {wanted}; no python{wanted} is here, so this is Python {here}.")
    return sys.executable


def requirements(which: str) -> list[str]:
    """What to install, and nothing of ours yet."""
    extras = PROJECT["optional-dependencies"]
    runner = [r for r in extras["dev"] if r.startswith(tuple(f"{name}>" for name in RUNNER))]
    if which == "colab":
        pins = COLAB["current"].items()
        return [f"{name}=={version}" for name, version in pins if name != "python"] + runner
    return [*PROJECT["dependencies"], *extras["notebooks"], *runner]


def run(*command, **how) -> str:
    return subprocess.run(command, check=True, text=True, **how).stdout


def installed(python: str) -> set[str]:
    """Names with versions, as pip lists them."""
    listed = run(python, "-m", "pip", "list", "--format=freeze", stdout=subprocess.PIPE)
    return set(listed.split())


def build(which: str) -> str:
    """An environment with these versions; its Python."""
    home = ROOT / "build" / which
    base = python_for(COLAB["current"]["python"]) if which == "colab" else sys.executable
    print(f"Building {home.relative_to(ROOT)}: some minutes and several GB.", flush=True)
    run(base, "-m", "venv", "--clear", home)
    python = str(home / "bin" / "python")
    # uv finds the lowest versions, which pip can't; older ones without a wheel don't count
    run(python, "-m", "pip", "install", "--quiet", "uv")
    how = ["--resolution=lowest-direct"] if which == "floors" else []
    uv = (python, "-m", "uv", "pip", "install", "--quiet", "--python", python)
    run(*uv, "--only-binary=:all:", *how, *requirements(which))
    return python


def add_package(python: str) -> None:
    """Install our wheel as anybody would, and see that it replaces nothing."""
    before = installed(python)
    with tempfile.TemporaryDirectory() as folder:
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        run(*pip, "wheel", "--quiet", "--no-deps", f"--wheel-dir={folder}", ROOT)
        (wheel,) = Path(folder).glob("*.whl")
        run(*pip, "install", "--quiet", "--no-index", wheel)  # whatever is missing is an error
    ours = {f"{PROJECT['name']}=={PROJECT['version']}"}
    if (after := installed(python)) != before | ours:
        raise SystemExit(f"Installing the package changed others: {sorted(before ^ after - ours)}")
    print(f"Installing the package changed none of the {len(before)} packages before it.")


def main(which: str = "") -> int:
    if which not in ("colab", "floors", "newest"):
        raise SystemExit(f"{which!r} is no set of versions: choose colab, floors or newest.")
    python = build(which)
    names = {requirement.split(">")[0].split("=")[0] for requirement in requirements(which)}
    add_package(python)
    print(run(python, "--version", stdout=subprocess.PIPE).strip(), end="")
    for package in sorted(installed(python), key=str.lower):
        if package.split("==")[0] in names:
            print(",", package.replace("==", " "), end="")
    print(flush=True)
    environment = os.environ | ENVIRONMENT | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # less noise
    for name in ("MPLBACKEND", "PYTHONPATH"):  # a kernel must find this environment, and no other
        environment.pop(name, None)
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *RUNS["notebooks"]]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
