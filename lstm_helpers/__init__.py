"""See and check the shape of the data going into and coming out of an LSTM."""

from importlib import import_module as _import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING

from lstm_helpers.datasets import (
    data_home,
    load_airport_names,
    load_flights,
    load_nyc_departures,
)
from lstm_helpers.encoder_decoder import EncoderDecoderLSTM
from lstm_helpers.expecting import expect_error
from lstm_helpers.forecasting import last_value, mase, seasonal_naive
from lstm_helpers.models import ManyToManyLSTM, ManyToOneLSTM
from lstm_helpers.predicting import predict
from lstm_helpers.rolling import roll_out
from lstm_helpers.shapes import check_same_shape, label
from lstm_helpers.splitting import inverse_target, split_by_time
from lstm_helpers.trainer import History, fit
from lstm_helpers.windowing import Windows

if TYPE_CHECKING:
    from lstm_helpers.backtesting import backtest
    from lstm_helpers.chart import Dependencies, dependencies
    from lstm_helpers.checks import Report, check_model
    from lstm_helpers.explorer import explore_shapes
    from lstm_helpers.forecaster import Forecaster, load_forecaster, save_forecaster
    from lstm_helpers.from_scratch import LSTMFromScratch
    from lstm_helpers.preparation import check_preparation
    from lstm_helpers.tracing import ShapeTrace, trace_shapes

# Loaded when first asked for: the instruments alone are a hundred modules.
_LATER = {
    "Dependencies": "chart",
    "Forecaster": "forecaster",
    "LSTMFromScratch": "from_scratch",
    "Report": "checks",
    "ShapeTrace": "tracing",
    "backtest": "backtesting",
    "check_model": "checks",
    "check_preparation": "preparation",
    "dependencies": "chart",
    "explore_shapes": "explorer",
    "load_forecaster": "forecaster",
    "save_forecaster": "forecaster",
    "trace_shapes": "tracing",
}

__version__ = _version("lstm_helpers")
__all__ = [
    "Dependencies",
    "EncoderDecoderLSTM",
    "Forecaster",
    "History",
    "LSTMFromScratch",
    "ManyToManyLSTM",
    "ManyToOneLSTM",
    "Report",
    "ShapeTrace",
    "Windows",
    "backtest",
    "check_model",
    "check_preparation",
    "check_same_shape",
    "data_home",
    "dependencies",
    "expect_error",
    "explore_shapes",
    "fit",
    "inverse_target",
    "label",
    "last_value",
    "load_airport_names",
    "load_flights",
    "load_forecaster",
    "load_nyc_departures",
    "mase",
    "predict",
    "roll_out",
    "save_forecaster",
    "seasonal_naive",
    "split_by_time",
    "trace_shapes",
]


def __getattr__(name: str):
    if name not in _LATER:
        raise AttributeError(f"module 'lstm_helpers' has no attribute {name!r}")
    found = getattr(_import_module(f"lstm_helpers.{_LATER[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
