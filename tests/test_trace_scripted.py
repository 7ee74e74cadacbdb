"""TorchScript can't be looked into: a trace says so in place of silence."""

import warnings

import pytest
import torch
from torch import nn

from lstm_helpers import trace_shapes

X = torch.rand(5, 12, 2)


class Holds(nn.Module):
    """A plain model with a part in TorchScript."""

    def __init__(self, part):
        super().__init__()
        self.part, self.fc = part, nn.Linear(2, 1)

    def forward(self, x):
        return self.fc(self.part(x))


class WithMethod(nn.Module):
    """More than `forward` can be called."""

    def forward(self, x):
        return x

    @torch.jit.export
    def double(self, x):
        return x * 2


def plain(x):
    return x.relu()


with warnings.catch_warnings(action="ignore"):  # torch.jit calls itself deprecated
    scripted, linear = torch.jit.script(plain), torch.jit.script(nn.Linear(2, 2))
    with_method = torch.jit.script(WithMethod())
    SCRIPTED = {
        "module": linear,
        "traced module": torch.jit.trace(nn.Linear(2, 2), X),
        "function": scripted,
        "traced function": torch.jit.trace(plain, X),
        "module in a model": Holds(linear),
        "in a container": nn.Sequential(linear, nn.ReLU()),
        "function in a model": Holds(scripted),
        "function in a function": lambda x: scripted(x) + 1,
        "method": lambda x: with_method.double(x) + 1,
    }


@pytest.mark.parametrize("called", SCRIPTED)
def test_the_step_says_that_nothing_is_seen_inside(called):
    unwatched = type(scripted).__call__
    trace = trace_shapes(SCRIPTED[called], X, axes="batch seq feature")
    assert trace.error is None
    assert type(scripted).__call__ is unwatched
    (step,) = [step for step in trace.steps if "opaque" in {note.kind for note in step.notes}]
    assert step.operation.startswith("TorchScript ")
    assert [note.kind for note in step.notes] == ["opaque"]
    assert "can't look inside TorchScript" in " ".join(str(trace).split())
    assert "can't look inside TorchScript" in trace._repr_html_().replace("&#x27;", "'")
    assert step.sources == ((None, 0),)
    assert set(step.outputs[0].names) == {"?"} or called.endswith("model")  # read by Linear later


def test_it_is_put_back_where_the_model_raises():
    unwatched = type(scripted).__call__
    trace = trace_shapes(lambda x: scripted(x) @ x, X)
    assert trace.error is not None
    assert type(scripted).__call__ is unwatched


def test_a_function_in_torchscript_called_like_a_view_is_none():
    def view(x):
        return x * 2

    with warnings.catch_warnings(action="ignore"):
        function = torch.jit.script(view)
    (note,) = trace_shapes(lambda x: function(x), X, axes="batch seq feature").notes
    assert note.kind == "opaque"
