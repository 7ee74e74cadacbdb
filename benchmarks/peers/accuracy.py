"""The delay of the next hour, by the LSTM of each library.

    python benchmarks/peers/accuracy.py      choose settings; a quarter of an hour

All know what lesson 12's methods know: 19 hours of the delay and of the departures, the hour of
day and the weekday. For each, step size and epochs are chosen from one list, by the validation
part alone, three seeds each; neuralforecast may also have one layer, one decoder and no scaling of
each window, as the others do. All else is each library's default. `choice.json` keeps the choice
and all scores. `score` then trains with five seeds, and forecasts the test part.
"""

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np
import torch
from libraries import AS_THE_OTHERS, Darts, Neuralforecast, Ours, Setting, silence

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "study"))
from departures import COLUMNS, DAY, PART, scaled, the_table
from run import require_committed

CHOICE = Path(__file__).with_name("choice.json")
LIST = [dict(zip(("lr", "epochs"), pair, strict=True))
        for pair in product((0.001, 0.003, 0.01), (10, 20, 40))]  # fmt: skip
OWN = {Ours: [{}], Darts: [{}], Neuralforecast: [{}, AS_THE_OTHERS]}
SEEDS = 5


def setting(**chosen) -> Setting:
    """Hidden size, batch size and loss are those of lesson 12."""
    return Setting(DAY, hidden_size=32, batch_size=128, loss="absolute", **chosen)


class Study:
    """Trains on all rows before the validation part, and forecasts the last `PART` rows."""

    def __init__(self, table, rows_between: int):
        end = len(table) - PART - rows_between
        values, self.known, self.scale = scaled(
            table, COLUMNS["delay, departures"], "one of 19", end
        )
        self.values, self.end = values.astype(np.float32), end
        self.truth = table["dep_delay"].to_numpy()[-PART:]
        self.mean = table["dep_delay"][:end].mean()

    def forecast(self, library, how: Setting, seed: int) -> np.ndarray:
        """In minutes."""
        asked = library(self.values[: self.end], self.known, how)
        asked.train(seed)
        return asked.forecast(self.values, PART) * float(self.scale) + self.mean

    def error(self, forecast) -> float:
        return float(np.abs(forecast - self.truth).mean())


def choose() -> dict:
    """Of each library the setting with the smallest error of validation; the test is cut off."""
    study, choice = Study(the_table()[:-PART], 0), {}
    for library, own in OWN.items():
        tried = [each | {"own": one} for one, each in product(own, LIST)]
        scores = []
        for each in tried:
            how = setting(**each)
            found = [study.error(study.forecast(library, how, seed)) for seed in range(3)]
            scores.append(round(float(np.mean(found)), 3))
            print(library.name, each, scores[-1], flush=True)
        best = int(np.argmin(scores))
        rows = [one | {"MAE": score} for one, score in zip(tried, scores, strict=True)]
        choice[library.name] = {"setting": tried[best], "MAE": scores[best], "validation": rows}
    return choice


def score() -> dict[str, dict]:
    """Of each library the errors of five seeds, and that of their mean forecast."""
    require_committed(CHOICE)
    choice, study = json.loads(CHOICE.read_text(encoding="utf-8")), Study(the_table(), PART)
    found = {}
    for library in OWN:
        chosen = choice[library.name]
        how = setting(**chosen["setting"])
        forecasts = [study.forecast(library, how, seed) for seed in range(SEEDS)]
        found[library.name] = {
            "setting": chosen["setting"],
            "validation": chosen["MAE"],
            "seeds": [study.error(each) for each in forecasts],
            "mean": study.error(np.mean(forecasts, axis=0)),
        }
    return found


if __name__ == "__main__":
    silence()
    torch.set_num_threads(1)
    CHOICE.write_text(json.dumps(choose(), indent=1) + "\n", encoding="utf-8")
