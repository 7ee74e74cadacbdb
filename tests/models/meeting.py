"""Two tensors in which the samples lie in different places, joined."""

import torch
from torch import nn

from .build import Built, head_on, lstm, net
from .data import is_real, series, windows
from .registry import right, wrong


@wrong(
    "samples that do not meet their own",
    cause="mul joins rows that hold the 5 samples in two orders: (5, 2) as reshape lays them, "
    "(2, 5) as repeat lays them.",
    repair="one order for both: repeat_interleave repeats each row in its place, repeat all rows "
    "after themselves.",
)
def heads_scaled_by_a_repeated_number():
    """Two heads of each sample, one after the other, meet the whole batch after itself."""

    def forward(self, x):
        h = self.rnn(x)[0][:, -1]
        heads = h.reshape(len(x) * 2, 3)
        return self.fc((heads * x.mean((1, 2)).view(-1, 1).repeat(2, 1)).reshape(len(x), 6))

    return Built(forward, rnn=lstm(2, 6), fc=nn.Linear(6, 1))


@wrong(
    "samples that do not meet their own",
    inputs=lambda: (series(5, 12, 2),),
    cause="mul broadcasts (5,) with (5, 5): axis 0 of the first, its samples, meets axis 1 of the "
    "second, whose samples are axis 0.",
    repair=".unsqueeze(-1) behind the (5,), which is (5, 1).",
)
def time_spans_on_the_hidden_axis():
    """As many units as samples: a sample's units take the time spans of all samples."""

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1] * x[:, -1, 0])

    return Built(forward, rnn=lstm(2, 5), fc=nn.Linear(5, 1))


@wrong(
    "samples that do not meet their own",
    inputs=lambda: (series(5, 12), series(5, 12, 2, seed=1)),
    axes="batch seq",
    cause="mul in rnn broadcasts (5,) with (5, 5): axis 0 of the first, its samples, meets axis 1 "
    "of the second, whose samples are axis 0.",
    repair=".unsqueeze(-1) behind the (5,), which is (5, 1).",
)
class TimeSpansAsTheFirstInput(nn.Module):
    """The time spans are the first input, and the series stands beside them."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = Scaled(2, 5), nn.Linear(5, 1)

    def forward(self, spans, x):
        return self.fc(self.rnn(x, spans))


class Scaled(nn.Module):
    """A cell in a loop whose units take one number of each step."""

    def __init__(self, width, hidden):
        super().__init__()
        self.cell = nn.Linear(width + hidden, hidden)

    def forward(self, x, spans):
        h = x.new_zeros(len(x), self.cell.out_features)
        for x_t, span in zip(x.unbind(1), spans.unbind(1), strict=True):
            h = torch.tanh(self.cell(torch.cat((x_t, h), 1)) * span)
        return h


@right(inputs=lambda: (series(5, 12, 2), series(5, 12).sigmoid()))
class TimeSpansOfEachSample(nn.Module):
    """Time spans beside x, each with an axis for the units that it scales."""

    def __init__(self):
        super().__init__()
        self.rnn, self.fc = Scaled(2, 5), nn.Linear(5, 1)

    def forward(self, x, spans):
        return self.fc(self.rnn(x, spans.unsqueeze(-1)))


@right(inputs=lambda: (*windows(), is_real()))
class MaskBesideX(nn.Module):
    """A mask beside x: each sample's own real steps, for attention and for a mean."""

    def __init__(self):
        super().__init__()
        self.rnn = lstm(2, 4)
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.fc = nn.Linear(4, 1)

    def forward(self, x, mask):
        h = self.rnn(x * mask.unsqueeze(-1))[0]
        h = h + self.attend(h, h, h, key_padding_mask=~mask)[0]
        mean = (h * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        return self.fc(mean + x[:, -1].mean(1, keepdim=True))


@right(inputs=lambda: (*windows(), is_real()))
def cut_at_the_longest_of_the_mask():
    """Steps that no sample has are cut off, and were not counted before."""

    def forward(self, x, mask):
        out = self.rnn(x)[0]
        longest = int(mask.sum(1).max())
        return self.fc((out * mask.unsqueeze(-1))[:, :longest].sum(1) + out[:, -1])

    return net(forward)


@wrong(
    "an axis missing where two tensors meet",
    cause="mul is given (batch=5, hidden=3) and (batch=5).",
    says="The model raises RuntimeError on these inputs: The size of tensor a (3) must match the "
    "size of tensor b (5) at non-singleton dimension 1.",
    repair="trace_shapes(model, x) shows every shape up to there.",
)
def time_span_without_its_axis():
    """One number of each sample meets its units."""
    return head_on(lambda self, x: self.rnn(x)[0][:, -1] * x[:, -1, 0])


@right()
def time_span_with_its_axis():
    """The same with an axis for the units: (batch, 1)."""
    return head_on(lambda self, x: self.rnn(x)[0][:, -1] * x[:, -1, :1])
