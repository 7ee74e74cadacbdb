"""Every overridable function of torch with its recipe, called and traced."""

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from recipes import AXES, LEFT_OUT, RECIPES, tensors
from torch.overrides import get_overridable_functions, resolve_name

from lstm_helpers import trace_shapes
from lstm_helpers._running.tensors import tensors_in


def overridable() -> dict[str, Callable]:
    """`Tensor.add_` -> the function, for all that torch lets others override."""
    with warnings.catch_warnings(action="ignore"):
        found = {f for functions in get_overridable_functions().values() for f in functions}
        return dict(sorted(((called(f), f) for f in found), key=lambda pair: pair[0]))


def called(function) -> str:
    if getattr(function, "__name__", "") in ("__get__", "__set__", "__delete__"):
        return f"Tensor.{getattr(function.__self__, '__name__', '')}"
    place = (resolve_name(function) or "torch.").split(".")[-2]
    return f"{place}.{function.__name__}"


def stem(name: str) -> str:
    """In-place variants follow the recipe of the function they are variants of."""
    return name if name.endswith("__") else name.rstrip("_")


def listed(names: dict[str, str]) -> dict[str, str]:
    return {name: key for key, text in names.items() for name in text.split()}


_RECIPE_OF, _REASON_FOR = listed(RECIPES), listed(LEFT_OUT)


def recipe_for(name: str) -> str | None:
    full, short = stem(name), stem(name.partition(".")[2])
    return _RECIPE_OF.get(full) or _RECIPE_OF.get(short)


def reason_for(name: str) -> str | None:
    full, short = stem(name), stem(name.partition(".")[2])
    return _REASON_FOR.get(name) or _REASON_FOR.get(full) or _REASON_FOR.get(short)


@dataclass
class Case:
    """One function with what it is given: `names` are those of the tensors in its recipe."""

    name: str
    function: Callable
    by_keyword: bool

    def __post_init__(self):
        arguments, _, self.expected = recipe_for(self.name).rpartition("->")
        first, _, only_keywords = arguments.partition("|")
        self.given = _arguments(first)
        self.only_keywords = _arguments(only_keywords)
        used = {node.id for node in ast.walk(ast.parse(f"f({arguments.replace('|', ',').replace(', ,', ',')})")) if isinstance(node, ast.Name)}
        self.names = [name for name in tensors() if name in used]

    @property
    def has_keywords(self) -> bool:
        own = self.given[1:] if self.is_method else self.given
        return any(name for name, _ in own)

    @property
    def is_method(self) -> bool:
        return self.name.startswith("Tensor.")

    def __call__(self, *inputs):
        """The function's result; the tensors come in the order of `names`."""
        known = dict(zip(self.names, inputs, strict=True)) | {"torch": torch}
        args, kwargs = [], {name: eval(code, known) for name, code in self.only_keywords}
        for position, (name, code) in enumerate(self.given):
            value = eval(code, known)
            if self.by_keyword and name and (position or not self.is_method):
                kwargs[name] = value
            else:
                args.append(value)
        return self.function(*args, **kwargs)

    def inputs(self):
        return [tensors()[name][0] for name in self.names]

    def axes(self):
        """The names of each input's axes; a `.` is none."""
        texts = [tensors()[name][1] for name in self.names]
        return [" ".join(AXES.get(letter, "?") for letter in text.split()) for text in texts]

    def trace(self):
        return trace_shapes(self, *self.inputs(), axes=self.axes())

    __name__ = "case"


def _arguments(text):
    call = ast.parse(f"f({text})").body[0].value
    return [(None, ast.unparse(a)) for a in call.args] + [
        (k.arg, ast.unparse(k.value)) for k in call.keywords
    ]
