"""What counts along with training outside the weights: plain numbers, and the tensors of a loss."""

from collections.abc import Callable, Iterator
from functools import partial

from torch import nn
from torch.utils.data import DataLoader

from lstm_helpers._digest import digest
from lstm_helpers._surroundings import parts
from lstm_helpers._typing import Tensor

_OF_EVERY_MODULE = vars(nn.Module()).keys()


class Held:
    """Numbers that a model, a loss, samplers and iterables keep, and the tensors of a loss.

    A sampler may count the epochs, and a loss its steps. A run is told from others by where they
    stood at its start; what has moved since is state, which a checkpoint holds.
    """

    def __init__(self, model: nn.Module, loss_fn: Callable, **batches):
        """Args:
        batches: train and val, by name.
        """
        modules = [(f"model.{path}" if path else "model", m) for path, m in model.named_modules()]
        walked = [
            (f"{name} {n}", part)
            for name, data in batches.items()
            for n, part in enumerate(parts([data]))
            if not isinstance(part, DataLoader)
        ]
        self._numbers = [*modules, *walked, *_of_loss(loss_fn)]
        self._tensors = [*_of_loss(loss_fn)]
        self.begin()

    def begin(self) -> None:
        """From here on, what moves is state."""
        self.start = self.now()

    def now(self) -> dict:
        """Path -> the number, or a copy of the tensor."""
        return {
            f"{path}.{name}": value.detach().clone() if isinstance(value, Tensor) else value
            for path, places, name in self._places()
            for value in [places[name]]
        }

    def moved(self) -> tuple[dict, dict]:
        """What is another than at the start: as it was, and as it is."""
        now = self.now()
        names = [n for n in now if n in self.start and digest(now[n]) != digest(self.start[n])]
        return {n: self.start[n] for n in names}, {n: now[n] for n in names}

    def of(self, name: str) -> dict:
        """Those of the model, the loss, train or val, now."""
        return {path: value for path, value in self.now().items() if path.startswith(name)}

    def put(self, values: dict) -> None:
        for path, places, name in list(self._places()):
            if f"{path}.{name}" in values:
                value = values[f"{path}.{name}"]
                places[name] = (
                    value.to(places[name].device, copy=True) if isinstance(value, Tensor) else value
                )

    def _places(self) -> Iterator[tuple[str, dict, str]]:
        for path, thing in self._numbers:
            yield from _those(path, thing, bool | int | float)
        for path, thing in self._tensors:
            yield from _those(path, thing, Tensor)
            if isinstance(thing, nn.Module):
                yield from (
                    (path, thing._buffers, n) for n, b in thing._buffers.items() if b is not None
                )


def _those(path: str, thing, kind) -> Iterator[tuple[str, dict, str]]:
    skipped = _OF_EVERY_MODULE if isinstance(thing, nn.Module) else ()
    places = getattr(thing, "__dict__", {})
    for name, value in places.items():
        if (
            name not in skipped
            and isinstance(value, kind)
            and not getattr(value, "requires_grad", False)
        ):
            yield path, places, name


def _of_loss(loss_fn: Callable) -> list[tuple[str, object]]:
    """What a loss keeps: its parts, the object of a method, what a partial calls."""
    while isinstance(loss_fn, partial):
        loss_fn = loss_fn.func
    loss_fn = getattr(loss_fn, "__self__", loss_fn)
    if isinstance(loss_fn, nn.Module):
        return [(f"loss_fn.{path}".rstrip("."), part) for path, part in loss_fn.named_modules()]
    return [("loss_fn", loss_fn)]
