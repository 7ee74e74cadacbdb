"""Axes that a view was to swap, and did not."""

import torch
from torch import nn

from .build import head_on
from .data import BATCH, HIDDEN, HORIZON, SEQ, feature_second, table, target
from .registry import wrong


@wrong(
    "view where transpose was needed",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="view from (5, 12) to (12, 5, 1) cuts the same memory into other rows: it does not "
    "swap axes, the samples are scrambled.",
    meant=lambda x: x.T.unsqueeze(-1),
)
def lags_to_time_first_by_view():
    """(windows, lags) made (lags, windows, 1) by `view`: the first sequence is x_1, x_6, x_11..."""
    cell, head = nn.LSTMCell(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        x = x.view(x.size(1), x.size(0), 1)
        h = c = torch.zeros(x.size(1), HIDDEN)
        for x_t in x:
            h, c = cell(x_t, (h, c))
        return head(h)

    return forward


@wrong(
    "view where transpose was needed",
    y=target(BATCH, 1),
    cause="view or reshape where transpose was needed: it leaves the memory in its order.",
    says="x.view(5, 2, 12): This view cuts across seq=12 and feature=2: it leaves the "
    "elements in their order, so the new axes mix the old ones. You probably meant "
    "transpose(1, 2), which moves axes.",
    repair="transpose(1, 2) in its place.",
    meant=lambda x: x.transpose(1, 2),
)
class ViewInFrontOfConv(nn.Module):
    """`view` makes (batch, feature, seq) for Conv1d: each channel holds half a window."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 8, kernel_size=3, padding=1)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        batch_size, seq_len, features = x.shape
        x = x.view(batch_size, features, seq_len)
        x = torch.relu(self.conv(x)).permute(0, 2, 1)
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@wrong(
    "view where transpose was needed",
    y=target(BATCH, 1),
    cause="view or reshape where transpose was needed: it leaves the memory in its order.",
    says="output.reshape(5, 2, 12, 3): This reshape cuts across seq=12 and direction*hidden=6: it "
    "leaves the elements in their order, so the new axes mix the old ones.",
    repair="unflatten(2, (2, 3)).transpose(1, 2) in its place.",
    meant=lambda out: out.unflatten(2, (2, HIDDEN)).transpose(1, 2),
)
class DirectionsSplitByView(nn.Module):
    """(batch, seq, 2 * hidden) is cut into (batch, 2, seq, hidden) by `view`."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        out = out.reshape(x.size(0), 2, x.size(1), HIDDEN)
        return self.fc(torch.cat([out[:, 0, -1], out[:, 1, 0]], dim=1))


@wrong(
    "view where transpose was needed",
    y=target(BATCH, 1),
    cause="view or reshape where transpose was needed: it leaves the memory in its order.",
    says="reshape(5, 2, 12, 4): This reshape cuts across seq=12 and feature=8: it leaves the "
    "elements in their order, so the new axes mix the old ones.",
    repair="unflatten(2, (2, 4)).transpose(1, 2) in its place.",
    meant=lambda h: (
        h.transpose(1, 2).flatten(2) if h.dim() == 4 else h.unflatten(2, (2, 4)).transpose(1, 2)
    ),
)
class HeadsSplitByView(nn.Module):
    """Attention heads made by `view(batch, heads, seq, size)`: each head gets half the steps."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.qkv = nn.Linear(8, 24)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        n, t, _ = x.shape
        h, _ = self.lstm(x)
        q, k, v = (part.reshape(n, 2, t, 4) for part in self.qkv(h).chunk(3, dim=-1))
        weights = torch.softmax(q @ k.transpose(-2, -1) / 2, dim=-1)
        mixed = (weights @ v).reshape(n, t, 8)
        return self.fc(mixed[:, -1])


@wrong(
    "view where transpose was needed",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="view from (12, 5, 3) to (5, 12, 3) cuts the same memory into other rows: it does "
    "not swap axes, the samples are scrambled.",
    meant=lambda out: out.transpose(0, 1),
)
class TimeFirstOutputByView(nn.Module):
    """x is transposed for a time-first LSTM, but its output comes back by `view`."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x.transpose(0, 1))
        return self.fc(out.view(x.size(0), x.size(1), -1))


@wrong(
    "view where transpose was needed",
    y=target(BATCH, HORIZON, 1),
    cause="view from (5, 6) to (2, 5, 3) cuts the same memory into other rows: it does not "
    "swap axes, the samples are scrambled.",
    meant=lambda h: h.unflatten(1, (2, HIDDEN)).transpose(0, 1).contiguous(),
)
class LatentViewedAsStates(nn.Module):
    """A latent (batch, layers * hidden) becomes the decoder's (layers, batch, hidden) by `view`."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(2, 8, batch_first=True)
        self.latent = nn.Linear(8, 2 * HIDDEN)
        self.decoder = nn.GRU(1, HIDDEN, num_layers=2, batch_first=True)
        self.out = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, h = self.encoder(x)
        state = self.latent(h[-1]).view(2, x.size(0), HIDDEN)
        steps, _ = self.decoder(torch.zeros(x.size(0), HORIZON, 1), state)
        return self.out(steps)


@wrong(
    "view where transpose was needed",
    inputs=feature_second,
    axes="batch feature seq",
    cause="view or reshape where transpose was needed: it leaves the memory in its order.",
    says="input[0].reshape(5, 12, 2): This reshape cuts across feature=2 and seq=12: it "
    "leaves the elements in their order, so the new axes mix the old ones. You probably"
    " meant transpose(1, 2), which moves axes.",
    repair="transpose(1, 2) in its place.",
    meant=lambda x: x.mT,
)
def features_first_reshaped():
    """(batch, feature, seq) made (batch, seq, feature) by `reshape`."""
    return head_on(lambda self, x: self.rnn(x.reshape(5, 12, 2))[0][:, -1])


@wrong(
    "view where transpose was needed",
    cause="view or reshape where transpose was needed: it leaves the memory in its order.",
    says="output.reshape(5, 3, -1): This reshape cuts across seq=12 and hidden=3: it leaves "
    "the elements in their order, so the new axes mix the old ones. You probably meant "
    "transpose(1, 2), which moves axes.",
    repair="transpose(1, 2) in its place.",
    meant=lambda out: out.mT,
)
def pooled_over_a_reshaped_axis():
    """A mean over time, taken over an axis that `reshape` made."""
    return head_on(lambda self, x: self.rnn(x)[0].reshape(5, 3, -1).mean(-1))
