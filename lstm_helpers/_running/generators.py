"""The usual random generators: where they stand, where they start, who takes numbers from them."""

# ruff: noqa: NPY002 (numpy's global generator is one of those that are kept as they were)

import pickle
import random
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

# All three are Mersenne twisters: 624 words, of which each is turned into one number. This one is
# turned into the largest number there is, a zero into zero.
WORDS, LARGEST = 624, 0x12DD9BB3
EXTREMES = {"smallest": 0, "largest": LARGEST}
THE_USUAL = (torch.default_generator, np.random.random.__self__, random.random.__self__)
_MANY = 400  # the rest stay as they are: some functions draw until a number fits
_TORCH = np.dtype(
    [("seed", "u8"), ("left", "i4"), ("seeded", "i4"), ("next", "u8"), ("words", "u8", WORDS)]
)


class Generators:
    """The state of torch, numpy and random, as it is now."""

    def __init__(self):
        self._plain, self._arrays = random.getstate(), np.random.get_state()
        self._numbers = torch.get_rng_state()
        started = torch.cuda.is_initialized()
        self._cards = torch.cuda.get_rng_state_all() if started else None

    def restore(self):
        torch.set_rng_state(self._numbers)
        np.random.set_state(self._arrays)
        random.setstate(self._plain)
        if self._cards is not None:
            torch.cuda.set_rng_state_all(self._cards)


@contextmanager
def same_generators(seed: int | str | None = None):
    """Afterwards torch, numpy and random are where they were.

    Args:
        seed: where to start. "smallest" or "largest": their first numbers are so, as in `rand() <
            1e-9`, which hardly any seed would show. None leaves them where they are.
    """
    before = Generators()
    try:
        if seed is not None:
            _start(0 if seed in EXTREMES else seed)
        if seed in EXTREMES:
            _start_with(EXTREMES[seed])
        yield
    finally:
        before.restore()


def _start(seed):
    # Not torch.manual_seed: it leaves a note to seed the cards when they are first used.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    np.random.seed(seed)
    random.seed(seed)


def _start_with(word):
    version, words, gauss = random.getstate()
    random.setstate((version, (word,) * _MANY + words[_MANY:WORDS] + (0,), gauss))
    kind, words, *_ = np.random.get_state()
    words[:_MANY] = word
    np.random.set_state((kind, words, 0))
    numbers = torch.get_rng_state()
    state = numbers.numpy()[: _TORCH.itemsize].view(_TORCH)
    state["words"][:, :_MANY], state["left"], state["next"] = word, WORDS, 0
    torch.set_rng_state(numbers)


def generators_drawn_from(run: Callable[[], Any]) -> list[str]:
    """Which of the usual generators a run takes numbers from, whether or not they matter."""

    def states():
        return {
            "torch": torch.get_rng_state().tolist(),
            "numpy": pickle.dumps(np.random.get_state()),
            "random": random.getstate(),
        }

    with same_generators():
        before = states()
        run()
        return [name for name, state in states().items() if state != before[name]]
