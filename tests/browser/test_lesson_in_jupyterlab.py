"""Lesson 01 in a real JupyterLab: opened, run and saved through the menus, and looked at."""

import re

import nbformat
import pytest
from lab import BROWSER, DRIVER, chromium, idle, jupyterlab, menu, until

from notebooks import PATHS, ROOT, code_cells, printed, read

LESSON = PATHS[0]
PICTURE = ROOT / "build" / "browser" / f"{LESSON.stem}.png"  # for a person to look at
# Formulas are for later lessons; here the copy gets two, in a line and on a line of its own.
FORMULAS = (
    r"The gates give $c_t = f_t \odot c_{t-1} + i_t \odot g_t$, and then $$h_t = o_t \tanh c_t$$"
)
ERROR = "[data-mime-type='application/vnd.jupyter.stderr']"  # tracebacks and warnings
DRAWN = """
return [...document.querySelectorAll('.jp-OutputArea img')].filter(
    image => image.complete && image.naturalWidth > 100 && image.naturalHeight > 100).length
"""
# In one piece, since the page draws its prompts anew while it runs. A folded cell has an empty one.
NUMBERS = """
return [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)
"""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]


def is_folded(cell):
    return "hide-input" in cell.metadata.get("tags", [])


def count(driver, css):
    return len(driver.find_elements("css selector", css))


def numbers(driver):
    """What stands before the code cells: [1]:, or [*]: while one waits or runs."""
    return driver.execute_script(NUMBERS)


def has_run(driver, every):
    """To its end, or to its first error."""
    return (numbers(driver) == every or count(driver, ERROR)) and idle(driver)


def take_picture(driver):
    """A screenshot of the notebook from its first line to its last."""
    panel = "const panel = document.querySelector('.jp-WindowedPanel-outer');"
    height = driver.execute_script(f"{panel} return panel.scrollHeight + 200")
    driver.set_window_size(1280, height)
    driver.execute_script(f"{panel} panel.scrollTop = 0")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    driver.save_screenshot(PICTURE)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Run a copy without outputs: the saved file, what the page shows, what the console says."""
    folder, home = tmp_path_factory.mktemp("scratch"), tmp_path_factory.mktemp("home")
    file = folder / LESSON.name
    notebook = read(LESSON)
    notebook.cells.append(nbformat.v4.new_markdown_cell(FORMULAS))
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, file)
    every = [
        "" if is_folded(cell) else f"[{n + 1}]:" for n, cell in enumerate(code_cells(notebook))
    ]

    with jupyterlab(folder, home) as address, chromium(home) as driver:
        driver.get(address(LESSON.name))
        until(lambda: numbers(driver) and idle(driver), 120, "the lesson did not open")
        menu(driver, "Run", "Run All Cells")
        until(lambda: has_run(driver, every), 300, "it did not run to its end")
        before = file.stat().st_mtime_ns
        menu(driver, "File", "Save Notebook")
        until(lambda: file.stat().st_mtime_ns > before, 30, "it was not saved")
        take_picture(driver)
        page = {
            "errors": count(driver, ERROR),
            "figures": driver.execute_script(DRAWN),
            "tables": count(driver, ".jp-OutputArea table.dataframe"),
            "folded cells": count(driver, ".jp-CodeCell .jp-InputPlaceholder"),
            "folds": count(driver, ".jp-MarkdownCell details > summary"),
            "formulas": count(driver, ".jp-MarkdownCell mjx-container"),
            "wrong formulas": count(driver, "mjx-merror"),
        }
        return read(file), page, driver.get_log("browser")


def test_the_saved_file_is_valid_and_has_the_stored_outputs(seen):
    saved, _, _ = seen
    nbformat.validate(saved)
    assert "widgets" not in saved.metadata
    stored, now = code_cells(read(LESSON)), code_cells(saved)
    assert [cell.execution_count for cell in now] == list(range(1, len(stored) + 1))
    assert "error" not in {output.output_type for cell in now for output in cell.outputs}
    assert [printed(cell) for cell in now] == [printed(cell) for cell in stored]


def test_figures_tables_folds_and_formulas_are_drawn(seen):
    _, page, _ = seen
    notebook = read(LESSON)
    outputs = [o.get("data", {}) for cell in code_cells(notebook) for o in cell.outputs]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert page == {
        "errors": 0,
        "figures": sum("image/png" in data for data in outputs),
        "tables": sum("<table" in data.get("text/html", "") for data in outputs),
        "folded cells": sum(map(is_folded, code_cells(notebook))),
        "folds": text.count("<summary>"),
        "formulas": len(re.findall(r"(\$\$?)[^$]+\1", text + FORMULAS)),
        "wrong formulas": 0,
    }
    assert all(page[drawn] >= 2 for drawn in ("figures", "tables", "folds", "formulas"))


def test_nothing_is_complained_about_on_the_console(seen):
    _, _, console = seen
    slow = "ms to activate."  # what JupyterLab says of its own parts on a busy machine
    said = [entry for entry in console if slow not in entry["message"]]
    assert [entry for entry in said if entry["level"] not in ("DEBUG", "INFO")] == []
