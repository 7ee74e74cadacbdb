"""Tensors inside tuples, lists, dicts and packed sequences: find them, name them, replace them."""

from collections.abc import Iterator, Mapping

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


def named_tensors(value, name="") -> Iterator[tuple[str, Tensor]]:
    """Each tensor with the expression that reaches it: `out`, `out[1]`, `out['mean']`."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, PackedSequence):
        yield name, value.data
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from named_tensors(item, f"{name}[{key!r}]")
    elif isinstance(value, tuple | list):
        for position, item in enumerate(value):
            yield from named_tensors(item, f"{name}[{position}]")


def tensors_in(value) -> list[Tensor]:
    return [tensor for _, tensor in named_tensors(value)]


def replace_tensors(value, replace):
    """A copy of the structure with `replace(tensor)` for each tensor."""
    if isinstance(value, Tensor):
        return replace(value)
    if isinstance(value, PackedSequence):
        return value._replace(data=replace(value.data))
    if isinstance(value, dict):
        return type(value)((key, replace_tensors(item, replace)) for key, item in value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(replace_tensors(item, replace) for item in value))
    if isinstance(value, tuple | list):
        return type(value)(replace_tensors(item, replace) for item in value)
    return value
