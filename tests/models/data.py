"""The batches that the models of the zoo are asked with.

All axis sizes differ, also from layers times directions, so that no two axes are mixed up by luck.
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Sizes:
    """What the models of the stored traces are built from, so that a test can make all equal."""

    batch: int = 5
    seq: int = 12
    feature: int = 2
    hidden: int = 3
    layers: int = 4
    horizon: int = 6
    words: int = 11


SIZES = Sizes()
BATCH, SEQ, FEATURE, HIDDEN, HORIZON, VOCAB = 5, 12, 2, 3, 7, 11
LENGTHS = torch.tensor([9, 4, 11, 6, 2])  # of the padded batch; the longest is shorter than SEQ
FULL_LENGTHS = torch.tensor([12, 9, 7, 6, 5])  # of another one; the longest fills the window


def series(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random numbers of this shape, the same ones at every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def windows(s=SIZES) -> tuple:
    """x (batch, seq, feature)."""
    return (series(s.batch, s.seq, s.feature),)


def univariate() -> tuple:
    """x (batch, seq, 1)."""
    return (series(BATCH, SEQ, 1),)


def table() -> tuple:
    """x (batch, seq): windows of one variable, without an axis for it."""
    return (series(BATCH, SEQ),)


def tokens(s=SIZES) -> tuple:
    """x (batch, seq), whole numbers."""
    return (text(s)[:, :-1],)


def time_first(s=SIZES) -> tuple:
    """x (seq, batch, feature)."""
    return (series(s.seq, s.batch, s.feature),)


def feature_second() -> tuple:
    """x (batch, feature, seq)."""
    return (series(BATCH, FEATURE, SEQ),)


def unbatched(s=SIZES) -> tuple:
    """x (seq, feature)."""
    return (series(s.seq, s.feature),)


def unbatched_variable(s=SIZES) -> tuple:
    """x (seq, 1)."""
    return (series(s.seq, 1),)


def between_zero_and_one() -> tuple:
    """x (batch, seq, feature), scaled to 0..1."""
    return (windows()[0].sigmoid(),)


def padded() -> tuple:
    """x (batch, seq, feature) with zeros after each sample's length."""
    return (windows()[0] * is_real()[..., None],)


def padded_with_lengths() -> tuple:
    """The padded batch, and the lengths as the model's second argument."""
    return (*padded(), LENGTHS)


def padded_tokens() -> tuple:
    """x (batch, seq), whole numbers above 0, with 0 for padding."""
    return ((tokens()[0] % (VOCAB - 1) + 1) * is_real(),)


def padded_tokens_with_lengths() -> tuple:
    """The padded tokens, and the lengths as the model's second argument."""
    return (*padded_tokens(), LENGTHS)


def ragged() -> tuple:
    """x (batch, seq, feature) with numbers, not zeros, after each sample's length; the lengths."""
    return (*windows(), FULL_LENGTHS)


def is_real() -> torch.Tensor:
    """(batch, seq): True up to each sample's length."""
    return torch.arange(SEQ) < LENGTHS[:, None]


def text(s=SIZES) -> torch.Tensor:
    """(batch, seq + 1): a text, its first tokens for x and its last ones for y."""
    numbers = torch.Generator().manual_seed(1)
    return torch.randint(s.words, (s.batch, s.seq + 1), generator=numbers)


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
