"""Where `fit` and `predict` run. Spies on `.to` stand in for a second device."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn
from training import make_model, quietly, sine_windows

from lstm_helpers import predict

HOME, AWAY = torch.device("cpu"), torch.device("cpu", 0)  # two names for the one device here is


class Spied(nn.Module):
    """Notes where it is moved to, and where each x that it reads was moved to."""

    def __init__(self):
        super().__init__()
        self.model = make_model()
        self.moves, self.read = [], []

    def to(self, device, **how):
        self.moves.append(device)
        return super().to(device, **how)

    def forward(self, x):
        self.read.append(place(x))
        return self.model(x)


def spied(x):
    """A tensor that, moved to a device, knows which."""

    def to(device, **how):
        moved = x.clone()
        moved.place = device
        return moved

    x = x.clone()
    x.to = to
    return x


def place(x):
    return getattr(x, "place", None)


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_comes_back_to_the_device_it_had(fails):
    """Also when training breaks off."""
    model = Spied()
    with pytest.raises(ZeroDivisionError) if fails else nullcontext():
        quietly(
            model,
            sine_windows().loader(),
            device=AWAY,
            loss_fn=(lambda yhat, y: 1 / 0) if fails else None,
        )
    assert model.moves[0] == AWAY
    assert model.moves[-1] == HOME


def test_predicting_leaves_the_model_on_its_device():
    model = Spied()
    predict(model, sine_windows().x)
    assert model.moves[-1:] in ([], [HOME])


BATCHES = {
    "a pair": (lambda x, y: (x, y), None),
    "a list": (lambda x, y: [x, y], None),
    "a dict inside": (lambda x, y: ({"x": x, "y": y},), lambda model, d: (model(d["x"]), d["y"])),
    "a pair inside": (lambda x, y: ((x, 7), y), lambda model, known, y: (model(known[0]), y)),
}


@pytest.mark.parametrize("kind", BATCHES)
def test_training_reads_batches_on_the_device_of_training(kind):
    """Every tensor of a batch, however deep it lies, in training as in validation."""
    batch, forward = BATCHES[kind]
    windows, model, compared = sine_windows(), Spied(), []

    def loss_fn(yhat, y):
        compared.append(place(y))
        return nn.functional.mse_loss(yhat, y)

    train, val = ([batch(spied(windows.x), spied(windows.y))] for _ in range(2))
    quietly(model, train, val, epochs=1, device=AWAY, loss_fn=loss_fn, forward=forward)
    assert model.read == compared == [AWAY, AWAY]


@pytest.mark.parametrize("kind", ["pairs", "inputs alone"])
def test_predicting_reads_batches_on_the_models_device(kind):
    windows, model = sine_windows(), Spied()
    predict(model, [(spied(windows.x), windows.y) if kind == "pairs" else spied(windows.x)])
    assert model.read == [HOME]
