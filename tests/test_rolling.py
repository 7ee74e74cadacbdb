"""`roll_out` against the same meaning written as a loop over the rows of a table."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lstm_helpers import (
    EncoderDecoderLSTM,
    ManyToManyLSTM,
    ManyToOneLSTM,
    Windows,
    predict,
    roll_out,
    rolling,
)

NAMES = ["load", "hour", "wind", "day"]


class EachStep(nn.Module):
    """An output for each step of the window, and no `step` to carry the state along."""

    def __init__(self, *sizes):
        super().__init__()
        self.inner = ManyToManyLSTM(*sizes)

    def forward(self, x):
        return self.inner(x)


def many_to_one(size, targets, seq, horizon, **roles):
    return ManyToOneLSTM(size, 5, len(targets), horizon=horizon)


def as_long_as_the_window(size, targets, seq, horizon, **roles):
    return ManyToOneLSTM(size, 5, len(targets), horizon=seq)


def many_to_many(size, targets, seq, horizon, **roles):
    return ManyToManyLSTM(size, 5, len(targets), num_layers=2)


def each_step(size, targets, seq, horizon, **roles):
    return EachStep(size, 5, len(targets))


def encoder_decoder(size, targets, seq, horizon, **roles):
    return EncoderDecoderLSTM(size, 5, len(targets), horizon=horizon, target=targets)


def with_known(size, targets, seq, horizon, known):
    """The decoder reads them at every step, too."""
    return EncoderDecoderLSTM(
        size, 5, len(targets), horizon=horizon, target=targets, known_size=len(known)
    )


MODELS = [
    many_to_one,
    as_long_as_the_window,
    many_to_many,
    each_step,
    encoder_decoder,
    with_known,
]


def rolled_by_hand(make, model, rows, cut, seq, steps, target, known):
    """Forecasts of the rows from `cut` on; of all these rows only the known columns are read."""
    seen = rows[:cut].clone()
    while len(seen) < cut + steps:
        x = seen.clone()
        x[:, known] = rows[1 : len(seen) + 1, known]
        start = cut - seq if make is many_to_many else len(seen) - seq
        inputs = [x[None, start:]]
        if make is with_known and known:
            inputs.append(rows[None, len(seen) : len(seen) + model.horizon, known])
        (yhat,) = model(*inputs)
        if make in (many_to_many, each_step):
            yhat = yhat[-1:]
        new = torch.full((len(yhat), rows.shape[1]), torch.nan, dtype=rows.dtype)
        new[:, target] = yhat
        new[:, known] = rows[len(seen) : len(seen) + len(yhat), known]
        seen = torch.cat((seen, new))
    return seen[cut : cut + steps, target]


roles = st.sampled_from(
    [([0], []), ([1, 0], []), ([0], [1]), ([2, 0], [1]), ([1], [3, 0, 2]), ([3, 1, 2], [0])]
)


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
@given(roles, st.integers(2, 6), st.integers(2, 5), st.integers(1, 9), st.integers(1, 3))
def test_equals_the_loop_over_rows(make, roles, seq, horizon, steps, batch):
    target, known = roles
    size = len(target) + len(known)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model = make(size, target, seq, horizon, known=known).double().eval()
        table = torch.rand(seq + batch + 2 * (steps + horizon + seq), size).double()
    cuts = [seq + n for n in range(batch)]
    with torch.no_grad():
        by_hand = torch.stack(
            [rolled_by_hand(make, model, table, c, seq, steps, target, known) for c in cuts]
        )

    x = torch.stack([table[c - seq : c] for c in cuts])
    x[:, :, known] = torch.stack([table[c - seq + 1 : c + 1, known] for c in cuts])
    future = torch.stack([table[c + 1 : c + steps, known] for c in cuts]) if known else None
    given = {"target": target, "known": known, "future": future}
    torch.testing.assert_close(roll_out(model, x, steps, **given), by_hand)

    if known:
        how = {"target": target, "known": known, "dtype": torch.float64}
        windows = Windows(table[: cuts[-1] + steps], seq, steps, **how)
        assert len(windows) == batch
        torch.testing.assert_close(roll_out(model, windows, steps), by_hand)
        newest = Windows(table[: cuts[-1]], seq, 1, **how) if batch > 1 else windows
        if batch > 1:
            x = newest.newest(table[cuts[-1] :])
            given = {"target": newest.target, "known": newest.known, "future": future[-1:]}
            torch.testing.assert_close(roll_out(model, x, steps, **given), by_hand[-1:])


@pytest.fixture
def many():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return ManyToManyLSTM(2, 5, num_layers=2, dropout=0.5)


@pytest.fixture
def direct():
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return ManyToOneLSTM(2, 5, horizon=4)


X, FUTURE = torch.rand(3, 7, 2), torch.rand(3, 9, 1)


def test_a_state_is_carried_one_step_for_each_forecast(many, monkeypatch):
    """Counted, not timed."""
    read = []
    layer = many.lstm.forward
    monkeypatch.setattr(many.lstm, "forward", lambda x, s: read.append(len(x[0])) or layer(x, s))
    roll_out(many, X, 10, known=1, future=FUTURE)
    assert read == [7, *[1] * 9]


def test_several_steps_are_forecast_in_blocks(direct, monkeypatch):
    read = []
    layer = direct.lstm.forward
    monkeypatch.setattr(direct.lstm, "forward", lambda x: read.append(len(x[0])) or layer(x))
    result = roll_out(direct, X, 10, known=1, future=FUTURE)
    assert read == [7, 7, 7]
    torch.testing.assert_close(result[:, :4], predict(direct, X))


def test_fewer_steps_are_the_first_ones(many, direct):
    for model in (many, direct):
        longer = roll_out(model, X, 10, known=1, future=FUTURE)
        for steps in (1, 3, 4, 5):
            shorter = roll_out(model, X, steps, known=1, future=FUTURE)
            assert torch.equal(shorter, longer[:, :steps])


def test_the_future_begins_with_the_second_forecast(many):
    before = roll_out(many, X, 10, known=1, future=FUTURE)
    for step in range(9):
        other = FUTURE.clone()
        other[1, step] += 1
        changed = roll_out(many, X, 10, known=1, future=other) != before
        assert changed[1, :, 0].tolist() == [False] * (step + 1) + [True] * (9 - step)
        assert not changed[[0, 2]].any()


def test_what_lies_after_the_windows_is_not_read_but_for_the_known_columns(many):
    rows = pd.DataFrame(torch.rand(20, 2).double().numpy(), pd.date_range("2024-02-27", periods=20))
    before = roll_out(many, Windows(rows, 7, 10, known=1, stride=20), 10)
    rows.iloc[7:, 0] = 2.0 ** np.arange(13)
    assert torch.equal(roll_out(many, Windows(rows, 7, 10, known=1, stride=20), 10), before)


def test_windows_of_several_series_with_gaps(many):
    dates = pd.date_range("2024-02-27", periods=40, freq="h")
    rows = pd.DataFrame(torch.rand(40, 2).numpy(), dates, NAMES[:2])
    windows = Windows([rows.drop(dates[17]), rows[:15] + 1], 7, 6, known="hour", freq="h")
    expected = []
    for i in range(len(windows)):
        series, x_rows, y_rows = windows.place(i)
        table = [rows.drop(dates[17]), rows[:15] + 1][series]
        hours = torch.tensor(table["hour"].to_numpy()[y_rows][1:])
        future = hours[None, :, None]
        expected.append(roll_out(many, windows[i][0][None], 6, known=1, future=future))
    torch.testing.assert_close(roll_out(many, windows, 6), torch.cat(expected))
    longer = torch.rand(len(windows), 8, 1)
    torch.testing.assert_close(
        roll_out(many, windows, 9, future=longer),
        roll_out(many, torch.cat([x[None] for x, _ in windows]), 9, known=1, future=longer),
    )


def test_the_forecasts_of_windows_get_their_dates():
    rows = pd.DataFrame({"load": np.arange(30.0)}, pd.date_range("2024-02-27", periods=30))
    windows = Windows(rows, 7, 5)
    table = windows.to_frame(roll_out(ManyToOneLSTM(1, 3), windows, 5))
    assert table["ahead"].tolist() == [1, 2, 3, 4, 5] * len(windows)


def test_some_windows_at_a_time(many, direct, monkeypatch):
    x, future = torch.rand(8, 7, 2), torch.rand(8, 9, 1)
    windows = Windows(torch.rand(20, 2), 7, 5, known=1)
    for model in (many, direct):
        whole = roll_out(model, x, 10, known=1, future=future), roll_out(model, windows, 5)
        with monkeypatch.context() as patch:
            patch.setattr(rolling, "rows_at_once", lambda model, row: 3)
            parts = roll_out(model, x, 10, known=1, future=future), roll_out(model, windows, 5)
        torch.testing.assert_close(parts, whole)


def test_everything_is_as_before(many):
    many.train()
    many.lstm.eval()
    x, future, numbers = X.clone(), FUTURE.clone(), torch.get_rng_state()
    result = roll_out(many, x, 10, known=1, future=future)
    assert not result.requires_grad
    assert torch.equal(result, roll_out(many, x, 10, known=1, future=future))
    assert (many.training, many.lstm.training, many.linear.training) == (True, False, True)
    assert torch.equal(x, X)
    assert torch.equal(future, FUTURE)
    assert torch.equal(torch.get_rng_state(), numbers)


def test_a_model_that_writes_to_its_window_changes_nothing(direct):
    class Centred(nn.Module):
        def forward(self, x):
            return direct(x.sub_(3))

    class Apart(nn.Module):
        def forward(self, x):
            return direct(x - 3)

    x = X.clone()
    given = {"known": 1, "future": FUTURE}
    assert torch.equal(roll_out(Centred(), x, 10, **given), roll_out(Apart(), x, 10, **given))
    assert torch.equal(x, X)


def test_a_model_for_windows_of_one_length_forecasts_as_many_steps_at_once():
    x = torch.rand(3, 7, 1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(7, 7), nn.Unflatten(1, (7, 1)))
    first = model(x)
    expected = torch.cat((first, model(first)), dim=1)[:, :12].detach()
    torch.testing.assert_close(roll_out(model, x, 12), expected)


@pytest.mark.parametrize("kind", [np.asarray, torch.Tensor.double, torch.Tensor.tolist])
def test_the_future_may_be_any_numbers(many, kind):
    expected = roll_out(many, X, 10, known=1, future=FUTURE)
    assert torch.equal(roll_out(many, X, 10, known=1, future=kind(FUTURE)), expected)


def test_a_flat_series_that_grows_by_a_rule_goes_on_by_it():
    """x + 1 for each step, known exactly."""

    class Next(nn.Module):
        def step(self, x, state):
            return x + 1, None

    x = torch.arange(12.0).reshape(2, 6, 1)
    assert roll_out(Next(), x, 4).squeeze(2).tolist() == [[6, 7, 8, 9], [12, 13, 14, 15]]
