"""The shape explorer's numbers are torch's, and it shows what it computes."""

import json
import re
import sys

import pytest
import torch
from explorer_page import choose, walk_to
from lab import BROWSER, DRIVER
from selenium.webdriver.common.by import By
from torch import nn

from lstm_helpers import load_flights
from notebooks import ROOT

sys.path.append(str(ROOT / "tools"))
import explorer_table
import write_explorer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]
# What the page computes for some settings, and what it then shows
ASK = """
const [wanted, questions] = arguments
choose(wanted)
const tensors = Object.fromEntries(shown.map(t => [t.name, t]))
const part = (name, index) => {
    const {windows, steps} = tensors[name].seen(index)
    const {batch, seq} = chosen.settings
    return range(batch).map(i => range(seq).map(t => Number(
        i >= windows[0] && i < windows[1] && t >= steps[0] && t < steps[1])))
}
return {
    notes: chosen.notes,
    settings: chosen.settings,
    shapes: Object.fromEntries(shown.map(t => [t.name, t.shape])),
    weights: Object.fromEntries(weightShapes(chosen.settings).map(w => [w.name, w.shape])),
    parameters: parameters(chosen.settings),
    values: Object.fromEntries(shown.map(t => [t.name, t.values])),
    seen: questions.map(([name, index]) => [name, index, part(name, index)]),
    titles: [...document.querySelectorAll('#tensors h3')].map(h => h.innerText),
    glance: document.getElementById('glance').innerText,
    count: document.getElementById('count').innerText,
    rows: [...document.querySelectorAll('#weight-table tbody tr')].map(
        row => [...row.cells].map(cell => cell.innerText)),
    torch: document.getElementById('torch').textContent,
    formulas: [...document.querySelectorAll('#formulas code')].map(code => code.innerText),
    without: document.getElementById('no-numbers').innerText,
}
"""
CELLS = """
const name = arguments[0]
return [...document.querySelectorAll(`[data-tensor="${name}"] td[data-at]`)].map(
    cell => [cell.dataset.at, cell.innerText])
"""


@pytest.fixture(scope="module")
def table():
    return explorer_table.table()


def minus(value):
    return value.replace("\u2212", "-")


def test_every_number_is_torchs(page, table):
    assert len(table) > 100
    for row in table:
        said = page.execute_script(ASK, row["settings"], [ask[:2] for ask in row["seen"]])
        assert not said["notes"]
        assert bool(said["without"]) != bool(row["values"]), row["settings"]
        for what in ("settings", "shapes", "weights", "parameters", "seen"):
            assert said[what] == row[what], (what, row["settings"])
        for name, values in row["values"].items():
            ours, theirs = torch.tensor(said["values"][name]), torch.tensor(values)
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5, msg=f"{name} of {row}")


def test_what_is_shown_is_what_is_computed(page, table):
    for row in table[:4] + table[4::5]:
        said = page.execute_script(ASK, row["settings"], [])
        shapes = {name: f"({', '.join(map(str, sizes))})" for name, sizes in row["shapes"].items()}
        assert said["titles"] == [f"{name} {sizes}" for name, sizes in shapes.items()]
        layer, head = row["parameters"]
        words = re.findall(r"(\w+) (\([\d, ]+\))", said["glance"])
        assert dict(words) == shapes
        cell = row["settings"]["cell"]
        count = f"{layer:,} parameters of the {cell} + {head:,} of the head"
        assert said["glance"].endswith(f" · {count}")
        assert said["count"] == (
            f"{layer + head:,} parameters: {layer:,} in nn.{cell}, {head:,} in nn.Linear."
        )
        for (name, sizes), shown in zip(row["weights"].items(), said["rows"], strict=False):
            assert shown[0] == name
            assert tuple(
                json.loads(shown[1].replace("(", "[").replace(",)", ")").replace(")", "]"))
            ) == tuple(sizes)
        for name in row["values"]:
            values = torch.tensor(row["values"][name]).reshape(row["shapes"][name])
            for at, shown in page.execute_script(CELLS, name):
                value = values[tuple(map(int, at.split(",")))].item()
                assert abs(float(minus(shown)) - value) < 0.00501


def test_the_formulas_of_the_count_can_be_typed(page, table):
    for row in table:
        said = page.execute_script(ASK, row["settings"], [])["formulas"]
        found = []
        for formula in said:
            words, numbers, total = formula.split(" = ")
            found.append(int(total.replace(",", "")))
            assert eval(words, dict(row["settings"])) == eval(numbers) == found[-1], formula
        *layers, head = found
        assert [sum(layers), head] == row["parameters"], (said, row["settings"])


def test_the_lines_of_pytorch_have_the_shapes_of_any_size(page, table):
    for row in [row for row in table if not row["values"]]:
        lines = page.execute_script(ASK, row["settings"], [])["torch"]
        assert max(map(len, lines.splitlines())) <= 70
        with torch.device("meta"):
            names = {"x": torch.empty(row["shapes"]["x"])}
            exec(lines, names)
        for name, sizes in row["shapes"].items():
            assert list(names[name].shape) == sizes, (name, row["settings"])


def test_the_lines_of_pytorch_run_and_give_the_same(page, table):
    for row in [row for row in table if row["values"]][::2]:
        s = row["settings"]
        lines = page.execute_script(ASK, s, [])["torch"]
        names = {"x": explorer_table.months(s)}
        if s["batch_first"] == "False":
            names["x"] = names["x"].transpose(0, 1)
        making, _, running = lines.rpartition("\n\n")
        exec(making, names)
        layer, linear = names[s["cell"].lower()], names["linear"]
        assert isinstance(layer, getattr(nn, s["cell"]))
        theirs = explorer_table.Model(s)
        for ours, its in ((layer, theirs.layer), (linear, theirs.linear)):
            ours.double().load_state_dict(its.state_dict())
        exec(running, names)
        for name, values in row["values"].items():
            assert list(names[name].shape) == row["shapes"][name]
            expected = torch.tensor(values, dtype=torch.float64)
            torch.testing.assert_close(names[name].flatten(), expected)


def trained():
    found = json.loads(write_explorer.TRAINED.read_text(encoding="utf-8"))
    lstm = nn.LSTM(1, 4, batch_first=True, dtype=torch.float64)
    linear = nn.Linear(4, 1, dtype=torch.float64)
    for part, layer in (("weights", lstm), ("linear", linear)):
        layer.load_state_dict(
            {n: torch.tensor(w, dtype=torch.float64) for n, w in found[part].items()}
        )
    return lstm, linear


def cell_rows(page):
    """The numbers of the step that is shown, by the name of their row."""
    rows = page.find_elements(By.CSS_SELECTOR, "#cell tbody tr")
    return {
        row.get_attribute("data-row"): [
            float(cell.get_attribute("data-value"))
            for cell in row.find_elements(By.CSS_SELECTOR, "[data-value]")
        ]
        for row in rows
    }


@pytest.mark.parametrize("forgotten", [False, True])
def test_each_step_of_the_walk_is_torchs(page, forgotten):
    lstm, linear = trained()
    lstm.batch_first = not forgotten
    months = torch.tensor(load_flights()["passengers"].to_numpy() / 100)
    x = torch.stack([months[120 + i : 132 + i] for i in range(5)])[..., None]
    if forgotten:
        page.find_element(By.CSS_SELECTOR, "[name=forgotten]").click()
    choose(page, **{"seq in focus" if forgotten else "window in focus": 3})
    read = x if forgotten else x.transpose(0, 1)  # step, row
    h = c = torch.zeros(4, dtype=torch.float64)
    for t in range(len(read)):
        walk_to(page, 1)
        sums = lstm.weight_ih_l0 @ read[t, 3] + lstm.bias_ih_l0 + lstm.weight_hh_l0 @ h
        i, f, g, o = (sums + lstm.bias_hh_l0).chunk(4)
        expected = {"h before": h, "c before": c}
        gates = {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
        c = gates["f"] * c + gates["i"] * gates["g"]
        h = gates["o"] * c.tanh()
        expected |= gates | {"c after": c, "h after": h}
        shown = cell_rows(page)
        assert list(shown) == list(expected)
        for name, value in expected.items():
            assert shown[name] == pytest.approx(value.tolist(), abs=1e-9), (t, name)
    out, _ = lstm(x)
    torch.testing.assert_close(out[-1, 3] if forgotten else out[3, -1], h)
    rows = page.find_elements(By.CSS_SELECTOR, "#forecast tbody tr")
    yhat = [float(row.get_attribute("data-forecast")) for row in rows]
    assert yhat == pytest.approx(linear(out[:, -1])[:, 0].tolist(), abs=1e-9)
    shown = [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows]
    assert [row[3] for row in shown] == [f"{round(100 * value)},000" for value in yhat]
    assert [row[4] for row in shown] == [f"{round(100 * v)},000" for v in months[132:137].tolist()]
    seen = ["x[0, 11]", "x[:2, 11]", "x[:3, 11]", "x[:4, 11]", "x[:, 11]"]
    assert [row[1] for row in shown] == (seen if forgotten else [f"x[{i}]" for i in range(5)])
