"""One call of a torch function, as the rules see it."""

import re
import warnings
from itertools import count

import torch
from torch import Tensor

from lstm_helpers._running.calls import VIEWS, Call, argument_text, index_text
from lstm_helpers._running.tensors import replace_tensors, tensors_in
from lstm_helpers._tracing import notes
from lstm_helpers._tracing.axes import Axes, Axis, name_of, new_axis
from lstm_helpers._tracing.rules import rule_for
from lstm_helpers._tracing.steps import Event

QUIET = ("detach", "data")
KINDS = {"batch": "batch", "seq": "seq", "horizon": "seq", "layer": "layer", "direction": "layer"}
KINDS |= dict.fromkeys(["feature", "hidden", "target", "proj", "channel"], "feature")


class Marks:
    """Which step of which axis a tensor was computed from last.

    `stack` puts the results of a loop over `x[:, t]` together again: the new axis is x's.
    """

    def __init__(self):
        self._of, self._clock = {}, count()

    def set(self, x: Tensor, axis: Axis, index: int):
        self._of[id(x)] = (next(self._clock), axis, index)

    def inherit(self, x: Tensor, parents):
        if marks := [self._of[id(parent)] for parent in parents if id(parent) in self._of]:
            self._of[id(x)] = max(marks, key=lambda mark: mark[0])

    def get(self, x: Tensor):
        return self._of.get(id(x), (None, None, None))[1:]


class NamedCall:
    """A call, with the axes that its tensors had before it."""

    def __init__(self, recorder, call: Call):
        self.recorder, self.call = recorder, call
        self.name, self.arg, self.tensors = call.name, call.arg, call.tensors
        self._before = {id(x): recorder.axes(x) for x in call.tensors}
        self.sources = recorder.sources(call)
        self.notes = []
        self.dropped = []

    def follow(self, result):
        """Give the result its axes. What no rule understands keeps axes without a name."""
        if self.call.is_opaque:
            self.notes.append(notes.opaque())
            return
        for x in tensors_in(result):
            self.recorder.marks.inherit(x, self.tensors)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rule_for(self.name)(self, result)

    def changes_axes(self) -> bool:
        """Whether this call is a step worth a line: views are, tanh is not."""
        first = self.call.results[0]
        if self.call.is_opaque:
            return True
        number = not first.dim() and not first.is_floating_point()
        if self.name in (*QUIET, "__setitem__") or self.call.is_new or number:
            return False
        after = self.recorder.axes(first)
        return self.name in VIEWS or after not in self._before.values()

    def event(self, result=None) -> Event:
        inputs = [("", self.axes(x)) for x in self.tensors]
        outputs = self.recorder.named(result)
        if self.name.startswith("_"):
            outputs = outputs[:1]  # of packing, the data: the rest is bookkeeping
        event = Event(self.call.path, self.text(), inputs, outputs, self.notes)
        event.sources = self.sources
        event.reshapes = len(inputs) == len(outputs) == 1 and not self.dropped
        if outputs:
            event.notes += notes.about(self, inputs[0][1], outputs[0][1])
        return event

    def text(self) -> str:
        """The call as it might stand in the code: `view(-1, 3)`, `h_n[-1]`, `cat(dim=1)`."""
        subject = self.recorder.labels.get(id(self.tensors[0]), "") if self.tensors else ""
        if self.name == "__getitem__":
            return f"{subject}[{index_text(self.arg('index'))}]"
        if self.name.startswith("_") or self.call.is_opaque:
            return self.name.strip("_")
        rest = [argument_text(a) for a in self.call.args if not tensors_in(a)]
        named = self.call.kwargs.items()
        rest += [f"{key}={argument_text(a)}" for key, a in named if not tensors_in(a)]
        dot = "." if subject else ""
        arguments = f"({', '.join(rest)})" if rest else ""
        return f"{subject}{dot}{self.name}{arguments}"

    # What rules ask for

    def axes(self, x: Tensor) -> Axes:
        """The axes before the call: an in-place operation may have changed the shape since."""
        return self._before.get(id(x)) or self.recorder.axes(x)

    def axes_of(self, name: str) -> Axes:
        """Those of the tensor that is the argument of this name."""
        return self.axes(self.arg(name))

    def repeated_on(self, stand_ins: dict[int, Tensor]) -> list[Tensor]:
        """The result tensors of the same call on other tensors, which have no elements."""
        args, kwargs = (
            replace_tensors(part, lambda x: stand_ins.get(id(x), x))
            for part in (tuple(self.call.args), self.call.kwargs)
        )
        # zeros_like(x, device=x.device) would fill the stand-in, which is huge, with real zeros.
        args = tuple(torch.device("meta") if isinstance(a, torch.device) else a for a in args)
        kwargs |= {"device": "meta"} if kwargs.get("device") is not None else {}
        return tensors_in(self.call.function(*args, **kwargs))

    def own_axis(self, weight: Tensor, name: str, size: int) -> Axis:
        """The axis that a layer makes: the same one each time its `weight` is used."""
        return self._made_by(weight, name, lambda: new_axis(size, name))

    def own_channels(self, weight: Tensor, name: str, size: int, others: Axes) -> Axis:
        """The same, with a name until another layer gives a better one.

        It gets none beside an axis of that name: the layer mixes steps, or something else.
        """
        free = name not in [name_of(axis) for axis in others]
        return self._made_by(weight, name, lambda: new_axis(size, hint=name if free else None))

    def _made_by(self, weight, name, new) -> Axis:
        made = self.recorder.own_axes
        if (id(weight), name) not in made:
            made[id(weight), name] = (weight, new())
        return made[id(weight), name][1]

    def is_blank(self, x: Tensor) -> bool:
        """Made without data: `torch.zeros` and what is like it."""
        made = self.recorder.watch.maker(x)
        return bool(made) and re.fullmatch("(new_)?(zeros|full)(_like)?", made[0].name) is not None

    def walked(self, parts) -> Axis | None:
        """The axis whose steps, each once and none left out between, the `parts` were computed
        from. A later step alone is no walk, nor are both ends: such are the states after loops."""
        marks = [self.recorder.marks.get(x) for x in parts]
        axis = marks[0][0]
        steps = {index for at, index in marks if at is not None and at == axis}
        if not axis or len(axis) != 1 or len(steps) != len(parts):
            return None
        if max(steps) - min(steps) >= len(parts) or (len(parts) == 1 and steps != {0}):
            return None
        return (axis[0].resized(len(parts)),)

    # What rules say

    def give(self, x: Tensor, axes: Axes):
        self.recorder.give(x, axes)

    def mark(self, x: Tensor, axis: Axis, index: int):
        self.recorder.marks.set(x, axis, index)

    def mark_like(self, x: Tensor, other: Tensor):
        self.recorder.marks.inherit(x, [other])

    def read(self, x: Tensor, roles, because=""):
        """The layer takes the axes of `x` for `roles`: name those that had no name yet."""
        reader = self.recorder.reader(self.name)
        axes, odd = self.axes(x), []
        taken = {axis[0].label.name for axis in axes if len(axis) == 1}
        for position, (axis, role) in enumerate(zip(axes, roles, strict=False)):
            if role is None:
                continue
            piece = axis[0]
            if len(axis) == 1 and not (piece.mixed or piece.label.name or role in taken):
                piece.label.bind(role, reader)
            if not fits(axis, role):
                odd.append((position, role))
        if odd:
            self.notes.append(notes.reads(reader, because, axes, odd))

    def read_one_step(self, x: Tensor):
        """A cell that reads several positions of one axis walks along it: that axis is `seq`."""
        axis, index = self.recorder.marks.get(x)
        if axis and len(axis) == 1:
            label = axis[0].label.root
            first = self.recorder.first_step.setdefault(label, index)
            if index != first:
                label.suggest("seq")


def fits(axis: Axis, role: str) -> bool:
    """Whether an axis of this name may be read in this role. Names of the caller's own fit all."""
    if any(piece.mixed for piece in axis):
        return False
    name = name_of(axis)
    kinds = {KINDS[word] for word in re.findall("[a-z]+", name) if word in KINDS}
    wanted = KINDS[role.partition("*")[0]]
    return not kinds or (kinds == {wanted} if wanted == "seq" else wanted in kinds)
