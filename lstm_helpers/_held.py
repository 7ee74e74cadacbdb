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
        """`batches` are train and val, by name."""
        self._things = {
            **{f"model.{path}": part for path, part in model.named_modules()},
            **{
                f"{name}.{n}": part
                for name, data in batches.items()
                for n, part in enumerate(parts([data]))
                if not isinstance(part, DataLoader)
            },
            **_of_loss(loss_fn),
        }
        self.begin()

    def begin(self) -> None:
        """From here on, what moves is state."""
        self._start = self.now()

    def now(self) -> dict[tuple[str, str], object]:
        """(path, name) -> the number, or a copy of the tensor."""
        return {
            (path, name): value.detach().clone() if isinstance(value, Tensor) else value
            for path, thing in self._things.items()
            for name, value in _kept(thing, path.startswith("loss_fn"))
        }

    def of(self, argument: str) -> dict:
        """Those of the model, the loss_fn, train or val, now."""
        return {key: value for key, value in self.now().items() if key[0].startswith(argument)}

    def moved(self, since: dict | None = None) -> tuple[dict, dict]:
        """What is another than at the start: as it was, None where it was not, and as it is."""
        was, now = self._start if since is None else since, self.now()
        moved = [key for key in {**was, **now} if digest(was.get(key)) != digest(now.get(key))]
        return {key: was.get(key) for key in moved}, {key: now.get(key) for key in moved}

    def put(self, values: dict) -> None:
        """Put back what `moved` gave."""
        for (path, name), value in values.items():
            thing = self._things.get(path)
            buffers = getattr(thing, "_buffers", {})
            places = buffers if name in buffers else getattr(thing, "__dict__", {})
            if value is None:
                places.pop(name, None)
            elif isinstance(value, Tensor):
                now = places.get(name)
                places[name] = value.to(value.device if now is None else now.device, copy=True)
            else:
                places[name] = value


def _kept(thing, tensors: bool) -> Iterator[tuple[str, object]]:
    kinds = (bool, int, float, Tensor) if tensors else (bool, int, float)
    held = {**getattr(thing, "__dict__", {}), **getattr(thing, "_buffers", {})}
    for name, value in held.items():
        trained = getattr(value, "requires_grad", False)
        if isinstance(value, kinds) and not trained and not _of_torch(thing, name):
            yield name, value


def _of_torch(thing, name: str) -> bool:
    """Whether torch keeps it for itself, such as an address where a model was compiled."""
    if not isinstance(thing, nn.Module):
        return False
    private = name.startswith("_") and type(thing).__module__.startswith("torch.")
    return private or name in _OF_EVERY_MODULE


def _of_loss(loss_fn: Callable) -> dict[str, object]:
    """What a loss keeps: its parts, the object of a method, what a partial calls."""
    while isinstance(loss_fn, partial):
        loss_fn = loss_fn.func
    loss_fn = getattr(loss_fn, "__self__", loss_fn)
    if isinstance(loss_fn, nn.Module):
        return {f"loss_fn.{path}": part for path, part in loss_fn.named_modules()}
    return {"loss_fn.": loss_fn}
