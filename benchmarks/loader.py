"""One epoch of batches: `windows.loader()` and torch's default collation, beside bare indexing.

    python benchmarks/loader.py

Prints ratios of the median of several runs, taken in turns: times alone mean little elsewhere.
"""

import statistics
import time

import torch
from torch.utils.data import DataLoader

from lstm_helpers import Windows

BATCH, ROUNDS = 32, 7


def seconds(epoch) -> float:
    start = time.perf_counter()
    for x, y in epoch():
        x.sum(), y.sum()
    return time.perf_counter() - start


def main() -> None:
    windows = Windows(torch.rand(20_000, 8), seq_len=48)
    index = torch.arange(len(windows)).split(BATCH)
    loader, default = windows.loader(BATCH), DataLoader(windows, BATCH)
    epochs = {
        "bare indexing": lambda: ((windows.x[i], windows.y[i]) for i in index),
        "windows.loader()": lambda: loader,
        "default collation": lambda: default,
    }
    taken = {name: [] for name in epochs}
    for _ in range(ROUNDS):
        for name, epoch in epochs.items():
            taken[name].append(seconds(epoch))
    bare = statistics.median(taken["bare indexing"])
    for name, times in taken.items():
        print(f"{name:18} {statistics.median(times) / bare:5.1f} times bare indexing")


if __name__ == "__main__":
    main()
