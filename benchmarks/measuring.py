"""Two ways of doing the same take turns; what is kept are ratios of their process times.

Times alone say little on another machine, and a machine that is busy slows both ways.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time, sleep

ROUNDS = 5  # in each of the processes that the table is made from


@dataclass(frozen=True)
class Measure:
    """A row of the table.

    Args:
        name: what is measured, and what it is compared with.
        ratios: measures; one ratio for each round.
        at_most: the goal where less is better.
        at_least: the goal where more is better.
        why: what a profile says where the goal is missed.
        linux: whether only Linux says what is asked.
    """

    name: str
    ratios: Callable[[], list[float]]
    at_most: float | None = None
    at_least: float | None = None
    why: str = ""
    linux: bool = False

    @property
    def goal(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "none" if self.at_least is None else f"at least {self.at_least:g}"

    def missed(self, ratio: float) -> bool:
        if self.at_most is not None:
            return ratio > self.at_most
        return self.at_least is not None and ratio < self.at_least


def seconds(work: Callable) -> float:
    start = process_time()
    work()
    return process_time() - start


def in_turns(first: Callable, second: Callable, rounds: int = ROUNDS) -> list[float]:
    """The time of the first over that of the second, round by round; one more to warm up.

    Who begins changes from round to round: what the one leaves in caches favours the other.
    """
    found = []
    for number in range(rounds + 1):
        ways = (first, second) if number % 2 else (second, first)
        taken = {way: seconds(way) for way in ways}
        found.append(taken[first] / taken[second])
    return found[1:]


class Memory:
    """The peak of anonymous memory in MB, looked at a hundred times a second (Linux)."""

    def __init__(self):
        self.peak, self._stopped = 0, threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self):
        while not self._stopped.is_set():
            lines = Path("/proc/self/status").read_text().splitlines()
            now = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
            self.peak = max(self.peak, now // 1024)
            sleep(0.01)

    def stop(self):
        self._stopped.set()
