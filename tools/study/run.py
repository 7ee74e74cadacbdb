"""Score the frozen choice: forecasts of the passengers, of three other series, by number of steps.

    python tools/study/run.py [passengers] [steps] [others]

reads lstm_helpers/data/study/choice.json, which has to be committed as it is, and writes beside it
passengers.csv (every forecast) with starts.csv, steps.csv and others.csv.
"""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from choose import PLACE
from methods import holt_winters, network, same_growth, sarima

from lstm_helpers import backtest, load_flights

SEEDS = range(5)
ORIGINS = range(-49, -12)  # the 37 months whose next twelve are in the table
DECEMBERS = [-49, -37, -25, -13]
NETWORKS = {
    "network": ("network", False),
    "network, blind": ("network", True),
    "network, shrunk": ("network, shrunk", False),
    "network, shrunk, blind": ("network, shrunk, blind", True),
}


def rules(choice) -> dict:
    """The methods without a network."""
    return {
        "same as last year": same_growth(0),
        "mean growth": same_growth(1),
        "mean growth, shrunk": same_growth(choice["factor of the mean growth"]),
        "Holt-Winters": holt_winters(),
        "SARIMA": sarima,
    }


def forecasts(table, choice, origins=ORIGINS, seeds=SEEDS) -> pd.DataFrame:
    """What each method and each seed forecast, beside the truth."""
    methods = rules(choice)
    for name, (setting, blind) in NETWORKS.items():
        methods |= {f"{name}, seed {s}": network(choice[setting], s, blind) for s in seeds}
    how = {"origins": list(origins), "horizon": 12}
    found = {name: backtest(table, method, **how) for name, method in methods.items()}
    first = next(iter(found.values()))
    values = {name: each.iloc[:, -1].round(2) for name, each in found.items()}
    truth = table.iloc[:, 0].reindex(first.index).rename("truth")
    return pd.concat([first[["cutoff", "ahead"]], truth, pd.DataFrame(values)], axis=1)


def mean_of_seeds(found: pd.DataFrame) -> pd.DataFrame:
    """One column for each method: of a network the mean forecast of its seeds."""
    methods = found.drop(columns=["cutoff", "ahead", "truth"])
    return methods.T.groupby(methods.columns.str.replace(r", seed \d", "", regex=True)).mean().T


def rmse(yhat, truth):
    return (yhat.sub(truth, axis=0) ** 2).mean() ** 0.5


def by_steps(table, choice, counts=(20, 25, 30, 50, 100, 200), seeds=SEEDS) -> pd.DataFrame:
    """Four Decembers only: error and mean growth of the network, by the number of its steps."""
    rows = []
    for steps in counts:
        for blind in (False, True):
            setting, found = choice["network"] | {"steps": steps}, []
            for seed in seeds:
                method = network(setting, seed, blind)
                found.append(backtest(table, method, origins=DECEMBERS, horizon=12).iloc[:, -1])
            found = pd.concat(found, axis=1)
            truth = table.iloc[:, 0].reindex(found.index)
            added = found.mean(axis=1) / table.iloc[:, 0].shift(12).reindex(found.index) - 1
            error = rmse(found.mean(axis=1).to_frame(), truth).iloc[0]
            row = {"steps": steps, "blind": blind, "RMSE": round(error, 1)}
            of_seeds = rmse(found, truth)
            row |= {"lowest seed": of_seeds.min().round(1), "highest seed": of_seeds.max().round(1)}
            rows.append(row | {"percent added": round(100 * added.mean(), 1)})
    return pd.DataFrame(rows)


def starts(table) -> pd.DataFrame:
    """RMSE of Holt-Winters over all origins, for each way of statsmodels to begin it."""
    rows, how = {}, {"origins": list(ORIGINS), "horizon": 12}
    for start in ("estimated", "heuristic", "legacy-heuristic"):
        found = backtest(table, holt_winters(start), **how).iloc[:, -1:]
        rows[start] = rmse(found, table.iloc[:, 0].reindex(found.index)).iloc[0]
    return pd.DataFrame({"RMSE": rows}).round(1).rename_axis("initialization_method")


def other_series() -> dict:
    """Monthly series that come with statsmodels: their last twelve years, as long as ours."""
    from statsmodels.datasets import co2, elnino

    weekly = co2.load_pandas().data["co2"]
    years = elnino.load_pandas().data.set_index("YEAR")
    months = pd.date_range(f"{int(years.index[0])}-01", periods=years.size, freq="MS")
    place = Path(co2.__file__).parents[1] / "elec_equip" / "elec_equip.csv"
    orders = pd.read_csv(place, index_col="DATE", parse_dates=True, date_format="%b-%d-%Y")
    found = {
        "CO2 in the air": weekly.resample("MS").mean().ffill(),
        "electrical equipment": orders.iloc[:, 0].asfreq("MS"),
        "sea temperature": pd.Series(years.to_numpy().ravel(), months).dropna().asfreq("MS"),
    }
    return {name: series.iloc[-144:].to_frame("value") for name, series in found.items()}


def others(choice) -> pd.DataFrame:
    """RMSE on other series, nothing chosen anew, divided by that of "same as last year"."""
    columns = {}
    for name, table in other_series().items():
        found = forecasts(table, choice, origins=ORIGINS[::3], seeds=range(3))
        errors = rmse(mean_of_seeds(found), found["truth"])
        columns[name] = errors / errors["same as last year"]
    return pd.DataFrame(columns).round(2).rename_axis("method")


def committed(place: Path) -> bool:
    """Whether git knows the file, and it is as it was last committed."""
    questions = ["ls-files", "--error-unmatch"], ["diff", "--quiet", "HEAD"]
    return all(
        subprocess.run(
            ["git", *question, "--", place.name], cwd=place.parent, capture_output=True, check=False
        ).returncode == 0
        for question in questions
    )  # fmt: skip


def require_committed(place: Path) -> None:
    if not committed(place):
        raise SystemExit(
            f"{place.name} is not committed as it is, in a repository of git: freeze the choice "
            "before it is scored."
        )


if __name__ == "__main__":
    require_committed(PLACE)
    warnings.filterwarnings("ignore", module="statsmodels")  # SARIMA on some short histories
    choice, table = json.loads(PLACE.read_text(encoding="utf-8")), load_flights()
    asked = sys.argv[1:] or ["passengers", "steps", "others"]
    if "passengers" in asked:
        forecasts(table, choice).to_csv(PLACE.with_name("passengers.csv"))
        starts(table).to_csv(PLACE.with_name("starts.csv"))
    if "steps" in asked:
        by_steps(table, choice).to_csv(PLACE.with_name("steps.csv"), index=False)
    if "others" in asked:
        others(choice).to_csv(PLACE.with_name("others.csv"))
