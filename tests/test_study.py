"""The study of lesson 12: what it reads, and that the stored tables are those of its tools."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from lstm_helpers import backtest, data_home, load_flights, load_nyc_departures
from notebooks import ROOT

pytest.importorskip("statsmodels")
sys.path.insert(0, str(ROOT / "tools" / "study"))
import choose
import departures
import methods
import run

FLIGHTS = load_flights()
CHOICE = json.loads(choose.PLACE.read_text(encoding="utf-8"))
FEW = {"base": choose.BASE | {"steps": 2}, "steps": [{"steps": 3}], "origins": (60, 71)}
FEW["others"] = [{"hidden_size": 3}]


def poisoned(table, rows):
    """The first rows as they are, and other numbers after them."""
    table = table.astype(float)
    table.iloc[rows:] = 1e6
    return table


def test_the_choice_reads_the_first_84_months_only():
    other = poisoned(FLIGHTS, choose.READ)[: choose.READ]
    assert choose.choose(other, **FEW) == choose.choose(FLIGHTS[: choose.READ], **FEW)
    assert CHOICE["months read"] == choose.READ == 84 < len(FLIGHTS) - 48  # the first origin


def test_the_program_hands_on_84_months(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(choose, "load_flights", lambda: poisoned(FLIGHTS, 84))
    monkeypatch.setattr(choose, "PLACE", tmp_path / "study" / "choice.json")
    monkeypatch.setattr(choose, "choose", lambda table: seen.append(table) or {"months read": 84})
    choose.main()
    assert seen[0].equals(FLIGHTS[:84].astype(float))
    assert json.loads(choose.PLACE.read_text()) == {"months read": 84}


def test_the_choice_of_the_departures_reads_no_test_row(monkeypatch):
    table = load_nyc_departures()[["dep_delay", "departures"]]
    seen = []
    monkeypatch.setattr(departures, "choose", lambda given: seen.append(given) or {})
    monkeypatch.setattr(departures, "load_nyc_departures", lambda: poisoned(table, -1040))
    departures.chosen()
    assert seen[0].equals(table[:-1040].astype(float))


QUICK = {
    **{name: rule for name, rule in run.rules(CHOICE).items() if name != "SARIMA"},
    **{
        f"network {name}, blind {blind}": methods.network(CHOICE[name] | {"steps": 2}, 0, blind)
        for name in ("network", "network, shrunk")
        for blind in (False, True)
    },
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:statsmodels")
@pytest.mark.parametrize("name", QUICK)
def test_no_forecast_of_the_backtest_reads_a_later_month(name):
    whole = backtest(FLIGHTS, QUICK[name], origins=list(run.ORIGINS), horizon=12)
    for origin in run.ORIGINS:
        row = len(FLIGHTS) + origin
        other = backtest(poisoned(FLIGHTS, row + 1), QUICK[name], origins=[origin], horizon=12)
        of_origin = whole[whole["cutoff"] == FLIGHTS.index[row]]
        assert other["passengers"].tolist() == of_origin["passengers"].tolist()


def test_growth_and_back():
    ahead = methods.growth_of(FLIGHTS).iloc[-12:, 0].to_numpy()
    back = methods.grown(FLIGHTS[:-12], ahead, 12)
    np.testing.assert_allclose(back, FLIGHTS["passengers"][-12:])
    assert methods.grown(FLIGHTS, 0.0, 5).tolist() == [417, 391, 419, 461, 472]


def test_a_blind_network_reads_nothing(monkeypatch):
    monkeypatch.setattr(methods, "fit", lambda *_, **__: type("", (), {"interrupted": False}))
    for blind in (True, False):
        method = methods.network(CHOICE["network"], seed=1, blind=blind)
        found = []
        for history in (FLIGHTS[:-12], FLIGHTS):
            scale = methods.growth_of(history).iloc[:, 0].std()
            last_year = history["passengers"][-12:].to_numpy()
            found.append(np.log(method(history, 12, None) / last_year) / scale)
        assert np.allclose(*found) == blind


def stored(name, **reading):
    return pd.read_csv(data_home() / "study" / name, **reading)


def test_the_stored_forecasts_are_those_of_the_frozen_choice():
    table = stored("passengers.csv", index_col=0, parse_dates=[0, "cutoff"])
    assert table["truth"].tolist() == FLIGHTS["passengers"].reindex(table.index).tolist()
    assert table["cutoff"].nunique() == 37
    seed = methods.network(CHOICE["network"], seed=4)
    for name, method in {"network, seed 4": seed, **run.rules(CHOICE)}.items():
        if name in ("Holt-Winters", "SARIMA"):  # other versions of statsmodels find others
            continue
        again = backtest(FLIGHTS, method, origins=[-49, -25], horizon=12)
        rows = table[table["cutoff"].isin(again["cutoff"])]
        np.testing.assert_allclose(rows[name], again["passengers"], atol=0.01)


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_changed_choice_is_not_scored(tmp_path):
    def git(*said):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *said], cwd=tmp_path, check=True, capture_output=True)

    place = tmp_path / "choice.json"
    place.write_text("1")
    assert not run.committed(place)
    git("init")
    assert not run.committed(place)
    git("add", "choice.json")
    git("commit", "-m", "frozen")
    assert run.committed(place)
    place.write_text("2")
    assert not run.committed(place)
    with pytest.raises(SystemExit, match=r"choice\.json is not committed as it is"):
        run.require_committed(place)


def test_other_series_are_as_long_as_ours():
    for table in run.other_series().values():
        assert len(table) == 144
        assert table.index.freqstr == "MS"
        assert (table["value"] > 0).all()
