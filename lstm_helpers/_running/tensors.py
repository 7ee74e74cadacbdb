"""Tensors inside tuples, lists, dicts, dataclasses and packed sequences."""

import copy
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import fields, is_dataclass

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstm_helpers._arguments import check_room, shown


def named_tensors(value, name="") -> Iterator[tuple[str, Tensor]]:
    """Each tensor with the expression that reaches it: `out`, `out[1]`, `out['mean']`."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, PackedSequence):
        yield name, value.data
    else:
        for step, part in parts_of(value):
            yield from named_tensors(part, name + step)


def tensors_in(value) -> list[Tensor]:
    """Every tensor in there, in order."""
    return [tensor for _, tensor in named_tensors(value)]


def check_copies(*given, numbers: bool) -> None:
    """Refuse tensors that can't be copied, and those without numbers where `numbers` are asked for.

    Raises:
        ValueError: there is no memory for a copy, or it is on the device meta.
    """
    try:
        tensors = tensors_in(given)
    except RecursionError:
        raise ValueError(
            "an input is a list or dict that holds itself: pass one that holds tensors."
        ) from None
    for tensor in tensors:
        if not tensor.is_meta:
            check_room(tensor.numel(), f"the model is given a copy of {tuple(tensor.shape)}")
        elif numbers:
            raise ValueError(
                f"an input {tuple(tensor.shape)} is on the device meta, where there are no "
                "numbers to change: make it anew with device='cpu'."
            )


def first_tensor(output) -> Tensor:
    """The first tensor of what a model returns: `yhat` of `(yhat, state)`, the first of a dict.

    Raises:
        TypeError: there is none.
    """
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output, batch_first=True)[0]
    if isinstance(output, Tensor):
        return output
    for _, part in parts_of(output):
        if part is not None:  # as a loss is that was not asked for
            return first_tensor(part)
    raise TypeError(
        f"the model returned {shown(output)}, but a tensor is needed to ask what it "
        "depends on: return a tensor, or a tuple, list, dict or dataclass that starts with one."
    )


def replace_tensors(value, new):
    """A copy of the structure with `new(tensor)` for each tensor."""
    if isinstance(value, Tensor):
        return new(value)
    if isinstance(value, PackedSequence):
        return value._replace(data=new(value.data))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(replace_tensors(part, new) for part in value))
    if type(value) in (tuple, list):
        return type(value)(replace_tensors(part, new) for part in value)
    if not isinstance(value, list | MutableMapping) and not _is_dataclass(value):
        return value  # a tuple of a class of its own among them: who knows how it is made
    twin = copy.copy(value)
    if isinstance(value, list):
        twin[:] = [replace_tensors(part, new) for part in value]
    elif isinstance(value, MutableMapping):
        twin.update((key, replace_tensors(part, new)) for key, part in value.items())
    else:
        for f in fields(value):
            if hasattr(value, f.name):
                part = replace_tensors(getattr(value, f.name), new)
                object.__setattr__(twin, f.name, part)
    return twin


def parts_of(value) -> list[tuple[str, object]]:
    """What a tuple, list, dict or dataclass holds, each with the step that leads to it."""
    if isinstance(value, tuple | list):
        return [(f"[{position}]", part) for position, part in enumerate(value)]
    if isinstance(value, Mapping):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if _is_dataclass(value):
        return [(f".{f.name}", getattr(value, f.name, None)) for f in fields(value)]
    return []


def _is_dataclass(value) -> bool:
    return is_dataclass(value) and not isinstance(value, type)
