"""Draw arguments for some minutes: `PYTHONPATH=tests python -m arguments MINUTES [NAME ...]`.

Prints how many calls were made, and what each that went wrong was called with. `--seed N` draws
the same again.
"""

import argparse
import random
import time
import traceback
import warnings
from collections import Counter

import matplotlib.pyplot as plt
from hypothesis import HealthCheck, Phase, given, seed, settings

from arguments.drawn import calls, refusal
from arguments.public import PUBLIC

AT_ONCE = 25  # calls of one name before the next one's turn


def drive(names, minutes: float, first: int, keep_on: bool = True) -> tuple[Counter, Counter]:
    """Draw for so long; how many calls returned and were refused, and what went wrong.

    Args:
        first: the first seed; each turn of a name takes the next one.
        keep_on: count what goes wrong; else raise it.
    """
    made, wrong = Counter(), Counter()
    end = time.monotonic() + 60 * minutes
    turn = 0
    while time.monotonic() < end:
        name = names[turn % len(names)]
        try:
            _turn(name, first + turn, made)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            error.add_note(
                f"again: PYTHONPATH=tests python -m arguments 0.1 {name} --seed {first + turn}"
            )
            if not keep_on:
                raise
            cause = error.__context__ or error
            at = traceback.extract_tb(cause.__traceback__)[-1]
            said = f"{name}: {type(cause).__name__}: {str(cause)[:150]} [{at.filename}:{at.lineno}]"
            if said not in wrong:
                notes = "\n  ".join(getattr(error, "__notes__", ()))
                print(f"\n{said}\n  {notes}\n  {last.name}", flush=True)
            wrong[said] += 1
        finally:
            plt.close("all")
        turn += 1
    return made, wrong


def _turn(name: str, number: int, made: Counter) -> None:
    public = PUBLIC[name]

    @seed(number)
    @settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(calls(public))
    def one(given):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made["refused" if refusal(public, given) else "returned"] += 1
        plt.close("all")

    one()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args()
    plt.switch_backend("agg")
    print(f"seed {chosen.seed}", flush=True)
    made, wrong = drive(chosen.names or list(PUBLIC), chosen.minutes, chosen.seed)
    print(f"{sum(made.values())} calls: {dict(made)}; {len(wrong)} kinds went wrong")
