"""Settings for all tests."""

import os

import matplotlib
import pytest
from hypothesis import settings

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


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write tests/golden/*.txt anew; read the difference before committing it",
    )
