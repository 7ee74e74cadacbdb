"""A forecaster in one file: what a trained model needs to forecast from tomorrow's table."""

import json

import pandas as pd
import torch
from torch import nn

from lstm_helpers import _files
from lstm_helpers._arguments import a_model
from lstm_helpers._forecast_rows import check_names
from lstm_helpers._kept import (
    Scaling,
    empty_model,
    find_step,
    keep_model,
    keep_scaler,
    keep_step,
)
from lstm_helpers._last_rows import known_ahead, newest_rows
from lstm_helpers._running.copies import uncompiled
from lstm_helpers._same_model import answer, check_same, filled, first_answer
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows

_FILE = _files.Kind(
    name="file",
    mark="a forecaster of lstm_helpers, 1",
    part="forecaster",
    holds="forecaster",
    instead="name another file, or remove this one and save a forecaster anew",
    not_loaded="the model's extra state holds what can't be loaded again without running code, so "
    "it can't be kept in a file: keep tensors, numbers and text there.",
)


def save_forecaster(path, model: nn.Module, windows: Windows, *, scaler=None) -> None:
    """Write all that a trained model needs to forecast from a table into one file.

    The file holds the weights, the columns, `seq_len`, `horizon`, `gap`, the step between rows and
    the scaler's numbers; of the data, it holds the first window and its prediction, by which
    `load_forecaster` sees that it has the same model. It is written beside and renamed: at each
    moment it is whole, the old one or the new one. `torch.load(path, weights_only=True)` reads it.

    Args:
        path: of the file; only one of an earlier forecaster is written over.
        model: maps x (batch, seq, feature) to yhat (batch, horizon, target), or (batch, seq,
            target) for shifted windows.
        windows: like those that it was trained on. They say what its columns are, and how far
            apart rows are: `freq`, or the step of a regular index.
        scaler: fitted, a StandardScaler or MinMaxScaler, where the windows were cut from what it
            returned. The forecaster then takes and returns the table's own units. A column that
            the scaler has no name for is left as it is.

    Raises:
        TypeError: the model is no module, `windows` no `Windows`, `path` no path; the scaler is
            another one; the model's extra state can't be read again without running code.
        ValueError: the windows don't fit the model, keep no step, or have columns whose names are
            neither text nor whole numbers; the scaler is not fitted, or on other columns; the path
            is a folder, or the file there holds something else, and is left alone.
        OSError: it can't be written there; an older file is left as it was.

    >>> import tempfile
    >>> from lstm_helpers import ManyToOneLSTM, load_flights
    >>> windows = Windows(load_flights(), seq_len=12)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_forecaster(f"{folder}/flights.pt", ManyToOneLSTM(1, 5), windows)
    ...     load_forecaster(f"{folder}/flights.pt")
    Forecaster of ManyToOneLSTM: reads 12 rows of ['passengers'], freq='MS', forecasts 1 step of
    ['passengers']
    """
    path, model = _files.a_path("flights.pt", path=path), uncompiled(a_model(model))
    if not isinstance(windows, Windows):
        raise TypeError(
            f"windows is a {type(windows).__name__}, but a Windows is needed, which knows its "
            "columns: pass Windows(table, seq_len), as in training."
        )
    _check_columns(windows)
    step, rows = keep_step(windows)
    scaling = keep_scaler(scaler, windows.columns)
    tried = first_answer(model, windows)
    about = {
        "columns": list(windows.columns),
        "known": list(windows.known),
        "target": list(windows.target),
        **{name: getattr(windows, name) for name in ("seq_len", "horizon", "gap", "shifted")},
        "freq": step,
        "rows": rows,
        "dtype": str(windows._values.dtype).removeprefix("torch."),
        "scaler": scaling,
        "class": type(model).__name__,
        "model": keep_model(model),
    }
    weights = {
        name: value.detach().cpu().clone() if isinstance(value, Tensor) else value
        for name, value in model.state_dict().items()
    }
    content = {"about": json.dumps(about), "weights": weights, "tried": tried}
    _files.read(path, _FILE)  # nothing else is written over
    _files.write(path, _FILE, content)


def load_forecaster(path, model: nn.Module | None = None) -> "Forecaster":
    """The forecaster that `save_forecaster` wrote, also in another process; no code of it is run.

    Args:
        path: of the file.
        model: of the class and the sizes of the one that was saved. It stays as it is: a copy of
            it gets the weights. The models of this package are rebuilt without it.

    Raises:
        TypeError: `path` is no path, or the model no module.
        ValueError: there is no such file, or it holds no forecaster, or was cut short: it is left
            alone. Or the model is needed, has other weights, or answers otherwise than the one
            that was saved.

    >>> import tempfile
    >>> from lstm_helpers import ManyToManyLSTM, load_flights
    >>> flights = load_flights()
    >>> windows = Windows(flights, seq_len=12, shifted=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_forecaster(f"{folder}/flights.pt", ManyToManyLSTM(1, 5), windows)
    ...     forecaster = load_forecaster(f"{folder}/flights.pt")
    >>> forecaster.forecast(flights)[["cutoff", "ahead"]]
                   cutoff  ahead
    1961-01-01 1960-12-01      1
    """
    path = _files.a_path("flights.pt", path=path)
    content = _files.read(path, _FILE)
    if content is None:
        raise ValueError(
            f"there is no file {str(path)!r}, but a forecaster's is needed: "
            "name one that save_forecaster wrote."
        )
    about, weights = json.loads(content["about"]), content["weights"]
    if model is not None:
        model = filled(a_model(model), weights)
    elif about["model"] is not None:
        model = empty_model(about["model"])
        model.load_state_dict(weights, assign=True)
    else:
        raise ValueError(
            f"file {str(path)!r} holds the weights of a {about['class']}, which is not rebuilt "
            "from them: pass model=, one that is made as it was made before training."
        )
    model.eval()
    check_same(model, **content["tried"])
    return Forecaster(model, about)


class Forecaster:
    """A trained model that forecasts from tables, with all it has to know: see `load_forecaster`.

    Attributes:
        model: in evaluation mode; it may be moved to another device.
        columns: which it reads of a table.
        known: those of them that are known ahead.
        target: those that it forecasts.
        seq_len: rows that it reads, the last ones of a table.
        horizon: steps that it forecasts.
        gap: steps left out between a table's last row and the first one.
        freq: the step from one row to the next.

    >>> from tempfile import TemporaryDirectory
    >>> from lstm_helpers import ManyToOneLSTM, Windows, load_flights
    >>> flights = load_flights()
    >>> windows = Windows(flights, seq_len=12, horizon=3, freq="MS")
    >>> with TemporaryDirectory() as folder:
    ...     save_forecaster(f"{folder}/f.pt", ManyToOneLSTM(1, 4, horizon=3), windows)
    ...     forecaster = load_forecaster(f"{folder}/f.pt")
    >>> list(forecaster.forecast(flights).index.strftime("%Y-%m"))
    ['1961-01', '1961-02', '1961-03']
    """

    def __init__(self, model: nn.Module, about: dict):
        self.model, self.columns, self.target = model, about["columns"], about["target"]
        self.known, self.freq = about["known"], find_step(about["freq"])
        self.seq_len, self.horizon, self.gap = (about[n] for n in ("seq_len", "horizon", "gap"))
        self._rows, self._dtype = about["rows"], getattr(torch, about["dtype"])
        self._shifted = about["shifted"]
        self._scaling = about["scaler"] and Scaling(about["scaler"])

    def __repr__(self) -> str:
        steps = f"{self.horizon} step{'s' * (self.horizon > 1)}"
        return (
            f"Forecaster of {type(self.model).__name__}: reads {self.seq_len} rows of "
            f"{self.columns}, freq={self.freq!r}, forecasts {steps} of {self.target}"
        )

    def forecast(self, table, future=None) -> pd.DataFrame:
        """The steps after a table, with their dates, in its own units.

        Args:
            table: its rows run up to now; the last `seq_len` of them are read. A DataFrame may
                have other columns beside; a list of tables is one series each.
            future: the known columns after the table, from its next row on: a table, or a list of
                them. Only where columns are known ahead.

        Returns:
            One row for each step, in the layout of `Windows.to_frame`: the index is the date of
            the target; columns `cutoff`, the table's last date; `ahead`, the rows from there; for
            a list `series`, counted from 0; then the targets.

        Raises:
            TypeError: `table` is no table, or no list of them.
            ValueError: a column is missing; the rows are too few, out of order, further apart than
                in training, or have a gap; they hold NaN or text; `future` is missing, or begins at
                another row.
        """
        rows, future = newest_rows(self, table, future)
        yhat = answer(self.model, rows.newest(future), known_ahead(self, future))
        yhat = yhat[:, -1:] if self._shifted else yhat  # of one for each step of x the last
        if self._scaling:
            yhat = self._scaling.scale_back(yhat, self.target)
        return rows.to_frame(yhat, newest=True)


def _check_columns(windows: Windows) -> None:
    other = [name for name in windows.columns if type(name) not in (str, int)]
    if other:
        raise ValueError(
            f"the windows have a column {other[0]!r}, but a file keeps names that are text or "
            "whole numbers: rename it."
        )
    check_names(windows.target, several=True)
