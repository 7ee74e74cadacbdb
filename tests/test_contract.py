"""What every model of the package has to do. Also run with the shapes in signatures enforced."""

import pytest
import torch
from torch import nn

from lstm_helpers import (
    EncoderDecoderLSTM,
    ManyToManyLSTM,
    ManyToOneLSTM,
    check_same_shape,
    fit,
    predict,
)

BATCH, SEQ, FEATURE = 5, 12, 2
# name -> (how to make it, sizes of its y); all axis sizes differ from each other
MODELS = {
    "one step": (lambda: ManyToOneLSTM(2, 3), (1, 1)),
    "horizon and targets": (lambda: ManyToOneLSTM(2, 3, 4, horizon=7), (7, 4)),
    "two layers": (lambda: ManyToOneLSTM(2, 3, 6, num_layers=2, dropout=0.5), (1, 6)),
    "every step": (lambda: ManyToManyLSTM(2, 3), (SEQ, 1)),
    "every step, two layers": (
        lambda: ManyToManyLSTM(2, 3, 6, num_layers=2, dropout=0.5),
        (SEQ, 6),
    ),
    "encoder and decoder": (lambda: EncoderDecoderLSTM(2, 3, horizon=7, target=1), (7, 1)),
    "encoder and decoder, two layers": (
        lambda: EncoderDecoderLSTM(2, 4, 2, horizon=6, num_layers=2, dropout=0.5),
        (6, 2),
    ),
}


def case_of(make, sizes):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return make().eval(), sizes, torch.rand(BATCH, SEQ, FEATURE)


@pytest.fixture(params=MODELS)
def case(request):
    return case_of(*MODELS[request.param])


@pytest.fixture(params=[name for name in MODELS if "every step" in name])
def stepwise(request):
    """The models with `step`."""
    return case_of(*MODELS[request.param])


def test_shape(case):
    model, sizes, x = case
    assert model(x).shape == (BATCH, *sizes)


@pytest.mark.parametrize("batch", [1, 3])
def test_any_batch_size(case, batch):
    model, sizes, x = case
    assert model(x[:batch]).shape == (batch, *sizes)
    torch.testing.assert_close(model(x[:batch]), model(x)[:batch])


def test_samples_are_independent(case):
    model, _, x = case
    other = x.clone()
    other[2] += 1
    changed = (model(other) != model(x)).flatten(1).any(1)
    assert changed.tolist() == [False, False, True, False, False]


def test_each_output_sees_every_step_that_it_may_and_no_other(case):
    """A forecast of what follows sees the whole window, also its last step; an output at step t
    sees the steps up to t.
    """
    model, sizes, x = case
    x = x.double().requires_grad_()
    for h in range(sizes[0]):
        (gradient,) = torch.autograd.grad(model.double()(x)[:, h].sum(), x)
        last = h if sizes[0] == SEQ else SEQ - 1
        assert (gradient[:, : last + 1] != 0).all()
        assert (gradient[:, last + 1 :] == 0).all()


def test_memory_layout_does_not_matter(case):
    model, _, x = case
    strided = x.transpose(0, 1).contiguous().transpose(0, 1)
    assert not strided.is_contiguous()
    torch.testing.assert_close(model(strided), model(x))


def test_state_dict_round_trip(case, request):
    model, _, x = case
    make, _ = MODELS[request.node.callspec.params["case"]]
    twin = make().eval()
    assert not torch.equal(twin(x), model(x))
    twin.load_state_dict(model.state_dict())
    assert torch.equal(twin(x), model(x))


def test_fit_and_predict_take_it(case):
    model, sizes, x = case
    y = torch.rand(BATCH, *sizes)
    check_same_shape(model(x), y)
    before = model.linear.weight.clone()
    fit(model, [(x, y)], epochs=1, progress=False)
    assert not torch.equal(model.linear.weight, before)
    assert predict(model, x).shape == y.shape


def test_each_output_is_linear_in_its_own_hidden_state(case):
    """The linear layer reads the top layer's state after the last step that the output may see."""
    model, sizes, x = case
    if isinstance(model, EncoderDecoderLSTM):
        with pytest.MonkeyPatch.context() as patch:
            read = []
            run = model.decoder.forward
            patch.setattr(model.decoder, "forward", lambda *a: read.append(run(*a)) or read[-1])
            yhat = model(x)
        states = torch.stack([h_n[-1] for _, (h_n, _) in read], dim=1)
        torch.testing.assert_close(yhat, model.linear(states))
        return
    assert isinstance(model.lstm, nn.LSTM)
    if sizes[0] == SEQ:
        for t in range(SEQ):
            _, (h_n, _) = model.lstm(x[:, : t + 1])
            torch.testing.assert_close(model(x)[:, t], model.linear(h_n[-1]))
    else:
        _, (h_n, _) = model.lstm(x)
        torch.testing.assert_close(model(x).flatten(1), model.linear(h_n[-1]))


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_two_halves_with_the_state_handed_over_equal_the_whole(stepwise, cut):
    model, _, x = stepwise
    first, state = model.step(x[:, :cut])
    second, (h_n, c_n) = model.step(x[:, cut:], state)
    torch.testing.assert_close(torch.cat((first, second), dim=1), model(x))
    _, (h_whole, c_whole) = model.step(x)
    torch.testing.assert_close(h_n, h_whole)
    torch.testing.assert_close(c_n, c_whole)


def test_one_step_at_a_time_equals_the_whole(stepwise):
    model, _, x = stepwise
    steps, state = [], None
    for x_t in x.split(1, dim=1):
        yhat, state = model.step(x_t, state)
        steps.append(yhat)
    torch.testing.assert_close(torch.cat(steps, dim=1), model(x))


def test_the_gradient_goes_through_the_handed_over_state(stepwise):
    model, _, x = stepwise
    model, x = model.double(), x.double().requires_grad_()
    _, state = model.step(x[:, :5])
    second, _ = model.step(x[:, 5:], state)
    (in_halves,) = torch.autograd.grad(second.sum(), x)
    (whole,) = torch.autograd.grad(model(x)[:, 5:].sum(), x)
    torch.testing.assert_close(in_halves, whole)
