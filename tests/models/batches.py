"""Samples that have something to do with each other."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from .build import head_on, last, net
from .data import BATCH, FULL_LENGTHS, HIDDEN, VOCAB, table, target, tokens, windows
from .registry import wrong


@wrong(
    "statistics over the batch",
    y=target(BATCH, 1),
    cause="mean takes statistics over the batch, in eval mode too: an answer changes with the"
    " company it comes in.",
)
class ScaledOverTheBatch(nn.Module):
    """x is scaled by the mean and spread over the samples that happen to be in the batch."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x = (x - x.mean(dim=0)) / (x.std(dim=0) + 1e-5)
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


@wrong(
    "statistics over the batch",
    y=target(BATCH, 1),
    cause="batch_norm in norm takes statistics over the batch, in eval mode too "
    "(track_running_stats=False, or training mode inside): an answer changes with the "
    "company it comes in.",
)
class BatchNormWithoutRunningStatistics(nn.Module):
    """BatchNorm with `track_running_stats=False` uses the batch's statistics for ever."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, batch_first=True)
        self.norm = nn.BatchNorm1d(HIDDEN, track_running_stats=False)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(torch.tanh(self.norm(self.gru(x)[0][:, -1])))


@wrong(
    "statistics over the batch",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="min takes statistics over the batch, in eval mode too: an answer changes with the "
    "company it comes in.",
)
def min_max_over_everything():
    """Min-max scaling with the extremes of the whole batch."""
    rnn, head = nn.RNN(1, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)

    def forward(x):
        x = (x - x.min()) / (x.max() - x.min())
        return head(rnn(x.unsqueeze(-1))[1][-1])

    return forward


@wrong(
    "statistics over the batch",
    inputs=tokens,
    axes="batch seq",
    y=target(BATCH, 4),
    cause="softmax takes statistics over the batch, in eval mode too: an answer changes with "
    "the company it comes in.",
)
class AttentionNormalisedOverTheBatch(nn.Module):
    """`softmax(scores, dim=0)`: each step's weights add up to one over the samples."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 8)
        self.gru = nn.GRU(8, HIDDEN, batch_first=True)
        self.score = nn.Linear(HIDDEN, 1)
        self.fc = nn.Linear(HIDDEN, 4)

    def forward(self, ids):
        states, _ = self.gru(self.embedding(ids))
        weights = F.softmax(self.score(states), dim=0)
        return self.fc((weights * states).sum(dim=1))


@wrong(
    "statistics over the batch",
    cause="normalize takes statistics over the batch, in eval mode too: an answer changes "
    "with the company it comes in.",
)
def normalised_over_the_batch():
    """`F.normalize(x, dim=0)`: each number by the length of a column of samples."""
    return head_on(lambda self, x: self.rnn(F.normalize(x, dim=0))[0][:, -1])


@wrong(
    "statistics over the batch",
    cause="batch_norm takes statistics over the batch, in eval mode too "
    "(track_running_stats=False, or training mode inside): an answer changes with the "
    "company it comes in.",
)
def batch_norm_in_training_mode():
    """`F.batch_norm(..., training=True)`, in eval mode too."""
    return head_on(lambda self, x: F.batch_norm(self.rnn(x)[0][:, -1], None, None, training=True))


@wrong(
    "one sample's number for all",
    cause="the index [-1, -1, 0] on (5, 12, 2) takes a part of one sample, and others are "
    "given it.",
    repair="[:, -1, 0] in its place, with as many axes as what it meets.",
)
def one_number_of_the_last_sample():
    """`x[-1, -1, 0]` is one number of the last sample, and meets forecasts of any shape."""
    return net(lambda self, x: last(self, x) + x[-1, -1, 0])


@wrong(
    "one sample's number for all",
    cause="the index [-1, -1, :1] on (5, 12, 2) takes a part of one sample, and others are "
    "given it.",
)
def last_value_of_the_last_sample():
    """`x[-1, -1]` is the last step of the last sample, and every sample's forecast gets it."""
    return net(lambda self, x: last(self, x) + x[-1, -1, :1])


@wrong(
    "samples in another order",
    inputs=lambda: (*windows(), FULL_LENGTHS.flip(0)),
    lengths=FULL_LENGTHS.flip(0),
    cause=(
        "the index [tensor] on (5, 12, 2) puts the samples in another order, and "
        "nothing puts them back."
    ),
    says="yhat[4] changes with x[0].",
    repair="put the rows back, out[order.argsort()], or pack with enforce_sorted=False.",
)
class SortedByLength(nn.Module):
    """Packed in order of length, and not put back."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        lengths, order = lengths.sort(descending=True)
        packed = pack_padded_sequence(x[order], lengths, batch_first=True)
        return self.fc(self.rnn(packed)[1][0][-1])


@wrong(
    "a state given to another sample",
    cause="flip puts samples into other rows.",
    says="yhat[4] changes with x[0].",
    repair="leave flip out.",
)
class StatesOfTheNeighbours(nn.Module):
    """The first states are put in place from the end to the start."""

    def __init__(self):
        super().__init__()
        self.start = nn.Linear(2, HIDDEN)
        self.rnn = nn.GRU(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h_0 = self.start(x[:, 0]).flip(0).unsqueeze(0)
        return self.fc(self.rnn(x, h_0)[0][:, -1])


@wrong(
    "a state given to another sample",
    cause=(
        "the state given to gru_cell in cell holds other samples: roll puts "
        "samples into other rows."
    ),
)
class CellStatesOfTheNeighbours(nn.Module):
    """Every turn of the loop moves the states on by one sample."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = x.new_zeros(len(x), HIDDEN)
        for x_t in x.unbind(1):
            h = self.cell(x_t, h.roll(1, 0))
        return self.fc(h)


@wrong(
    "statistics over the batch",
    cause="argmax joins several samples into one number.",
)
def sample_with_the_largest_value():
    """The sample that has the largest value is added to all."""
    return head_on(lambda self, x: self.rnn(x + x[x.amax((1, 2)).argmax()])[0][:, -1])


@wrong(
    "statistics over the batch",
    cause="matmul joins several samples into one number.",
)
def products_of_samples():
    """`h.T @ h` sums over the samples, where `h @ h.T` of each sample was meant."""

    def forward(self, x):
        h = self.rnn(x)[0][:, -1]
        return self.fc(h @ (h.T @ h))

    return net(forward)
