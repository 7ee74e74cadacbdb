"""The tables of the benchmarks: how rows are made, read and compared, and what quotes them."""

import sys
from functools import partial

import pytest

from notebooks import PATHS, ROOT

sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tools")]
import run_times
import table
from measuring import Measure, in_turns

FAST = Measure("a loop / ours", list, at_least=20, why="it waits for memory.")
SLOW = Measure("ours / theirs", list, at_most=1.05)
FREE = Measure("free / none", list)
FOUND = {FAST.name: [17.25, 21.0, 19.0], SLOW.name: [1.01, 0.98, 1.2], FREE.name: [1500.0, 1234.0]}


def test_a_table_has_medians_spreads_goals_and_the_reason_of_what_is_missed():
    assert table.written([FAST, SLOW, FREE], FOUND) == (
        "| measure | ratio | spread | goal |\n"
        "|---|---|---|---|\n"
        "| a loop / ours | 19.0 | 17.2 to 21.0 | at least 20 MISS |\n"
        "| ours / theirs | 1.01 | 0.98 to 1.20 | at most 1.05 |\n"
        "| free / none | 1,367 | 1,234 to 1,500 | none |\n"
        "\nWhat is missed, and why:\n\n- **a loop / ours**: it waits for memory.\n"
    )
    assert table.said(FAST, [19.0]) == "bench a loop / ours: 19.0 (goal at least 20) MISS"


def test_no_reason_is_written_where_nothing_is_missed():
    assert "why" not in table.written([FAST], {FAST.name: [20.0, 21.0, 23.0]})


def test_what_only_linux_says_is_not_measured_elsewhere(monkeypatch, capsys):
    only_there = Measure("memory / none", lambda: [2.0], at_most=3, linux=True)
    for system, line in (("Linux", "[2.0]"), ("Darwin", "[]")):
        monkeypatch.setattr(table.platform, "system", lambda system=system: system)
        table.once([only_there])
        assert capsys.readouterr().out == f'["memory / none", {line}]\n'
    row = table.row(only_there, [])
    assert row == "| memory / none | not measured here | none | at most 3 |"
    assert table.said(only_there, []) == "bench memory / none: not measured here"


@pytest.fixture
def compared(tmp_path, capsys):
    """Compare two tables, each of rows {name: ratios}; what is said."""

    def compare(*runs):
        for number, found in enumerate(runs):
            text = table.written([Measure(name, list) for name in found], found)
            (tmp_path / f"{number}.md").write_text(text, encoding="utf-8")
        outside = table.compare(tmp_path / "0.md", tmp_path / "1.md")
        return outside, capsys.readouterr().out

    return compare


def test_two_runs_agree_where_each_median_lies_in_the_other_spread(compared):
    before = {"first": [1400.0, 1500.0, 1800.0], "second": [0.9, 1.0, 1.1], "gone": [3.0, 4.0]}
    after = {"first": [1300.0, 1450.0, 1550.0], "second": [0.95, 1.1, 1.3], "not yet": [5.0]}
    assert compared(before, after) == (0, "2 rows in both, 0 differ by more than said\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([0.9, 1.0, 1.1], [1.15, 1.2, 1.3]),
        ([0.9, 1.0, 1.1], [0.95, 1.15, 1.3]),  # 1.0 lies in the new spread, 1.15 not in the old
        ([0.95, 1.15, 1.3], [0.9, 1.0, 1.1]),
    ],
)
def test_a_median_outside_is_told(compared, before, after):
    outside, said = compared({"row": before}, {"row": after})
    assert outside == 1
    old, new = ("{1:.2f} ({0:.2f} to {2:.2f})".format(*run) for run in (before, after))
    assert said == f"row: {old}, then {new}\n1 rows in both, 1 differ by more than said\n"


def test_what_was_not_measured_is_not_compared(compared):
    assert compared({"row": []}, {"row": [1.5]}) == (
        0,
        "1 rows in both, 0 differ by more than said\n",
    )


def test_two_ways_take_turns_and_the_first_round_is_left_out():
    asked = []
    found = in_turns(partial(asked.append, "a"), partial(asked.append, "b"), rounds=3)
    assert asked == [*"ba", *"ab", *"ba", *"ab"]
    assert len(found) == 3


def test_the_readme_and_the_page_quote_the_tables():
    page = run_times.PAGE.read_text(encoding="utf-8")
    assert page == run_times.page(), "run python tools/run_times.py"
    readme = run_times.README.read_text(encoding="utf-8")
    assert readme == run_times.readme(readme), "run python tools/run_times.py"
    ratio, *_ = table.read(run_times.RESULTS)[run_times.FIT]
    for text in (readme, page):
        assert f"`fit` takes {ratio} times as long as a bare loop over the same batches" in text


def test_the_page_has_every_lesson_and_every_target_of_make():
    page = run_times.PAGE.read_text(encoding="utf-8")
    for path in PATHS:
        assert f"| [{path.stem}](../notebooks/{path.name}) | " in page
    for target in ("quick", "test", "bench", "bench-peers", "study"):
        assert f"| `make {target}` | " in page


def test_each_row_of_the_table_has_a_reason_where_it_is_missed():
    for path in (run_times.RESULTS, run_times.PEERS):
        text = path.read_text(encoding="utf-8")
        missed = [name for name, (*_, goal) in table.read(path).items() if goal.endswith("MISS")]
        for name in missed:
            assert f"- **{name}**: " in text
        assert "no reason was found" not in text
