"""Several series in one table."""

from lstm_helpers import Windows, split_by_time

from .data import DAY, airports, from_row, one_airport_after_the_other
from .registry import END, right, wrong

ALL = "statistics of all rows"


@wrong(ALL, airports, column="departures", ahead=END, cause='transform("mean")')
def centred_for_each_airport(table):
    mean = table.groupby("airport")["departures"].transform("mean")
    return table.assign(departures=table["departures"] - mean)


@right(airports)
def centred_by_each_airports_past(table):
    by_airport = table.groupby("airport")["departures"]
    return table.assign(mean=by_airport.transform(lambda flown: flown.expanding().mean()))


@wrong(ALL, one_airport_after_the_other, column="departures", ahead=END, cause='transform("std")')
def scaled_for_each_airport(table):
    flown = table.groupby("airport")["departures"]
    scaled = (table["departures"] - flown.transform("mean")) / flown.transform("std")
    return table.assign(departures=scaled)


@right(one_airport_after_the_other, train=7 * DAY * 3)
def scaled_by_each_airports_first_week(table):
    before = table["hour"] < "2013-10-08"
    flown = table[before].groupby("airport")["departures"]
    mean, std = (table["airport"].map(part) for part in (flown.mean(), flown.std()))
    return table.assign(departures=(table["departures"] - mean) / std)


@wrong("a later row", airports, column="departures", ahead=2, cause="shift(-2)")
def two_hours_ahead_for_each_airport(table):
    return table.assign(soon=table.groupby("airport")["departures"].shift(-2)).dropna()


@right(airports)
def an_hour_before_for_each_airport(table):
    return table.assign(before=table.groupby("airport")["departures"].shift(1)).dropna()


@right(one_airport_after_the_other)
def the_hours_before_in_each_block(table):
    by_airport = table.groupby("airport")["departures"]
    return table.assign(soft=by_airport.transform(lambda flown: flown.rolling(3, 1).mean()))


@right(airports)
def rank_among_the_airports_of_an_hour(table):
    return table.assign(rank=table.groupby(level="hour")["departures"].rank())


@right(airports)
def a_column_for_each_airport(table):
    return table.pivot(columns="airport", values="departures")


@right(airports, inside=6 * DAY * 3)
def windows_of_each_airport(table):
    each = [part[["departures"]] for _, part in table.groupby("airport")]
    train, _, test = split_by_time(each, val=0, test=4 * DAY, context=12)
    means = [part.mean() for part in train]
    return tuple(
        Windows([part - mean for part, mean in zip(parts, means, strict=True)], seq_len=12)
        for parts in (train, test)
    )


@right(airports)
def a_whole_airport_held_out(table):
    newark, kennedy, guardia = (part[["departures"]] for _, part in table.groupby("airport"))
    return Windows([newark, kennedy], seq_len=12), Windows(guardia, seq_len=12)


@right(airports, rows=from_row(0))
def flights_as_plain_numbers(table):
    return table["departures"].to_numpy() / 100
