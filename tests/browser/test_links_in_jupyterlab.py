"""A link of the answer sheet, clicked in a real JupyterLab, opens the lesson at its cell."""

import shutil

import pytest
from lab import BROWSER, DRIVER, SETTINGS, chromium, jupyterlab, until

from notebooks import ROOT, read

# The text of the first cell that begins inside the panel of the notebook
UPPERMOST = """
const panel = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer')
const top = element => Math.ceil(element.getBoundingClientRect().top)
return [...(panel?.querySelectorAll('.jp-Cell') ?? [])].find(
    cell => top(cell) >= top(panel))?.textContent
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]


def test_the_first_click_opens_the_lesson_at_the_cell(tmp_path, monkeypatch):
    # A cell near the beginning: JupyterLab draws cells one by one and waits for the cell of
    # a link for ten seconds, which a busy machine needs for the fiftieth.
    monkeypatch.delitem(SETTINGS, "notebook-extension/tracker")  # as readers have it
    folder, home = tmp_path / "project", tmp_path / "home"
    for name in ("docs", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    with jupyterlab(folder, home) as address, chromium(home) as driver:
        driver.get(address("docs/answers.md"))
        found = "//a[contains(@href, '#cell-id=')]"
        link = until(lambda: driver.find_elements("xpath", found), 60, "the page has no links")[0]
        path, name = link.get_attribute("href").split("#cell-id=")
        lesson = read(ROOT / "notebooks" / path.partition("?")[0].rpartition("/")[2])
        first_line = next(c for c in lesson.cells if c.id == name).source.partition("\n")[0]
        link.click()
        until(
            lambda: first_line in (driver.execute_script(UPPERMOST) or ""),
            *(60, f"{path} was not opened at the cell {name}, {first_line!r}"),
        )
