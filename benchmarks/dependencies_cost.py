"""What one chart of dependencies costs, beside one forward of the same batch in float64.

    python benchmarks/dependencies_cost.py        all four sizes, a minute or two

Prints ratios of process times (medians), how many steps there are (so many forwards a chart may
cost), and the peak of anonymous memory. Each size runs in a process of its own.
"""

import copy
import subprocess
import sys
from statistics import median

import torch
from measuring import Memory, seconds

from lstm_helpers import ManyToManyLSTM, check_model, dependencies

SIZES = ((8, 200, 20), (4, 500, 10), (4, 1000, 10), (64, 2000, 300))
HIDDEN, REPEATS = 16, 3


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
