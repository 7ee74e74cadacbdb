"""What a model may do to its windows before the layer reads them, and to its answer after it."""

import torch
import torch.nn.functional as F
from torch import nn

from .build import Built, head_on, last, lstm, net
from .data import BATCH, FEATURE, SEQ, between_zero_and_one, feature_second, series, target, windows
from .registry import right


@right()
def read_backwards():
    """The layer walks from the newest step to the oldest."""
    return head_on(lambda self, x: self.rnn(x.flip(1))[0][:, -1])


@right()
def pooled_in_time():
    """Two steps become one, by their maximum."""
    return head_on(lambda self, x: self.rnn(F.max_pool1d(x.mT, 2).mT)[0][:, -1])


@right(
    question="Is it meant for batches of 5 only?",
    spared={"alone": "its reshape is written for five samples"},
)
def patches():
    """Three steps of two variables become one step of six."""
    return head_on(lambda self, x: self.rnn(x.reshape(5, 4, 6))[0][:, -1], rnn=lstm(6, 3))


@right()
def windows_in_the_window():
    """Windows of four steps, every second step, each a step of its own."""
    return head_on(lambda self, x: self.rnn(x.unfold(1, 4, 2).flatten(2))[0][:, -1], rnn=lstm(8, 3))


@right(lambda: (windows()[0].exp(),))
def logarithm_of_positive_values():
    """A model that is undefined for what is not positive."""
    return head_on(lambda self, x: self.rnn(x.log())[0][:, -1])


@right(
    between_zero_and_one,
    y=target(BATCH, 1),
    other=lambda part: 1 - part,
)
def refuses_what_is_out_of_range():
    """A model that raises for what is not scaled to 0..1."""

    def forward(self, x):
        if not ((x >= 0) & (x <= 1)).all():
            raise ValueError("scale x to 0..1")
        return last(self, x)

    return net(forward)


@right()
def window_normalised_and_back():
    """Mean and spread of the window, detached, taken out and given back."""

    def forward(self, x):
        mean, std = x.mean(1, keepdim=True).detach(), x.std(1, keepdim=True).detach()
        return self.fc(self.rnn((x - mean) / std)[0][:, -1:]) * std + mean

    return net(forward, fc=nn.Linear(3, 2))


@right()
def series_for_each_variable():
    """Every variable a univariate series of its own, as PatchTST has it."""

    def forward(self, x):
        batch, seq, feature = x.shape
        rows = x.permute(0, 2, 1).reshape(batch * feature, seq, 1)
        return self.fc(self.rnn(rows)[1][0][-1]).view(batch, feature, 6).permute(0, 2, 1)

    return net(forward, rnn=lstm(1, 3), fc=nn.Linear(3, 6))


@right(feature_second, axes="batch feature seq")
def features_first_transposed():
    """(batch, feature, seq) made (batch, seq, feature) by a transpose."""
    return head_on(lambda self, x: self.rnn(x.mT)[0][:, -1])


@right(
    lambda: (torch.zeros(BATCH, SEQ, FEATURE),),
    spared={"rnn.weight_ih_l0": "it is multiplied by zeros"},
)
def asked_with_zeros():
    """A batch of zeros."""
    return net()


@right(lambda: (series(2, 2, FEATURE),))
def asked_with_two_steps():
    """Two samples of two steps."""
    return net()


@right(y=target(BATCH))
def one_number_for_each_sample():
    """(batch,), and the target is (batch,) as well."""
    return nn.Sequential(net(), nn.Flatten(0))


@right()
def clamped():
    """An answer between 0 and 1, by cutting it off."""
    return nn.Sequential(net(), nn.Hardtanh(0, 1))


@right(y=torch.tensor([1, 0, 3, 2, 1]))
def scores_of_four_classes():
    """(batch, class) scores against whole numbers."""
    return net(fc=nn.Linear(3, 4))


@right(question="Is step t a forecast of what follows it?")
def horizon_as_long_as_the_window():
    """Twelve forecasts from a window of twelve steps, without an axis for the target."""
    return net(fc=nn.Linear(3, SEQ))


@right(y=windows()[0], question="Is step t a forecast of what follows it?")
def autoencoder():
    """The window, told again from its last state."""
    return Built(
        lambda self, x: self.d(self.rnn(x)[1][0][-1].unsqueeze(1).repeat(1, SEQ, 1))[0],
        rnn=lstm(),
        d=lstm(3, 2),
    )
