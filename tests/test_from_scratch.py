"""`LSTMFromScratch` against `nn.LSTM`, on drawn sizes, and through the instruments."""

import warnings
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from lstm_helpers import LSTMFromScratch, check_model, dependencies, trace_shapes


@st.composite
def cases(draw):
    """Sizes that all differ, also from the number of layers times that of directions."""
    how = {
        "num_layers": draw(st.integers(1, 3)),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    rows = how["num_layers"] * (1 + how["bidirectional"])
    free = st.lists(
        st.integers(1, 10).filter(lambda size: size != rows), min_size=5, max_size=5, unique=True
    )
    a, b, *others = draw(free)
    how["proj_size"] = draw(st.sampled_from([0, min(a, b)]))
    batch, seq, feature = others
    sizes = (batch, seq, feature) if how["batch_first"] else (seq, batch, feature)
    if batched := draw(st.booleans()):
        states = rows, batch
    else:
        sizes, states = (seq, feature), (rows,)
    return SimpleNamespace(
        how={"input_size": feature, "hidden_size": max(a, b), **how},
        x=sizes,
        h=(*states, how["proj_size"] or max(a, b)),
        c=(*states, max(a, b)),
        with_state=draw(st.booleans()),
        batched=batched,
    )


def numbers(*shape):
    """In float64, none of them zero, the same ones each time."""
    generator = torch.Generator().manual_seed(len(shape))
    drawn = torch.randn(shape, dtype=torch.float64, generator=generator)
    return drawn.requires_grad_()


def seeded(kind, **how):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(3)
        return kind(**how)


def answers(model, case):
    """Output, states, and the gradients of a sum in which each number has its own weight."""
    x = numbers(*case.x)
    state = (numbers(*case.h), numbers(*case.c)) if case.with_state else ()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        out, (h_n, c_n) = model(x, state or None)
    loss = sum((part * numbers(*part.shape).detach()).sum() for part in (out, h_n, c_n))
    inputs = [x, *state, *model.parameters()]
    return [out, h_n, c_n, *torch.autograd.grad(loss, inputs)]


@given(cases())
def test_equals_the_layer_of_torch(case):
    ours = LSTMFromScratch(**case.how).double()
    theirs = nn.LSTM(**case.how).double()
    theirs.load_state_dict(ours.state_dict())
    for one, other in zip(answers(ours, case), answers(theirs, case), strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def weights_of(model):
    return {name: weight.clone() for name, weight in model.state_dict().items()}


def same(weights, others):
    return list(weights) == list(others) and all(
        torch.equal(weight, others[name]) for name, weight in weights.items()
    )


@given(cases())
def test_the_same_seed_gives_the_same_weights_of_the_same_names_and_they_go_both_ways(case):
    ours, theirs = seeded(LSTMFromScratch, **case.how), seeded(nn.LSTM, **case.how)
    drawn, other = weights_of(theirs), weights_of(LSTMFromScratch(**case.how))
    assert same(weights_of(ours), drawn)
    assert not same(other, drawn)
    ours.load_state_dict(other)
    theirs.load_state_dict(ours.state_dict())
    assert same(weights_of(theirs), other)
    theirs.load_state_dict(drawn)
    ours.load_state_dict(theirs.state_dict())
    assert same(weights_of(ours), drawn)


def test_the_numbers_drawn_after_it_are_those_after_the_layer_of_torch():
    with torch.random.fork_rng(devices=[]):
        after = []
        for kind in (LSTMFromScratch, nn.LSTM):
            torch.default_generator.manual_seed(5)
            kind(2, 7, 3, bidirectional=True, proj_size=4)
            after.append(torch.rand(11))
    assert torch.equal(*after)


@given(cases())
def test_two_halves_with_the_state_handed_over_equal_the_whole(case):
    """In one direction: the way back would have to begin at the end."""
    model = LSTMFromScratch(**case.how | {"bidirectional": False}).double()
    x = numbers(*case.x).detach()
    seq = 1 if case.batched and model.batch_first else 0
    if x.shape[seq] < 2:
        x = torch.cat((x, -x), dim=seq)
    first, second = x.tensor_split(2, dim=seq)
    out, state = model(x)
    before, between = model(first)
    after, at_last = model(second, between)
    torch.testing.assert_close(torch.cat((before, after), dim=seq), out)
    torch.testing.assert_close(at_last, state)


@pytest.mark.parametrize("how", [{}, {"num_layers": 2, "bidirectional": True, "proj_size": 3}])
def test_the_instruments_look_into_it(how):
    model = seeded(LSTMFromScratch, input_size=2, hidden_size=5, batch_first=True, **how)
    x = torch.rand(7, 12, 2, generator=torch.Generator().manual_seed(0))
    both = "bidirectional" in how
    report = check_model(model, x)
    asked = [found.check for found in report.findings if found.verdict != "right"]
    assert asked == ["look-ahead"] * both
    chart = dependencies(model, x)
    assert chart.is_causal is not both
    assert not chart.mixes_samples

    trace = trace_shapes(model, x, axes="batch seq feature")
    comments = trace.comments()
    assert not comments.wrong + comments.questions
    assert len(comments.right) == 2 + both
    assert len(comments.did_not_run) == 1 - both
    out, h_n, _ = trace.outputs
    assert out.names[:2] == ("batch", "seq")
    assert h_n.names[:2] == ("?", "batch")

    lines = str(trace.annotated()).splitlines()
    (gates,) = [line for line in lines if "gates =" in line]
    assert gates.endswith(f"# gates (batch=7, hidden=20) × {48 if both else 12}")
    (out,) = [line for line in lines if "out = below" in line]
    assert out.endswith("# out (batch=7, seq=12, " + ("?=6)" if both else "hidden=5)"))


def test_under_autocast_the_state_is_taken_that_it_gave():
    model, x = LSTMFromScratch(2, 3), torch.rand(12, 5, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out, state = model(x[:7])
        second, _ = model(x[7:], state)
    assert second.shape == (5, 5, 3)


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_packed_sequence_is_refused_and_the_advice_reads_it(batch_first):
    packed = pack_sequence([torch.rand(7, 2), torch.rand(4, 2)])
    model = LSTMFromScratch(2, 3, batch_first=batch_first)
    with pytest.raises(TypeError) as caught:
        model(packed)
    axes = "(batch, seq, feature)" if batch_first else "(seq, batch, feature)"
    assert str(caught.value) == (
        f"x is a PackedSequence, but the model needs a tensor {axes}: read it with nn.LSTM, or "
        f"pass pad_packed_sequence(x, batch_first={batch_first})[0], of which the padding is read, "
        "too."
    )
    out, _ = model(pad_packed_sequence(packed, batch_first=batch_first)[0])
    assert out.shape == ((2, 7, 3) if batch_first else (7, 2, 3))
    theirs = nn.LSTM(2, 3, batch_first=batch_first)
    theirs.load_state_dict(model.state_dict())
    read, _ = pad_packed_sequence(theirs(packed)[0], batch_first=batch_first)
    first = (0,) if batch_first else (slice(None), 0)  # the longest has no padding
    torch.testing.assert_close(read[first], out[first])
