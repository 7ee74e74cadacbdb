"""Relative shifts are no mistake: pad by one, view, cut a row. Views that scramble still are."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lstm_helpers import check_model, trace_shapes

B, HEADS, T, R = 5, 2, 7, 9  # R: relative positions, more than steps


def music_transformer(scores):
    """(batch, head, seq, seq): pad on the left, reshape, cut the first row."""
    padded = F.pad(scores, (1, 0))
    b, h, rows, columns = padded.shape
    return padded.reshape(b, h, columns, rows)[:, :, 1:, :]


def one_head(scores):
    padded = F.pad(scores[:, 0], [1, 0])
    return padded.contiguous().view(B, T + 1, T).narrow(1, 1, T)


def transformer_xl(scores):
    """(query, key, batch, head): a column of zeros before the keys, and the shape of before."""
    x = scores.permute(2, 3, 0, 1).contiguous()
    zeros = torch.zeros((x.size(0), 1, *x.size()[2:]))
    padded = torch.cat([zeros, x], dim=1)
    return padded.view(x.size(1) + 1, x.size(0), *x.size()[2:])[1:].view_as(x)


def conformer(scores):
    """(batch, head, seq, relative position), of which the first `seq` are kept."""
    zeros = scores.new_zeros(*scores.shape[:3], 1)
    padded = torch.cat((zeros, scores), -1)
    padded = padded.view(*scores.shape[:2], scores.shape[3] + 1, scores.shape[2])
    return padded[:, :, 1:].view_as(scores)[..., : scores.shape[2]]


def xlnet(scores):
    """(batch, head, query, key): no padding, but as many relative positions as are needed."""
    b, h, rows, columns = scores.shape
    x = scores.reshape(b, h, columns, rows)[:, :, 1:, :]
    x = x.reshape(b, h, rows, columns - 1)
    return torch.index_select(x, 3, torch.arange(rows))


SHIFTS = [(music_transformer, T), (one_head, T), (transformer_xl, T), (transformer_xl, R)]
SHIFTS += [(conformer, T), (conformer, R), (xlnet, R)]


def scores(columns):
    return torch.rand(B, HEADS, T, columns)


@pytest.mark.parametrize(("shift", "columns"), SHIFTS)
def test_a_shift_is_said_to_be_one(shift, columns):
    trace = trace_shapes(shift, scores(columns), axes="batch head seq position")
    assert trace.error is None
    kinds = [note.kind for note in trace.notes]
    assert kinds.count("shift") == 1
    assert "cuts across" not in kinds
    assert "!" not in str(trace)
    assert {"batch", "seq"} <= set(trace.outputs[0].names)


@pytest.mark.parametrize(("shift", "columns"), SHIFTS)
def test_its_rows_are_those_from_before(shift, columns):
    """Some column of the result, of row numbers moved by the same shift, counts the rows."""
    moved = shift(torch.arange(T).view(T, 1).expand(B, HEADS, T, columns).contiguous())
    trace = trace_shapes(shift, scores(columns), axes="batch head seq position")
    along_seq = moved.movedim(trace.outputs[0].names.index("seq"), 0).reshape(T, -1)
    assert list(range(T)) in along_seq.T.tolist()


def wrong_axes(x):
    """The causal shift of a series, with view where a transpose was meant."""
    padded = F.pad(x.mT, (1, 0))
    return padded.view(x.shape[0], -1, x.shape[2])[:, 1:]


def samples_for_steps(x):
    """Padded by a step, but it is the batch that the view takes for steps."""
    padded = F.pad(x, (0, 0, 1, 0))
    return padded.view(padded.shape[1], padded.shape[0], -1)[1:]


MISTAKES = {
    "causal shift": (wrong_axes, (5, 12, 2)),
    "batch and seq, square": (samples_for_steps, (12, 12, 2)),
    "batch and seq": (samples_for_steps, (5, 12, 2)),
    "no row is cut": (lambda x: F.pad(x @ x.mT, (1, 0)).view(5, 13, 12), (5, 12, 2)),
    "two rows are cut": (lambda x: F.pad(x @ x.mT, (1, 0)).view(5, 13, 12)[:, 2:], (5, 12, 2)),
    "padded by two": (lambda x: F.pad(x @ x.mT, (2, 0)).view(5, 14, 12)[:, 1:], (5, 12, 2)),
    "not padded": (lambda x: x.view(5, 2, 12)[:, 1:], (5, 12, 2)),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_only_looks_like_a_shift_still_cuts_across(name):
    function, shape = MISTAKES[name]
    trace = trace_shapes(function, torch.rand(shape), axes="batch seq feature")
    kinds = [note.kind for note in trace.notes]
    assert "cuts across" in kinds
    assert "shift" not in kinds


class RelativeAttention(nn.Module):
    """Causal attention with one vector for each distance between two steps."""

    def __init__(self, steps, width=4, scramble=False):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(2, width) for _ in range(3))
        self.distance = nn.Parameter(torch.rand(steps, width))
        self.head = nn.Linear(width, 1)
        self.scramble = scramble

    def forward(self, x):
        batch, steps, _ = x.shape
        if self.scramble:
            x = x.reshape(batch, 2, steps).mT
        query = self.query(x)
        moved = F.pad(query @ self.distance.mT, (1, 0)).view(batch, steps + 1, steps)[:, 1:]
        later = torch.ones(steps, steps, dtype=torch.bool).triu(1)
        scores = (query @ self.key(x).mT + moved).masked_fill(later, float("-inf"))
        return self.head(scores.softmax(-1) @ self.value(x))


def test_a_model_with_a_shift_passes_the_check_of_views():
    x = torch.rand(5, 7, 2)
    assert not check_model(RelativeAttention(7), x).wrong
    wrong = check_model(RelativeAttention(7, scramble=True), x).wrong
    assert "views" in [finding.check for finding in wrong]


def test_the_names_go_on_after_the_shift():
    trace = trace_shapes(RelativeAttention(7), torch.rand(5, 7, 2), axes="batch seq feature")
    assert trace.outputs[0].names == ("batch", "seq", "feature")
