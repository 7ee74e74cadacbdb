"""The tables of the zoo: real ones, cut short, with holes where an entry needs them."""

import numpy as np
import pandas as pd

from lstm_helpers import data_home, load_flights, load_nyc_departures

DAY = 19  # rows: the hours from 5 to 23
SEQ = 12


def flights() -> pd.DataFrame:
    """144 months, one column."""
    return load_flights().astype(float)


def departures() -> pd.DataFrame:
    """21 days of 19 hours."""
    return load_nyc_departures()[["dep_delay", "departures", "temp", "pressure"]][: 21 * DAY]


def gaps() -> pd.DataFrame:
    """The same with a hole of 4 hours in temp from row 200 on, and one of 2 in dep_delay."""
    table = departures()
    table.iloc[200:204, 2] = np.nan
    table.iloc[160:162, 0] = np.nan
    return table


def days() -> pd.DataFrame:
    """200 daily means, of which 7 in the middle have no row."""
    table = load_nyc_departures()[["dep_delay", "departures"]].resample("D").mean()[:200]
    return table.drop(table.index[97:104])


def labelled() -> pd.DataFrame:
    """21 days of hours, and which part of the day it is, as text."""
    table = departures()[["dep_delay", "departures"]]
    parts = np.array(["morning", "noon", "evening"])
    return table.assign(part=parts[np.digitize(table.index.hour, [11, 17])])


def numbered() -> pd.DataFrame:
    """Without dates."""
    return departures().reset_index(drop=True)


def airports() -> pd.DataFrame:
    """Ten days of three airports, hour after hour: three rows for each date."""
    table = pd.read_csv(data_home() / "nyc_airports.csv", index_col="hour", parse_dates=True)
    return table[: 10 * DAY * 3]


def one_airport_after_the_other() -> pd.DataFrame:
    """The same, sorted by airport, with the dates as a column."""
    return airports().reset_index().sort_values(["airport", "hour"], ignore_index=True)


def from_row(first, count=1):
    """For arrays: they begin at this row of the table, or end with its last one."""
    return lambda table: [table.index[first:]] * count
