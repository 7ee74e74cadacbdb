"""Ctrl-C: none is lost, and none breaks into the cleaning up."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager


class Interrupts:
    """The interrupts that came while training.

    Python prints and forgets what is raised inside a `__del__`, such as that of a loader with
    workers at the end of each epoch, so each interrupt is noted as well as raised.
    """

    def __init__(self, waits: bool = False):
        """One that waits for other processes breaks in only when all have `agreed` to end."""
        self.came, self._waits = False, waits

    @contextmanager
    def noted(self) -> Iterator[None]:
        usual = signal.getsignal(signal.SIGINT)
        with ExitStack() as stack:

            def note(number, frame):
                self.came = True
                # Ctrl-C reaches the workers, too: that they end is no error of its own any more.
                stack.enter_context(_handlers(SIGCHLD=_nothing))
                if not self._waits:
                    usual(number, frame)

            stack.enter_context(_handlers(SIGINT=note))
            yield

    @contextmanager
    def none_lost(self) -> Iterator[None]:
        """Raise one that was lost, also where an error followed from it: its worker ended."""
        try:
            yield
        except GeneratorExit:  # thrown away, where an interrupt broke into `with` itself
            raise
        except BaseException:
            self.raise_lost()
            raise
        self.raise_lost()

    def raise_lost(self) -> None:
        if self.came and not self._waits:
            raise KeyboardInterrupt

    def agreed(self) -> None:
        """It came to one of several processes, and ends all of them here."""
        self.came, self._waits = True, False
        raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[list[KeyboardInterrupt]]:
    """Neither an interrupt nor a worker that died breaks in; yields the interrupts that came."""
    came = []
    note = lambda number, frame: came.append(KeyboardInterrupt())  # noqa: E731
    with _handlers(SIGINT=note, SIGCHLD=_nothing):
        yield came


def _nothing(number, frame) -> None:
    pass


@contextmanager
def _handlers(**handlers: Callable) -> Iterator[None]:
    """Handle signals, by name, in another way. Only the main thread can, and only it gets them."""
    before = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for name, handler in handlers.items():
                number = getattr(signal, name, None)  # Windows has no SIGCHLD
                if number is not None and callable(signal.getsignal(number)):
                    before[number] = signal.signal(number, handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
