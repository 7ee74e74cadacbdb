"""What a trace says beside the shapes: its notes on every face, and names after in-place steps."""

from html.parser import HTMLParser

import pytest
import torch
from torch import nn

from lstm_helpers import trace_shapes

X = torch.rand(5, 12, 2)
lstm = nn.LSTM(2, 3, batch_first=True)
both_ways = nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True)


def words(html: str) -> str:
    """The text of a page, with one space between words."""
    page = HTMLParser()
    found = []
    page.handle_data = found.append
    page.feed(html)
    return " ".join(" ".join(found).split())


NOTED = {
    "merges": (lambda x: lstm(x)[0].reshape(-1, 3), X),
    "splits": (lambda x: lstm(x)[0].view(5, 4, 3, 3), X),
    "cuts across": (lambda x: lstm(x)[0].reshape(12, 5, 3), X),
    "picks": (lambda x: lstm(x)[1][0][-1], X),
    "windows": (lambda x: lstm(x)[0].unfold(1, 4, 2), X),
    "unbatched": (lstm, X[0]),
    "disagrees": (nn.Sequential(nn.LSTM(2, 3)), X),
    "error": (nn.Sequential(lstm, nn.Linear(3, 1)), X),
    "in a loop": (lambda x: [lstm(x[:, t : t + 1])[1][0][-1] for t in range(12)], X),
}


@pytest.mark.parametrize("kind", NOTED)
def test_every_note_stands_in_the_text_and_in_the_table(kind):
    model, x = NOTED[kind]
    trace = trace_shapes(model, x, axes="batch seq feature" if x.dim() == 3 else None)
    assert kind in {*(note.kind for note in trace.notes), "in a loop"}
    for note in trace.notes:
        said = " ".join(note.text.split())
        assert said in " ".join(str(trace).split())
        assert said in words(trace._repr_html_())


@pytest.mark.parametrize("index", range(-4, 4))
def test_a_state_of_two_directions_is_called_by_its_direction(index):
    """h_n holds (layer 0 forward, layer 0 backward, layer 1 forward, layer 1 backward)."""
    (note,) = trace_shapes(lambda x: both_ways(x)[1][0][index], X).notes
    layer, way = [(0, "forward"), (0, "backward"), (1, "forward"), (1, "backward")][index]
    (other,) = {"forward", "backward"} - {way}
    assert f"{way} direction of layer {layer}" in note.text
    assert other not in note.text


def filled(x):
    """A tensor of zeros, filled with the LSTM's output."""
    whole = torch.zeros(5, 14, 3)
    whole[:, 2:] = lstm(x)[0]
    return whole


# what it is called -> a function that works in place, and the names that come of it
IN_PLACE = {
    "unsqueeze_": (lambda x: x.unsqueeze_(0), ("1", "batch", "seq", "feature")),
    "unsqueeze_ at the end": (lambda x: x.unsqueeze_(-1), ("batch", "seq", "feature", "1")),
    "squeeze_": (lambda x: x[:, :, :1].squeeze_(2), ("batch", "seq")),
    "squeeze_ of all": (lambda x: x[:, :1].squeeze_(), ("batch", "feature")),
    "transpose_": (lambda x: x.transpose_(0, 1), ("seq", "batch", "feature")),
    "t_": (lambda x: x[:, 0].t_(), ("feature", "batch")),
    "x[...] = y": (filled, ("batch", "seq", "hidden")),
}


@pytest.mark.parametrize("called", IN_PLACE)
def test_names_are_right_after_a_step_in_place(called):
    function, names = IN_PLACE[called]
    trace = trace_shapes(function, X.clone(), axes="batch seq feature")
    assert trace.error is None
    assert trace.outputs[0].names == names
