"""The form of every lesson, read without running it, and what running it with nbval catches."""

import os
import re
import subprocess
import sys
from itertools import pairwise

import nbformat
import pytest
from nbclient import NotebookClient

from notebooks import PATHS, ROOT, code_cells, exercises, printed, read, without_badges

sys.path.append(str(ROOT / "tools"))
import lesson_form

lessons = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_there_are_lessons():
    assert [path.name for path in PATHS][:1] == ["01_univariate.ipynb"]


@lessons
def test_outputs_are_stored_and_in_order(path):
    """nbval passes over a cell that was never run: so none may be missing."""
    notebook = read(path)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert path.stat().st_size < 1_000_000


@lessons
@pytest.mark.parametrize("rule", lesson_form.RULES, ids=lambda rule: rule.__name__)
def test_the_form_is_kept(rule, path):
    """What each rule asks for, and that it finds what breaks it: test_lesson_form.py."""
    assert rule(read(path)) == []


@lessons
def test_readme_says_the_minutes(path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    said = lesson_form.minutes_in_readme(readme, path.name)
    assert said == [lesson_form.minutes(read(path))]


@lessons
def test_lessons_have_the_same_frame(path):
    notebook = read(path)
    number = path.name[:2]
    title, box, set_up = without_badges(notebook)[:3]
    assert title.source.startswith(f"# {number} · ")
    assert "?" in title.source
    assert "**After this lesson you can**" in box.source
    assert box.source.count("> - ") == 3
    assert set_up.cell_type == "code"
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "Runs, but wrong" in text
    assert re.findall(r"^## (\d+) · ", text, re.M) == [
        str(n + 1) for n in range(text.count("\n## ") - 1)
    ]
    assert "## Recap" in text
    recap = notebook.cells[-1].source
    assert all(word in recap for word in re.findall(r"\*\*(\w+)\*\*", box.source.split("can**")[1]))
    assert 3 <= len(exercises(notebook)) <= 5


@pytest.mark.parametrize(("path", "following"), list(pairwise(PATHS)), ids=lambda path: path.stem)
def test_the_recap_leads_to_the_next_lesson(path, following):
    assert f"]({following.name})" in read(path).cells[-1].source


@lessons
def test_every_figure_is_described(path):
    notebook = read(path)
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        figures = [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
        if figures:
            assert below.source.startswith("*Figure: "), cell.source
        assert not cell.get("attachments")


@lessons
def test_unanswered_exercises_say_so(path):
    for exercise in exercises(read(path)):
        assert "..." in exercise.answer.source
        assert printed(exercise.check) == (
            f"{exercise.name}  No answer yet. Put yours in place of `...` in the cell above.\n"
        )


TRAINS = re.compile(r"(?<![.\w])fit\(|optimizer\.step")


@pytest.mark.slow
@lessons
def test_the_folded_solutions_pass_their_checks(path, monkeypatch):
    """Without the cells that train: no solution needs one, and cells that do may fail."""
    for name, value in {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = read(path)
    found = exercises(notebook)
    notebook.cells = [cell for cell in notebook.cells if not TRAINS.search(cell.source)]
    for exercise in found:
        assert exercise.answer in notebook.cells
        exercise.answer.source = exercise.solution
    NotebookClient(notebook, timeout=300, kernel_name="python3", allow_errors=True).execute()
    for exercise in found:
        assert printed(exercise.check).startswith(f"{exercise.name}  Right. ")


def run_nbval(path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    environment.pop("MPLBACKEND", None)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:xdist"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        env=environment,
    )


@pytest.mark.slow
@pytest.mark.parametrize("change", [None, "a shape", "a number of windows"])
def test_nbval_turns_red_when_a_stored_shape_changes(change, tmp_path):
    """In a copy of the lesson, up to its first batch: as stored it is green, changed it is red."""
    notebook = read(PATHS[0])
    last = next(i for i, c in enumerate(notebook.cells) if c.id == "batch")
    notebook.cells = notebook.cells[: last + 1]
    stored = notebook.cells[last].outputs[0]
    if change == "a shape":
        assert "x (5, 12, 1)" in stored.text
        stored.text = stored.text.replace("x (5, 12, 1)", "x (12, 5, 1)")
    elif change == "a number of windows":
        stored = next(c for c in notebook.cells if c.id == "windows-plot").outputs[0]
        assert "108 windows" in stored.text
        stored.text = stored.text.replace("108 windows", "109 windows")
    copy = tmp_path / "copy.ipynb"
    nbformat.write(notebook, copy)
    result = run_nbval(copy)
    assert result.returncode == (1 if change else 0), result.stdout
    assert ("1 failed" in result.stdout) == bool(change)
