"""See and check the shape of the data going into and coming out of an LSTM."""

from importlib.metadata import version as _version

from lstm_helpers.checks import Report, check_model
from lstm_helpers.datasets import data_home, load_flights
from lstm_helpers.dependencies import Dependencies, dependencies
from lstm_helpers.shapes import label
from lstm_helpers.tracing import ShapeTrace, trace_shapes

__version__ = _version("lstm_helpers")
__all__ = [
    "Dependencies",
    "Report",
    "ShapeTrace",
    "check_model",
    "data_home",
    "dependencies",
    "label",
    "load_flights",
    "trace_shapes",
]
