"""What to do where PyTorch's own message does not say it."""

from torch import nn

from lstm_helpers._arguments import other_features
from lstm_helpers._typing import Tensor
from lstm_helpers.shapes import named


def explain(error: Exception, model: nn.Module, x, where: str) -> str | None:
    """Why the model can't run on x, where the shapes tell; else torch's own words.

    None for a ValueError that is somebody's own.
    """
    text = str(error)
    if isinstance(error, ValueError) and not text.startswith("Expected more than 1 value per"):
        return None
    if not isinstance(x, Tensor):
        return f"the model can't run on {where}: {text}"
    shape = named(x.shape, ("batch", "seq", "feature")[: x.ndim] if x.ndim < 4 else None)
    if isinstance(error, ValueError):
        return (
            f"{where} holds one window, x {shape}, but BatchNorm in training needs more than one, "
            "to take their mean: use drop_last=True, or another batch_size."
        )
    rnn = next((module for module in model.modules() if isinstance(module, nn.RNNBase)), None)
    if rnn is not None and x.ndim == 3 and x.shape[-1] != rnn.input_size:
        who = f"the model's {type(rnn).__name__}"
        return other_features(f"x of {where} is {shape}", x.shape[-1], rnn.input_size, who)
    kept = " The state is of another batch: begin each batch with None, or use drop_last=True."
    hint = kept if text.startswith("Expected hidden") else ""
    return f"the model can't run on {where}, x {shape}: {text}{hint}"


def explain_step(error: RuntimeError, model: nn.Module, where: str) -> str | None:
    """What to do where backward or the optimizer fails; None for what is not known."""
    text = str(error)
    if "backward through the graph a second time" in text:
        held = [
            f"{type(module).__name__}.{name}"
            for module in model.modules()
            for name, value in vars(module).items()
            if any(isinstance(v, Tensor) and v.grad_fn is not None for v in _flat(value))
        ]
        what = f"{' and '.join(held)} still holds" if held else "something kept in the model holds"
        name = held[0].split(".")[-1] if held else "state"
        return (
            f"{where}: {what} what an earlier batch computed, and its gradients were used up: cut "
            f"it off after each batch, self.{name} = tuple(s.detach() for s in self.{name}), or "
            "begin each batch with None."
        )
    if "sparse gradients" in text:
        return (
            f"{where}: the optimizer can't step along sparse gradients, which an embedding with "
            "sparse=True gives: use torch.optim.SGD or SparseAdam, or sparse=False."
        )
    return None


def _flat(value):
    return value if isinstance(value, tuple | list) else [value]
