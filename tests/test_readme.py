"""What the README says is run."""

import re
import sys
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pytest
from torch import nn

from notebooks import PATHS, read

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def anchors(path):
    """The headings of a lesson as links name them: spaces become hyphens."""
    text = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
    return {h.replace(" ", "-") for h in re.findall(r"^(?:> )?#+ (.+)$", text, re.MULTILINE)}


def test_every_question_has_an_answer_whose_heading_exists():
    rows = re.findall(r"^\| (T\d+) \| (.+) \| (.+) \| (.+) \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == [f"T{n}" for n in range(1, 21)]
    links = [link for row in rows for link in re.findall(r"\]\(([^)#]+)#([^)]+)\)", row[3])]
    assert len(links) >= 15
    for path, anchor in links:
        assert anchor in anchors(ROOT / path), anchor


def test_the_ledger_is_what_its_code_gives(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from write_ledger import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.slow
def test_the_page_of_mistakes_is_what_check_model_says(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from write_checks import DONE_RIGHT, MISTAKES, PAGE, page

    assert set(DONE_RIGHT) == set(MISTAKES)
    assert page() == PAGE.read_text(encoding="utf-8"), "run python tools/write_checks.py"
    assert f"[{len(MISTAKES)} such mistakes](docs/checks.md)" in README


def test_the_ledger_has_every_shape_of_the_recaps():
    shapes = set(re.findall(r"\((?:\d+, )*\d+,?\)", (ROOT / "docs" / "shapes.md").read_text()))
    for path in PATHS:
        recap = read(path).cells[-1].source
        for shape in re.findall(r"^\| (\([\d, ]+\)) \|", recap, re.MULTILINE):
            assert shape in shapes, f"{shape} of {path.name}"


CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_its_first_two_pieces_of_python_run(capsys):
    names = {}
    for code in CODE[:2]:
        exec(code, names)
    shown = capsys.readouterr().out
    assert shown.startswith("(12, 1, 1)  batch=12 · horizon=1 · target=1\nManyToOneLSTM\n")


def make_forecaster(batch_first):
    class Forecaster(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 3, batch_first=batch_first)
            self.linear = nn.Linear(3, 1)

        def forward(self, x):
            return self.linear(self.lstm(x)[0][:, -1])[:, None]

    return Forecaster


def test_its_test_passes_a_right_model_and_fails_a_wrong_one(monkeypatch):
    test, names = CODE[2], {}
    module = ModuleType("forecaster")
    monkeypatch.setitem(sys.modules, "forecaster", module)
    module.Forecaster = make_forecaster(batch_first=True)
    exec(test, names)
    names["test_forecaster"]()
    names["Forecaster"] = make_forecaster(batch_first=False)
    with pytest.raises(ValueError) as caught:
        names["test_forecaster"]()
    (line,) = re.findall(r"^wrong .*$", README, re.MULTILINE)
    assert line in str(caught.value).splitlines()


def test_its_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = " ".join(re.findall(r"^([\w -]+):(?!=)", makefile, re.MULTILINE)).split()
    named = re.findall(r"\bmake ([\w-]+)", README)
    assert named
    assert set(named) <= set(targets)


def test_its_picture_is_what_the_model_draws(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from draw_readme_picture import PICTURE, draw

    draw().figure.savefig(tmp_path / "now.png", dpi=100)
    stored, now = plt.imread(PICTURE), plt.imread(tmp_path / "now.png")
    assert stored.shape == now.shape
    assert abs(stored - now).mean() < 0.01  # fonts are drawn a little differently elsewhere
