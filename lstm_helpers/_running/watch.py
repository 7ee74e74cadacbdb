"""Watch a model run: every module and every torch function, in order, with who made what."""

import sys
from functools import partial
from threading import get_ident

import torch
from torch import Tensor, nn
from torch.nn.modules import module as nn_module
from torch.overrides import TorchFunctionMode

from lstm_helpers._running.calls import OPAQUE, Call
from lstm_helpers._running.debug import let_through
from lstm_helpers._running.tensors import tensors_in

# Functions and methods compiled by torch.jit, whose calls no function mode sees.
SCRIPTED = [getattr(torch._C, name, None) for name in ("ScriptFunction", "ScriptMethod")]
SCRIPTED = [kind for kind in SCRIPTED if kind is not None]


class Listener:
    """What a `Watch` tells, as it happens. This one does not care."""

    watch: "Watch"

    def start(self, model, inputs, kwargs) -> None:
        """The model is about to be called with these."""

    def enter_module(self, module: nn.Module, args: tuple) -> None:
        """`module` is about to run on these positional arguments."""

    def leave_module(self, module: nn.Module, result, error) -> None:
        """It returned `result`, or raised `error`."""

    def before(self, call: Call) -> None:
        """A function is about to run, which may change its arguments."""

    def after(self, call: Call, result) -> None:
        """It ran; `call.results` are the tensors in `result`, or the one it wrote into."""

    def failed(self, call: Call, error: Exception) -> None:
        """It raised."""


class Watch(TorchFunctionMode):
    """Records calls while it is entered.

    Args:
        model: gives its modules their paths.
        listener: is told of each module and call.
        snapshot: remembers each module before it runs: a function may reach one in ways unseen.
        keep_values: copy each result, for two runs to be compared.
    """

    def __init__(self, model, *, listener=None, snapshot=None, keep_values=False):
        super().__init__()
        self.calls: list[Call] = []
        self.inside: list[nn.Module] = []
        self._listener = listener or Listener()
        self._listener.watch = self
        self._snapshot, self._keep_values = snapshot, keep_values
        named = model.named_modules() if isinstance(model, nn.Module) else ()
        self._paths = {m: path.replace("._orig_mod", "") for path, m in named}
        self._made: dict[int, tuple[Call, int]] = {}
        self._alive = []  # a tensor that is let go would lend its id to the next one

    def __enter__(self):
        self._thread = get_ident()
        self._hooks = [
            nn_module.register_module_forward_pre_hook(self._enter_module),
            nn_module.register_module_forward_hook(self._leave_module, always_call=True),
        ]
        self._plain = [kind.__call__ for kind in SCRIPTED]
        for kind, plain in zip(SCRIPTED, self._plain, strict=True):
            kind.__call__ = self._scripted(plain)
        return super().__enter__()

    def __exit__(self, *error):
        for hook in self._hooks:
            hook.remove()
        for kind, plain in zip(SCRIPTED, self._plain, strict=True):
            kind.__call__ = plain
        self._listener = Listener()  # a circle of two would keep every tensor that was seen
        return super().__exit__(*error)

    def call(self, model, inputs, kwargs=None):
        """What the model returns, and the listener hears of what it gets."""
        kwargs = kwargs or {}
        self._tell("start", model, inputs, kwargs)
        return model(*inputs, **kwargs)

    def path(self, module: nn.Module | None = None) -> str:
        """That of a module, else that of the innermost running one that has any."""
        if module is not None:
            return self._paths.get(module, "")
        return next((p for m in reversed(self.inside) if (p := self._paths.get(m))), "")

    def maker(self, tensor: Tensor) -> tuple[Call, int] | None:
        """The call that made a tensor, and which of its results it is."""
        return self._made.get(id(tensor))

    # Both return nothing: what a hook returns takes the place of the arguments or the result.

    def _enter_module(self, module, args):
        if get_ident() != self._thread:  # hooks are set for all threads
            return
        if self._snapshot is not None:
            self._snapshot.add(module)
        self._tell("enter_module", module, args)
        self.inside.append(module)

    def _leave_module(self, module, args, result):
        if get_ident() != self._thread or module not in self.inside:
            return
        error = sys.exc_info()[1] if result is None else None
        while self.inside[-1] is not module:  # an interrupt that the model caught left these
            self._tell("leave_module", self.inside[-1], None, error)
            self.inside.pop()
        self._tell("leave_module", module, result, error)
        self.inside.pop()

    def _tell(self, what, *told):
        """A listener's own failure is not the model's."""
        try:
            getattr(self._listener, what)(*told)
        except Exception:
            let_through()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "function")
        # x.mT and x.data are calls, too: of the getter of an attribute.
        name = func.__self__.__name__ if name == "__get__" else name
        return self._watched(name, func, args, kwargs or {})

    def _watched(self, name, func, args, kwargs):
        """The result of one call, which is recorded and told of."""
        call = Call(name, self.path(), func, args, kwargs)
        call.parents = [made for x in call.tensors if (made := self.maker(x))]
        self._tell("before", call)
        try:
            result = func(*args, **call.kwargs)
        except Exception as error:
            self._tell("failed", call, error)
            raise
        call.results = [args[0]] if name == "__setitem__" else tensors_in(result)
        if call.results:
            self._record(call)
        self._tell("after", call, result)
        return result

    def _scripted(self, plain):
        """The `__call__` of a kind of TorchScript that tells of it."""

        def __call__(function, *args, **kwargs):
            if get_ident() != self._thread:
                return plain(function, *args, **kwargs)
            run = partial(plain, function)
            return self._watched(f"{OPAQUE} {function.name}", run, args, kwargs)

        return __call__

    def _record(self, call):
        if self._keep_values:
            call.values = [x.detach().clone() for x in call.results]
        self._alive.extend(call.results)
        self._made |= {id(x): (call, i) for i, x in enumerate(call.results)}
        self.calls.append(call)
