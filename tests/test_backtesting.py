"""A backtest against a plain loop, and against a future that is replaced."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from lstm_helpers import (
    ManyToOneLSTM,
    Windows,
    backtest,
    fit,
    inverse_target,
    last_value,
    load_flights,
    load_nyc_departures,
    predict,
    seasonal_naive,
)


def drawn(rows, seed=0, names=("load", "hour", "temp")):
    values = np.random.default_rng(seed).uniform(1, 2, (rows, len(names)))
    return pd.DataFrame(values, pd.date_range("2024-02-27", periods=rows, freq="h"), list(names))


KINDS = {
    "frame": lambda table: table,
    "column": lambda table: table["load"],
    "array": lambda table: table.to_numpy(),
    "one variable": lambda table: table["load"].to_numpy(),
    "tensor": lambda table: torch.tensor(table.to_numpy()),
}


@given(
    kind=st.sampled_from(sorted(KINDS)),
    listed=st.booleans(),
    horizon=st.integers(1, 4),
    known=st.booleans(),
    rows=st.sets(st.integers(0, 15), min_size=1, max_size=5),
    negative=st.booleans(),
)
def test_it_is_the_loop_over_origins(kind, listed, horizon, known, rows, negative):
    several_columns = kind in ("frame", "array", "tensor")
    known = [1] if known and several_columns else []
    target = [at for at in range(3 if several_columns else 1) if at not in known]
    tables = [KINDS[kind](drawn(20, 0)), KINDS[kind](drawn(20, 1))][: 1 + listed]
    asked = []

    def one(history, horizon, future):
        assert type(history) is type(tables[0])
        asked.append((len(history), None if future is None else np.asarray(future)))
        values = np.asarray(history).reshape(len(history), -1)
        total = values.sum() if future is None else values.sum() + np.asarray(future).sum()
        return total * (1 + np.arange(horizon * len(target)).reshape(horizon, -1))

    def forecast(history, horizon, future):
        if not listed:
            return one(history, horizon, future)
        futures = future or [None] * len(history)
        return [one(h, horizon, f) for h, f in zip(history, futures, strict=True)]

    result = backtest(
        tables if listed else tables[0],
        forecast,
        origins=[row - 20 if negative else row for row in rows],
        horizon=horizon,
        known=known,
    )

    expected = []
    for row in sorted(rows):
        for number, table in enumerate(tables):
            values = np.asarray(table).reshape(20, -1)
            index = table.index if hasattr(table, "iloc") else pd.RangeIndex(20)
            after = values[row + 1 : row + 1 + horizon, known]
            total = values[: row + 1].sum() + after.sum()
            length, future = asked.pop(0)
            assert length == row + 1
            if known:
                np.testing.assert_array_equal(future, after)
            else:
                assert future is None
            for step in range(horizon):
                yhat = total * (1 + step * len(target) + np.arange(len(target)))
                expected.append(
                    (index[row + 1 + step], index[row], step + 1, *[number] * listed, *yhat)
                )
    names = (
        ["load", "hour", "temp"] if kind == "frame" else ["load"] if kind == "column" else range(3)
    )
    named = [names[at] for at in target]
    assert list(result.columns) == ["cutoff", "ahead", *["series"] * listed, *named]
    got = list(result.itertuples(name=None))
    assert [row[: 3 + listed] for row in got] == [row[: 3 + listed] for row in expected]
    np.testing.assert_allclose(
        np.array([row[3 + listed :] for row in got]),
        np.array([row[3 + listed :] for row in expected]),
        rtol=1e-12,
    )


def trained(history, horizon, future):
    """Scale, cut windows, train, forecast and scale back, with the hour known ahead."""
    scaler = StandardScaler().fit(history)
    scaled = history.copy()
    scaled[:] = scaler.transform(history)
    windows = Windows(scaled, 7, horizon, target="load", known="hour")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = ManyToOneLSTM(3, 5, horizon=horizon)
    fit(model, windows, epochs=3, seed=5, device="cpu", progress=False)
    after = pd.DataFrame(0.0, future.index, history.columns)
    after["hour"] = future["hour"]
    after[:] = scaler.transform(after)
    yhat = predict(model, windows.newest(after[["hour"]]))
    return windows.to_frame(inverse_target(scaler, yhat, windows.target), newest=True)


POISONS = {
    "NaN": lambda values: np.full_like(values, np.nan),
    "infinity": lambda values: np.full_like(values, np.inf),
    "numbers": lambda values: np.random.default_rng(9).normal(1e6, 1e9, values.shape),
}


@pytest.mark.parametrize("poison", POISONS)
def test_what_comes_after_an_origin_changes_no_bit_of_its_forecast(poison):
    """Trained anew at each origin, with all replaced that is not known ahead."""
    table, horizon = drawn(60), 4
    how = {"horizon": horizon, "known": "hour"}
    origins = [30, 41, 47]
    clean = backtest(table, trained, origins=origins, **how)
    assert len(clean) == len(origins) * horizon
    for origin in origins:
        wrong = table.copy()
        for column in table:
            begin = origin + 1 + (horizon if column == "hour" else 0)
            wrong.iloc[begin:, table.columns.get_loc(column)] = POISONS[poison](
                table[column].to_numpy()[begin:]
            )
        before = [each for each in origins if each <= origin]
        result = backtest(wrong, trained, origins=before, **how)
        expected = clean[: len(before) * horizon]
        assert result["load"].to_numpy().tobytes() == expected["load"].to_numpy().tobytes()
        pd.testing.assert_frame_equal(result, expected, check_freq=False)


def test_a_forecast_that_is_given_the_whole_table_would_be_found():
    """What the test above finds, where a forecaster has kept more than it is handed."""
    table = drawn(60)

    def cheat(history, horizon, future):
        return table["load"].iloc[len(history) : len(history) + horizon]

    clean = backtest(table, cheat, origins=[30], horizon=3)
    table.iloc[31:] = 7.0
    assert not clean.equals(backtest(table, cheat, origins=[30], horizon=3))


def owners(array):
    """The arrays whose memory it reaches."""
    while array is not None:
        if isinstance(array, np.ndarray):
            yield array
        array = getattr(array, "base", None)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_handed_over_reaches_nothing_after_it_and_may_be_written_to(kind):
    table, known = KINDS[kind](drawn(20)), "column" not in kind and "variable" not in kind
    before = np.asarray(table).copy()

    def forecast(history, horizon, future):
        for part in (history, future):
            if part is None:
                continue
            if isinstance(part, torch.Tensor):
                assert part.untyped_storage().nbytes() == part.nbytes
            else:
                whole = np.asarray(table)
                for array in owners(part.to_numpy() if hasattr(part, "iloc") else part):
                    assert array.size <= part.size
                    assert not np.shares_memory(array, whole)
                if hasattr(part, "index"):
                    assert all(array.size <= len(part) for array in owners(part.index.asi8))
            writable = part.iloc if hasattr(part, "iloc") else part
            writable[:] = -1.0
        return np.ones((horizon, 2 if known else 1))

    backtest(table, forecast, origins=[4, 9], horizon=3, known=[1] if known else ())
    np.testing.assert_array_equal(np.asarray(table), before)


TEXT = load_flights().set_axis(load_flights().index.strftime("%d.%m.%Y"))
DECEMBER = pd.Timestamp("1958-12-01")
PERIODS = load_flights().to_period()


@pytest.mark.parametrize(
    ("table", "origin"),
    [
        (load_flights(), "1958-12"),
        (load_flights(), "1958-12-01"),
        (load_flights(), DECEMBER),
        (load_flights(), date(1958, 12, 1)),
        (load_flights(), np.datetime64("1958-12-01")),
        (load_flights(), -25),
        (load_flights(), torch.tensor(119)),
        (PERIODS, pd.Period("1958-12")),
        (PERIODS, "1958-12"),
        (TEXT, "01.12.1958"),
        (load_flights().set_axis(load_flights().index.strftime("%Y/%m/%d")), DECEMBER),
        (load_flights().set_axis(load_flights().index.date), "1958-12-01"),
        (load_flights().set_axis(load_flights().index.date), date(1958, 12, 1)),
        (load_flights().tz_localize("Europe/Berlin"), "1958-12-01"),
    ],
    ids=lambda part: str(part)[:20],
)
def test_an_origin_is_found_whatever_it_is_and_whatever_holds_the_dates(table, origin):
    for origins in (origin, [origin]):
        result = backtest(
            table, lambda h, horizon, _: last_value(h, horizon), origins=origins, horizon=2
        )
        assert list(result.index) == list(table.index[120:122])
        assert list(result["cutoff"]) == [table.index[119]] * 2
        assert result["passengers"].tolist() == [337, 337]


def test_a_date_cuts_all_tables_of_a_list_at_the_same_time():
    early, late = drawn(20), drawn(20, 1).shift(3, "h")
    ends = []

    def forecast(histories, horizon, futures):
        ends.append([history.index[-1] for history in histories])
        return torch.ones(2, horizon, 3)

    origin = early.index[9]
    result = backtest([early, late], forecast, origins=[origin], horizon=2)
    assert ends == [[origin, origin]]
    assert result["series"].tolist() == [0, 0, 1, 1]
    assert list(result.index) == [early.index[10], early.index[11]] * 2


def test_origins_are_taken_in_order_of_time():
    lengths = []

    def forecast(history, horizon, future):
        lengths.append(len(history))
        return last_value(history, horizon)

    backtest(drawn(20), forecast, origins=[9, -13, "2024-02-27 03:00"], horizon=2)
    assert lengths == [4, 8, 10]


def test_the_layout_is_that_of_windows():
    table = load_flights()
    windows = Windows(table, 12, 3, dtype=torch.float64)
    ours = backtest(
        table,
        lambda h, horizon, _: seasonal_naive(h, 12, horizon),
        origins=range(11, 141),
        horizon=3,
    )
    theirs = windows.to_frame(seasonal_naive(windows, 12))
    pd.testing.assert_frame_equal(ours.astype({"passengers": float}), theirs, check_freq=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda windows, yhat, due: windows.to_frame(yhat, newest=True),
        lambda windows, yhat, due: pd.Series(yhat[0, :, 0], due, name="load"),
        lambda windows, yhat, due: pd.Series(yhat[0, :, 0], range(10, 13), name="load"),
        lambda windows, yhat, due: pd.DataFrame({"load": yhat[0, :, 0]}),
    ],
)
def test_a_forecast_names_its_targets(make):
    table = drawn(20)

    def forecast(history, horizon, future):
        windows = Windows(history, 5, horizon, target="load")
        return make(windows, np.full((1, horizon, 1), 2.5), table.index[10:13])

    result = backtest(table, forecast, origins=[9], horizon=3)
    assert list(result.columns) == ["cutoff", "ahead", "load"]
    assert result["load"].tolist() == [2.5] * 3
    assert list(result.index) == list(table.index[10:13])


def test_a_list_may_be_answered_as_one_table():
    tables = [drawn(20), drawn(25, 1)]

    def forecast(histories, horizon, futures):
        windows = Windows(histories, 5, horizon, target=["temp", "load"], dtype=torch.float64)
        return windows.to_frame(last_value(windows.newest()[..., windows.target.at], horizon), True)

    result = backtest(tables, forecast, origins=[8, 11], horizon=2)
    assert list(result.columns) == ["cutoff", "ahead", "series", "temp", "load"]
    for row in result.itertuples():
        known = tables[row.series].loc[row.cutoff]
        assert (row.temp, row.load) == (known["temp"], known["load"])


def test_rows_that_are_not_regular_keep_their_dates():
    table = load_nyc_departures()[["dep_delay"]]
    result = backtest(
        table, lambda h, horizon, _: seasonal_naive(h, 19, horizon), origins=[18, 36], horizon=4
    )
    assert list(result.index) == [*table.index[19:23], *table.index[37:41]]


def test_an_error_of_the_forecast_says_which_origin_it_was():
    def forecast(history, horizon, future):
        if len(history) > 100:
            raise ZeroDivisionError("too long")
        return last_value(history, horizon)

    with pytest.raises(ZeroDivisionError, match="too long") as caught:
        backtest(load_flights(), forecast, origins=["1955-12", "1958-12"], horizon=2)
    assert caught.value.__notes__ == ["backtest: raised by forecast for the origin 1958-12-01."]


def test_the_bar_counts_origins(monkeypatch):
    seen = []

    class Bar:
        def __init__(self, **how):
            seen.append((how["desc"], how["total"]))

        def update(self):
            seen.append("origin")

        def close(self):
            seen.append("closed")

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TQDM_DISABLE", "0")
    backtest(
        load_flights(), lambda h, horizon, _: last_value(h, horizon), origins=[3, 5], horizon=1
    )
    assert seen == [("backtest", 2), "origin", "origin", "closed"]
