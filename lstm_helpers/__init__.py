"""See and check the shape of the data going into and coming out of an LSTM."""

from importlib.metadata import version as _version

from lstm_helpers.datasets import data_home, load_flights
from lstm_helpers.shapes import label

__version__ = _version("lstm_helpers")
__all__ = ["data_home", "label", "load_flights"]
