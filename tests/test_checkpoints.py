"""`fit(checkpoint=...)`: a run goes on as if it had never stopped, and no other run does."""

import random
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler, TensorDataset
from training import make_model, quietly, sine_windows, weights

from lstm_helpers import ManyToOneLSTM, fit

WINDOWS = sine_windows()
BATCHES = [(WINDOWS.x[:50], WINDOWS.y[:50]), (WINDOWS.x[50:], WINDOWS.y[50:])]
VAL = [(WINDOWS.x[:20], WINDOWS.y[:20])]


class Noisy(Dataset):
    """Windows with noise from each of the usual generators."""

    def __len__(self):
        return len(WINDOWS)

    def __getitem__(self, number):
        x, y = WINDOWS[number]
        return x + 0.01 * (torch.randn(1).item() + np.random.randn() + random.random()), y


class InOrder:
    """An iterable of one's own, which draws its order from a generator that it holds."""

    def __init__(self):
        self.generator = np.random.default_rng(3)

    def __iter__(self):
        order = self.generator.permutation(len(WINDOWS))
        return (WINDOWS[torch.from_numpy(part)] for part in np.array_split(order, 4))


def seed(number):
    return torch.Generator().manual_seed(number)


def two_generators(**how):
    return DataLoader(Noisy(), 30, sampler=RandomSampler(Noisy(), generator=seed(5)), **how)


LOADERS = {
    "windows": sine_windows,
    "a loader of windows": lambda: WINDOWS.loader(30, shuffle=True, seed=4),
    "a list": lambda: BATCHES,
    "torch": lambda: DataLoader(Noisy(), 30, shuffle=True),
    "one generator": lambda: DataLoader(Noisy(), 30, shuffle=True, generator=seed(3)),
    "two generators": lambda: two_generators(generator=seed(3)),
    "numpy's generator": InOrder,
}
WITH_WORKERS = {
    "workers": lambda: DataLoader(Noisy(), 30, shuffle=True, num_workers=2),
    "workers, one generator": lambda: DataLoader(
        Noisy(), 30, shuffle=True, num_workers=2, generator=seed(3)
    ),
    "persistent": lambda: DataLoader(
        Noisy(), 30, shuffle=True, num_workers=2, persistent_workers=True, generator=seed(3)
    ),
    "persistent, two generators": lambda: two_generators(
        num_workers=2, persistent_workers=True, generator=seed(3)
    ),
}


def run(make_loader, epochs, path, **how):
    """A run as a new process has it: nothing is left of the one before."""
    model = make_model()
    loader = make_loader()
    history = quietly(model, loader, epochs=epochs, lr=0.01, checkpoint=path, **how)
    return weights(model), history


@pytest.mark.parametrize("kind", LOADERS)
@pytest.mark.parametrize("how", [{}, {"val": VAL, "patience": 40}])
def test_epochs_may_be_raised_and_the_end_is_the_same(kind, how, tmp_path):
    expected, history = run(LOADERS[kind], 5, None, **how)
    for epochs in (2, 3, 5):
        end, gone_on = run(LOADERS[kind], epochs, tmp_path / "run.pt", **how)
    assert torch.equal(end, expected)
    assert gone_on == history
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", WITH_WORKERS)
def test_workers_go_on_as_well(kind, tmp_path):
    expected, history = run(WITH_WORKERS[kind], 4, tmp_path / "whole.pt")
    for epochs in (1, 3, 4):
        end, gone_on = run(WITH_WORKERS[kind], epochs, tmp_path / "parts.pt")
    assert torch.equal(end, expected)
    assert gone_on == history
    if "persistent" not in kind:  # these are started anew for each epoch, and draw for it
        assert torch.equal(end, run(WITH_WORKERS[kind], 4, None)[0])


@pytest.mark.parametrize(
    "make",
    [
        partial(torch.optim.SGD, lr=0.05, momentum=0.9, nesterov=True),
        partial(torch.optim.AdamW, lr=torch.tensor(0.01)),
        partial(torch.optim.RMSprop, lr=0.01),
    ],
)
def test_the_same_model_and_optimizer_go_on_as_well(make, tmp_path):
    """As in a notebook: the cell is run again, with more epochs."""
    whole, parts = make_model(), make_model()
    quietly(whole, BATCHES, epochs=6, optimizer=make(whole.parameters()))
    optimizer = make(parts.parameters())
    for epochs in range(1, 7):
        quietly(
            parts, BATCHES, epochs=epochs, optimizer=optimizer, checkpoint=str(tmp_path / "run.pt")
        )
    assert torch.equal(weights(parts), weights(whole))


def test_an_interrupted_run_goes_on(tmp_path):
    calls = 0

    def loss_fn(yhat, y):
        nonlocal calls
        calls += 1
        if calls == 7:  # in the middle of epoch 4
            raise KeyboardInterrupt
        return nn.functional.mse_loss(yhat, y)

    path = tmp_path / "run.pt"
    assert run(lambda: BATCHES, 5, path, loss_fn=loss_fn)[1].interrupted
    end, history = run(lambda: BATCHES, 5, path, loss_fn=loss_fn)
    expected, whole = run(lambda: BATCHES, 5, None, loss_fn=loss_fn)
    assert torch.equal(end, expected)
    assert history == whole


class Kinds(nn.Module):
    """Buffers that are not persistent, batch statistics, frozen infinity and extra state."""

    def __init__(self):
        super().__init__()
        self.norm, self.linear = nn.BatchNorm1d(12), nn.Linear(1, 1)
        self.register_buffer("scale", torch.ones(1), persistent=False)
        self.register_buffer("empty", None)
        self.mask = nn.Parameter(torch.full((3,), -torch.inf), requires_grad=False)
        self.seen = 0
        self.double()

    def forward(self, x):
        if self.training:
            self.seen += len(x)
            self.scale = self.scale * 0.9  # another tensor in its place
            self.empty = self.scale + self.seen
        return self.linear(self.norm(x)[:, -1:]) * self.scale

    def get_extra_state(self):
        return {"seen": self.seen}

    def set_extra_state(self, state):
        self.seen = state["seen"]


def test_everything_that_a_model_holds_goes_on_and_comes_back(tmp_path):
    worse = [(x, -y) for x, y in VAL]

    def trained(epochs, path=None):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            model = Kinds()
        history = quietly(model, BATCHES, worse, epochs=epochs, lr=0.5, checkpoint=path)
        buffers = [model.scale, model.empty, *model.norm.buffers()]
        return history, [weights(model)[3:], *buffers, torch.tensor(model.seen)]

    history, whole = trained(6)
    for epochs in (2, 5, 6):
        gone_on, parts = trained(epochs, tmp_path / "run.pt")
    assert gone_on == history
    assert all(map(torch.equal, parts, whole))
    assert history.best_epoch < 6  # so that the end is not simply the last epoch
    best = trained(history.best_epoch)[1]
    assert all(map(torch.equal, whole, best))
    model = Kinds()  # one that is used again has a tensor where there was none
    for epochs in (1, 2):
        again = quietly(model, BATCHES, worse, epochs=epochs, checkpoint=tmp_path / "again.pt")
    assert len(again.records) == 2


def test_lazy_layers_go_on_as_well(tmp_path):
    def trained(epochs, path=None):
        model = nn.Sequential(nn.Flatten(), nn.LazyLinear(1), nn.Unflatten(1, (1, 1))).double()
        quietly(model, BATCHES, epochs=epochs, seed=7, checkpoint=path)
        return weights(model)

    for epochs in (1, 4):
        parts = trained(epochs, tmp_path / "run.pt")
    assert torch.equal(parts, trained(4))


def test_a_finished_run_says_so_and_trains_nothing(tmp_path, capsys):
    path = tmp_path / "run.pt"
    end, history = run(lambda: BATCHES, 3, path)
    before, content = capsys.readouterr(), path.read_bytes()
    assert not before.err
    again, same = run(lambda: BATCHES, 3, path)
    assert capsys.readouterr().err == (
        f"fit: {str(path)!r} has its 3 epochs, so nothing was trained; raise epochs to go on.\n"
    )
    assert torch.equal(again, end)
    assert same == history
    assert path.read_bytes() == content
    with pytest.raises(ValueError) as caught:
        run(lambda: BATCHES, 2, path)
    assert str(caught.value) == (
        f"checkpoint {str(path)!r} has trained 3 epochs, but epochs is 2: raise epochs, or name "
        "another file."
    )


def test_a_run_that_stopped_early_stays_stopped_and_says_so(tmp_path, capsys):
    path = tmp_path / "run.pt"
    answers = [(WINDOWS.x, make_model().eval()(WINDOWS.x).detach())]  # training only makes it worse
    end, history = run(lambda: BATCHES, 50, path, val=answers, patience=4)
    assert len(history.records) == 1 + 4
    again, same = run(lambda: BATCHES, 90, path, val=answers, patience=4)
    assert capsys.readouterr().err == (
        f"fit: {str(path)!r} stopped early after 5 epochs, 4 of them without a lower validation "
        "loss, so nothing was trained.\n"
    )
    assert torch.equal(again, end)
    assert same == history


def pinball(quantile):
    return lambda yhat, y: torch.maximum(quantile * (y - yhat), (quantile - 1) * (y - yhat)).mean()


def squared(yhat, y):
    return (yhat - y).square().mean()


def adam(**how):
    return lambda model: torch.optim.Adam(model.parameters(), **how)


USUAL = {"train": BATCHES, "val": VAL, "patience": 9, "loss_fn": pinball(0.4)}
OTHERS = {
    "another model": {"model": lambda: make_model(horizon=2)},
    "model: another dropout": {"model": lambda: ManyToOneLSTM(1, 4, num_layers=2).double()},
    "model: a frozen part": {"model": lambda: frozen(make_model())},
    "train: one number": {"train": [BATCHES[0], (BATCHES[1][0] + 1e-9, BATCHES[1][1])]},
    "train: fewer": {"train": BATCHES[:1]},
    "train: another kind": {"train": WINDOWS},
    "another val": {"val": BATCHES},
    "seed was 0 and is 1": {"seed": 1},
    "another loss_fn": {"loss_fn": pinball(0.6)},
    "loss_fn: a function": {"loss_fn": squared},
    "loss_fn: a module": {"loss_fn": nn.HuberLoss(delta=0.5)},
    "optimizer: another class": {"optimizer": lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3)},
    "optimizer: other betas": {"optimizer": adam(betas=(0.8, 0.9))},
    "lr was [0.001] and is [0.01]": {"lr": 0.01},
    "lr was [0.001] and is [0.02]": {"optimizer": adam(lr=0.02)},
    "clip_norm was 1.0 and is 0.5": {"clip_norm": 0.5},
    "clip_norm was 1.0 and is None": {"clip_norm": None},
    "patience was 9 and is 8": {"patience": 8},
    "another forward": {"forward": lambda model, x, y: (model(x), y)},
}


def frozen(model):
    model.linear.requires_grad_(False)
    return model


@pytest.mark.parametrize("what", OTHERS)
def test_another_run_is_refused_with_what_differs_and_left_alone(what, tmp_path):
    path = tmp_path / "run.pt"
    quietly(make_model(), **USUAL, checkpoint=path)
    content, how = path.read_bytes(), USUAL | OTHERS[what]
    model = how.pop("model", make_model)()
    make = how.pop("optimizer", lambda model: None)
    before = weights(model).clone()
    with pytest.raises(ValueError) as caught:
        quietly(model, **how, optimizer=make(model), epochs=5, checkpoint=path)
    what = what.split(":")[0]
    assert str(caught.value).startswith(f"checkpoint {str(path)!r} holds another run: ")
    assert what in str(caught.value) or f"another {what}" in str(caught.value)
    assert str(caught.value).endswith(
        ". It is left as it is: call fit as then, or name another file."
    )
    assert path.read_bytes() == content
    assert torch.equal(weights(model), before)
    assert (
        len(quietly(model, **how, optimizer=make(model), checkpoint=tmp_path / "other.pt").records)
        == 3
    )
    assert len(quietly(make_model(), **USUAL, epochs=5, checkpoint=path).records) == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WINDOWS.loader(30, shuffle=True), WINDOWS.loader(30, shuffle=True, seed=1)),
        (WINDOWS.loader(30), WINDOWS.loader(31)),
        (WINDOWS.loader(30, shuffle=True), WINDOWS.loader(30)),
        (WINDOWS, sine_windows(1)),
        (DataLoader(TensorDataset(*WINDOWS[:]), 30), DataLoader(TensorDataset(*WINDOWS[1:]), 30)),
        (DataLoader(Noisy(), 30), DataLoader(Noisy(), 30, drop_last=True)),
        (DataLoader([*WINDOWS][1:], 30), DataLoader([*WINDOWS][:-1], 30)),
    ],
)
def test_other_loaders_are_refused(one, other, tmp_path):
    quietly(make_model(), one, checkpoint=tmp_path / "run.pt")
    with pytest.raises(ValueError, match=r"holds another run: (another train|batch_size was)"):
        quietly(make_model(), other, checkpoint=tmp_path / "run.pt")
    quietly(make_model(), one, epochs=4, checkpoint=tmp_path / "run.pt")


def test_what_was_counted_or_drawn_meanwhile_is_no_other_run(tmp_path):
    """A counter in a loss, and a loader that was looked into between two calls."""
    calls, loader = 0, DataLoader(Noisy(), 30, shuffle=True, generator=seed(3))

    def counting(yhat, y):
        nonlocal calls
        calls += 1
        return squared(yhat, y)

    how = {"loss_fn": counting, "checkpoint": tmp_path / "run.pt"}
    quietly(make_model(), loader, **how)
    next(iter(loader))
    model = make_model()
    quietly(model, loader, epochs=5, **how)
    fresh = DataLoader(Noisy(), 30, shuffle=True, generator=seed(3))
    expected = make_model()
    quietly(expected, fresh, epochs=5, loss_fn=counting)
    assert torch.equal(weights(model), weights(expected))


def test_the_file_loads_without_running_code(tmp_path):
    path = tmp_path / "run.pt"
    _, history = run(lambda: BATCHES, 3, path)
    content = torch.load(path, weights_only=True)["run"]
    assert content["records"] == history.records
    assert all(one.device.type == "cpu" for one in content["best"].values())


class Strange(nn.Linear):
    def get_extra_state(self):
        return WINDOWS

    def set_extra_state(self, state):
        pass

    def forward(self, x):
        return super().forward(x[:, -1:])


def test_what_no_file_can_hold_is_refused(tmp_path):
    model = Strange(1, 1).double()
    with pytest.raises(TypeError) as caught:
        fit(model, BATCHES, epochs=2, checkpoint=tmp_path / "run.pt", progress=False)
    assert str(caught.value) == (
        "the model's extra state, the optimizer or the loss holds what can't be loaded again "
        "without running code, so it can't be kept in a checkpoint: keep tensors, numbers and text "
        "there."
    )
    assert not list(tmp_path.iterdir())
    assert len(caught.value.history.records) == 1


class Scaled:
    """A loss whose scale becomes one of numpy's numbers while it trains."""

    def __init__(self):
        self.scale, self.calls = 1.0, None

    def __call__(self, yhat, y):
        self.calls = 0 if self.calls is None else self.calls + 1
        if self.calls == 2:
            self.scale = np.float64(0.5)
        return self.scale * squared(yhat, y)


def test_what_a_loss_counts_goes_on_as_well(tmp_path):
    expected, history = run(lambda: BATCHES, 4, None, loss_fn=Scaled())
    for epochs in (1, 2, 4):
        end, gone_on = run(lambda: BATCHES, epochs, tmp_path / "run.pt", loss_fn=Scaled())
    assert torch.equal(end, expected)
    assert gone_on == history


class Chooses(nn.Linear):
    """A model that is made with text, a function and a tuple; it keeps None until it is called."""

    def __init__(self, kind="last", squash=torch.tanh, sizes=(1.0,)):
        super().__init__(1, 1)
        self.kind, self.squash, self.sizes, self.last = kind, squash, sizes, None
        self.double()

    def forward(self, x):
        self.last = len(x)
        x = x[:, -1:] if self.kind == "last" else x.mean(dim=1, keepdim=True)
        return self.squash(super().forward(x)) * self.sizes[0]


@pytest.mark.parametrize("how", [{"kind": "mean"}, {"squash": torch.relu}, {"sizes": (2.0,)}])
def test_a_model_that_was_made_otherwise_is_another(how, tmp_path):
    quietly(Chooses(), BATCHES, VAL, checkpoint=tmp_path / "run.pt")
    model = Chooses(**how)
    with pytest.raises(ValueError, match="another model"):
        quietly(model, BATCHES, VAL, epochs=4, checkpoint=tmp_path / "run.pt")
    assert model.last is None
    quietly(Chooses(), BATCHES, VAL, epochs=4, checkpoint=tmp_path / "run.pt")


def test_an_iterable_that_counts_from_nothing_is_begun_as_it_came():
    class Counts:
        number = None

        def __init__(self):
            self.number = None

        def __iter__(self):
            self.number = 0 if self.number is None else self.number + 1
            return iter(BATCHES)

    val = Counts()
    quietly(make_model(), BATCHES, val)
    assert val.number == 2
