"""Where a model runs: on which device, in which mode, on which random numbers. All is put back."""

# ruff: noqa: NPY002 (numpy's global generator is one of those that are kept as they were)

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import DataLoader, Dataset, Sampler

from lstm_helpers._arguments import is_cast
from lstm_helpers._interrupts import undisturbed
from lstm_helpers._running.generators import same_generators


@contextmanager
def afterwards(*actions: Callable):
    """All of these run at the end, whatever happens, and none hides the error that came before.

    An interrupt waits until they are done. It is no error, so it gives way to a failure of theirs.
    """
    try:
        yield
    except BaseException as error:
        failures, _ = _all_of(actions)
        if failures and isinstance(error, KeyboardInterrupt):
            raise failures[0] from error
        for failure in failures:
            with suppress(Exception):  # an error that takes no note
                error.add_note(f"Cleaning up failed, too: {type(failure).__name__}: {failure}")
        raise
    failures, interrupts = _all_of(actions)
    for failure in (*failures, *interrupts):
        raise failure


def _all_of(actions: Iterable[Callable]) -> tuple[list[Exception], list[KeyboardInterrupt]]:
    failures = []
    with undisturbed() as interrupts:
        for action in actions:
            for _ in range(2):  # one that was interrupted runs again, to the end
                try:
                    action()
                except KeyboardInterrupt as interrupt:
                    interrupts.append(interrupt)
                    continue
                except Exception as failure:
                    failures.append(failure)
                break
    return failures, interrupts


def moved(batches: Iterable, device, name: str) -> Iterator:
    """The batches, with a copy of every tensor on the device: nobody's table is written to."""
    empty = True
    for batch in batches:
        empty = False
        yield to_device(batch, device)
    if empty:
        raise ValueError(no_batch(name))


def no_batch(name: str) -> str:
    return (
        f"{name} has no batch, but at least one is needed: "
        "with drop_last=True, batch_size has to be no more than the number of windows."
    )


def to_device(part, device):
    """A batch or a part of it on the device; what holds tensors is made anew around them."""
    if isinstance(part, torch.Tensor):
        return part.to(device, copy=True)
    if isinstance(part, PackedSequence):  # its sizes stay on the CPU
        orders = (part.sorted_indices, part.unsorted_indices)
        moved = [order if order is None else order.to(device) for order in orders]
        return PackedSequence(part.data.to(device, copy=True), part.batch_sizes, *moved)
    if hasattr(part, "to"):
        return part.to(device)
    if isinstance(part, dict):
        made = copy(part)  # an OrderedDict stays one
        made.update({key: to_device(value, device) for key, value in part.items()})
        return made
    if not isinstance(part, tuple | list):
        return part
    inside = [to_device(each, device) for each in part]
    if hasattr(part, "_fields"):  # a named tuple keeps its names
        return type(part)(*inside)
    return tuple(inside) if isinstance(part, tuple) else inside


@contextmanager
def kept_mode(model: nn.Module):
    """Give every part of the model its training flag back: parts may differ."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def on_device(model: nn.Module, device: torch.device, optimizer: torch.optim.Optimizer | None):
    """Move the model to the device it is trained on, and back again."""
    home = next(model.parameters()).device

    def to(place):
        model.to(place)
        if optimizer is not None and home != device:
            optimizer.load_state_dict(optimizer.state_dict())  # moves to where the weights are

    with kept_mode(model), afterwards(lambda: to(home)):
        to(device)
        yield


@contextmanager
def with_gradients(device: torch.device):
    """Gradients flow, whatever stands around; under autocast no weight is cast only once.

    Autocast keeps what it cast until its block ends, and so would miss every step of training.
    """
    kind = device.type
    with torch.inference_mode(False), torch.enable_grad():
        if is_cast(kind):
            dtype = torch.get_autocast_dtype(kind)
            with torch.autocast(kind, dtype=dtype, cache_enabled=False):
                yield
        else:
            yield


class Randomness:
    """Every generator that training draws from: the usual three, the GPU's, and those of loaders.

    A loader's are those that it and its samplers hold. Those inside a data set are not seen.
    """

    def __init__(self, device: torch.device, *loaders):
        self._device = device if device.type == "cuda" else None
        self._parts = list(parts(loaders))
        self._own = [part for part in self._parts if isinstance(part, _KINDS)]

    def state(self) -> dict:
        """Where they stand, in tensors, numbers and text."""
        kind, words, *rest = np.random.get_state()
        version, numbers, gauss = random.getstate()
        state = {
            "torch": torch.get_rng_state(),
            "numpy": [kind, words.tolist(), *rest],
            "random": [version, list(numbers), gauss],
            "loaders": [_state(generator) for generator in self._own],
        }
        if self._device is not None:
            state["cuda"] = torch.cuda.get_rng_state(self._device)
        return state

    def restore(self, state: dict) -> None:
        torch.set_rng_state(state["torch"])
        np.random.set_state(tuple(state["numpy"]))
        version, numbers, gauss = state["random"]
        random.setstate((version, tuple(numbers), gauss))
        for generator, one in zip(self._own, state["loaders"], strict=True):
            _set_state(generator, one)
        if self._device is not None and "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"], self._device)

    @contextmanager
    def kept(self):
        """What is drawn inside was never drawn."""
        before = self.state()
        with afterwards(lambda: self.restore(before), self.stop_workers):
            yield

    def stop_workers(self) -> None:
        """Persistent workers keep random numbers of their own: the next epoch starts them anew."""
        for part in self._parts:
            if isinstance(part, DataLoader) and part._iterator is not None:
                # forgotten first: an interrupt meanwhile leaves no loader with half its workers
                iterator, part._iterator = part._iterator, None
                iterator._shutdown_workers()


@contextmanager
def seeded(seed: int, randomness: Randomness, device: torch.device):
    """The usual generators start from a seed; afterwards all are as before."""
    before = randomness.state()
    with same_generators(), afterwards(lambda: randomness.restore(before), randomness.stop_workers):
        randomness.stop_workers()
        seed_all(seed, device)
        yield


def seed_all(seed: int, device: torch.device) -> None:
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


_KINDS = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)


def parts(loaders) -> Iterator:
    """Loaders, their samplers, and the generators that these hold, each once, in a fixed order."""
    waiting, met = list(loaders), {}
    while waiting:
        part = waiting.pop(0)
        if id(part) in met or isinstance(part, Dataset):
            continue
        met[id(part)] = part
        yield part
        held = vars(part).values() if hasattr(part, "__dict__") else ()
        flat = [
            one for each in held for one in (each if isinstance(each, list | tuple) else [each])
        ]
        waiting += [one for one in flat if isinstance(one, (*_KINDS, Sampler, DataLoader))]


def _state(generator):
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, random.Random):
        return _plain(generator.getstate())
    if isinstance(generator, np.random.RandomState):
        return _plain(generator.get_state())
    return _plain(generator.bit_generator.state)


def _set_state(generator, state) -> None:
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    elif isinstance(generator, random.Random):
        version, numbers, gauss = state
        generator.setstate((version, tuple(numbers), gauss))
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(tuple(state))
    else:
        generator.bit_generator.state = state


def _plain(state):
    """The same in dicts, lists, numbers and text, which a file may hold."""
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    if isinstance(state, tuple | list):
        return [_plain(value) for value in state]
    return state.tolist() if isinstance(state, np.ndarray | np.generic) else state
