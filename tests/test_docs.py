"""The pages in docs/: every link leads somewhere, and what code writes is what it gives now."""

import re
import sys

import pytest

from notebooks import PATHS, ROOT, read

sys.path.append(str(ROOT / "tools"))
from link_cells import headings

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
TARGET = re.compile(r"\]\(((?:[^()\s]|\([^()\s]*\))+)\)")


def links(page):
    """Where the links of a page lead within the project: paths from the page, with headings."""
    code = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
    found = TARGET.findall(code.sub("", page.read_text(encoding="utf-8")))
    return [link for link in found if not link.startswith("https://")]


def anchors(path):
    """The places in a file that a link can name: cells of a lesson, headings as GitHub does."""
    if path.suffix == ".ipynb":
        return {f"cell-id={cell.id}" for cell in read(path).cells}
    found = headings(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_place_in_it(page):
    for link in links(page):
        name, _, place = link.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), link
        assert not place or place in anchors(path), link


@pytest.mark.parametrize("folder", ["lstm_helpers/_preparing", "docs/site"])
def test_the_page_of_what_lives_where_names_every_file(folder):
    said = (ROOT / "docs" / "inside.md").read_text(encoding="utf-8")
    files = [path for path in (ROOT / folder).iterdir() if path.suffix in (".py", ".md")]
    assert len(files) > 4
    missing = [path.name for path in files if not re.search(rf"[`/]{path.name}`", said)]
    assert missing in ([], ["__init__.py"])


def test_the_readme_leads_to_every_page():
    there = {ROOT / link.partition("#")[0] for link in links(ROOT / "README.md")}
    assert set(PAGES[1:]) <= there


def test_links_of_every_kind_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "![a](b.png) and [c](d.md#e-(f)) and [g](h.ipynb#cell-id=i-j)\n"
        "[m](https://n.org) [`x[0](1)`](o.md)\n```python\np[q](r.md)\n```\n[s](#t)\n"
    )
    assert links(page) == ["b.png", "d.md#e-(f)", "h.ipynb#cell-id=i-j", "o.md", "#t"]


def test_the_glossary_has_each_word_once_and_three_columns():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in text.splitlines() if row.startswith("| ")]
    assert {len(row) for row in rows} == {3}
    assert len({row[0] for row in rows}) == len(rows) > 20


def test_the_ledger_is_what_its_code_gives():
    from write_ledger import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_ledger_has_every_shape_of_the_recaps():
    shapes = set(re.findall(r"\((?:\d+, )*\d+,?\)", (ROOT / "docs" / "shapes.md").read_text()))
    for path in PATHS:
        recap = read(path).cells[-1].source
        for shape in re.findall(r"^\| (\([\d, ]+\)) \|", recap, re.MULTILINE):
            assert shape in shapes, f"{shape} of {path.name}"


@pytest.mark.slow
def test_the_page_of_mistakes_is_what_check_model_says():
    from write_checks import DONE_RIGHT, MISTAKES, PAGE, page

    assert set(DONE_RIGHT) == set(MISTAKES)
    assert page() == PAGE.read_text(encoding="utf-8"), "run python tools/write_checks.py"
    readme = PAGES[0].read_text(encoding="utf-8")
    assert f"[{len(MISTAKES)} such mistakes](docs/checks.md)" in readme
