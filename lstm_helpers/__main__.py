"""`python -m lstm_helpers`: the version, where the lessons are, and what to do next."""

from importlib.metadata import metadata
from pathlib import Path

from lstm_helpers import __version__

BESIDE = Path(__file__).parents[1] / "notebooks"  # in a copy of the project


def says() -> str:
    """All that is printed.

    >>> says().startswith("lstm_helpers ")
    True
    """
    urls = dict(url.split(", ", 1) for url in metadata("lstm_helpers").get_all("Project-URL") or [])
    address = urls.get("Repository")
    if list(BESIDE.glob("01_*.ipynb")):
        lessons, do = str(BESIDE), f'jupyter lab "{BESIDE / "01_univariate.ipynb"}"'
    elif address:
        lessons = f"{address}/tree/v{__version__}/notebooks"
        do = "open lesson 01 there, and take its badge to Colab or Binder"
    else:
        lessons = "not installed; they are in the project's folder notebooks, and in its sdist"
        do = "get the project, and run `make lab` in its folder"
    return "\n".join([
        f"lstm_helpers {__version__}",
        f"lessons: {lessons}",
        f"next:    {do}",
        "or:      from lstm_helpers import check_model; help(check_model)",
    ])  # fmt: skip


if __name__ == "__main__":
    print(says())
