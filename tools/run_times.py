"""Write docs/run_times.md, and the sentence in README that quotes from it.

    python tools/run_times.py            from figures that are kept: nothing is measured
    python tools/run_times.py lessons    run every lesson before, and keep how long each took

The figures are those of benchmarks/RESULTS.md and PEERS.md, which `make bench` and `make
bench-peers` write, of tools/run_times.json for the lessons, and of CONTRIBUTING.md for make.
"""

import json
import platform
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from table import read

ROOT = Path(__file__).resolve().parents[1]
README, PAGE = ROOT / "README.md", ROOT / "docs" / "run_times.md"
LESSONS = Path(__file__).with_suffix(".json")
RESULTS, PEERS = (ROOT / "benchmarks" / name for name in ("RESULTS.md", "PEERS.md"))
# What stands in README, and where on the page: the name of a row and its sentence.
FIT = "fit, flights, hidden 16, batch 32 / a bare loop"
ROLL = "running the window anew / roll_out, 500 steps, hidden 64, batch 64"
IMPORT = "import lstm_helpers / import torch, pandas"
QUOTED = {
    FIT: "`fit` takes {} times as long as a bare loop over the same batches",
    ROLL: "`roll_out` is {} times as fast as running the window anew for each step",
    IMPORT: "`import lstm_helpers` takes {} times as long as `import torch, pandas`",
}
MORE = {
    "fit, departures, hidden 64, batch 64 / a bare loop": (
        "on a larger table, with a larger model, `fit` takes {} times as long as the bare loop"
    ),
    "one window at a time / an epoch of fit, flights": (
        "a loop with one window at a time takes {} times as long as `fit` for an epoch"
    ),
    "a loop that cuts windows / Windows, 1,000,000 rows of 8, seq_len 96, no copy": (
        "a loop that cuts a million windows takes {} times as long as `Windows`, which copies none"
    ),
    "a table of 1 GB on disk / in memory, shuffled, under 600 MB": (
        "batches from a table of 1 GB on disk take {} times as long as from one in memory"
    ),
    "check_model / a forward of (8, 200, 20)": (
        "`check_model` takes as long as {} forwards of the model"
    ),
}
BESIDE = {
    f"{library} / fit, {sizes}": f"{where}, {library} trains {{}} times as long as `fit`"
    for sizes, where in {
        "flights, hidden 16, batch 32, 400 steps": "on the flights, hidden size 16",
        "departures, hidden 64, batch 64, 324 steps": "on the departures, hidden size 64",
    }.items()
    for library in ("darts", "neuralforecast")
}
BEGINS = "- what the package [costs](docs/run_times.md)"


def quotes(sentences: dict[str, str], table: Path) -> list[str]:
    """Each sentence with the ratio of its row, as the table has it."""
    rows = read(table)
    return [sentence.format(rows[name][0]) for name, sentence in sentences.items()]


def readme(text: str) -> str:
    """README with the line that quotes RESULTS.md written anew."""
    line = f"{BEGINS}: {', '.join(quotes(QUOTED, RESULTS))},"
    return re.sub(rf"^{re.escape(BEGINS)}.*$", lambda _: line, text, flags=re.MULTILINE)


def lessons() -> str:
    kept = json.loads(LESSONS.read_text(encoding="utf-8"))
    rows = [
        f"| [{name}](../notebooks/{name}.ipynb) | {s} s |" for name, s in kept["lessons"].items()
    ]
    total = sum(kept["lessons"].values())
    head = f"Run from top to bottom by `tools/store_notebooks.py`, on {kept['machine']}.\n\n"
    return head + "\n".join(["| lesson | to run |", "|---|---|", *rows, f"| all | {total} s |"])


def targets() -> str:
    """The limits, as CONTRIBUTING.md has them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`make .+?) \| .+ \| (.+?) \|$", text, re.MULTILINE)
    return "\n".join(
        ["| target | stays under |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    )


def page() -> str:
    def listed(sentences):
        return "\n".join(f"- {sentence[0].upper() if sentence[0] != '`' else '`'}{sentence[1:]}."
                         for sentence in sentences)  # fmt: skip

    return f"""\
# How long it takes

Written by `tools/run_times.py`, from what was measured.

## A lesson

{lessons()}

## The package, beside what people would use instead

Ratios of process times on one thread. [The whole table](../benchmarks/RESULTS.md) has the goals \
and the spread, and says why a goal is missed; `make bench` writes it.

{listed(quotes(QUOTED | MORE, RESULTS))}

## Beside darts and neuralforecast

[Their table](../benchmarks/PEERS.md) has as many steps on the same windows, and compares the \
errors of the forecasts, too; `make bench-peers` writes it.

{listed(quotes(BESIDE, PEERS))}

## The targets of make

For two cores with nothing else to do, after the first set-up, as \
[CONTRIBUTING](../CONTRIBUTING.md) says.

{targets()}
"""


def measure() -> dict[str, int]:
    """The seconds that each lesson takes; the stored notebooks stay as they are."""
    from store_notebooks import store

    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            copy, start = Path(shutil.copy(path, folder)), time.perf_counter()
            store(copy)
            found[path.stem] = round(time.perf_counter() - start)
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["lessons"]:
        machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
        kept = {"machine": machine, "lessons": measure()}
        LESSONS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
