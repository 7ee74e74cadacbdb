"""`fit`: what was once counted twice, mistaken for another run, or taken for the same one."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import (
    ChainDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    Sampler,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from training import make_model, quietly, sine_windows, weights

WINDOWS = sine_windows()
BATCHES = [(WINDOWS.x[:50], WINDOWS.y[:50]), (WINDOWS.x[50:], WINDOWS.y[50:])]
TENSORS = TensorDataset(WINDOWS.x, WINDOWS.y)
CHANGED = WINDOWS.x.clone()
CHANGED[7] += 0.1  # neither the first nor the middle nor the last


class ByEpoch(Sampler):
    """An order of its own in each epoch, which it counts."""

    def __init__(self):
        self.epoch = 0

    def __len__(self):
        return len(WINDOWS)

    def __iter__(self):
        self.epoch += 1
        order = torch.Generator().manual_seed(self.epoch)
        return iter(torch.randperm(len(WINDOWS), generator=order).tolist())


class BatchesByEpoch:
    epoch = 0  # becomes an attribute of the object in the first epoch

    def __iter__(self):
        self.epoch += 1
        return iter([(x / self.epoch, y) for x, y in BATCHES])


class CountsAndAverages(nn.Module):
    """A loss with a counter, a buffer that changes in place, and one that is replaced."""

    def __init__(self):
        super().__init__()
        self.steps = 0
        self.register_buffer("mean", torch.zeros((), dtype=torch.float64))
        self.register_buffer("last", torch.zeros((), dtype=torch.float64))

    def forward(self, yhat, y):
        loss = (yhat - y).square().mean()
        self.steps += 1
        self.mean.mul_(0.9).add_(0.1 * loss.detach())
        self.last = loss.detach()
        return loss * (1 + 1 / self.steps) + loss / (1 + self.mean + self.last)


class Counts:
    steps = 0

    def __call__(self, yhat, y):
        self.steps += 1
        return (yhat - y).square().mean() * (1 + 1 / self.steps)


class Yields(IterableDataset):
    def __iter__(self):
        return iter(TENSORS)


class YieldsSoMany(Yields):
    def __len__(self):
        return len(TENSORS)


def decaying(model):
    weight = model.linear.weight
    return lambda yhat, y: (yhat - y).square().mean() + 0.01 * weight.square().sum()


def as_they_are(data):
    return lambda: data


TRAINS = {
    "a sampler that counts": lambda: DataLoader(TENSORS, 30, sampler=ByEpoch()),
    "an iterable that counts": BatchesByEpoch,
    "a data set that yields so many": lambda: DataLoader(YieldsSoMany(), 30),
    "a chain of data sets": lambda: DataLoader(ChainDataset([Yields(), Yields()]), 30),
    "batches": as_they_are(BATCHES),
}
LOSSES = {
    "module": lambda model: CountsAndAverages(),
    "object": lambda model: Counts(),
    "partial": lambda model: partial(CountsAndAverages()),
    "method": lambda model: CountsAndAverages().forward,
    "of a weight": decaying,
}


@pytest.mark.parametrize(
    ("train", "loss"), [*((name, None) for name in TRAINS), *(("batches", name) for name in LOSSES)]
)
def test_what_counts_along_goes_on_in_a_new_process_and_in_one(train, loss, tmp_path):
    def trained(*epochs, **file):
        model = make_model()
        how = {"train": TRAINS[train](), "lr": 0.01, **file}
        if loss is not None:
            how["loss_fn"] = LOSSES[loss](model)
        for number in epochs:
            history = quietly(model, **how, epochs=number)
        return weights(model), history.records

    whole, records = trained(4)
    for name, calls in (("new.pt", [(2,), (4,)]), ("one.pt", [(2, 3, 4)]), ("once.pt", [(4,)])):
        for epochs in calls:
            end, its_records = trained(*epochs, checkpoint=tmp_path / name)
        assert torch.equal(end, whole)
        assert its_records == records


@pytest.mark.parametrize("looked", ["val", "lazy"])
def test_the_look_before_the_first_step_is_not_counted(looked):
    sampler = ByEpoch()
    loader = DataLoader(TENSORS, 30, sampler=sampler)
    if looked == "val":
        quietly(make_model(), BATCHES, loader, epochs=3)
    else:
        lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(1), nn.Unflatten(1, (1, 1))).double()
        quietly(lazy, loader, epochs=3)
    assert sampler.epoch == 3


class Slow(Dataset):
    """One that can only be asked for items."""

    def __init__(self, x):
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, number):
        return self.x[number], WINDOWS.y[number]


class Iterates:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        return iter([(self.x[60:], WINDOWS.y[60:]), (self.x[:60], WINDOWS.y[:60])])


class Weighted(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.weight = torch.tensor(weight)

    def forward(self, yhat, y):
        return (yhat - y).square().mean() * self.weight


class Scaled(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.inner, self.scale = make_model(), scale

    def forward(self, x):
        return self.inner(x) * self.scale


class Doubled(Scaled):
    def forward(self, x):
        return self.inner(x) * 2 * self.scale


Doubled.__name__ = "Scaled"


class Item:
    def __init__(self, x):
        self.x, self.y = x, WINDOWS.y


def sampled(sampler):
    return DataLoader(TENSORS, 30, sampler=sampler)


def of_an_array(weight):
    array = np.array([weight])
    return lambda yhat, y: (yhat - y).square().mean() * float(array[0])


def by_default(weight):
    return lambda yhat, y, *, by=weight: (yhat - y).square().mean() * by


def with_inner(weight):
    inner = by_default(weight)
    return lambda yhat, y: inner(yhat, y)


def with_huber(delta):
    inner = nn.HuberLoss(delta=delta)
    return lambda yhat, y: inner(yhat, y)


def doubled(items):
    x, y = torch.utils.data.default_collate(items)
    return x * 2, y


def read_item(model, item):
    return model(item.x), item.y


RUNS = {
    "optimizer: its weights": [
        {"optimizer": lambda m: torch.optim.Adam(m.lstm.parameters())},
        {"optimizer": lambda m: torch.optim.Adam(m.linear.parameters())},
    ],
    "optimizer: weights alike": [
        {"optimizer": lambda m: torch.optim.Adam([m.lstm.bias_ih_l0])},
        {"optimizer": lambda m: torch.optim.Adam([m.lstm.bias_hh_l0])},
    ],
    "optimizer: their order": [
        {"optimizer": lambda m: torch.optim.Adam([*m.parameters()])},
        {"optimizer": lambda m: torch.optim.Adam([*m.parameters()][::-1])},
    ],
    "train: weights of a sampler": [
        {"train": sampled(WeightedRandomSampler(torch.ones(108), 108))},
        {"train": sampled(WeightedRandomSampler(torch.arange(108) + 1.0, 108))},
    ],
    "train: a subset": [
        {"train": sampled(SubsetRandomSampler(range(60)))},
        {"train": sampled(SubsetRandomSampler(range(40, 100)))},
    ],
    "train: collate_fn": [
        {"train": DataLoader(TENSORS, 30)},
        {"train": DataLoader(TENSORS, 30, collate_fn=doubled)},
    ],
    "train: an item": [
        {"train": DataLoader(Slow(WINDOWS.x), 30)},
        {"train": DataLoader(Slow(CHANGED), 30)},
    ],
    "train: a later batch": [{"train": Iterates(WINDOWS.x)}, {"train": Iterates(CHANGED)}],
    "train: batches of a class": [
        {"train": [Item(WINDOWS.x)], "forward": read_item},
        {"train": [Item(CHANGED)], "forward": read_item},
    ],
    "model: a number": [{"model": lambda: Scaled(1.0)}, {"model": lambda: Scaled(3.0)}],
    "model: its forward": [{"model": lambda: Scaled(1.0)}, {"model": lambda: Doubled(1.0)}],
    "loss_fn: a tensor of a module": [{"loss_fn": Weighted(2.0)}, {"loss_fn": Weighted(3.0)}],
    "loss_fn: a method": [{"loss_fn": Weighted(2.0).forward}, {"loss_fn": Weighted(3.0).forward}],
    "loss_fn: an array": [{"loss_fn": of_an_array(2.0)}, {"loss_fn": of_an_array(3.0)}],
    "loss_fn: a default": [{"loss_fn": by_default(2.0)}, {"loss_fn": by_default(3.0)}],
    "loss_fn: a function inside": [{"loss_fn": with_inner(2.0)}, {"loss_fn": with_inner(3.0)}],
    "loss_fn: a module inside": [{"loss_fn": with_huber(2.0)}, {"loss_fn": with_huber(3.0)}],
}


@pytest.mark.parametrize("what", RUNS)
def test_another_run_is_another_run(what, tmp_path):
    one, other = RUNS[what]

    def run(how, epochs):
        how = {"train": BATCHES, **how}
        model = how.pop("model", make_model)()
        optimizer = how.pop("optimizer", lambda model: None)(model)
        return quietly(
            model, **how, optimizer=optimizer, epochs=epochs, checkpoint=tmp_path / "run.pt"
        )

    run(one, 1)
    with pytest.raises(ValueError, match=f"holds another run: another {what.split(':')[0]}"):
        run(other, 2)
    assert len(run(one, 3).records) == 3


class LastState(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.linear = nn.GRU(2, 4, batch_first=True), nn.Linear(4, 3)

    def forward(self, x):
        return self.linear(self.rnn(x)[1][-1])


def test_packed_batches_are_trained_on():
    draws = torch.Generator().manual_seed(3)
    x = [torch.randn(length, 2, generator=draws) for length in (3, 5, 2, 4)]
    packed, y = pack_sequence(x, enforce_sorted=False), torch.randn(4, 3, generator=draws)
    model, by_hand = LastState(), LastState()
    by_hand.load_state_dict(model.state_dict())
    quietly(model, [(packed, y)], forward=lambda model, x, y: (model(x), y))
    optimizer = torch.optim.Adam(by_hand.parameters(), fused=True)
    for _ in range(3):
        by_hand.zero_grad()
        nn.functional.mse_loss(by_hand(packed), y).backward()
        nn.utils.clip_grad_norm_(by_hand.parameters(), 1.0)
        optimizer.step()
    assert torch.equal(weights(model), weights(by_hand))


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
@pytest.mark.parametrize("made", ["script", "trace"])
def test_a_scripted_model_learns_like_the_one_it_was_made_of(made, tmp_path):
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.Tanh(), nn.Linear(5, 1))
    model = model.append(nn.Unflatten(1, (1, 1))).double()
    start = {name: value.clone() for name, value in model.state_dict().items()}
    scripted = torch.jit.script(model) if made == "script" else torch.jit.trace(model, WINDOWS.x)
    for epochs in (1, 3):
        quietly(scripted, BATCHES, BATCHES, epochs=epochs, checkpoint=tmp_path / "run.pt")
    end = weights(scripted).clone()
    model.load_state_dict(start)
    quietly(model, BATCHES, BATCHES)
    assert torch.equal(weights(model), end)


def of_words(size):
    return nn.Sequential(nn.Embedding(size, 3), nn.Flatten(), nn.Linear(6, 2))


NUMBERS = torch.tensor([[0, 4], [7, 1], [2, 2]])
INTEGERS = torch.arange(40).reshape(5, 4, 2)


@pytest.mark.parametrize(
    ("how", "error", "message", "mended"),
    [
        (
            {"model": lambda: of_words(5), "train": [(NUMBERS, torch.rand(3, 2))]},
            ValueError,
            "batch 0 of train, x (batch=3, seq=2): index out of range in self: x holds 0 to 7, but "
            "an nn.Embedding takes whole numbers from 0, below its num_embeddings.",
            {"model": lambda: of_words(8)},
        ),
        (
            {"model": LastState, "train": [(INTEGERS, torch.rand(5, 3))]},
            ValueError,
            "x of batch 0 of train has dtype torch.int64, but the model's weights have "
            "torch.float32: use x.to(torch.float32), or an nn.Embedding first where the numbers "
            "stand for classes.",
            {"train": [(INTEGERS.to(torch.float32), torch.rand(5, 3))]},
        ),
        (
            {"loss_fn": lambda yhat, y: (yhat - y).mean() * 1j},
            TypeError,
            "loss_fn returns torch.complex128, but a real number is needed, which can be less: "
            "take the .abs() of the difference of yhat and y.",
            {"loss_fn": lambda yhat, y: ((yhat - y) * 1j).abs().mean()},
        ),
        (
            {"loss_fn": lambda yhat, y: np.mean((yhat.numpy() - y.numpy()) ** 2)},
            ValueError,
            "it computes with numpy, which carries no gradient: compute it with torch, such as "
            "(yhat - y).square().mean().",
            {"loss_fn": lambda yhat, y: (yhat - y).square().mean()},
        ),
    ],
)
def test_what_can_not_be_trained_is_told_in_words(how, error, message, mended):
    def run(model=make_model, train=BATCHES, **how):
        return quietly(model(), train, **how)

    with pytest.raises(error) as caught:
        run(**how)
    assert message in str(caught.value)
    assert len(run(**(how | mended)).records) == 3


@pytest.mark.parametrize("dtype", [torch.complex64, torch.bfloat16])
def test_parameters_that_are_no_ordinary_numbers_are_trained(dtype):
    class Beside(LastState):
        def __init__(self):
            super().__init__()
            self.beside = nn.Parameter(torch.ones(4, dtype=dtype))

        def forward(self, x):
            return super().forward(x) + self.beside.abs().sum()

    model = Beside()
    quietly(model, [(torch.rand(5, 6, 2), torch.rand(5, 3))], lr=0.1)
    assert (model.beside != 1).all()
    assert model.beside.dtype == dtype


def test_weights_that_lie_apart_in_memory_are_trained_as_any():
    class Apart(LastState):
        def __init__(self):
            super().__init__()
            self.apart = nn.Parameter(torch.arange(24.0).view(4, 6)[:, ::2])

        def forward(self, x):
            return super().forward(x) + self.apart.square().sum()

    batch = torch.rand(5, 6, 2), torch.rand(5, 3)
    model, by_hand = Apart(), Apart()
    by_hand.load_state_dict(model.state_dict())
    quietly(model, [batch], epochs=3, clip_norm=None)
    optimizer = torch.optim.Adam(by_hand.parameters())
    for _ in range(3):
        by_hand.zero_grad()
        nn.functional.mse_loss(by_hand(batch[0]), batch[1]).backward()
        optimizer.step()
    assert torch.equal(model.apart, by_hand.apart)
