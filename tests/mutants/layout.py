"""Mistakes 1, 2 and 10: axes that are taken for other axes."""

import torch
from torch import nn

from .registry import (
    BATCH,
    HIDDEN,
    HORIZON,
    SEQ,
    VOCAB,
    mutant,
    table,
    target,
    tokens,
    univariate,
)

BATCH_FIRST = (r"batch[_ ]first",)
VIEW = (r"\bview\b", r"reshape", r"transpose", r"permute", r"scrambl")
UNBATCHED = (r"unbatched", r"2-D", r"one sequence", r"single sequence", r"unsqueeze")


@mutant(1, *BATCH_FIRST, y=target(BATCH, 1))
class LSTMWithoutBatchFirst(nn.Module):
    """`batch_first` forgotten: the five samples are read as five steps."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=2, hidden_size=HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


@mutant(1, *BATCH_FIRST, y=target(BATCH, SEQ, 1), causal=True)
class PerStepGRUWithoutBatchFirst(nn.Module):
    """`batch_first` forgotten in a per-step model: the shapes of x and y agree all the same."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, HIDDEN, num_layers=2)
        self.head = nn.Sequential(nn.Linear(HIDDEN, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        return self.head(self.rnn(x)[0])


@mutant(1, *BATCH_FIRST, y=target(BATCH, SEQ, 1), causal=True)
class SecondLSTMWithoutBatchFirst(nn.Module):
    """Two stacked LSTMs, of which only the first got `batch_first=True`."""

    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTM(2, 8, batch_first=True)
        self.lstm2 = nn.LSTM(8, HIDDEN)
        self.dropout = nn.Dropout(0.2)
        self.linear = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x, _ = self.lstm1(x)
        x, _ = self.lstm2(self.dropout(x))
        return self.linear(x)


@mutant(1, *BATCH_FIRST, inputs=tokens, axes="batch seq", y=target(BATCH, 1))
class AttentionWithoutBatchFirst(nn.Module):
    """`MultiheadAttention` without `batch_first`: samples attend to each other."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, 8)
        self.attention = nn.MultiheadAttention(8, num_heads=2)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        e = self.embed(x)
        mixed, _ = self.attention(e, e, e)
        return self.fc(mixed.mean(dim=1))


@mutant(1, *BATCH_FIRST, inputs=tokens, axes="batch seq")
class RNNStateWithoutBatchFirst(nn.Module):
    """`batch_first` forgotten and h_n read: one answer a step comes back, not one a sample."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 6)
        self.rnn = nn.RNN(6, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids):
        _, h_n = self.rnn(self.embedding(ids))
        return self.fc(h_n.squeeze(0))


@mutant(2, *VIEW, inputs=table, axes="batch seq", y=target(BATCH, 1))
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


@mutant(2, *VIEW, y=target(BATCH, 1))
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


@mutant(2, *VIEW, y=target(BATCH, 1))
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


@mutant(2, *VIEW, y=target(BATCH, 1))
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


@mutant(2, *VIEW, y=target(BATCH, SEQ, 1), causal=True)
class TimeFirstOutputByView(nn.Module):
    """x is transposed for a time-first LSTM, but its output comes back by `view`."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x.transpose(0, 1))
        return self.fc(out.view(x.size(0), x.size(1), -1))


@mutant(10, *UNBATCHED, inputs=table, axes="batch seq", y=target(BATCH, 1))
class TwoDimensionalBatch(nn.Module):
    """(5, 12) goes into `LSTM(12, ...)`: one sequence of five steps with twelve features."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(SEQ, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        lstm_out, _ = self.lstm(x)
        return self.linear(lstm_out)


@mutant(10, *UNBATCHED, inputs=univariate, y=target(BATCH, 1))
class SqueezedFeatureAxis(nn.Module):
    """`squeeze` drops the only feature, so that the GRU reads the batch as one sequence."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(SEQ, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.gru(x.squeeze(-1))
        return self.fc(out)


@mutant(10, *UNBATCHED, inputs=tokens, axes="batch seq", y=target(BATCH, 1))
def pooled_embedding_into_rnn():
    """Tokens are averaged to (batch, embedding), which the RNN reads as one sequence."""
    return nn.Sequential(nn.EmbeddingBag(VOCAB, 8), nn.RNN(8, HIDDEN), First(), nn.Linear(3, 1))


class First(nn.Module):
    """The first of several results."""

    def forward(self, results):
        return results[0]


@mutant(2, *VIEW, y=target(BATCH, HORIZON, 1))
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
