"""Which part of the states and of the output is read."""

import torch
from torch import nn

from .build import head_on, lstm
from .data import BATCH, HIDDEN, SEQ, VOCAB, series, table, target, tokens
from .registry import wrong


@wrong(
    "h_n flattened by view",
    y=target(BATCH, 1),
    cause=(
        "view of h_n (2, 5, 3) to (5, 6): its axes are (layers * directions, "
        "batch, hidden), so this view joins states of different samples."
    ),
    meant=lambda h_n: h_n.transpose(0, 1).flatten(1),
)
class TwoLayerStateByView(nn.Module):
    """`h_n.view(batch, -1)` with two layers puts two samples into one row."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, num_layers=2, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n.view(x.size(0), -1))


@wrong(
    "h_n flattened by view",
    inputs=tokens,
    axes="batch seq",
    y=target(BATCH, 4),
    cause=(
        "view of h_n (2, 5, 3) to (5, 6, 1): its axes are (layers * directions, "
        "batch, hidden), so this view joins states of different samples."
    ),
    meant=lambda h_n: h_n.transpose(0, 1).flatten(1).unsqueeze(2),
)
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


@wrong(
    "h_n flattened by view",
    inputs=lambda: (series(4, SEQ, 2),),
    y=target(4, 1),
    cause=(
        "view of h_n (4, 4, 3) to (4, 12): its axes are (layers * directions, "
        "batch, hidden), so this view joins states of different samples."
    ),
    meant=lambda h_n: h_n.transpose(0, 1).flatten(1),
)
class StateByViewWithFourSamples(nn.Module):
    """Two layers times two directions equal the batch: `h_n.view(batch, -1)` does not look odd."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(4 * HIDDEN, 1)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.view(x.size(0), -1))


@wrong(
    "h_n flattened by view",
    cause="view of h_n of lstm: its first axis holds layers * directions = 2, and became rows"
    " of its own.",
    meant=lambda h_n: h_n[-1],
)
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


@wrong(
    "the last sample for the last step",
    y=target(BATCH, 1),
    cause="the index [-1] on (5, 12, 3) drops the other samples.",
    says="The output (12, 1) ignores x[0]: it reads one sample of the batch.",
    repair="[:, -1] in its place.",
)
class LastSampleForLastStep(nn.Module):
    """`out[-1]` of a `batch_first` LSTM: every step of the last sample, no other sample at all."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[-1])


@wrong(
    "the last sample for the last step",
    inputs=lambda: (series(SEQ, SEQ, 2),),
    y=target(SEQ, 1),
    cause="the index [-1] on (12, 12, 3) drops the other samples.",
)
class LastSampleOfTwelve(nn.Module):
    """`out[-1]` with as many samples as steps: even the output's shape is the right one."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, HIDDEN, num_layers=2, dropout=0.1, batch_first=True)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.fc(self.gru(x)[0][-1])


@wrong(
    "the last sample for the last step",
    y=target(BATCH, 1),
    cause="the index [-1] on (60, 1) drops the other samples.",
    says="The output (1,) ignores x[0]: it reads one sample of the batch.",
    repair="unflatten(0, (-1, 12)) before it, and [:, -1].",
)
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


@wrong(
    "the last sample for the last step",
    inputs=table,
    axes="batch seq",
    cause="the index [-1] on (5, 12, 3) drops the other samples.",
)
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


@wrong(
    "h_n flattened by view",
    cause=(
        "view of joined states (2, 5, 6) to (5, 12): its axes are (layers * "
        "directions, batch, hidden), so this view joins states of different "
        "samples."
    ),
    meant=lambda states: states.transpose(0, 1).flatten(1),
)
def h_and_c_side_by_side():
    """h_n and c_n side by side, two layers each, and then `view(batch, -1)`."""
    return head_on(
        lambda self, x: torch.cat(self.rnn(x)[1], -1).view(5, -1),
        rnn=lstm(2, 3, 2),
        fc=nn.Linear(12, 1),
    )
