"""The site as it was built, served on this machine, and a browser that looks at it."""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from notebooks import ROOT

sys.path.append(str(ROOT / "tests" / "browser"))
from lab import BROWSER, DRIVER, chromium

SITE = ROOT / "build" / "site"


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *said):
        """Nothing: the browser's own log is what is looked at."""


@pytest.fixture(scope="session", autouse=True)
def _built():
    if not (SITE / "index.html").exists():
        pytest.exit("there is no site in build/site: run make site", returncode=1)


@pytest.fixture(scope="session")
def address():
    """Where the site is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=SITE))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """Chromium, which keeps what pages log and what they ask for."""
    if not (BROWSER and DRIVER):
        pytest.skip("chromium or chromedriver is not installed")
    with chromium(tmp_path_factory.mktemp("home"), ("browser", "performance")) as driver:
        yield driver
