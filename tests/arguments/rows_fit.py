"""The rows of `fit`."""

import numpy as np
import pandas as pd
import torch
from torch import nn

from arguments.table import Case, row, switch, tensor, whole
from lstm_helpers import ManyToOneLSTM, Windows, fit, predict


def model(sizes):
    with torch.random.fork_rng(devices=[]):
        return ManyToOneLSTM(sizes.feature, sizes.hidden)


def batch(sizes):
    return tensor(sizes.batch, sizes.seq, sizes.feature), tensor(sizes.batch, 1, 1)


def train(sizes, given=None, **how):
    """Train a new model for an epoch."""
    how = {"train": [batch(sizes)], "epochs": 1, "progress": False, **how}
    return fit(model(sizes) if given is None else given, **how)


whole("fit", "epochs", lambda sizes, value: train(sizes, epochs=value), least=1)
whole("fit", "seed", lambda sizes, value: train(sizes, seed=value), most=2**64 - 1)
whole(
    "fit",
    "patience",
    lambda sizes, value: train(sizes, val=[batch(sizes)], patience=value),
    least=1,
)
switch("fit", "progress", lambda sizes, value: train(sizes, progress=value))


def refused(argument, mode, value, error, text, right, **also):
    """A row whose mistake is one value; `right` takes its place."""
    row("fit", argument, mode)(
        lambda sizes: Case(
            lambda: train(sizes, **also, **{argument: value}),
            error,
            text,
            lambda: train(sizes, **also, **{argument: right}),
        )
    )


@row("fit", "patience", "without val")
def _(sizes):
    return Case(
        lambda: train(sizes, patience=sizes.other),
        ValueError,
        f"patience is {sizes.other}, but without val there is no validation loss to wait for: pass "
        "val, or drop patience.",
        lambda: train(sizes, patience=sizes.other, val=[batch(sizes)]),
    )


NUMBER = "but it has to be a number above 0"
refused("lr", "text", "0.1", TypeError, f"lr is '0.1', {NUMBER}.", np.float32(0.1))
refused("lr", "a bool", True, TypeError, f"lr is True, {NUMBER}.", torch.tensor(0.1))
refused("lr", "zero", 0, ValueError, f"lr is 0, {NUMBER}.", 0.1)
refused("lr", "infinite", np.inf, ValueError, f"lr is inf, {NUMBER}.", 1)
LIMIT = f"{NUMBER}, or None for no limit."
refused("clip_norm", "text", "1", TypeError, f"clip_norm is '1', {LIMIT}", None)
refused("clip_norm", "negative", -1.5, ValueError, f"clip_norm is -1.5, {LIMIT}", 1.5)
refused("clip_norm", "not a number", np.nan, ValueError, f"clip_norm is nan, {LIMIT}", np.int8(1))
FUNCTION = "(yhat, y) -> loss"
refused(
    "loss_fn",
    "a class",
    nn.L1Loss,
    TypeError,
    f"loss_fn is the class L1Loss, but a function {FUNCTION} is needed: make one of it, L1Loss().",
    nn.L1Loss(),
)
refused(
    "loss_fn",
    "text",
    "mse",
    TypeError,
    f"loss_fn is 'mse', but a function is needed: pass one of {FUNCTION}.",
    nn.functional.mse_loss,
)
refused(
    "loss_fn",
    "returns a number",
    lambda yhat, y: 0.5,
    TypeError,
    "loss_fn returns 0.5, but a tensor of one number is needed, which carries the gradient: "
    "compute it of yhat and y with torch.",
    lambda yhat, y: (yhat - y).abs().mean(),
)
refused(
    "loss_fn",
    "returns what carries no gradient",
    lambda yhat, y: (yhat - y).detach().mean(),
    ValueError,
    "the loss carries no gradient, so nothing would be learnt: look for .item(), .data, .detach() "
    "or torch.no_grad() in loss_fn.",
    lambda yhat, y: (yhat - y).square().mean(),
)


@row("fit", "loss_fn", "returns one number a window")
def _(sizes):
    return Case(
        lambda: train(sizes, loss_fn=nn.MSELoss(reduction="none")),
        ValueError,
        f"loss_fn returns ({sizes.batch}, 1, 1), but one number is needed: take its mean.",
        lambda: train(sizes, loss_fn=lambda yhat, y: (yhat - y).square().mean()),
    )


@row("fit", "optimizer", "a class")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: train(sizes, one, optimizer=torch.optim.Adam),
        TypeError,
        "optimizer is the class Adam, but one made of it is needed: "
        "optimizer=Adam(model.parameters(), lr=1e-3).",
        lambda: train(sizes, one, optimizer=torch.optim.Adam(one.parameters(), lr=1e-3)),
        [one],
    )


@row("fit", "optimizer", "text")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: train(sizes, one, optimizer="adam"),
        TypeError,
        "optimizer is 'adam', but one of torch.optim is needed, such as "
        "torch.optim.Adam(model.parameters(), lr=1e-3).",
        lambda: train(sizes, one, optimizer=torch.optim.Adam(one.parameters(), lr=1e-3)),
        [one],
    )


@row("fit", "optimizer", "of another model")
def _(sizes):
    one, other = model(sizes), model(sizes)
    return Case(
        lambda: train(sizes, one, optimizer=torch.optim.SGD(other.parameters(), lr=0.1)),
        ValueError,
        "the optimizer holds none of this model's parameters, so nothing would be learnt: make it "
        "anew from this model, such as torch.optim.Adam(model.parameters()).",
        lambda: train(sizes, one, optimizer=torch.optim.Adam(one.parameters())),
        [one, other],
    )


@row("fit", "lr", "beside an optimizer")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: train(sizes, one, lr=0.25, optimizer=torch.optim.SGD(one.parameters(), lr=0.1)),
        ValueError,
        "lr is 0.25, but the optimizer has a learning rate of its own: drop lr, or make the "
        "optimizer with it, SGD(model.parameters(), lr=0.25).",
        lambda: train(sizes, one, optimizer=torch.optim.SGD(one.parameters(), lr=0.25)),
        [one],
    )


NAMES = 'use "auto", "cpu" or "cuda".'
refused(
    "device",
    "an unknown name",
    "gpu",
    ValueError,
    f"device is 'gpu', but torch finds no such device here: {NAMES}",
    "cpu",
)
refused(
    "device",
    "None",
    None,
    TypeError,
    f"device is None, but the name of a device is needed: {NAMES}",
    "auto",
)
refused(
    "device",
    "without numbers",
    torch.device("meta"),
    ValueError,
    f"device is 'meta', which holds no numbers to train with: {NAMES}",
    torch.device("cpu"),
)


@row("fit", "model", "None")
def _(sizes):
    return Case(
        lambda: fit(None, [batch(sizes)]),
        TypeError,
        "model is None, but an nn.Module is needed: pass the model itself.",
        lambda: train(sizes),
    )


@row("fit", "model", "a class")
def _(sizes):
    return Case(
        lambda: train(sizes, ManyToOneLSTM),
        TypeError,
        "model is the class ManyToOneLSTM, but a model is needed: make one of it, "
        "ManyToOneLSTM(...).",
        lambda: train(sizes),
    )


@row("fit", "model", "returns its states, too")
def _(sizes):
    bare = nn.LSTM(sizes.feature, 1, batch_first=True)

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = bare

        def forward(self, x):
            out, _ = self.lstm(x)
            return out[:, -1:]

    return Case(
        lambda: train(sizes, bare),
        TypeError,
        "the model returns a tuple, but one tensor is needed, yhat (batch, horizon, target): write "
        "a forward that returns it, as in out, _ = self.lstm(x).",
        lambda: train(sizes, Wrapped()),
        [bare],
    )


@row("fit", "forward", "returns yhat alone")
def _(sizes):
    return Case(
        lambda: train(sizes, forward=lambda model, x, y: model(x)),
        TypeError,
        "forward returns a Tensor, but a pair (yhat, y) is needed: end it with return yhat, y.",
        lambda: train(sizes, forward=lambda model, x, y: (model(x), y)),
    )


for argument in ("train", "val"):

    def at(sizes, data, argument=argument):
        return train(sizes, **{argument: data})

    def add(mode, data, error, text, right, argument=argument, at=at):
        row("fit", argument, mode)(
            lambda sizes: Case(
                lambda: at(sizes, data(sizes)),
                error,
                text(argument, sizes),
                lambda: at(sizes, right(sizes)),
            )
        )

    add(
        "an iterator",
        lambda sizes: iter([batch(sizes)]),
        TypeError,
        lambda name, sizes: (
            f"{name} is an iterator, which is empty after one epoch, but it is "
            "read in each: pass a loader or a list."
        ),
        lambda sizes: [batch(sizes)],
    )
    add(
        "a tensor",
        lambda sizes: batch(sizes)[0],
        TypeError,
        lambda name, sizes: (
            f"{name} is a Tensor, but batches (x, y) are needed: pass a loader, or "
            "[(x, y)] for all windows in one batch."
        ),
        lambda sizes: [batch(sizes)],
    )
    add(
        "a table",
        lambda sizes: pd.DataFrame(tensor(30, sizes.feature).numpy()),
        TypeError,
        lambda name, sizes: (
            f"{name} is a DataFrame, but batches (x, y) are needed: pass "
            "Windows(table, seq_len), which cuts them."
        ),
        lambda sizes: Windows(
            pd.DataFrame(tensor(30, sizes.feature).numpy()), sizes.seq, target=[0]
        ),
    )
    add(
        "windows one by one",
        lambda sizes: torch.utils.data.TensorDataset(*batch(sizes)),
        TypeError,
        lambda name, sizes: (
            f"{name} is a TensorDataset, which yields one window at a time, but "
            "batches are needed: pass its .loader(), or torch's DataLoader(...)."
        ),
        lambda sizes: torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*batch(sizes))),
    )
    add(
        "no batch",
        lambda sizes: [],
        ValueError,
        lambda name, sizes: (
            f"{name} has no batch, but at least one is needed: with "
            "drop_last=True, batch_size has to be no more than the number of windows."
        ),
        lambda sizes: [batch(sizes)],
    )
    add(
        "other features",
        lambda sizes: [(tensor(sizes.batch, sizes.seq, sizes.other), batch(sizes)[1])],
        ValueError,
        lambda name, sizes: (
            f"x is (batch={sizes.batch}, seq={sizes.seq}, feature={sizes.other}), "
            f"but the model was built with input_size={sizes.feature}: build it with "
            f"input_size={sizes.other}, or pass the features it was made for."
        ),
        lambda sizes: [batch(sizes)],
    )
    add(
        "a target without its axes",
        lambda sizes: [(batch(sizes)[0], batch(sizes)[1][:, 0, 0])],
        ValueError,
        lambda name, sizes: (
            f"batch 0 of {name}: yhat is (batch={sizes.batch}, horizon=1, "
            f"target=1) but y is (batch={sizes.batch}): the loss would broadcast both to "
            f"({sizes.batch}, 1, {sizes.batch}). Give y its axes: y[:, None, None]."
        ),
        lambda sizes: [batch(sizes)],
    )

refused(
    "checkpoint",
    "a number",
    3,
    TypeError,
    'checkpoint is 3, but the path of a file is needed, such as "run.pt".',
    None,
)
refused(
    "checkpoint",
    "a folder",
    "/",
    ValueError,
    "checkpoint is '/', which is a folder: name a file in it, such as \"run.pt\".",
    None,
)
refused(
    "checkpoint",
    "no folder",
    "/no/such/run.pt",
    ValueError,
    "checkpoint is '/no/such/run.pt', but there is no folder '/no/such': make it first.",
    None,
)


@row("fit", "forward", "of another number of parts")
def _(sizes):
    return Case(
        lambda: train(sizes, forward=lambda model, x: (model(x), x[:, :1, :1])),
        TypeError,
        "batch 0 of train is 2 parts (Tensor, Tensor), but forward can't be called with the model "
        "and these (too many positional arguments): give it one argument for each part, or take "
        "them all, def forward(model, *batch).",
        lambda: train(sizes, forward=lambda model, *parts: (model(parts[0]), parts[1])),
    )


NO_ACCELERATOR = "but accelerate.Accelerator() is needed: pip install accelerate."
refused("accelerator", "text", "cuda", TypeError, f"accelerator is 'cuda', {NO_ACCELERATOR}", None)
refused("accelerator", "a bool", True, TypeError, f"accelerator is True, {NO_ACCELERATOR}", None)


@row("fit", "forward", "what the loss can't read")
def _(sizes):
    return Case(
        lambda: train(sizes, forward=lambda model, x, y: ((model(x),), y)),
        TypeError,
        f"batch 0 of train: loss_fn can't compare yhat (tuple) with y ({sizes.batch}, 1, 1) of "
        "torch.float32: 'tuple' object has no attribute 'size'. Return what it needs from forward, "
        "or change loss_fn.",
        lambda: train(sizes, forward=lambda model, x, y: (model(x), y)),
    )


@row("fit", "forward", "a model")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: train(sizes, forward=one),
        TypeError,
        "forward is a model, ManyToOneLSTM, but a function (model, *batch) -> (yhat, y) is needed, "
        "which gets the model: pass lambda model, x, y: (model(x), y).",
        lambda: train(sizes, forward=lambda model, x, y: (model(x), y)),
        [one],
    )


@row("predict", "data", "sparse")
def _(sizes):
    x, one = batch(sizes)[0], model(sizes)
    return Case(
        lambda: predict(one, x.to_sparse()),
        ValueError,
        f"x {tuple(x.shape)} is sparse, but windows of plain numbers are needed: pass "
        "x.to_dense(), or make it anew on the CPU.",
        lambda: predict(one, x.to_sparse().to_dense()),
        [one, x],
    )
