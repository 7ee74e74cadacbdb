"""One output a step."""

import torch
import torch.nn.functional as F
from torch import nn

from lstm_helpers import ManyToManyLSTM

from .build import Built, encoder
from .data import BATCH, HIDDEN, SEQ, VOCAB, future, history, past, target, text, tokens
from .registry import right


@right(past, y=future())
def the_packages_own():
    """`ManyToManyLSTM` with two layers and both variables as targets."""
    return ManyToManyLSTM(2, HIDDEN, 2, num_layers=2, dropout=0.2)


@right(past, y=future())
class NextOfBoth(nn.Module):
    """The next step of both variables, at every step."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


@right(past, y=future(), causal=True)
class NextOfBothSaidToBeCausal(NextOfBoth):
    """The same, where the caller says that it has to be causal."""


@right(past, y=future()[..., :1], causal=True)
class FlattenedAndBack(nn.Module):
    """`view(-1, hidden)` before the head and `view(batch, seq, 1)` after it: axes stay in order."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out.contiguous().view(-1, HIDDEN)).view(x.size(0), x.size(1), 1)


@right(y=target(BATCH, SEQ, 1), question="Is step t a forecast of what follows it?")
class Tagger(nn.Module):
    """A label for every step of a finished recording: both directions are welcome."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


@right(lambda: (history(1)[:, :-1],), y=future(1))
class CellLoopOfChanges(nn.Module):
    """A cell loop that stacks its outputs, each the last value plus a change."""

    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(1, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = c = torch.zeros(x.size(0), HIDDEN)
        steps = []
        for x_t in x.split(1, dim=1):
            h, c = self.cell(x_t.squeeze(1), (h, c))
            steps.append(x_t.squeeze(1) + self.fc(h))
        return torch.stack(steps, dim=1)


@right(past, y=future())
class CausalConvolution(nn.Module):
    """Convolutions padded on the left only, then an LSTM."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(2, 8, 3)
        self.conv2 = nn.Conv1d(8, 8, 3, dilation=2)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        h = x.transpose(1, 2)
        h = torch.relu(self.conv1(F.pad(h, (2, 0))))
        h = torch.tanh(self.conv2(F.pad(h, (4, 0))))
        return self.fc(self.lstm(h.transpose(1, 2))[0])


@right(y=target(BATCH, SEQ, 1), causal=True)
class ChompedConvolution(nn.Module):
    """Padded on both sides, and what is too much cut off at the end: causal as well."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 8, 4, padding=3)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Conv1d(8, 1, 1)

    def forward(self, x):
        h = self.conv(x.permute(0, 2, 1))[..., :-3]
        return self.fc(self.drop(torch.relu(h))).permute(0, 2, 1)


@right(past, y=future())
class CausalTransformer(nn.Module):
    """A transformer encoder with a mask over the future."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(2, 8)
        self.place = nn.Parameter(torch.randn(SEQ, 8) / 3)
        layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(1))
        h = self.encoder(self.project(x) + self.place, mask=mask, is_causal=True)
        return self.fc(h)


@right(y=target(BATCH, SEQ, 1), causal=True)
class CausalAttentionOverStates(nn.Module):
    """Every step looks back at the states so far, by `tril` and `masked_fill`."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        h, _ = self.lstm(x)
        seen = torch.ones(x.size(1), x.size(1), dtype=torch.bool).tril()
        scores = (h @ h.mT).masked_fill(~seen, float("-inf"))
        return self.fc(torch.cat([h, scores.softmax(-1) @ h], dim=-1))


@right(tokens, axes="batch seq", y=text()[:, 1:])
class CharRNN(nn.Module):
    """The next character: logits (batch, classes, seq) against whole numbers (batch, seq)."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.gru = nn.GRU(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, VOCAB)

    def forward(self, ids):
        return self.fc(self.gru(self.embedding(ids))[0]).transpose(1, 2)


@right(tokens, axes="batch seq", causal=True)
class TiedWeights(nn.Module):
    """The head shares its weight with the embedding; logits are (batch, seq, classes)."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.head = nn.Linear(8, VOCAB, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids):
        return self.head(self.lstm(self.embedding(ids))[0])


@right(past, y=future())
class RelativeToTheFirstValue(nn.Module):
    """A causal normalisation: each window minus its first value, residual over LayerNorm."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 8)
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        first = x[:, :1]
        h = self.inner(x - first)
        return first + self.fc(self.norm(h + self.lstm(h)[0]))


@right(past, y=future())
def running_mean():
    """The mean so far, by `cumsum`: causal without any layer."""
    return lambda x: x.cumsum(dim=1) / torch.arange(1, x.size(1) + 1)[:, None]


@right(y=target(BATCH, SEQ, 7, 1), causal=True)
class HorizonAtEveryStep(nn.Module):
    """(batch, seq, horizon, target): every step forecasts the seven after it."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 7)

    def forward(self, x):
        return self.fc(self.gru(x)[0]).unsqueeze(-1)


@right(causal=True)
def causal_encoder_layers():
    """Two encoder layers of a transformer with a mask over the future."""
    return Built(
        lambda self, x: self.t(
            self.e(x), mask=nn.Transformer.generate_square_subsequent_mask(x.size(1))
        ),
        e=nn.Linear(2, 4),
        t=encoder(batch_first=True),
    )


@right(causal=True, spared={"float64": "its forward calls float()"})
class StopsGradients(nn.Module):
    """Everything at once that stops a gradient or a copy: detach, no_grad, float(), zeros."""

    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.LSTMCell(2, HIDDEN), nn.Linear(HIDDEN, 1)
        self.kept = [
            self.head(torch.zeros(1, HIDDEN))
        ]  # a tensor with a history: deepcopy refuses it

    def forward(self, x):
        x = x - 0.5 * x[:, :1].detach()
        h = c = torch.zeros(len(x), HIDDEN)
        outs = []
        for step in x.float().unbind(1):
            h, c = self.cell(step, (h, c))
            outs.append(h)
        with torch.no_grad():
            level = x.cumsum(1)[..., :1]
        return self.head(torch.stack(outs, 1)) + level
