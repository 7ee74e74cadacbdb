"""Every torch call of one run of a model, in order, with who made what it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass

from torch import Tensor
from torch.nn.modules import module as hooks
from torch.overrides import TorchFunctionMode

RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
CELLS = ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")


@dataclass
class Call:
    """One call: its name, the path of the module it is made in, arguments and results.

    `values` are the results as they were then: an in-place operation may change them later.
    `parents` are (call, position of its result) pairs, one for each tensor argument made by a call.
    """

    name: str
    path: str
    args: tuple
    kwargs: dict
    results: list[Tensor]
    values: list[Tensor] = field(default_factory=list)
    parents: list = field(default_factory=list)


class Watch(TorchFunctionMode):
    """Records calls while it is entered; `root` gives the modules their paths."""

    def __init__(self, modules, *, keep_values):
        super().__init__()
        self.calls: list[Call] = []
        self._keep_values = keep_values
        self._made = {}
        self._alive = []  # a tensor that is let go would lend its id to the next one
        self._paths = {id(m): name for root in modules[:1] for name, m in root.named_modules()}
        self._inside = []

    def __enter__(self):
        self._handles = [
            hooks.register_module_forward_pre_hook(lambda m, _: self._inside.append(m)),
            hooks.register_module_forward_hook(self._leave),
        ]
        return super().__enter__()

    def __exit__(self, *error):
        for handle in self._handles:
            handle.remove()
        return super().__exit__(*error)

    def _leave(self, *_):
        self._inside.pop()  # returns nothing: what a hook returns replaces the result

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        # x.mT and x.data are calls, too: of the getter of an attribute.
        name = func.__self__.__name__ if func.__name__ == "__get__" else func.__name__
        if name in RECURRENT and len(args) < 9:
            name += " by keywords"  # nn.LSTM passes positions, which `Recurrence` reads
        made = [args[0]] if name == "__setitem__" else list(tensors_in(result))
        if made:
            read = [self._made.get(id(t)) for t in tensors_in((args, kwargs))]
            path = next(
                (self._paths[id(m)] for m in self._inside[::-1] if id(m) in self._paths), ""
            )
            call = Call(name, path, args, kwargs, made, parents=[r for r in read if r])
            if self._keep_values:
                call.values = [t.detach().clone() for t in made]
            self._alive.extend(made)
            self._made |= {id(t): (call, i) for i, t in enumerate(made)}
            self.calls.append(call)
        return result

    def maker(self, tensor):
        """The (call, position) that made `tensor`, or None."""
        return self._made.get(id(tensor))


def tensors_in(value):
    """Every tensor in nested tuples, lists, dicts and dataclasses."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from tensors_in(inner)
    elif isinstance(value, Mapping):
        yield from tensors_in(tuple(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from tensors_in(tuple(getattr(value, part.name) for part in fields(value)))


def ancestors(call) -> set[int]:
    """The ids of `call` and of every call that it depends on."""
    found, waiting = set(), [call]
    while waiting:
        if id(call := waiting.pop()) not in found:
            found.add(id(call))
            waiting.extend(parent for parent, _ in call.parents)
    return found


class Recurrence:
    """How one call of a fused LSTM, GRU or RNN reads its input."""

    def __init__(self, call: Call):
        args = call.args
        self.call = call
        self.packed = isinstance(args[3], list | tuple)
        self.batch_sizes = args[1] if self.packed else None
        self.hidden_state = args[2] if self.packed else args[1]
        weights, _, self.layers, p, training, both = args[3:9] if self.packed else args[2:8]
        self.drops_out = training and p > 0 and self.layers > 1
        self.directions = 2 if both else 1
        self.batch_first = not self.packed and args[8]
        size = len(weights) // (self.layers * self.directions)
        self.groups = [weights[i : i + size] for i in range(0, len(weights), size)]

    @property
    def seq_axis(self):
        """Which axis of the input it walks along."""
        return 1 if self.batch_first else 0
