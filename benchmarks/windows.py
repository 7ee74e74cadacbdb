"""`Windows` and its batches: large tables, many series, a table on disk."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from measuring import ROUNDS, Measure, Memory, in_turns, seconds

from lstm_helpers import Windows

ROWS, FEATURES, SEQ = 1_000_000, 8, 96
SHUFFLED = {"shuffle": True, "seed": 0}


def cut_by_hand(table: torch.Tensor, seq_len: int) -> list:
    """The loop of most tutorials."""
    pairs = []
    for i in range(len(table) - seq_len):
        pairs.append((table[i : i + seq_len], table[i + seq_len : i + seq_len + 1]))
    return pairs


def cutting() -> list[float]:
    table = torch.rand(ROWS, FEATURES)
    part, whole = table[: ROWS // 100], lambda: Windows(table, SEQ)
    last = cut_by_hand(part, SEQ)[-1]
    assert torch.equal(last[0], Windows(part, SEQ)[-1][0])
    assert whole().x.untyped_storage().data_ptr() == table.untyped_storage().data_ptr()
    many = 20  # one is over in a millisecond
    one = in_turns(lambda: cut_by_hand(part, SEQ), lambda: [whole() for _ in range(many)])
    return [100 * many * ratio for ratio in one]


def walk(batches) -> None:
    for x, y in batches:
        x.sum(), y.sum()


def beside_indexing(batch_size: int = 256) -> list[float]:
    windows = Windows(torch.rand(200_048, FEATURES), seq_len=48)
    loader = windows.loader(batch_size, **SHUFFLED)

    def bare():
        for index in torch.randperm(len(windows)).split(batch_size):
            x, y = windows.x[index], windows.y[index]
            x.sum(), y.sum()

    return in_turns(lambda: walk(loader), bare)


def many_series() -> list[float]:
    series = [torch.rand(100, FEATURES) for _ in range(10_000)]
    many = Windows(series, seq_len=48)
    one = Windows(torch.rand(len(many) + 48, FEATURES), seq_len=48)
    loaders = [windows.loader(256, **SHUFFLED) for windows in (many, one)]
    return in_turns(*(lambda loader=loader: walk(loader) for loader in loaders))


def on_disk() -> list[float]:
    """A table of 1 GB; it is read in a process of its own, whose memory is looked at."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.npy"
        rows = 2**30 // (4 * FEATURES)
        table = np.lib.format.open_memmap(path, "w+", np.float32, (rows, FEATURES))
        table[:] = np.random.default_rng(0).random((rows, FEATURES), dtype=np.float32)
        table.flush()
        del table
        times = [[float(subprocess.run([sys.executable, __file__, where, str(path)], check=True,
                  capture_output=True, text=True).stdout) for where in ("disk", "memory")]
                 for _ in range(ROUNDS)]  # fmt: skip
    return [disk / memory for disk, memory in times]


def read(where: str, path: str) -> None:
    """Batches of shuffled windows; prints the seconds."""
    torch.set_num_threads(1)
    table, memory = np.load(path, mmap_mode="r" if where == "disk" else None), Memory()
    windows = Windows(table, seq_len=SEQ)
    index = torch.randint(len(windows), (200, 256), generator=torch.Generator().manual_seed(0))
    print(seconds(lambda: walk(windows[some] for some in index)))
    memory.stop()
    if where == "disk" and memory.peak > 600:
        raise MemoryError(f"a table on disk took {memory.peak} MB of anonymous memory")


MEASURES = [
    Measure(
        "a loop that cuts windows / Windows, 1,000,000 rows of 8, seq_len 96, no copy",
        cutting,
        at_least=10_000,
        why="nine tenths of the millisecond that `Windows` takes are the one look at all 8,000,000 "
        "numbers for NaN and infinity. It reads 32 MB, about as fast as `sum()` does. Without it "
        "the ratio would be about 40,000, but a NaN would come out as a loss, and not as its row "
        "and column.",
    ),
    Measure(
        "shuffled batches of 256 from 200,000 windows of (48, 8) / bare indexing",
        beside_indexing,
        at_most=1.3,
    ),
    Measure("10,000 series / one series with as many windows, an epoch", many_series, at_most=2),
    Measure(
        "a table of 1 GB on disk / in memory, shuffled, under 600 MB",
        on_disk,
        at_most=2,
        linux=True,  # where else does one read how much memory is anonymous?
    ),
]

if __name__ == "__main__":
    read(*sys.argv[1:])
