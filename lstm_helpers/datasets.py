"""Real time series that travel with the package, so that no lesson needs a network."""

from pathlib import Path

import pandas as pd


def data_home() -> Path:
    """The folder of the package's data files, in seaborn's own layout.

    Seaborn reads a data set from this folder instead of fetching it:

    >>> import seaborn as sns
    >>> flights = sns.load_dataset("flights", data_home=data_home())
    >>> flights.shape
    (144, 3)
    """
    return Path(__file__).parent / "data"


def load_flights() -> pd.DataFrame:
    """Airline passengers in thousands a month, January 1949 to December 1960.

    Returns:
        144 rows and one column, `passengers`; the index is each month's first day.

    Source: Box and Jenkins, *Time Series Analysis: Forecasting and Control* (1976), series G,
    in the file that seaborn knows as `flights`.

    >>> flights = load_flights()
    >>> flights.shape
    (144, 1)
    >>> int(flights.loc["1949-01-01", "passengers"])
    112
    """
    flights = pd.read_csv(data_home() / "flights.csv")
    months = flights["month"] + " " + flights["year"].astype(str)
    index = pd.DatetimeIndex(pd.to_datetime(months, format="%B %Y"), freq="MS", name="month")
    return flights[["passengers"]].set_index(index)
