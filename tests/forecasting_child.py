"""A fresh process: it loads a forecaster, reads a table, and writes the forecast.

Arguments: the forecaster, a pickled table and what is known after it, and where to write.
"""

import sys

import pandas as pd

from lstm_helpers import load_forecaster

if __name__ == "__main__":
    path, given, out = sys.argv[1:]
    load_forecaster(path).forecast(*pd.read_pickle(given)).to_pickle(out)
