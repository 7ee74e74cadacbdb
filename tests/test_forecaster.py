"""A saved forecaster forecasts, in a fresh process, what the model would have, bit for bit."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn

import lstm_helpers
from lstm_helpers import (
    ManyToManyLSTM,
    ManyToOneLSTM,
    Windows,
    fit,
    inverse_target,
    load_forecaster,
    predict,
    save_forecaster,
)

CHILD = Path(__file__).with_name("forecasting_child.py")
HOURS = pd.date_range("2024-02-27", periods=90, freq="h", name="hour")
TABLE = pd.DataFrame(
    np.random.default_rng(5).normal(50, 20, size=(90, 3)), HOURS, ["load", "heat", "price"]
)
TABLE["load"] = TABLE["load"].astype("float32")
BYTES = TABLE.round().clip(1, 99)  # that bfloat16 holds
NEXT = pd.date_range(HOURS[-1], periods=6, freq="h")[1:]
FUTURE = pd.DataFrame({"heat": [31.0, 42, 53, 64, 75]}, NEXT)


@pytest.fixture(autouse=True)
def same_weights():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(8)
        yield


def scaled(scaler, table):
    return scaler.set_output(transform="pandas").fit(table.iloc[:60]).transform(table)


def in_a_fresh_process(path, tmp_path, *given):
    pd.to_pickle(given, tmp_path / "given")
    subprocess.run(
        [sys.executable, CHILD, path, tmp_path / "given", tmp_path / "out"],
        check=True,
        timeout=120,
    )
    return pd.read_pickle(tmp_path / "out")


def assert_same(frame, expected):
    """Bit for bit; a frequency of the index is no part of it."""
    pd.testing.assert_frame_equal(frame, expected, check_exact=True, check_freq=False)


class Mine(nn.Module):
    """Somebody's own: a GRU, and of each step the change to the one before."""

    def __init__(self, features, horizon, sign=1):
        super().__init__()
        self.gru, self.linear = nn.GRU(features, 7, batch_first=True), nn.Linear(7, horizon)
        self.register_buffer("scale", torch.tensor(3.5))
        self.sign = sign

    def forward(self, x):
        return (
            x[:, -1:, :1] + self.sign * self.scale * self.linear(self.gru(x)[0][:, -1])[..., None]
        )


WAYS = {
    # what it is: scaler, windows, model, whether a model is passed to load_forecaster
    "many to one": (None, {"horizon": 4}, lambda: ManyToOneLSTM(3, 5, 3, horizon=4), False),
    "many to many, shifted": (
        MinMaxScaler((-1, 1), clip=True),
        {"shifted": True, "target": ["price", "load"]},
        lambda: ManyToManyLSTM(3, 5, 2, num_layers=2, dropout=0.4),
        False,
    ),
    "known ahead, a gap, in float64": (
        StandardScaler(),
        {"horizon": 2, "gap": 3, "known": "heat", "target": "price", "dtype": torch.float64},
        lambda: ManyToOneLSTM(3, 6, 1, horizon=2, num_layers=2, dropout=0.3).double(),
        False,
    ),
    "in a quarter of the bits": (
        None,
        {"horizon": 2, "target": "load", "dtype": torch.bfloat16},
        lambda: ManyToOneLSTM(3, 6, 1, horizon=2).bfloat16(),
        False,
    ),
    "somebody's own": (
        StandardScaler(with_mean=False),
        {"horizon": 5, "target": "load"},
        lambda: Mine(3, 5),
        True,
    ),
    "compiled": (
        StandardScaler(with_std=False),
        {"horizon": 2, "target": "load"},
        lambda: torch.compile(ManyToOneLSTM(3, 4, horizon=2), backend="eager"),
        False,
    ),
}


@pytest.mark.parametrize(
    ("way", "fresh"),
    [
        *((way, False) for way in WAYS),
        ("known ahead, a gap, in float64", True),
        *(
            pytest.param(way, True, marks=pytest.mark.slow)
            for way, (*_, passed) in WAYS.items()
            if not passed and way != "known ahead, a gap, in float64"
        ),
    ],
)
def test_the_file_forecasts_the_same_bits_also_in_a_fresh_process(way, fresh, tmp_path):
    scaler, how, make, passed = WAYS[way]
    model, path = make(), tmp_path / "forecaster.pt"
    given = BYTES if way == "in a quarter of the bits" else TABLE
    table = given if scaler is None else scaled(scaler, given)
    windows = Windows(table, 11, **how)
    fit(model, windows, epochs=2, progress=False)
    save_forecaster(path, model, windows, scaler=scaler)
    future = scaler.transform(TABLE.assign(heat=31.0))[-1:] if windows.known else None
    x = windows.newest(None if future is None else future[["heat"]].set_axis(NEXT[:1]))
    yhat = predict(model, x)
    units = inverse_target(scaler, yhat, windows.target) if scaler else yhat
    expected = windows.to_frame(units, newest=True).iloc[-windows.horizon :]
    known = FUTURE if windows.known else None
    forecaster = load_forecaster(path, make() if passed else None)
    assert_same(forecaster.forecast(given, known), expected)
    if fresh:
        assert_same(in_a_fresh_process(path, tmp_path, given, known), expected)
    first = pd.Timestamp("2024-03-01 17:00") + pd.Timedelta(1 + windows.gap, "h")
    assert list(expected.index) == list(pd.date_range(first, periods=windows.horizon, freq="h"))
    assert not forecaster.model.training
    assert [forecaster.seq_len, forecaster.horizon] == [11, windows.horizon]
    assert [forecaster.columns, forecaster.known] == [list(windows.columns), list(windows.known)]
    assert [forecaster.target, forecaster.gap] == [list(windows.target), windows.gap]
    assert forecaster.freq == "h"


def save(path, how=None, table=TABLE, scaler=None):
    windows = Windows(table, 11, 2, **(how or {}))
    model = ManyToOneLSTM(len(windows.columns), 5, len(windows.target), horizon=2)
    model.to(windows.x.dtype if isinstance(windows.x, torch.Tensor) else windows.x[0].dtype)
    save_forecaster(path, model, windows, scaler=scaler)
    return windows, model


def test_other_columns_other_order_and_old_rows_do_not_matter(tmp_path):
    scaler = StandardScaler()
    save(tmp_path / "f.pt", {"target": "load"}, scaled(scaler, TABLE), scaler)
    forecaster = load_forecaster(tmp_path / "f.pt")
    expected = forecaster.forecast(TABLE[-11:])
    beside = TABLE[["price", "load", "heat"]].assign(note="x")
    beside.iloc[:70, 0] = np.nan
    assert_same(forecaster.forecast(beside), expected)
    assert_same(forecaster.forecast(beside.drop(HOURS[[3, 4, 60]])), expected)
    changed = TABLE.copy()
    changed.iloc[-11, 2] += 5
    assert not forecaster.forecast(changed).equals(expected)


def test_nothing_handed_over_is_changed(tmp_path):
    windows, model = save(
        tmp_path / "f.pt", {"known": "heat"}, scaled(scaler := StandardScaler(), TABLE), scaler
    )
    table, future, other = TABLE.copy(), FUTURE.copy(), ManyToOneLSTM(3, 5, 2, horizon=2)
    before = {name: value.clone() for name, value in other.state_dict().items()}
    state = torch.get_rng_state()
    forecaster = load_forecaster(tmp_path / "f.pt", other)
    forecaster.forecast(table, future)
    assert torch.equal(torch.get_rng_state(), state)
    assert_same(table, TABLE)
    assert_same(future, FUTURE)
    assert other.training
    assert all(torch.equal(value, before[name]) for name, value in other.state_dict().items())
    assert all(
        torch.equal(value, model.state_dict()[name])
        for name, value in forecaster.model.state_dict().items()
    )


def test_a_list_is_one_series_each_with_its_own_future(tmp_path):
    scaler = StandardScaler()
    save(tmp_path / "f.pt", {"known": "heat"}, scaled(scaler, TABLE), scaler)
    forecaster = load_forecaster(tmp_path / "f.pt")
    earlier = TABLE[:40]
    then = TABLE[["heat"]][40:]
    both = forecaster.forecast([TABLE, earlier], [FUTURE, then])
    assert list(both["series"]) == [0, 0, 1, 1]
    for number, one in enumerate([(TABLE, FUTURE), (earlier, then)]):
        own = both[both["series"] == number].drop(columns="series")
        pd.testing.assert_frame_equal(own, forecaster.forecast(*one), check_freq=False, rtol=1e-6)
    arrays = forecaster.forecast([TABLE, earlier], [FUTURE.to_numpy(), then["heat"].to_numpy()])
    assert_same(arrays, both)
    whole = TABLE.to_numpy()[40:]
    assert_same(forecaster.forecast(earlier, whole), forecaster.forecast(earlier, then))


ROWS = {
    "months": (pd.date_range("2020-01-01", periods=40, freq="MS"), None, "MS"),
    "ends of months": (pd.date_range("2020-01-31", periods=40, freq="ME"), "ME", "ME"),
    "mid-month": (
        pd.date_range("2020-01-15", periods=40, freq=pd.DateOffset(months=1)),
        pd.DateOffset(months=1),
        pd.DateOffset(months=1),
    ),
    "business days": (pd.date_range("2024-01-01", periods=40, freq="B"), None, "B"),
    "90 minutes": (pd.date_range("2024-01-01", periods=40, freq="90min"), None, "90min"),
    "days in Berlin": (
        pd.date_range("2024-03-01", periods=40, freq="D", tz="Europe/Berlin"),
        None,
        "D",
    ),
    "periods": (pd.period_range("2020-01", periods=40, freq="M"), None, "M"),
    "durations": (pd.timedelta_range("0h", periods=40, freq="2h"), None, "2h"),
    "row numbers": (pd.RangeIndex(40), None, 1),
    "tenths": (pd.Index(np.arange(40) / 10), 0.1, 0.1),
    "every third": (pd.RangeIndex(5, 125, 3), np.int64(3), 3),
    "text, the day first": (
        pd.Index(pd.date_range("2024-01-01", periods=40, freq="D").strftime("%d/%m/%Y")),
        None,
        "D",
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_rows_of_any_kind_are_counted_on(kind, tmp_path):
    index, freq, kept = ROWS[kind]
    table = pd.DataFrame({"a": np.arange(40.0) ** 1.5, "b": 3.0 + np.arange(40)}, index)
    windows, model = save(tmp_path / "f.pt", {"freq": freq}, table)
    forecaster = load_forecaster(tmp_path / "f.pt")
    assert forecaster.freq == kept
    expected = windows.to_frame(predict(model, windows.newest()), newest=True)
    assert_same(forecaster.forecast(table), expected)
    early = forecaster.forecast(table[:30])
    assert list(early.index) == list(index[30:32])
    assert list(early["cutoff"]) == [index[29]] * 2


def test_arrays_have_numbered_columns(tmp_path):
    values = torch.as_tensor(TABLE.to_numpy(), dtype=torch.float32)
    windows, model = save(tmp_path / "f.pt", {"target": [2, 0], "known": 1}, values)
    forecaster = load_forecaster(tmp_path / "f.pt")
    future = np.array([[31.0]])
    expected = windows.to_frame(predict(model, windows.newest(future)), newest=True)
    assert list(expected.columns) == ["cutoff", "ahead", 2, 0]
    assert_same(forecaster.forecast(values, future), expected)
    assert_same(forecaster.forecast(pd.DataFrame(values.numpy()), future), expected)


def test_a_scaler_of_an_array_and_one_of_more_columns(tmp_path):
    values = TABLE.to_numpy()
    plain = StandardScaler().fit(values[:60])
    save(tmp_path / "a.pt", {"target": 1}, plain.transform(values), plain)
    more = StandardScaler()
    some = scaled(more, TABLE)[["price", "heat"]]
    save(tmp_path / "b.pt", {"target": "price"}, some, more)
    fewer = StandardScaler()
    some = scaled(fewer, TABLE[["price"]]).join(TABLE["heat"])
    save(tmp_path / "c.pt", {}, some, fewer)
    assert load_forecaster(tmp_path / "a.pt").forecast(values)[1].between(0, 110).all()
    assert load_forecaster(tmp_path / "b.pt").forecast(TABLE)["price"].between(0, 110).all()
    both = load_forecaster(tmp_path / "c.pt").forecast(TABLE)
    assert both["price"].between(0, 110).all()
    assert both["heat"].between(-3, 3).all()  # the scaler doesn't know it


def test_the_file_is_read_by_torch_alone_and_the_rest_is_json(tmp_path):
    scaler = StandardScaler()
    windows, model = save(tmp_path / "f.pt", {"target": "load"}, scaled(scaler, TABLE), scaler)
    file = torch.load(tmp_path / "f.pt", weights_only=True)["forecaster"]
    assert torch.equal(file["weights"]["linear.weight"], model.linear.weight)
    about = json.loads(file["about"])
    assert about["columns"] == ["load", "heat", "price"]
    assert [about["seq_len"], about["horizon"], about["freq"]] == [11, 2, "h"]
    assert np.array(about["scaler"]["numbers"]["mean_"][1]).tolist() == scaler.mean_.tolist()
    x, y = windows[0]
    assert torch.equal(file["tried"]["x"][0], x)


def test_a_model_that_was_changed_is_not_rebuilt_but_taken(tmp_path):
    """Other layers in the place of its own; the same layers, used otherwise."""
    windows, path = Windows(TABLE, 11, target="load"), tmp_path / "f.pt"
    deep = ManyToOneLSTM(3, 5)
    deep.linear = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1))
    save_forecaster(path, deep, windows)
    with pytest.raises(ValueError, match="holds the weights of a ManyToOneLSTM, which is not"):
        load_forecaster(path)
    expected = windows.to_frame(predict(deep, windows.newest()), newest=True)
    assert_same(load_forecaster(path, deep).forecast(TABLE), expected)
    hooked = ManyToOneLSTM(3, 5)
    hooked.linear.register_forward_hook(lambda layer, x, y: y.relu() + 7)
    save_forecaster(path, hooked, windows)
    with pytest.raises(ValueError, match="answers the first window of the training otherwise"):
        load_forecaster(path)
    expected = windows.to_frame(predict(hooked, windows.newest()), newest=True)
    assert_same(load_forecaster(path, hooked).forecast(TABLE), expected)


def test_a_subclass_is_not_rebuilt_as_what_it_is_not(tmp_path):
    class ManyToOneLSTM(lstm_helpers.ManyToOneLSTM):
        pass

    save_forecaster(tmp_path / "f.pt", ManyToOneLSTM(3, 5), Windows(TABLE, 11, target="load"))
    with pytest.raises(ValueError, match="which is not rebuilt from them: pass model="):
        load_forecaster(tmp_path / "f.pt")


class Seer(nn.Module):
    """Reads the known columns of the whole horizon."""

    known_size = 1

    def __init__(self, horizon):
        super().__init__()
        self.horizon, self.linear = horizon, nn.Linear(11 * 3 + horizon, horizon)

    def forward(self, x, future):
        return self.linear(torch.cat((x.flatten(1), future.flatten(1)), dim=1))[..., None]


@pytest.mark.parametrize("gap", [0, 2])
def test_a_model_may_read_what_is_known_of_the_whole_horizon(gap, tmp_path):
    scaler, how = StandardScaler(), {"known": "heat", "target": "load", "gap": gap}
    windows, model = Windows(scaled(scaler, TABLE), 11, 3, **how), Seer(3)
    save_forecaster(tmp_path / "f.pt", model, windows, scaler=scaler)
    tried = torch.load(tmp_path / "f.pt", weights_only=True)["forecaster"]["tried"]
    first = scaler.transform(TABLE)["heat"].to_numpy()[11 + gap : 14 + gap]
    assert tried["future"].tolist() == [[[value] for value in first.astype("float32").tolist()]]
    forecaster = load_forecaster(tmp_path / "f.pt", Seer(3))
    heat = scaler.transform(TABLE[:5].assign(heat=FUTURE["heat"].to_numpy()))["heat"]
    ahead = torch.tensor(heat.to_numpy(), dtype=torch.float32)
    x = windows.newest(heat.set_axis(NEXT).to_frame())
    with torch.no_grad():
        yhat = model(x, ahead[None, gap : gap + 3, None])
    expected = windows.to_frame(inverse_target(scaler, yhat, windows.target), newest=True)
    assert_same(forecaster.forecast(TABLE, FUTURE), expected)
    assert_same(forecaster.forecast(TABLE, FUTURE.to_numpy()), expected)
    assert_same(forecaster.forecast([TABLE], [FUTURE]).drop(columns="series"), expected)
    other = FUTURE.copy()
    other.iloc[gap + 2] += 9
    assert not forecaster.forecast(TABLE, other).equals(expected)


class Counting(nn.Module):
    """Lazy, and with a state of its own that it reads."""

    def __init__(self, times=2.0):
        super().__init__()
        self.times, self.linear = times, nn.LazyLinear(3)

    def forward(self, x):
        return self.linear(x)[:, -1:] * self.times

    def get_extra_state(self):
        return {"times": self.times}

    def set_extra_state(self, state):
        self.times = state["times"]


def test_extra_state_and_layers_without_sizes_are_filled(tmp_path):
    windows, model = Windows(TABLE, 11), Counting(3.5)
    model(windows.newest())
    save_forecaster(tmp_path / "f.pt", model, windows)
    expected = windows.to_frame(predict(model, windows.newest()), newest=True)
    for other in (Counting(), model):
        assert_same(load_forecaster(tmp_path / "f.pt", other).forecast(TABLE), expected)
    with pytest.raises(ValueError, match=r"^weight of the model is without sizes, but in the file"):
        load_forecaster(tmp_path / "f.pt", nn.LazyLinear(3))


@pytest.mark.skipif(
    not hasattr(lstm_helpers, "EncoderDecoderLSTM"), reason="there is no such model here"
)
@pytest.mark.parametrize("known", [None, "heat"])
def test_an_encoder_and_a_decoder_are_rebuilt(known, tmp_path):
    scaler, target = StandardScaler(), ["price", "load"] if known else None
    windows = Windows(scaled(scaler, TABLE), 11, 4, known=known, target=target)
    model = lstm_helpers.EncoderDecoderLSTM(
        *(3, 5, len(windows.target)),
        **{"horizon": 4, "target": windows.target, "known_size": len(windows.known)},
        **{"num_layers": 2, "dropout": 0.3},
    ).eval()
    save_forecaster(tmp_path / "f.pt", model, windows, scaler=scaler)
    ahead = scaler.transform(TABLE[:5].assign(heat=FUTURE["heat"].to_numpy()))[["heat"]]
    given = [torch.tensor(ahead[:4].to_numpy(), dtype=torch.float32)[None]] if known else []
    x = windows.newest(ahead.set_axis(NEXT) if known else None)
    with torch.no_grad():
        yhat = inverse_target(scaler, model(x, *given), windows.target)
    forecaster = load_forecaster(tmp_path / "f.pt")
    came = forecaster.forecast(TABLE, FUTURE if known else None)
    assert_same(came, windows.to_frame(yhat, newest=True))


def test_loading_draws_no_numbers_and_leaves_the_default_dtype(tmp_path):
    save(tmp_path / "f.pt")
    state = torch.get_rng_state()
    torch.set_default_dtype(torch.float64)
    try:
        forecaster = load_forecaster(tmp_path / "f.pt")
    finally:
        torch.set_default_dtype(torch.float32)
    assert {p.dtype for p in forecaster.model.parameters()} == {torch.float32}
    assert torch.equal(torch.get_rng_state(), state)


def test_a_forecaster_can_be_trained_on(tmp_path):
    windows, _ = save(tmp_path / "f.pt")
    model = load_forecaster(tmp_path / "f.pt").model
    records = fit(model, windows, epochs=3, lr=0.01, progress=False).records
    assert records[-1]["train_loss"] < records[0]["train_loss"]


def test_wrong_tables_leave_the_file_and_the_forecaster_as_they_were(tmp_path):
    save(tmp_path / "f.pt")
    content, forecaster = (tmp_path / "f.pt").read_bytes(), load_forecaster(tmp_path / "f.pt")
    expected = forecaster.forecast(TABLE)
    for wrong in (
        TABLE[:5],
        TABLE[::-1],
        TABLE[["load"]],
        TABLE.iloc[::2],
        None,
        [TABLE, TABLE[:3]],
    ):
        with pytest.raises((ValueError, TypeError)):
            forecaster.forecast(wrong)
    assert_same(forecaster.forecast(TABLE), expected)
    assert (tmp_path / "f.pt").read_bytes() == content
