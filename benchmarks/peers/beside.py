"""Measure darts and neuralforecast beside this package, and write PEERS.md.

python benchmarks/peers/environment.py [WORD]   builds what this needs, and runs it
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import accuracy
import pandas as pd
import speed
import table
import torch
from departures import CHOICE as STUDIED
from libraries import Ours, silence

PEERS = Path(__file__).parents[1] / "PEERS.md"
SPEED = """\
## Time of training

The time of the library over that of `fit`, its `Windows` or series being made before: the same \
windows, the same number of steps, batches of the same size, one layer of `nn.LSTM` and a linear \
one, Adam, the same loss, float32, without progress bar, logger and checkpoints. The batches that \
each LSTM reads are counted before; neuralforecast draws them anew from all windows, the others \
go through all. `fit` clips gradients and looks at each batch, as it does by default; the others \
do not.
"""
ERRORS = """\
## Errors: the delay of the next hour

Mean absolute error over the last 1040 hours, in minutes, as in lesson 12. All know the delays and \
the departures of 19 hours, and the hour of day and the weekday; hidden size 32, batches of 128, \
the absolute error as loss. Step size and epochs were chosen for each from the same nine pairs, by \
the validation part alone, with three seeds; neuralforecast chose between its defaults and one \
layer without scaling of each window, too. All else is each library's default. \
[choice.json](peers/choice.json) has all scores, and was committed before the test was read. The \
last row is the LSTM of lesson 12's table: its settings come from a list of eight, and the epochs \
of each seed from the validation part.
"""


def lesson_12() -> tuple[float, pd.Series, float]:
    """Of the LSTM in lesson 12's table: the error of the mean, of each seed, of validation."""
    validation = json.loads(STUDIED.read_text(encoding="utf-8"))["validation"]
    found = pd.read_csv(STUDIED.with_name("departures.csv"))
    found = found[(found["method"] == "LSTM") & (found["columns"] == "delay, departures")]
    seeds = found.set_index("seed")["MAE"]
    return seeds["mean"], seeds.drop("mean"), validation["LSTM, delay, departures"]["absolute"]


def errors(found: dict[str, dict]) -> tuple[str, str]:
    """The table, what it says, and the line about the goal."""
    rows = ["| LSTM of | chosen | validation | each seed | mean of 5 |", "|---|---|---|---|---|"]
    ours, seeds, validation = lesson_12()
    lines = {
        name: (chosen_by(one["setting"]), one["validation"], one["seeds"], one["mean"])
        for name, one in found.items()
    } | {"lesson 12": ("step size 0.01, each seed its epochs", validation, list(seeds), ours)}
    for name, (chosen, val, each, mean) in lines.items():
        rows.append(
            f"| {name} | {chosen} | {val:.2f} | {min(each):.2f} to {max(each):.2f} | {mean:.2f} |"
        )
    means = [mean for *_, mean in lines.values()]
    widest = max(max(each) - min(each) for *_, each, _ in lines.values())
    said = (
        f"The means lie at most {max(means) - min(means):.2f} minutes apart, the seeds of one row "
        f"up to {widest:.2f}: the libraries train the same kind of network."
    )
    best, name = min((one["mean"], name) for name, one in found.items() if name != Ours.name)
    missed = " MISS" * bool(ours > best)
    goal = f"Lesson 12's LSTM: {ours:.2f} (goal at most {best:.2f}, {name}){missed}"
    return "\n".join([*rows, "", said]), goal


def chosen_by(setting: dict) -> str:
    found = f"step size {setting['lr']:g}, {setting['epochs']} epochs"
    return found + ", one layer, no scaling" * bool(setting["own"])


def page(scored: dict, found: dict[str, list[float]]) -> str:
    head = table.HEAD.format(
        processes=table.PROCESSES,
        compare="python benchmarks/run.py --compare OLD.md benchmarks/PEERS.md",
        target="make bench-peers",
        machine=table.machine("torch", "darts", "neuralforecast", "pytorch-lightning", "pandas"),
    )
    rows, goal = errors(scored)
    parts = [
        "# Beside darts and neuralforecast\n",
        head,
        SPEED,
        table.written(speed.MEASURES, found),
    ]
    return "\n".join([*parts, ERRORS, f"{rows}\n\n{goal}.\n"])


def main(word: str = "") -> None:
    if word:
        table.all_rounds(__file__, speed.MEASURES, word)
        return
    scored = accuracy.score()
    print(f"bench mean absolute error: {errors(scored)[1]}", flush=True)
    PEERS.write_text(
        page(scored, table.all_rounds(__file__, speed.MEASURES, word)), encoding="utf-8"
    )


if __name__ == "__main__":
    how, *words = sys.argv[1:] or [""]
    silence()
    torch.set_num_threads(1)
    if how == "--once":
        table.once([measure for measure in speed.MEASURES if words[0] in measure.name])
    else:
        main(how)
