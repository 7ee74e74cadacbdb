"""Any arguments into any public name: what comes back is right, or an error of the package."""

import linecache
import random
from pathlib import Path
from traceback import extract_tb

import numpy as np
import torch
from hypothesis import strategies as st

import lstm_helpers
from arguments.odd import ODD
from arguments.public import MODELS, Public

HOME = str(Path(lstm_helpers.__file__).parent)


class Value:
    """A drawn argument: made anew for each call, and shown by what it is called."""

    def __init__(self, said: str, make):
        self.said, self.make = said, make

    def __repr__(self):
        return self.said


def _odd() -> st.SearchStrategy:
    return st.one_of(
        st.sampled_from([Value(said, make) for said, make in ODD.items()]),
        # none in between: a size of some millions would only be slow, and 2**40 is among the odd
        st.integers(-50, 50).map(lambda n: Value(repr(n), lambda: n)),
        st.floats().map(lambda x: Value(repr(x), lambda: x)),
        st.text(max_size=5).map(lambda s: Value(repr(s), lambda: s)),
        st.lists(st.integers(-50, 50) | st.floats() | st.none(), max_size=6).map(
            lambda part: Value(repr(part), lambda: list(part))
        ),
    )


def _right(argument: str, values: list) -> st.SearchStrategy:
    named = [Value(f"right[{n}]", lambda value=value: value) for n, value in enumerate(values)]
    return st.sampled_from(named)


@st.composite
def calls(draw, public: Public) -> dict[str, Value]:
    """Arguments for one call: most of them right, some odd, some left out."""
    names = list(public.right)
    odd = draw(st.sets(st.sampled_from(names), max_size=2))
    out = draw(st.sets(st.sampled_from(names), max_size=len(names)))
    return {
        name: draw(_odd() if name in odd else _right(name, public.right[name]))
        for name in names
        if name in odd or name in public.needed or name not in out
    }


def refusal(public: Public, given: dict[str, Value]) -> Exception | None:
    """Call it; what it raised, if that is how the package says no.

    Raises:
        AssertionError: it raised something else, or left something changed.
    """
    arguments = {name: value.make() for name, value in given.items()}
    before = _surroundings()
    try:
        result = public(arguments)
    except Exception as error:
        problem = not_ours(error, public.also) and not _is_the_models(arguments, error)
        if problem:
            raise AssertionError(f"{type(error).__name__}: {error}") from error
        assert _surroundings() == before, "the surroundings have changed"
        return error
    if not public.draws:
        assert _surroundings() == before, "the surroundings have changed"
    public.check(result)
    return None


def not_ours(error: Exception, also: tuple = ()) -> bool:
    """Whether an error is another one than the package's own `raise ValueError(...)`."""
    if type(error) not in (ValueError, TypeError, *also):
        return True
    last = extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno)
    return not (last.filename.startswith(HOME) and line.strip().startswith("raise"))


def _is_the_models(given: dict, error: Exception) -> bool:
    """Whether the model, or another argument of one's own, raises that by itself."""
    for name in ("train", "val"):  # what can't be iterated at all
        try:
            iter(given.get(name, ()))
        except Exception as own:
            if type(own) is type(error):
                return True
    if callable(given.get("loss_fn")):
        try:
            given["loss_fn"](torch.ones(2, 1, 1), torch.ones(2, 1, 1))
        except Exception as own:
            if type(own) is type(error):
                return True
    if "inputs" not in given or not callable(given.get("model")):
        return False
    inputs = given["inputs"]
    try:
        given["model"](*(inputs if isinstance(inputs, list) else [inputs]))
    except Exception as own:
        return type(own) is type(error)
    return False


def _surroundings() -> tuple:
    weights = [p.detach().sum().item() for model in MODELS for p in model.parameters()]
    modes = [model.training for model in MODELS]
    torchs, numpys = torch.get_rng_state().numpy().tobytes(), np.random.get_state()[1].tobytes()
    return torchs, numpys, random.getstate(), weights, modes, torch.get_default_dtype()
