"""Lines that have to fail or to warn: run them, show what they say, and go on."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from lstm_helpers._arguments import shown


@contextmanager
def expect_error(kind: type[Exception], match: str | None = None) -> Iterator[None]:
    """Run a block that has to fail or to warn, and print its message instead of stopping there.

    Args:
        kind: the exception that is expected, or the warning, such as UserWarning. Any other one
            comes through as usual.
        match: a part of the message, as plain text: brackets, dots and stars stand for themselves.
            Only this part is printed, so that what is printed stays the same in another version of
            PyTorch whose message has the part as well.

    Raises:
        TypeError: `kind` is no class of exceptions or warnings, or `match` is no text.
        ValueError: the block did not do what is expected, or its message has no such part; the
            error shows the message that came. Or `match` is empty.

    Of PyTorch's warnings, those that come once only come again in this block.

    >>> import torch
    >>> with expect_error(RuntimeError, match="shapes cannot be multiplied (2x3 and 2x3)"):
    ...     torch.rand(2, 3) @ torch.rand(2, 3)
    RuntimeError: shapes cannot be multiplied (2x3 and 2x3)
    >>> with expect_error(UserWarning, match="different to the input size"):
    ...     loss = torch.nn.functional.mse_loss(torch.rand(5, 1), torch.rand(5))
    UserWarning: different to the input size
    """
    _check(kind, match)
    if issubclass(kind, Warning):
        with _kept(kind) as kept:
            yield
        _show_warnings(kind, match, kept)
        return
    try:
        yield
    except kind as error:
        if match is not None and match not in str(error):
            raise ValueError(_other_text(kind, match, [error])) from error
        print(_said(kind, match, error))
    else:
        raise ValueError(
            f"nothing was raised, but this block has to raise {kind.__name__}: "
            "change the block, or drop `expect_error`."
        )


def _check(kind, match) -> None:
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        raise TypeError(
            f"kind is {shown(kind)}, but it has to be a class of exceptions or of warnings, "
            "such as ValueError or UserWarning."
        )
    if match is not None and not isinstance(match, str):
        raise TypeError(
            f"match is {shown(match)}, but it has to be text: a part of the message, or None."
        )
    if match == "":
        raise ValueError("match is empty, but it has to be a part of the message, or None.")


@contextmanager
def _kept(kind: type[Warning]) -> Iterator[list[warnings.WarningMessage]]:
    """Warnings of this kind are collected here; all others go their usual way."""
    kept = []
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message, category, *where, **how):
            if issubclass(category, kind):
                kept.append(warnings.WarningMessage(message, category, *where, **how))
            else:
                usual(message, category, *where, **how)

        warnings.filterwarnings("always", category=kind)
        warnings.showwarning = show
        always = torch.is_warn_always_enabled()
        torch.set_warn_always(True)
        try:
            yield kept
        finally:
            torch.set_warn_always(always)
            warnings.showwarning = usual


def _show_warnings(kind: type[Warning], match: str | None, kept: list) -> None:
    """Print those that match, each text once; the others of this kind are passed on."""
    meant = [one for one in kept if match is None or match in str(one.message)]
    if not kept:
        raise ValueError(
            f"nothing was warned of, but this block has to give a {kind.__name__}: "
            "change the block, or drop `expect_error`."
        )
    if not meant:
        raise ValueError(_other_text(kind, match, [one.message for one in kept]))
    for line in dict.fromkeys(_said(kind, match, one.message) for one in meant):
        print(line)
    for other in kept:
        if other not in meant:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)


def _said(kind: type[Exception], match: str | None, message: Exception) -> str:
    """What is printed; with `match`, nothing that may differ between versions."""
    return f"{type(message).__name__}: {message}" if match is None else f"{kind.__name__}: {match}"


def _other_text(kind: type[Exception], match: str, messages: list[Exception]) -> str:
    came = "\n".join(f"{type(message).__name__}: {message}" for message in messages)
    return (
        f"the {kind.__name__} came, but its message has no {match!r}:\n{came}\n"
        "Let match be a part of this message, letter by letter, or drop `match`."
    )
