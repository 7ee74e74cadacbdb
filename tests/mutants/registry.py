"""What one case of the corpus is, the decorators that collect the cases, and the data they share.

All axis sizes differ, also from layers times directions, so that no two axes are mixed up by luck.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

BATCH, SEQ, FEATURE, HIDDEN, HORIZON, VOCAB = 5, 12, 2, 3, 7, 11
LENGTHS = torch.tensor([9, 4, 11, 6, 2])  # of the padded batch; the longest is shorter than SEQ


@dataclass(frozen=True)
class Mutant:
    """A wrong model, the number of its mistake, and the words of which a diagnosis has one."""

    name: str
    mistake: int
    make: Callable[[], Callable]
    inputs: Callable[[], tuple]
    kwargs: dict[str, Any] = field(default_factory=dict)
    cause: tuple[str, ...] = ()

    def is_named_in(self, text: str) -> bool:
        """Whether a text (the findings only, not the lines that say 'right') names the cause."""
        return any(re.search(words, text, re.IGNORECASE) for words in self.cause)


@dataclass(frozen=True)
class RightModel:
    """A right model: it must give no alarm."""

    name: str
    make: Callable[[], Callable]
    inputs: Callable[[], tuple]
    kwargs: dict[str, Any] = field(default_factory=dict)


MUTANTS: list[Mutant] = []
RIGHT_MODELS: list[RightModel] = []


def seeded(make: Callable, seed: int = 0, *args) -> Callable[[], Callable]:
    """`make` with its weights drawn from `seed`; the random state outside stays as it was."""

    def build():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return make(*args)

    return build


def series(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random numbers of this shape, the same ones at every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def windows() -> tuple:
    """x (batch, seq, feature)."""
    return (series(BATCH, SEQ, FEATURE),)


def univariate() -> tuple:
    """x (batch, seq, 1)."""
    return (series(BATCH, SEQ, 1),)


def table() -> tuple:
    """x (batch, seq): windows of one variable, without an axis for it."""
    return (series(BATCH, SEQ),)


def tokens() -> tuple:
    """x (batch, seq), whole numbers."""
    return (text()[:, :-1],)


def time_first() -> tuple:
    """x (seq, batch, feature)."""
    return (series(SEQ, BATCH, FEATURE),)


def padded() -> tuple:
    """x (batch, seq, feature) with zeros after each sample's length."""
    return (windows()[0] * is_real()[..., None],)


def padded_with_lengths() -> tuple:
    """The padded batch, and the lengths as the model's second argument."""
    return (*padded(), LENGTHS)


def padded_tokens() -> tuple:
    """x (batch, seq), whole numbers above 0, with 0 for padding."""
    return ((tokens()[0] % (VOCAB - 1) + 1) * is_real(),)


def is_real() -> torch.Tensor:
    """(batch, seq): True up to each sample's length."""
    return torch.arange(SEQ) < LENGTHS[:, None]


def text() -> torch.Tensor:
    """(batch, seq + 1): a text, its first SEQ tokens for x and its last SEQ for y."""
    numbers = torch.Generator().manual_seed(1)
    return torch.randint(VOCAB, (BATCH, SEQ + 1), generator=numbers)


def history(feature: int = FEATURE) -> torch.Tensor:
    """(batch, seq + 1, feature): its first SEQ steps for x and its last SEQ for y."""
    return series(BATCH, SEQ + 1, feature, seed=2)


def past() -> tuple:
    """x (batch, seq, feature), of which `future` is the same series one step later."""
    return (history()[:, :-1],)


def future(feature: int = FEATURE) -> torch.Tensor:
    """y (batch, seq, feature): x shifted by one step."""
    return history(feature)[:, 1:]


def target(*shape: int) -> torch.Tensor:
    """A target that has nothing to do with x."""
    return series(*shape, seed=3)


def mutant(mistake: int, *cause: str, inputs: Callable = windows, **kwargs):
    """Enter the class, or the function that builds the model, as a wrong model."""

    def enter(make):
        MUTANTS.append(Mutant(make.__name__, mistake, seeded(make), inputs, kwargs, cause))
        return make

    return enter


def right(inputs: Callable = windows, seeds: tuple[int, ...] = (0,), **kwargs):
    """Enter the class, or the function that builds the model, as a right model, once a seed."""

    def enter(make):
        for seed in seeds:
            name = make.__name__ + (f"_seed_{seed}" if len(seeds) > 1 else "")
            RIGHT_MODELS.append(RightModel(name, seeded(make, seed), inputs, kwargs))
        return make

    return enter
