"""What a model is called with: the names of its arguments, and those of their axes."""

import inspect

from torch import nn


def given_axes(axes, tensors) -> list[list[str] | None]:
    """The caller's names for each input tensor, checked against its shape."""
    texts = [axes] if axes is None or isinstance(axes, str) else list(axes)
    if len(texts) > max(len(tensors), 1):
        raise ValueError(
            f"axes has {len(texts)} texts, {texts}, but the model gets {len(tensors)} input "
            f"tensors: give one text for each tensor, in their order."
        )
    given = [text and text.split() for text in texts] + [None] * (len(tensors) - len(texts))
    for position, (names, x) in enumerate(zip(given, tensors, strict=False)):
        if names and len(names) != x.dim():
            raise ValueError(
                f"input {position} is {tuple(x.shape)}: {x.dim()} axes, but axes gives it "
                f"{len(names)} names ({' '.join(names)!r}): give each axis one name."
            )
    return given[: len(tensors)]


def argument_names(model, count: int) -> list[str]:
    """As its signature names them; `input[1]` where it doesn't."""
    function = model.forward if isinstance(model, nn.Module) else model
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*names, *(f"input[{i}]" for i in range(len(names), count))][:count]
