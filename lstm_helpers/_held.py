"""What counts along with training outside the weights: plain numbers, and the tensors of a loss."""

from collections.abc import Callable, Iterator
from functools import partial

from torch import nn
from torch.utils.data import DataLoader

from lstm_helpers._digest import digest
from lstm_helpers._surroundings import parts
from lstm_helpers._typing import Tensor

_ABSENT = "absent"  # text is not held, so it stands for nothing else
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
        """What is another than at the start: as it was, and as it is; `_ABSENT` where it is not."""
        was, now = self._start if since is None else since, self.now()
        pairs = {key: (was.get(key, _ABSENT), now.get(key, _ABSENT)) for key in {**was, **now}}
        moved = {key: pair for key, pair in pairs.items() if digest(pair[0]) != digest(pair[1])}
        return {key: pair[0] for key, pair in moved.items()}, {k: v[1] for k, v in moved.items()}

    @staticmethod
    def differing(mine: dict, others: dict) -> dict:
        """Of others' numbers those that are not mine."""
        return {k: v for k, v in others.items() if digest(mine.get(k, _ABSENT)) != digest(v)}

    def put(self, values: dict) -> None:
        """Put back what `moved` gave."""
        for (path, name), value in values.items():
            thing = self._things.get(path)
            buffers = getattr(thing, "_buffers", {})
            places = buffers if name in buffers else getattr(thing, "__dict__", {})
            if isinstance(value, str):
                places.pop(name, None)
            elif isinstance(value, Tensor):
                now = places.get(name)
                places[name] = value.to(value.device if now is None else now.device, copy=True)
            else:
                places[name] = value


def _kept(thing, tensors: bool) -> Iterator[tuple[str, object]]:
    kinds = (type(None), bool, int, float, *([Tensor] if tensors else []))
    held = {**getattr(thing, "__dict__", {})}
    if tensors:
        held |= getattr(thing, "_buffers", {})
    for name, value in held.items():
        trained = getattr(value, "requires_grad", False)
        if isinstance(value, kinds) and not trained and not _of_torch(thing, name):
            yield name, _plain(value)


def _plain(value):
    """numpy's float64 is a float, but no file loads it without running code."""
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


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
