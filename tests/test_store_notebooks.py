"""Storing a notebook: outputs, the set-up cell, the folding; the same bytes each time."""

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from notebooks import ROOT, code_cells, printed, read

sys.path.append(str(ROOT / "tools"))
from run_tests import RUNS
from store_notebooks import leave_pages_out

HERE = {"PYTHONPATH": str(ROOT)}  # the kernel's package is this one
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


def store(path):
    command = [sys.executable, str(ROOT / "tools" / "store_notebooks.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **HERE})


def write(path, proof):
    cells = [
        v4.new_markdown_cell("# 01 · A lesson", id="a"),
        v4.new_code_cell("import lstm_helpers\n", id="b"),
        v4.new_code_cell("x = 13\nx", id="c", metadata={"collapsed": True, "tags": ["hide-input"]}),
        v4.new_code_cell(proof, id="d", metadata={"scrolled": True, "tags": ["proof"]}),
    ]
    nbformat.write(v4.new_notebook(cells=cells, metadata={"widgets": {}}), path)


@pytest.mark.slow
def test_a_notebook_is_stored_folded_and_the_same_each_time(tmp_path):
    path = tmp_path / "01_lesson.ipynb"
    write(path, '#@title Proof: x is 13\nassert x == 13\nprint("holds: x is 13")')
    assert store(path).returncode == 0
    stored = path.read_bytes()
    notebook = read(path)
    set_up, shown, proof = code_cells(notebook)
    assert set_up.source.startswith("#@title Set-up")
    assert set_up.metadata == {**FOLDED, "tags": ["hide-input"]}
    assert shown.metadata == {}
    assert proof.metadata == {**FOLDED, "tags": ["proof", "hide-input"]}
    assert [printed(shown), printed(proof)] == ["13", "holds: x is 13\n"]
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert store(path).returncode == 0
    assert path.read_bytes() == stored


def test_of_a_page_in_a_frame_the_line_of_text_is_stored():
    table = {"text/html": "<table><td>13</td></table>", "text/plain": "13"}
    page = {"text/html": '<iframe srcdoc="a page"></iframe>', "text/plain": "one line"}
    cell = v4.new_code_cell("explore_shapes()")
    cell.outputs = [
        v4.new_output("stream", text="read\n"),
        v4.new_output("display_data", data=dict(table)),
        v4.new_output("execute_result", data=dict(page)),
    ]
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# Title"), cell])
    leave_pages_out(notebook)
    nbformat.validate(notebook)
    assert [output.get("data") for output in cell.outputs] == [
        None,
        table,
        {"text/plain": "one line"},
    ]


@pytest.mark.slow
def test_nbval_runs_a_folded_proof_like_any_other_cell(tmp_path):
    """Also with other versions of the packages, where tools/other_versions.py runs the same."""
    path = tmp_path / "01_lesson.ipynb"
    write(path, '#@title Proof: x is 13\nassert x == 13\nprint("holds: x is 13")')
    assert store(path).returncode == 0
    nbval = RUNS["notebooks"][RUNS["notebooks"].index("--nbval") : -1]  # in one process
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nbval, path]
    how = {"capture_output": True, "text": True, "cwd": ROOT, "env": {**os.environ, **HERE}}
    assert "3 passed" in subprocess.run(command, **how).stdout
    path.write_text(path.read_text().replace("assert x == 13", "assert x == 12"))
    assert "1 failed, 2 passed" in subprocess.run(command, **how).stdout


@pytest.mark.slow
def test_a_notebook_whose_proof_fails_is_left_as_it_was(tmp_path):
    path = tmp_path / "01_lesson.ipynb"
    write(path, "#@title Proof: x is 12\nassert x == 12")
    before = path.read_bytes()
    result = store(path)
    assert result.returncode == 1
    assert "AssertionError" in result.stderr
    assert path.read_bytes() == before
