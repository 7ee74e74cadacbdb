"""Write lstm_helpers/data/study/RESULTS.md from the stored tables: python tools/study/report.py"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from choose import PLACE
from run import mean_of_seeds, rmse

HEAD = (Path(__file__).parent / "HEAD.md").read_text(encoding="utf-8")


def markdown(table: pd.DataFrame) -> str:
    table = table.reset_index()
    rows = [list(table.columns), ["---"] * len(table.columns), *table.astype(str).to_numpy()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows).replace("nan", "")


def passengers() -> pd.DataFrame:
    """RMSE by year of origin, of all origins and of the four Decembers."""
    found = pd.read_csv(PLACE.with_name("passengers.csv"), index_col=0, parse_dates=["cutoff"])
    mean, cutoff = mean_of_seeds(found), found["cutoff"]
    columns = {year: cutoff.dt.year == year for year in sorted(cutoff.dt.year.unique())}
    columns |= {"all 37": cutoff.notna(), "4 Decembers": cutoff.dt.month == 12}
    return pd.DataFrame(
        {name: rmse(mean[rows], found["truth"][rows]) for name, rows in columns.items()}
    ).round(1)


if __name__ == "__main__":
    by_year = passengers().rename_axis("method")
    by_year.to_csv(PLACE.with_name("passengers_by_year.csv"))
    tables = {
        "Passengers: RMSE in thousands, by the year of the origin": by_year,
        "The same network, other numbers of steps": pd.read_csv(PLACE.with_name("steps.csv")),
        "Other series: RMSE, divided by that of the same month a year before": pd.read_csv(
            PLACE.with_name("others.csv"), index_col=0
        ),
        "Departures: the delay of the next hour, in minutes": pd.read_csv(
            PLACE.with_name("departures.csv")
        ).set_index(["method", "columns", "seed"]),
    }
    parts = [HEAD, *(f"## {title}\n\n{markdown(table)}\n" for title, table in tables.items())]
    PLACE.with_name("RESULTS.md").write_text("\n".join(parts), encoding="utf-8")
