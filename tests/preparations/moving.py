"""Moved in time, filled, gathered in blocks: from later rows, or from earlier ones."""

import numpy as np
import pandas as pd
from sklearn.impute import KNNImputer

from .data import DAY, days, departures, flights, from_row, gaps, numbered
from .registry import END, right, wrong

LATER = "a later row"
FILLED = "a gap filled from its end"
BLOCK = "a block known at its start"


@wrong(LATER, departures, column="departures", ahead=1, cause="shift(-1)")
def flights_of_the_next_hour(table):
    return table.assign(departures=table["departures"].shift(-1)).iloc[:-1]


@wrong(LATER, numbered, column="temp", ahead=2, cause="shift(-2)")
def weather_of_two_rows_later(table):
    return table.assign(temp=table["temp"].shift(-2)).dropna()


@right(departures)
def lags(table):
    return pd.concat({f"{k} ago": table["dep_delay"].shift(k) for k in range(4)}, axis=1)[3:]


@right(departures, target="next")
def target_beside_its_inputs(table):
    return table.assign(next=table["dep_delay"].shift(-1)).dropna()


@right(departures, known=["temp"])
def forecast_of_the_weather(table):
    return table.assign(temp=table["temp"].shift(-1)).iloc[:-1]


@wrong(LATER, flights, column="passengers", ahead=1, cause="diff(-1)")
def change_to_the_next_month(table):
    return table.diff(-1).dropna()


@right(flights)
def change_from_the_month_before(table):
    return table.pct_change().dropna()


@wrong(LATER, departures, column="dep_delay", ahead=3, cause="shift(-3)")
def mean_of_the_hours_to_come(table):
    return table.assign(soon=table["dep_delay"].rolling(3).mean().shift(-3)).dropna()


@wrong(
    LATER, flights, column="passengers", ahead=4, cause="values[4:]",
    rows=lambda table: [table.index[:-4]],
)  # fmt: skip
def array_against_itself(table):
    values = table["passengers"].to_numpy()
    return np.stack((values[:-4], values[4:]), axis=1)


@right(flights, rows=from_row(4))
def array_against_its_past(table):
    values = table["passengers"].to_numpy()
    return np.stack((values[4:], values[:-4]), axis=1)


@wrong(FILLED, gaps, column="temp", ahead=4, cause="bfill", cut=200)
def filled_backwards(table):
    return table.bfill()


@wrong(FILLED, gaps, column="temp", ahead=3, cause="interpolate", cut=201)
def filled_by_a_line(table):
    return table.interpolate()


@right(gaps)
def filled_forwards(table):
    return table.ffill()


@right(gaps)
def filled_with_the_day_before(table):
    return table.fillna(table.shift(DAY))


@right(gaps)
def filled_with_a_number_and_marked(table):
    return table.fillna(-1.0).assign(missing=table["temp"].isna())


@wrong(FILLED, days, column="departures", ahead=1, cause="interpolate", cut=96)
def missing_days_by_a_line(table):
    return table.asfreq("D").interpolate()


@right(days)
def missing_days_as_before(table):
    return table.asfreq("D").ffill()


@right(days)
def days_since_the_last_row(table):
    since = table.index.to_series().diff().dt.days.fillna(0)
    return table.assign(since=since)


@wrong(
    "statistics of all rows", gaps, column="dep_delay", ahead=END, cause="KNNImputer",
    asked="changes only where a neighbour changes",
)  # fmt: skip
def filled_by_neighbours(table):
    return KNNImputer(n_neighbors=399).set_output(transform="pandas").fit_transform(table)


@wrong(BLOCK, departures, column="dep_delay", ahead=19, cause='resample("D")', cut=10 * DAY - 1)
def means_of_days_dated_with_their_beginning(table):
    return table.resample("D").mean()


@right(departures)
def means_of_days_dated_with_their_end(table):
    return table.resample("D", label="right").mean()


@wrong(BLOCK, departures, column="departures", ahead=18, cause='transform("sum")', cut=10 * DAY)
def flights_of_the_whole_day(table):
    day = table.index.normalize()
    return table.assign(today=table["departures"].groupby(day).transform("sum"))


@right(departures)
def flights_of_the_day_so_far(table):
    day = table.index.normalize()
    return table.assign(today=table["departures"].groupby(day).cumsum())


@wrong(BLOCK, departures, column="dep_delay", ahead=18, cause="map(worst)", cut=10 * DAY)
def worst_hour_of_the_day(table):
    worst = table["dep_delay"].resample("D").max()
    return table.assign(worst=table.index.normalize().map(worst))


@right(departures)
def worst_hour_of_the_day_before(table):
    worst = table["dep_delay"].resample("D").max().shift()
    return table.assign(worst=table.index.normalize().map(worst))[DAY:]


@right(departures)
def sums_since_the_beginning(table):
    return table.assign(flown=table["departures"].cumsum(), highest=table["temp"].cummax())


@right(departures)
def calendar_of_days_off(table):
    off = pd.to_datetime(["2013-01-01", "2013-01-21", "2013-02-18"])
    today = table.index.normalize()
    ahead = (off.to_numpy()[None] - today.to_numpy()[:, None]) / np.timedelta64(1, "D")
    until = np.where(ahead < 0, np.inf, ahead).min(axis=1)
    angle = 2 * np.pi * table.index.hour / 24
    return table.assign(until=until, hour_sin=np.sin(angle), hour_cos=np.cos(angle))


@right(departures, target="total")
def total_of_the_next_three_hours(table):
    total = table["departures"][::-1].rolling(3).sum()[::-1].shift(-1)
    return table.assign(total=total).dropna()
