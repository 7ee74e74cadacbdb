"""All that a model can change, remembered at one moment and put back."""

import warnings
from contextlib import contextmanager
from types import ModuleType

import torch
from torch import Tensor, nn

from lstm_helpers._running.generators import THE_USUAL, Generators, same_generators
from lstm_helpers._running.keeping import ABSENT, Kept, keep, same_numbers

_NEVER_CHANGE = (type(None), type, ModuleType, str, bytes, int, float, complex, range, slice)


class Snapshot:
    """The state of some objects; `restore()` puts all of it back, as often as it is called.

    It walks through modules, containers, arrays, tables, generators, plain objects (attributes and
    slots) and functions: what they close over, and the modules, tensors, containers and functions
    that they read from their own module. `modules` lists every `nn.Module` met on the way.

    What can't be put back: a name that is bound anew in a module or a class (`global n; n = 1`,
    `type(self).n = 1`), what a method reads from its module (modules of torch aside), files,
    iterators, locks, caches of functions, what belongs to a thread, torch's own settings but for
    `Surroundings`, and the inside of other libraries.
    """

    def __init__(self, *roots):
        self.modules: list[nn.Module] = []
        self.surroundings: Surroundings | None = None
        self._kept: dict[int, Kept] = {}
        self._alive = []  # so that no id is used twice
        self._attributes: dict[int, dict] = {}
        self.add(*roots)

    def add(self, *roots):
        """Remember these as well, and what they hold, unless they are known."""
        waiting = list(reversed(roots))
        with torch.inference_mode(False):
            while waiting:
                thing = waiting.pop()
                if id(thing) not in self._kept:
                    waiting.extend(reversed(self._remember(thing)))

    def _remember(self, thing) -> list:
        """Keep one thing; what it holds."""
        try:
            if isinstance(thing, _NEVER_CHANGE) or any(thing is one for one in THE_USUAL):
                return []  # `same_surroundings` keeps the usual generators
            kept, module = keep(thing), isinstance(thing, nn.Module)
            holds = list(kept.holds)
        except Exception:  # what can't be copied can't be put back
            return []
        if module:
            self.modules.append(thing)
            self._attributes[id(thing)] = _attributes(thing)
        self._alive.append(thing)
        self._kept[id(thing)] = kept
        return holds

    @property
    def things(self) -> list:
        """All that is remembered."""
        return self._alive

    def forget_large_weights(self, most: int = 2**20):
        """For one that is kept for long: no second copy of parameters with more numbers."""

        def is_large(thing):
            is_weight = isinstance(thing, nn.Parameter) and not nn.parameter.is_lazy(thing)
            return is_weight and thing.numel() > most

        self._alive = [thing for thing in self._alive if not is_large(thing)]
        self._kept = {id(thing): self._kept[id(thing)] for thing in self._alive}

    def common(self, other: "Snapshot") -> list:
        """The things that both remember, modules and their parts aside."""
        return [thing for thing in self._alive if id(thing) in other._kept]

    def restore(self):
        """Put everything back. What did not change is not written to.

        Raises:
            RuntimeError: something could not be put back; all else was.
        """
        self._put_back()
        # Once more: a view of another tensor may be right only when that one is.
        if failed := self._put_back():
            raise RuntimeError(f"not as before: {', '.join(failed)}")

    def _put_back(self) -> list[str]:
        """What could not be put back, in words. An interrupt waits until all else is."""
        failed, interrupt = [], None
        with torch.inference_mode(False):
            for thing, kept in zip(self._alive, self._kept.values(), strict=True):
                try:
                    if kept.is_changed:
                        kept.put_back(kept.saved)
                except Exception as error:
                    failed.append(f"a {type(thing).__name__} ({type(error).__name__}: {error})")
                except BaseException as error:
                    interrupt = error
        if interrupt is not None:
            raise interrupt
        return failed

    def changed_attributes(self) -> list[tuple[nn.Module, str]]:
        """(module, name) of each attribute or buffer that is another, or holds another content."""
        return [
            (module, name)
            for module in self.modules
            for name, value in _attributes(module).items()
            if name not in _OF_EVERY_MODULE and self._is_other(module, name, value)
        ]

    def _is_other(self, module, name, value):
        before = self._attributes[id(module)].get(name, ABSENT)
        if before is value:
            return id(value) in self._kept and self._kept[id(value)].is_changed
        both_tensors = isinstance(before, Tensor) and isinstance(value, Tensor)
        return not (both_tensors and same_numbers(before, value))


_OF_EVERY_MODULE = {*vars(nn.Module()), "training"}


def _attributes(module) -> dict:
    return {**vars(module), **module._buffers}


class Surroundings:
    """Every usual generator, the default dtype and the gradients' mode, as they are now."""

    def __init__(self):
        self._generators = Generators()
        self._dtype, self._gradients = torch.get_default_dtype(), torch.is_grad_enabled()

    def restore(self):
        self._generators.restore()
        torch.set_default_dtype(self._dtype)
        torch.set_grad_enabled(self._gradients)


@contextmanager
def same_surroundings(seed: int | str | None = None):
    """Afterwards the `Surroundings` are as before; yields them.

    Args:
        seed: for torch, numpy and random, as `same_generators` takes it.
    """
    before = Surroundings()
    try:
        with same_generators(seed):
            yield before
    finally:
        before.restore()


@contextmanager
def unchanged(*roots):
    """Yields a `Snapshot` of these; afterwards they and the surroundings are as before."""
    snapshot = Snapshot(*roots)
    try:
        with same_surroundings() as snapshot.surroundings:
            yield snapshot
    finally:
        try:
            snapshot.restore()
        except RuntimeError as error:
            warnings.warn(str(error), RuntimeWarning, stacklevel=3)
