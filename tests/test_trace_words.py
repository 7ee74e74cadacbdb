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
    "reads": (nn.Sequential(nn.Conv1d(12, 4, 1)), X),
    "shift": (lambda x: nn.functional.pad(x @ x.mT, (1, 0)).view(5, 13, 12)[:, 1:], X),
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


def test_einops_notation_stands_in_the_text_only_where_it_is_asked_for():
    trace = trace_shapes(NOTED["merges"][0], X)
    line = "      einops: batch seq hidden -> (batch seq) hidden"
    assert [x for x in trace.text(patterns=True).splitlines() if "einops" in x] == [line]
    assert trace.text(patterns=True).replace(f"{line}\n", "") == trace.text() == str(trace)
    assert not any("einops" in face for face in (str(trace), repr(trace), trace._repr_html_()))


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


class Inverted(nn.Module):
    """Attention over variables: each one's whole history is one token."""

    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Linear(12, 8), nn.Linear(8, 4)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        tokens = self.embed(x.mT)
        return self.head(self.attention(tokens, tokens, tokens)[0]).mT


class Gate(nn.Module):
    """A convolution over steps as channels, whose result weighs each step."""

    def __init__(self):
        super().__init__()
        self.fc, self.conv = nn.Linear(2, 8), nn.Conv1d(12, 12, 1)

    def forward(self, x):
        x = self.fc(x)
        return x * self.conv(x)


class MixedSteps(nn.Module):
    """A layer that mixes the steps of each variable, beside what it reads."""

    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(12, 12)

    def forward(self, x):
        return x + self.mix(x.mT).mT


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (Inverted(), ("batch", "?", "feature")),
        (Gate(), ("batch", "seq", "feature")),
        (MixedSteps(), ("batch", "seq", "feature")),
        (lambda x: lstm_over_variables(x.mT)[0], ("batch", "feature", "hidden")),
    ],
)
def test_what_may_be_meant_is_no_alarm(model, names):
    trace = trace_shapes(model, X, axes="batch seq feature")
    assert {note.kind for note in trace.notes} <= {"reads"}
    assert "!" not in str(trace)
    assert trace.outputs[0].names == names


lstm_over_variables = nn.LSTM(12, 3, batch_first=True)


@pytest.mark.parametrize(
    "model",
    [
        nn.LSTM(2, 3),
        nn.MultiheadAttention(2, 1),
        nn.TransformerEncoderLayer(2, 1, 4),
        nn.Conv1d(5, 4, 1),
        lambda x: nn.GRU(5, 3, batch_first=True)(x.permute(1, 2, 0))[0],
    ],
)
def test_the_batch_read_as_something_else_is_an_alarm(model):
    inputs = {nn.MultiheadAttention: [X] * 3, nn.Conv1d: [X.transpose(0, 1)]}.get(type(model), [X])
    axes = "seq batch feature" if isinstance(model, nn.Conv1d) else "batch seq feature"
    trace = trace_shapes(model, *inputs, axes=[axes] * len(inputs))
    assert trace.error is None
    assert "disagrees" in {note.kind for note in trace.notes}
    assert "! " in str(trace)


@pytest.mark.parametrize("axes", [["batch seq feature", "batch static"], None])
def test_one_axis_that_is_cut_across_its_own_parts(axes):
    """Features of a series repeated along time, in the wrong order; and what is advised works."""

    def wrong(x, static):
        return torch.cat((x, static.repeat(12, 1).view(5, 12, -1)), 2)

    (note,) = trace_shapes(wrong, X, torch.rand(5, 4), axes=axes).notes
    assert note.kind == "cuts across"
    parts = "12 × batch=5" if axes else "12 × 5"
    assert note.text.startswith(f"This view cuts across the parts {parts} of axis 0: ")
    advice = note.text.partition("You probably meant ")[2].partition(", which")[0]
    static = torch.rand(5, 4)
    meant = eval(f"repeated.{advice}", {"repeated": static.repeat(12, 1)})
    assert torch.equal(meant, static[:, None].expand(5, 12, 4))


NO_NAMES = {
    "repeated and cut": lambda x: x.repeat(12, 1, 1).view(5, 12, 12, 2),
    "cut twice": lambda x: x.view(5, 4, 3, 2).view(5, 2, 2, 3, 2),
    "cut and merged": lambda x: x.view(5, 4, 3, 2).transpose(1, 2).reshape(5, 12, 2),
    "one axis twice": lambda x: (x @ x.mT).view(5, 144),
    "all in one": lambda x: x.view(-1).view(12, 10),
    "picked": lambda x: (x @ x.mT)[0, -1],
    "copies": lambda x: x.repeat_interleave(3, 0).view(3, 5, 12, 2),
    "cut, sliced and cut": lambda x: x.view(5, 6, 2, 2)[:, :4].reshape(5, 2, 2, 4),
}


@pytest.mark.parametrize("called", NO_NAMES)
@pytest.mark.parametrize("axes", ["batch seq feature", None])
def test_no_name_is_missing_in_a_note(called, axes):
    trace = trace_shapes(NO_NAMES[called], X, axes=axes)
    assert trace.error is None
    for note in trace.notes:
        assert note.text == " ".join(note.text.split()), "two spaces: something is missing"
        assert not any(
            gap in note.text for gap in (" .", " ,", "across and", "into .", "and share")
        )


def test_query_and_key_of_one_tensor_are_told_of_once():
    layer = nn.TransformerEncoderLayer(4, nhead=2, dim_feedforward=8)
    trace = trace_shapes(layer, torch.rand(5, 12, 4), axes="batch seq feature")
    assert [note.text.split(",")[0] for note in trace.notes] == [
        "self_attn reads axis 0 as seq and axis 1 as batch"
    ]


def test_the_table_marks_no_empty_shape_and_breaks_none():
    html = trace_shapes(nn.LSTM(2, 3, batch_first=True), torch.rand(5, 12, 2))._repr_html_()
    assert '<code style="white-space:nowrap">(5, 12, 3)</code>' in html
    assert (
        html.count("<code") == 7
    )  # what goes in, and three results twice: of the step, of the model
    assert "></code>" not in html
