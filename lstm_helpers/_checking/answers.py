"""Does the same question get the same answer? A kept state and active dropout say no."""

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, verdicts
from lstm_helpers._checking.randomness import Randomness
from lstm_helpers._running.generators import EXTREMES
from lstm_helpers._running.probe import differs
from lstm_helpers._running.tensors import first_tensor

right, wrong, question = verdicts("answers")


def answers(case: Case) -> tuple[Finding, bool]:
    """The same x, whatever the seed and whatever was asked before: equal answers, bit by bit.

    Returns:
        The finding, and whether x gets one answer when asked in the same way: only then can a
        changed answer be told from a changed x.
    """

    def ask(**how):
        return first_tensor(case.probe.run(**how))

    first = ask()
    if not first.isfinite().any():
        says = "Is x a valid input? No number of the output is finite: nothing can be told."
        return question(says), False
    if _differ(first, ask()):
        return wrong(
            "Two calls with the same x give two answers, though the model and the generators of "
            "torch, numpy and random start from the same state."
        ), False
    if any(_differ(first, ask(seed=seed)) for seed in (1, 2)):
        says = "Eval mode gives random answers."
        return wrong(says, *Randomness(case).why()), True
    after_another = _asked_after_another(case, first, ask)
    if sources := ", ".join(case.probe.draws_from()):
        for extreme in EXTREMES:
            if _differ(first, ask(seed=extreme)):
                says = (
                    f"Eval mode draws random numbers ({sources}): with the {extreme} that there "
                    "are, the answer is another."
                )
                return wrong(says, *Randomness(case).why()), True
        if after_another.verdict == "right":
            return question(
                f"Eval mode draws random numbers ({sources}), and none that were tried changes an "
                "answer, the smallest and the largest among them. Are they for training alone? "
                "Then draw only `if self.training`."
            ), True
    return after_another, True


def _asked_after_another(case, first, ask) -> Finding:
    try:
        ask(x=(before := case.draw(0).other))
    except Exception:
        before = case.draw(0).x  # this model refuses others
    try:
        second = ask(before=before)
    except Exception as error:
        return _kept(case, f"The second call raises {type(error).__name__}.")
    if _differ(first, second):
        says = "Two calls give two answers: what was asked before changes the second."
        return _kept(case, says)
    return right("Two calls in eval mode give the same answer.")


def _differ(a, b):
    return a.shape != b.shape or bool(differs(a, b).any())


def _kept(case, says) -> Finding:
    randomness = Randomness(case)
    if randomness.call:  # a generator of its own is a state, too
        return wrong(says, *randomness.why())
    anew = "start each call anew: hand over what is to be kept as an argument and a result."
    if name := _changed_attribute(case):
        cause = f"each call changes {name}, and the next one goes on from there."
        return wrong(says, cause, anew)
    return wrong(
        says, "what a call leaves is kept outside the model's attributes, as in a closure.", anew
    )


def _changed_attribute(case) -> str:
    """Which attribute a call leaves changed, as the class's own code writes it."""
    case.probe.run()
    names = sorted(case.probe.changed_attributes())
    return f"self.{names[0]}" if names else ""
