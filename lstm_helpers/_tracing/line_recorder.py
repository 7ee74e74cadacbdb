"""Record what each line of the reader's own functions binds, beside the names of all axes."""

import ast
import dis

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from lstm_helpers._running.frames import FrameListener, Frames
from lstm_helpers._running.tensors import named_tensors, tensors_in
from lstm_helpers._tracing.activations import Activation, Code, Pending, is_function
from lstm_helpers._tracing.axes import Axes, names_of, sizes_of
from lstm_helpers._tracing.lines import Line, Seen
from lstm_helpers._tracing.own_source import NoSource
from lstm_helpers._tracing.recorder import Recorder
from lstm_helpers._tracing.scope import ABSENT, look_up, numbers


class LineRecorder(Recorder, FrameListener):
    """A `Recorder` that hears of lines as well.

    `codes` are the own functions in the order in which they were first called, and `without` those
    that have no source, with the reason. `latest` is the line that ran last.
    """

    def __init__(self, axis_names=()):
        super().__init__(axis_names)
        self.frames = Frames(self)
        self.codes: list[Code] = []
        self.without: dict[str, str] = {}
        self.latest: Line | None = None
        self._known: dict[int, Code | None] = {}
        self._stack: list[Activation] = []
        self._active: dict = {}
        self._alive = []  # so that no id is used twice

    def lines(self) -> list[Line]:
        """All statements of these functions, with what they showed, now that axes have names."""
        found = []
        for code in self.codes:
            for line in code.lines.values():
                line.runs = [tuple(map(self._seen, run)) for run in line.runs]
                found.append(line)
        return found

    def _seen(self, pending):
        axes = pending.axes or self._axes_now(pending.tensor, pending.shape)
        names = names_of(axes) if axes else ("?",) * len(pending.shape)
        return Seen(pending.name, pending.shape, names)

    def _axes_now(self, x, shape) -> Axes | None:
        """Asked without giving it any: an axis is numbered by its age."""
        _, axes = self._axes.get(id(x), (None, None))
        return axes if axes is not None and sizes_of(axes) == shape else None

    # Errors

    def failing(self, error) -> list[Line]:
        """The lines that an error came up in, from the caller to the innermost."""
        return [line for _, line, _ in self._places(error)]

    def met(self, error) -> list[Seen]:
        """What the call that raised it was given, else the tensors that the line reads."""
        event = error and self.failed_at(error)
        if event and event.inputs:
            return [Seen("", sizes_of(axes), names_of(axes)) for _, axes in event.inputs]
        for frame, _, statement in reversed(self._places(error)):
            read = {
                n.id: look_up(n, frame)
                for node in statement.nodes
                for n in ast.walk(node)
                if isinstance(n, ast.Name)
            }
            return [self._seen(p) for name, x in read.items() for p in self._pending_in(x, name)]
        return []

    def _places(self, error):
        traceback, found = getattr(error, "__traceback__", None), []
        while traceback is not None:
            frame = traceback.tb_frame
            code = self._known.get(id(frame.f_code))
            if code and (statement := code.at.get(traceback.tb_lineno)):
                found.append((frame, code.lines[statement], statement))
            traceback = traceback.tb_next
        return found

    # Frames

    def enter(self, frame):
        act = self._active.get(frame)
        if act is None:
            code = self._code(frame)
            if code is None:
                return
            act = self._active[frame] = Activation(code)
            act.given = [
                seen
                for name in code.parameters
                for seen in self._pending_in(frame.f_locals.get(name), name)
            ]
            if not code.in_one_line:
                self._show(act, code.head, frame, act.given)
        self._stack.append(act)

    def line(self, frame):
        if (act := self._active.get(frame)) is None:
            return
        statement, at = act.code.at.get(frame.f_lineno), frame.f_lasti
        if statement is act.statement is not None:
            # Within one line the events are those of jumps back: `for x_t in x: h = f(x_t, h)`.
            one_line = statement.number == statement.last
            again = at <= act.start or (statement.loose and (one_line or at <= act.latest))
            act.latest = at
            if not again:
                return  # the next line of the same statement
        self._finish(act, frame, frame.f_lineno)
        act.statement, act.start, act.latest = statement, at, at
        if statement is not None:
            self.latest = act.code.lines[statement]
            act.before = [look_up(t, frame) for t in statement.targets]
            if statement.kind == "return":
                act.returning = statement

    def leave(self, frame, value):
        if (act := self._active.get(frame)) is None:
            return
        op = dis.opname[act.code.opcodes[frame.f_lasti]]
        yields, returns = "YIELD" in op, "RETURN" in op
        if act in self._stack:
            del self._stack[self._stack.index(act) :]
        if yields and act.statement is not None:
            act.yielded += self._pending_in(value, "", act.statement.returns)
            if act.statement.kind == "yield":
                self._finish(act, frame, -1)
        elif returns:
            self._returned(act, frame, value)
        if not yields:
            del self._active[frame]
        self._make(tensors_in(value))

    def _returned(self, act, frame, value):
        at = act.code.at.get(frame.f_lineno)
        back = at if at is not None and at.kind in ("return", "def") else act.returning
        if act.statement is not None and act.statement is not back:
            self._finish(act, frame, -1)
        if back is not None:
            shown = self._pending_in(value, "", back.returns)
            bound = self._bound(act, back, frame) if act.statement is back else []
            given = act.given if act.code.in_one_line else []
            self._show(act, back, frame, [*given, *bound, *shown])
        act.statement = None

    def raised(self, frame):
        if (act := self._active.get(frame)) is not None:
            act.statement, act.made, act.yielded = None, [], []

    def _finish(self, act, frame, following):
        """The statement that ran is done, and the line `following` comes next."""
        done, act.statement = act.statement, None
        ran = done is not None and (done.body is None or following in done.body)
        if ran and done.kind != "return":
            self._show(act, done, frame, self._bound(act, done, frame))
        act.made, act.yielded = [], []

    def _bound(self, act, statement, frame):
        """What the statement bound; where not all of it runs, what is new."""
        pairs = zip(statement.targets, act.before, strict=False)
        found = []
        for target, before in pairs:
            value = look_up(target, frame)
            if statement.loose and value is before:
                continue
            found += self._of_target(target, value, frame)
        return found

    def _of_target(self, target, value, frame):
        """Writing into a part of a tensor changes that tensor."""
        while isinstance(target, ast.Subscript):
            base = look_up(target.value, frame)
            if not isinstance(base, Tensor) and value is not ABSENT:
                break
            target, value = target.value, base
        if value is ABSENT:
            return []
        return self._pending_in(value, ast.unparse(target))

    def _show(self, act, statement, frame, pending):
        line = act.code.lines[statement]
        pending = [*pending, *act.yielded]
        if pending or not statement.loose:
            line.runs.append(pending)
        line.numbers = numbers(frame, act.code.globals)
        line.intermediates = tuple(act.made)
        act.made, act.yielded = [], []

    def _pending_in(self, value, name, node=None):
        parts = [(name, value)]
        if isinstance(node, ast.Tuple) and isinstance(value, tuple):
            parts = list(_by_element(node, value))
        found = [
            Pending(at + ".data" * (isinstance(part, PackedSequence) and bool(at)), *self._of(x))
            for name, part in parts
            for at, x in named_tensors(part, name)
        ]
        return _ends(found)

    def _of(self, x):
        shape = tuple(x.shape)
        return shape, x, self._axes_now(x, shape)

    def _code(self, frame) -> Code | None:
        code = frame.f_code
        if id(code) not in self._known:
            self._known[id(code)] = None
            self._alive.append(code)
            if is_function(code):
                try:
                    self._known[id(code)] = found = Code(frame)
                    self.codes.append(found)
                except NoSource as why:
                    if not code.co_name.startswith("__"):  # such as a dataclass's own methods
                        self.without[code.co_qualname] = str(why)
        return self._known[id(code)]

    # Modules and functions, and what parts of a line make

    def _make(self, tensors):
        if self._stack:
            self._stack[-1].made += [tuple(x.shape) for x in tensors]

    def enter_module(self, module, args):
        with self.frames.unfollowed():
            super().enter_module(module, args)

    def leave_module(self, module, result, error):
        with self.frames.unfollowed():
            super().leave_module(module, result, error)
            if result is not None and not self.inside_step:
                self._make(tensors_in(result))

    def before(self, call):
        with self.frames.unfollowed():
            super().before(call)

    def after(self, call, result):
        with self.frames.unfollowed():
            super().after(call, result)
            if not self.inside_step:
                self._make(call.results)


def _by_element(node, values):
    """The parts of `return out, (h, c)` with their names there."""
    if len(node.elts) != len(values) or any(isinstance(e, ast.Starred) for e in node.elts):
        yield "", values
        return
    for element, value in zip(node.elts, values, strict=True):
        if isinstance(element, ast.Tuple) and isinstance(value, tuple):
            yield from _by_element(element, value)
        else:
            named = isinstance(element, ast.Name | ast.Attribute)
            yield ast.unparse(element) if named else "", value


def _ends(found):
    """Of many items of one shape in a row, `outputs[0]` to `outputs[11]`, the two ends."""
    kept = []
    for at, one in enumerate(found):
        same = [0 <= i < len(found) and found[i].shape == one.shape for i in (at - 1, at + 1)]
        if not (all(same) and one.name.endswith("]")) or len(found) < 4:
            kept.append(one)
    return kept
