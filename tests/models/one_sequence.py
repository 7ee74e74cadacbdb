"""Batches that are read as one sequence."""

from torch import nn

from .build import Built, head_on, lstm
from .data import BATCH, HIDDEN, SEQ, VOCAB, table, target, tokens, univariate
from .registry import wrong


@wrong(
    "the batch read as one sequence",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="lstm reads the whole batch as one unbatched sequence of 5 steps: a 2-D input has "
    "no batch axis.",
)
class TwoDimensionalBatch(nn.Module):
    """(5, 12) goes into `LSTM(12, ...)`: one sequence of five steps with twelve features."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(SEQ, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        lstm_out, _ = self.lstm(x)
        return self.linear(lstm_out)


@wrong(
    "the batch read as one sequence",
    inputs=univariate,
    y=target(BATCH, 1),
    cause="gru reads the whole batch as one unbatched sequence of 5 steps: a 2-D input has no"
    " batch axis.",
)
class SqueezedFeatureAxis(nn.Module):
    """`squeeze` drops the only feature, so that the GRU reads the batch as one sequence."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(SEQ, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.gru(x.squeeze(-1))
        return self.fc(out)


@wrong(
    "the batch read as one sequence",
    inputs=tokens,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="rnn_tanh in 1 reads the whole batch as one unbatched sequence of 5 steps: a 2-D "
    "input has no batch axis.",
)
def pooled_embedding_into_rnn():
    """Tokens are averaged to (batch, embedding), which the RNN reads as one sequence."""
    return nn.Sequential(nn.EmbeddingBag(VOCAB, 8), nn.RNN(8, HIDDEN), First(), nn.Linear(3, 1))


class First(nn.Module):
    """The first of several results."""

    def forward(self, results):
        return results[0]


@wrong(
    "the batch read as one sequence",
    cause="lstm in rnn reads the whole batch as one sequence of 60 steps: batch and seq were "
    "merged before it.",
)
def all_windows_behind_one_another():
    """`reshape(1, -1, 2)`: sixty steps of one sequence."""
    return head_on(lambda self, x: self.rnn(x.reshape(1, -1, 2))[0][:, -1])


@wrong(
    "the batch read as one sequence",
    cause="attention in attend reads (5, 4) as one unbatched sequence of 5 steps: a 2-D input has "
    "no batch axis.",
)
def attention_among_last_states():
    """(batch, hidden) goes into attention, in which each sample attends to all."""
    return Built(
        lambda self, x: self.attend(*[self.rnn(x)[0][:, -1]] * 3)[0],
        rnn=lstm(2, 4),
        attend=nn.MultiheadAttention(4, 2, batch_first=True),
    )
