"""What draws random numbers in eval mode: dropout that stays active, noise, a random state."""

from torch import nn

from lstm_helpers._checking.case import Case
from lstm_helpers._checking.finding import Why
from lstm_helpers._running.calls import CELLS, RECURRENT, Call, Recurrence, ancestors
from lstm_helpers._running.tensors import tensors_in
from lstm_helpers._running.watch import Listener

RANDOM = (
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout", "native_dropout", "bernoulli", "bernoulli_", "rand", "randn", "randint",
    "rand_like", "randn_like", "randint_like", "randperm", "normal", "normal_", "uniform_",
    "multinomial", "poisson", "exponential_", "random_", "cauchy_", "gumbel_softmax", "rrelu",
)  # fmt: skip
OUTSIDE = {"numpy": "numpy.random", "random": "Python's random", "torch": "torch's generator"}


class Modes(Listener):
    """Which modules are in training mode before the model is called."""

    def __init__(self, modules):
        self._modules, self.training = modules, set()

    def start(self, model, inputs, kwargs):
        self.training = {id(module) for module in self._modules if module.training}


class Randomness:
    """One run in eval mode, and the first of its calls that draws numbers."""

    def __init__(self, case: Case):
        self._case, self._modes = case, Modes(case.probe.modules)
        self._watch = case.probe.watch(listener=self._modes)
        case.probe.run(watch=self._watch)
        self.call = next((c for c in self._watch.calls if _is_active(c)), None)

    def why(self) -> Why:
        """Where it comes from, and what to type."""
        call = self.call
        if call is None:
            who = " and ".join(OUTSIDE[source] for source in self._case.probe.draws_from())
            if not who:
                return Why()
            return Why(f"{who} is asked for numbers in eval mode.", "draw only `if self.training`.")
        if call.name in RECURRENT:
            return self._switched_on(f"dropout between the layers of {call.name}{call.place}")
        if "dropout" in call.name and self._made_by_a_layer(call):
            return self._switched_on(f"{call.name}{call.place}")
        if "dropout" in call.name:
            return Why(
                f"{call.name}{call.place} is active in eval mode, on {call.shape}.",
                "F.dropout(x, p, training=self.training), or an nn.Dropout that is made in "
                "__init__.",
            )
        return self._drawn(call)

    def _layer(self, call):
        root = self._case.probe.model
        known = dict(root.named_modules()) if isinstance(root, nn.Module) else {}
        return known.get(call.path) if call.path else None

    def _made_by_a_layer(self, call: Call) -> bool:
        """Whether a layer of torch that knows its mode calls it."""
        layer = self._layer(call)
        return layer is not None and type(layer).__module__.startswith("torch.nn.")

    def _switched_on(self, who) -> Why:
        """A layer in training mode: `eval()` left it there, or forward put it there."""
        layer = self._layer(self.call)
        active = f"{who} is active in eval mode"
        if layer is None or id(layer) not in self._modes.training:
            return Why(
                f"{active}: that layer is put into training mode while the model runs.",
                "leave the mode to model.train() and model.eval().",
            )
        own = [
            type(module)
            for module in self._case.probe.modules
            if type(module).train is not nn.Module.train
        ]
        if not own:
            return Why(f"{active}: model.eval() leaves that layer in training mode.")
        return Why(
            f"{active}: train() of {own[0].__name__} leaves it in training mode.",
            "super().train(mode) in it, with the mode that it is given.",
        )

    def _drawn(self, call) -> Why:
        """Noise, or the state that a layer starts from."""
        memory = (*RECURRENT, *CELLS)
        for walk in (c for c in self._watch.calls if c.name in memory):
            made = [m[0] for state in tensors_in(walk.arg("hx")) if (m := self._watch.maker(state))]
            if any(c.name in memory for c in made):  # handed on from a step before
                continue
            if id(call) in ancestors(*made):
                return Why(
                    f"{call.name}{call.place} draws the initial state of {walk.name}{walk.place} "
                    "in eval mode.",
                    "zeros in its place, or no initial state.",
                )
        return Why(
            f"{call.name}{call.place} draws numbers in eval mode.", "draw only `if self.training`."
        )


def _is_active(call):
    if call.name in RECURRENT:
        return Recurrence(call).drops_out
    if call.name not in RANDOM:
        return False
    return "dropout" not in call.name or bool(call.arg("p", 0.5) and call.arg("training", True))
