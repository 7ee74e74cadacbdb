"""Several forecasts from one window."""

import torch
from torch import nn

from lstm_helpers import EncoderDecoderLSTM

from .data import BATCH, HIDDEN, HORIZON, SEQ, VOCAB, series, target, tokens, univariate
from .registry import right


@right(y=target(BATCH, 4))
class SeveralOutputs(nn.Module):
    """(batch, output): four numbers from the last state."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, x):
        return self.fc(self.lstm(x)[1][0][-1])


@right(y=target(BATCH, HORIZON, 4))
class DirectHorizon(nn.Module):
    """(batch, horizon, target) by a `view` that only splits the last axis."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, HORIZON * 4)

    def forward(self, x):
        h = self.lstm(x)[0][:, -1]
        return self.fc(h).view(-1, HORIZON, 4)


def with_known_columns():
    """x, and four columns that are known for the horizon."""
    return series(BATCH, SEQ, 2), series(BATCH, HORIZON, 4, seed=1)


@right(with_known_columns, y=target(BATCH, HORIZON, 1))
def the_packages_own_encoder_and_decoder():
    """`EncoderDecoderLSTM` with two layers in each."""
    how = {"horizon": HORIZON, "target": [1], "known_size": 4, "num_layers": 2}
    return EncoderDecoderLSTM(2, HIDDEN, **how)


@right(y=target(BATCH, HORIZON))
class FlattenedDirectHorizon(nn.Module):
    """`Linear(hidden * seq, horizon)`: no forecast belongs to a step, so nothing looks ahead."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN * SEQ, HORIZON)

    def forward(self, x):
        return self.fc(self.gru(x)[0].reshape(x.size(0), -1))


@right(univariate, y=target(BATCH, HORIZON, 1))
class EncoderDecoderTwoLayers(nn.Module):
    """The decoder goes on from the encoder's state and feeds its forecasts back."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(1, HIDDEN, num_layers=2, batch_first=True)
        self.decoder = nn.LSTM(1, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, y=None):
        _, state = self.encoder(x)
        step, steps = x[:, -1:], []
        for t in range(HORIZON):
            out, state = self.decoder(step, state)
            steps.append(self.fc(out))
            step = steps[-1] if y is None else y[:, t : t + 1]
        return torch.cat(steps, dim=1)


@right(y=target(BATCH, HORIZON, 1))
class RepeatedState(nn.Module):
    """The last state, repeated, is the decoder's input (a Keras habit)."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(2, 8, batch_first=True)
        self.decoder = nn.GRU(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        code = self.encoder(x)[1][-1].unsqueeze(1).repeat(1, HORIZON, 1)
        return self.fc(self.decoder(code)[0])


@right(y=target(BATCH, HORIZON, 1))
class BidirectionalEncoder(nn.Module):
    """A BiGRU reads the window; its two ends, through a bridge, start a cell that decodes."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.GRU(2, HIDDEN, bidirectional=True, batch_first=True)
        self.bridge = nn.Linear(2 * HIDDEN, 8)
        self.cell = nn.GRUCell(1, 8)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        h_n = self.encoder(x)[1]
        h = torch.tanh(self.bridge(torch.cat([h_n[0], h_n[1]], dim=1)))
        y, steps = x.new_zeros(x.size(0), 1), []
        for _ in range(HORIZON):
            h = self.cell(y, h)
            y = self.fc(h)
            steps.append(y)
        return torch.stack(steps, 1)


@right(y=target(BATCH, HORIZON, 1))
class AttentionDecoder(nn.Module):
    """Each decoder step looks at all encoder states."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(2, 8, batch_first=True)
        self.cell = nn.LSTMCell(8, 8)
        self.fc = nn.Linear(16, 1)

    def forward(self, x):
        memory, (h, c) = self.encoder(x)
        h, c, steps = h[-1], c[-1], []
        for _ in range(HORIZON):
            weights = torch.einsum("nth,nh->nt", memory, h).softmax(dim=1)
            context = torch.einsum("nt,nth->nh", weights, memory)
            h, c = self.cell(context, (h, c))
            steps.append(self.fc(torch.cat([h, context], dim=1)))
        return torch.stack(steps, dim=1)


@right(y=target(BATCH, HORIZON, 2))
class LinearOverTime(nn.Module):
    """From twelve steps to seven by a Linear over the time axis."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.time = nn.Linear(SEQ, HORIZON)
        self.fc = nn.Linear(HIDDEN, 2)

    def forward(self, x):
        h = self.lstm(x)[0].transpose(1, 2)
        return self.fc(self.time(h).transpose(1, 2))


@right(tokens, axes="batch seq")
class Translator(nn.Module):
    """Greedy decoding of nine tokens: integers choose what is fed back."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.encoder = nn.GRU(8, HIDDEN, batch_first=True)
        self.decoder = nn.GRUCell(8, HIDDEN)
        self.fc = nn.Linear(HIDDEN, VOCAB)

    def forward(self, ids):
        h = self.encoder(self.embedding(ids))[1][-1]
        token, steps = torch.zeros(len(ids), dtype=torch.long), []
        for _ in range(9):
            h = self.decoder(self.embedding(token), h)
            steps.append(self.fc(h))
            token = steps[-1].argmax(dim=-1)
        return torch.stack(steps, dim=1)


@right(univariate, y=target(BATCH, HORIZON, 1))
class SlidingRollOut(nn.Module):
    """A one-step model that slides its window over its own forecasts."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        for _ in range(HORIZON):
            y = self.fc(self.gru(x[:, -SEQ:])[0][:, -1:])
            x = torch.cat([x, y], dim=1)
        return x[:, -HORIZON:]
