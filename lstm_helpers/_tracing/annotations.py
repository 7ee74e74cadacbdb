"""What a signature says about axes: `Float[Tensor, "batch seq feature"]`, or `Annotated` with it.

Each annotation is read by itself: one that can't be understood costs its own names only.
"""

import builtins
import inspect
import types
import typing
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Annotated, ForwardRef

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from lstm_helpers._running.tensors import parts_of, tensors_in
from lstm_helpers._tracing.dims import fits, read_dims

UNIONS = (typing.Union, types.UnionType)


class Annotations:
    """The annotations of a module's `forward`, or of a function."""

    def __init__(self, model):
        function = model.forward if isinstance(model, nn.Module) else model
        try:
            self._signature = inspect.signature(function)
        except Exception:  # a builtin, or one whose annotations can't even be looked at
            self._signature = inspect.Signature()
        self._function = function

    @cached_property
    def _known(self) -> dict:
        return _Known(vars(builtins) | _names_around(self._function))

    def of_inputs(self, inputs, kwargs) -> list[str | None]:
        """A text, or None, for each tensor that goes in."""
        found = {}
        for parameter, value in self._given(inputs, kwargs):
            pairs = zip(tensors_in(value), self._texts(parameter.annotation, value), strict=True)
            found |= {id(x): text for x, text in pairs if text is not None}
        return [found.get(id(x)) for x in tensors_in([inputs, kwargs])]

    def of_output(self, result) -> list[str | None]:
        """A text, or None, for each tensor that comes out."""
        return self._texts(self._signature.return_annotation, result)

    def _given(self, inputs, kwargs):
        """Each parameter with what it gets; those of `*args` and `**kwargs` one by one."""
        try:
            given = self._signature.bind_partial(*inputs, **kwargs).arguments
        except TypeError:  # the call itself will say so
            return
        for name, value in given.items():
            parameter = self._signature.parameters[name]
            if parameter.kind == parameter.VAR_POSITIONAL:
                yield from ((parameter, one) for one in value)
            elif parameter.kind == parameter.VAR_KEYWORD:
                yield from ((parameter, one) for one in value.values())
            else:
                yield parameter, value

    def _texts(self, hint, value) -> list[str | None]:
        """For each tensor in a value what the annotation of the value says about it."""
        hint = self._evaluated(hint)
        if typing.get_origin(hint) in UNIONS:
            return self._of_union(typing.get_args(hint), value)
        if isinstance(value, Tensor):
            return [self._text(hint, value)]
        if isinstance(value, PackedSequence):
            return [None]
        if typing.get_origin(hint) is Annotated:
            return self._texts(typing.get_args(hint)[0], value)
        parts = [part for _, part in parts_of(value)]
        hints = zip(_of_parts(hint, value, len(parts)), parts, strict=True)
        return [text for one, part in hints for text in self._texts(one, part)]

    def _of_union(self, hints, value):
        """Those of the first of several annotations that fits what came."""
        tensors = tensors_in(value)
        said = [texts for hint in hints if any(texts := self._texts(hint, value))]
        fit = [texts for texts in said if all(map(fits, texts, tensors))]
        return next(iter(fit or said), [None] * len(tensors))

    def _text(self, hint, x) -> str | None:
        if isinstance(text := getattr(hint, "dim_str", None), str):  # jaxtyping's
            return text
        if typing.get_origin(hint) is not Annotated:
            return None
        inner, *said = typing.get_args(hint)
        (text,) = self._texts(inner, x)
        texts = (one for one in said if isinstance(one, str) and read_dims(one) is not None)
        return next(texts, None) if text is None else text

    def _evaluated(self, hint):
        if isinstance(hint, str | ForwardRef):
            try:
                hint = eval(getattr(hint, "__forward_arg__", hint), {}, self._known)
            except Exception:  # whatever stands there
                return None
        return getattr(hint, "__value__", hint)  # what `type Name = ...` stands for


def _of_parts(hint, value, count: int) -> list:
    """The annotation of each part of a tuple, list, dict or dataclass."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(value, Mapping):
        return [args[1] if len(args) == 2 else None] * count
    if args[1:] == (...,) or (origin is not tuple and len(args) == 1):
        return [args[0]] * count
    fields = getattr(hint, "__annotations__", None) if isinstance(hint, type) else None
    hints = list(args or (fields or {}).values())
    return hints if len(hints) == count else [None] * count


def _names_around(function) -> dict:
    """What the code of a function can name at the top of its file."""
    while isinstance(function, partial):
        function = function.func
    function = function if hasattr(function, "__globals__") else type(function).__call__
    return getattr(inspect.unwrap(function), "__globals__", {})


class _Known(dict):
    """Names by which an annotation is evaluated; one that is not known is no error."""

    def __missing__(self, name):
        return Unknown


class _Anything(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item):
        *_, last = item if isinstance(item, tuple) else (item,)
        return Annotated[cls, last] if isinstance(last, str) else cls


class Unknown(metaclass=_Anything):
    """Stands for a name that is only imported for type checkers, such as `Float`."""
