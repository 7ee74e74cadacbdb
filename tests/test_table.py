"""Each row of the table: what is said to the letter, that it helps, and that nothing changed."""

import random
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from arguments.drawn import not_ours
from arguments.public import public_arguments
from arguments.table import ROWS, drawn_sizes
from torch import nn

from lstm_helpers._digest import digest

for path in sorted(Path(__file__).parent.glob("arguments/rows_*.py")):
    import_module(f"arguments.{path.stem}")

DRAWS = 2
NEVER_REFUSED = {("exercises.check", "answer"), ("exercises.verdict", "answer")}  # but judged


def everything(watched) -> str:
    """All that a refusal has to leave alone, in some letters."""
    parts = [
        [thing.training, thing.state_dict()] if isinstance(thing, nn.Module) else thing
        for thing in watched
    ]
    usual = [torch.get_rng_state(), np.random.get_state(), random.getstate()]
    return digest([parts, usual, torch.is_grad_enabled(), str(torch.get_default_dtype())])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_text_helps_and_nothing_changes(row):
    for number in range(DRAWS):
        case = row.make(drawn_sizes(number))
        before = everything(case.watched)
        with pytest.raises(case.error) as caught:
            case.call()
        assert str(caught.value) == case.text
        assert type(caught.value) is case.error
        assert not not_ours(caught.value, (IndexError,))
        assert everything(case.watched) == before
        case.advice()


def test_every_argument_of_every_public_name_has_a_row():
    assert not public_arguments() - {(row.name, row.argument) for row in ROWS} - NEVER_REFUSED
