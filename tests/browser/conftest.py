"""Chromium with the shape explorer."""

import pytest
from explorer_page import PAGE
from lab import chromium


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with chromium(home, logs=("browser", "performance")) as driver:
        yield driver


@pytest.fixture
def page(driver):
    """The page anew, with nothing chosen; its console has to stay empty."""
    driver.get_log("browser")
    driver.get("about:blank")
    driver.set_window_size(1280, 1000)
    driver.get(PAGE)
    yield driver
    assert not driver.get_log("browser")
