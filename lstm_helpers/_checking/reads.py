"""What of a model's work is ever read: gradients of all it returns, in every call and parameter."""

from functools import cached_property

import torch

from lstm_helpers._running.calls import CELLS, RECURRENT, Call, Recurrence
from lstm_helpers._running.probe import LARGE, Probe
from lstm_helpers._running.tensors import tensors_in

MOST = 24  # so many draws are tried before something is called dead
MOST_OF_LARGE, MOST_UNUSED = 6, 3  # of a large x; where no call reads it


class Reads:
    """The calls of one run, and which of their results have any influence on what is returned.

    Everything returned counts, a state as much as a forecast. A result counts as read when it gets
    a gradient in any of several draws: a closed ReLU in one of them is no verdict.
    """

    def __init__(self, probe: Probe, *, train=False):
        self._probe, self._train = probe, train
        self.calls: list[Call] = []
        self.failure: Exception | None = None
        self._read: list[list[torch.Tensor]] = []
        self._parameters = {}
        self._next = 0
        self._most = MOST if probe.inputs[0].numel() < LARGE else MOST_OF_LARGE
        while self.look_again() and (not self.calls or self._may_wake()):
            pass

    def _may_wake(self):
        """Whether another draw may show that what seems dead is read: not, if no call takes it."""
        used = {id(t) for call in self.calls for t in call.tensors}
        dead = self.dead()
        return bool(dead) and (
            self._next < MOST_UNUSED or any(id(self.parameters[name]) in used for name in dead)
        )

    def look_again(self) -> bool:
        """Add one more draw to what is known; False when enough were tried."""
        if self._next == self._most:
            return False
        if (draw := self._probe.draw(self._next)) is not None:
            self._add(draw)
        self._next += 1
        return True

    def _add(self, draw):
        watch = self._probe.watch()
        self._probe.run(
            draw.x,
            weights=draw.weights,
            watch=watch,
            train=self._train,
            grad=True,
            then=lambda returned: self._collect(watch, returned),
        )

    def _collect(self, watch, returned):
        outputs = [t.abs() if t.is_complex() else t for t in tensors_in(returned)]
        outputs = [t for t in outputs if t.requires_grad]
        if not outputs:
            return
        generator = torch.Generator().manual_seed(0)
        total = sum(
            (t * torch.rand(t.shape, generator=generator, dtype=t.dtype).to(t.device)).sum()
            for t in outputs
        )
        results = [t for call in watch.calls for t in call.results]
        asked = [t for t in (*results, *self.parameters.values()) if t.requires_grad]
        try:
            gradients = torch.autograd.grad(total, asked, allow_unused=True, retain_graph=True)
            # The graph is kept: it may reach into one of the caller's, through a kept state.
        except Exception as error:  # no backward pass runs through it, or not in this mode
            self.failure = error
            return
        found = dict(zip(map(id, asked), gradients, strict=True))
        read = [[_nonzero(found.get(id(t)), t) for t in call.results] for call in watch.calls]
        if self._read and [len(r) for r in self._read] == [len(r) for r in read]:
            read = [
                [a | b if a.shape == b.shape else b for a, b in zip(one, two, strict=True)]
                for one, two in zip(self._read, read, strict=True)
            ]
        self.calls, self._read = watch.calls, read
        for name, parameter in self.parameters.items():
            seen = bool(_nonzero(found.get(id(parameter)), parameter).any())
            self._parameters[name] = self._parameters.get(name, False) or seen

    @cached_property
    def parameters(self):
        """{path: parameter} of all that can be trained."""
        found, known = {}, set()
        for module in self._probe.modules:
            for name, parameter in module.named_parameters():
                if parameter.requires_grad and id(parameter) not in known:
                    known.add(id(parameter))
                    found[name if name not in found else f"{type(module).__name__}.{name}"] = (
                        parameter
                    )
        return found

    def read(self, call) -> list[torch.Tensor]:
        """For each result of `call`, which of its numbers are read."""
        return self._read[next(i for i, c in enumerate(self.calls) if c is call)]

    @property
    def recurrences(self):
        return [Recurrence(call) for call in self.calls if call.name in RECURRENT]

    @property
    def cells(self):
        return [call for call in self.calls if call.name in CELLS]

    @property
    def walks(self):
        """The calls of layers with a memory."""
        return [call for call in self.calls if call.name in (*RECURRENT, *CELLS)]

    def dead(self) -> list[str]:
        """Parameters that never get a gradient, though no mathematics asks for that.

        A parameter is excused where its call is read: the bias inside a softmax shifts all scores
        alike. A fused layer is excused layer by layer: `h_n[0]` leaves the second one unread.
        """
        excused = set()
        for call, read in zip(self.calls, self._read, strict=True):
            if call.name in RECURRENT:
                for group in Recurrence(call).groups:
                    if any(self._alive(p) for p in group):
                        excused |= {id(p) for p in group}
            elif any(r.any() for r in read):
                excused |= {id(t) for t in call.tensors}
        return [
            name
            for name, parameter in self.parameters.items()
            if not self._parameters.get(name) and id(parameter) not in excused
        ]

    def alive(self, name: str) -> bool:
        """Whether a parameter got a gradient in any draw."""
        return bool(self._parameters.get(name))

    def _alive(self, parameter):
        return any(p is parameter and self._parameters.get(n) for n, p in self.parameters.items())


def _nonzero(gradient, tensor):
    if gradient is None:
        return torch.zeros(tensor.shape, dtype=torch.bool)
    if gradient.is_sparse:
        gradient = gradient.to_dense()
    return (gradient != 0).cpu()
