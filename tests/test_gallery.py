"""Lesson 10: every mistake of the page has an entry, and every symptom leads to one."""

import re

import pytest

from notebooks import ROOT, printed, read

(PATH,) = (ROOT / "notebooks").glob("10_*.ipynb")
LESSON = read(PATH)
SYMPTOMS = [
    "loss falls, the forecast is flat",
    "too good to be true",
    "one step late",
    "differs on every call",
    "only works with batch size 1",
    "worse than copying",
]


def entries():
    """The heading of each entry -> its code cells, up to the next heading."""
    found, heading = {}, None
    for cell in LESSON.cells:
        if cell.cell_type == "code":
            if heading:
                found[heading].append(cell)
        elif start := re.match(r"##+ (.+)", cell.source):
            below = re.search(r"^### (.+)$", cell.source, re.MULTILINE)
            heading = below and below[1]
            found |= {heading: []} if heading else {}
            assert heading or not start[0].startswith("###")
    return found


ENTRIES = entries()
PLAIN = {"a flat forecast", "what a mistake costs"}  # not mistakes, but what serves several
JUDGED = [heading for heading in ENTRIES if heading not in PLAIN]
ROWS = re.findall(r"^\| (.+) \| (.+) \|$", LESSON.cells[0].source, re.MULTILINE)[1:]


def test_every_mistake_of_the_page_has_an_entry():
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    mistakes = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert mistakes - {"What check_preparation finds"} <= set(ENTRIES)


@pytest.mark.parametrize("heading", JUDGED)
def test_every_entry_has_a_verdict_and_a_repair(heading):
    wrong, repaired = (printed(cell) for cell in ENTRIES[heading][:2])
    assert re.search(r"^wrong ", wrong, re.MULTILINE)
    assert repaired.endswith("nothing is wrong\n")
    assert not re.search(r"^wrong ", repaired, re.MULTILINE)
    raises = {"an axis missing where two tensors meet", "a pair given to the next layer"}
    assert bool(re.search(r"^wrong +runs ", wrong, re.MULTILINE)) == (heading in raises)


def test_ten_entries_have_a_cost():
    costs = [c for cells in ENTRIES.values() for c in cells if c.source.startswith("cost(")]
    assert len(costs) >= 10
    assert all("seed 2" in printed(cell) for cell in costs)


def test_every_symptom_leads_to_entries():
    assert len(ROWS) >= len(SYMPTOMS)
    for symptom in SYMPTOMS:
        assert any(symptom in row.replace("*", "") for row, _ in ROWS), symptom
    for _, where in ROWS:
        links = re.findall(r"\[([^]]+)\]\(#(.+?)\)", where)
        assert links
        for text, anchor in links:
            assert anchor == text.replace(" ", "-")
            assert ENTRIES[text], text


def test_every_entry_is_under_a_symptom_or_was_found_in_a_library():
    named = {text for _, where in ROWS for text in re.findall(r"\[([^]]+)\]\(#", where)}
    libraries = [heading for heading in JUDGED if re.search(r" \d+\.\d+\.\d+", heading)]
    assert len(libraries) == 9
    assert set(JUDGED) - named == set(libraries)
