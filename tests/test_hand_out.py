"""The copies for a class: every exercise is there, and no solution."""

import sys

import nbformat
import pytest

from notebooks import PATHS, ROOT, exercises, read

sys.path.append(str(ROOT / "tools"))
from hand_out import copy, links, main


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_copy_has_every_exercise_and_no_solution(path):
    asked, given = exercises(read(path)), copy(path)
    assert len(asked) >= 3
    texts = "\n".join(cell.source for cell in given.cells)
    for exercise in asked:
        assert f'check("{exercise.name}"' in texts
        assert exercise.answer.source in texts
        assert f"```python\n{exercise.solution}" not in texts
    assert "Solution" not in texts
    assert texts.count("<summary>Hint</summary>") >= len(asked)
    nbformat.validate(given)


def test_all_else_stays(tmp_path, capsys):
    before = {path: path.read_bytes() for path in PATHS}
    main(tmp_path / "class")
    assert f"{len(PATHS)} lessons without solutions" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in PATHS}
    for path in PATHS:
        whole, given = read(path).cells, read(tmp_path / "class" / "notebooks" / path.name).cells
        assert [cell.id for cell in given] == [cell.id for cell in whole]
        kept = [(one, two) for one, two in zip(whole, given, strict=True) if one != two]
        assert all("<summary>Solution</summary>" in one.source for one, _ in kept)
        assert len(kept) == len(exercises(read(path)))


def test_every_link_of_a_copy_leads_to_a_copy(tmp_path):
    main(tmp_path / "class")
    files = [path for path in (tmp_path / "class").rglob("*") if path.is_file()]
    found = [(path, link) for path in files for link in links(path)]
    assert all(link in files for _, link in found)
    onnx = tmp_path / "class" / "docs" / "onnx.md"
    assert (tmp_path / "class" / "notebooks" / "11_error_messages.ipynb", onnx) in found
    assert not [path for path in files if path.name.startswith("answers_")]
    assert len(files) < len(PATHS) + 15  # not the whole project
