"""What one `check_model` costs, beside training steps of the same model, and how it grows.

Run: python benchmarks/check_model_cost.py
"""

from functools import partial
from statistics import median
from time import perf_counter

import torch
from torch import nn

from lstm_helpers import check_model

BATCH, FEATURE, HIDDEN, STEPS, REPEATS = 5, 2, 3, 200, 7


class ManyToOne(nn.Module):
    """(batch, seq, feature) to (batch, target)."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(FEATURE, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class ManyToMany(ManyToOne):
    """(batch, seq, feature) to (batch, seq, target)."""

    def forward(self, x):
        return self.head(self.lstm(x)[0])


def seconds(work):
    work()  # once to warm up
    taken = []
    for _ in range(REPEATS):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return median(taken)


def train(model, x):
    optimizer = torch.optim.Adam(model.parameters())
    y = torch.randn_like(model(x))
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()


def main():
    torch.manual_seed(0)
    print(f"median of {REPEATS}; ratio: one check / {STEPS} training steps")
    for kind, how in ((ManyToOne, {}), (ManyToMany, {"causal": True})):
        first = None
        for seq in (12, 24, 48, 96):
            x = torch.randn(BATCH, seq, FEATURE)
            model = kind()
            check = seconds(partial(check_model, model, x, **how))
            training = seconds(partial(train, model, x))
            first = first or check
            print(
                f"{kind.__name__:<10}  seq={seq:<3} check {check * 1000:6.1f} ms  "
                f"ratio {check / training:.2f}  growth {check / first:.2f}"
            )


if __name__ == "__main__":
    main()
