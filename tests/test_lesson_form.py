"""Each rule of a lesson's form passes a small lesson that keeps it, and tells one that does not."""

import re
import sys

import nbformat
import pytest
from nbformat import v4

from notebooks import ROOT

sys.path.append(str(ROOT / "tools"))
import folding
import lesson_form
import lessons

TITLE = "#@title Proof: a window and its target take 13 months"
HOLDS = "holds: a window and its target take 13 months\n"


def code(source, out="", **metadata):
    cell = v4.new_code_cell(source, metadata=metadata)
    cell.outputs = [v4.new_output("stream", name="stdout", text=out)] if out else []
    return cell


def exercise(number):
    return [
        v4.new_markdown_cell(f"**01.{number}** How many?"),
        code("answer = ..."),
        code(f'from lstm_helpers.exercises import check\n\ncheck("01.{number}", answer)'),
        v4.new_markdown_cell("<details><summary>Solution</summary>\n\nmany words\n\n</details>"),
    ]


@pytest.fixture
def lesson():
    """A lesson that keeps every rule: 80 words, 12 shown lines, three exercises."""
    cells = [
        v4.new_markdown_cell("[![Open in Colab](badge)](colab)"),
        v4.new_markdown_cell("# 01 · One variable\n\n**Which shape?**"),
        v4.new_markdown_cell("> **After this lesson you can**\n>\n> 14 minutes, about 5 seconds."),
        code("import lstm_helpers\n" * 9),
        v4.new_markdown_cell("## 1 · The data\n\nOne line.\n\nAnother one.\n"),
        code("x = 1\nx = 2\nx = 3"),
        code("x = 4\nassert x == 4\nx += 1\nprint(x)", "5\n"),
        code(f"{TITLE}\nassert x == 5\nassert x < 6\nprint(...)", HOLDS, tags=["proof"]),
        v4.new_markdown_cell("word " * 40 + "\n\n*Figure: this is not counted.*"),
        code("%time x\nx\nx\nx\nx", tags=["nbval-ignore-output"]),
        *(cell for number in (1, 2, 3) for cell in exercise(number)),
        v4.new_markdown_cell("## Recap\n\n```python\nnot counted either\n```"),
    ]
    notebook = v4.new_notebook(cells=cells)
    folding.fold(notebook)
    return notebook


def find(lesson, start):
    return next(cell for cell in lesson.cells if cell.source.startswith(start))


def broken(lesson):
    """The names of the rules that are broken."""
    return [rule.__name__ for rule in lesson_form.RULES if rule(lesson)]


def test_a_lesson_that_keeps_every_rule(lesson):
    assert lesson_form.faults(lesson) == []
    assert lessons.sizes(lesson) == {
        "shown cells": 3,
        "lines": 12,
        "median": 4,
        "longest": 5,
        "words": 80,
        "minutes": 14,
    }


def until(lesson, words):
    """Add to the text until it has so many words."""
    lesson.cells[-1].source += " word" * (words - lessons.words(lesson))
    assert lessons.words(lesson) == words


def test_the_minutes_are_rounded_up(lesson):
    """3 exercises, 12 lines and 144 words take 14 minutes; one word more, and they are 15."""
    until(lesson, 144)
    assert lessons.minutes(lesson) == 14
    until(lesson, 145)
    assert lessons.minutes(lesson) == 15
    assert broken(lesson) == ["minutes_in_the_box"]
    assert lesson_form.faults(lesson) == ["the box says minutes ['14'], but it takes 15"]


FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


def test_the_folding_follows_from_the_tags(lesson):
    set_up, proof = find(lesson, "import"), find(lesson, TITLE)
    assert set_up.metadata == {**FOLDED, "tags": ["hide-input"]}
    assert proof.metadata == {**FOLDED, "tags": ["proof", "hide-input"]}
    assert find(lesson, "%time").metadata == {"tags": ["nbval-ignore-output"]}
    others = [cell for cell in lesson.cells if cell is not set_up and cell is not proof]
    assert not any(set(cell.metadata) - {"tags"} for cell in others)
    nbformat.validate(lesson)


def test_folding_twice_changes_nothing_and_heals_what_an_editor_did(lesson):
    stored = nbformat.writes(lesson)
    folding.fold(lesson)
    assert nbformat.writes(lesson) == stored
    find(lesson, TITLE).metadata = {"tags": ["proof", "proof"], "jupyter": {"source_hidden": False}}
    find(lesson, "import").metadata = {}
    find(lesson, "x = 1").metadata = {**FOLDED, "tags": ["hide-input"], "collapsed": True}
    assert len(lesson_form.folding(lesson)) == 3
    folding.fold(lesson)
    assert nbformat.writes(lesson) == stored


@pytest.mark.parametrize("start", ["import", TITLE])
@pytest.mark.parametrize("key", ["cellView", "jupyter", "tags"])
def test_a_cell_without_its_folding_is_told(lesson, start, key):
    del find(lesson, start).metadata[key]
    assert "folding" in broken(lesson)


def test_a_cell_that_is_folded_without_the_tag_is_told(lesson):
    find(lesson, "x = 1").metadata = dict(FOLDED)
    assert broken(lesson) == ["folding"]


def test_unknown_tags_and_texts_as_proofs_are_told(lesson):
    find(lesson, "x = 1").metadata["tags"] = ["Proof"]
    find(lesson, "# 01").metadata["tags"] = ["proof"]
    assert lesson_form.known_tags(lesson) == [
        "the tag 'Proof' is unknown: ['gallery', 'hide-input', 'nbval-ignore-output', 'proof'] "
        "are known",
        "'# 01 · One variable' is text: only a code cell can have the tag `proof`",
    ]


@pytest.mark.parametrize(
    ("source", "out", "said"),
    [
        ("assert x\nprint(1)", HOLDS, "has to be `#@title Proof: ...`"),
        ("#@title Proof:\nassert x", HOLDS, "has to be `#@title Proof: ...`"),
        (f"\n{TITLE}\nassert x", HOLDS, "has to be `#@title Proof: ...`"),
        (f"{TITLE}\nassert x", "", "has to print 'holds: a window and its target take 13"),
        (f"{TITLE}\nassert x", HOLDS.upper(), "has to print 'holds: "),
        (f"{TITLE}\nassert x", HOLDS.replace("13", "12"), "has to print 'holds: "),
        (f"{TITLE} or so\nassert x", HOLDS, "has to print 'holds: "),
        (f"{TITLE}\nprint(x)", HOLDS, "asserts nothing"),
    ],
)
def test_proofs_that_do_not_say_what_holds_are_told(lesson, source, out, said):
    cell = find(lesson, TITLE)
    cell.source, cell.outputs = source, code("", out).outputs
    assert broken(lesson) == ["proofs_say_what_holds"]
    (fault,) = lesson_form.faults(lesson)
    assert said in fault


@pytest.mark.parametrize(
    "proving",
    ["assert x", "np.testing.assert_allclose(x, 5)", "with expect_error(ValueError):\n    y"],
)
def test_a_proof_may_prove_in_several_ways_and_print_more(lesson, proving):
    cell = find(lesson, TITLE)
    cell.source = f"{TITLE}\n{proving}\nprint(...)"
    cell.outputs = code("", f"x is 5\n{HOLDS}and more\n").outputs
    assert lesson_form.faults(lesson) == []


def test_a_title_without_the_tag_is_told(lesson):
    find(lesson, "x = 1").source = "#@title Proof: x is 1\nx\nx"
    assert lesson_form.faults(lesson) == ["'#@title Proof: x is 1' has no tag `proof`"]


@pytest.mark.parametrize(
    "asserts",
    [
        "assert x\nassert x",
        "assert (\n    x\n)",
        "assert x\nfor y in x:\n    torch.testing.assert_close(y, y)",
        "assert_frame_equal(\n    x, x)",
        "%time x\nassert x; x\nassert x",
    ],
)
def test_more_than_one_line_that_asserts_is_told(lesson, asserts):
    find(lesson, "x = 1").source = f"{asserts}\nx"
    assert broken(lesson) == ["at_most_one_assert"]


@pytest.mark.parametrize("asserts", ["assert x", "x\nassert_close(x, x)", "assert x, 'assert'"])
def test_one_line_that_asserts_may_stay(lesson, asserts):
    find(lesson, "x = 1").source = f"{asserts}\nx\nx"
    assert "at_most_one_assert" not in broken(lesson)


def with_cells(lesson, sources):
    """The lesson with these cells more; the box is adapted."""
    lesson.cells[-1:-1] = [code(source) for source in sources]
    box = find(lesson, "> ")
    box.source = re.sub(r"\d+ minutes", f"{lessons.minutes(lesson)} minutes", box.source)
    return lesson


SIZES = [
    (19, "x\nx\nx\nx", None),
    (20, "x\nx\nx\nx", "shown cells: 23, but 1 to 22 are asked for"),
    (9, "x\nx", "median: 2, but 3 to 5 are asked for"),
    (9, "x\nx\nx\nx\nx\nx", "median: 6, but 3 to 5 are asked for"),
    (1, "x\n" * 19 + "x", None),
    (1, "x\n" * 20 + "x", "longest: 21, but 1 to 20 are asked for"),
]


@pytest.mark.parametrize(("count", "source", "said"), SIZES)
def test_sizes_outside_the_limits_are_told(lesson, count, source, said):
    lesson = with_cells(lesson, [source] * count)
    assert lesson_form.faults(lesson) == ([said] if said else [])


@pytest.mark.parametrize(("words", "minutes"), [(3024, 30), (3025, 31)])  # and 12 lines
def test_more_than_thirty_minutes_are_told_but_of_a_gallery(lesson, words, minutes):
    until(lesson, words)
    with_cells(lesson, [])
    assert lessons.minutes(lesson) == minutes
    said = ["minutes: 31, but 1 to 30 are asked for"] if minutes > 30 else []
    assert lesson_form.faults(lesson) == said
    find(lesson, "# 01").metadata["tags"] = ["gallery"]
    assert lesson_form.faults(lesson) == []


def test_a_gallery_may_have_more_cells_but_no_longer_ones(lesson):
    find(lesson, "# 01").metadata["tags"] = ["gallery"]
    assert lesson_form.faults(with_cells(lesson, ["x\nx\nx\nx"] * 30)) == []
    with_cells(lesson, ["x\n" * 20 + "x"])
    assert lesson_form.faults(lesson) == ["longest: 21, but 1 to 20 are asked for"]


@pytest.mark.parametrize("count", [2, 4])
def test_another_number_of_exercises_is_told(lesson, count):
    del lesson.cells[-5:-1]
    for number in range(3, count + 1):
        lesson.cells[-1:-1] = exercise(number)
    with_cells(lesson, [])
    assert lesson_form.faults(lesson) == [f"there are {count} exercises, but three are asked for"]


@pytest.mark.parametrize(
    "said", ["", "13 minutes", "15 minutes", "14 min", "14 minutes, 14 minutes"]
)
def test_a_box_with_other_minutes_is_told(lesson, said):
    find(lesson, "> ").source = f"> **After this lesson you can**\n>\n> {said}"
    assert broken(lesson) == ["minutes_in_the_box"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("## 1 · The data\n\none\n\ntwo\n\nthree", 3),
        ("x" * 120 + "\n\n" + "x" * 240, 3),
        ("one\ntwo\n\n- three\n- four", 4),
        ("x" * 361, 4),
        ("x" * 120 + "\n\n" + "x" * 121 + "\n\nx", 4),
    ],
)
def test_much_text_before_anything_runs_is_told(lesson, text, lines):
    find(lesson, "## 1").source = text
    with_cells(lesson, [])
    said = f"{lines} lines of 120 characters stand below the set-up cell; 3 may"
    assert lesson_form.faults(lesson) == ([said] if lines > 3 else [])


def test_the_minutes_of_a_row_in_readme():
    text = """
| lesson | to read |
|---|---|
| [01 · One](notebooks/01_one.ipynb) | 25 min | 20 s |
| [02 · Two](notebooks/02_two.ipynb) | 30 min | 20 s |

See [lesson 01](notebooks/01_one.ipynb): 99 min.
"""
    assert lesson_form.minutes_in_readme(text, "01_one.ipynb") == [25]
    assert lesson_form.minutes_in_readme(text, "03_three.ipynb") == []
