"""Build an environment with darts and neuralforecast in build/peers, once, and measure in it.

    python benchmarks/peers/environment.py [WORD]

They need several GB, and older versions of some packages than `constraints.txt` has. So only what
this package depends on itself has the versions of that file.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "build" / "peers"
PEERS = ["darts==0.48.1", "neuralforecast==3.3.0"]


def requirements() -> list[str]:
    """The peers, and with their exact versions the packages that this one depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {requirement.split(">")[0] for requirement in project["dependencies"]}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return PEERS + [line for line in lines if line.split("==")[0] in names]


def build() -> str:
    """Its Python; nothing is done where the same was built before."""
    python, ready = HOME / "bin" / "python", HOME / "ready"
    wanted = "\n".join(requirements())
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        print(f"Building {HOME.relative_to(ROOT)}: some minutes and several GB.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", HOME], check=True)
        pip = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *requirements(), "--editable", ROOT], check=True)
        ready.write_text(wanted, encoding="utf-8")
    return str(python)


if __name__ == "__main__":
    command = [build(), Path(__file__).with_name("beside.py"), *sys.argv[1:]]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    sys.exit(subprocess.run(command, env=environment).returncode)
