"""`fit` looks at every batch and at one set of weights, and explains what PyTorch leaves open."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader
from training import make_model, quietly, sine_windows, weights

from lstm_helpers import ManyToOneLSTM, Windows, fit, predict

WINDOWS = sine_windows()
X, Y = WINDOWS[:]
BATCHES = [(X[:50], Y[:50]), (X[50:], Y[50:])]


def squared(yhat, y):
    return (yhat - y).square().mean()


def plain_loop(model, batches, optimizer, epochs, loss_fn=squared):
    """What `fit` has to equal; every gradient is set to zero before each step."""
    torch.manual_seed(0)
    model.train()
    for _ in range(epochs):
        for x, y in batches:
            loss = loss_fn(model(x), y)
            model.zero_grad()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return weights(model)


@pytest.mark.parametrize("where", ["train", "val"])
@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (
            (X[:7], Y[:7, 0, 0]),
            ValueError,
            "yhat is (batch=7, horizon=1, target=1) but y is (batch=7): the loss would broadcast "
            "both to (7, 1, 7). Give y its axes: y[:, None, None].",
        ),
        (
            (X[:0], Y[:0]),
            ValueError,
            " is empty, x (0, 12, 1), but at least one window is needed: leave it out.",
        ),
        (
            (X[:7], Y[:7], Y[:7]),
            TypeError,
            " is 3 parts (Tensor, Tensor, Tensor), but a pair of tensors (x, y) is needed: for "
            "other batches pass forward=, a function (model, *batch) -> (yhat, y).",
        ),
        (
            (X[:7].index_fill(0, torch.tensor(3), torch.nan), Y[:7]),
            ValueError,
            "x (7, 12, 1) holds NaN or infinity, but a loss needs numbers: fill the gaps before "
            "you cut windows.",
        ),
        (
            (X[:7].float(), Y[:7]),
            ValueError,
            " has dtype torch.float32, but the model's weights have torch.float64: use "
            "Windows(..., dtype=torch.float64), or model.to(torch.float32).",
        ),
    ],
)
@pytest.mark.parametrize("number", [0, 1])
def test_every_batch_is_checked_and_named(number, batch, error, message, where):
    model = make_model()
    batches = [BATCHES[0]] * number + [batch]
    how = {"train": batches} if where == "train" else {"train": BATCHES, "val": batches}
    with pytest.raises(error) as caught:
        quietly(model, **how, loss_fn=squared)
    said, name = str(caught.value), f"batch {number} of {where}"
    assert said in (f"{name}: {message}", f"{name}{message}", f"x of {name}{message}")
    assert caught.value.history.records == []
    assert torch.equal(weights(model), weights(make_model()))


def test_val_is_looked_at_before_the_first_step_and_leaves_no_trace():
    """The look draws no number, moves no state, and begins an iterable only once."""

    class Counted:
        begun = 0

        def __iter__(self):
            self.begun += 1
            return iter(BATCHES)

    class Drawn:
        def __iter__(self):
            return (WINDOWS[part] for part in torch.randperm(len(WINDOWS)).split(40))

    class Keeps(ManyToOneLSTM):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return super().forward(x) * (1 + 0.01 * self.calls)

    counted = Counted()
    quietly(make_model(), BATCHES, counted, epochs=4)
    assert counted.begun == 4
    for val in (Counted(), Drawn(), DataLoader(list(WINDOWS), 40, shuffle=True)):
        model, by_hand = Keeps(1, 4, dropout=0.2, num_layers=2).double(), Keeps(1, 4, 1).double()
        by_hand = Keeps(1, 4, dropout=0.2, num_layers=2).double()
        by_hand.load_state_dict(model.state_dict())
        quietly(model, BATCHES, val, epochs=2, lr=0.01, patience=9)
        torch.manual_seed(0)
        optimizer = torch.optim.Adam(by_hand.parameters(), lr=0.01, fused=True)
        for _ in range(2):
            by_hand.train()
            for x, y in BATCHES:
                optimizer.zero_grad()
                squared(by_hand(x), y).backward()
                nn.utils.clip_grad_norm_(by_hand.parameters(), 1.0)
                optimizer.step()
            by_hand.eval()
            for x, _ in val:
                by_hand(x)
        assert torch.equal(weights(model), weights(by_hand))
        assert model.calls == by_hand.calls


def test_an_optimizer_of_a_part_and_of_more():
    """What it does not hold gets no old gradient; a weight of the loss is kept with the others."""
    part, by_hand = make_model(), make_model()
    quietly(part, BATCHES, epochs=9, optimizer=torch.optim.SGD(part.linear.parameters(), lr=0.1))
    optimizer = torch.optim.SGD(by_hand.linear.parameters(), lr=0.1)
    assert torch.equal(weights(part), plain_loop(by_hand, BATCHES, optimizer, 9))

    model, scale = make_model(), nn.Parameter(torch.ones(()).double())
    answers = [(X, make_model().eval()(X).detach())]  # training only makes it worse
    history = quietly(
        model,
        BATCHES,
        answers,
        epochs=5,
        loss_fn=lambda yhat, y: squared(yhat, y) * scale.exp() - scale,
        optimizer=torch.optim.SGD([*model.parameters(), scale], lr=0.1),
    )
    moved = nn.Parameter(torch.ones(()).double())
    again = make_model()
    quietly(
        again,
        BATCHES,
        epochs=history.best_epoch,
        loss_fn=lambda yhat, y: squared(yhat, y) * moved.exp() - moved,
        optimizer=torch.optim.SGD([*again.parameters(), moved], lr=0.1),
    )
    assert history.best_epoch < 5
    assert torch.equal(scale, moved)
    assert not torch.equal(scale, torch.ones(()).double())


class Late(nn.Module):
    """Makes a layer when it first sees x."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(1, 4).double(), None

    def forward(self, x):
        if self.last is None:
            self.last = nn.Linear(4, 1).double()
            self.start = self.last.weight.detach().clone()
        return self.last(self.first(x[:, -1:]))


def test_parameters_made_in_forward_are_trained_or_refused(tmp_path):
    model = Late()
    quietly(model, BATCHES, BATCHES)
    assert not torch.equal(model.start, model.last.weight)
    for how in ("optimizer", "checkpoint"):
        model = Late()
        if how == "optimizer":
            arguments = {how: torch.optim.Adam(model.parameters())}
        else:
            arguments = {how: tmp_path / "run.pt"}
        with pytest.raises(ValueError) as caught:
            quietly(model, BATCHES, **arguments)
        assert str(caught.value) == (
            "batch 0 of train: the model makes last.weight, last.bias in forward, after its "
            "optimizer was made, which would not train it: make all parameters in __init__, or run "
            "the model once on a batch before you call fit."
        )
        model(X)
        if how == "optimizer":
            arguments = {how: torch.optim.Adam(model.parameters())}
        quietly(model, BATCHES, **arguments)
        assert not torch.equal(model.start, model.last.weight)


def test_lazy_layers_frozen_infinity_and_one_number_that_is_needed_twice():
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(1), nn.Unflatten(1, (1, 1))).double()
    quietly(lazy, BATCHES, BATCHES)
    assert lazy[1].weight.shape == (1, 12)

    tied = make_model()
    tied.again = tied.linear
    tied.mask = nn.Parameter(torch.full((3,), -torch.inf), requires_grad=False)
    assert len(quietly(tied, BATCHES, BATCHES).records) == 3


class Carry(ManyToOneLSTM):
    state, cut = None, False

    def forward(self, x):
        if self.cut and self.state is not None:
            self.state = tuple(s.detach() for s in self.state)
        out, self.state = self.lstm(x, self.state)
        return self.linear(out[:, -1:])


def test_a_state_that_is_carried_with_its_gradients():
    model = Carry(1, 3).double()
    halves = [(X[:54], Y[:54]), (X[54:], Y[54:])]
    with pytest.raises(ValueError) as caught:
        quietly(model, halves)
    assert str(caught.value) == (
        "batch 1 of train: Carry.state still holds what an earlier batch computed, and its "
        "gradients were used up: cut it off after each batch, "
        "self.state = tuple(s.detach() for s in self.state), or begin each batch with None."
    )
    assert isinstance(caught.value.__cause__, RuntimeError)
    model = Carry(1, 3).double()
    model.cut = True
    assert len(quietly(model, halves).records) == 3
    with pytest.raises(ValueError) as caught:
        quietly(model, [halves[0], (X[:7], Y[:7])])
    assert str(caught.value).startswith(
        "the model can't run on batch 1 of train, x (batch=7, seq=12, feature=1): Expected hidden"
    )
    assert str(caught.value).endswith(
        " The state is of another batch: begin each batch with None, or use drop_last=True."
    )


def test_batch_norm_and_a_last_batch_of_one():
    model = nn.Sequential(
        nn.Flatten(), nn.BatchNorm1d(12), nn.Linear(12, 1), nn.Unflatten(1, (1, 1))
    ).double()
    rest = len(WINDOWS) - 1
    with pytest.raises(ValueError) as caught:
        quietly(model, WINDOWS.loader(rest))
    assert str(caught.value) == (
        "batch 1 of train holds one window, x (batch=1, seq=12, feature=1), but BatchNorm in "
        "training needs more than one, to take their mean: use drop_last=True, or another "
        "batch_size."
    )
    for loader in (WINDOWS.loader(rest, drop_last=True), WINDOWS.loader(50)):
        assert len(quietly(model, loader, WINDOWS.loader(rest)).records) == 3


def test_sparse_gradients_are_clipped_or_the_optimizer_is_named():
    words, y = torch.tensor([[1, 2], [4, 2]]), torch.rand(2, 2, 3)

    def made(sparse, make):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            model = nn.Embedding(5, 3, sparse=sparse)
        quietly(model, [(words, y * 100)], optimizer=make(model.parameters()))
        return weights(model)

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.1)

    torch.testing.assert_close(made(True, sgd), made(False, sgd))
    with pytest.raises(ValueError) as caught:
        made(True, torch.optim.Adam)
    assert str(caught.value) == (
        "batch 0 of train: the optimizer can't step along sparse gradients, which an embedding "
        "with sparse=True gives: use torch.optim.SGD or SparseAdam, or sparse=False."
    )
    made(True, torch.optim.SparseAdam)
    made(False, torch.optim.Adam)


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_gradients_flow_whatever_stands_around(off):
    model, expected = make_model(), make_model()
    with off():
        quietly(model, WINDOWS, WINDOWS)
        assert not torch.is_grad_enabled()
    quietly(expected, WINDOWS, WINDOWS)
    assert torch.equal(weights(model), weights(expected))


def test_a_model_made_under_inference_mode_is_refused():
    with torch.inference_mode():
        model = ManyToOneLSTM(1, 3).double()
    with pytest.raises(ValueError) as caught:
        quietly(model, BATCHES)
    assert str(caught.value) == (
        "the model was made under torch.inference_mode(), so its weights can't be trained: make it "
        "outside."
    )


def test_autocast_around_fit_casts_the_weights_anew_for_each_step():
    """Its cache lives as long as its block, and would hold the weights of the first step."""
    windows = Windows(torch.sin(torch.arange(120) / 3), 12)
    loader = windows.loader(30)

    def new():
        torch.manual_seed(3)
        return ManyToOneLSTM(1, 4)

    model, by_hand, without = new(), new(), new()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        quietly(model, loader, loader, lr=0.01)
    optimizer = torch.optim.Adam(by_hand.parameters(), lr=0.01, fused=True)
    for _ in range(3):
        for x, y in loader:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.mse_loss(by_hand(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(by_hand.parameters(), 1.0)
            optimizer.step()
    quietly(without, loader, loader, lr=0.01)
    assert torch.equal(weights(model), weights(by_hand))
    assert not torch.equal(weights(model), weights(without))


class Adds(torch.optim.SGD):
    """An optimizer of one's own, with a closure that may be left out."""

    def step(self, closure=None):
        return super().step(closure)


def test_optimizers_that_need_the_loss_again_are_refused():
    model = make_model()
    with pytest.raises(ValueError) as caught:
        quietly(model, BATCHES, optimizer=torch.optim.LBFGS(model.parameters()))
    assert str(caught.value) == (
        "optimizer is LBFGS, which computes the loss several times in one step, but fit computes "
        "it once: use torch.optim.Adam, or write its loop yourself."
    )
    quietly(model, BATCHES, optimizer=Adds(model.parameters(), lr=0.1))


def test_a_device_without_numbers_leaves_the_weights_where_they_were():
    model = make_model()
    with pytest.raises(ValueError) as caught:
        fit(model, BATCHES, device="meta")
    assert str(caught.value) == (
        'device is \'meta\', which holds no numbers to train with: use "auto", "cpu" or "cuda".'
    )
    assert torch.equal(weights(model), weights(make_model()))
    assert predict(model, X).shape == Y.shape


def test_any_other_error_carries_the_history():
    class Drive:
        begun = 0

        def __iter__(self):
            self.begun += 1
            if self.begun > 4:
                raise OSError("drive gone")
            return iter(BATCHES)

    model, expected = make_model(), make_model()
    with pytest.raises(OSError, match="drive gone") as caught:
        quietly(model, BATCHES, Drive(), epochs=20)
    history = quietly(expected, BATCHES, BATCHES, epochs=4)
    assert caught.value.history == history
    assert caught.value.__notes__ == [
        "fit: the history holds 4 epochs, and the model has the weights of epoch 4; error.history "
        "holds it."
    ]
    assert torch.equal(weights(model), weights(expected))
