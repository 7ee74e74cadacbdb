"""Choose all settings for the passengers from their first 84 months; later months are not read.

    python tools/study/choose.py

writes lstm_helpers/data/study/choice.json, which run.py reads: commit it before. Every score is the
RMSE of the mean forecast of three seeds, in thousands, over twelve months from nine origins. The
candidates differ from a base in one setting each; the changes that helped are then tried together.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from methods import network, same_growth

from lstm_helpers import backtest, load_flights

READ = 84  # months: 1949 to 1955
ORIGINS = range(47, 72, 3)  # the last one is December 1954, whose twelve months end with 1955
PLACE = Path(__file__).parents[2] / "lstm_helpers" / "data" / "study" / "choice.json"

BASE = {"seq_len": 12, "hidden_size": 8, "lr": 0.01, "steps": 100, "centred": "no"}
STEPS = [{"steps": steps} for steps in (25, 50, 200)]
OTHERS = [{"seq_len": 6}, {"hidden_size": 2}, {"hidden_size": 32}]
OTHERS += [{"centred": "history"}, {"centred": "window"}]
FACTORS = [0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
SEEDS = range(3)


class Scores:
    """Scores of methods on the rows of one table."""

    def __init__(self, table, origins=ORIGINS):
        self.table, self.how = table, {"origins": list(origins), "horizon": 12}
        self.naive = self.mean([same_growth(0)])
        self.truth = table.iloc[:, 0].reindex(self.naive.index)

    def mean(self, methods) -> pd.Series:
        """The mean forecast, such as that of one network from several seeds."""
        found = [backtest(self.table, method, **self.how).iloc[:, -1] for method in methods]
        return pd.concat(found, axis=1).mean(axis=1)

    def rmse(self, forecast, factor=1) -> float:
        """Of a forecast whose growth over last year is multiplied by a factor."""
        shrunk = self.naive * (forecast / self.naive) ** factor
        return round(float(np.sqrt(((shrunk - self.truth) ** 2).mean())), 2)

    def of_factors(self, forecast) -> dict:
        return {factor: self.rmse(forecast, factor) for factor in FACTORS}

    def of_network(self, setting, blind=False) -> dict:
        """A setting with its score, and with the best factor and its score."""
        forecast = self.mean([network(setting, seed, blind) for seed in SEEDS])
        by_factor = self.of_factors(forecast)
        factor = min(by_factor, key=by_factor.get)
        return setting | {"RMSE": by_factor[1], "factor": factor, "RMSE shrunk": by_factor[factor]}


def search(scores, base, changes, by) -> tuple[dict, list]:
    """The best setting, by a column of the scores, and all that were tried."""
    tried = [scores.of_network(base | change) for change in [{}, *changes]]
    helped = [(row[by], change) for row, change in zip(tried[1:], changes, strict=True)]
    helped = [pair for pair in helped if pair[0] < tried[0][by]]
    together = dict(base)
    for _, change in sorted(helped, key=lambda pair: -pair[0]):
        together |= change  # of two values of one setting the better one stays
    if len(helped) > 1:
        tried.append(scores.of_network(together))
    best = min(tried, key=lambda row: row[by])
    return {name: best[name] for name in base}, tried


def choose(table, base=BASE, steps=STEPS, others=OTHERS, origins=ORIGINS) -> dict:
    """The choice and all scores, from the rows of `table` alone.

    `network` is what a search over everything finds, the number of steps among it. `network,
    shrunk` has the highest number of steps; a factor on its growth is chosen instead.
    """
    scores = Scores(table, origins)
    factors = scores.of_factors(scores.mean([same_growth(1)]))
    network, tried = search(scores, base, [*steps, *others], by="RMSE")
    shrunk, tried_shrunk = search(scores, base | steps[-1], others, by="RMSE shrunk")
    blind, blind_shrunk = (scores.of_network(each, blind=True) for each in (network, shrunk))
    factor = next(row["factor"] for row in tried_shrunk if shrunk.items() <= row.items())
    return {
        "months read": len(table),
        "factor of the mean growth": min(factors, key=factors.get),
        "network": network,
        "network, shrunk": shrunk | {"factor": factor},
        "network, shrunk, blind": shrunk | {"factor": blind_shrunk["factor"]},
        "validation": {
            "mean growth, by factor": {str(factor): found for factor, found in factors.items()},
            "network": tried,
            "network, blind": blind,
            "network, shrunk": tried_shrunk,
            "network, shrunk, blind": blind_shrunk,
        },
    }


def main() -> None:
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps(choose(load_flights()[:READ]), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
