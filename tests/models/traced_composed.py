"""More models whose traces are stored: attention, convolutions, encoders and decoders."""

import torch
from torch import nn

from .data import SIZES, time_first
from .registry import right, wrong


@right(golden="attention")
class Attention(nn.Module):
    """Dot-product attention of the last state over all steps."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.fc = nn.Linear(2 * s.hidden, 1)

    def forward(self, x):
        out, (h_n, _) = self.lstm(x)
        query = h_n[-1].unsqueeze(2)
        weights = torch.bmm(out, query).squeeze(2).softmax(dim=1)
        context = torch.einsum("bt,bth->bh", weights, out)
        return self.fc(torch.cat([context, h_n[-1]], dim=1))


@right(golden="self_attention")
class SelfAttention(nn.Module):
    """A dict of the forecast and of the weights that attention gave."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, 2 * s.hidden, batch_first=True)
        self.attention = nn.MultiheadAttention(2 * s.hidden, 2, batch_first=True)
        self.fc = nn.Linear(2 * s.hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        out, weights = self.attention(out, out, out)
        return {"forecast": self.fc(out.mean(dim=1)), "weights": weights}


@right(golden="conv_first")
class ConvFirst(nn.Module):
    """A Conv1d wants the feature axis second."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.conv = nn.Conv1d(s.feature, 2 * s.hidden, kernel_size=3)
        self.norm = nn.BatchNorm1d(2 * s.hidden)
        self.lstm = nn.LSTM(2 * s.hidden, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        x = self.norm(self.conv(x.transpose(1, 2))).relu()
        out, _ = self.lstm(x.transpose(1, 2))
        return self.fc(out[:, -1])


@right(golden="encoder_decoder")
class EncoderDecoder(nn.Module):
    """The decoder feeds its forecasts back, starting from the last known value."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.horizon = s.horizon
        self.encoder = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.decoder = nn.LSTM(1, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden, 1)

    def forward(self, x):
        _, state = self.encoder(x)
        y, forecast = x[:, -1:, :1], []
        for _ in range(self.horizon):
            out, state = self.decoder(y, state)
            y = self.fc(out)
            forecast.append(y)
        return torch.cat(forecast, dim=1)


@right(time_first, axes="seq batch feature", golden="repeated_context")
class RepeatedContext(nn.Module):
    """The encoder's last state, once for each step that the decoder writes."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.horizon = s.horizon
        self.encoder = nn.GRU(s.feature, s.hidden)
        self.decoder = nn.GRU(s.hidden, 2 * s.hidden)
        self.fc = nn.Linear(2 * s.hidden, 1)

    def forward(self, x):
        _, h_n = self.encoder(x)
        out, _ = self.decoder(h_n.repeat(self.horizon, 1, 1))
        return self.fc(out)


@right(golden="direct_forecast")
class DirectForecast(nn.Module):
    """All steps in one row, and all months of the forecast at once."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.horizon = s.horizon
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)
        self.fc = nn.Linear(s.hidden * s.seq, s.horizon * 2)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out.flatten(1)).unflatten(1, (self.horizon, 2))


@right(causal=True, golden="from_scratch")
class FromScratch(nn.Module):
    """The four gates and a loop."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.hidden_size = s.hidden
        self.x_to_gates = nn.Linear(s.feature, 4 * s.hidden)
        self.h_to_gates = nn.Linear(s.hidden, 4 * s.hidden, bias=False)

    def forward(self, x):
        h = c = x.new_zeros(len(x), self.hidden_size)
        outputs = []
        for x_t in x.unbind(1):
            i, f, g, o = (self.x_to_gates(x_t) + self.h_to_gates(h)).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return torch.stack(outputs, 1)


@wrong(
    "view where transpose was needed",
    time_first,
    axes="seq batch feature",
    golden="scrambled",
    cause="view from (12, 5, 2) to (5, 12, 2) cuts the same memory into other rows: it does "
    "not swap axes, the samples are scrambled.",
    meant=lambda x: x.transpose(0, 1),
)
class Scrambled(nn.Module):
    """Time-first data forced into batch-first by a view: shapes agree, the months are mixed."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, batch_first=True)

    def forward(self, x):
        return self.lstm(x.view(x.shape[1], x.shape[0], -1))[0][:, -1]


@wrong(
    "h_n flattened by view",
    golden="mixed_states",
    cause=(
        "view of h_n (4, 5, 3) to (5, 12): its axes are (layers * directions, "
        "batch, hidden), so this view joins states of different samples."
    ),
    meant=lambda h_n: h_n.transpose(0, 1).flatten(1),
)
class MixedStates(nn.Module):
    """h_n.view(batch, -1) where a transpose was meant."""

    def __init__(self, s=SIZES):
        super().__init__()
        self.lstm = nn.LSTM(s.feature, s.hidden, s.layers, batch_first=True)
        self.fc = nn.Linear(s.hidden * s.layers, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n.view(len(x), -1))
