"""Every overridable function of torch with its recipe, called and traced."""

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from recipes import AXES, LEFT_OUT, RECIPES, tensors
from torch.overrides import get_overridable_functions, resolve_name

from lstm_helpers import trace_shapes


def overridable() -> dict[str, Callable]:
    """`Tensor.add_` -> the function, for all that torch lets others override."""
    with warnings.catch_warnings(action="ignore"):
        found = {f for functions in get_overridable_functions().values() for f in functions}
        return dict(sorted(((called(f), f) for f in found), key=lambda pair: pair[0]))


def called(function) -> str:
    if getattr(function, "__name__", "") in ("__get__", "__set__", "__delete__"):
        attribute = function.__self__
        return f"Tensor.{getattr(attribute, '__name__', None) or attribute.fget.__name__}"
    place = (resolve_name(function) or "torch.").split(".")[-2]
    return f"{place}.{function.__name__}"


def stem(name: str) -> str:
    """In-place variants follow the recipe of the function they are variants of."""
    return name if name.endswith("__") else name.rstrip("_")


def listed(pairs) -> dict[str, str]:
    """name -> what is said of it, from pairs of that and names."""
    return {name: said for said, names in pairs for name in names.split()}


_RECIPE_OF, _REASON_FOR = listed(RECIPES), listed(LEFT_OUT.items())


def recipe_for(name: str) -> str | None:
    full, short = stem(name), stem(name.partition(".")[2])
    return _RECIPE_OF.get(name) or _RECIPE_OF.get(full) or _RECIPE_OF.get(short)


def reason_for(name: str) -> str | None:
    full, short = stem(name), stem(name.partition(".")[2])
    return _REASON_FOR.get(name) or _REASON_FOR.get(full) or _REASON_FOR.get(short)


@dataclass
class Case:
    """One function with what it is given: `names` are those of the tensors in its recipe."""

    name: str
    function: Callable
    by_keyword: bool = False

    def __post_init__(self):
        arguments, _, axes = recipe_for(self.name).rpartition("->")
        first, _, only_keywords = arguments.partition("|")
        self.given, self.only_keywords = _arguments(first), _arguments(only_keywords)
        codes = [code for _, code in self.given + self.only_keywords]
        used = {node.id for code in codes for node in ast.walk(ast.parse(code)) if _is_name(node)}
        self.names = [name for name in tensors() if name in used]
        self.expected = None if "~" in axes else [_expected(part) for part in axes.split(";")]

    @property
    def has_keywords(self) -> bool:
        return any(name for name, _ in self.given[self._self :])

    @property
    def _self(self) -> int:
        """How many arguments can't be given by keyword: a method's own tensor."""
        return int(self.name.startswith("Tensor."))

    def __call__(self, *inputs):
        """The function's result; the tensors come in the order of `names`."""
        known = dict(zip(self.names, inputs, strict=True)) | {"torch": torch}
        args, kwargs = [], {name: eval(code, known) for name, code in self.only_keywords}
        for position, (name, code) in enumerate(self.given):
            value = eval(code, known)
            if self.by_keyword and name and position >= self._self:
                kwargs[name] = value
            else:
                args.append(value)
        return self.function(*args, **kwargs)

    def inputs(self) -> list[torch.Tensor]:
        return [tensors()[name][0] for name in self.names]

    def axes(self) -> list[list[str]]:
        """The names of each input's axes; a `?` is none."""
        texts = [tensors()[name][1] for name in self.names]
        return [[AXES.get(letter, "?") for letter in text.split()] for text in texts]

    def trace(self):
        return trace_shapes(self, *self.inputs(), axes=[" ".join(names) for names in self.axes()])


def _arguments(text):
    call = ast.parse(f"f({text})").body[0].value
    return [(None, ast.unparse(a)) for a in call.args] + [
        (k.arg, ast.unparse(k.value)) for k in call.keywords
    ]


def _is_name(node):
    return isinstance(node, ast.Name)


def _expected(initials: str) -> list[str]:
    """The names of one result's axes; the second of a name is numbered."""
    names = []
    for word in initials.split():
        name = "*".join(AXES.get(letter, ".") for letter in word.split("*"))
        names.append(f"{name}2" if name in names and name != "." else name)
    return names
