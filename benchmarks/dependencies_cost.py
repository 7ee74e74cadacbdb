"""What one chart of dependencies costs, beside one forward of the same batch in float64.

    python benchmarks/dependencies_cost.py        all four sizes, a minute or two

Prints ratios of process times (medians), how many steps there are (so many forwards a chart may
cost), and the peak of anonymous memory. Each size runs in a process of its own.
"""

import copy
import subprocess
import sys
import threading
from pathlib import Path
from statistics import median
from time import process_time, sleep

import torch

from lstm_helpers import ManyToManyLSTM, check_model, dependencies

SIZES = ((8, 200, 20), (4, 500, 10), (4, 1000, 10), (64, 2000, 300))
HIDDEN, REPEATS = 16, 3


def seconds(work) -> float:
    start = process_time()
    work()
    return process_time() - start


class Memory:
    """The peak of anonymous memory in MB, looked at a hundred times a second (Linux)."""

    def __init__(self):
        self.peak, self._stopped = 0, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self):
        while not self._stopped.is_set():
            lines = Path("/proc/self/status").read_text().splitlines()
            now = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
            self.peak = max(self.peak, now // 1024)
            sleep(0.01)

    def stop(self):
        self._stopped.set()


def measure(size) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, model = torch.rand(size), ManyToManyLSTM(size[-1], HIDDEN).eval()
    twin, x_twin = copy.deepcopy(model).double(), x.double()
    with torch.no_grad():
        forward = median(seconds(lambda: twin(x_twin)) for _ in range(REPEATS))
    del twin, x_twin
    for name, ask in (("dependencies", dependencies), ("check_model", check_model)):
        memory = Memory()
        taken = median(seconds(lambda: ask(model, x)) for _ in range(REPEATS))  # noqa: B023
        memory.stop()
        unsettled = getattr(ask(model, x), "unsettled", None)
        left = f", {unsettled.mean():.0%} of the cells unsettled" if unsettled is not None else ""
        print(
            f"{size!s:16} {name:13} {taken:6.1f} s = {taken / forward:6.0f} "
            f"forwards (steps: {size[1]}), {memory.peak} MB{left}",
            flush=True,
        )


def main() -> None:
    for number in range(len(SIZES)):
        subprocess.run([sys.executable, __file__, str(number)], check=True)


if __name__ == "__main__":
    measure(SIZES[int(sys.argv[1])]) if len(sys.argv) > 1 else main()
