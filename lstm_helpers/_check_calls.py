"""Does the same question get the same answer? A kept state and active dropout say no."""

from lstm_helpers._case import Case, Finding
from lstm_helpers._locate import shape_of
from lstm_helpers._probe import differs, first_tensor
from lstm_helpers._watch import Watch

RANDOM = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout", "native_dropout", "bernoulli", "bernoulli_", "rand", "randn", "randint",
    "rand_like", "randn_like", "randint_like", "randperm", "normal", "normal_", "uniform_",
    "multinomial", "poisson", "exponential_", "random_", "cauchy_", "gumbel_softmax", "rrelu",
)  # fmt: skip


def check_answers(case: Case) -> Finding:
    """Two calls, two seeds: the answers have to be equal, bit by bit."""

    def ask(**how):
        return first_tensor(case.probe.run(**how))

    first, again = ask(), ask()
    other_seed = [ask(seed=seed) for seed in (1, 2)]
    if any(_differ(first, other) for other in other_seed):
        return Finding("answers", "wrong", f"Eval mode gives random answers. {_random_call(case)}")
    if _differ(first, again):
        return Finding(
            "answers",
            "wrong",
            "Two calls with the same x give two answers. Cause: randomness with a source of its "
            "own, or a state outside the model. Repair: make a forecast in eval mode depend on x.",
        )
    try:
        second = ask(calls=2)
    except Exception as error:
        return _kept(case, f"The second call raises {type(error).__name__}")
    if _differ(first, second):
        return _kept(case, "Two calls with the same x give two answers")
    return Finding("answers", "right", "Two calls in eval mode give the same answer.")


def _differ(a, b):
    return a.shape != b.shape or bool(differs(a, b).any())


def _random_call(case):
    watch = Watch(case.probe.modules, keep_values=False)
    case.probe.run(watch=watch)
    call = next((c for c in watch.calls if _is_active(c)), None)
    if call is None:
        return (
            "Cause: numbers drawn outside torch, or dropout inside a layer that stays in training "
            "mode. Repair: draw only `if self.training`."
        )
    where = f"{call.name} in {call.path}" if call.path else call.name
    if "dropout" in call.name:
        return (
            f"Cause: {where} is active in eval mode, on {shape_of(call.args)}. Repair: "
            "F.dropout(x, p, training=self.training), or nn.Dropout, which knows the mode."
        )
    return f"Cause: {where} draws numbers in eval mode. Repair: draw only `if self.training`."


def _is_active(call):
    if call.name not in RANDOM:
        return False
    if "dropout" not in call.name:
        return True
    p = call.kwargs.get("p", call.args[1] if len(call.args) > 1 else 0.5)
    training = call.kwargs.get("training", call.args[2] if len(call.args) > 2 else True)
    return bool(p) and bool(training)


def _kept(case, what):
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
