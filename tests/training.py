"""A small series, a small model and a quiet `fit` for the tests of the trainer."""

import numpy as np
import torch

from lstm_helpers import ManyToOneLSTM, Windows, fit

SINE = np.sin(np.arange(120) / 3)


def make_model(seed=0, **how):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return ManyToOneLSTM(1, 4, num_layers=2, dropout=0.2, **how).double()


def sine_windows(start=0, stop=120):
    return Windows(SINE[start:stop], 12, dtype=torch.float64)


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def quietly(*arguments, **how):
    return fit(*arguments, **{"progress": False, "epochs": 3, **how})
