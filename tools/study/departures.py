"""The delay of the next hour: an LSTM and boosted trees on the same information.

    python tools/study/departures.py choose
    python tools/study/departures.py score

`choose` reads the training and the validation part only and writes departures_choice.json in
lstm_helpers/data/study; `score` refuses a choice that is not committed, and writes departures.csv.
Both methods know 19 hours before, the hour of day and the weekday of the hour to be forecast. How
long each trains is chosen on the validation part, too, and none is trained on that part.
"""

import json
import pickle
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from torch import nn

sys.path.insert(0, str(Path(__file__).parent))
from choose import PLACE
from run import require_committed

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_nyc_departures, mase, predict

CHOICE = PLACE.with_name("departures_choice.json")
PART = 1040  # rows of validation, and of test: 15 % each
DAY = 19  # rows of a day, and of a window
COLUMNS = {"delay": ["dep_delay"], "delay, departures": ["dep_delay", "departures"]}
LOSSES = {"squared": nn.MSELoss(), "absolute": nn.L1Loss()}
BASE = {"clock": "one of 19", "hidden_size": 32, "lr": 0.005, "batch_size": 128}
CHANGES = [
    {"clock": "sine, cosine"},
    *({"hidden_size": size} for size in (16, 64)),
    *({"lr": lr} for lr in (0.002, 0.01)),
    *({"batch_size": size} for size in (64, 256)),
]
GRID = {
    "learning_rate": [0.05, 0.1],
    "max_leaf_nodes": [15, 31],
    "min_samples_leaf": [20, 50],
    "max_features": [0.5, 1.0],
}


def clock(index, kind: str) -> pd.DataFrame:
    """Columns that say the hour of day and the weekday."""
    day = pd.get_dummies(index.day_of_week, prefix="day").astype(float)
    hour = pd.get_dummies(index.hour, prefix="hour").astype(float)
    if kind == "sine, cosine":
        angle = 2 * np.pi * index.hour / 24
        hour = pd.DataFrame({"sine": np.sin(angle), "cosine": np.cos(angle)})
    return pd.concat([hour, day], axis=1).set_axis(index)


def scaled(table, columns, kind, end):
    """Columns scaled by the rows before `end`, beside the clock; and the delay's own scale."""
    values, train = table[columns], table[columns][:end]
    known = clock(table.index, kind)
    scale = train["dep_delay"].std()
    return pd.concat([(values - train.mean()) / train.std(), known], axis=1), list(known), scale


def lstm(table, columns, setting, loss, seed, test):
    """Trained on all rows before the last `PART` of `table[:-test]`, which stop the training.

    Returns what it forecasts of these last rows and of the `test` rows after them, in the table's
    units, the seconds that a row takes, and the bytes that are kept.
    """
    end = len(table) - test - PART
    values, known, scale = scaled(table, columns, setting["clock"], end)
    how = {"seq_len": DAY, "target": "dep_delay", "known": known}
    train, val = Windows(values[:end], **how), Windows(values[end - DAY : end + PART], **how)
    torch.manual_seed(seed)
    model = ManyToOneLSTM(len(train.columns), setting["hidden_size"])
    batches = train.loader(setting["batch_size"], shuffle=True, seed=seed)
    stop = {"epochs": 40, "patience": 8, "lr": setting["lr"], "loss_fn": LOSSES[loss]}
    if fit(model, batches, val.loader(PART), **stop).interrupted:
        raise KeyboardInterrupt
    start = time.perf_counter()
    yhat = predict(model, Windows(values[end - DAY :], **how))[:, 0, 0].numpy()
    asked = (time.perf_counter() - start) / len(yhat)
    kept = sum(weight.numel() for weight in model.parameters())
    return yhat.astype(float) * scale + table["dep_delay"][:end].mean(), asked, kept * 4


def lags(table, columns):
    """A row of numbers for each row of the table: the 19 rows before it, and the clock."""
    before = [table[name].shift(k) for name in columns for k in range(1, DAY + 1)]
    return np.column_stack([*before, table.index.hour, table.index.day_of_week])


def trees(table, columns, setting, loss, seed, test, most=400):
    """As `lstm`, with the number of trees that forecasts the validation part best."""
    end = len(table) - test - PART
    x, y = lags(table, columns), table["dep_delay"].to_numpy()
    how = {"loss": f"{loss}_error", "early_stopping": False, "random_state": seed, **setting}
    model = HistGradientBoostingRegressor(max_iter=most, **how).fit(x[DAY:end], y[DAY:end])
    val, power = slice(end, end + PART), {"squared": 2, "absolute": 1}[loss]
    errors = [np.mean(np.abs(p - y[val]) ** power) for p in model.staged_predict(x[val])]
    model = HistGradientBoostingRegressor(max_iter=int(np.argmin(errors)) + 1, **how)
    model.fit(x[DAY:end], y[DAY:end])
    start = time.perf_counter()
    yhat = model.predict(x[end:])
    asked = (time.perf_counter() - start) / len(yhat)
    return yhat, asked, len(pickle.dumps(model))


def val_error(table, method, columns, setting, loss, seeds) -> float:
    """Mean absolute error in minutes over the validation part, mean over seeds."""
    truth = table["dep_delay"].to_numpy()[-PART:]
    found = [method(table, columns, setting, loss, seed, test=0)[0] for seed in seeds]
    return round(float(np.mean([np.abs(yhat - truth).mean() for yhat in found])), 3)


def choose(table) -> dict:
    """Settings and losses, from a table without its test rows."""
    both = COLUMNS["delay, departures"]
    tried = [BASE | change for change in [{}, *CHANGES]]
    scores = [val_error(table, lstm, both, each, "absolute", range(3)) for each in tried]
    best = tried[int(np.argmin(scores))]
    choice = {
        "LSTM": best,
        "validation": {"LSTM": [*zip(map(json.dumps, tried), scores, strict=True)]},
    }
    grid = [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]
    for name, columns in COLUMNS.items():
        found = {loss: val_error(table, lstm, columns, best, loss, range(3)) for loss in LOSSES}
        choice[f"LSTM, {name}"] = {"loss": min(found, key=found.get)}
        choice["validation"][f"LSTM, {name}"] = found
        rows = [
            (val_error(table, trees, columns, each, loss, [0]), loss, each)
            for loss, each in product(LOSSES, grid)
        ]
        _, loss, each = min(rows, key=lambda row: row[0])
        choice[f"boosted trees, {name}"] = {"loss": loss, "setting": each}
        choice["validation"][f"boosted trees, {name}"] = {
            loss: min(row[0] for row in rows if row[1] == loss) for loss in LOSSES
        }
    return choice


def ridge(table, columns):
    """A linear model of the same windows and clock, its alpha chosen on the validation part."""
    end = len(table) - 2 * PART
    known = clock(table.index, "one of 19").to_numpy()
    x = np.column_stack([lags(table, columns)[:, :-2], known])
    mean, std = x[DAY:end].mean(0), x[DAY:end].std(0)
    x, y = (x - mean) / std, table["dep_delay"].to_numpy()
    models = [Ridge(alpha).fit(x[DAY:end], y[DAY:end]) for alpha in (1, 10, 100, 1000)]
    val = slice(end, end + PART)
    best = min(models, key=lambda model: np.abs(model.predict(x[val]) - y[val]).mean())
    return best.predict(x[-PART:])


def as_they_come(table, columns):
    """Trees with scikit-learn's own settings, trained on the absolute error."""
    end, x = len(table) - 2 * PART, lags(table, columns)
    model = HistGradientBoostingRegressor(
        loss="absolute_error", early_stopping=False, random_state=0
    )
    model.fit(x[DAY:end], table["dep_delay"].to_numpy()[DAY:end])
    return model.predict(x[-PART:])


def score(table, choice) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Errors of the last rows, of each seed and of the mean forecast of five; and the forecasts.

    The trees are there twice: as chosen, and with scikit-learn's own settings, which are no choice.
    """
    delay, rows = table["dep_delay"], []
    truth, history = delay[-PART:], delay[: -2 * PART]
    forecasts = {"truth": truth}

    def add(method, columns, seed, yhat, **costs):
        off = yhat - truth.to_numpy()
        row = {"method": method, "columns": columns, "seed": seed, "MAE": np.abs(off).mean()}
        row |= {"RMSE": (off**2).mean() ** 0.5, "MASE": mase(truth, yhat, history, 1)}
        rows.append(row | costs)
        if columns == "delay, departures" and seed in ("", "mean"):
            forecasts[method] = yhat

    add("same as last hour", "delay", "", delay.shift(1).to_numpy()[-PART:])
    for name, columns in COLUMNS.items():
        add("ridge", name, "", ridge(table, columns))
        add("boosted trees, as they come", name, "", as_they_come(table, columns))
        both = {"boosted trees": trees, "LSTM": lstm}
        for label, method in both.items():
            frozen, found = choice[f"{label}, {name}"], []
            setting = frozen.get("setting", choice["LSTM"])
            for seed in range(5):
                start = time.perf_counter()
                yhat, asked, kept = method(table, columns, setting, frozen["loss"], seed, PART)
                costs = {"train_s": time.perf_counter() - start, "ask_ms": 1000 * asked}
                found.append(yhat[-PART:])
                add(label, name, seed, found[-1], **costs, keep_kB=kept / 1000)
            add(label, name, "mean", np.mean(found, axis=0))
    digits = {"MAE": 2, "RMSE": 2, "MASE": 3, "train_s": 1, "ask_ms": 3, "keep_kB": 0}
    return pd.DataFrame(rows).round(digits), pd.DataFrame(forecasts).round(2)


def chosen() -> dict:
    """The choice; the test part is cut off here."""
    return choose(the_table()[:-PART])


def the_table() -> pd.DataFrame:
    return load_nyc_departures()[["dep_delay", "departures"]]


if __name__ == "__main__":
    if sys.argv[1:] not in (["choose"], ["score"]):
        raise SystemExit("python tools/study/departures.py choose, or score")
    if sys.argv[1] == "choose":
        CHOICE.write_text(json.dumps(chosen(), indent=1) + "\n", encoding="utf-8")
    else:
        require_committed(CHOICE)
        errors, forecasts = score(the_table(), json.loads(CHOICE.read_text(encoding="utf-8")))
        errors.to_csv(PLACE.with_name("departures.csv"), index=False)
        forecasts.to_csv(PLACE.with_name("departures_forecasts.csv"))
