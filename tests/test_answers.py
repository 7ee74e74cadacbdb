"""The answer sheet and the questions: each row leads to a cell that shows the answer.

Read without running anything: the pages and the stored lessons are all that is needed.
"""

import re
import sys

import pytest
from nbformat import v4, write

from notebooks import PATHS, ROOT, printed, read

sys.path.append(str(ROOT / "tools"))
from lessons import proofs, shown
from link_cells import LINK, PAGES, linked

ANSWERS, QUESTIONS = (page.read_text(encoding="utf-8") for page in PAGES)
LESSONS = {path.name[:2]: read(path) for path in PATHS}
PAGE = re.compile(r"\[[^][]+\]\((\w+\.md)\)")
ROW = r"^\| ({}\d+) \| (.+) \| (.+) \| (.+) \|$"
ROWS = {
    row[0]: row
    for page, letter in ((ANSWERS, "T"), (QUESTIONS, "Q"))
    for row in re.findall(ROW.format(letter), page, re.MULTILINE)
}


def cells(answer):
    """The cells that the links of a row name."""
    found = [(LESSONS[link["number"]], link["cell"]) for link in LINK.finditer(answer)]
    return [next(c for c in lesson.cells if c.id == name) for lesson, name in found]


def test_no_question_is_missing():
    assert [name for name in ROWS if name.startswith("T")] == [f"T{n}" for n in range(1, 21)]
    assert len([name for name in ROWS if name.startswith("Q")]) == 67
    for page in (ANSWERS, QUESTIONS):
        names = re.findall(r"^\| ([TQ]\d+) ", page, re.MULTILINE)
        assert len(names) == len(set(names))
        assert set(names) <= set(ROWS)


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("Q")])
def test_every_question_names_where_it_was_asked(name):
    assert re.fullmatch(r"\[\S+\]\(https?://\S+\)", ROWS[name][2])


@pytest.mark.parametrize("name", ROWS)
def test_every_row_leads_to_a_cell(name):
    answer = ROWS[name][3]
    assert LINK.findall(answer)
    assert re.fullmatch(r"(, )*", PAGE.sub("", LINK.sub("", answer)))
    assert all((ROOT / "docs" / page).exists() for page in PAGE.findall(answer))


def shows(cell):
    """Whether something can be seen below the cell, also while its source is folded."""
    text = [line for line in printed(cell).splitlines() if not line.startswith("holds: ")]
    return bool(text) or any("image/png" in output.get("data", {}) for output in cell.outputs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_cell_that_shows_something(page):
    found = list(LINK.finditer(page.read_text(encoding="utf-8")))
    assert len(found) >= 20
    for link in found:
        (cell,), lesson = cells(link[0]), LESSONS[link["number"]]
        assert any(cell is other for other in [*shown(lesson), *proofs(lesson)]), (
            f"{link[0]}: text, or a cell of an exercise; one of the lesson's code cells is needed"
        )
        assert shows(cell), f"{link[0]}: there is nothing to see below the cell"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_names_the_heading_above_its_cell(page):
    text = page.read_text(encoding="utf-8")
    assert linked(text) == text, "run python tools/link_cells.py"


def test_the_messages_are_printed_by_the_cells_that_are_linked():
    rows = re.findall(r"^\| (`.+) \| .+ \| (.+) \|$", QUESTIONS, re.MULTILINE)
    assert len(rows) == 3
    for message, link in rows:
        (cell,) = cells(link)
        for part in re.findall(r"`(.+?)`", message):
            assert part in printed(cell)


@pytest.fixture
def project(tmp_path):
    """A project with one lesson: a cell in section 1, one in a box, one below a code fence."""
    (tmp_path / "notebooks").mkdir()
    cells = [
        v4.new_markdown_cell("# 07 · Ahead"),
        v4.new_markdown_cell("text\n\n## 1 · Its `x[0]`, seen\n\nmore"),
        v4.new_code_cell("1", id="first"),
        v4.new_markdown_cell("## 2 · Wrong (so)?\n\n> ### A box"),
        v4.new_markdown_cell("```python\n# no heading\n```"),
        v4.new_code_cell("2", id="in-a-box"),
    ]
    write(v4.new_notebook(cells=cells), tmp_path / "notebooks" / "07_ahead.ipynb")
    return tmp_path


FIRST = "[07 · Its `x[0]`, seen](../notebooks/07_ahead.ipynb#cell-id=first)"
BOX = "[07 · Wrong (so)?](../notebooks/07_ahead.ipynb#cell-id=in-a-box)"


def test_the_tool_writes_the_heading_above_a_cell(project):
    page = "| a | [](07/first), [](07/in-a-box), [b](c.md) |\n"
    wanted = f"| a | {FIRST}, {BOX}, [b](c.md) |\n"
    assert linked(page, project) == wanted
    assert linked(wanted, project) == wanted
    assert linked(wanted.replace("seen", "gone").replace("_ahead", "_before"), project) == wanted


def test_the_tool_names_all_that_leads_nowhere(project):
    page = f"[](07/last) {FIRST} [](09/first)"
    with pytest.raises(ValueError) as caught:
        linked(page, project)
    assert str(caught.value) == (
        "07/last: 07_ahead.ipynb has no cell with this id.\n09/first: there is no lesson 09 yet."
    )
