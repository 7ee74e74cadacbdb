"""What `roll_out` costs, for a model that carries its state, beside running its window anew.

    python benchmarks/roll_out_cost.py

A `ManyToManyLSTM` reads a window of 96 steps and forecasts 500 more. Prints ratios of process
times, the median over rounds in which all take turns: a loop that runs the sliding window anew for
each step, over `roll_out`; and the cost of a step of `roll_out` when it makes ten times as many.
Where the first ratio is small, both wait for Python and not for arithmetic: nn.LSTM reads 96 steps
in one call, and that of one step takes nearly as long.
"""

from statistics import median
from time import process_time

import torch
from torch import Tensor

from lstm_helpers import ManyToManyLSTM, roll_out

ROUNDS, SEQ, STEPS, MORE = 5, 96, 500, 5000
SIZES = [(1, 16), (1, 128), (1, 512), (32, 64), (64, 64), (64, 128), (256, 64)]


def windows_anew(model: ManyToManyLSTM, window: Tensor, steps: int) -> Tensor:
    """The loop that most people write: all of the window for each step."""
    forecasts = []
    with torch.no_grad():
        for _ in range(steps):
            yhat = model(window)[:, -1:]
            forecasts.append(yhat)
            window = torch.cat((window[:, 1:], yhat), dim=1)
    return torch.cat(forecasts, dim=1)


def seconds(forecast, *given) -> float:
    start = process_time()
    forecast(*given)
    return process_time() - start


def measure(batch: int, hidden_size: int) -> tuple[float, float]:
    torch.manual_seed(0)
    model, x = ManyToManyLSTM(1, hidden_size).eval(), torch.rand(batch, SEQ, 1)
    torch.testing.assert_close(roll_out(model, x, 1), windows_anew(model, x, 1))
    rounds = [
        (
            seconds(windows_anew, model, x, STEPS // 10) * 10,  # each step costs the same
            seconds(roll_out, model, x, STEPS),
            seconds(roll_out, model, x, MORE) * STEPS / MORE,
        )
        for _ in range(ROUNDS)
    ]
    return (
        median(anew / rolled for anew, rolled, _ in rounds),
        median(more / rolled for _, rolled, more in rounds),
    )


def main() -> None:
    torch.set_num_threads(1)
    for batch, hidden_size in SIZES:
        faster, constant = measure(batch, hidden_size)
        print(
            f"batch {batch:3}, hidden {hidden_size:3}: windows anew / roll_out {faster:5.1f}, "
            f"a step of {MORE} / of {STEPS} {constant:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
