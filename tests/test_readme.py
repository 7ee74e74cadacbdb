"""What the README says is run."""

import re
import sys
from pathlib import Path
from types import ModuleType

import matplotlib.pyplot as plt
import pytest
from torch import nn

from notebooks import PATHS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


THERE = {path.name[:2]: f"notebooks/{path.name}" for path in PATHS}


def test_the_table_has_a_row_for_every_lesson():
    rows = r"^\| \[(\d\d) · .+\]\((.+)\) \|(?: .+ \|){2} \d+ min \| \d+ s \|$"
    assert dict(re.findall(rows, README, re.MULTILINE)) == THERE


def test_the_map_links_every_lesson():
    rows = re.findall(r"^\| [\w ]+ \| (\[?\d\d .+) \|$", README, re.MULTILINE)
    lessons = {re.search(r"\d\d", name)[0]: name for name in " · ".join(rows).split(" · ")}
    assert list(lessons) == [f"{n:02}" for n in range(1, 13)]
    for number, name in lessons.items():
        path = re.fullmatch(r"\[[^]]+\]\((.+)\)", name)
        assert path, name
        assert path[1] == THERE[number]


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
    targets = " ".join(re.findall(r"^([a-z -]+):(?!=)", makefile, re.MULTILINE)).split()
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for page in (README, contributing):
        named = re.findall(r"`make ([\w-]+)", page)
        assert named
        assert set(named) <= set(targets)
    assert set(re.findall(r"`make ([\w-]+)", contributing)) == {*targets} - {"lab"}


def test_its_picture_is_what_the_model_draws(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    from draw_readme_picture import PICTURE, draw

    draw().figure.savefig(tmp_path / "now.png", dpi=100)
    stored, now = plt.imread(PICTURE), plt.imread(tmp_path / "now.png")
    assert stored.shape == now.shape
    assert abs(stored - now).mean() < 0.01  # fonts are drawn a little differently elsewhere
