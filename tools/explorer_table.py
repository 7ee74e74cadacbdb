"""What torch says of the explorer's settings: shapes, parameters, outputs, and what each has seen.

Of sizes beyond what the page computes it says the shapes and the parameters.

    python tools/explorer_table.py > table.json

`tests/browser/test_explorer_numbers.py` compares the page with this table in full.
"""

import json
from itertools import product
from random import Random

import torch
from torch import nn

from lstm_helpers import load_flights

CELLS, HEADS, ORDERS = ("LSTM", "GRU", "RNN"), ("last", "every", "horizon"), (True, False, None)
AROUND = 2  # settings with drawn sizes for each combination of words
USUAL = {
    "cell": "LSTM",
    "batch": 5,
    "seq": 12,
    "input": 2,
    "hidden": 3,
    "layers": 1,
    "directions": 1,
    "proj_size": 0,
    "batch_first": "True",
    "head": "last",
    "horizon": 12,
}


def settings() -> list[dict]:
    """Each combination of words, with sizes that are drawn but always the same."""
    draw, found = Random(0), []
    for cell, head, order in product(CELLS, HEADS, ORDERS):
        for directions in (1, 2):
            for _ in range(AROUND):
                hidden = draw.randint(1, 8)
                found.append(
                    {
                        "cell": cell,
                        "batch": draw.randint(1, 6),
                        "seq": draw.randint(1, 24),
                        "input": draw.randint(1, 4),
                        "hidden": hidden,
                        "layers": draw.randint(1, 4),
                        "directions": directions,
                        "proj_size": draw.randint(0, hidden - 1) if cell == "LSTM" else 0,
                        "batch_first": "forgotten" if order is None else str(order),
                        "head": head,
                        "horizon": draw.randint(2, 12),
                    }
                )
    return found


def in_question() -> list[dict]:
    """Sizes that people ask about: the page shows some of their numbers, and computes them all."""
    both_ways = {"hidden": 16, "layers": 2, "directions": 2}
    return [
        USUAL | both_ways,
        USUAL | both_ways | {"batch_first": "forgotten"},
        USUAL | both_ways | {"cell": "GRU", "head": "horizon"},
        USUAL | {"hidden": 32, "proj_size": 20, "head": "horizon"},
        USUAL | {"hidden": 8, "batch": 32, "seq": 30, "head": "every"},
        USUAL | {"hidden": 13, "batch": 30, "batch_first": "False"},
        USUAL | {"cell": "RNN", "hidden": 17, "batch": 14, "batch_first": "forgotten"},
    ]


def large() -> list[dict]:
    """Sizes beyond what the page computes: each at its most, and others that are drawn."""
    most = {"batch": 4096, "seq": 1000, "input": 256, "hidden": 1024, "layers": 8, "horizon": 500}
    found = [USUAL | {"hidden": 130, "head": "horizon", name: size} for name, size in most.items()]
    found.append(USUAL | {"hidden": 1024, "proj_size": 1023, "layers": 2, "directions": 2})
    draw = Random(1)
    for cell, order, directions in product(CELLS, ORDERS, (1, 2)):
        hidden = draw.randint(250, 1024)
        found.append(
            {
                "cell": cell,
                "batch": draw.randint(25, 60),
                "seq": draw.randint(25, 60),
                "input": draw.randint(1, 256),
                "hidden": hidden,
                "layers": draw.randint(1, 2),
                "directions": directions,
                "proj_size": draw.choice((0, draw.randint(1, hidden - 1))) * (cell == "LSTM"),
                "batch_first": "forgotten" if order is None else str(order),
                "head": draw.choice(HEADS),
                "horizon": draw.randint(13, 500),
            }
        )
    return found


def made_up(place: int, shape, size: int) -> torch.Tensor:
    """The numbers of the weight at a place in state_dict, as the page makes them."""
    i = torch.arange(shape.numel(), dtype=torch.float64)
    number = 2 * ((389 * place + 573 * i + 17) % 2003) / 2002 - 1
    return (number / size**0.5).reshape(shape)


def months(s: dict) -> torch.Tensor:
    """x, (batch, seq, feature): window i begins in row i of the passengers."""
    table = load_flights()
    columns = {
        "passengers": table["passengers"] / 100,
        "month": (table.index.month - 1) / 12,
        "year": (table.index.year - 1949) / 12,
        "days": table.index.days_in_month / 31,
    }
    table = torch.tensor(table.assign(**columns).to_numpy(), dtype=torch.float64)[:, : s["input"]]
    return torch.stack([table[i : i + s["seq"]] for i in range(s["batch"])])


class Model(nn.Module):
    """The layer and its head, whose weights are made up."""

    def __init__(self, s: dict):
        super().__init__()
        self.s, self.steps = s, s["horizon"] if s["head"] == "horizon" else 1
        how = {"proj_size": s["proj_size"]} if s["cell"] == "LSTM" else {}
        self.layer = getattr(nn, s["cell"])(
            s["input"],
            s["hidden"],
            s["layers"],
            bidirectional=s["directions"] == 2,
            batch_first=s["batch_first"] == "True",
            dtype=torch.float64,
            **how,
        )
        features = s["directions"] * (s["proj_size"] or s["hidden"])
        self.linear = nn.Linear(features, self.steps, dtype=torch.float64)
        sizes = [s["hidden"]] * len(self.layer.state_dict()) + [features] * 2
        with torch.no_grad():
            for place, (weight, size) in enumerate(zip(self.parameters(), sizes, strict=True)):
                weight.copy_(made_up(place, weight.shape, size))

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """All tensors by name; x is (batch, seq, feature), and turned where the settings say so."""
        s, first = self.s, self.s["batch_first"] != "False"
        x = x if first else x.transpose(0, 1)
        out, state = self.layer(x)
        found = {"x": x, "out": out}
        found |= dict(zip(("h_n", "c_n"), state if s["cell"] == "LSTM" else (state,), strict=False))
        if s["head"] == "every":
            return found | {"yhat": self.linear(out)}
        last = out[:, -1] if first else out[-1]
        if s["directions"] == 2:
            last = torch.cat((found["h_n"][-2], found["h_n"][-1]), dim=1)
        return found | {"last": last, "yhat": self.linear(last)[..., None]}


def what_torch_says(s: dict, ask: int = 3) -> dict:
    """A row of the table, with numbers.

    Args:
        ask: of so many numbers of each tensor it says what each has seen.
    """
    model, x, draw = Model(s), months(s).requires_grad_(), Random(0)
    tensors = model(x)
    seen = []
    for name, tensor in tensors.items():
        for _ in range(ask):
            index = [draw.randrange(size) for size in tensor.shape]
            (slope,) = torch.autograd.grad(tensor[tuple(index)], x, retain_graph=True)
            seen.append([name, index, (slope != 0).any(dim=2).int().tolist()])
    values = {name: tensor.flatten().tolist() for name, tensor in tensors.items()}
    return _row(model, tensors) | {"values": values, "seen": seen}


def what_torch_says_of_shapes(s: dict) -> dict:
    """A row of the table without numbers: nothing is computed."""
    with torch.device("meta"):
        model = Model(s)
        tensors = model(torch.empty(s["batch"], s["seq"], s["input"], dtype=torch.float64))
    return _row(model, tensors) | {"values": {}, "seen": []}


def _row(model: Model, tensors: dict[str, torch.Tensor]) -> dict:
    return {
        "settings": model.s,
        "shapes": {name: list(tensor.shape) for name, tensor in tensors.items()},
        "weights": {name: list(w.shape) for name, w in model.layer.named_parameters()},
        "parameters": [sum(w.numel() for w in part.parameters()) for part in model.children()],
    }


def table() -> list[dict]:
    """What torch says of all settings."""
    numbers = [what_torch_says(s) for s in in_question() + settings()]
    return numbers + [what_torch_says_of_shapes(s) for s in large()]


if __name__ == "__main__":
    print(json.dumps(table()))
