"""What a model is called with: the names of its arguments, and those of their axes."""

import inspect
import re

from torch import Tensor, nn

from lstm_helpers._arguments import items, shown
from lstm_helpers._running.tensors import named_tensors


def given_axes(axes, tensors) -> list[list[str] | None]:
    """The caller's names for each input tensor, checked against its shape."""
    texts = _texts(axes, tensors)
    if len(texts) > max(len(tensors), 1):
        raise ValueError(
            f"axes has {len(texts)} texts, {texts}, but the model gets {len(tensors)} input "
            f"tensor{'s' * (len(tensors) != 1)}: give one text for each tensor, in their order"
            f"{_together(texts, tensors)}."
        )
    given = [text and names_in(text) for text in texts] + [None] * (len(tensors) - len(texts))
    for position, (names, x) in enumerate(zip(given, tensors, strict=False)):
        if names and len(names) != x.dim():
            raise ValueError(
                f"input {position} is {tuple(x.shape)}: {x.dim()} axes, but axes gives it "
                f"{len(names)} names ({' '.join(names)!r}): give each axis one name."
            )
    return given[: len(tensors)]


def names_in(text: str) -> list[str]:
    """The names in one text; those who write `(batch, seq)` mean the two as well."""
    bare = re.fullmatch(r"\s*[(\[]([^()\[\]]*)[)\]]\s*", text)
    return (bare[1] if bare else text).replace(",", " ").split()


def _texts(axes, tensors) -> list[str | None]:
    """One for each tensor.

    Raises:
        TypeError: it is something else.
    """
    if axes is None or isinstance(axes, str):
        return [axes]
    texts = None if isinstance(axes, Tensor) else items(axes)
    if texts is not None and all(text is None or isinstance(text, str) for text in texts):
        return texts
    others = f"a {type(axes).__name__} with others than texts"
    what = plainly(axes) if texts is None else others
    shapes = " and ".join(f"input {i} is {tuple(x.shape)}" for i, x in enumerate(tensors))
    known = ["batch", "seq", "feature"]
    examples = [" ".join(known[: x.dim()] + ["?"] * (x.dim() - 3)) for x in tensors]
    example = examples[0] if len(examples) == 1 else examples
    raise TypeError(
        f"axes is {what}; {shapes or 'the model gets no tensor'}: give the names of a tensor's "
        f"axes in one text, a word for each, and for several tensors a list of such texts. "
        f"Try axes={example!r}, with the names that you know."
    )


def plainly(axes) -> str:
    """A value that is no text, for a sentence."""
    name = type(axes).__name__
    return (
        f"{shown(axes)} of type {name}"
        if isinstance(axes, int | float | bytes)
        else f"of type {name}"
    )


def _together(texts, tensors) -> str:
    """Where each axis got a text of its own."""
    words = [text for text in texts if text and len(text.split()) == 1]
    if tensors and len(words) == len(texts) == tensors[0].dim():
        return f". Try axes={' '.join(words)!r}"
    return ""


def entering(model, inputs, kwargs) -> list[tuple[str, Tensor]]:
    """Each tensor that goes in, as code in the model would reach it: `x`, `state[0]`."""
    given = [*zip(argument_names(model, len(inputs)), inputs, strict=True), *kwargs.items()]
    return [pair for at, value in given for pair in named_tensors(value, at)]


def argument_names(model, count: int) -> list[str]:
    """As its signature names them; `input[1]` where it doesn't."""
    function = model.forward if isinstance(model, nn.Module) else model
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except Exception:  # a builtin, or one whose annotations can't even be looked at
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"input[{i}]" for i in range(len(names), count))][:count]
