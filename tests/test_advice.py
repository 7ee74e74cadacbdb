"""`make advice` prints figures beside what is advised, and marks what is outside."""

import subprocess
import sys

import nbformat
from nbformat import v4

from notebooks import PATHS, ROOT

TOOL = ROOT / "tools" / "advice.py"


def printed(*arguments, **how):
    command = [sys.executable, str(TOOL), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, **how)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_it_prints_the_figures_of_this_project_from_any_folder(tmp_path):
    shown = printed(cwd=tmp_path)
    assert "Public names: " in shown
    assert all(path.stem in shown for path in PATHS)


def test_what_is_outside_the_advice_is_marked(tmp_path):
    for folder in ("lstm_helpers", "tests", "tools", "notebooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "lstm_helpers" / "__init__.py").write_text(f"__all__ = {['name'] * 36}\n")
    (tmp_path / "tests" / "test_long.py").write_text("x = 1\n" * 251)
    (tmp_path / "tools" / "short.py").write_text("x = 1\n" * 250)
    cells = [
        v4.new_markdown_cell("two words\n\n" + "word " * 358),
        v4.new_code_cell("import lstm_helpers\n" * 30),  # the set-up cell
        *(v4.new_code_cell("x\n" * 3 + "x") for _ in range(2)),
        v4.new_markdown_cell("*Figure: of no account.*\n<details>\n\nnor this\n\n</details>"),
        v4.new_code_cell("x\n" * 21 + "x"),
        v4.new_code_cell("assert x\n" * 30, metadata={"tags": ["proof"]}),
        v4.new_code_cell("answer = ..."),
        v4.new_code_cell('from lstm_helpers import check\n\ncheck("01.1", answer)'),
    ]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "notebooks" / "01_lesson.ipynb")

    lines = [" ".join(line.split()) for line in printed(tmp_path).splitlines()]
    assert lines[:2] == ["Files over 250 lines: 1 of 3", "! 251 tests/test_long.py"]
    assert "! Public names: 36, about 35 at most" in lines
    # 360 words / 180 + 30 lines / 10 + 4 minutes for the exercise
    assert lines[-3:] == [
        "shown cells ≤ 22 lines median 3-5 longest ≤ 20 words minutes ≤ 30",
        "01_lesson 3 30 4 ! 22 360 9",
        "",
    ]
