"""`batch_first`: which axis of x the layer walks along."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from .build import Built, encoder, head_on
from .data import (
    BATCH,
    HIDDEN,
    SEQ,
    VOCAB,
    feature_second,
    target,
    time_first,
    tokens,
    windows,
)
from .registry import wrong


@wrong(
    "batch_first forgotten",
    y=target(BATCH, 1),
    cause="lstm (batch_first=False, the default) walks along the batch axis as if it were "
    "seq: batch_first was forgotten.",
)
class LSTMWithoutBatchFirst(nn.Module):
    """`batch_first` forgotten: the five samples are read as five steps."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=2, hidden_size=HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


@wrong(
    "batch_first forgotten",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="gru in rnn (batch_first=False, the default) walks along the batch axis as if it "
    "were seq: batch_first was forgotten.",
)
class PerStepGRUWithoutBatchFirst(nn.Module):
    """`batch_first` forgotten in a per-step model: the shapes of x and y agree all the same."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, HIDDEN, num_layers=2)
        self.head = nn.Sequential(nn.Linear(HIDDEN, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        return self.head(self.rnn(x)[0])


@wrong(
    "batch_first forgotten",
    y=target(BATCH, SEQ, 1),
    causal=True,
    cause="lstm in lstm2 (batch_first=False, the default) walks along the batch axis as if it"
    " were seq: batch_first was forgotten.",
)
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


@wrong(
    "batch_first forgotten",
    inputs=tokens,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="attention in attention reads the batch axis as steps: batch_first was forgotten.",
)
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


@wrong(
    "batch_first forgotten",
    inputs=tokens,
    axes="batch seq",
    cause="rnn_tanh in rnn (batch_first=False, the default) walks along the batch axis as if "
    "it were seq: batch_first was forgotten.",
)
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


@wrong(
    "batch_first forgotten",
    cause="attention in t.layers.0.self_attn reads the batch axis as steps: batch_first was "
    "forgotten.",
)
def encoder_layers_without_batch_first():
    """The encoder layers of a transformer let samples attend to each other."""
    return Built(lambda self, x: self.t(self.e(x))[:, -1], e=nn.Linear(2, 4), t=encoder())


@wrong(
    "batch_first forgotten",
    cause="lstm in top (batch_first=False, the default) walks along the batch axis as if it "
    "were seq: batch_first was forgotten.",
)
def second_of_two_layers_without_batch_first():
    """The first layer has the batch first, the one on top of it has not."""
    return head_on(lambda self, x: self.top(self.rnn(x)[0])[0][:, -1], top=nn.LSTM(3, 3))


@wrong(
    "batch_first forgotten",
    cause="the packed batch of lstm in rnn reads the batch axis as steps: batch_first was "
    "forgotten.",
    spared={"batch first": "it is `pack_padded_sequence` that has to be told"},
)
def packed_without_batch_first():
    """`pack_padded_sequence` without `batch_first`: twelve sequences of five steps."""
    return head_on(
        lambda self, x: self.rnn(pack_padded_sequence(x, [5] * 12))[1][0][-1], rnn=nn.LSTM(2, 3)
    )


@wrong(
    "batch_first forgotten",
    inputs=lambda: (*windows(), torch.full((SEQ,), BATCH)),
    cause="the packed batch of gru in rnn reads the batch axis as steps: batch_first was "
    "forgotten.",
    spared={"batch first": "it is `pack_padded_sequence` that has to be told"},
)
class PackedWithoutBatchFirst(nn.Module):
    """The same with the lengths as an argument, of which there are as many as steps."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        return self.fc(self.rnn(packed)[1][-1])


@wrong(
    "batch_first forgotten",
    cause="the loop over gru_cell in cell runs over the batch axis: each step takes one whole"
    " sample, as if batch_first were forgotten.",
    says="The output (12, 1) has no axis for the 5 samples: its numbers depend on several.",
    repair="loop over the seq axis: for x_t in x.unbind(1).",
    spared={"batch first": "a loop has no such argument"},
)
class LoopOverTheSamples(nn.Module):
    """`for x_t in x` with the batch first: each turn takes one whole sample."""

    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(2, HIDDEN)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        h = None
        for x_t in x:
            h = self.cell(x_t, h)
        return self.fc(h)


@wrong(
    "batch_first forgotten",
    inputs=time_first,
    axes="seq batch feature",
    cause="gru in rnn (batch_first=False, the default) gets (5, 12, 2), whose samples are axis 0: "
    "transpose(0, 1) puts them there.",
    repair="batch_first=True, or leave transpose(0, 1) out, and what undoes it.",
)
def turned_for_a_layer_that_wants_time_first():
    """x is time first, as the layer wants it, and is turned all the same."""
    return head_on(lambda self, x: self.rnn(x.transpose(0, 1))[0][:, -1], rnn=nn.GRU(2, HIDDEN))


@wrong(
    "time first for a layer with batch_first",
    cause="attention in t.layers.0.self_attn (batch_first=True) gets (12, 5, 4), whose samples are "
    "axis 1: swapaxes(0, 1) puts them there.",
    repair="batch_first=False, or leave swapaxes(0, 1) out, and what undoes it.",
)
def turned_for_attention_with_batch_first():
    """Turned to time first and back, as older layers wanted it: these have `batch_first=True`."""
    return Built(
        lambda self, x: self.t(self.e(x).swapaxes(0, 1)).swapaxes(0, 1)[:, -1],
        e=nn.Linear(2, 4),
        t=encoder(batch_first=True),
    )


@wrong(
    "time first for a layer with batch_first",
    inputs=feature_second,
    axes="batch feature seq",
    cause="lstm in rnn (batch_first=True) gets (12, 5, 2), whose samples are axis 1: "
    "permute(2, 0, 1) puts them there.",
    repair="batch_first=False, or transpose(0, 1) before it.",
)
def turned_for_an_lstm_with_batch_first():
    """`permute` that brings the steps to the front."""
    return head_on(lambda self, x: self.rnn(x.permute(2, 0, 1))[0][-1])


@wrong(
    "time first for a layer with batch_first",
    inputs=time_first,
    axes="seq batch feature",
    cause="attention in attend (batch_first=True) gets (12, 5, 2), whose samples are axis 1: x is "
    "time first.",
    repair="batch_first=False, or transpose(0, 1) before it.",
)
def batch_first_where_x_is_time_first():
    """x comes with time first, and the layer is told otherwise."""
    return Built(
        lambda self, x: self.fc(self.attend(x, x, x)[0][-1]),
        attend=nn.MultiheadAttention(2, 2, batch_first=True),
        fc=nn.Linear(2, 1),
    )
