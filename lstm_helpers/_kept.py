"""What a forecaster's file keeps as numbers and words: its model's sizes, its step, its scaler."""

import warnings
from contextlib import suppress

import numpy as np
import pandas as pd
import torch
from pandas.tseries.frequencies import to_offset
from torch import nn

from lstm_helpers._arguments import is_real, shown
from lstm_helpers._named_columns import Names
from lstm_helpers._steps import Step, regular_step
from lstm_helpers._values import numbers
from lstm_helpers.encoder_decoder import EncoderDecoderLSTM
from lstm_helpers.models import ManyToManyLSTM, ManyToOneLSTM
from lstm_helpers.splitting import inverse_target


def _own(part: nn.Module, *names: str) -> dict:
    return {name: getattr(part, name) for name in names}


def _sizes(lstm: nn.LSTM) -> dict:
    return _own(lstm, "input_size", "hidden_size", "num_layers", "dropout")


# The models of the package, and the arguments that each was made by.
_ARGUMENTS = {
    EncoderDecoderLSTM: lambda model: {
        **_sizes(model.encoder),
        **_own(model, "output_size", "horizon", "target", "known_size"),
    },
    ManyToManyLSTM: lambda model: {
        **_sizes(model.lstm),
        "output_size": model.linear.out_features,
    },
    ManyToOneLSTM: lambda model: {**_sizes(model.lstm), **_own(model, "output_size", "horizon")},
}


def keep_model(model: nn.Module) -> dict | None:
    """The arguments that a model of the package was made by; None for others, and changed ones."""
    if (kind := type(model)) not in _ARGUMENTS:
        return None
    try:
        kept = {"name": kind.__name__, "arguments": _ARGUMENTS[kind](model)}
        return kept if repr(empty_model(kept)) == repr(model) else None
    except Exception:  # a layer was put in another's place
        return None


def empty_model(kept: dict) -> nn.Module:
    """The model anew, still without weights: none are drawn."""
    kinds = {kind.__name__: kind for kind in _ARGUMENTS}
    with torch.device("meta"):
        return kinds[kept["name"]](**kept["arguments"])


def keep_step(windows) -> tuple[int | float | str | dict, str]:
    """The step from one row to the next, and what the rows are counted in.

    Raises:
        ValueError: the rows keep none, so no date after them is known; or words can't tell it.
    """
    each = [order for _, order in windows._rows]
    freq = windows.freq
    if freq is None:
        step = regular_step(each[0])
        if step is None or any(not _keeps(order, step.freq) for order in each):
            raise ValueError(
                "the rows of the windows keep no common step, so the dates after a table are not "
                "known: pass Windows(..., freq=), the step from one row to the next."
            )
        freq = step.freq
    if is_real(freq):
        number = getattr(freq, "item", lambda: freq)()
        return (number if isinstance(number, int) else float(number)), unit(each[0])
    kept = None
    with suppress(Exception), warnings.catch_warnings():  # a calendar of somebody's own
        warnings.simplefilter("ignore")  # letters of older versions
        kept = _in_words(freq, each[0])
    if kept is None:
        raise ValueError(
            f"freq is {shown(freq)}, which can't be kept as text: pass Windows(..., freq=) with "
            'one of pandas\' frequencies, such as "h", "D" or "MS".'
        )
    return kept, unit(each[0])


def _in_words(freq, rows: pd.Index) -> str | dict | None:
    """A frequency as text, or as the numbers that it is made of; None where they mean another."""
    if unit(rows) == "periods":
        index = pd.PeriodIndex([], freq=freq)
        return index.freqstr if pd.PeriodIndex([], freq=index.freqstr).freq == index.freq else None
    offset = to_offset(freq)
    plain = type(offset) is pd.DateOffset
    if plain and not all(is_real(number) for number in offset.kwds.values()):
        return None
    kept = {**offset.kwds, "n": offset.n} if plain else offset.freqstr
    return kept if to_offset(find_step(kept)) == offset else None


def find_step(kept):
    """The step again: what pandas takes for a frequency, or a number."""
    return pd.DateOffset(**kept) if isinstance(kept, dict) else kept


def _keeps(order: pd.Index | None, freq) -> bool:
    try:
        return not len(Step(freq, order).gaps(order, "series"))
    except (TypeError, ValueError):
        return False


def unit(order: pd.Index | None) -> str:
    """What rows are counted in."""
    kinds = {
        pd.DatetimeIndex: "dates",
        pd.PeriodIndex: "periods",
        pd.TimedeltaIndex: "durations",
    }
    named = next((name for kind, name in kinds.items() if isinstance(order, kind)), None)
    numeric = order is not None and pd.api.types.is_numeric_dtype(order)
    return named or ("numbers" if numeric else "words")


_SCALERS = {  # how it was asked to scale, and what it has learned
    "MinMaxScaler": (("feature_range", "clip"), ("min_", "scale_")),
    "StandardScaler": (("with_mean", "with_std"), ("mean_", "scale_")),
}


def keep_scaler(scaler, columns: Names) -> dict | None:
    """A scaler's numbers for these columns of a table.

    Raises:
        TypeError: it is none of those that are kept.
        ValueError: it is not fitted, or it is not known which columns it scales.
    """
    if scaler is None:
        return None
    kind = type(scaler).__name__
    if not (kind in _SCALERS and type(scaler).__module__.startswith("sklearn.preprocessing")):
        raise TypeError(
            f"scaler is {shown(scaler)}, but a file keeps the numbers of a StandardScaler or a "
            "MinMaxScaler: pass one of these, or none, and forecast from scaled tables."
        )
    size = getattr(scaler, "n_features_in_", None)
    if size is None:
        raise ValueError(f"scaler {shown(scaler)} is not fitted: use scaler.fit(train).")
    own = list(getattr(scaler, "feature_names_in_", ()))
    by_place = columns.size == size and (not own or list(columns) == columns.at)
    places = {
        name: place if by_place else own.index(name)
        for name, place in zip(columns, columns.at, strict=True)
        if by_place or name in own
    }
    if not places:
        names = f"the columns {own}" if own else f"{size} columns without names"
        raise ValueError(
            f"scaler was fitted on {names}, but the windows have {list(columns)}: "
            "fit it on a table with these columns, and cut the windows from what it returns."
        )
    how, learned = _SCALERS[kind]
    found = {name: getattr(scaler, name) for name in learned}
    return {
        "kind": kind,
        "how": {name: np.asarray(getattr(scaler, name)).tolist() for name in how},
        "columns": list(places),
        "numbers": {
            name: None
            if values is None
            else [str(values.dtype), values[list(places.values())].tolist()]
            for name, values in found.items()
        },
    }


class Scaling:
    """A scaler of scikit-learn's for some columns of a table, made anew of its numbers."""

    def __init__(self, kept: dict):
        from sklearn import preprocessing  # not before it is needed: it takes a second

        self.columns = kept["columns"]
        self._scaler = getattr(preprocessing, kept["kind"])(**kept["how"])
        learned = {
            name: None if values is None else np.array(values[1], values[0])
            for name, values in kept["numbers"].items()
        }
        vars(self._scaler).update(learned, n_features_in_=len(self.columns))

    def scale(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with those of its columns scaled that the scaler knows."""
        at = [n for n, name in enumerate(table.columns) if name in self.columns]
        values = table.iloc[:, at].to_numpy()
        values = values if values.dtype.kind == "f" else values.astype(np.float64)
        places = [self.columns.index(table.columns[n]) for n in at]
        rows = np.zeros((len(table), len(self.columns)), values.dtype)
        rows[:, places] = values
        scaled, result = np.asarray(self._scaler.transform(rows)), table.copy()
        for n, place in zip(at, places, strict=True):
            result.isetitem(n, scaled[:, place])
        return result

    def scale_back(self, yhat, target: list):
        """Predictions (..., target) in the table's own units."""
        at = [n for n, name in enumerate(target) if name in self.columns]
        if not at:
            return yhat
        values = numbers(yhat=yhat).astype(np.float64)
        places = [self.columns.index(target[n]) for n in at]
        values[..., at] = inverse_target(self._scaler, yhat[..., at], places)
        return values
