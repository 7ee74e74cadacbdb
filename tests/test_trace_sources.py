"""What fed what: the sources of each step, compiled and lazy models, and the picture's arrows."""

import pytest
import torch
from matplotlib.patches import FancyArrowPatch
from torch import nn

from lstm_helpers import check_model, trace_shapes
from lstm_helpers.plots import trace as picture

X = torch.rand(5, 12, 2)


class Branches(nn.Module):
    """Two layers read x side by side; both answers have one shape."""

    def __init__(self):
        super().__init__()
        self.left = nn.LSTM(2, 3, batch_first=True)
        self.right = nn.GRU(2, 3, batch_first=True)
        self.fc = nn.Linear(6, 1)

    def forward(self, x):
        left, right = self.left(x)[0][:, -1], self.right(x)[0][:, -1]
        return self.fc(torch.cat((left.tanh(), 2 * right), dim=1))


def sources(trace):
    return {f"{step.path} {step.operation}".strip(): step.sources for step in trace.steps}


def test_parallel_branches_are_told_apart():
    trace = trace_shapes(Branches(), X)
    assert [(step.operation, step.sources) for step in trace.steps] == [
        ("LSTM", ((None, 0),)),
        ("output[:, -1]", ((0, 0),)),
        ("GRU", ((None, 0),)),
        ("output[:, -1]", ((2, 0),)),
        ("cat(dim=1)", ((1, 0), (3, 0))),
        ("Linear", ((4, 0),)),
    ]


def test_a_source_is_the_result_that_was_read_and_the_input_that_went_in():
    lstm, decoder = nn.LSTM(2, 3, batch_first=True), nn.LSTM(1, 3, batch_first=True)

    def model(x, y):
        _, state = lstm(x)
        return decoder(y, state)[0]

    first, second = trace_shapes(model, X, torch.rand(5, 6, 1)).steps
    assert first.sources == ((None, 0),)
    assert second.sources == ((None, 1), (0, 1), (0, 2))


def test_a_tensor_that_only_lends_its_size_is_no_source():
    fc = nn.Linear(4, 1)
    trace = trace_shapes(lambda x: fc(x.new_zeros(5, 4)) + fc(torch.zeros_like(x[:, :4, 0])), X)
    assert sources(trace)["Linear"] == ()


def test_what_was_written_into_a_tensor_is_a_source():
    fc = nn.Linear(2, 1)

    def model(x):
        out = torch.zeros(5, 12, 2)
        out[:, 0] = fc(x)[:, 0]
        return out.view(60, 2)

    trace = trace_shapes(model, X)
    assert trace.steps[-1].operation == "view(60, 2)"
    assert trace.steps[-1].sources == ((1, 0),)


def drawn_arrows(model, *inputs):
    """(header of the block where an arrow starts, header of the block where it ends)."""
    trace = trace_shapes(model, *inputs)
    blocks = picture._blocks(trace)
    ax = trace.plot()
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    told = [(blocks[s].header, block.header) for block in blocks for s in block.sources]
    assert len(arrows) == len(told)
    return told


def test_the_picture_of_two_branches_draws_an_arrow_from_x_to_each():
    assert drawn_arrows(Branches(), X) == [
        ("x", "left: LSTM\noutput"),
        ("left: LSTM\noutput", "output[:, -1]"),
        ("x", "right: GRU\noutput"),
        ("right: GRU\noutput", "output[:, -1]"),
        ("output[:, -1]", "cat(dim=1)"),
        ("output[:, -1]", "cat(dim=1)"),
        ("cat(dim=1)", "fc: Linear"),
    ]


def test_the_picture_of_a_loop_draws_each_step_once():
    cell, fc = nn.LSTMCell(2, 3), nn.Linear(3, 1)

    def model(x):
        state = (torch.zeros(5, 3), torch.zeros(5, 3))
        answers = []
        for x_t in x.unbind(1):
            state = cell(x_t, state)
            answers.append(fc(state[0]))
        return torch.stack(answers, 1)

    assert drawn_arrows(model, X) == [
        ("x", "x.unbind(1)\n[0]"),
        ("x.unbind(1)\n[0]", "LSTMCell ×\u00a012\nh"),
        ("LSTMCell ×\u00a012\nh", "Linear ×\u00a012"),
        ("Linear ×\u00a012", "stack(1)"),
    ]


class Inside(nn.Module):
    """A compiled part in a model that is none."""

    def __init__(self):
        super().__init__()
        self.part, self.fc = torch.compile(nn.Linear(2, 4), backend="eager"), nn.Linear(4, 1)

    def forward(self, x):
        return self.fc(self.part(x))


@pytest.mark.parametrize(
    "compiled",
    [
        lambda: torch.compile(Branches(), backend="eager"),
        lambda: torch.compile(Branches().forward, backend="eager"),
        Inside,
    ],
    ids=["a module", "a function", "a part"],
)
def test_a_compiled_model_is_traced_as_it_was_written(compiled):
    model = compiled()
    trace = trace_shapes(model, X)
    assert trace.error is None
    plain = trace_shapes(Inside() if isinstance(model, Inside) else Branches(), X)
    assert [s.operation for s in trace.steps] == [s.operation for s in plain.steps]
    assert check_model(model, X).ok
    assert model(X).shape == trace.outputs[0].sizes


@pytest.mark.filterwarnings("ignore:Lazy modules")
@pytest.mark.parametrize("closure", [False, True])
def test_lazy_layers_are_traced_and_stay_lazy(closure):
    model = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(2))
    trace = trace_shapes((lambda x: model(x)) if closure else model, X)
    assert [step.operation for step in trace.steps] == ["Linear", "ReLU", "Linear"]
    assert trace.outputs[0].sizes == (5, 12, 2)
    assert all(nn.parameter.is_lazy(p) for p in model.parameters())
    assert model(torch.rand(3, 7)).shape == (3, 2)
