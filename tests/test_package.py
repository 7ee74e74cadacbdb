"""The package as others get it: light to import, documented, whole when installed."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

import lstm_helpers

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
