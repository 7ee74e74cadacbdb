"""Measure everything, and write RESULTS.md.

    python benchmarks/run.py [WORD]             only the rows whose names hold the word; RESULTS.md
                                                stays
    python benchmarks/run.py --compare OLD.md   whether RESULTS.md and an older one agree;
                                                or another table, named after it

Prints `bench NAME: RATIO (goal GOAL)` for each row, with MISS at the end where the goal is missed.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import forecasting
import importing
import instruments
import table
import torch
import training
import windows

RESULTS = Path(__file__).with_name("RESULTS.md")
MEASURES = [
    measure
    for module in (training, windows, forecasting, instruments, importing)
    for measure in module.MEASURES
]


def main(word: str = "") -> None:
    found = table.all_rounds(__file__, MEASURES, word)
    if not word:
        head = table.HEAD.format(
            processes=table.PROCESSES,
            compare="python benchmarks/run.py --compare OLD.md",
            target="make bench",
            machine=table.machine("torch", "numpy", "pandas"),
        )
        title = "# What the package costs, beside what people would use instead"
        text = f"{title}\n\n{head}\n{table.written(MEASURES, found)}"
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    how, *words = sys.argv[1:] or [""]
    if how == "--once":
        torch.set_num_threads(1)
        table.once([measure for measure in MEASURES if words[0] in measure.name])
    elif how == "--compare":
        sys.exit(table.compare(*map(Path, [*words, RESULTS][:2])) > 0)
    else:
        main(how)
