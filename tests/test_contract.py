"""What every model of the package has to do. Also run with the shapes in signatures enforced."""

import pytest
import torch
from torch import nn

from lstm_helpers import ManyToOneLSTM, check_same_shape, fit, predict

# name -> (how to make it, sizes of its y); all axis sizes differ from each other
MODELS = {
    "one step": (lambda: ManyToOneLSTM(2, 3), (1, 1)),
    "horizon and targets": (lambda: ManyToOneLSTM(2, 3, 4, horizon=7), (7, 4)),
    "two layers": (lambda: ManyToOneLSTM(2, 3, 6, num_layers=2, dropout=0.5), (1, 6)),
}
BATCH, SEQ, FEATURE = 5, 12, 2


@pytest.fixture(params=MODELS)
def case(request):
    make, sizes = MODELS[request.param]
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return make().eval(), sizes, torch.rand(BATCH, SEQ, FEATURE)


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


def test_every_step_counts_also_the_last(case):
    model, sizes, x = case
    x = x.double().requires_grad_()
    for h in range(sizes[0]):
        (gradient,) = torch.autograd.grad(model.double()(x)[:, h].sum(), x)
        assert (gradient != 0).all()


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


def test_hidden_is_read_after_the_last_step(case):
    """The forecast is what the linear layer makes of the top layer's last hidden state."""
    model, sizes, x = case
    _, (h_n, _) = model.lstm(x)
    torch.testing.assert_close(model(x).flatten(1), model.linear(h_n[-1]))
    assert isinstance(model.lstm, nn.LSTM)
