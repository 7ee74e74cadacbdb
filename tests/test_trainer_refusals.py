"""What `fit` and `predict` refuse, before anything is trained on it."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lstm_helpers import ManyToOneLSTM, Windows, fit, predict

WINDOWS = Windows(np.sin(np.arange(40) / 3), 12)
X, Y = torch.rand(8, 12, 1), torch.rand(8, 1, 1)
NAN = X.clone().index_fill_(0, torch.tensor(3), torch.nan)


@pytest.mark.parametrize(
    ("batch", "how", "error", "message"),
    [
        (
            (X, Y[:, 0, 0]),
            {},
            ValueError,
            "batch 0 of train: yhat is (batch=8, horizon=1, target=1) but y is (batch=8): the loss "
            "would broadcast both to (8, 1, 8). Give y its axes: y[:, None, None].",
        ),
        (
            (X, Y[:, 0, 0]),
            {"loss_fn": lambda yhat, y: ((yhat - y) ** 2).mean()},
            ValueError,
            "batch 0 of train: yhat is (batch=8, horizon=1, target=1) but y is (batch=8): the loss "
            "would broadcast both to (8, 1, 8). Give y its axes: y[:, None, None].",
        ),
        (
            (torch.rand(8, 12, 2), Y),
            {},
            ValueError,
            "x is (batch=8, seq=12, feature=2), but the model was built with input_size=1: "
            "build it with input_size=2, or pass the features it was made for.",
        ),
        (
            (X.double(), Y),
            {},
            ValueError,
            "x of batch 0 of train has dtype torch.float64, but the model's weights have "
            "torch.float32: use Windows(..., dtype=torch.float32), or model.to(torch.float64).",
        ),
        (
            (X, Y.double()),
            {},
            ValueError,
            "batch 0 of train: yhat has dtype torch.float32, but y has torch.float64: a loss needs "
            "one dtype. Use y.to(torch.float32).",
        ),
        (
            (NAN, Y),
            {},
            ValueError,
            "batch 0 of train: x (8, 12, 1) holds NaN or infinity, but a loss needs numbers: "
            "fill the gaps before you cut windows.",
        ),
        (
            (X, Y, Y),
            {},
            TypeError,
            "batch 0 of train is 3 parts (Tensor, Tensor, Tensor), but a pair of tensors (x, y) is "
            "needed: for other batches pass forward=, a function (model, *batch) -> (yhat, y).",
        ),
        (
            X,
            {},
            TypeError,
            "batch 0 of train is one Tensor, but a pair of tensors (x, y) is needed: for other "
            "batches pass forward=, a function (model, *batch) -> (yhat, y).",
        ),
    ],
)
def test_the_first_batch_is_checked_before_the_first_step(batch, how, error, message):
    model = ManyToOneLSTM(1, 3)
    before = nn.utils.parameters_to_vector(model.parameters())
    for val in (None, [(X, Y)]):
        with pytest.raises(error) as caught:
            fit(model, [batch], val, **how)
        assert str(caught.value) == message
    assert torch.equal(nn.utils.parameters_to_vector(model.parameters()), before)


def test_the_validation_batch_is_checked_too():
    with pytest.raises(ValueError, match=r"y is \(batch=8\)"):
        fit(ManyToOneLSTM(1, 3), [(X, Y)], [(X, Y[:, 0, 0])])


def test_a_foreign_model_is_named_too():
    model = nn.Sequential(nn.Identity(), nn.GRU(1, 3, batch_first=True))
    with pytest.raises(ValueError, match="the model's GRU was built with input_size=1") as caught:
        fit(model, [(torch.rand(8, 12, 2), Y)])
    assert isinstance(caught.value.__cause__, RuntimeError)


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x[:, -1:]).detach()


MODEL = ManyToOneLSTM(1, 3)


@pytest.mark.parametrize(
    ("arguments", "how", "error", "message"),
    [
        (
            (MODEL, TensorDataset(X, Y)),
            {},
            TypeError,
            "train is a TensorDataset, which yields one window",
        ),
        ((MODEL, X, Y), {}, TypeError, "train is a Tensor, but batches (x, y) are needed"),
        ((MODEL, iter([(X, Y)])), {}, TypeError, "train is an iterator, which is empty after one"),
        ((MODEL, []), {}, ValueError, "train has no batch, but at least one is needed"),
        ((MODEL, [(X, Y)], []), {}, ValueError, "val has no batch, but at least one is needed"),
        ((MODEL, [(X, Y)]), {"patience": 3}, ValueError, "patience is 3, but without val there"),
        ((MODEL, [(X, Y)]), {"epochs": 0}, ValueError, "epochs is 0, but it has to be 1 or more."),
        (
            (MODEL, [(X, Y)]),
            {"clip_norm": 0},
            ValueError,
            "clip_norm is 0, but it has to be a number",
        ),
        ((nn.Identity(), [(X, Y)]), {}, ValueError, "the model has no parameters"),
        ((nn.LSTM(1, 1), [(X, Y)]), {}, TypeError, "the model returns a tuple, but one tensor is"),
        (
            (MODEL, [(X, Y)]),
            {"loss_fn": nn.MSELoss(reduction="none")},
            ValueError,
            "loss_fn returns (8, 1, 1), but one number is needed",
        ),
        pytest.param(
            *(
                (MODEL, [(X, Y)]),
                {"device": "cuda"},
                ValueError,
                "device is 'cuda', but",
            ),
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU"),
        ),
        (
            (Detached(), [(X, Y)]),
            {},
            ValueError,
            "batch 0 of train: yhat carries no gradient, so",
        ),
        (
            (MODEL, [(X, Y)]),
            {"optimizer": torch.optim.SGD(ManyToOneLSTM(1, 3).parameters(), lr=0.1)},
            ValueError,
            "the optimizer holds none of this model's parameters, so nothing would be learnt",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(arguments, how, error, message):
    with pytest.raises(error) as caught:
        fit(*arguments, **how)
    assert str(caught.value).startswith(message)


def test_predict_refuses_what_would_not_line_up():
    torch_loader = DataLoader(TensorDataset(WINDOWS.x, WINDOWS.y), 16, shuffle=True)
    for loader in (WINDOWS.loader(shuffle=True), torch_loader):
        with pytest.raises(ValueError, match="the loader shuffles its windows"):
            predict(MODEL, loader)
    with pytest.raises(TypeError, match="the model returns a tuple"):
        predict(nn.LSTM(1, 1), X)
    with pytest.raises(TypeError, match="data is a TensorDataset, which yields one window at a"):
        predict(MODEL, TensorDataset(X, Y))


def test_a_learning_rate_that_the_weights_cannot_hold_is_told():
    x, y = torch.rand(5, 12, 1), torch.rand(5, 1, 1)
    with pytest.raises(ValueError, match=r"lr is 1e\+300, a number that float32 can't hold: try "):
        fit(ManyToOneLSTM(1, 3), [(x, y)], lr=1e300, epochs=1, progress=False)
    fit(ManyToOneLSTM(1, 3), [(x, y)], lr=0.001, epochs=1, progress=False)
