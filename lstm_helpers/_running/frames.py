"""Follow the reader's own functions line by line, beside any tracer that is there already.

Coverage and debuggers use the one trace function of a thread. Ours hands every event on to the one
that was there, and what that one answers is kept, so that it sees all that it would see alone.
"""

import linecache
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import torch

import lstm_helpers

_HERE, _TORCH = (str(Path(m.__file__).parent) for m in (lstm_helpers, torch))
_INSTALLED = tuple({_TORCH, *(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib"))})
_MODELS = ("lstm_helpers.models", "lstm_helpers.encoder_decoder", "lstm_helpers.from_scratch")
_PACKAGES = ("/site-packages/", "/dist-packages/")


class FrameListener:
    """What `Frames` tells of each frame of an own function. This one does not care."""

    def enter(self, frame: FrameType) -> None:
        """It starts, or goes on after a yield."""

    def line(self, frame: FrameType) -> None:
        """It is about to run the line `frame.f_lineno`."""

    def leave(self, frame: FrameType, value) -> None:
        """It returns or yields `value`, or an exception leaves it."""

    def raised(self, frame: FrameType) -> None:
        """An exception came up in it."""


class Frames:
    """Tells a listener of the frames of own functions in this thread while it is entered.

    Afterwards the tracer that was there is there again, unless somebody else, such as a debugger
    at a `breakpoint()`, has put another one in the place of ours: then `taken_over` is True, and
    nothing was told from there on. Where the listener itself raises, it hears no more, and
    `failure` is what it raised: in a trace function it would become the model's.
    """

    def __init__(self, listener: FrameListener):
        self.listener = listener
        self.taken_over, self.failure = False, None
        self._before = None
        self._own: dict[str, bool] = {}
        self._running: dict[FrameType, _Local] = {}
        self._tracer = self._call  # one object, to be told from others

    def __enter__(self):
        self.active, self._before = True, sys.gettrace()
        sys.settrace(self._tracer)
        return self

    def __exit__(self, *error):
        self.taken_over = sys.gettrace() is not self._tracer
        self.active = False
        if not self.taken_over:
            sys.settrace(self._before)
        self._running.clear()

    def _call(self, frame, event, arg):
        inner = self._before and self._before(frame, event, arg)
        if self._before is not None and sys.gettrace() is self._before:
            sys.settrace(self._tracer)  # coverage's C tracer puts itself in place at each call
        name = frame.f_code.co_filename
        own = self._own.get(name)
        if own is None:
            own = self._own[name] = is_own_file(name)
        if not own or not self.active or (own == "ask" and not is_own(frame)):
            return inner
        local = self._running.get(frame)
        if local is None:
            local = self._running[frame] = _Local(self)
        local.inner, local.lines = inner, frame.f_trace_lines
        frame.f_trace_lines = True  # coverage turns it off in files that it does not measure
        self.tell(self.listener.enter, frame)
        return local

    @contextmanager
    def unfollowed(self):
        """Inside, nothing is traced, where nobody but us would see it: most of what runs while a
        model is watched is our own code. From Python 3.12 on it costs more than it spares."""
        alone = (
            self._before is None and sys.gettrace() is self._tracer and sys.version_info < (3, 12)
        )
        if alone:
            sys.settrace(None)
        try:
            yield
        finally:
            if alone:
                sys.settrace(self._tracer)

    def tell(self, what, *told):
        if self.failure is None:
            try:
                what(*told)
            except Exception as error:
                self.failure = error

    def forget(self, frame):
        self._running.pop(frame, None)


class _Local:
    """The trace function of one frame: tells ours first, then the other tracer's."""

    __slots__ = ("frames", "inner", "lines")

    def __init__(self, frames):
        self.frames = frames

    def __call__(self, frame, event, arg):
        frames = self.frames
        if frames.active:
            if event == "line":
                frames.tell(frames.listener.line, frame)
            elif event == "return":
                frames.tell(frames.listener.leave, frame, arg)
            elif event == "exception":
                frames.tell(frames.listener.raised, frame)
        if self.inner is not None and (self.lines or event != "line"):
            # None means "go on as before", another function takes the place of this one.
            self.inner = self.inner(frame, event, arg) or self.inner
        return self


def is_own_file(filename: str) -> bool | str:
    """Whether a file is the reader's own: True, False, or "ask", where it depends on the frame."""
    if filename.startswith(("<ipython-input", "<doctest ", "<timed ")):
        return True
    if filename.startswith("<frozen"):
        return False
    if filename.startswith("<") or filename.startswith(_HERE):
        return "ask"
    return not (filename.startswith(_INSTALLED) or any(part in filename for part in _PACKAGES))


def is_own(frame: FrameType) -> bool:
    """The same for one frame: of ours the models' methods, of generated code that which belongs
    to no library (a dataclass's methods say "<string>", whoever's the class is)."""
    home = frame.f_globals.get("__name__") or ""
    filename = frame.f_code.co_filename
    if filename.startswith(_HERE):
        return home in _MODELS
    top = home.partition(".")[0]
    if top.startswith("namedtuple_"):  # where the standard library makes one, whoever's it is
        return False
    if top in sys.stdlib_module_names or top == "__main__":  # whose file may be a kernel's
        return top == "__main__"
    file = getattr(sys.modules.get(top), "__file__", None)
    return file is None or is_own_file(file) is True


def source_lines(frame: FrameType) -> list[str]:
    """The lines of the file or cell that a frame's code is from; none where there is no source."""
    filename = frame.f_code.co_filename
    linecache.checkcache(filename)
    return linecache.getlines(filename, frame.f_globals)
