"""`EncoderDecoderLSTM` against the same semantics, written as a loop over cells."""

from inspect import signature

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_many_to_many import cells_of
from torch import nn

from lstm_helpers import EncoderDecoderLSTM, Windows, fit, load_flights, predict

sizes = st.fixed_dictionaries(
    {
        "batch": st.integers(1, 5),
        "seq": st.integers(1, 9),
        "hidden": st.integers(1, 6),
        "layers": st.integers(1, 3),
        "horizon": st.integers(1, 7),
        "known": st.integers(0, 3),
        "target": st.sampled_from([[0], [2], [1, 0], [2, 0, 1]]),
    }
)


def drawn(batch, seq, hidden, layers, horizon, known, target):
    """A model of three features, and x, future and y to go with it, in float64."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        how = {"horizon": horizon, "target": target, "known_size": known, "num_layers": layers}
        model = EncoderDecoderLSTM(3, hidden, len(target), **how).double()
        x = torch.randn(batch, seq, 3).double()
        future = torch.randn(batch, horizon, known).double() if known else None
        return model, x, future, torch.randn(batch, horizon, len(target)).double()


def by_cells(model, x, future, y=None):
    """Layer by layer, step by step; what the decoder reads is y where it is given."""

    def step(cells, states, h):
        for i, cell in enumerate(cells):
            states[i] = cell(h, states[i])
            h = states[i][0]
        return h

    cells = cells_of(model.encoder)
    states = [None] * len(cells)
    for x_t in x.unbind(1):
        step(cells, states, x_t)
    cells, before, forecasts = cells_of(model.decoder), x[:, -1, model.target], []
    for t in range(model.horizon):
        reads = before if future is None else torch.cat((before, future[:, t]), dim=1)
        h = step(cells, states, reads)
        forecasts.append(h @ model.linear.weight.T + model.linear.bias)
        before = forecasts[-1] if y is None else y[:, t]
    return torch.stack(forecasts, dim=1)


@given(sizes)
def test_equals_a_loop_over_steps_and_cells(sizes):
    model, x, future, y = drawn(**sizes)
    torch.testing.assert_close(model(x, future), by_cells(model, x, future))
    torch.testing.assert_close(model(x, future, y), by_cells(model, x, future, y))


@given(sizes)
def test_a_teacher_that_says_what_the_model_says_changes_nothing(sizes):
    model, x, future, _ = drawn(**sizes)
    forecasts = model(x, future)
    torch.testing.assert_close(model(x, future, forecasts.detach()), forecasts)


@pytest.fixture
def case():
    return drawn(batch=4, seq=9, hidden=5, layers=2, horizon=6, known=2, target=[2])


def test_in_evaluation_no_teacher_is_listened_to(case):
    model, x, future, y = case
    assert not torch.equal(model(x, future, y), model(x, future))
    model.eval()
    assert torch.equal(model(x, future, y), model(x, future))


def test_a_forecast_has_seen_y_before_it_and_the_known_columns_up_to_it(case):
    model, x, future, y = case
    future, y = future.requires_grad_(), y.requires_grad_()
    for t in range(6):
        forecast = model(x, future, y)[:, t].sum()
        of_future, of_y = torch.autograd.grad(forecast, (future, y), allow_unused=True)
        for seen, gradient in ((t + 1, of_future), (t, of_y)):
            assert (gradient[:, :seen] != 0).all()
            assert (gradient[:, seen:] == 0).all()


X, BASE = torch.rand(5, 12, 3), {"input_size": 3, "hidden_size": 4, "target": [1], "num_layers": 2}
# argument -> a value of its own, what it needs beside it, its default, and where it is seen
SEEN = {
    "input_size": (2, {}, None, lambda model: model.encoder.weight_ih_l0.shape[1]),
    "hidden_size": (7, {}, None, lambda model: model.decoder.weight_hh_l1.shape[1]),
    "output_size": (2, {"target": [1, 0]}, 1, lambda model: model(X).shape[2]),
    "horizon": (9, {}, 1, lambda model: model(X).shape[1]),
    "target": ([2], {}, None, lambda model: model.target),
    "known_size": (6, {}, 0, lambda model: model.decoder.input_size - 1),
    "num_layers": (3, {}, None, lambda model: len(model.encoder(X)[1][0])),
    "dropout": (0.4, {}, 0.0, lambda model: noise(model, X)),
}


def noise(model, x):
    """Both layers', which is seen in training mode alone: there two answers differ."""
    same = torch.equal(model(x), model(x))
    return 0.0 if same else model.encoder.dropout if model.decoder.dropout else None


@pytest.mark.parametrize("argument", signature(EncoderDecoderLSTM).parameters)
def test_every_argument_shows_in_what_the_model_does(argument):
    value, needs, default, seen = SEEN[argument]
    assert seen(EncoderDecoderLSTM(**BASE | needs | {argument: value})) == value
    if argument not in BASE:
        assert seen(EncoderDecoderLSTM(**BASE)) == default != value
        assert signature(EncoderDecoderLSTM).parameters[argument].default == default


def test_where_all_features_are_targets_none_has_to_be_named():
    assert EncoderDecoderLSTM(3, 4, 3).target == [0, 1, 2]


@pytest.mark.parametrize("taught", [False, True])
def test_everything_learns(case, taught):
    model, x, future, y = case
    nn.functional.mse_loss(model(x, future, y if taught else None), y).backward()
    assert all((p.grad != 0).any() for p in model.parameters())


def test_the_future_of_windows_lines_up_with_their_targets():
    table = load_flights() / 100
    table["month"] = table.index.month / 12
    windows = Windows(table, 24, 6, target="passengers")
    future = Windows(table, 24, 6, target="month").y
    assert future.shape == (len(windows), 6, 1)
    torch.manual_seed(0)
    model = EncoderDecoderLSTM(2, 7, horizon=6, target=windows.target, known_size=1)
    batches = [(windows.x, future, windows.y)]

    def forward(model, x, future, y):
        return model(x, future, y), y

    history = fit(model, batches, epochs=30, lr=0.01, forward=forward, progress=False)
    assert history.records[-1]["train_loss"] < history.records[0]["train_loss"] / 4
    yhat = predict(model, [(windows.x, future)], forward=lambda model, *given: model(*given))
    torch.testing.assert_close(yhat, model.eval()(windows.x, future).detach())
