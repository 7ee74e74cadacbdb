"""Does the same question get the same answer? A kept state and active dropout say no."""

from lstm_helpers._checking.case import Case, Finding
from lstm_helpers._checking.locate import shape_of
from lstm_helpers._checking.probe import differs, first_tensor
from lstm_helpers._checking.watch import RECURRENT, Recurrence, Watch

RANDOM = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout", "native_dropout", "bernoulli", "bernoulli_", "rand", "randn", "randint",
    "rand_like", "randn_like", "randint_like", "randperm", "normal", "normal_", "uniform_",
    "multinomial", "poisson", "exponential_", "random_", "cauchy_", "gumbel_softmax", "rrelu",
)  # fmt: skip


def check_answers(case: Case) -> Finding:
    """The same x, whatever the seed and whatever was asked before: equal answers, bit by bit."""

    def ask(**how):
        return first_tensor(case.probe.run(**how))

    first = ask()
    if not first.isfinite().any():
        case.repeatable = False
        text = "Is x a valid input? No number of the output is finite: nothing can be told."
        return Finding("answers", "question", text)
    if _differ(first, ask()):
        case.repeatable = False
        return Finding(
            "answers",
            "wrong",
            "Two calls with the same x give two answers. Cause: a hidden state is kept between "
            "calls outside the model, or randomness with a source of its own in eval mode. "
            "Repair: let the answer depend on x and the weights alone.",
        )
    if any(_differ(first, ask(seed=seed)) for seed in (1, 2)):
        return Finding("answers", "wrong", f"Eval mode gives random answers. {_random_call(case)}")
    try:
        ask(x=(before := case.draw(0).other))
    except Exception:
        before = case.draw(0).x  # this model refuses others
    try:
        second = ask(before=before)
    except Exception as error:
        return _kept(case, f"The second call raises {type(error).__name__}")
    if _differ(first, second):
        return _kept(case, "Two calls give two answers: what was asked before changes the second")
    return Finding("answers", "right", "Two calls in eval mode give the same answer.")


def _differ(a, b):
    return a.shape != b.shape or bool(differs(a, b).any())


def _random_call(case):
    call = _drawing_call(case)
    if call is None:
        return (
            "Cause: numbers drawn outside torch in eval mode. Repair: draw only `if self.training`."
        )
    where = f"{call.name} in {call.path}" if call.path else call.name
    if call.name in RECURRENT:
        return (
            f"Cause: dropout between the layers of {where} is active in eval mode: that layer is "
            "put into training mode. Repair: leave the mode to model.train() and model.eval()."
        )
    if "dropout" in call.name:
        return (
            f"Cause: {where} is active in eval mode, on {shape_of(call)}. Repair: "
            "F.dropout(x, p, training=self.training), or nn.Dropout, which knows the mode."
        )
    return (
        f"Cause: {where} draws numbers in eval mode. Repair: draw only `if self.training`; an "
        "initial state is zeros, or left out."
    )


def _drawing_call(case):
    watch = Watch(case.probe.modules, keep_values=False)
    case.probe.run(watch=watch)
    return next((c for c in watch.calls if _is_active(c)), None)


def _is_active(call):
    if call.name in RECURRENT:
        return Recurrence(call).drops_out
    if call.name not in RANDOM:
        return False
    if "dropout" not in call.name:
        return True
    p = call.kwargs.get("p", call.args[1] if len(call.args) > 1 else 0.5)
    training = call.kwargs.get("training", call.args[2] if len(call.args) > 2 else True)
    return bool(p) and bool(training)


def _kept(case, what):
    if _drawing_call(case):  # a generator of its own is a state, too
        return Finding("answers", "wrong", f"{what}. {_random_call(case)}")
    return Finding(
        "answers",
        "wrong",
        f"{what}. Cause: a hidden state is kept between calls{_changed_attribute(case)}: windows "
        "of another place, or another batch, go on from it. Repair: start each call from no "
        "state, and hand a state over as an argument and a result.",
    )


def _changed_attribute(case):
    """Which attribute a call leaves changed, as the class's own code writes it."""
    case.probe.run()
    names = sorted(case.probe.changed_attributes())
    return f" in self.{names[0]}" if names else ""
