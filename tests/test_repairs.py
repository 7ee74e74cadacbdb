"""Typing the repair of a report repairs the model: nothing is wrong with it any more."""

from functools import partial

import pytest
import torch
from models import WRONG
from models.build import Built, encoder, head_on, last, lstm, net
from reports import complaints, repair_of
from torch import nn
from torch.nn import functional as F

from lstm_helpers import check_model

MODELS = {model.name: model for model in WRONG}


def two_ends(self, x):
    out, _ = self.rnn(x)
    return torch.cat((out[:, -1, :3], out[:, 0, 3:]), dim=-1)


def states(self, x):
    return torch.cat((self.rnn(x)[1][0][-2], self.rnn(x)[1][0][-1]), dim=-1)


def turned(self, x):
    return self.fc(self.rnn(x)[1][0].transpose(0, 1).flatten(1))


def in_eval_mode(make):
    def forward(self, x):
        return self.fc(self.drop(self.rnn(x)[0][:, -1]))

    return Built(forward, rnn=lstm(), drop=make(0.5), fc=nn.Linear(3, 1))


def moved(function, **layers):
    return Built(function, fc=nn.Linear(3, 1), **layers)


# The mistaken model, a part of what the report tells to type, and the model in which it is typed.
REPAIRED = {
    "TwoLayerStateByView": (
        "h_n.transpose(0, 1).flatten(1)",
        lambda: net(turned, rnn=lstm(2, 3, 2), fc=nn.Linear(6, 1)),
    ),
    "h_and_c_side_by_side": (
        "transpose(0, 1).flatten(1)",
        lambda: head_on(
            lambda self, x: torch.cat(self.rnn(x)[1], -1).transpose(0, 1).flatten(1),
            rnn=lstm(2, 3, 2),
            fc=nn.Linear(12, 1),
        ),
    ),
    "LastSampleForLastStep": ("[:, -1]", lambda: head_on(lambda self, x: self.rnn(x)[0][:, -1])),
    "LastRowOfTheFlattenedOutput": (
        "unflatten(0, (-1, 12)) before it, and [:, -1]",
        lambda: net(
            lambda self, x: self.fc(self.rnn(x)[0].flatten(0, 1)).unflatten(0, (-1, 12))[:, -1]
        ),
    ),
    "last_value_of_the_last_sample": (
        "[:, -1, :1]",
        lambda: net(lambda self, x: last(self, x) + x[:, -1, :1]),
    ),
    "one_number_of_the_last_sample": (
        "[:, -1, 0] in its place, with as many axes as what it meets",
        lambda: net(lambda self, x: last(self, x) + x[:, -1, 0, None]),
    ),
    "normalised_over_the_batch": (
        "dim=1",
        lambda: head_on(lambda self, x: self.rnn(F.normalize(x, dim=1))[0][:, -1]),
    ),
    "mirrored_window": ("leave it out", lambda: head_on(lambda self, x: self.rnn(x)[0])),
    "steps_as_channels": (
        "transpose(1, 2) before it and after it, and 3 channels",
        lambda: head_on(
            lambda self, x: self.mix(self.rnn(x)[0].transpose(1, 2)).transpose(1, 2),
            mix=nn.Conv1d(3, 3, 1),
        ),
    ),
    "layer_over_all_steps_by_einsum": (
        "Linear(hidden, target) on every step alone",
        lambda: head_on(lambda self, x: self.rnn(x)[0]),
    ),
    "centred_moving_average": (
        "F.pad(..., (kernel_size - 1, 0)) before it, and padding=0",
        lambda: head_on(lambda self, x: self.rnn(F.avg_pool1d(F.pad(x.mT, (2, 0)), 3, 1, 0).mT)[0]),
    ),
    "scaled_by_the_windows_extreme": (
        "cummax(dim).values",
        lambda: head_on(lambda self, x: self.rnn(x / x.abs().cummax(1).values.detach())[0]),
    ),
    "last_state_at_every_step": ("leave it out", lambda: head_on(lambda self, x: self.rnn(x)[0])),
    "first_output_of_both_directions": (
        "out[:, -1, :3]",
        lambda: head_on(two_ends, rnn=lstm(2, 3, bidirectional=True), fc=nn.Linear(6, 1)),
    ),
    "LastOutputOfBothDirections": (
        "out[:, 0, 3:]",
        lambda: head_on(two_ends, rnn=lstm(2, 3, bidirectional=True), fc=nn.Linear(6, 1)),
    ),
    "forward_half_alone": (
        "torch.cat((h_n[-2], h_n[-1]), dim=-1), which is 6 numbers",
        lambda: head_on(states, rnn=lstm(2, 3, bidirectional=True), fc=nn.Linear(6, 1)),
    ),
    "StateOfTheFirstLayer": (
        "h_n[-1]",
        lambda: head_on(lambda self, x: self.rnn(x)[1][0][-1], rnn=lstm(2, 3, 2)),
    ),
    "first_step": ("[:, -1]", net),
    "stride_that_leaves_steps_over": (
        "F.pad(..., (3, 0))",
        lambda: moved(
            lambda self, x: self.fc(self.conv(F.pad(x.mT, (3, 0))).mean(-1)),
            conv=nn.Conv1d(2, 3, 5, stride=5),
        ),
    ),
    "decoder_of_zeros": (
        "ahead(..., state)",
        lambda: net(
            lambda self, x: self.fc(self.ahead(x.new_zeros(len(x), 6, 2), self.rnn(x)[1])[0]),
            ahead=lstm(),
        ),
    ),
    "softmax_over_one_answer": (
        "torch.sigmoid(...)",
        lambda: net(lambda self, x: torch.sigmoid(last(self, x))),
    ),
    "numpy_inside": ("without numpy", net),
    "rounded": ("leave round out", lambda: net(lambda self, x: 100 * last(self, x))),
    "random_start": ("no initial state", net),
    "fresh_dropout_in_forward": (
        "nn.Dropout that is made in __init__",
        partial(in_eval_mode, nn.Dropout),
    ),
    "backward_outputs_as_they_come": (
        "backward(x.flip(1))[0].flip(1)",
        lambda: Built(
            lambda self, x: self.fc(
                torch.cat((self.rnn(x)[0], self.back(x.flip(1))[0].flip(1)), dim=2)
            ),
            rnn=lstm(),
            back=lstm(),
            fc=nn.Linear(6, 1),
        ),
    ),
    "all_steps_where_the_last_seven_are_asked_for": (
        "yhat[:, -7:]",
        lambda: head_on(lambda self, x: self.rnn(x)[0][:, -7:], fc=nn.Linear(3, 2)),
    ),
    "turned_for_a_layer_that_wants_time_first": (
        "leave transpose(0, 1) out",
        lambda: head_on(lambda self, x: self.rnn(x)[0][-1], rnn=nn.GRU(2, 3)),
    ),
    "turned_for_attention_with_batch_first": (
        "leave swapaxes(0, 1) out, and what undoes it",
        lambda: Built(
            lambda self, x: self.t(self.e(x))[:, -1],
            e=nn.Linear(2, 4),
            t=encoder(batch_first=True),
        ),
    ),
    "turned_for_an_lstm_with_batch_first": (
        "batch_first=False",
        lambda: head_on(lambda self, x: self.rnn(x.permute(2, 0, 1))[0][-1], rnn=nn.LSTM(2, 3)),
    ),
    "batch_first_where_x_is_time_first": (
        "batch_first=False",
        lambda: Built(
            lambda self, x: self.fc(self.attend(x, x, x)[0][-1]),
            attend=nn.MultiheadAttention(2, 2),
            fc=nn.Linear(2, 1),
        ),
    ),
    "pooled_over_a_reshaped_axis": (
        "transpose(1, 2)",
        lambda: head_on(lambda self, x: self.rnn(x)[0].transpose(1, 2).mean(-1)),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REPAIRED)
def test_what_the_repair_says_repairs_the_model(name):
    model, (words, make) = MODELS[name], REPAIRED[name]
    (finding,) = check_model(model.make(), *model.inputs(), **model.how).wrong
    assert words in repair_of(finding)
    repaired = check_model(make(), *model.inputs(), **model.how)
    assert repaired.ok, complaints(repaired)
