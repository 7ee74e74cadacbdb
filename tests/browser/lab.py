"""JupyterLab on this machine, and Chromium to look at it as a person would."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # draw every cell, seen or not
    "docmanager-extension/plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
QUIET = """--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run
    --disable-background-networking --disable-component-update --disable-sync"""


@contextmanager
def jupyterlab(folder: Path, home: Path):
    """Serve a folder on the loopback; the address to open, with its token."""
    for name, settings in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, token = f"http://127.0.0.1:{port}", secrets.token_hex()
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | {
        "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
        **dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"), str(home)),
    }
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
        f"--ServerApp.root_dir={folder}",
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        f"--IdentityProvider.token={token}",
        f"--LabApp.user_settings_dir={home / 'settings'}",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
    ]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: answers(f"{address}/api?token={token}"), 120, "JupyterLab did not start")
        yield lambda path: f"{address}/lab/tree/{path}?token={token}"
    finally:
        stop(server)


@contextmanager
def chromium(home: Path, logs=("browser",)):
    """A browser that talks to nobody but the page it is sent to, and keeps what the page logs.

    Args:
        home: a folder for its profile.
        logs: what it keeps; "performance" has every request that a page makes.
    """
    options = Options()
    options.binary_location = BROWSER
    for argument in [*QUIET.split(), f"--user-data-dir={home / 'chromium'}"]:
        options.add_argument(argument)
    options.add_argument("--window-size=1280,1000")
    options.set_capability("goog:loggingPrefs", dict.fromkeys(logs, "ALL"))
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def stop(server: subprocess.Popen) -> None:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:  # seen when a kernel was just starting
        server.kill()
        server.wait()


def click(driver, xpath: str) -> None:
    """Click a thing on the page, as soon as it is there."""

    def clicked():
        try:
            driver.find_element("xpath", xpath).click()
        except WebDriverException:  # not there yet, or drawn anew just now
            return False
        return True

    until(clicked, 30, f"nothing to click at {xpath}")


def menu(driver, name, entry):
    """Click through the menu bar."""
    click(driver, f"//*[@class='lm-MenuBar-itemLabel'][.='{name}']")
    click(driver, f"//*[@class='lm-Menu-itemLabel'][.='{entry}']")


def idle(driver):
    """Both have to say so: the indicator calls itself idle before there is a kernel."""
    indicator = "[contains(@class, 'jp-Notebook-ExecutionIndicator')][@data-status='idle']"
    both = f"//body[.//*{indicator} and .//*[@id='jp-main-statusbar'][contains(., '| Idle')]]"
    return driver.find_elements("xpath", both)


def answers(address: str) -> bool:
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(address, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def until(condition, seconds: float, otherwise: str):
    """Wait for a condition that is true, and give it back."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(otherwise)
        time.sleep(0.2)
    return found
