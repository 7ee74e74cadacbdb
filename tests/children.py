"""Runs of training in processes that may be killed: `training_child.py`, asked from a test."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
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
        self._groups = []

    def start(self, out: Path, **request) -> int:
        """Begin a run that leaves what came of it in a folder; its process, and its group."""
        out.mkdir(exist_ok=True)
        for name in ("begun", "end.pt", "stderr.txt"):
            (out / name).unlink(missing_ok=True)
        request = {"checkpoint": str(out / "run.pt"), "progress": False, **request}
        self._server.stdin.write(json.dumps({"out": str(out), **request}) + "\n")
        self._server.stdin.flush()
        self._groups.append(int(self._server.stdout.readline()))
        return self._groups[-1]

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
        for _ in range(100):
            if not self._alive():
                break
            time.sleep(0.1)
        return [what for _, what in self._alive()]

    def sweep(self) -> None:
        """End workers that outlive their run.

        One that was just forked when its run was killed never learns of it: torch's workers wait
        for another parent than the one they met.
        """
        for process, _ in self._alive():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._groups.clear()

    def _alive(self) -> list[tuple[int, str]]:
        """Processes of the runs that are no zombies, which wait for somebody to take note."""
        columns = "pgid=,state=,pid=,args="
        rows = subprocess.run(["ps", "-A", "-o", columns], capture_output=True, text=True).stdout
        found = [row.split(maxsplit=3) for row in rows.splitlines()]
        return [
            (int(process), what)
            for group, state, process, what in found
            if int(group) in self._groups and state[0] != "Z" and SCRIPT.name in what
        ]

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
