"""Mistakes 3, 4, 8 and 11: the wrong part of an LSTM's outputs and states."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .registry import (
    BATCH,
    HIDDEN,
    LENGTHS,
    SEQ,
    VOCAB,
    mutant,
    padded_tokens,
    padded_with_lengths,
    series,
    table,
    target,
    time_first,
    tokens,
)

STATE_VIEW = (r"h_n", r"\bview\b", r"reshape", r"transpose", r"permute", r"num_layers")
LAST_SAMPLE = (r"\[-1\]", r"\[:, ?-1", r"last (sample|row)", r"one (sample|row)")
BACKWARD_HALF = (r"direction", r"backward", r"bidirectional", r"reverse", r"h_n")
FIRST_LAYER = (r"h_n\[0\]", r"\[-1\]", r"gradient", r"(first|last|top|second) layer", r"never read")


@mutant(3, *STATE_VIEW, y=target(BATCH, 1))
class TwoLayerStateByView(nn.Module):
    """`h_n.view(batch, -1)` with two layers puts two samples into one row."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n.view(x.size(0), -1))


@mutant(3, *STATE_VIEW, inputs=tokens, axes="batch seq", y=target(BATCH, 4))
class AttentionQueryByView(nn.Module):
    """The final state (2, batch, hidden) of a BiLSTM becomes the attention's query by `view`."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.lstm = nn.LSTM(8, HIDDEN, bidirectional=True)
        self.out = nn.Linear(2 * HIDDEN, 4)

    def forward(self, ids):
        output, (final_state, _) = self.lstm(self.embedding(ids).transpose(0, 1))
        output = output.permute(1, 0, 2)
        query = final_state.view(-1, 2 * HIDDEN, 1)
        weights = torch.bmm(output, query).softmax(dim=1)
        return self.out(torch.bmm(output.transpose(1, 2), weights).squeeze(2))


@mutant(3, *STATE_VIEW, inputs=lambda: (series(4, SEQ, 2),), y=target(4, 1))
class StateByViewWithFourSamples(nn.Module):
    """Two layers times two directions equal the batch: `h_n.view(batch, -1)` does not look odd."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(4 * HIDDEN, 1)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.view(x.size(0), -1))


@mutant(3, *STATE_VIEW)
class AllLayersIntoHead(nn.Module):
    """`h_n.view(-1, hidden)` with two layers: ten forecasts come back for five samples."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h_0 = torch.zeros(2, x.size(0), HIDDEN)
        c_0 = torch.zeros(2, x.size(0), HIDDEN)
        _, (h_out, _) = self.lstm(x, (h_0, c_0))
        return self.fc(h_out.view(-1, HIDDEN))


@mutant(4, *LAST_SAMPLE, y=target(BATCH, 1))
class LastSampleForLastStep(nn.Module):
    """`out[-1]` of a `batch_first` LSTM: every step of the last sample, no other sample at all."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[-1])


@mutant(4, *LAST_SAMPLE, inputs=lambda: (series(SEQ, SEQ, 2),), y=target(SEQ, 1))
class LastSampleOfTwelve(nn.Module):
    """`out[-1]` with as many samples as steps: even the output's shape is the right one."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, dropout=0.1, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.gru(x)[0][-1])


@mutant(4, *LAST_SAMPLE, r"\bview\b", y=target(BATCH, 1))
class LastRowOfTheFlattenedOutput(nn.Module):
    """`fc(out.view(-1, hidden))[-1]`: right for one window, one row of sixty for five."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        predictions = self.linear(out.contiguous().view(-1, HIDDEN))
        return predictions[-1]


@mutant(4, *LAST_SAMPLE, inputs=table, axes="batch seq")
def last_of_stacked_states():
    """The states of a cell loop are stacked batch first, and then `[-1]` is meant for time."""
    cell, head = nn.GRUCell(1, HIDDEN), nn.Linear(HIDDEN, 1)

    def forward(x):
        h, states = torch.zeros(len(x), HIDDEN), []
        for x_t in x.unsqueeze(-1).unbind(1):
            h = cell(x_t, h)
            states.append(h)
        return head(torch.stack(states, dim=1)[-1])

    return forward


@mutant(8, *BACKWARD_HALF, y=target(BATCH, 1))
class LastOutputOfBothDirections(nn.Module):
    """`out[:, -1]` of a BiLSTM: the backward half has seen the last step only."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


@mutant(8, *BACKWARD_HALF, inputs=time_first, axes="seq batch feature", y=target(BATCH, 1))
class TimeFirstLastOutputOfBothDirections(nn.Module):
    """`out[-1]` of a time-first, two-layer BiGRU, joined by a sum of the two halves."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, HIDDEN, num_layers=2, bidirectional=True, dropout=0.2)
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        forward, backward = self.rnn(x)[0][-1].chunk(2, dim=-1)
        return self.fc(self.dropout(forward + backward))


@mutant(8, *BACKWARD_HALF, inputs=padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class PackedLastOutputOfBothDirections(nn.Module):
    """The last real output of a packed BiLSTM: its backward half has seen that one step only."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(out[torch.arange(len(x)), lengths - 1])


@mutant(11, *FIRST_LAYER, y=target(BATCH, 1))
class StateOfTheFirstLayer(nn.Module):
    """`h_n[0]` with two layers: the second layer's weights never get a gradient."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, dropout=0.2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[0])


@mutant(11, *FIRST_LAYER, inputs=table, axes="batch seq", y=target(BATCH, 1))
class FirstCellIntoHead(nn.Module):
    """Two cells are stacked, and the head reads the first one's state."""

    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 8)
        self.lstm2 = nn.LSTMCell(8, HIDDEN)
        self.linear = nn.Linear(8, 1)

    def forward(self, x):
        h1 = c1 = torch.zeros(x.size(0), 8)
        h2 = c2 = torch.zeros(x.size(0), HIDDEN)
        for x_t in x.split(1, dim=1):
            h1, c1 = self.lstm1(x_t, (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
        return self.linear(h1)


@mutant(
    11,
    *FIRST_LAYER,
    inputs=lambda: (*padded_tokens(), LENGTHS),
    axes="batch seq",
    lengths=LENGTHS,
    y=torch.tensor([1, 0, 3, 2, 1]),
)
class PackedStateOfTheFirstLayer(nn.Module):
    """A packed three-layer classifier of texts reads `hidden[0]`."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8, padding_idx=0)
        self.gru = nn.GRU(8, HIDDEN, num_layers=3, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids, lengths):
        embedded = self.embedding(ids)
        packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        _, hidden = self.gru(packed)
        return self.fc(hidden[0])
