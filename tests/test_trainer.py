"""`fit` and `predict`: what they learn, what they leave alone, and what they refuse."""

import random

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.preprocessing import MinMaxScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from training import make_model, quietly, sine_windows, weights

from lstm_helpers import (
    History,
    ManyToOneLSTM,
    Windows,
    fit,
    last_value,
    load_flights,
    predict,
    split_by_time,
)


def test_it_learns_a_sine():
    train, val = sine_windows(0, 90), sine_windows(78)
    model = make_model()
    history = quietly(
        model, train.loader(16, shuffle=True), val.loader(), epochs=60, lr=0.01, clip_norm=None
    )
    naive = (last_value(val.x) - val.y).square().mean()
    error = (predict(model, val.x) - val.y).square().mean()
    assert error < 0.2 * naive
    assert error.item() == pytest.approx(min(r["val_loss"] for r in history.records))
    assert history.records[-1]["steps"] == 60 * 5


def test_one_seed_gives_the_same_weights_bit_for_bit():
    loader = sine_windows().loader(16, shuffle=True)
    models = [make_model() for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        quietly(model, loader, seed=seed)
    assert torch.equal(weights(models[0]), weights(models[1]))
    assert not torch.equal(weights(models[0]), weights(models[2]))  # dropout differs


@pytest.mark.parametrize("kind", ["windows", "torch"])
def test_random_state_and_loaders_are_left_alone(kind):
    windows = sine_windows()
    if kind == "windows":
        loader = windows.loader(16, shuffle=True)
        own = loader.generator.get_state()
    else:  # torch's own loader draws from the global generator
        loader = DataLoader(TensorDataset(windows.x, windows.y), 16, shuffle=True)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    quietly(make_model(), loader, loader)
    predict(make_model(), windows.loader())
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]
    if kind == "windows":
        assert torch.equal(loader.generator.get_state(), own)


def test_early_stopping_restores_the_best_weights():
    """Training on another series than validation makes the validation loss rise at once."""
    windows = sine_windows()
    batches, val = (
        [(windows.x, windows.y)],
        [(windows.x, windows.y * 0 + predict(make_model(), windows.x))],
    )
    model = make_model()
    history = quietly(model, batches, val, epochs=50, patience=4, lr=0.01)
    losses = history.to_frame()["val_loss"]
    assert history.best_epoch == losses.idxmin() == 1
    assert len(history.records) == 1 + 4
    reached = (predict(model, windows.x) - val[0][1]).square().mean().item()
    assert reached == pytest.approx(losses.min())


def test_without_validation_data_the_last_weights_stay():
    loader = sine_windows().loader(16)
    long, short = make_model(), make_model()
    quietly(long, loader, epochs=4)
    history = quietly(short, loader, epochs=2)
    assert history.best_epoch == 2
    assert not torch.equal(weights(long), weights(short))


def test_clipping_bounds_the_gradient():
    windows = sine_windows()
    norms = {}
    for clip in (None, 0.01):
        model = make_model()
        quietly(model, [(windows.x, windows.y * 100)], epochs=1, clip_norm=clip)
        norms[clip] = torch.stack([p.grad.norm() for p in model.parameters()]).norm().item()
    assert norms[None] > 1
    assert norms[0.01] == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_modes_are_given_back_part_by_part(training):
    model = make_model().train(training)
    model.linear.train(not training)
    loader = sine_windows().loader()
    quietly(model, loader, loader)
    predict(model, loader)
    assert (model.training, model.linear.training) == (training, not training)


def test_predict_does_not_depend_on_how_the_windows_come():
    windows, model = sine_windows(), make_model()
    expected = model.eval()(windows.x).detach()
    for data in (windows.x, windows.loader(7), [(windows.x, None)], [windows.x]):
        result = predict(model, data)
        assert not result.requires_grad
        torch.testing.assert_close(result, expected)


def test_other_batches_through_forward():
    windows = sine_windows()
    parts = {"a": windows.x, "b": windows.y}
    history = quietly(
        make_model(), [(parts,)], forward=lambda model, d: (model(d["a"]), d["b"]), epochs=2
    )
    assert len(history.records) == 2


def test_class_targets_and_other_losses_are_no_false_alarm():
    windows = sine_windows()
    classes = (windows.y[:, 0, 0] > 0).long()
    model = nn.Sequential(make_model(output_size=2), nn.Flatten())  # (batch, classes)
    quietly(model, [(windows.x, classes)], loss_fn=nn.CrossEntropyLoss())
    quantiles = make_model(output_size=3)  # (batch, 1, quantile) against (batch, 1, 1)
    quietly(quantiles, [(windows.x, windows.y)], loss_fn=lambda yhat, y: (yhat - y).abs().mean())


def test_an_optimizer_of_ones_own_is_used():
    windows = sine_windows()
    model, by_hand = make_model(), make_model()
    quietly(
        model.eval(),
        [(windows.x, windows.y)],
        epochs=1,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.1),
        clip_norm=None,
        seed=3,
    )
    torch.manual_seed(3)
    by_hand.train()
    nn.functional.mse_loss(by_hand(windows.x), windows.y).backward()
    with torch.no_grad():
        for p in by_hand.parameters():
            p -= 0.1 * p.grad
    torch.testing.assert_close(weights(model), weights(by_hand))


def test_what_comes_after_the_cut_changes_nothing_before_it():
    """Poison the future: splits, windows, and fitted weights stay the same to the bit."""
    fitted = []
    for poison in (1.0, 1e9, np.nan):
        table = load_flights().astype(float) / 100
        table.iloc[-24:] *= poison
        train, _, _ = split_by_time(table, val=12, test=12, context=12)
        windows = Windows(train, 12, dtype=torch.float64)
        model = make_model()
        quietly(model, windows.loader(shuffle=True))
        fitted.append(weights(model))
    assert torch.equal(fitted[0], fitted[1])
    assert torch.equal(fitted[0], fitted[2])


def test_poison_after_the_cut_reaches_nothing_before_it():
    """Split, scaler, windows with gaps and known columns, weights, forecasts and their dates."""
    hours = pd.date_range("2024", periods=90, freq="h")
    values = np.sin(np.arange(270.0).reshape(90, 3) / 7)
    outcomes = []
    for poison in (1.0, -1e5, np.nan):
        table = pd.DataFrame(values, hours, ["a", "hour", "b"])
        table.iloc[60:] *= poison
        table.iloc[61:, 1] = poison  # of the known column, the row after the cut may be read
        table.iloc[60, 1] = 0.25
        parts = [table.drop(hours[[20, 33]]), table]
        trains, vals, _ = split_by_time(parts, val=20, test=10, context=0)
        scaler = MinMaxScaler().set_output(transform="pandas").fit(pd.concat(trains))
        how = {"target": ["b", "a"], "known": "hour", "freq": "h", "dtype": torch.float64}
        windows = Windows([scaler.transform(one) for one in trains], 7, 2, gap=1, **how)
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            model = ManyToOneLSTM(3, 4, 2, horizon=2).double()
        quietly(model, windows)
        future = [one[["hour"]] for one in vals]
        newest = windows.newest(future)
        yhat = predict(model, newest)
        tables = windows.to_frame(windows[:][1]), windows.to_frame(yhat, newest=True)
        outcomes.append(([weights(model), newest, yhat, *windows[:]], [scaler.data_max_, *tables]))
    assert [len(one) for one in trains] == [58, 60]
    for tensors, tables in outcomes[1:]:
        assert all(map(torch.equal, tensors, outcomes[0][0]))
        assert np.array_equal(tables[0], outcomes[0][1][0])
        for got, expected in zip(tables[1:], outcomes[0][1][1:], strict=True):
            pd.testing.assert_frame_equal(got, expected, check_exact=True)


@pytest.mark.parametrize(
    ("progress", "variable", "shown"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_the_bar_can_be_switched_off(progress, variable, shown, monkeypatch, capsys):
    monkeypatch.setenv("TQDM_DISABLE", variable)
    fit(make_model(), sine_windows().loader(), epochs=2, progress=progress)
    assert ("2/2" in capsys.readouterr().err) == shown


def test_history_says_what_was_kept():
    history = quietly(make_model(), sine_windows().loader(), sine_windows().loader(), epochs=2)
    table = history.to_frame()
    assert list(table.columns) == ["steps", "train_loss", "val_loss"]
    assert table.index.tolist() == [1, 2]
    assert repr(history).startswith("History: 2 epochs, 8 optimizer steps, weights of epoch 2 (")
    assert repr(History()) == "History: 0 epochs"


def test_the_mean_loss_weighs_a_small_last_batch_less():
    windows = sine_windows()
    model = make_model()
    expected = (predict(model, windows.x) - windows.y).square().mean().item()
    loader = windows.loader(100)  # 100 windows and a batch of 8
    history = quietly(model, loader, loader, epochs=1, lr=1e-300)
    assert history.records[0]["val_loss"] == pytest.approx(expected)
