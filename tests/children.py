"""Runs of training in processes that may be killed: `training_child.py`, asked from a test."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import torch
from torch import Tensor

SCRIPT = Path(__file__).with_name("training_child.py")


class Trainer:
    """One warm process; each `start` forks a run of training from it, which takes no time."""

    def __init__(self):
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TQDM_DISABLE": "0"}
        self._server = subprocess.Popen(
            [sys.executable, SCRIPT],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
            **{"start_new_session": True, "env": {**os.environ, **threads}},
        )
        self.groups = []

    def start(self, out: Path, **request) -> int:
        """Begin a run that leaves what came of it in a folder; its process, and its group."""
        out.mkdir(exist_ok=True)
        for name in ("begun", "end.pt", "stderr.txt"):
            (out / name).unlink(missing_ok=True)
        request = {"checkpoint": str(out / "run.pt"), "progress": False, **request}
        self._server.stdin.write(json.dumps({"out": str(out), **request}) + "\n")
        self._server.stdin.flush()
        self.groups.append(int(self._server.stdout.readline()))
        return self.groups[-1]

    def wait(self) -> None:
        """Until the run has ended, by itself or not."""
        assert self._server.stdout.readline() == "ended\n"

    def run(self, out: Path, **request):
        """A run to its end, and what came of it."""
        self.start(out, **request)
        self.wait()
        assert (out / "end.pt").exists(), said(out)
        return end(out)

    def left_behind(self) -> list[str]:
        """The processes that outlive their run. Workers look every 5 s whether it is there."""
        for _ in range(300):
            left = _alive(self.groups)
            if not left:
                break
            time.sleep(0.1)
        return left

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


def end(out: Path):
    """What came of a run; None where it was killed."""
    path = out / "end.pt"
    return torch.load(path, weights_only=False) if path.exists() else None


def said(out: Path) -> str:
    """What it printed on stderr."""
    return (out / "stderr.txt").read_text()


def same(a, b) -> bool:
    """Bit for bit."""
    if isinstance(a, Tensor):
        return isinstance(b, Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def _alive(groups: list[int]) -> list[str]:
    """Processes of these groups that are no zombies, which wait for somebody to take note."""
    columns = "pgid=,state=,pid=,args="
    rows = subprocess.run(["ps", "-A", "-o", columns], capture_output=True, text=True).stdout
    found = [row.split(maxsplit=2) for row in rows.splitlines()]
    return [what for group, state, what in found if int(group) in groups and state[0] != "Z"]
