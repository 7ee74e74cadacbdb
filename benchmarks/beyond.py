"""Windows per second of one process and of two that share each batch.

    OMP_NUM_THREADS=1 ACCELERATE_USE_CPU=1 torchrun --nproc-per-node 2 benchmarks/beyond.py

Writes the table of docs/beyond_one_machine.md to the screen. The ways take turns in the same two
processes: while one way needs one process, the other waits. It says the best turn of each way,
which others on the machine disturbed least, and in brackets the median.
"""

import os
from statistics import median
from time import perf_counter

import torch
from accelerate import Accelerator
from torch import nn
from torch.nn import functional as F
from training import departures, new_model

from lstm_helpers import fit

BATCH = 64
SIZES = {32: 100, 128: 60, 512: 8}  # hidden size -> batches in a turn
ROUNDS = 9

accelerator = Accelerator()
WINDOWS = departures()


class Timed:
    """Adds up the seconds in the accelerator's reductions, waiting for the other included."""

    def __init__(self):
        self.seconds, self._reduce = 0.0, accelerator.reduce
        accelerator.reduce = self

    def __call__(self, *arguments):
        start = perf_counter()
        try:
            return self._reduce(*arguments)
        finally:
            self.seconds += perf_counter() - start


timed = Timed()


def batches(steps: int) -> list:
    return [WINDOWS[n * BATCH : (n + 1) * BATCH] for n in range(steps)]


def alone(hidden_size: int, steps: int, threads: int) -> float:
    """The first process trains, and the other waits."""
    accelerator.wait_for_everyone()
    start = perf_counter()
    if accelerator.is_main_process:
        torch.set_num_threads(threads)
        how = {"epochs": 1, "device": "cpu", "progress": False}
        fit(new_model(WINDOWS, hidden_size), batches(steps), **how)
        torch.set_num_threads(1)
    taken = perf_counter() - start
    accelerator.wait_for_everyone()
    return taken


def shared(hidden_size: int, steps: int) -> tuple[float, float]:
    """Both train; all seconds, and those in messages."""
    model, data = new_model(WINDOWS, hidden_size), batches(steps)
    accelerator.wait_for_everyone()
    timed.seconds, start = 0.0, perf_counter()
    fit(model, data, epochs=1, progress=False, accelerator=accelerator)
    return perf_counter() - start, timed.seconds


def wrapped(hidden_size: int, steps: int) -> float:
    """A bare loop around DistributedDataParallel, which sends while it goes backwards."""
    model = accelerator.prepare(new_model(WINDOWS, hidden_size))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    data, own = batches(steps), slice(accelerator.process_index, None, 2)
    accelerator.wait_for_everyone()
    start = perf_counter()
    for x, y in data:
        optimizer.zero_grad()
        accelerator.backward(F.mse_loss(model(x[own]), y[own]))
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return perf_counter() - start


def message(hidden_size: int) -> float:
    """Seconds of one message when nobody waits for another."""
    flat = torch.rand(sum(p.numel() for p in new_model(WINDOWS, hidden_size).parameters()))
    taken = []
    for _ in range(20):
        accelerator.wait_for_everyone()
        start = perf_counter()
        accelerator.reduce(flat, "sum")
        taken.append(perf_counter() - start)
    return min(taken)


def main():
    accelerator.print(
        "| hidden | weights | 1 x 1 | 1 x 2 | 2 x 1 | DDP | in messages | a message |"
    )
    accelerator.print("|---|---|---|---|---|---|---|---|")
    for hidden_size, steps in SIZES.items():
        rounds = []
        for _ in range(ROUNDS + 1):
            one, two = (alone(hidden_size, steps, threads) for threads in (1, 2))
            both, talking = shared(hidden_size, steps)
            rounds.append((one, two, both, wrapped(hidden_size, steps), talking / both))
        *seconds, shares = zip(*rounds[1:], strict=True)
        speeds = " | ".join(
            f"{steps * BATCH / min(each):,.0f} ({steps * BATCH / median(each):,.0f})"
            for each in seconds
        )
        weights = sum(p.numel() for p in new_model(WINDOWS, hidden_size).parameters())
        accelerator.print(
            f"| {hidden_size} | {weights:,} | {speeds} | {min(shares):.0%} ({median(shares):.0%}) "
            f"| {1000 * message(hidden_size):.2f} ms |"
        )
    accelerator.print(f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.1f} over five minutes")
    accelerator.end_training()


main()
