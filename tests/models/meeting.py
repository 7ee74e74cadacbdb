"""Two tensors in which the samples lie in different places, joined."""

from torch import nn

from .build import Built, head_on, lstm
from .data import series
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
