"""Write the shape explorer, lstm_helpers/data/explorer.html: one page from the files beside it.

    python tools/write_explorer.py           joins tools/explorer/
    python tools/write_explorer.py --train   trains its LSTM anew before that, in a minute

The page holds the passengers of every month and the weights in tools/explorer/trained.json.
"""

import json
import re
import sys
from pathlib import Path

import torch

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_flights, predict, split_by_time

SOURCES = Path(__file__).parent / "explorer"
PAGE = Path(__file__).parents[1] / "lstm_helpers" / "data" / "explorer.html"
TRAINED = SOURCES / "trained.json"
HIDDEN, SEEDS, DIGITS = 4, range(3), 6


def page() -> str:
    """The page, joined: what stands in {{}} is the text of that file, or the data."""

    def part(found: re.Match) -> str:
        name = found[1]
        return data() if name == "data" else (SOURCES / name).read_text(encoding="utf-8").rstrip()

    source = (SOURCES / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{([\w.]+)\}\}", part, source)


def data() -> str:
    """What the scripts read, as JSON."""
    passengers = load_flights()["passengers"].tolist()
    trained = json.loads(TRAINED.read_text(encoding="utf-8"))
    return json.dumps({"passengers": passengers, "trained": trained}, separators=(",", ":"))


def train() -> dict:
    """An LSTM that forecasts the next month, the one of three seeds that is best on 1959.

    Returns:
        its weights, rounded, and their mean absolute errors in thousands of passengers.
    """
    parts = split_by_time(load_flights() / 100, val=12, test=12, context=12)
    windows, val, test = (Windows(part, seq_len=12) for part in parts)

    def error(model, of) -> float:
        return 100 * (predict(model, of) - of.y).abs().mean().item()

    models = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        models.append(ManyToOneLSTM(input_size=1, hidden_size=HIDDEN))
        how = {"lr": 0.01, "epochs": 1500, "patience": 150, "seed": seed, "progress": False}
        fit(models[-1], windows, val, **how)
    best = min(models, key=lambda model: error(model, val))
    before = 100 * (test.x[:, -1:] - test.y).abs().mean().item()
    return {
        "weights": _rounded(best.lstm),
        "linear": _rounded(best.linear),
        "errors": {"test": round(error(best, test), 1), "month_before": round(before, 1)},
    }


@torch.no_grad()
def _rounded(layer) -> dict:
    """The weights of a layer by name, as nested lists; the layer keeps these values."""
    found = {}
    for name, weight in layer.named_parameters():
        weight.copy_(weight.double().round(decimals=DIGITS))
        found[name] = weight.double().round(decimals=DIGITS).tolist()
    return found


if __name__ == "__main__":
    if "--train" in sys.argv[1:]:
        TRAINED.write_text(json.dumps(train()) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(page().encode()) / 1000:.0f} kB")
