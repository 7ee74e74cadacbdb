"""The shape comments in the lessons, the README and the package are true."""

import ast
import re
from dataclasses import dataclass

import pytest
import torch
from test_readme import CODE, README, ROOT

from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM, Windows, load_flights, trace_shapes
from lstm_helpers._tracing.shape_comments import claims
from notebooks import PATHS, code_cells, read

X = torch.rand(5, 12, 1)
# Each class with commented lines: what it is built with, and what it is called with.
CLASSES = {
    "01_univariate Forecaster": ((1, 3), X),
    "03_many_to_one MyModel": ((), torch.rand(5, 12, 2)),
}
README_WINDOWS = Windows(load_flights(), seq_len=12)
# Each other commented statement, by its first word: what it needs.
STATEMENTS = {
    "03_many_to_one for": {"train_windows": [(torch.rand(12, 2), torch.rand(1, 3))]},
    "04_many_to_many beginnings": {"x": X},
    "README windows": {"x": README_WINDOWS.x, "y": README_WINDOWS.y},
    "README x": {},
    "README y": {},
}
ASKED = re.compile(r"^ +return \.\.\.|^def peeks")  # the reader's own answer comes here


@dataclass
class Commented:
    """A commented class or statement of a lesson or page, alone."""

    title: str
    source: str
    comments: list[str]


def shape_comments(source):
    lines = [line for line in source.splitlines() if not ASKED.match(line)]
    found = [re.search(r"#.*", line) for line in lines]
    return [match[0] for match in found if match and claims(match[0])]


def commented(title, source) -> list[Commented]:
    found = []
    for node in ast.parse(source).body:
        parts = [node]
        if isinstance(node, ast.FunctionDef):
            parts = [n for n in ast.walk(node) if isinstance(n, ast.For | ast.Assign)]
        for part in parts:
            code = "\n".join(source.splitlines()[part.lineno - 1 : part.end_lineno])
            if isinstance(part, ast.For):
                code = code.splitlines()[0]
            if said := shape_comments(code):
                name = getattr(part, "name", code.split()[0])
                found.append(Commented(f"{title} {name}", code.strip(), said))
    return found


PIECES = [
    piece
    for path in PATHS
    for cell in code_cells(read(path))
    if shape_comments(cell.source)
    for piece in commented(path.stem, cell.source)
] + [piece for code in CODE for piece in commented("README", code)]


def test_no_commented_line_is_left_out():
    assert {piece.title for piece in PIECES} == {*CLASSES, *STATEMENTS}
    cells = [cell.source for path in PATHS for cell in code_cells(read(path))]
    everywhere = [c for source in (*cells, *CODE) for c in shape_comments(source)]
    assert sorted(everywhere) == sorted(c for piece in PIECES for c in piece.comments)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)
def test_comments_of_lessons_and_readme(piece, tmp_path):
    path, names = tmp_path / "piece.py", {}
    if piece.title in CLASSES:
        source = piece.source
    else:
        body = piece.source
        if body.startswith("for "):
            body += "\n        pass"
        if body.startswith("windows = "):  # of which the comment describes x and y
            body = f"x, y = x + 0, y + 0  {piece.comments[0]}"
        source = f"def piece({', '.join(STATEMENTS[piece.title])}):\n    {body}\n"
    path.write_text(f"import torch\nfrom torch import nn\n\n\n{source}\n", encoding="utf-8")
    exec(compile(path.read_text(), str(path), "exec"), names)
    if piece.title in CLASSES:
        built, x = CLASSES[piece.title]
        found = trace_shapes(names[piece.title.split()[1]](*built), x).comments()
    else:
        found = trace_shapes(names["piece"], *STATEMENTS[piece.title].values()).comments()
    assert found.wrong == found.did_not_run == []
    assert len(found.right) + len(found.questions) == len(piece.comments)
    assert {c.text for c in found.questions} <= {
        "# (5, 1, 1), (5, 2, 1), ... (5, 12, 1)",  # a list of many sizes
    }


@pytest.mark.parametrize("model", [ManyToOneLSTM(1, 3, horizon=2), ManyToManyLSTM(1, 3)])
def test_comments_of_the_models(model):
    found = trace_shapes(model, X).comments()
    assert found.right
    assert found.wrong == found.questions == found.did_not_run == []


def test_pages_have_no_commented_line_that_is_not_run():
    for page in (ROOT / "docs").glob("*.md"):
        code = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        assert [c for source in code for c in shape_comments(source)] == [], page.name
    assert len(shape_comments(README)) >= 2
