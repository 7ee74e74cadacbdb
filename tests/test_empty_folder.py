"""A lesson as Colab has it: alone in an empty folder, on a machine without our package.

The project is served as a git repository on this machine. Git is told to go there when the
published lesson asks for its address, and there is no network that it could go to instead.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv

import nbformat
import pytest
from test_publish import ADDRESS, VERSION, publish

from notebooks import PATHS, ROOT, code_cells, printed, read

LESSON = PATHS[0]
# The last cell tells where it ran.
WHERE = """
import os, socket, lstm_helpers, numpy
print(os.listdir(), lstm_helpers.__file__, numpy is numpy_before)
print([name for _, name in socket.if_nameindex()])
"""
NOWHERE = "http://127.0.0.1:9"


def without_network() -> list[str]:
    """What to put before a command: a network of its own, with nothing but the kernel's loopback.

    Not every system allows it. There the proxies, which lead nowhere, have to do.
    """
    alone = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up && "$@"', "sh"]
    allowed = (
        shutil.which("unshare")
        and subprocess.run([*alone, "true"], capture_output=True).returncode == 0
    )
    return alone if allowed else []


@pytest.fixture
def repository(tmp_path):
    """The project as it is now, published, committed and tagged."""
    folder = tmp_path / "served"
    leave_out = shutil.ignore_patterns(".*", "build", "dist", "tests", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=leave_out)
    publish.main([ADDRESS], folder)
    author = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    for command in (
        ["init"],
        ["add", "."],
        [*author, "commit", "-m", "-"],
        ["-c", "tag.gpgsign=false", "tag", f"v{VERSION}"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def site(tmp_path):
    """The packages of an environment that has everything but ours."""
    venv.create(tmp_path / "env", with_pip=False)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    for entry in os.scandir(sysconfig.get_path("purelib")):
        if not entry.name.startswith("lstm_helpers") and not entry.name.endswith(".pth"):
            (site / entry.name).symlink_to(entry.path)
    return site


@pytest.fixture
def environment(tmp_path, repository, site):
    """A home without caches, a kernel of the clean environment that has loaded numpy already."""
    python = tmp_path / "env" / "bin" / "python"
    launch = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    numpy = "--InteractiveShellApp.exec_lines=import numpy as numpy_before"
    kernel = tmp_path / "jupyter" / "kernels" / "clean" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    spec = {"argv": [*launch, numpy], "display_name": "clean", "language": "python"}
    kernel.write_text(json.dumps(spec))
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MPLBACKEND")}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "home"),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE),
        # pip would download flit_core, which is here already; 0 is pip's way to say "none"
        "PIP_NO_BUILD_ISOLATION": "0",
    }


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_published_lesson_runs_alone_and_without_a_network(
    tmp_path, repository, site, environment
):
    lesson = read(repository / "notebooks" / LESSON.name)
    lesson.cells.append(nbformat.v4.new_code_cell(WHERE))
    for cell in code_cells(lesson):
        cell.outputs, cell.execution_count = [], None
    empty = tmp_path / "empty"
    empty.mkdir()
    nbformat.write(lesson, empty / LESSON.name)
    packages = set(os.listdir(site))

    offline = without_network()
    execute = [sys.executable, "-m", "jupyter", "execute", "--inplace", "--kernel_name=clean"]
    run = subprocess.run(
        [*offline, *execute, "--timeout=300", LESSON.name],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr

    set_up, *cells, where = code_cells(read(empty / LESSON.name))
    assert printed(set_up).endswith(f"lstm_helpers {VERSION}\n")
    package, network = printed(where).splitlines()
    assert package == f"['{LESSON.name}'] {site}/lstm_helpers/__init__.py True"
    assert not offline or not re.search("'(eth|en|wl)", network)
    new = {"lstm_helpers", f"lstm_helpers-{VERSION}.dist-info"}
    assert set(os.listdir(site)) - packages == new
    stored = code_cells(read(LESSON))[1:]
    assert [printed(cell) for cell in cells] == [printed(cell) for cell in stored]
