"""`roll_out` of a model that carries its state, beside the loop that most people write.

Where the ratio is small, both wait for Python and not for arithmetic: nn.LSTM reads 96 steps in one
call, and that of one step takes nearly as long.
"""

import torch
from measuring import Measure, in_turns

from lstm_helpers import ManyToManyLSTM, roll_out

SEQ, STEPS = 96, 500


def windows_anew(model: ManyToManyLSTM, window: torch.Tensor, steps: int) -> torch.Tensor:
    """All of the window for each step."""
    forecasts = []
    with torch.no_grad():
        for _ in range(steps):
            yhat = model(window)[:, -1:]
            forecasts.append(yhat)
            window = torch.cat((window[:, 1:], yhat), dim=1)
    return torch.cat(forecasts, dim=1)


def made(batch: int, hidden_size: int) -> tuple[ManyToManyLSTM, torch.Tensor]:
    torch.manual_seed(0)
    return ManyToManyLSTM(1, hidden_size).eval(), torch.rand(batch, SEQ, 1)


def beside_windows_anew(batch: int, hidden_size: int) -> list[float]:
    model, x = made(batch, hidden_size)
    torch.testing.assert_close(roll_out(model, x, 1), windows_anew(model, x, 1))
    part = 10  # each step of the loop costs the same
    one = in_turns(lambda: windows_anew(model, x, STEPS // part), lambda: roll_out(model, x, STEPS))
    return [part * ratio for ratio in one]


def far() -> list[float]:
    model, x = made(64, 64)
    one = in_turns(lambda: roll_out(model, x, 10 * STEPS), lambda: roll_out(model, x, STEPS))
    return [ratio / 10 for ratio in one]


MEASURES = [
    Measure(
        "running the window anew / roll_out, 500 steps, hidden 64, batch 64",
        lambda: beside_windows_anew(64, 64),
        at_least=20,
        why="four fifths of a step are `nn.LSTM` and `nn.Linear`, called for that step. A loop "
        "with these two alone, which checks nothing and takes no other model, reaches 23 to 25. "
        "The rest are the checks of x, of the state and of the forecast.",
    ),
    Measure(
        "the same, hidden 16, one series",
        lambda: beside_windows_anew(1, 16),
    ),
    Measure("a step of roll_out, of 5,000 / of 500", far, at_most=1.1),
]
