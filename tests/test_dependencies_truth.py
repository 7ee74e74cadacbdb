"""Charts of dependencies against what is known, or found by replacing one step after another."""

import copy

import numpy as np
import pytest
import torch
from models.small import Tokens, every_step, last_step, series, words
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_helpers import dependencies
from lstm_helpers._charting import bounds
from lstm_helpers._checking import fewer
from lstm_helpers._running.probe import Probe

B, T, F, H = 5, 12, 2, 3


@pytest.fixture(autouse=True)
def same_weights():
    torch.manual_seed(0)


def lower(steps):
    return np.tril(np.ones((steps, steps), dtype=bool))


def by_replacement(model, x, *others):
    """(steps out, steps in): which steps of any sample change, in float64 with drawn weights."""
    model = copy.deepcopy(model).eval().double()
    generator = torch.Generator().manual_seed(0)
    found = torch.zeros(x.shape[1], x.shape[1], dtype=torch.bool)
    for _ in range(3):
        for p in model.parameters():
            p.data = torch.randn(p.shape, generator=generator, dtype=p.dtype)
        x = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        for step in range(x.shape[1]):
            other = x.clone()
            other[:, step] = torch.randn(other[:, step].shape, generator=generator).double()
            with torch.no_grad():
                changed = model(x, *others) != model(other, *others)
            found[:, step] |= changed.any(0).any(-1)
    return found.numpy()


class Packed(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(F, H, batch_first=True, bidirectional=True)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=x.shape[1])[
            0
        ]


class TiedToItsBatch(nn.Module):
    """Its first state is made for the batch that it was built for."""

    def __init__(self, batch_size):
        super().__init__()
        self.rnn, self.batch_size = nn.LSTM(F, H, batch_first=True), batch_size

    def forward(self, x):
        start = x.new_zeros(1, self.batch_size, H)
        return self.rnn(x, (start, start))[0]


class MaskedByMultiplication(nn.Module):
    """Each step's mean of the states up to it: the mask hands NaN on, and no value."""

    def __init__(self):
        super().__init__()
        self.key, self.value = nn.Linear(F, 4), nn.Linear(F, 4)

    def forward(self, x):
        k, v = self.key(x), self.value(x)
        mask = torch.ones(x.shape[1], x.shape[1]).tril()
        return (k @ k.transpose(1, 2)).exp() * mask @ v


class Refusing(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        if x.isnan().any():
            raise ValueError("no NaN, please")
        return self.model(x)


class Swallowing(Refusing):
    def forward(self, x):
        return self.model(torch.nan_to_num(x))


class Fading(nn.Module):
    """Token numbers, and a layer without gates: what is far has no bit left."""

    def __init__(self):
        super().__init__()
        self.embed, self.rnn = nn.Embedding(7, 4), nn.RNN(4, H, batch_first=True)

    def forward(self, tokens):
        return self.rnn(self.embed(tokens))[0]


class ConvolutionWithNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv1d(F, H, 3), nn.BatchNorm1d(H)

    def forward(self, x):
        z = nn.functional.pad(x.transpose(1, 2), (2, 0))
        return self.norm(self.conv(z)).transpose(1, 2)


@pytest.mark.parametrize("both", [False, True])
def test_no_step_of_five_hundred_fades(both):
    chart = dependencies(nn.LSTM(F, H, batch_first=True, bidirectional=both), series(B, 500, F))
    assert (chart.seq == (lower(500) | both)).all()
    assert not chart.unsettled.any()
    assert chart.is_causal != both


def test_time_first():
    chart = dependencies(nn.GRU(F, H), series(T, B, F), axes=["seq", "batch", "feature"])
    assert (chart.seq == lower(T)).all()
    assert (chart.batch == np.eye(B)).all()


def test_packed_samples_of_unequal_length():
    lengths = torch.tensor([7, 12, 3, 9, 4])
    model, x = Packed(), series(B, T, F)
    chart = dependencies(model, x, lengths)
    assert (chart.seq == by_replacement(model, x, lengths)).all()
    assert not chart.unsettled.any()
    assert not chart.mixes_samples


def test_the_longest_sample_is_asked_where_one_has_to_do(monkeypatch):
    monkeypatch.setattr("lstm_helpers._charting.asked.CHEAP", 1)
    chart = dependencies(Packed(), series(B, T, F), torch.tensor([7, 4, 12, 9, 3]))
    assert chart.seq.all()


def test_a_model_that_is_tied_to_its_batch_size():
    model, x = TiedToItsBatch(B), series(B, 40, F)
    chart = dependencies(model, x)
    assert (chart.seq == by_replacement(model, x)).all()
    assert (chart.seq == lower(40)).all()


def test_where_nan_arrives_and_no_value_many_draws_tell():
    model, x = MaskedByMultiplication(), series(B, T, F)
    chart = dependencies(model, x)
    assert (chart.seq == by_replacement(model, x)).all()
    assert not chart.unsettled.any()
    assert "?" not in str(chart)


def test_a_maximum_over_two_hundred_steps():
    chart = dependencies(lambda x: x.amax(1), series(3, 200, F))
    assert chart.seq.all()


@pytest.mark.parametrize("training", [False, True])
def test_batch_norm_is_asked_in_eval_mode(training):
    model = ConvolutionWithNorm().train(training)
    chart = dependencies(model, series(B, T, F))
    assert (chart.seq == (lower(T) & ~np.tril(np.ones((T, T)), -3).astype(bool))).all()
    assert not chart.mixes_samples


@pytest.mark.parametrize("kind", [Refusing, Swallowing])
def test_models_that_refuse_or_swallow_nan(kind):
    chart = dependencies(kind(every_step()), series(B, T, F))
    assert (chart.seq == lower(T)).all()
    assert not chart.unsettled.any()


def test_a_function_that_has_no_copy():
    model = every_step()
    chart = dependencies(lambda x: model(x), series(B, 100, F))
    assert not chart.seq[~lower(100)].any()
    assert (chart.seq | chart.unsettled)[lower(100)].all()
    assert not chart.unsettled[~lower(100)].any()  # NaN does not arrive
    assert "causal: yes ·" in str(chart)


def test_a_model_that_runs_in_float64_only():
    weight = torch.rand(F, H, dtype=torch.float64)
    chart = dependencies(lambda x: (x @ weight).cumsum(1), series(B, T, F).double())
    assert (chart.seq == lower(T)).all()


def test_what_fades_is_not_settled():
    steps = 150
    assert (dependencies(Tokens(), words(B, 40), axes="batch seq").seq == lower(40)).all()
    chart = dependencies(Fading(), words(B, steps), axes="batch seq")
    assert (chart.seq | chart.unsettled)[lower(steps)].all()
    assert chart.unsettled[-1, 0]
    assert chart.is_causal
    later = int(np.triu(chart.unsettled, 1).sum())
    assert f"causal: yes, as far as was seen ({later} cells unsettled)" in str(chart)
    assert "?" in str(chart).splitlines()[-B - 3]
    ax = chart.plot()
    assert "not settled" in ax.get_title()


def test_few_draws_are_no_proof(monkeypatch):
    monkeypatch.setattr(bounds, "MOST_DRAWS", 2)
    chart = dependencies(MaskedByMultiplication(), series(B, T, F))
    assert (chart.unsettled == ~lower(T)).all()
    assert str(chart).splitlines()[1] == "   0 #" + "?" * 11
    assert len([t for t in chart.plot().texts if t.get_text() == "?"]) == 66


def test_the_time_of_a_chart_is_bounded(monkeypatch):
    """Runs of the model, and backward passes, do not grow with the steps."""
    counts = []
    run, grad = Probe.run, torch.autograd.grad
    counted = {"run": 0, "grad": 0}

    def count(name, function):
        def counting(*args, **kwargs):
            counted[name] += 1
            return function(*args, **kwargs)

        return counting

    monkeypatch.setattr(Probe, "run", count("run", run))
    monkeypatch.setattr(torch.autograd, "grad", count("grad", grad))
    for steps in (50, 200):
        counted.update(run=0, grad=0)
        dependencies(every_step(), series(B, steps, F))
        counts.append(dict(counted))
    assert counts[1]["run"] <= counts[0]["run"] + 10 < 100
    assert counts[1]["grad"] <= counts[0]["grad"] + 2 < 20


class Branch(nn.Module):
    """One of two layers for the whole batch."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(F, H), nn.Linear(F, H)

    def forward(self, x):
        return self.a(x) if x.mean() > 0 else self.b(x)


class Halved(nn.Module):
    """Smaller numbers where the largest of the batch is large."""

    def forward(self, x):
        return x.cumsum(1) * (0.5 if x.abs().max().item() > 2.5 else 1.0)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", [Branch, Halved])
def test_a_branch_over_the_batch_is_found_and_said(kind, seed):
    torch.manual_seed(seed)
    chart = dependencies(kind(), torch.randn(B, T, F))
    assert chart.mixes_samples
    assert chart.branches
    said = "a branch on values was seen: another x may depend otherwise"
    assert str(chart).splitlines()[-1] == said
    assert not dependencies(last_step(), series()).branches


def test_lengths_are_no_branch_on_values():
    def model(x, lengths):
        return x[:, : max(lengths.tolist())].cumsum(1)

    chart = dependencies(model, series(), torch.full((B,), T))
    assert not chart.branches


def test_keywords_go_along_with_each_question():
    lengths = torch.tensor([7, 12, 3, 9, 4])
    model, x = Packed(), series(B, T, F)
    chart = dependencies(model, x, kwargs={"lengths": lengths})
    assert (chart.seq == dependencies(model, x, lengths).seq).all()
    assert lengths.tolist() == [7, 12, 3, 9, 4]


class OverTheBatch(nn.Module):
    def forward(self, x):
        return x - x.mean(0)


@pytest.mark.parametrize("kind", [nn.Identity, OverTheBatch, lambda: TiedToItsBatch(9)])
def test_a_large_batch_is_asked_in_few_samples_where_these_are_apart(kind, monkeypatch):
    monkeypatch.setattr(fewer, "LARGE", 1)
    chart = dependencies(kind(), series(9, T, F))
    assert chart.mixes_samples == (kind is OverTheBatch)
    assert chart.batch.shape == (9, 9)
    assert chart.batch.diagonal().all()
    assert not chart.unsettled_batch.any()
    assert chart.seq.shape == (T, T)


def test_a_large_batch_of_a_model_that_refuses_nan(monkeypatch):
    monkeypatch.setattr(fewer, "LARGE", 1)
    chart = dependencies(Refusing(nn.Identity()), series(9, T, F))
    assert (chart.batch == np.eye(9)).all()
    assert (chart.unsettled_batch == ~np.eye(9, dtype=bool)).all()
    assert "mixes samples: no, as far as was seen (72 cells unsettled)" in str(chart)


class ReadsItsNeighbour(nn.Module):
    """In the whole batch alone, sample 1 gets something of sample 2; the model holds its x."""

    def __init__(self, batch_size):
        super().__init__()
        self.lstm, self.batch_size = nn.LSTM(F, H, batch_first=True), batch_size

    def forward(self, x):
        self.last = x
        out = self.lstm(x)[0]
        if len(x) < self.batch_size:
            return out
        return torch.cat([out[:1], out[1:2] + out[2:3], out[2:]])


def test_what_a_model_holds_of_a_large_batch_hides_nothing(monkeypatch):
    monkeypatch.setattr(fewer, "LARGE", 1)
    model, x = ReadsItsNeighbour(16), series(16, T, F)
    model(x)
    chart = dependencies(model, x)
    assert chart.mixes_samples
    assert chart.batch[1].nonzero()[0].tolist() == [1, 2]


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU])
def test_far_steps_show_where_nothing_is_forgotten(layer, monkeypatch):
    """A chart with no time for gradients: replaced values have to be seen over all steps."""
    monkeypatch.setattr(bounds, "CHEAP", 1)
    monkeypatch.setattr(bounds, "BACKWARDS", 0)
    steps, features = 500, 300  # so many move the gates far
    x = torch.rand(1, steps, features, generator=torch.Generator().manual_seed(0))
    chart = dependencies(layer(features, 16, batch_first=True), x)
    past = np.tri(steps, dtype=bool)
    assert not (chart.seq | chart.unsettled)[~past].any()
    assert (chart.seq | chart.unsettled)[past].all()
    assert chart.unsettled[past].mean() < 0.02


@pytest.mark.parametrize("samples", [2, 3, 9, 64])
def test_groups_part_any_two_samples(samples):
    groups = list(bounds._groups(samples))
    for one in range(samples):
        for other in set(range(samples)) - {one}:
            assert any(group[one] and not group[other] for group in groups)


def test_complex_input_is_refused_with_advice_that_works():
    model, x = nn.Linear(F, H, dtype=torch.cfloat), torch.randn(B, T, F, dtype=torch.cfloat)
    with pytest.raises(TypeError, match=r"\(batch=5, seq=12, feature=2\) is complex.*view_as_real"):
        dependencies(model, x)

    def wrapped(parts):
        return model(torch.view_as_complex(parts.unflatten(-1, (-1, 2))))

    chart = dependencies(wrapped, torch.view_as_real(x).flatten(-2))
    assert (chart.seq == np.eye(T, dtype=bool)).all()


@pytest.mark.parametrize(
    ("model", "axes", "error", "says"),
    [
        (None, "batch seq feature", TypeError, "model is None of type NoneType, which can't be"),
        (last_step(), None, TypeError, "axes is None, but the names of the first input's axes"),
        (last_step(), 3, TypeError, "axes is 3, but the names of the first input's axes"),
        (last_step(), ["batch", "seq"], ValueError, "3 axes, but axes="),
        (last_step(), "batch time feature", ValueError, "one of them seq"),
    ],
)
def test_arguments_that_do_not_fit(model, axes, error, says):
    with pytest.raises(error, match=says):
        dependencies(model, series(), axes=axes)


class Terminal:
    def __init__(self, is_terminal):
        self.said, self.isatty = "", lambda: is_terminal

    def write(self, text):
        self.said += text

    def flush(self):
        pass


@pytest.mark.parametrize(
    ("terminal", "disable", "shown"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_a_bar_where_somebody_looks(terminal, disable, shown, monkeypatch):
    from lstm_helpers._progress import progress

    stream = Terminal(terminal)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TQDM_DISABLE", disable)
    monkeypatch.delitem(__import__("sys").modules, "ipykernel", raising=False)
    with progress("dependencies", "runs", after=0.0) as step:
        step()
    assert ("dependencies" in stream.said) == shown
    before = stream.said
    with progress("dependencies", "runs") as step:  # faster than two seconds
        step()
    assert stream.said == before
