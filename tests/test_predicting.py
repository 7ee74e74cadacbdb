"""`predict` gives one row for each window, in their order, and writes to nobody's table."""

from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    SequentialSampler,
    Subset,
    TensorDataset,
)
from torch.utils.data.sampler import RandomSampler

from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM, Windows, fit, predict, predicting

TABLE = pd.DataFrame(
    {"a": np.sin(np.arange(60) / 3), "b": np.cos(np.arange(60) / 5)},
    pd.date_range("2024", periods=60, freq="h"),
)
WINDOWS = Windows(TABLE, 7, horizon=3)  # 51 windows, x (7, 2), y (3, 2)
X, Y = WINDOWS[:]


@pytest.fixture
def model():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return ManyToOneLSTM(2, 4, 2, horizon=3)


Batch = namedtuple("Batch", "x y")
RIGHT = {
    "x": X,
    "a view": WINDOWS.x,
    "windows": WINDOWS,
    "its loader": WINDOWS.loader(16),
    "nothing to drop": WINDOWS.loader(17, drop_last=True),
    "torch's loader": DataLoader(WINDOWS, 16),
    "a loader of tensors": DataLoader(TensorDataset(X, Y), 16),
    "a batch sampler": DataLoader(
        WINDOWS, batch_sampler=BatchSampler(SequentialSampler(WINDOWS), 16, False)
    ),
    "a list of pairs": [(X[:20], Y[:20]), (X[20:], Y[20:])],
    "a tuple of pairs": ((X[:20], Y[:20]), (X[20:], Y[20:])),
    "named pairs": [Batch(X[:20], Y[:20]), Batch(X[20:], Y[20:])],
    "a list of x": list(X.split(20)),
    "a tuple of x": X.split(20),
    "a shuffled loader's batches": [(X[:20], Y[20:40]), (X[20:], None)],
}


@pytest.mark.parametrize("kind", RIGHT)
def test_one_row_for_each_window(kind, model):
    expected = model.eval()(X).detach()
    result = predict(model.train(), RIGHT[kind])
    torch.testing.assert_close(result, expected)
    assert model.training


def test_a_list_of_series_and_one_with_gaps_are_predicted_in_order(model):
    series = [TABLE, TABLE[:20] * 2, TABLE.drop(TABLE.index[[30, 33]])]
    windows = Windows(series, 7, horizon=3, freq="h", stride=2)
    torch.testing.assert_close(predict(model, windows), predict(model, windows[:][0]))


class Wrong(nn.Module):
    """The axis of samples is lost in one of these ways."""

    def __init__(self, how):
        super().__init__()
        self.how, self.lstm, self.linear = how, nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)

    def forward(self, x):
        out, (h_n, _) = self.lstm(x)
        return {
            "out[-1]": lambda: self.linear(out)[-1],
            "view": lambda: self.linear(out).view(-1, 1),
            "h_n": lambda: self.linear(h_n),
            "mean": lambda: self.linear(out).mean(),
            "first": lambda: self.linear(out)[:1, -1],
        }[self.how]()


@pytest.mark.parametrize(
    ("how", "shape", "advice"),
    [
        ("out[-1]", (7, 1), "out[-1] is the last window: use out[:, -1] for the last step of each"),
        ("view", (51 * 7, 1), "a view has merged the windows with their steps: keep (batch, seq)"),
        ("h_n", (1, 51, 1), "the windows are axis 1 of it, as in h_n: use yhat[-1] for the last"),
        ("mean", (), "keep the batch as the first axis of what forward returns"),
        ("first", (1, 1), "keep the batch as the first axis of what forward returns"),
    ],
)
def test_a_lost_axis_of_samples_is_told(how, shape, advice):
    rows = shape[0] if shape else "no"
    for data in (X, WINDOWS):
        with pytest.raises(ValueError) as caught:
            predict(Wrong(how), data)
        assert str(caught.value).startswith(
            f"the model returns {shape} for x (51, 7, 2): {rows} rows for 51 windows, but each "
            f"needs one. In forward, {advice}"
        )
    with pytest.raises(ValueError, match="windows, but each needs one"):
        predict(Wrong(how), WINDOWS.loader(20))


def test_the_advice_for_a_lost_axis_works():
    model = Wrong("out[-1]")
    out, (h_n, _) = model.lstm(X)
    assert out[:, -1].shape == h_n[-1].shape == (51, 3)


class Stream(IterableDataset):
    def __iter__(self):
        return iter(X)


SHIFTED = Windows(TABLE, 7, shifted=True)
REFUSED = {
    "x and y": (WINDOWS[:], "data is two tensors of 51 rows each, (51, 7, 2) and (51, 3, 2), wh"),
    "x and y of one shape": (SHIFTED[:], "data is two tensors of 53 rows each, (53, 7, 2) and (53"),
    "one batch": (list(WINDOWS[:9]), "data is two tensors of 9 rows each, (9, 7, 2) and (9, 3, 2)"),
    "shuffled": (WINDOWS.loader(shuffle=True), "the loader shuffles its windows, but predictions"),
    "torch shuffled": (DataLoader(WINDOWS, 16, shuffle=True), "the loader shuffles its windows, "),
    "a random batch sampler": (
        DataLoader(WINDOWS, batch_sampler=BatchSampler(RandomSampler(WINDOWS), 16, False)),
        "the loader shuffles its windows, but predictions have to line up with dates",
    ),
    "batches of one's own": (
        DataLoader(WINDOWS, batch_sampler=[[5, 3], [1]]),
        "the order of the loader's windows is not known (list), but predictions have to line up",
    ),
    "an order of one's own": (
        DataLoader(WINDOWS, 16, sampler=[5, 3, 1]),
        "the order of the loader's windows is not known (list), but predictions have to line up",
    ),
    "a stream": (DataLoader(Stream(), 16), "the order of the loader's windows is not known ("),
    "drops": (
        WINDOWS.loader(20, drop_last=True),
        "the loader drops its last 11 of 51 windows, but",
    ),
    "torch drops": (
        DataLoader(WINDOWS, 20, drop_last=True),
        "the loader drops its last 11 of 51 w",
    ),
    "a collate that drops": (
        DataLoader(WINDOWS, 20, collate_fn=lambda parts: torch.stack([x for x, _ in parts[1:]])),
        "the loader yields 48 rows, but its data set has 51: every window needs its prediction.",
    ),
    "no window": (X[:0], "x is (0, 7, 2) and has no window, but at least one is needed"),
    "a number": (torch.tensor(1.0), "x is (), but it has to be (batch, seq, feature): one window"),
    "no batch": ([], "data has no batch, but at least one is needed"),
    "another dtype": (X.double(), "x has dtype torch.float64, but the model's weights have torch."),
    "other features": (X[..., :1], "x is (batch=51, seq=7, feature=1), but the model was built wi"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_does_not_line_up_is_refused(kind, model):
    data, message = REFUSED[kind]
    with pytest.raises(ValueError) as caught:
        predict(model, data)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (X.numpy(), "data is a ndarray, but a tensor is needed: pass torch.as_tensor(data)."),
        (TABLE, "data is a DataFrame, but windows are needed: pass Windows(data, seq_len)."),
        (None, "data is None, but x (batch, seq, feature), a Windows or batches are needed: pass"),
        (iter([X]), "data is a list_iterator, whose order is not known, but predictions have to"),
        ({"x": X}, "data is a dict, but batches are needed: pass [data] for one batch, with for"),
        ([{"x": X}], "a batch of data is a dict that begins with a dict, but x, or (x, y), is nee"),
        (Subset(WINDOWS, [1]), "data is a Subset, which yields one window at a time, but batches"),
    ],
)
def test_what_is_no_data_is_refused(data, message, model):
    with pytest.raises(TypeError) as caught:
        predict(model, data)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "model is None, but an nn.Module is needed: pass the model itself."),
        (len, "model is a builtin_function_or_method, but an nn.Module is needed: pass the model"),
        (ManyToOneLSTM, "model is the class ManyToOneLSTM, but a model is needed: make one of it"),
    ],
)
def test_what_is_no_model_is_refused(wrong, message):
    with pytest.raises(TypeError) as caught:
        predict(wrong, X)
    assert str(caught.value).startswith(message)


def test_the_advice_for_data_works(model):
    expected = predict(model, X)
    pair = WINDOWS[:]
    for data in (
        pair[0],
        torch.as_tensor(X.numpy()),
        list(iter([X])),
        DataLoader(WINDOWS, batch_size=32),
        WINDOWS.loader(20, drop_last=False),
        list(WINDOWS.loader(16)),
    ):
        torch.testing.assert_close(predict(model, data), expected)


def test_forward_reads_batches_of_any_kind_as_in_fit(model):
    expected = predict(model, X)
    parts = [X[:20], X[20:]]
    targets = [Y[:20], Y[20:]]

    def forward(model, batch):
        return model(batch["x"]), batch["y"]

    whole = [{"y": y, "x": x, "note": "a text"} for x, y in zip(parts, targets, strict=True)]
    loader = DataLoader([{"x": x, "y": y} for x, y in WINDOWS], 16)
    for data in (whole, loader, [(batch,) for batch in whole]):  # a dict is not unpacked
        torch.testing.assert_close(predict(model, data, forward=forward), expected)
        fit(model, data, epochs=1, lr=1e-30, forward=forward, progress=False)
    alone = predict(model, whole, forward=lambda model, batch: model(batch["x"]))
    torch.testing.assert_close(alone, expected)
    three = [(x, y, "note") for x, y in zip(parts, targets, strict=True)]
    result = predict(model, three, forward=lambda model, x, y, note: (model(x), y))
    torch.testing.assert_close(result, expected)


class Centred(nn.Module):
    """Writes to what it is given."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x):
        x -= x.mean(1, keepdim=True)
        return self.linear(x[:, -1:])


def test_nobodys_table_is_written_to():
    array = TABLE.to_numpy(dtype=np.float32, copy=True)
    before, windows = array.copy(), Windows(array, 7, target=0)
    model = Centred()
    expected = predict(model, windows[:][0])
    for data in (windows.x, windows, windows.loader(), [(windows.x, windows.y)], [windows.x]):
        torch.testing.assert_close(predict(model, data), expected)
        assert (array == before).all()
    fit(model, [(windows.x, windows.y)], epochs=2, progress=False)
    for index in (3, -1, slice(2, 5), [4], torch.tensor([1, 2])):
        for part in windows[index]:
            part += 1
    windows.newest()[:] = 9
    assert (array == before).all()
    windows.x[0, 0, 0] = 99  # but a view is the table
    assert array[0, 0] == 99


def test_large_x_is_run_in_parts(monkeypatch, model):
    """So many windows at a time that the widest layer's results stay within the bytes."""
    seen = []
    model.lstm.register_forward_hook(lambda _, args, out: seen.append(len(args[0])))
    expected = predict(model, X)
    assert seen == [51]
    widest = 4 * 4 * 7 * 4  # 4 gates of 4, 7 steps, 4 bytes
    monkeypatch.setattr(predicting, "_BYTES", 20 * widest)
    for data in (X, WINDOWS, WINDOWS.x):
        seen.clear()
        torch.testing.assert_close(predict(model, data), expected)
        assert seen == [20, 20, 11]
    monkeypatch.setattr(predicting, "_BYTES", 1)
    seen.clear()
    predict(model, X)
    assert seen == [1] * 51


@pytest.mark.parametrize("kind", [ManyToOneLSTM, ManyToManyLSTM])
def test_fit_takes_windows(kind):
    how = {"shifted": kind is ManyToManyLSTM, "target": "a"}
    train, val = Windows(TABLE[:45], 7, **how), Windows(TABLE[38:], 7, **how)
    models = []
    for data in ((train, val), (train.loader(32, shuffle=True, seed=5), val.loader())):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(1)
            models.append(kind(2, 3))
        history = fit(models[-1], *data, epochs=3, seed=5, progress=False)
        assert history.records[-1]["steps"] == 3 * 2
    for ours, theirs in zip(*(m.parameters() for m in models), strict=True):
        assert torch.equal(ours, theirs)


def test_an_answer_that_is_a_view_of_its_batch_keeps_none_of_the_rest(monkeypatch):
    class LastStep(nn.Module):
        def forward(self, x):
            return x[:, -1:]

    alone = []

    def cat(parts):
        alone.extend(part.untyped_storage().nbytes() == part.nbytes for part in parts)
        return plain(parts)

    plain = torch.cat
    monkeypatch.setattr(torch, "cat", cat)
    x = torch.rand(9000, 12, 2)
    assert torch.equal(predict(LastStep(), x), x[:, -1:])
    assert len(alone) > 2
    assert all(alone)
