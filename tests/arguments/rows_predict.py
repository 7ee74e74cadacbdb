"""The rows of `predict`."""

import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from arguments.table import Case, refused, row, tensor
from lstm_helpers import ManyToOneLSTM, Windows, predict


def model(s):
    with torch.random.fork_rng(devices=[]):
        return ManyToOneLSTM(s.feature, s.hidden)


def x(s):
    return tensor(s.batch, s.seq, s.feature)


def cut(s):
    return Windows(tensor(30 + s.other, s.feature), s.seq)


def data(mode, wrong, error, text, right=x):
    refused("predict", "data", mode, lambda s, v: predict(model(s), v), wrong, error, text, right)


data(
    "None",
    None,
    TypeError,
    "data is None, but x (batch, seq, feature), a Windows or batches are needed: pass one of them.",
)
data(
    "an array",
    lambda s: x(s).numpy(),
    TypeError,
    "data is a ndarray, but a tensor is needed: pass torch.as_tensor(data).",
    lambda s: torch.as_tensor(x(s).numpy()),
)
data(
    "a table",
    lambda s: pd.DataFrame(tensor(40, s.feature).numpy()),
    TypeError,
    "data is a DataFrame, but windows are needed: pass Windows(data, seq_len).",
    lambda s: Windows(pd.DataFrame(tensor(40, s.feature).numpy()), s.seq),
)
data(
    "an iterator",
    lambda s: iter([x(s)]),
    TypeError,
    "data is a list_iterator, whose order is not known, but predictions have to line up with "
    "dates: pass list(data), which is taken as it comes.",
    lambda s: list(iter([x(s)])),
)
data(
    "windows one by one",
    lambda s: TensorDataset(x(s)),
    TypeError,
    "data is a TensorDataset, which yields one window at a time, but batches are needed: pass "
    "torch's DataLoader(data, batch_size=32).",
    lambda s: DataLoader(TensorDataset(x(s)), batch_size=32),
)
data(
    "a batch that is no tensor",
    [{"x": 3}],
    TypeError,
    "a batch of data is a dict that begins with a dict, but x, or (x, y), is needed: for other "
    "batches pass forward=, a function (model, *batch) -> (yhat, y).",
)


@row("predict", "data", "a batch by name")
def _(s):
    named = {"x": x(s)}
    return Case(
        lambda: predict(model(s), named),
        TypeError,
        "data is a dict, but batches are needed: pass [data] for one batch, with forward=.",
        lambda: predict(model(s), [named], forward=lambda model, batch: model(batch["x"])),
        [named],
    )


def pair(s):
    return x(s), tensor(s.batch, 1, 1)


for right in (lambda s: pair(s)[0], lambda s: [(part,) for part in (x(s), x(s))]):
    data(
        "x and y",
        pair,
        ValueError,
        lambda s: (
            f"data is two tensors of {s.batch} rows each, ({s.batch}, {s.seq}, {s.feature}) and "
            f"({s.batch}, 1, 1), which may be x and y or two batches: pass x alone, data[0], or a "
            "list of batches, [(x,) for x in data]."
        ),
        right,
    )
data(
    "no axes",
    lambda s: torch.tensor(2.5),
    ValueError,
    "x is (), but it has to be (batch, seq, feature): one window is x[None].",
    lambda s: x(s)[0][None],
)
data(
    "no window",
    lambda s: x(s)[:0],
    ValueError,
    lambda s: (
        f"x is (0, {s.seq}, {s.feature}) and has no window, but at least one is needed: pass more "
        "rows."
    ),
)
data(
    "no batch",
    [],
    ValueError,
    "data has no batch, but at least one is needed: with drop_last=True, batch_size has to be no "
    "more than the number of windows.",
    lambda s: [x(s)],
)
data(
    "another dtype",
    lambda s: x(s).double(),
    ValueError,
    "x has dtype torch.float64, but the model's weights have torch.float32: use Windows(..., "
    "dtype=torch.float32), or model.to(torch.float64).",
    lambda s: Windows(tensor(40, s.feature).double(), s.seq, dtype=torch.float32),
)
data(
    "other features",
    lambda s: tensor(s.batch, s.seq, s.other),
    ValueError,
    lambda s: (
        f"x is (batch={s.batch}, seq={s.seq}, feature={s.other}), but the model was built with "
        f"input_size={s.feature}: build it with input_size={s.other}, or pass the features it was "
        "made for."
    ),
)
data(
    "a loader that shuffles",
    lambda s: cut(s).loader(s.batch, shuffle=True),
    ValueError,
    "the loader shuffles its windows, but predictions have to line up with dates: use a loader "
    "with shuffle=False.",
    lambda s: cut(s).loader(s.batch, shuffle=False),
)
for right in (
    lambda s: DataLoader(cut(s), s.batch, shuffle=False),
    lambda s: list(DataLoader(cut(s), s.batch, sampler=[2, 1])),
):
    data(
        "a loader in an order of one's own",
        lambda s: DataLoader(cut(s), s.batch, sampler=[2, 1]),
        ValueError,
        "the order of the loader's windows is not known (list), but predictions have to line up "
        "with dates: use a loader with shuffle=False, or pass a list of batches, which are taken "
        "as they come.",
        right,
    )
data(
    "a loader that drops windows",
    lambda s: Windows(tensor(2 * s.batch + s.seq + 1, s.feature), s.seq).loader(
        s.batch - 1, drop_last=True
    ),
    ValueError,
    lambda s: (
        f"the loader drops its last {(2 * s.batch + 1) % (s.batch - 1)} of {2 * s.batch + 1} "
        "windows, but each needs its prediction: use drop_last=False."
    ),
    lambda s: cut(s).loader(s.batch, drop_last=False),
)


def thinned(s):
    parts = TensorDataset(tensor(2 * s.batch, s.seq, s.feature))
    return DataLoader(parts, s.batch, collate_fn=lambda rows: torch.stack([x for (x,) in rows[1:]]))


data(
    "a loader whose batches lack windows",
    thinned,
    ValueError,
    lambda s: (
        f"the loader yields {2 * s.batch - 2} rows, but its data set has {2 * s.batch}: every "
        "window needs its prediction. Pass a list of batches to predict what it yields."
    ),
    lambda s: [(x,) for x in thinned(s)],
)

for value, came in ((None, "None"), (len, "a builtin_function_or_method"), (3, "a int")):
    refused(
        *("predict", "model", came, lambda s, v: predict(v, x(s)), value, TypeError),
        f"model is {came}, but an nn.Module is needed: pass the model itself.",
        model,
    )
refused(
    *("predict", "model", "a class", lambda s, v: predict(v, x(s)), ManyToOneLSTM, TypeError),
    "model is the class ManyToOneLSTM, but a model is needed: make one of it, ManyToOneLSTM(...).",
    model,
)


class Part(nn.Module):
    """What `keep` makes of what an LSTM returns."""

    def __init__(self, s, keep):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            self.keep, self.lstm = keep, nn.LSTM(s.feature, s.hidden, batch_first=True)

    def forward(self, x):
        return self.keep(*self.lstm(x))


# what is kept, how it is shaped, what helps, and what is kept then
KEPT = {
    "the last window": (
        lambda out, _: out[-1],
        lambda s: (s.seq, s.hidden),
        "out[-1] is the last window: use out[:, -1] for the last step of each",
        lambda out, _: out[:, -1],
    ),
    "windows and steps merged": (
        lambda out, _: out.reshape(-1, out.shape[-1]),
        lambda s: (s.batch * s.seq, s.hidden),
        "a view has merged the windows with their steps: keep (batch, seq) apart",
        lambda out, _: out,
    ),
    "h_n": (
        lambda _, state: state[0],
        lambda s: (1, s.batch, s.hidden),
        "the windows are axis 1 of it, as in h_n: use yhat[-1] for the last layer",
        lambda _, state: state[0][-1],
    ),
    "their mean": (
        lambda out, _: out.mean(),
        lambda s: (),
        "keep the batch as the first axis of what forward returns",
        lambda out, _: out.mean((1, 2)),
    ),
}


def kept(mode, wrong, shape, advice, right):
    refused(
        *("predict", "model", mode, lambda s, keep: predict(Part(s, keep), x(s))),
        lambda s: wrong,
        ValueError,
        lambda s: (
            f"the model returns {shape(s)} for x ({s.batch}, {s.seq}, {s.feature}): "
            f"{shape(s)[0] if shape(s) else 'no'} rows for {s.batch} windows, but each needs one. "
            f"In forward, {advice}."
        ),
        lambda s: right,
    )


for mode, parts in KEPT.items():
    kept(mode, *parts)
refused(
    *("predict", "model", "returns its states, too"),
    lambda s, keep: predict(Part(s, keep), x(s)),
    lambda s: lambda out, state: (out, state),
    TypeError,
    "the model returns a tuple, but one tensor is needed, yhat (batch, horizon, target): write a "
    "forward that returns it, as in out, _ = self.lstm(x).",
    lambda s: lambda out, _: out,
)


refused(
    *("predict", "data", "other features than an LSTM within has"),
    lambda s, v: predict(Part(s, lambda out, _: out), v),
    lambda s: tensor(s.batch, s.seq, s.other),
    ValueError,
    lambda s: (
        f"x of a batch of data is (batch={s.batch}, seq={s.seq}, feature={s.other}), but the "
        f"model's LSTM was built with input_size={s.feature}: build it with input_size={s.other}, "
        "or pass the features it was made for."
    ),
    x,
)


def forward(mode, wrong, error, text, right, batches=lambda s: [(x(s), tensor(s.batch, 1, 1))]):
    refused(
        *("predict", "forward", mode),
        lambda s, v: predict(model(s), batches(s), forward=v),
        *(wrong, error, text, right),
    )


def right_forward(s):
    return lambda model, x, *rest: model(x)


forward(
    "text",
    "model",
    TypeError,
    "forward is 'model', but a function is needed: pass one of (model, *batch) -> (yhat, y).",
    right_forward,
)
forward(
    "a class",
    nn.Identity,
    TypeError,
    "forward is the class Identity, but a function (model, *batch) -> (yhat, y) is needed: make "
    "one of it, Identity().",
    right_forward,
)
forward(
    "returns no tensor",
    lambda s: lambda model, x, y: None,
    TypeError,
    "the model returns a NoneType, but one tensor is needed, yhat (batch, horizon, target): write "
    "a forward that returns it, as in out, _ = self.lstm(x).",
    right_forward,
)
forward(
    "batches without a tensor",
    lambda s: lambda model, numbers: model(torch.tensor(numbers)),
    ValueError,
    "a batch of data holds no tensor, so its windows can't be counted: let forward return (yhat, "
    "y), with y of one row for each window.",
    lambda s: lambda model, numbers: (model(torch.tensor(numbers)), torch.tensor(numbers)),
    lambda s: [(x(s).tolist(),)],
)


refused(
    "predict",
    "accelerator",
    "a device",
    lambda s, v: predict(model(s), x(s), accelerator=v),
    torch.device("cpu"),
    TypeError,
    "accelerator is device(type='cpu'), but accelerate.Accelerator() is needed: pip install "
    "accelerate.",
    None,
)
