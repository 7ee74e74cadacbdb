"""What training changes in a model: its parameters and its buffers, each in its place."""

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import nn

from lstm_helpers._typing import Tensor


class Weights:
    """All that training may change, as one set.

    Gradients are set to zero and clipped for it, the best epoch is kept of it, and a checkpoint
    holds it: a model's parameters and buffers, persistent or not, what its parts keep as extra
    state, and parameters that only the optimizer knows, such as those of a loss.
    """

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer | None):
        self._model = model
        ours = set(map(id, model.parameters()))
        groups = [] if optimizer is None else optimizer.param_groups
        self._others = [p for group in groups for p in group["params"] if id(p) not in ours]

    def parameters(self) -> list[nn.Parameter]:
        return [*self._model.parameters(), *self._others]

    def now(self) -> dict:
        """Name -> the tensor itself (None for an empty place), or extra state."""
        found = {f"{path}{name}": places[name] for path, places, name in self._places()}
        found |= {f"of the optimizer.{n}": p for n, p in enumerate(self._others)}
        return found | {
            f"{path}_extra_state": module.get_extra_state()
            for path, module in self._modules()
            if type(module).get_extra_state is not nn.Module.get_extra_state
        }

    def buffers(self) -> dict:
        """The same without parameters: what a model changes by itself while it runs."""
        ours = {id(p) for p in self.parameters()}
        return {name: value for name, value in self.now().items() if id(value) not in ours}

    def copy(self) -> dict:
        """The same, but what training changes later does not reach it."""
        clones = {}  # tied weights are one tensor in several places

        def clone(value):
            if not isinstance(value, Tensor):
                return deepcopy(value)
            if id(value) not in clones:
                clones[id(value)] = value.detach().clone()
            return clones[id(value)]

        return {name: clone(value) for name, value in self.now().items()}

    @torch.no_grad()
    def restore(self, saved: dict) -> None:
        """Put a copy back: into the same tensors, which the optimizer and others hold."""
        for path, places, name in self._places():
            if f"{path}{name}" in saved:
                _put(places, name, saved[f"{path}{name}"])
        for n, parameter in enumerate(self._others):
            if f"of the optimizer.{n}" in saved:
                parameter.copy_(saved[f"of the optimizer.{n}"])
        for path, module in self._modules():
            if f"{path}_extra_state" in saved:
                module.set_extra_state(deepcopy(saved[f"{path}_extra_state"]))

    def _modules(self) -> Iterator[tuple[str, nn.Module]]:
        for path, module in self._model.named_modules():
            yield f"{path}." if path else "", module

    def _places(self) -> Iterator[tuple[str, dict, str]]:
        for path, module in self._modules():
            for places in (module._parameters, module._buffers):
                yield from ((path, places, name) for name, _ in places.items())  # of a script, too


def on(device: torch.device, weights: dict) -> dict:
    """The weights on the device they are trained on; extra state stays where it was made."""
    return {
        name: value.to(device)
        if isinstance(value, Tensor) and not name.endswith("_extra_state")
        else value
        for name, value in weights.items()
    }


def _put(places: dict, name: str, saved: Tensor | None) -> None:
    now = places[name]
    if now is None or saved is None or (now.shape, now.dtype) != (saved.shape, saved.dtype):
        new = None if saved is None else saved.clone()
        places[name] = (
            nn.Parameter(new) if isinstance(now, nn.Parameter) and saved is not None else new
        )
        return
    try:
        now.copy_(saved)
    except RuntimeError:  # one that can't be written to, such as an expanded buffer
        places[name] = saved.clone()
