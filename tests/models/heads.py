"""What people put after the LSTM, and how they start its weights."""

import torch
import torch.nn.functional as F
from torch import nn

from .data import BATCH, HIDDEN, series, target, tokens, univariate
from .registry import right


@right(y=target(BATCH, 1), seeds=(0, 1, 62, 131, 183))
class ReluHead(nn.Module):
    """A narrow head with ReLU; the last three seeds are silent on this x, and not on others."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.head = nn.Sequential(nn.Linear(HIDDEN, 3), nn.ReLU(), nn.Linear(3, 1))

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.head(h_n[-1])


@right(y=target(BATCH, 1))
class ZeroHead(nn.Module):
    """The last layer starts from zeros: every forecast is 0 before the first training step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)
        nn.init.zeros_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


@right(univariate, y=target(BATCH, 1))
class ZeroHeadOnTheLastValue(nn.Module):
    """Starts as the naive forecast: the last value plus a head of zeros."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, HIDDEN, batch_first=True)
        self.head = nn.Sequential(nn.Linear(HIDDEN, 8), nn.ReLU(), nn.Linear(8, 1))
        for p in self.head[-1].parameters():
            nn.init.zeros_(p)

    def forward(self, x):
        return x[:, -1] + self.head(self.gru(x)[1][-1])


@right(y=target(BATCH, 1))
class ZeroHeadOnBothEnds(nn.Module):
    """A BiGRU's two ends and a head of zeros."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)
        nn.init.constant_(self.fc.weight, 0.0)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(torch.cat(tuple(h_n), dim=-1))


@right(y=target(BATCH, 1))
class LayerNormHead(nn.Module):
    """LayerNorm over the hidden units, and GELU."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 1))

    def forward(self, x):
        return self.head(self.norm(self.lstm(x)[0][:, -1]))


@right(y=target(BATCH, 1))
class DropoutEverywhere(nn.Module):
    """Dropout modules, dropout between layers and `F.dropout`, all off in eval mode."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, dropout=0.5, batch_first=True)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = self.drop(self.lstm(x)[0])[:, -1]
        return self.fc(F.dropout(h, 0.2, training=self.training))


@right(y=target(BATCH, 1))
class BatchNormHead(nn.Module):
    """BatchNorm with running statistics; the caller leaves the model in training mode."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.norm = nn.BatchNorm1d(8)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        return self.fc(torch.relu(self.norm(self.lstm(x)[0][:, -1])))


@right(y=target(BATCH, 1))
class ResidualOnTheLastValue(nn.Module):
    """The LSTM forecasts the change of the first variable."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return x[:, -1, :1] + self.fc(self.lstm(x)[0][:, -1])


@right(univariate, y=target(BATCH, 1))
class DifferencesFromTheLastValue(nn.Module):
    """The window relative to its last value, which is added again: the level drops out."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        last = x[:, -1:]
        return last[:, 0] + self.fc(self.gru(x - last)[1][-1])


@right(y=target(BATCH, 2))
class NormalisedPerWindow(nn.Module):
    """Mean and spread of each window over its own steps, given back at the end."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        mean = x.mean(dim=1, keepdim=True)
        spread = torch.sqrt(x.var(dim=1, keepdim=True, unbiased=False) + 1e-5)
        out, _ = self.lstm((x - mean) / spread)
        return self.fc(out[:, -1]) * spread[:, 0] + mean[:, 0]


@right(lambda: (series(BATCH, 200, 2),), y=target(BATCH, 1))
class TwoHundredSteps(nn.Module):
    """A long window: float32 gradients of the first steps underflow to zero."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[1][0][-1])


@right(tokens, axes="batch seq", y=target(BATCH, 1))
class SharedEmbeddingMean(nn.Module):
    """A sentence's score: states averaged over the steps, then a sigmoid."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.gru = nn.GRU(8, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, ids):
        return torch.sigmoid(self.fc(self.gru(self.embedding(ids))[0].mean(1)))
