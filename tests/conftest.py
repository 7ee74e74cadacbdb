"""Settings for all tests."""

import os

import matplotlib
import pytest
from hypothesis import settings

collect_ignore_glob = ["*conftest.py"]  # no examples in them, and two modules of one name clash
matplotlib.use("agg")
os.environ["LSTM_HELPERS_DEBUG"] = "1"  # the instruments' own exceptions come through

# CI draws the same examples each time, so that a red run can be repeated.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=10)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def no_open_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def pytest_terminal_summary(terminalreporter):
    """How many axes the sweep over torch's functions met, and how many it could not name."""
    reports = terminalreporter.getreports("passed")
    found = [pair for report in reports for pair in report.user_properties]
    for what in ("axes swept", "axes without a name"):
        if any(name == what for name, _ in found):
            terminalreporter.write_line(f"{sum(n for name, n in found if name == what)} {what}")
    for name, said in found:
        if name.startswith("spoilt comments"):
            terminalreporter.write_line(f"{name}: {said}")


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write tests/golden/*.txt anew; read the difference before committing it",
    )
