"""`fit` beside loops as people write them."""

import pandas as pd
import torch
from measuring import Measure, in_turns
from torch import nn

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_flights, load_nyc_departures


def flights() -> Windows:
    return Windows(load_flights() / 100, 12)


def departures_table() -> pd.DataFrame:
    table = load_nyc_departures().select_dtypes("number")
    return ((table - table.mean()) / table.std()).fillna(0.0)


def departures() -> Windows:
    return Windows(departures_table(), seq_len=24, target=[0])


def new_model(windows: Windows, hidden_size: int) -> ManyToOneLSTM:
    torch.manual_seed(0)
    return ManyToOneLSTM(len(windows.columns), hidden_size, len(windows.target))


def trained(windows: Windows, hidden_size: int, batch_size: int, epochs: int) -> nn.Module:
    model, loader = new_model(windows, hidden_size), windows.loader(batch_size)
    if fit(model, loader, epochs=epochs, device="cpu", progress=False).interrupted:
        raise KeyboardInterrupt
    return model


def trained_by_hand(windows: Windows, hidden_size: int, batch_size: int, epochs: int) -> nn.Module:
    """Adam, clipping, and the loss of each batch."""
    model, loader = new_model(windows, hidden_size), windows.loader(batch_size)
    optimizer, loss_fn = torch.optim.Adam(model.parameters(), lr=1e-3), nn.MSELoss()
    for _ in range(epochs):
        losses = []
        for x, y in loader:
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
    return model


def beside_a_bare_loop(make, *sizes) -> list[float]:
    windows = make()
    ends = [nn.utils.parameters_to_vector(train(windows, *sizes).parameters())
            for train in (trained, trained_by_hand)]  # fmt: skip
    torch.testing.assert_close(*ends, rtol=0, atol=1e-5)  # the Adam of `fit` is fused
    return in_turns(lambda: trained(windows, *sizes), lambda: trained_by_hand(windows, *sizes))


class OneWindow(nn.Module):
    """A window (seq,) to the value after it: its state stays in the model."""

    def __init__(self):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)
        self.hidden = torch.zeros(1, 1, 16), torch.zeros(1, 1, 16)

    def forward(self, x):
        self.hidden = tuple(state.data for state in self.hidden)
        out, self.hidden = self.lstm(x.view(1, len(x), -1), self.hidden)
        return self.linear(out.view(-1, 16))[-1]


def window_by_window(windows: Windows) -> None:
    """One epoch of a newcomer's loop: a step of the optimizer for each window."""
    model = OneWindow()
    optimizer, loss_fn = torch.optim.Adam(model.parameters(), lr=1e-3), nn.MSELoss()
    for x, y in windows:
        optimizer.zero_grad()
        loss = loss_fn(model(x[:, 0]), y[0])
        loss.backward()
        optimizer.step()


def an_epoch() -> list[float]:
    windows = flights()
    epochs = 20
    one = in_turns(lambda: window_by_window(windows), lambda: trained(windows, 16, 32, epochs))
    return [ratio * epochs for ratio in one]


MEASURES = [
    Measure(
        "fit, flights, hidden 16, batch 32 / a bare loop",
        lambda: beside_a_bare_loop(flights, 16, 32, 10),
        at_most=0.95,
        why="more than half of a step of so small a model is the call of the two layers, alike in "
        "both, so little is left to save. Three runs whose rounds differ little found 0.92 to "
        "0.93; two on a busy machine found 0.98 and 1.00.",
    ),
    Measure(
        "fit, departures, hidden 64, batch 64 / a bare loop",
        lambda: beside_a_bare_loop(departures, 64, 64, 1),
        at_most=1.0,
    ),
    Measure("one window at a time / an epoch of fit, flights", an_epoch, at_least=20),
]
