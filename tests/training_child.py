"""A warm process for the tests of kills: it has torch loaded, and forks a run of training each time
that it is asked. It reads requests as lines of JSON; each run has a process group of its own.
"""

import json
import os
import random
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
import torch._dynamo  # loaded here once: else each run would, at its first step
import tqdm.auto  # noqa: F401
from torch.utils.data import DataLoader, Dataset

from lstm_helpers import ManyToOneLSTM, fit

SERIES = np.sin(np.arange(70) / 3)
KINDS = {
    "no workers": {},
    "workers": {"num_workers": 2},
    "persistent workers": {"num_workers": 2, "persistent_workers": True},
}


class Noisy(Dataset):
    """Windows with noise from each of the three usual generators."""

    def __init__(self, start, stop):
        self.windows = torch.tensor(SERIES[start:stop]).unfold(0, 9, 1)[..., None]

    def __len__(self):
        return len(self.windows)

    def __getitem__(self, n):
        noise = torch.rand(1).item(), np.random.rand(), random.random()
        window = self.windows[n] + 0.1 * sum(noise)
        return window[:-1], window[-1:]


def make_loaders(kind):
    how = {"batch_size": 9, **KINDS[kind]}
    if "num_workers" in how:
        how["multiprocessing_context"] = "fork"  # the others load torch anew in each worker
    order = torch.Generator().manual_seed(5)
    train = DataLoader(Noisy(0, 50), shuffle=True, generator=order, **how)
    return train, DataLoader(Noisy(40, 70), **how)


def make_model():
    torch.manual_seed(3)
    return ManyToOneLSTM(1, 5, num_layers=2, dropout=0.3).double()


def weights(model):
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def train(out: Path, kind: str, checkpoint: str | None, epochs=14, **how) -> dict:
    """One call of fit; what it leaves, and what came of it."""
    model, loaders = make_model(), make_loaders(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    random.seed(1)
    np.random.seed(2)
    history = error = None
    how = {"epochs": epochs, "patience": 5, "seed": 4, "device": "cpu", **how}
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        (out / "begun").touch()
        history = fit(model, *loaders, optimizer=optimizer, checkpoint=checkpoint, **how)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except (Exception, KeyboardInterrupt) as caught:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        error = caught
    reached = history or getattr(error, "history", None)
    return {
        "weights": weights(model),
        "optimizer": optimizer.state_dict(),
        "generators": [loader.generator and loader.generator.get_state() for loader in loaders],
        "usual": [torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()],
        "records": reached and reached.records,
        "best_epoch": reached and reached.best_epoch,
        "interrupted": bool(reached and reached.interrupted),
        "error": error and [type(error).__name__, str(error)],
    }


def best_of_each(out: Path, kind: str, checkpoint: str, epochs: int, **how) -> list:
    """What an interrupt has to leave after 0, 1, 2 ... epochs: one epoch more at a time."""
    start = {"records": [], "best_epoch": 0, "weights": weights(make_model())}
    return [start, *(train(out, kind, checkpoint, n + 1, **how) for n in range(epochs))]


def _run(out, what="train", **how):
    out = Path(out)
    os.dup2(os.open(out / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), 2)
    torch.save({"train": train, "best of each": best_of_each}[what](out, **how), out / "end.part")
    (out / "end.part").rename(out / "end.pt")


def _serve():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setpgid(0, 0)
            try:
                _run(**json.loads(line))
            except BaseException:
                traceback.print_exc()
            sys.stderr.flush()
            os._exit(0)  # Python itself needs a second to end, once torch is loaded
        with suppress(OSError):  # the child may have done it, and ended, already
            os.setpgid(child, child)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    _serve()
