"""The table of results: made of many rounds, written as Markdown, read again and compared."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median

from measuring import Measure

PROCESSES = 5
NOT_HERE = "not measured here"
HEAD = """\
Ratios of process times, measured round by round, both ways taking turns: the median, the smallest \
and the largest ratio of all rounds; processes, one after the other: {processes}. Several hold in \
their spread what differs from process to process, too. Two runs agree where the median of each \
lies within the spread of the other: `{compare}` says where not. Written by `{target}`.

{machine}.
"""


def once(measures: list[Measure]) -> None:
    """Measure in this process: a line of JSON for each row, with its ratios."""
    for measure in measures:
        here = platform.system() == "Linux" or not measure.linux
        print(json.dumps([measure.name, measure.ratios() if here else []]), flush=True)


def all_rounds(script: str, measures: list[Measure], word: str) -> dict[str, list[float]]:
    """The ratios of each row, of several processes; each row is told when it is done."""
    wanted = [measure for measure in measures if word in measure.name]
    found = {measure.name: [] for measure in wanted}
    for number in range(PROCESSES):
        print(f"process {number} of {PROCESSES}", flush=True)
        command = [sys.executable, script, "--once", word]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for measure, line in zip(wanted, process.stdout, strict=True):
                found[measure.name] += json.loads(line)[1]
                if number == PROCESSES - 1:
                    print(said(measure, found[measure.name]), flush=True)
        if process.returncode:
            raise SystemExit(process.returncode)
    return found


def shown(number: float) -> str:
    return (
        f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
    )


def said(measure: Measure, ratios: list[float]) -> str:
    """Its line while measuring."""
    if not ratios:
        return f"bench {measure.name}: {NOT_HERE}"
    missed = " MISS" * measure.missed(median(ratios))
    return f"bench {measure.name}: {shown(median(ratios))} (goal {measure.goal}){missed}"


def row(measure: Measure, ratios: list[float]) -> str:
    if not ratios:
        return f"| {measure.name} | {NOT_HERE} | none | {measure.goal} |"
    missed = " MISS" * measure.missed(median(ratios))
    spread = f"{shown(min(ratios))} to {shown(max(ratios))}"
    return f"| {measure.name} | {shown(median(ratios))} | {spread} | {measure.goal}{missed} |"


def written(measures: list[Measure], found: dict[str, list[float]]) -> str:
    """The table, and below it why a goal was missed."""
    rows = ["| measure | ratio | spread | goal |", "|---|---|---|---|"]
    rows += [row(measure, found[measure.name]) for measure in measures]
    whys = [
        f"- **{measure.name}**: {measure.why or 'no reason was found yet.'}"
        for measure in measures
        if found[measure.name] and measure.missed(median(found[measure.name]))
    ]
    reasons = ["", "What is missed, and why:", "", *whys] if whys else []
    return "\n".join(rows + reasons) + "\n"


def machine(*packages: str) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name).split('+')[0]}" for name in packages)
    return (
        f"{platform.machine()}, {cores} cores, one thread, {platform.system()}; "
        f"Python {platform.python_version()}, {versions}"
    )


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """Each row of a table that was written: ratio, spread and goal."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.count(" | ") == 3]
    return {name: tuple(others) for name, *others in cells if name != "measure"}


def compare(old: Path, new: Path) -> int:
    """Say where the median of one lies outside the spread of the other; how many rows do."""
    before, after, outside = read(old), read(new), 0
    both = [name for name in before if name in after]
    for name in both:
        runs = before[name][:2], after[name][:2]
        if NOT_HERE in (runs[0][0], runs[1][0]):
            continue
        numbers = [[float(cell.replace(",", "")) for cell in (ratio, *spread.split(" to "))]
                   for ratio, spread in runs]  # fmt: skip
        (a, *of_a), (b, *of_b) = numbers
        if not (of_a[0] <= b <= of_a[1] and of_b[0] <= a <= of_b[1]):
            outside += 1
            print(f"{name}: {runs[0][0]} ({runs[0][1]}), then {runs[1][0]} ({runs[1][1]})")
    print(f"{len(both)} rows in both, {outside} differ by more than said")
    return outside
