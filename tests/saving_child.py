"""A warm process for the test of kills: it forks one that saves two forecasters in turn, for ever.

Each line that it reads is the path of the file.
"""

import os
import sys
from pathlib import Path

import torch

from lstm_helpers import ManyToOneLSTM, Windows, load_flights, save_forecaster

WINDOWS = Windows(load_flights(), 12, 3)


def make_model(seed):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return ManyToOneLSTM(1, 150, horizon=3)


def save(path, seed):
    save_forecaster(path, make_model(seed), WINDOWS)


def _serve():
    torch.set_num_threads(1)
    for line in sys.stdin:
        path = Path(line.strip())
        child = os.fork()
        if not child:
            for n in range(10**6):
                save(path, n % 2)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    _serve()
