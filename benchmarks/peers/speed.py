"""How long each library trains, beside `fit`: the same windows, hidden size, batches and steps."""

import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from libraries import AS_THE_OTHERS, Darts, Neuralforecast, Ours, Setting
from torch import nn

from lstm_helpers import load_flights

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "study"))
import training
from accuracy import setting
from departures import COLUMNS, PART, scaled, the_table
from measuring import Measure, in_turns


def flights():
    return (load_flights() / 100).astype(np.float32), [], Setting(12, 16, 32, epochs=80)


def departures():
    """The windows of the row in RESULTS.md: nine columns, 24 hours."""
    return training.departures_table().astype(np.float32), [], Setting(24, 64, 64, epochs=3)


def lesson_12():
    """The windows of the table of errors: 28 columns, of which the clock is known, 19 hours."""
    table = the_table()
    end = len(table) - 2 * PART
    values, known, _ = scaled(table, COLUMNS["delay, departures"], "one of 19", end)
    return values[:end].astype(np.float32), known, setting(lr=0.001, epochs=5)


def batches(library) -> Counter:
    """The shapes (batch, seq, feature) that its LSTM reads while it trains, counted."""
    seen = Counter()

    def count(layer, given):
        if isinstance(layer, nn.LSTM) and layer.training:
            seen[tuple(given[0].shape)] += 1

    handle = nn.modules.module.register_module_forward_pre_hook(count)
    library.train(seed=0)
    handle.remove()
    return seen


def check_alike(ours: Counter, theirs: Counter) -> None:
    """As many steps, of as many windows; neuralforecast fills up an epoch's last batch."""
    if ours.total() != theirs.total():
        raise AssertionError(f"{theirs} are not as many steps as {ours}")
    (whole, _), *_ = ours.most_common(1)
    for (batch, *axes), _ in theirs.items():
        if tuple(axes) != whole[1:] or batch > whole[0]:
            raise AssertionError(f"{theirs} are not the batches of {ours}")


def beside(library, make) -> list[float]:
    """The time of the library over ours; what each makes of the table is made before."""
    table, known, how = make()
    how = replace(how, own=AS_THE_OTHERS)  # only neuralforecast reads it
    ours, theirs = (each(table, known, how) for each in (Ours, library))
    check_alike(batches(ours), batches(theirs))
    return in_turns(lambda: theirs.train(seed=0), lambda: ours.train(seed=0))


SIZES = {
    "flights, hidden 16, batch 32, 400 steps": (flights, "56 percent"),
    "departures, hidden 64, batch 64, 324 steps": (departures, "83 percent"),
    "lesson 12's departures, hidden 32, batch 128, 190 steps": (lesson_12, "77 percent"),
}
WHY = (
    "{} of the time of `fit` are the forward and the backward pass of `nn.LSTM` and of the linear "
    "layer, which all three libraries call alike. So the rest of a step would have to take "
    "several times as long there as here: the larger the layers, the closer all are to 1."
)
GOALS = {Darts: 2, Neuralforecast: 2.5}
MEASURES = [
    Measure(
        f"{library.name} / fit, {sizes}",
        partial(beside, library, make),
        at_least=goal,
        why=WHY.format(share),
    )
    for sizes, (make, share) in SIZES.items()
    for library, goal in GOALS.items()
]
