"""Measure everything, and write RESULTS.md.

    python benchmarks/run.py [WORD]   only the rows whose names hold the word; RESULTS.md stays

Prints `bench NAME: RATIO (goal GOAL)` for each row, with MISS at the end where the goal is missed.
"""

import os
import platform
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import forecasting
import importing
import instruments
import numpy
import pandas
import torch
import training
import windows
from measuring import Measure, spread

RESULTS = Path(__file__).with_name("RESULTS.md")
MEASURES = [
    measure
    for module in (training, windows, forecasting, instruments, importing)
    for measure in module.MEASURES
]


def shown(number: float) -> str:
    return (
        f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    )


def measured(measure: Measure) -> str:
    """One row: prints its line, returns that of the table."""
    middle, low, high = spread(measure.ratios())
    missed = " MISS" * measure.missed(middle)
    print(f"bench {measure.name}: {shown(middle)} (goal {measure.goal}){missed}", flush=True)
    quartiles = f"{shown(low)} to {shown(high)}"
    return f"| {measure.name} | {shown(middle)} | {quartiles} | {measure.goal}{missed} |"


def machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.machine()}, {cores} cores, one thread, {platform.system()}; "
        f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, "
        f"numpy {numpy.__version__}, pandas {pandas.__version__}"
    )


def main(word: str = "") -> None:
    torch.set_num_threads(1)
    rows = [measured(measure) for measure in MEASURES if word in measure.name]
    if not word:
        RESULTS.write_text(
            "# What the package costs, beside what people would use instead\n\n"
            "Ratios of process times: the median over rounds in which both take turns, and the "
            "quartiles. Written by `make bench`.\n\n"
            f"{machine()}.\n\n"
            "| measure | ratio | quartiles | goal |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
