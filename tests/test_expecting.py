"""Lines that have to fail or to warn: what is printed, what is refused, what comes through."""

import warnings

import pytest
import torch
from torch.nn import functional as F

from lstm_helpers import expect_error

NEW = "addmm: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"  # as torch 2.13 says it
OLD = NEW.removeprefix("addmm: ")  # as torch 2.6 did
PART = "cannot be multiplied (2x3 and 4x5)"


class Mine(RuntimeError):
    """An error whose class another version might have."""


def fail(text, kind=RuntimeError):
    raise kind(text)


def warn(*texts, kind=UserWarning):
    for text in texts:
        warnings.warn(text, kind, stacklevel=2)


def warn_and_fail():
    warn("one")
    fail("two", KeyError)


def test_an_error_is_printed_and_the_next_line_runs(capsys):
    with expect_error(RuntimeError):
        torch.rand(2, 3) @ torch.rand(4, 5)
    assert capsys.readouterr().out.endswith(
        "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)\n"
    )


def test_without_match_the_class_that_came_is_printed(capsys):
    with expect_error(RuntimeError):
        fail("x", Mine)
    assert capsys.readouterr().out == "Mine: x\n"


@pytest.mark.parametrize("kind", [RuntimeError, Mine])
@pytest.mark.parametrize("text", [NEW, OLD])
def test_with_match_every_version_prints_the_same(text, kind, capsys):
    with expect_error(RuntimeError, match=PART):
        fail(text, kind)
    assert capsys.readouterr().out == f"RuntimeError: {PART}\n"


@pytest.mark.parametrize("match", ["can.*multiplied", "(2x3 and 4X5)", "2x3 and 4x5  ", "mat3"])
def test_match_is_plain_text_and_the_real_message_is_shown(match, capsys):
    with pytest.raises(ValueError) as caught, expect_error(RuntimeError, match=match):
        fail(NEW, Mine)
    assert str(caught.value) == (
        f"the RuntimeError came, but its message has no {match!r}:\nMine: {NEW}\n"
        "Let match be a part of this message, letter by letter, or drop `match`."
    )
    assert capsys.readouterr().out == ""
    with expect_error(RuntimeError, match=NEW[7:20]):  # the advice
        fail(NEW)


@pytest.mark.parametrize("match", [None, PART])
def test_nothing_raised_is_an_error_and_another_class_comes_through(match, capsys):
    with pytest.raises(ValueError) as caught, expect_error(RuntimeError, match=match):
        pass
    assert str(caught.value) == (
        "nothing was raised, but this block has to raise RuntimeError: "
        "change the block, or drop `expect_error`."
    )
    with pytest.raises(KeyError, match=PART[:6]), expect_error(RuntimeError, match=match):
        fail(PART, KeyError)
    assert capsys.readouterr().out == ""


def test_a_warning_is_printed_although_warnings_are_errors_here(capsys):
    with expect_error(UserWarning, match="different to the input size (torch.Size([5, 1]))"):
        loss = F.mse_loss(torch.rand(5, 1), torch.rand(5))
    assert loss.ndim == 0  # the block ran to its end
    assert capsys.readouterr().out == (
        "UserWarning: different to the input size (torch.Size([5, 1]))\n"
    )


def test_each_text_is_printed_once_with_the_class_that_came(capsys):
    with expect_error(Warning):
        warn("one", "two", "one")
        warn("three", kind=DeprecationWarning)
    assert capsys.readouterr().out == (
        "UserWarning: one\nUserWarning: two\nDeprecationWarning: three\n"
    )
    with expect_error(Warning, match="e"):
        warn("one", "three")
    assert capsys.readouterr().out == "Warning: e\n"


def test_a_cell_may_run_again(capsys):
    """This warning of PyTorch comes once in a process."""
    for _ in range(2):
        with expect_error(UserWarning, match="on tensors of dimension other than 2"):
            torch.rand(2, 3, 4).T  # noqa: B018
    assert capsys.readouterr().out.count("dimension") == 2
    assert not torch.is_warn_always_enabled()


@pytest.mark.parametrize("match", [None, "two"])
def test_nothing_warned_is_an_error(match):
    with pytest.raises(ValueError) as caught, expect_error(UserWarning, match=match):
        pass
    assert str(caught.value) == (
        "nothing was warned of, but this block has to give a UserWarning: "
        "change the block, or drop `expect_error`."
    )


def test_a_warning_of_another_text_is_shown(capsys):
    with pytest.raises(ValueError) as caught, expect_error(UserWarning, match="th.ee"):
        warn("one", "three")
    assert str(caught.value) == (
        "the UserWarning came, but its message has no 'th.ee':\n"
        "UserWarning: one\nUserWarning: three\n"
        "Let match be a part of this message, letter by letter, or drop `match`."
    )
    assert capsys.readouterr().out == ""


def test_other_warnings_go_their_usual_way(capsys):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with expect_error(UserWarning, match="two"):
            warn("one", "two", "three")
            warn("four", kind=FutureWarning)
    assert sorted(str(one.message) for one in seen) == ["four", "one", "three"]
    assert {one.filename for one in seen} == {__file__}
    assert capsys.readouterr().out == "UserWarning: two\n"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("ignore")
        with expect_error(UserWarning, match="two"):
            warn("one", "two")
            warn("four", kind=FutureWarning)
    assert seen == []
    with pytest.raises(FutureWarning, match="four"), expect_error(UserWarning):
        warn("four", kind=FutureWarning)  # warnings are errors here


def test_an_error_in_a_block_that_has_to_warn_comes_through():
    filters, show = list(warnings.filters), warnings.showwarning
    with pytest.raises(KeyError, match="two"), expect_error(UserWarning):
        warn_and_fail()
    assert (warnings.filters, warnings.showwarning) == (filters, show)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (
            (ValueError("x"),),
            TypeError,
            "kind is ValueError('x'), but it has to be a class of exceptions or of warnings, "
            "such as ValueError or UserWarning.",
        ),
        (((ValueError, KeyError),), TypeError, "it has to be a class of exceptions"),
        ((int,), TypeError, "it has to be a class of exceptions"),
        ((KeyboardInterrupt,), TypeError, "it has to be a class of exceptions"),
        (("ValueError",), TypeError, "kind is 'ValueError', but it has to be a class"),
        (
            (ValueError, 3),
            TypeError,
            "match is 3, but it has to be text: a part of the message, or None.",
        ),
        ((ValueError, b"x"), TypeError, "match is b'x', but it has to be text"),
        (
            (UserWarning, ""),
            ValueError,
            "match is empty, but it has to be a part of the message, or None.",
        ),
    ],
)
def test_bad_arguments_are_told_before_the_block_runs(arguments, error, said):
    ran = []
    with pytest.raises(error) as caught, expect_error(*arguments):
        ran.append("block")
    assert said in str(caught.value)
    assert ran == []
