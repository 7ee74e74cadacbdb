"""Padded sequences, read at their true ends."""

import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

from .build import Built, head_on, lstm, net, pack, unpacked
from .data import (
    BATCH,
    HIDDEN,
    LENGTHS,
    SEQ,
    VOCAB,
    is_real,
    padded,
    padded_tokens,
    padded_tokens_with_lengths,
    padded_with_lengths,
    ragged,
    target,
)
from .registry import right


@right(padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class PackedTwoLayers(nn.Module):
    """Packed, and h_n read."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        _, (h_n, _) = self.lstm(pack(x, lengths))
        return self.fc(h_n[-1])


@right(padded_tokens_with_lengths, axes="batch seq", lengths=LENGTHS, y=target(BATCH, 4))
class PackedBothDirections(nn.Module):
    """Texts, packed, both directions: each backward half starts at its true end."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8, padding_idx=0)
        self.gru = nn.GRU(8, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 4)

    def forward(self, ids, lengths):
        _, h_n = self.gru(pack(self.embedding(ids), lengths))
        return self.fc(torch.cat([h_n[-2], h_n[-1]], dim=1))


@right(padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class LastRealStep(nn.Module):
    """Not packed: `gather` takes the last real step of one direction."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        out, _ = self.lstm(x)
        index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, HIDDEN)
        return self.fc(out.gather(1, index).squeeze(1))


@right(padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class LastRealStepAfterUnpacking(nn.Module):
    """Packed, unpacked, and `out[i, lengths - 1]`."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        out, _ = pad_packed_sequence(self.gru(pack(x, lengths))[0], batch_first=True)
        return self.fc(out[torch.arange(x.size(0)), lengths - 1])


@right(padded_with_lengths, lengths=LENGTHS, y=target(BATCH, 1))
class MaskedMean(nn.Module):
    """The mean of the real steps' states."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        real = torch.arange(x.size(1)) < lengths[:, None]
        out = self.lstm(x)[0] * real.unsqueeze(-1)
        return self.fc(out.sum(dim=1) / lengths[:, None])


@right(padded_tokens, axes="batch seq", lengths=LENGTHS, y=target(BATCH, 4))
class LengthsFromPaddingIndex(nn.Module):
    """The model finds the lengths itself: 0 is padding."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8, padding_idx=0)
        self.lstm = nn.LSTM(8, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids):
        out, _ = self.lstm(self.embedding(ids))
        last = (ids != 0).sum(dim=1) - 1
        return self.fc(out[torch.arange(len(ids)), last])


@right(
    padded_with_lengths,
    lengths=LENGTHS,
    y=target(BATCH, 1),
    spared={"score.bias": "it shifts all scores of a softmax alike"},
)
class MaskedAttention(nn.Module):
    """Attention that may not look at padded steps."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8, batch_first=True)
        self.score = nn.Linear(8, 1)
        self.fc = nn.Linear(8, 1)

    def forward(self, x, lengths):
        out, _ = self.gru(x)
        padding = torch.arange(x.size(1)) >= lengths[:, None]
        scores = self.score(out).squeeze(-1).masked_fill(padding, float("-inf"))
        return self.fc((scores.softmax(dim=1).unsqueeze(1) @ out).squeeze(1))


@right(lambda: (*padded(), is_real()), lengths=LENGTHS, y=target(BATCH, 1))
class CellLoopWithMask(nn.Module):
    """A cell loop that keeps a sample's state once the sample has ended; a mask comes along."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, mask):
        h = torch.zeros(x.size(0), HIDDEN)
        for x_t, real in zip(x.unbind(1), mask.unbind(1), strict=True):
            h = torch.where(real[:, None], self.cell(x_t, h), h)
        return self.fc(h)


@right(padded_with_lengths, lengths=LENGTHS, y=target(BATCH, SEQ, 1), causal=True)
class PackedPerStep(nn.Module):
    """One output a step, unpacked to the full length; the loss masks the padded steps."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        packed, _ = self.lstm(pack(x, lengths))
        out, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.size(1))
        return self.fc(out)


@right(padded_tokens, axes="batch seq", lengths=LENGTHS)
def padding_known_by_its_value():
    """The tokens that are not 0 are counted, and packed."""

    def forward(self, tokens):
        packed = pack(self.embed(tokens), (tokens != 0).sum(1))
        return self.fc(self.rnn(packed)[1][0][-1])

    return net(forward, embed=nn.Embedding(VOCAB, 4), rnn=lstm(4, 3))


@right(padded_tokens_with_lengths, axes="batch seq", lengths=LENGTHS)
def sum_over_rows_of_zeros_for_padding():
    """`padding_idx` makes zeros of the padding, which a sum over all steps may read."""
    return Built(
        lambda self, x, n: self.fc(self.embed(x).sum(1) / n[:, None]),
        embed=nn.Embedding(VOCAB, 4, padding_idx=0),
        fc=nn.Linear(4, 1),
    )


@right(ragged, spared={"newest step": "samples end before it, and the checker is not told"})
def lengths_that_the_checker_is_not_told():
    """The model gets lengths, the checker does not."""
    return head_on(lambda self, x, n: unpacked(self, x, n)[torch.arange(len(x)), n - 1])
