"""Whatever a reader's cell holds, an exercise says what came, and raises nothing of its own."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from lstm_helpers import exercises
from lstm_helpers._arguments import shown
from lstm_helpers.exercises import check, verdict
from lstm_helpers.exercises._answers import as_names, as_number, as_shape, as_truth, said, show


def failing(*_, **__):
    raise KeyError("a method of the answer's own")


class NoRepr:
    __repr__ = __str__ = failing


class NoEqual:
    __eq__ = __ne__ = __bool__ = failing
    __hash__ = None


class NoLen:
    __len__ = __iter__ = __getitem__ = __index__ = __contains__ = failing


class NoShape:
    shape = property(failing)


class OddShape:
    shape = "(40, 24, 1)"


class LyingArray:
    shape, dtype, ndim = (40, 24, 1), np.dtype("float32"), 3

    def __array__(self, *_, **__):
        return np.zeros((2, 3))


class BadList(list):
    __iter__ = __len__ = __eq__ = __repr__ = failing
    __hash__ = None


class BadText(str):
    __eq__ = __hash__ = __repr__ = __str__ = failing


class BadNumber(int):
    __eq__ = __hash__ = __index__ = __repr__ = __abs__ = failing


class BadTensor(torch.Tensor):
    __torch_function__ = classmethod(failing)


class BadError(Exception):
    __str__ = __repr__ = failing


class Tall(nn.Module):
    def __init__(self, size):
        super().__init__()


def steps():
    yield torch.rand(5, 12, 1)


ODD = {  # what came -> how it is called
    None: "None",
    torch.nn.LSTM: "the class LSTM",
    Tall: "the class Tall",
    10**400: "a whole number of more than 60 digits",
    10**5000: "a whole number of more than 60 digits",
    -(10**400): "a whole number of more than 60 digits",
    float("nan"): "nan",
    float("inf"): "inf",
    2 + 3j: "(2+3j)",
    True: "True",
    "linear(out)": "'linear(out)'",
    "x" * 99: "a str",
    b"40": "b'40'",
    (): "()",
    (40, "24", 1): "(40, '24', 1)",
    (40, 10**400, 1): "a tuple",
    range(3): "range(0, 3)",
}
OBJECTS = [
    (NoRepr(), "a NoRepr"),
    (NoEqual(), "a NoEqual"),
    (NoLen(), "a NoLen"),
    (NoShape(), "a NoShape"),
    (OddShape(), "an OddShape"),
    (LyingArray(), "a LyingArray of shape (40, 24, 1)"),
    (BadList([40, 24, 1]), "a BadList"),
    (BadText("price"), "a BadText"),
    (BadNumber(93), "a BadNumber"),
    (torch.rand(3).as_subclass(BadTensor), "a BadTensor"),
    ([NoRepr(), NoEqual()], "a list"),
    ((NoLen(), BadNumber(3)), "a tuple"),
    ({"price": 3}, "{'price': 3}"),
    (steps(), "a generator"),
    (iter([40, 24, 1]), "a list_iterator"),
    (steps, "the function steps"),
    (pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "a DataFrame of shape (2, 2)"),
    (pd.Series([1.0, 2.0]), "a Series of shape (2,)"),
    (np.full((40, 24, 1), np.nan), "an ndarray of shape (40, 24, 1)"),
    (np.array(["a", None], dtype=object), "an ndarray of shape (2,)"),
    (torch.empty(40, 24, 1, device="meta"), "a Tensor of shape (40, 24, 1)"),
    (torch.rand(5, 7, dtype=torch.complex64), "a Tensor of shape (5, 7)"),
    (torch.eye(3).to_sparse(), "a Tensor of shape (3, 3)"),
    (torch.full((5, 12, 1), float("nan")), "a Tensor of shape (5, 12, 1)"),
    (torch.tensor(3), "a Tensor of shape ()"),
    (ValueError("no"), "ValueError('no')"),
    (NotImplemented, "NotImplemented"),
]
EVERY = [*ODD.items(), *OBJECTS]
NAMES = list(exercises._CHECKS)


@pytest.mark.parametrize(("answer", "name"), EVERY, ids=[name for _, name in EVERY])
def test_an_answer_is_described_in_a_few_words(answer, name):
    assert show(answer) == name


@pytest.mark.parametrize("exercise", NAMES)
@pytest.mark.parametrize(("answer", "name"), EVERY, ids=[name for _, name in EVERY])
def test_no_answer_is_right_by_accident_or_raises(exercise, answer, name, capsys):
    """In the tests an exception of a check's own comes through: so none was caught, either."""
    result = verdict(exercise, answer)
    assert result.passed is False
    assert result.message.startswith("Not yet. ")
    check(exercise, answer)
    assert capsys.readouterr().out == f"{exercise}  {result.message}\n"


ASKS_FOR_A_SHAPE = [e for e in NAMES if "A shape is a tuple" in verdict(e, None).message]
ASKS_FOR_A_FUNCTION = [e for e in NAMES if "has to be a function" in verdict(e, None).message]
NO_SHAPES = [(a, name) for a, name in EVERY if as_shape(a) is None]
NO_FUNCTIONS = [(a, name) for a, name in EVERY if isinstance(a, type) or not callable(a)]


def test_shapes_and_functions_are_asked_for():
    assert len(ASKS_FOR_A_SHAPE) >= 3
    assert len(ASKS_FOR_A_FUNCTION) >= 3


@pytest.mark.parametrize("exercise", ASKS_FOR_A_SHAPE)
@pytest.mark.parametrize(("answer", "name"), NO_SHAPES, ids=[name for _, name in NO_SHAPES])
def test_what_is_no_shape_is_said(exercise, answer, name):
    assert f"; this is {name}." in verdict(exercise, answer).message


@pytest.mark.parametrize("exercise", ASKS_FOR_A_FUNCTION)
@pytest.mark.parametrize(("answer", "name"), NO_FUNCTIONS, ids=[name for _, name in NO_FUNCTIONS])
def test_what_is_no_function_is_said(exercise, answer, name):
    assert f"; this is {name}." in verdict(exercise, answer).message


@pytest.mark.parametrize("exercise", ASKS_FOR_A_FUNCTION)
@pytest.mark.parametrize(("result", "name"), EVERY, ids=[name for _, name in EVERY])
def test_a_function_may_return_any_of_them(exercise, result, name):
    """What came is named: by its words, by its class, or a tensor by its shape."""
    found = verdict(exercise, lambda *_: result)
    assert found.passed is False
    if result is True:  # may be right once: then what is said is which model proves it wrong
        return
    kind, shape = type(result).__name__, name.partition("of shape ")[2]
    words = (name, f"a {kind} ", f"{kind}: ", shape or name)
    assert result is None or any(word in found.message for word in words)


def empties(*arguments):
    """Changes all that it was given, and returns the first answer that comes to mind."""
    for each in arguments:
        if isinstance(each, torch.Tensor):
            each.unsqueeze_(0).resize_(0)
        for parameter in each.parameters() if isinstance(each, nn.Module) else ():
            parameter.data = torch.zeros(0)
    return torch.rand(2, 3)


def endless(*_):
    return endless()


@pytest.mark.parametrize("exercise", ASKS_FOR_A_FUNCTION)
@pytest.mark.parametrize(
    "function", [empties, endless, failing, lambda: 3, lambda *_: [][0], lambda *_: int("x"), steps]
)
def test_functions_that_raise_or_change_what_they_got(exercise, function):
    assert verdict(exercise, function).passed is False


@pytest.mark.parametrize("exercise", ASKS_FOR_A_FUNCTION)
def test_an_exception_that_cannot_be_printed_is_named(exercise):
    def function(*_):
        raise BadError

    assert "BadError" in verdict(exercise, function).message


@pytest.mark.parametrize("exercise", [None, 1.2, ["01.1"], NoRepr(), NoEqual(), torch.rand(3)])
def test_an_exercise_that_there_is_not(exercise):
    with pytest.raises(ValueError) as caught:
        check(exercise, (40, 24, 1))
    assert str(caught.value) == (
        f"there is no exercise {shown(exercise)}: choose from {', '.join(NAMES)}."
    )


def test_a_check_that_fails_itself_costs_no_traceback(monkeypatch):
    monkeypatch.delenv("LSTM_HELPERS_DEBUG")
    monkeypatch.setitem(exercises._CHECKS, "01.1", failing)
    assert verdict("01.1", NoRepr()).message == (
        "Not yet. This answer can't be checked: a NoRepr raised "
        'KeyError: "a method of the answer\'s own"'
    )


def test_what_is_read_from_an_answer():
    assert as_number(np.int32(7)) == as_number(torch.tensor(7)) == 7
    assert as_number(10**400) == 10**400
    for other in (True, np.bool_(True), torch.tensor(True), 7.0, "7", None, NoLen(), [7]):
        assert as_number(other) is None
    assert as_shape(torch.Size([5, 12, 1])) == as_shape([np.int64(5), 12, torch.tensor(1)])
    for other in ((5, True), (5, None), (5, 1.0), {5, 12}, "51", torch.rand(5, 1), None):
        assert as_shape(other) is None
    assert as_names("price") == as_names(("price", "price")) == as_names({"price"}) == {"price"}
    for other in (["price", 3], {"price": 3}, None, 3, BadList(["price"])):
        assert as_names(other) is None
    assert as_truth(torch.tensor([[1.0]]) > 0) is None
    assert as_truth(torch.tensor(2) > 1) is True
    assert as_truth(np.array([False])) is False
    for other in (1, 0, "False", None, float("nan"), torch.tensor(1.0), torch.rand(3) > 2):
        assert as_truth(other) is None
    assert said(ValueError("no")) == "ValueError: no"
    assert said(BadError()) == "BadError"
