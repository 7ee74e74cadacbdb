"""Groups of processes that train together: `sharing_child.py`, begun from a test."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import torch

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("sharing_child.py")
LIMIT = 200  # seconds, after which a group is ended


class Group:
    """Processes that know of each other, without a launcher that would end those that are left."""

    def __init__(self, folder: Path, *jobs: str, size: int = 2, **environment: str):
        know = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "WORLD_SIZE": size}
        self._folder, self._said = folder, [folder / f"said{n}.txt" for n in range(size)]
        self.processes = []
        for rank, said in enumerate(self._said):
            own = {"RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": size}
            values = {**quiet(), **{k: str(v) for k, v in (know | own).items()}, **environment}
            with said.open("w") as out:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, "-W", "error", SCRIPT, folder, *jobs],
                        **{"stdout": out, "stderr": out, "env": values, "start_new_session": True},
                    )
                )

    def wait(self) -> list[int]:
        """Until all have ended; their exit codes. After the limit they are killed."""
        end = time.monotonic() + LIMIT
        try:
            return [one.wait(max(0.1, end - time.monotonic())) for one in self.processes]
        finally:
            for one in self.processes:
                with suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)
                one.wait()

    def said(self, rank: int) -> str:
        return self._said[rank].read_text()


def came_of(folder: Path, job: str, size: int = 2) -> list:
    """What a job left, for each process."""
    return [
        torch.load(folder / f"{job}.{size}.{rank}.pt", weights_only=False) for rank in range(size)
    ]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def quiet() -> dict:
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**os.environ, **threads, "PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"}


def launched(*commands: tuple, **environment: str) -> list[subprocess.CompletedProcess]:
    """Python in a folder each, (folder, *arguments), at the same time; all ends in time."""
    begun = [
        subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": folder},
            **{"env": {**quiet(), **environment}, "start_new_session": True},
        )
        for folder, *arguments in commands
    ]
    try:
        said = [one.communicate(timeout=LIMIT) for one in begun]
    finally:
        for one in begun:
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()
    return [
        subprocess.CompletedProcess(one.args, one.returncode, *each)
        for one, each in zip(begun, said, strict=True)
    ]
