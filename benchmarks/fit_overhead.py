"""What `fit` costs beside a bare loop that does the same: Adam, clipping, the loss of each batch.

    python benchmarks/fit_overhead.py

Prints ratios of process times: the median over rounds in which both take turns. Both train the
same model on the same batches, and end with the same weights but for rounding (the Adam of `fit`
is fused), which is checked.
"""

from statistics import median
from time import process_time

import torch
from torch import nn

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_flights, load_nyc_departures

ROUNDS = 15


def departures() -> Windows:
    table = load_nyc_departures().select_dtypes("number")
    return Windows(((table - table.mean()) / table.std()).fillna(0.0), seq_len=24, target=[0])


SIZES = {
    "flights, hidden 16, batch 32": (lambda: Windows(load_flights() / 100, 12), 16, 32, 10),
    "departures, hidden 64, batch 64": (departures, 64, 64, 1),
}


def bare_loop(model: nn.Module, loader, epochs: int) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_fn = nn.MSELoss()
    for _ in range(epochs):
        losses = []
        for x, y in loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())


def stop_if_interrupted(history) -> None:
    if history.interrupted:
        raise KeyboardInterrupt


def measure(windows: Windows, hidden_size: int, batch_size: int, epochs: int) -> float:
    loader = windows.loader(batch_size)
    ways = {
        "bare": lambda model: bare_loop(model, loader, epochs),
        "fit": lambda model: stop_if_interrupted(
            fit(model, loader, epochs=epochs, device="cpu", progress=False)
        ),
    }
    taken, ends = {name: [] for name in ways}, {}
    for _ in range(ROUNDS + 1):
        for name, train in ways.items():
            torch.manual_seed(0)
            model = ManyToOneLSTM(len(windows.columns), hidden_size, len(windows.target))
            start = process_time()
            train(model)
            taken[name].append(process_time() - start)
            ends[name] = nn.utils.parameters_to_vector(model.parameters())
    torch.testing.assert_close(ends["bare"], ends["fit"], rtol=0, atol=1e-5)
    pairs = zip(taken["fit"][1:], taken["bare"][1:], strict=True)  # the first one warms up
    return median(fit_time / bare for fit_time, bare in pairs)


def main() -> None:
    torch.set_num_threads(1)
    for name, (make, *sizes) in SIZES.items():
        print(f"{name:32} fit / bare loop: {measure(make(), *sizes):.2f}", flush=True)


if __name__ == "__main__":
    main()
