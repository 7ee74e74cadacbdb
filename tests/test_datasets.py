"""The data inside the package."""

import hashlib

import pandas as pd
import seaborn as sns

from lstm_helpers import data_home, load_flights

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
