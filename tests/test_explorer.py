"""The shape explorer as a file and as a value; browser/test_explorer_in_chromium.py looks at it."""

import json
import re
import sys
from html.parser import HTMLParser

import torch

from lstm_helpers import ManyToOneLSTM, Windows, data_home, explore_shapes, load_flights
from notebooks import ROOT

sys.path.append(str(ROOT / "tools"))
import write_explorer

PAGE = data_home() / "explorer.html"


class Frames(HTMLParser):
    """The attributes of every frame, and whatever else the text holds."""

    def __init__(self, text: str):
        super().__init__()
        self.frames, self.others = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        (self.frames if tag == "iframe" else self.others).append(dict(attrs))


def test_the_page_is_what_its_sources_give():
    assert PAGE.read_text(encoding="utf-8") == write_explorer.page()
    assert PAGE.stat().st_size < 200_000


def test_every_source_is_in_the_page():
    page = PAGE.read_text(encoding="utf-8")
    for path in write_explorer.SOURCES.iterdir():
        if path.suffix in (".js", ".css"):
            assert path.read_text(encoding="utf-8").rstrip() in page, path.name


def test_the_page_names_no_other_address():
    page = PAGE.read_text(encoding="utf-8")
    assert not re.search(r"https?://|//\w+\.\w|@import|\bimport\s*\(|<link[^>]+stylesheet", page)
    assert set(re.findall(r"\b(?:src|href)=[\"']?([^\"' >]+)", page)) == {
        "data:,",
        "#shapes",
        "#code",
        "#weights",
        "#time",
    }


def test_a_notebook_shows_the_page_in_a_frame_and_a_terminal_one_line():
    shown = explore_shapes(height=640)
    (frame,) = Frames(shown._repr_html_()).frames
    assert frame["srcdoc"] == PAGE.read_text(encoding="utf-8")
    assert (frame["height"], frame["sandbox"]) == ("640", "allow-scripts")
    assert not Frames(shown._repr_html_()).others
    assert repr(shown).startswith("The shape explorer: run this cell")
    assert "\n" not in repr(shown)


def test_the_errors_that_the_page_states_are_those_of_its_weights():
    trained = json.loads(write_explorer.TRAINED.read_text(encoding="utf-8"))
    model = ManyToOneLSTM(input_size=1, hidden_size=4).double()
    for part, layer in (("weights", model.lstm), ("linear", model.linear)):
        layer.load_state_dict(
            {n: torch.tensor(w, dtype=torch.float64) for n, w in trained[part].items()}
        )
    x, y = Windows(load_flights() / 100, seq_len=12, dtype=torch.float64)[-12:]
    with torch.no_grad():
        errors = {"test": model(x) - y, "month_before": x[:, -1:] - y}
    stated = {name: round(100 * error.abs().mean().item(), 1) for name, error in errors.items()}
    assert stated == trained["errors"]
