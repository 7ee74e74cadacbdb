"""Does the same question get the same answer? A kept state and active dropout say no."""

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Finding, Why, verdicts
from lstm_helpers._running.calls import RECURRENT, Recurrence
from lstm_helpers._running.probe import differs
from lstm_helpers._running.tensors import first_tensor

right, wrong, question = verdicts("answers")

RANDOM = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout", "native_dropout", "bernoulli", "bernoulli_", "rand", "randn", "randint",
    "rand_like", "randn_like", "randint_like", "randperm", "normal", "normal_", "uniform_",
    "multinomial", "poisson", "exponential_", "random_", "cauchy_", "gumbel_softmax", "rrelu",
)  # fmt: skip


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
            "Two calls with the same x give two answers.",
            "a hidden state is kept between calls outside the model, or randomness with a source "
            "of its own in eval mode.",
            "let the answer depend on x and the weights alone.",
        ), False
    if any(_differ(first, ask(seed=seed)) for seed in (1, 2)):
        says = "Eval mode gives random answers."
        return wrong(says, *_why_random(_drawing_call(case))), True
    if sources := case.probe.draws_from():
        says = f"Eval mode draws random numbers ({', '.join(sources)}): an answer may be another."
        return wrong(says, *_why_random(_drawing_call(case))), True
    return _asked_after_another(case, first, ask), True


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
    if call := _drawing_call(case):  # a generator of its own is a state, too
        return wrong(says, *_why_random(call))
    return wrong(
        says,
        f"a hidden state is kept between calls{_changed_attribute(case)}: windows of another "
        "place, or another batch, go on from it.",
        "start each call from no state, and hand a state over as an argument and a result.",
    )


def _changed_attribute(case):
    """Which attribute a call leaves changed, as the class's own code writes it."""
    case.probe.run()
    names = sorted(case.probe.changed_attributes())
    return f" in self.{names[0]}" if names else ""


def _drawing_call(case):
    watch = case.probe.watch()
    case.probe.run(watch=watch)
    return next((c for c in watch.calls if _is_active(c)), None)


def _is_active(call):
    if call.name in RECURRENT:
        return Recurrence(call).drops_out
    if call.name not in RANDOM:
        return False
    return "dropout" not in call.name or bool(call.arg("p", 0.5) and call.arg("training", True))


def _why_random(call) -> Why:
    if call is None:
        return Why("numbers drawn outside torch in eval mode.", "draw only `if self.training`.")
    where = f"{call.name} in {call.path}" if call.path else call.name
    if call.name in RECURRENT:
        return Why(
            f"dropout between the layers of {where} is active in eval mode: that layer is put into "
            "training mode.",
            "leave the mode to model.train() and model.eval().",
        )
    if "dropout" in call.name:
        return Why(
            f"{where} is active in eval mode, on {call.shape}.",
            "F.dropout(x, p, training=self.training), or nn.Dropout, which knows the mode.",
        )
    return Why(
        f"{where} draws numbers in eval mode.",
        "draw only `if self.training`; an initial state is zeros, or left out.",
    )
