"""Names through indices of any kind, arguments by keyword, and two axes that share a name."""

import numpy as np
import pytest
import torch
from test_tracing_truth import claim_holds, coordinates
from torch import nn
from torch.nn import functional as F

from lstm_helpers import ManyToOneLSTM, trace_shapes

X = torch.rand(5, 12, 2)
SIZES = {"batch": 5, "seq": 12, "feature": 2}
ALL = slice(None)
INDICES = [
    *(1, -1, np.int64(1), np.array(1), torch.tensor(1), torch.tensor(1, dtype=torch.uint8)),
    *(True, False, torch.tensor(True), None, ..., (), []),
    *([0, 2], range(3), np.array([0, 2]), torch.tensor([0, 2]), torch.tensor([2, 0]).int()),
    *(
        [slice(None), 0],
        [[0, 1]],
        [[0, 1], [2, 3]],
        np.array([[0, 1], [2, 3]]),
        [True, False, True, False, True],
    ),
    *(np.array([True, False] * 2 + [True]), X[:, :, 0] > 0.5, (X > 0.5).numpy()),
    *((ALL, [0, 2]), (ALL, (0, 2)), (ALL, [[0, 1], [2, 3]]), (..., np.int32(0)), (None, 0, ...)),
    *(([0, 1], [2, 3]), ([[0], [1]], [[2, 3]]), (ALL, [0, 1], [0, 1]), (0, ALL, [0, 1, 1])),
    *((slice(np.int64(0), 3),), (slice(torch.tensor(1), None),), (ALL, slice(None, None, 3))),
    *((torch.arange(5), torch.tensor([3, 1, 2, 0, 4])), (ALL, None, [1, 2], True)),
]


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("index", INDICES, ids=range(len(INDICES)))
def test_an_index_of_any_kind(index):
    trace = trace_shapes(lambda x: x[index], X, axes="batch seq feature")
    assert trace.error is None
    (shape,) = trace.outputs
    moved = {name: grid[index] for name, grid in coordinates((5, 12, 2)).items()}
    assert shape.sizes == tuple(moved["batch"].shape)
    several = isinstance(index, tuple) and sum(not isinstance(i, slice) for i in index) > 1
    if 0 not in shape.sizes and not several:
        for dim, name in enumerate(shape.names):
            assert claim_holds(name, dim, moved, SIZES, whole=False, repeats=True), name
        for name, size in SIZES.items():  # an axis that is left alone keeps its name
            for dim in [d for d, n in enumerate(shape.sizes) if n == size]:
                if bool((moved[name].movedim(dim, -1) == torch.arange(size)).all()):
                    assert shape.names[dim] == name


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")
@pytest.mark.parametrize("index", INDICES, ids=range(len(INDICES)))
def test_writing_to_an_index_of_any_kind(index):
    def write(x):
        x[index] = x[index] * 2
        return x

    trace = trace_shapes(write, X, axes="batch seq feature")
    assert trace.error is None
    assert trace.outputs[0].names == ("batch", "seq", "feature")


attention = nn.MultiheadAttention(2, 1, batch_first=True)
SHARED = {
    "scores": (lambda x: x @ x.mT, "batch seq seq2"),
    "turned": (lambda x: (x @ x.mT).mT, "batch seq2 seq"),
    "masked": (
        lambda x: (x @ x.mT + torch.zeros(12, 12)).masked_fill(torch.eye(12).bool(), 0).softmax(-1),
        "batch seq seq2",
    ),
    "weights": (lambda x: attention(x, x, x)[1], "batch seq seq2"),
    "einsum": (lambda x: torch.einsum("bqf,bkf->bqk", x, x), "batch seq seq2"),
    "einsum, turned": (lambda x: torch.einsum("bqf,bkf->bkq", x, x), "batch seq seq2"),
    "by hand": (lambda x: (x[:, :, None] * x[:, None]).sum(-1), "batch seq seq2"),
    "sliced": (lambda x: (x @ x.mT)[:, :7], "batch seq seq2"),
    "one of them": (lambda x: (x @ x.mT)[:, 0], "batch seq"),
    "values": (lambda x: (x @ x.mT).softmax(-1) @ x, "batch seq feature"),
    "three": (lambda x: (x @ x.mT)[..., None] * x.mean(2)[:, None, None], "batch seq seq2 seq3"),
    "merged": (lambda x: (x @ x.mT).flatten(1), "batch seq*seq2"),
    "outer": (lambda x: x[0, :, 0].outer(x[0, :, 1]), "seq seq2"),
    "features": (lambda x: x.mT @ x, "batch feature feature2"),
}


@pytest.mark.parametrize("called", SHARED)
def test_no_two_axes_of_a_tensor_share_a_name(called):
    function, names = SHARED[called]
    trace = trace_shapes(function, X, axes="batch seq feature")
    assert trace.outputs[0].names == tuple(names.split())
    for step in trace.steps:
        for shape in step.outputs:
            known = [name for name in shape.names if name not in ("?", "1")]
            assert len(set(known)) == len(known), shape


def test_the_same_name_on_every_face():
    trace = trace_shapes(lambda x: (x @ x.mT).mT[0], X, axes="batch seq feature")
    assert "seq2=12, seq=12" in str(trace)
    assert "seq2=12, seq=12" in trace._repr_html_()
    texts = " ".join(text.get_text() for text in trace.plot().texts)
    assert "seq2=12" in texts
    last = next(step for step in reversed(trace.steps) if step.pattern)
    assert last.pattern.count("seq2") == 2


def test_the_callers_own_name_with_a_number_stays_apart():
    trace = trace_shapes(lambda x: x[..., None] * x[:, :, None], X, axes="batch feature2 feature")
    assert trace.outputs[0].names == ("batch", "feature2", "feature", "feature3")
    twice = trace_shapes(lambda x: x, X, axes="batch node node")
    assert twice.outputs[0].names == ("batch", "node", "node2")


def test_a_question_mark_in_axes_is_no_name():
    lstm = nn.LSTM(2, 3, batch_first=True)
    trace = trace_shapes(lambda x: lstm(x)[0], X, axes="batch ? feature")
    assert trace.outputs[0].names == ("batch", "seq", "hidden")


W = torch.rand(7, 2)
BY_KEYWORD = {
    "attention": lambda x: F.scaled_dot_product_attention(value=x, key=x, query=x),
    "cat": lambda x: torch.cat(dim=1, tensors=[x, x[:, :3]]),
    "axis": lambda x: torch.cat((x, x), axis=-1),
    "stack": lambda x: torch.stack(dim=1, tensors=(x, x)),
    "windows": lambda x: x.unfold(size=4, step=2, dimension=1),
    "linear": lambda x: F.linear(weight=W, input=x),
    "conv2d": lambda x: F.conv2d(weight=torch.rand(4, 1, 3, 2), input=x[:, None]),
    "flatten": lambda x: torch.flatten(start_dim=1, input=x),
    "reshape": lambda x: torch.reshape(shape=(5, 24), input=x),
    "matmul": lambda x: torch.matmul(other=W.T, input=x),
    "mv": lambda x: torch.mv(vec=W[0], input=x[0]),
    "bmm": lambda x: torch.bmm(mat2=x.mT, input=x),
    "baddbmm": lambda x: torch.baddbmm(batch2=x.mT, batch1=x, input=torch.zeros(5, 1, 12)),
    "take": lambda x: torch.take_along_dim(x, dim=1, indices=torch.zeros(5, 4, 2).long()),
    "gather": lambda x: torch.gather(index=torch.zeros(5, 4, 2).long(), dim=1, input=x),
    "pad": lambda x: F.pad(input=x, value=0.0, pad=(0, 0, 2, 0)),
    "unsqueeze": lambda x: torch.unsqueeze(dim=1, input=x),
    "einsum": lambda x: torch.einsum("bsf->bfs", x),
    "blocks": lambda x: F.unfold(kernel_size=(1, 4), input=x.mT[:, :, None]),
    "embedding": lambda x: F.embedding(weight=W, input=(x[..., 0] > 0.5).long()),
}


@pytest.mark.parametrize("called", BY_KEYWORD)
def test_arguments_by_keyword_in_any_order(called):
    trace = trace_shapes(BY_KEYWORD[called], X, axes="batch seq feature")
    assert trace.error is None
    assert trace.outputs[0].sizes == tuple(BY_KEYWORD[called](X).shape)
    named = {"mv": "seq"}.get(called, "batch")
    assert trace.outputs[0].names[0] == named


def test_square_layers_are_no_broadcasting():
    """In x (7, 3) and w (7, 3) nothing but the size says that their first axes are one."""
    w = torch.rand(7, 3)
    function = lambda x: torch.tensordot(x, w, dims=([2], [1]))  # noqa: E731
    trace = trace_shapes(function, torch.rand(5, 7, 3), axes="batch seq feature")
    assert trace.outputs[0].names == ("batch", "seq", "?")


UNSEEN = {
    "vmap": torch.vmap(lambda row: row.softmax(0) * 2),
    "vmap in a function": lambda x: torch.vmap(lambda row: F.linear(row, W))(x).mean(1),
    "grad": lambda x: torch.func.grad(lambda z: (z**2).sum())(x),
    "complex": lambda x: torch.complex(x, x).abs(),
    "complex views": lambda x: torch.view_as_complex(x).real,
    "there and back": lambda x: torch.fft.irfft(torch.fft.rfft(x, dim=1), n=12, dim=1),
    "numpy": lambda x: torch.from_numpy(x.numpy() * 2),
    "sparse": lambda x: torch.sparse.mm(torch.eye(12).to_sparse(), x[0]),
}


@pytest.mark.parametrize("called", UNSEEN)
def test_what_is_not_known_is_no_error(called):
    function = UNSEEN[called]
    trace = trace_shapes(function, X, axes="batch seq feature")
    assert trace.error is None
    assert trace.outputs[0].sizes == tuple(function(X).shape)
    for name, size in zip(trace.outputs[0].names, trace.outputs[0].sizes, strict=True):
        assert name == "?" or SIZES[name] == size


def test_a_model_without_numbers():
    trace = trace_shapes(ManyToOneLSTM(2, 3).to("meta"), X.to("meta"))
    assert trace.error is None
    assert str(trace) == str(trace_shapes(ManyToOneLSTM(2, 3), X))


def test_padding_leaves_an_axis_its_name():
    def causal(x):
        zeros = x.new_zeros(5, 1, 2)
        return F.pad(x, (0, 0, 3, 0)), torch.cat([zeros, x[:, :-1]], 1)

    for shape in trace_shapes(causal, X, axes="batch seq feature").outputs:
        assert shape.names == ("batch", "seq", "feature")


def passes(x, *ways):
    """A state added up over the steps of x, seq first, for each order of them."""
    ends, lists = [], []
    for way in ways:
        h, outs = x[0] * 0.5, []
        for t in way:
            h = h + x[t]
            outs.append(h)
        ends.append(h)
        lists.append(outs)
    return ends, lists


@pytest.mark.parametrize("ways", [(range(12),), (range(11, -1, -1), range(12))])
def test_states_after_loops_are_no_steps(ways):
    """The last state of one loop, or of one loop in each direction, is stacked beside others."""
    x = torch.rand(12, 5, 2)

    def stacked(x):
        ends, lists = passes(x, *ways)
        return torch.stack(ends), torch.stack(lists[-1]), torch.stack(lists[-1][:1])

    ends, steps, first = trace_shapes(stacked, x, axes="seq batch feature").outputs
    assert ends.names == ("?", "batch", "feature")
    assert steps.names == first.names == ("seq", "batch", "feature")
