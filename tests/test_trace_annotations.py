"""Names from annotations: jaxtyping's, and those of `Annotated`."""

import inspect
import json
import subprocess
import sys
from typing import Annotated, NamedTuple, Optional

import pytest
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from lstm_helpers import trace_shapes
from lstm_helpers._tracing.dims import read_dims

X = torch.rand(5, 12, 2)
H = torch.rand(5, 3)


def names(shapes):
    return [" ".join(shape.names) for shape in shapes]


def returned(hint, value=X):
    """The trace of a function that returns `value` and is annotated so."""

    def function(x):
        return value

    function.__annotations__["return"] = hint
    return trace_shapes(function, X)


def taken(hint, x=X):
    def function(x):
        return x.sum()

    function.__annotations__["x"] = hint
    return trace_shapes(function, x)


UNDERSTOOD = [
    ("day hour sensor", "day hour sensor"),
    ("*lead sensor", "? ? sensor"),
    ("day *lead sensor", "day lead sensor"),
    ("... sensor", "? ? sensor"),
    ("day hour ... sensor", "day hour sensor"),
    ("#day hour _", "day hour ?"),
    ("_day ?hour 2", "day hour ?"),
    ("days=5 hours=seq sensors=2", "days hours sensors"),
    ("day n-1 2*m", "day ? ?"),
    ("day {n} min(a,b)", "day ? ?"),
    ("day, hour, sensor", "? ? ?"),
    ("The window that is read.", "? ? ?"),
    ("n hour n2", "n hour n2"),
]
# jaxtyping has no such shapes
FOR_ANNOTATED = {"day, hour, sensor", "The window that is read."}
KINDS = [(Annotated, *pair) for pair in UNDERSTOOD]
KINDS += [(Float, *pair) for pair in UNDERSTOOD if pair[0] not in FOR_ANNOTATED]


@pytest.mark.parametrize(("kind", "text", "shown"), KINDS)
def test_every_word_of_an_annotation_is_understood_or_left_alone(kind, text, shown):
    trace = taken(kind[Tensor, text])
    assert names(trace.inputs) == [shown]
    assert not trace.notes


def test_what_the_words_say():
    (many,) = read_dims("*#lead")
    assert (many.name, many.many, many.broadcasts) == ("lead", True, True)
    assert read_dims("a ... *b") is None
    assert read_dims("") == []


CONTRADICTED = [
    ("batch seq", "? ? ?", "x is annotated 'batch seq', but is (5, 12, 2): 3 axes and not 2."),
    (
        "batch 10 feature",
        "batch ? feature",
        "x is annotated 'batch 10 feature', but axis 1 of x is 12 and not 10.",
    ),
    (
        "n n feature",
        "n ? feature",
        "x is annotated 'n n feature', but axis 1 of x is 12, and axis 0 of x, also n, 5.",
    ),
]


@pytest.mark.parametrize(("text", "shown", "note"), CONTRADICTED)
def test_what_the_run_contradicts_is_a_note(text, shown, note):
    trace = taken(Float[Tensor, text])
    assert trace.error is None
    assert names(trace.inputs) == [shown]
    assert [(n.kind, n.text) for n in trace.notes] == [("annotated", note)]
    for face in (str(trace), trace._repr_html_()):
        assert note[:20] in face.replace("&#x27;", "'")


def test_one_name_with_two_sizes_in_two_tensors():
    def model(x: Float[Tensor, "batch seq feature"]) -> Float[Tensor, "batch seq feature"]:
        return x[:, 1:]

    trace = trace_shapes(model, X)
    assert names(trace.outputs) == ["batch seq feature"]  # the slice is x's seq
    assert [note.text for note in trace.notes] == [
        "output is annotated 'batch seq feature', but axis 1 of output is 11, and axis 1 of x, "
        "also seq, 12."
    ]


Pair = tuple[Float[Tensor, "layer batch hidden"], Float[Tensor, "layer batch hidden"]]
STATE = torch.rand(1, 5, 3), torch.rand(1, 5, 3)


class Outputs(NamedTuple):
    yhat: Float[Tensor, "batch target"]
    memory: "Float[Tensor, 'batch seq feature']"


RETURNED = {
    "tensor": (Float[Tensor, "batch hidden"], H, ["batch hidden"]),
    "Annotated": (Annotated[Tensor, "batch hidden"], H, ["batch hidden"]),
    "prose first": (Annotated[Tensor, 7, "last, of all", "batch hidden"], H, ["batch hidden"]),
    "both": (Annotated[Float[Tensor, "batch hidden"], "states"], H, ["batch hidden"]),
    "a text": ("Float[Tensor, 'batch hidden']", H, ["batch hidden"]),
    "optional": (Optional[Float[Tensor, "batch hidden"]], H, ["batch hidden"]),  # noqa: UP045
    "or": (Float[Tensor, "a b c"] | Float[Tensor, "batch hidden"] | None, H, ["batch hidden"]),
    "tuple": (
        tuple[Float[Tensor, "batch hidden"], Pair],
        (H, STATE),
        ["batch hidden", *["layer batch hidden"] * 2],
    ),
    "many": (tuple[Float[Tensor, "batch hidden"], ...], (H, H + 1), ["batch hidden"] * 2),
    "text inside": (tuple["Float[Tensor, 'batch hidden']", ...], (H,), ["batch hidden"]),
    "list": (list[Float[Tensor, "batch hidden"]], [H, H + 1], ["batch hidden"] * 2),
    "dict": (dict[str, Float[Tensor, "batch hidden"]], {"a": H}, ["batch hidden"]),
    "fields": (Outputs, Outputs(H, X), ["batch target", "batch seq feature"]),
    "one unknown": (
        tuple[Tensor, Float[Tensor, "batch target"]],
        (X, H),
        ["? ? ?", "batch target"],
    ),
    "not so many": (tuple[Float[Tensor, "batch hidden"]], (H, X), ["? ?", "? ? ?"]),
    "something else": (int, H, ["? ?"]),
    "cut short": ("Float[Tensor, ", H, ["? ?"]),
}


@pytest.mark.parametrize("called", RETURNED)
def test_annotations_of_what_is_returned(called):
    hint, value, shown = RETURNED[called]
    trace = returned(hint, value)
    assert names(trace.outputs) == shown
    assert not trace.notes


def test_packed_sequences_are_left_alone():
    packed = nn.utils.rnn.pack_sequence([X[0], X[1, :7]])
    assert names(returned(Float[Tensor, "batch seq feature"], packed).outputs) == ["? ?"]


FUTURE = """
from __future__ import annotations
from typing import TYPE_CHECKING, Annotated
from torch import Tensor, nn
if TYPE_CHECKING:
    import jaxtyping as jt
    from jaxtyping import Float

class Model(nn.Module):
    def forward(
        self,
        x: Float[Tensor, "batch day sensor"],
        mask: Nowhere,
        *more: jt.Float[Tensor, "batch static"],
        scale: Annotated[Tensor, "sensor"] | None = None,
        **rest: Annotated[Tensor, "other"],
    ) -> tuple[Float[Tensor, "batch day scaled"], Nowhere]:
        return x * scale + 1, mask * 1
"""


def test_string_annotations_each_by_itself():
    space = {}
    exec(compile(FUTURE, "<future>", "exec"), space)
    inputs = [X, torch.rand(4), torch.rand(5, 7), torch.rand(5, 7)]
    kwargs = {"scale": torch.rand(2), "one": torch.rand(6), "two": torch.rand(6)}
    trace = trace_shapes(space["Model"](), *inputs, kwargs=kwargs)
    assert names(trace.inputs) == [
        "batch day sensor",
        "?",
        *["batch static"] * 2,
        "sensor",
        *["other"] * 2,
    ]
    assert names(trace.outputs) == ["batch day scaled", "?"]
    assert [note.kind for note in trace.notes] == ["called"]  # its steps say sensor, as x does


def test_what_is_given_explicitly_wins():
    def model(x: Float[Tensor, "a b c"]) -> Float[Tensor, "a b d"]:
        return x.exp() @ torch.ones(2, 4)

    trace = trace_shapes(model, X, axes="batch ? feature", output="batch ? value")
    assert names([*trace.inputs, *trace.outputs]) == ["batch b feature", "batch b value"]


def test_a_layer_that_reads_something_else_says_according_to_whom():
    class Forgotten(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(2, 3)

        def forward(self, x: Float[Tensor, "batch seq feature"]) -> Int[Tensor, "batch seq unit"]:
            return self.lstm(x)[0]

    trace = trace_shapes(Forgotten(), X)
    disagrees, called = (note.text for note in trace.notes)
    assert "they are batch=5 and seq=12 according to the annotation" in disagrees
    assert called == "The annotation calls axis 2 unit; in the steps it is hidden=3."


class Callable:
    def __call__(self, x: "Float[Tensor, 'batch day sensor']"):
        return x * 2

    def method(self, x: "Float[Tensor, 'batch day sensor']"):
        return x * 2


@pytest.mark.parametrize("model", [Callable(), Callable().method, len, int], ids=range(4))
def test_any_callable(model):
    trace = trace_shapes(model, X)
    plain = inspect.isbuiltin(model) or model is int
    assert names(trace.inputs) == ["? ? ?" if plain else "batch day sensor"]


MODELS = """
import json, sys
if sys.argv[1] == "without":
    sys.modules["jaxtyping"] = None
import torch
from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM, trace_shapes
from lstm_helpers._typing import Float
x, said = torch.rand(5, 12, 2), [Float.__module__]
for horizon, targets in ((1, 1), (6, 1), (1, 4), (6, 4)):
    said.append(str(trace_shapes(ManyToOneLSTM(2, 3, targets, horizon=horizon), x)))
    said.append(str(trace_shapes(ManyToManyLSTM(2, 3, targets).step, x)))
print(json.dumps(said))
"""


@pytest.mark.slow
def test_the_models_of_the_package_say_the_same_without_jaxtyping():
    (kind, *said), (shim, *also) = (
        json.loads(subprocess.check_output([sys.executable, "-c", MODELS, how], text=True))
        for how in ("with", "without")
    )
    assert (kind, shim) == ("jaxtyping", "lstm_helpers._typing")
    assert said == also
    assert "batch=5, horizon=6, target=4" in said[6]
    assert "layer=1, batch=5, hidden=3" in said[7]
