"""One line of a report."""

from dataclasses import dataclass
from functools import partial, wraps
from typing import NamedTuple

from lstm_helpers._running.debug import let_through


class Why(NamedTuple):
    """What a mistake comes from, and what to do about it; empty where it is not known."""

    cause: str = ""
    repair: str = ""


def never_in_the_way(explain):
    """A mistake that was found is reported, also where its cause can't be made out."""

    @wraps(explain)
    def explained(*args):
        try:
            return explain(*args)
        except Exception:
            let_through()
            return Why()

    return explained


@dataclass(frozen=True)
class Finding:
    """The verdict on one check.

    Attributes:
        check: the name of the check, such as "newest step".
        verdict: "right", "wrong" or "question".
        says: what was seen.
        cause: where it comes from; empty where it is not known.
        repair: what to do about it.
    """

    check: str
    verdict: str
    says: str
    cause: str = ""
    repair: str = ""

    def __str__(self):
        cause = f" Cause: {self.cause}" if self.cause else ""
        repair = f" Repair: {self.repair}" if self.repair else ""
        return f"{self.verdict:<8}  {self.check:<13}  {self.says}{cause}{repair}"


def verdicts(check: str) -> tuple[partial, partial, partial]:
    """`right`, `wrong` and `question` of one check: what is seen (says, cause, repair) is left."""
    return tuple(partial(Finding, check, verdict) for verdict in ("right", "wrong", "question"))


def sentence(text) -> str:
    """What somebody else's error says: its first line, with a full stop."""
    line = (str(text).strip() or "no message").splitlines()[0]
    return line if line.endswith((".", "!", "?")) else f"{line}."
