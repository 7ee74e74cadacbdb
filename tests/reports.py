"""What a report of `check_model` says, taken apart."""

import re

REASON = re.compile(r" \((causal=True|y is x shifted): step t is not to look ahead\.\)$")


def cause_of(finding) -> str:
    """The cause that a finding names, "" where it names none."""
    return _part(finding, "cause", r"Cause: (.*?)(?: Repair: .*)?$")


def repair_of(finding) -> str:
    """The repair that a finding names."""
    return _part(finding, "repair", r" Repair: (.*)$")


def says_of(finding) -> str:
    """What a finding says before it names a cause."""
    return _part(finding, "says", r"^(.*?)(?: Cause: .*)?$")


def complaints(report) -> str:
    """The lines that do not say "right"."""
    return "\n".join(str(f) for f in report.findings if f.verdict != "right")


def told_by(report) -> list:
    """(cause, what the finding says, repair) of each wrong finding."""
    return [(cause_of(f), says_of(f), repair_of(f)) for f in report.wrong]


def expected_of(model):
    """What a model's author expects to be told; None: it is not compared."""
    return list(zip(model.cause, model.says, model.repair, strict=True))


def is_as_expected(model, told):
    """Whether the findings say what the model's author says, to the letter, and no more."""
    expected = expected_of(model)
    return len(told) == len(expected) and all(
        want is None or got == want
        for one, other in zip(told, expected, strict=True)
        for got, want in zip(one, other, strict=True)
    )


def _part(finding, name, pattern):
    text = getattr(finding, name, None)
    if text is None:
        found = re.search(pattern, finding.text)
        text = found.group(1) if found else ""
    return REASON.sub("", text)
