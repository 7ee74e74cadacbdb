"""Weights that are not read, or get no gradient."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from .build import head_on, last, lstm, net
from .data import BATCH, HIDDEN, LENGTHS, VOCAB, padded_tokens, table, target
from .registry import wrong


@wrong(
    "a layer that forward forgets",
    cause="forward never uses them.",
    says="rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0 never get a gradient.",
    repair="use the layer, or take it out.",
)
def lstm_forgotten():
    """Rewritten for a convolution, with the LSTM still there."""
    return net(lambda self, x: self.fc(self.conv(x.mT)[..., -1]), conv=nn.Conv1d(2, 3, 4))


@wrong(
    "no gradient gets through",
    cause="numpy, on the way to the output, lets no gradient pass.",
    says="rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0 never get a gradient.",
    repair=(
        "stay in torch, without numpy, or requires_grad_(False) for what is not to be trained."
    ),
)
def numpy_inside():
    """The states go through numpy."""
    return head_on(lambda self, x: torch.from_numpy(self.rnn(x)[0].detach().numpy())[:, -1])


@wrong(
    "no gradient gets through",
    cause="round, on the way to the output, has the gradient 0 everywhere.",
    says="rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0 and 2 more "
    "never get a gradient.",
    repair="leave round out, or requires_grad_(False) for what is not to be trained.",
)
def rounded():
    """Whole numbers of passengers, by `torch.round`."""
    return net(lambda self, x: torch.round(100 * last(self, x)))


@wrong(
    "no gradient gets through",
    cause="detach, on the way to the output, lets no gradient pass.",
    says="q never gets a gradient.",
    repair=("leave detach out, or requires_grad_(False) for what is not to be trained."),
)
def share_detached():
    """A learnt share, which has to stay below 1, is detached."""

    def forward(self, x):
        level = torch.quantile(x[:, -1], self.q.detach(), -1)
        return last(self, x) + level[:, None]

    return net(forward, q=nn.Parameter(torch.tensor(0.95)))


@wrong(
    "the state of the first layer",
    y=target(BATCH, 1),
    cause=("nothing reads layer 1 of lstm, counted from 0: of its states only h_n[0] is read."),
)
class StateOfTheFirstLayer(nn.Module):
    """`h_n[0]` with two layers: the second layer's weights never get a gradient."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, dropout=0.2, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[0])


@wrong(
    "the state of the first layer",
    inputs=table,
    axes="batch seq",
    y=target(BATCH, 1),
    cause="what lstm_cell in lstm2 computes is never read.",
    says="lstm2.weight_ih, lstm2.weight_hh, lstm2.bias_ih, lstm2.bias_hh never get a gradient.",
    repair="read its last state, or take the layer out.",
)
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


@wrong(
    "the state of the first layer",
    inputs=lambda: (*padded_tokens(), LENGTHS),
    axes="batch seq",
    lengths=LENGTHS,
    y=torch.tensor([1, 0, 3, 2, 1]),
    cause=(
        "nothing reads layers 1 and 2 of gru, counted from 0: of its states only h_n[0] is read."
    ),
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


@wrong(
    "one of two directions",
    cause=("nothing reads the backward direction of lstm in rnn, only the forward one."),
)
def forward_half_alone():
    """`out[:, -1, :3]` of a BiLSTM: what the backward direction computes is never read."""
    return head_on(lambda self, x: self.rnn(x)[0][:, -1, :3], rnn=lstm(2, 3, bidirectional=True))
