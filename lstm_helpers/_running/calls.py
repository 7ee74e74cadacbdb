"""What one call of a torch function is: its name, its arguments by name, results and parents."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lstm_helpers._running.tensors import tensors_in

RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
CELLS = ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
OPAQUE = "TorchScript"  # what the name of a call begins with that can't be looked into
VIEWS = ("view", "reshape", "view_as", "reshape_as", "ravel", "flatten", "unflatten")
ATTENTION = ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward")
STATISTICS = (
    "mean", "std", "var", "var_mean", "std_mean", "sum", "norm", "vector_norm", "normalize",
    "max", "min", "amax", "amin", "median", "quantile", "logsumexp", "sort", "argsort", "cumsum",
    "batch_norm", "instance_norm", "group_norm", "layer_norm", "log_softmax",
)  # fmt: skip

# The arguments that are asked for by name somewhere, in PyTorch's order and words.
_SETTINGS = "params has_biases num_layers dropout train bidirectional"
_PADDED, _PACKED = f"input hx {_SETTINGS} batch_first", f"input batch_sizes hx {_SETTINGS}"
_PARAMETERS = {
    **dict.fromkeys(CELLS, "input hx w_ih w_hh b_ih b_hh"),
    **dict.fromkeys(("view", "reshape"), "input *size"),
    **dict.fromkeys(("cat", "concat", "concatenate", "stack"), "tensors dim"),
    **dict.fromkeys(("matmul", "bmm", "mm", "mv", "__matmul__"), "input other"),
    **dict.fromkeys(("addmm", "baddbmm", "addbmm", "addmv"), "input first other"),
    **dict.fromkeys(("linear", "embedding", "convolution"), "input weight"),
    **dict.fromkeys((f"conv{n}d" for n in (1, 2, 3)), "input weight bias stride"),
    **dict.fromkeys((f"conv_transpose{n}d" for n in (1, 2, 3)), "input weight"),
    "pad": "input pad mode value",
    "layer_norm": "input normalized_shape",
    **dict.fromkeys(("softmax", "log_softmax"), "input dim"),
    "tensordot": "input other dims",
    "inner": "input other",
    "__rmatmul__": "other input",
    "gather": "input dim index",
    "take_along_dim": "input index dim",
    "flatten": "input start_dim end_dim",
    "unflatten": "input dim sizes",
    "unsqueeze": "input dim",
    "repeat_interleave": "input repeats dim",
    "unfold": "input dimension size step",
    "einsum": "equation *operands",
    "multi_head_attention_forward": "query key value",
    "scaled_dot_product_attention": "query key value",
    "_pack_padded_sequence": "input lengths batch_first",
    "_pad_packed_sequence": "input batch_sizes batch_first",
    "pad_sequence": "sequences batch_first",
    "__getitem__": "input index",
    "__setitem__": "input index value",
}
# Two functions that share their name with others.
_OF_FUNCTION = {F.unfold: "input kernel_size", torch.embedding: "weight input"}
_ALSO_CALLED = dict.fromkeys(("self", "tensor", "data", "a"), "input")
_ALSO_CALLED |= dict.fromkeys(("mat1", "batch1", "mat"), "first")
_ALSO_CALLED |= dict.fromkeys(("mat2", "batch2", "vec", "b"), "other")
_ALSO_CALLED |= {"axis": "dim", "shape": "size", "indices": "index"}


@dataclass(eq=False)
class Call:
    """One call while a model ran.

    `path` is that of the module it is made in. `values` are copies of the results as they were
    then: an in-place operation may change them later. `parents` are (call, position of its result)
    pairs, one for each tensor argument that a call made.
    """

    name: str
    path: str
    function: object
    args: tuple
    kwargs: dict
    parents: list = field(default_factory=list)
    results: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)

    @cached_property
    def tensors(self) -> list[Tensor]:
        """The tensors among its arguments."""
        return tensors_in([self.args, self.kwargs])

    @cached_property
    def arguments(self) -> dict[str, object]:
        """What it was given, by name; the first one is `input` where no other name is known."""
        names = _names(self).split()
        given = dict(zip(names, self.args, strict=False))
        if names[-1].startswith("*") and len(self.args) >= len(names):
            rest = self.args[len(names) - 1 :]
            one = len(rest) == 1 and isinstance(rest[0], list | tuple)
            given[names[-1]] = rest[0] if one else rest
        given |= {_ALSO_CALLED.get(name, name): value for name, value in self.kwargs.items()}
        return {name.lstrip("*"): value for name, value in given.items()}

    def arg(self, name, default=None):
        """One argument."""
        return self.arguments.get(name, default)

    @property
    def is_opaque(self) -> bool:
        """Compiled TorchScript: what it calls is not seen."""
        return self.name.startswith(OPAQUE)

    @property
    def is_new(self) -> bool:
        """It takes size and type from an argument, no numbers; those of `empty_like` are chance."""
        return self.name.startswith("new_") or self.name.endswith("_like")

    @property
    def place(self) -> str:
        """Where it stands, for a sentence: ` in encoder.lstm`."""
        return f" in {self.path}" if self.path not in ("", self.name) else ""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first tensor that it reads."""
        return tuple(self.tensors[0].shape)


def _names(call) -> str:
    if call.name in RECURRENT:
        packed = "batch_sizes" in call.kwargs
        packed |= len(call.args) > 3 and isinstance(call.args[3], list | tuple)
        return _PACKED if packed else _PADDED
    if call.name in ("unfold", "embedding") and call.function in _OF_FUNCTION:
        return _OF_FUNCTION[call.function]
    return _PARAMETERS.get(call.name) or _PARAMETERS.get(call.name.removesuffix("_"), "input")


def ancestors(*calls: Call) -> set[int]:
    """The ids of these calls and of every call that they depend on."""
    found, waiting = set(), list(calls)
    while waiting:
        if id(call := waiting.pop()) not in found:
            found.add(id(call))
            waiting.extend(parent for parent, _ in call.parents)
    return found


class Recurrence:
    """How one call of a fused LSTM, GRU or RNN reads its input."""

    def __init__(self, call: Call):
        self.call = call
        self.input, self.weights = call.arg("input"), call.arg("params")
        self.batch_sizes = call.arg("batch_sizes")
        self.packed = self.batch_sizes is not None
        hx = call.arg("hx")
        self.states = [hx] if isinstance(hx, Tensor) else list(hx)
        self.layers = call.arg("num_layers")
        self.drops_out = call.arg("train") and call.arg("dropout") > 0 and self.layers > 1
        self.directions = 2 if call.arg("bidirectional") else 1
        self.batch_first = bool(call.arg("batch_first", False))
        size = len(self.weights) // (self.layers * self.directions)
        starts = range(0, len(self.weights), size)
        self.groups = [self.weights[i : i + size] for i in starts]

    @property
    def seq_axis(self) -> int:
        """Which axis of a padded input it walks along."""
        return 1 if self.batch_first else 0


def index_text(index) -> str:
    """An index as the code writes it: `:, -1`."""
    items = index if isinstance(index, tuple) else (index,)
    return ", ".join(argument_text(item) for item in items)


def argument_text(item) -> str:
    """One argument as the code writes it; a tensor's numbers are left out."""
    if isinstance(item, slice):
        ends = ["" if end is None else str(end) for end in (item.start, item.stop, item.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(item, Tensor | np.ndarray):
        return "tensor" if isinstance(item, Tensor) else "array"
    return "..." if item is Ellipsis else repr(item)
