"""The floor that runs somebody's model: what it remembers and puts back, and what a call is."""

import array
import copy
import gc
import logging
import random
import sys
import threading
import weakref
from collections import Counter, OrderedDict, UserDict, defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lstm_helpers import check_model, dependencies, trace_shapes
from lstm_helpers._running import debug
from lstm_helpers._running.calls import Recurrence, index_text
from lstm_helpers._running.snapshot import Snapshot, unchanged
from lstm_helpers._running.tensors import first_tensor, named_tensors, replace_tensors
from lstm_helpers._running.watch import Listener, Watch


class Slotted:
    __slots__ = ("__own", "gone", "items")

    def __init__(self):
        self.items, self.gone, self.__own = [1], 1, 1

    def change(self):
        self.items.append(2)
        self.__own = 2
        del self.gone

    def state(self):
        return self.items, hasattr(self, "gone"), self.__own


class Stubborn(list):
    def clear(self):
        raise RuntimeError("not this one")


def sparse(layout):
    return torch.eye(3).to_sparse(layout=layout)


def set_item(index, value):
    return lambda thing: thing.__setitem__(index, value)


# name: (how to make it, how a model may change it, what to compare)
KINDS = {
    "list": (lambda: [1], lambda x: x.append(2), list),
    "list of its own class": (lambda: Stubborn([1]), lambda x: x.append(2), list),
    "deque": (lambda: deque([1, 2], maxlen=2), lambda x: x.append(3), lambda x: [*x, x.maxlen]),
    "set": (lambda: {1}, lambda x: x.add(2), set),
    "dict": (lambda: {"a": [1]}, lambda x: x["a"].append(2), repr),
    "order": (lambda: OrderedDict(a=1, b=2), lambda x: x.move_to_end("a"), list),
    "defaultdict": (lambda: defaultdict(list), lambda x: x["a"].append(1), dict),
    "Counter": (lambda: Counter("aab"), lambda x: x.update("b"), dict),
    "UserDict": (lambda: UserDict(a=1), set_item("a", 2), dict),
    "namespace": (lambda: SimpleNamespace(n=1), lambda x: setattr(x, "n", 2), lambda x: x.n),
    "bytearray": (lambda: bytearray(b"ab"), set_item(0, 1), bytes),
    "array": (lambda: array.array("d", [1.0]), lambda x: x.append(2.0), list),
    "numbers": (lambda: np.zeros((2, 3)), set_item((0, 1), 1.0), np.ndarray.tolist),
    "one number": (lambda: np.array(1.0), set_item((), 2.0), np.ndarray.tolist),
    "objects": (lambda: np.array([[1], {}], object), lambda x: x[0].append(2), str),
    "table": (lambda: pd.DataFrame({"a": [1.0]}), lambda x: x.insert(0, "b", 1), str),
    "a table's cell": (lambda: pd.DataFrame({"a": [1.0, 2.0]}), lambda x: x.update(x + 1), str),
    "column": (lambda: pd.Series([1, 2]), set_item(0, 7), str),
    "slots": (Slotted, Slotted.change, Slotted.state),
    "numpy's new generator": (
        lambda: np.random.default_rng(0),
        lambda x: x.random(),
        lambda x: str(x.bit_generator.state),
    ),
    "numpy's old generator": (
        lambda: np.random.RandomState(0),
        lambda x: x.rand(),
        lambda x: str(x.get_state()),
    ),
    "Python's generator": (lambda: random.Random(0), lambda x: x.random(), random.Random.getstate),
    "torch's generator": (
        torch.Generator,
        lambda x: torch.rand(1, generator=x),
        lambda x: x.get_state().tolist(),
    ),
    "tensor": (lambda: torch.ones(3), lambda x: x.add_(1), torch.Tensor.tolist),
    "NaN in a tensor": (lambda: torch.tensor([float("nan"), 1]), set_item(1, 2.0), str),
    "complex": (lambda: torch.ones(2, dtype=torch.complex64), lambda x: x.mul_(2), str),
    "COO": (lambda: sparse(torch.sparse_coo), lambda x: x.zero_(), lambda x: str(x.to_dense())),
    "CSR": (lambda: sparse(torch.sparse_csr), lambda x: x.mul_(2), lambda x: str(x.to_dense())),
    "another shape": (lambda: torch.ones(4), lambda x: x.resize_(2, 2), lambda x: x.shape),
    "meta": (lambda: torch.empty(3, device="meta"), lambda x: x.unsqueeze_(0), lambda x: x.shape),
    "frozen": (
        lambda: nn.Parameter(torch.ones(1)),
        lambda x: x.requires_grad_(False),
        lambda x: x.requires_grad,
    ),
    "gradient": (
        lambda: nn.Parameter(torch.ones(1)),
        lambda x: x.sum().backward(),
        lambda x: x.grad,
    ),
    "distribution": (
        lambda: torch.distributions.Normal(torch.zeros(1), 1),
        lambda x: x.loc.add_(1),
        lambda x: x.loc.item(),
    ),
    "lazy layer": (
        lambda: nn.LazyLinear(2),
        lambda x: x(torch.rand(3, 4)),
        lambda x: (type(x), type(x.weight), hasattr(x, "_initialize_hook")),
    ),
    "lazy norm": (
        nn.LazyBatchNorm1d,
        lambda x: x(torch.rand(3, 4)),
        lambda x: (type(x), type(x.running_mean)),
    ),
    "buffer": (
        lambda: nn.BatchNorm1d(4),
        lambda x: x(torch.rand(3, 4)),
        lambda x: x.running_mean.tolist(),
    ),
    "new attribute": (nn.Module, lambda x: setattr(x, "state", 1), lambda x: hasattr(x, "state")),
}


@pytest.mark.filterwarnings("ignore:Lazy modules", "ignore:Sparse CSR")
@pytest.mark.parametrize("name", KINDS)
def test_what_a_model_can_change_is_put_back_as_often_as_asked(name):
    make, change, compare = KINDS[name]
    thing = make()
    before, holder = str(compare(thing)), SimpleNamespace(held=[thing])
    snapshot = Snapshot(holder)
    for _ in range(2):
        change(thing)
        assert str(compare(thing)) != before, "nothing to put back"
        snapshot.restore()
        assert str(compare(thing)) == before
        assert holder.held[0] is thing


def test_a_lazy_layer_that_was_put_back_can_still_become_any_size():
    layer = nn.LazyLinear(2)
    snapshot = Snapshot(layer)
    layer(torch.rand(3, 4))
    snapshot.restore()
    assert layer(torch.rand(3, 5)).shape == (3, 2)
    assert layer.in_features == 5


def test_what_did_not_change_is_not_written_to():
    x = torch.ones(3, requires_grad=True)
    loss = (x * x).sum()
    snapshot = Snapshot(x)
    snapshot.restore()
    loss.backward()
    assert x._version == 0


def test_one_thing_that_cant_be_put_back_keeps_no_other_from_it():
    stuck, fine = bytearray(b"ab"), [1]
    snapshot = Snapshot([stuck, fine])
    stuck.append(1)
    fine.append(2)
    view = memoryview(stuck)  # while somebody looks at it, its length stays
    with pytest.raises(RuntimeError, match="not as before: a bytearray"):
        snapshot.restore()
    assert fine == [1]
    view.release()

    @unchanged(stuck)
    def stuck_again():
        stuck.append(3)
        return memoryview(stuck)

    with pytest.warns(RuntimeWarning, match="not as before: a bytearray"):
        view = stuck_again()
    view.release()


def counting():
    count, seen = 0, []

    def model(x):
        nonlocal count
        count += 1
        seen.append(x)
        model.calls = count
        return x

    return model, lambda: (count, seen, vars(model))


GLOBAL = []


def beside(x):
    GLOBAL.append(1)
    return x


def test_functions_are_kept_with_what_they_close_over_and_read():
    model, state = counting()
    outer = lambda x: beside(model(x))  # noqa: E731
    with unchanged(outer):
        outer(1)
        assert state() == (1, [1], {"calls": 1})
        assert GLOBAL == [1]
    assert state() == (0, [], {})
    assert GLOBAL == []


def test_generators_default_dtype_and_gradient_mode_are_put_back_also_after_an_error():
    random.seed(1)
    drawn = torch.get_rng_state(), random.getstate(), str(np.random.get_state())

    @unchanged()
    def interrupted():
        torch.rand(1), random.random(), np.random.rand()
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert torch.equal(torch.get_rng_state(), drawn[0])
    assert (random.getstate(), str(np.random.get_state())) == drawn[1:]
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()


class LogsInForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
        self.log = logging.getLogger("lstm_helpers.tests")

    def forward(self, x):
        logging.getLogger("lstm_helpers.tests.made_in_forward").made = True
        return self.fc(x)


@pytest.mark.parametrize("ask", [trace_shapes, check_model, dependencies])
def test_a_logger_that_forward_made_is_still_the_one_that_all_get(ask):
    ask(LogsInForward(), torch.rand(5, 12, 2))
    assert logging.getLogger("lstm_helpers.tests.made_in_forward").made


class Restless(nn.Module):
    """Changes what other tools forget."""

    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)
        self.past, self.seen = deque(), np.zeros(1)

    def forward(self, x):
        self.past.append(len(x))
        self.seen += 1
        self.fc.weight.requires_grad_(False)
        torch.set_default_dtype(torch.float64)
        return self.fc(self.lstm(x)[0][:, -1])


@pytest.mark.parametrize("ask", [trace_shapes, check_model, dependencies])
@pytest.mark.parametrize("closure", [False, True])
def test_every_instrument_leaves_the_model_as_it_was(ask, closure):
    model = Restless()
    ask((lambda x: model(x)) if closure else model, torch.rand(5, 12, 2))
    assert (list(model.past), model.seen.tolist()) == ([], [0.0])
    assert model.fc.weight.requires_grad
    assert torch.get_default_dtype() == torch.float32


@dataclass
class Forecast:
    mean: torch.Tensor
    state: tuple


def test_tensors_are_found_and_replaced_in_any_nesting():
    x = torch.arange(2.0)
    packed = nn.utils.rnn.pack_sequence([x])
    value = {"a": [x, (x, None)], "b": Forecast(x, (x,)), "c": packed}
    names = [name for name, _ in named_tensors(value, "out")]
    assert names == [
        "out['a'][0]", "out['a'][1][0]", "out['b'].mean", "out['b'].state[0]", "out['c']",
    ]  # fmt: skip
    doubled = replace_tensors(value, lambda t: 2 * t)
    assert all(torch.equal(t, 2 * x) for _, t in named_tensors(doubled))
    assert all(torch.equal(t, x) for _, t in named_tensors(value))
    assert first_tensor({"loss": None, "forecast": Forecast(2 * x, ())}).tolist() == [0, 2]
    with pytest.raises(TypeError, match=r"the model returned \{\}, but a tensor is needed"):
        first_tensor({})


def calls_of(model, *inputs):
    watch = Watch(model)
    with watch:
        model(*inputs)
    return watch.calls


@pytest.mark.parametrize(
    ("by_position", "by_name"),
    [
        (lambda x: torch.cat((x, x), -1), lambda x: torch.cat(tensors=(x, x), dim=-1)),
        (lambda x: torch.cat((x, x), -1), lambda x: torch.cat((x, x), axis=-1)),
        (lambda x: x.view(5, 24), lambda x: x.view(size=(5, 24))),
        (lambda x: torch.reshape(x, (5, 24)), lambda x: torch.reshape(input=x, shape=(5, 24))),
        (lambda x: x.flatten(1), lambda x: torch.flatten(input=x, start_dim=1)),
        (lambda x: F.softmax(x, -1), lambda x: F.softmax(input=x, dim=-1)),
        (lambda x: torch.matmul(x, x.mT), lambda x: torch.matmul(input=x, other=x.mT)),
    ],
)
def test_arguments_have_names_however_they_are_given(by_position, by_name):
    x = torch.rand(5, 12, 2)
    one, two = (calls_of(way, x)[-1].arguments for way in (by_position, by_name))
    assert {name: str(value) for name, value in one.items()} == {
        name: str(value) for name, value in two.items()
    }


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("packed", [False, True])
def test_a_fused_layer_says_how_it_reads(layer, packed):
    model = layer(2, 3, num_layers=2, bidirectional=True, batch_first=True, dropout=0.1)
    x = torch.rand(5, 12, 2)
    x = nn.utils.rnn.pack_padded_sequence(x, [12] * 5, batch_first=True) if packed else x
    rnn = next(Recurrence(c) for c in calls_of(model, x) if c.name in ("lstm", "gru", "rnn_tanh"))
    assert (rnn.layers, rnn.directions, rnn.packed) == (2, 2, packed)
    assert rnn.batch_first != packed
    assert rnn.drops_out
    assert [group[0] is w for group, w in zip(rnn.groups, model._flat_weights[::4], strict=True)]
    assert len(rnn.states) == (2 if layer is nn.LSTM else 1)


def test_a_call_knows_who_made_what_it_reads_and_where_it_stands():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Tanh(), nn.Linear(3, 1)))
    first, tanh, last = calls_of(model, torch.rand(5, 2))
    assert [c.path for c in (first, tanh, last)] == ["0", "1.0", "1.1"]
    assert (tanh.parents, last.parents) == ([(first, 0)], [(tanh, 0)])


HOOKS = (
    "_global_forward_pre_hooks",
    "_global_forward_hooks",
    "_global_forward_hooks_always_called",
)


def test_a_watch_that_is_left_leaves_no_hook_also_after_an_error():
    counts = lambda: [len(getattr(nn.modules.module, name)) for name in HOOKS]  # noqa: E731
    before = counts()
    with pytest.raises(RuntimeError), Watch(nn.Linear(2, 1)):
        nn.Linear(2, 1)(torch.rand(3))
    assert counts() == before


def test_what_a_watch_saw_is_let_go_with_it():
    """At once, and not when the garbage is collected: these may be large."""
    x, held = torch.rand(5, 12, 2), []

    def model(x):
        held.append(weakref.ref(x * 2))
        return x

    gc.disable()
    try:
        watch = Watch(model)
        with watch:
            watch.call(model, [x])
        assert held[0]() is not None
        del watch
        assert held[0]() is None
    finally:
        gc.enable()


def test_an_index_is_printed_as_it_is_written():
    index = (slice(None), slice(None, None, 5), None, ..., -1, slice(2, 8), torch.arange(3), [0, 2])
    assert index_text(index) == ":, ::5, None, ..., -1, 2:8, tensor, [0, 2]"
    assert index_text(-1) == "-1"


def test_the_instruments_own_failure_costs_a_name_or_comes_through(monkeypatch):
    def broken(call, result):
        raise ZeroDivisionError("a rule of ours")

    monkeypatch.setattr("lstm_helpers._tracing.call.rule_for", lambda name: broken)
    model, x = nn.Linear(2, 3), torch.rand(5, 2)
    with pytest.raises(debug.OwnFailure, match="a rule of ours"):
        trace_shapes(model, x)
    monkeypatch.delenv("LSTM_HELPERS_DEBUG")
    trace = trace_shapes(model, x)
    assert trace.error is None
    assert trace.outputs[0].names == ("?", "?")


class Told(Listener):
    def __init__(self):
        self.heard = []

    def enter_module(self, module, args):
        self.heard.append(f"> {type(module).__name__}")

    def leave_module(self, module, result, error):
        self.heard.append(f"< {type(module).__name__} {type(error).__name__}")

    def after(self, call, result):
        self.heard.append(call.name)

    def failed(self, call, error):
        self.heard.append(f"{call.name} failed")


def test_a_listener_hears_of_each_module_and_call_in_order():
    listener, model = Told(), nn.Sequential(nn.Linear(2, 1))
    with pytest.raises(RuntimeError), Watch(model, listener=listener):
        model(torch.rand(5, 3))
    assert listener.heard == [
        "rand", "> Sequential", "> Linear", "linear failed",
        "< Linear RuntimeError", "< Sequential RuntimeError",
    ]  # fmt: skip


INSTRUMENTS = [trace_shapes, check_model, dependencies]
X = torch.rand(5, 12, 2)


class Net(nn.Module):
    def __init__(self, **more):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(2, 3, batch_first=True), nn.Linear(3, 1)
        for name, value in more.items():
            setattr(self, name, value)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


@pytest.mark.parametrize("ask", INSTRUMENTS)
def test_what_a_hook_keeps_is_not_filled(ask):
    """The usual way to look at activations: the copy's hook writes into the caller's list."""
    seen, model = [], Net()
    model.fc.register_forward_hook(lambda module, args, out: seen.append(out))
    ask(model, X)
    assert seen == []


@pytest.mark.parametrize("ask", INSTRUMENTS)
def test_lazy_layers_behind_a_function_stay_lazy(ask):
    lazy = nn.LazyLinear(3)
    try:
        ask(lambda x: lazy(x)[:, -1], X)
    except ValueError as error:
        assert "call model(x) once before" in str(error)  # noqa: PT017
    assert isinstance(lazy, nn.LazyLinear)
    assert nn.parameter.is_lazy(lazy.weight)


@pytest.mark.parametrize("ask", INSTRUMENTS)
@pytest.mark.parametrize("closure", [False, True])
def test_the_callers_x_is_not_written_to(ask, closure):
    class Halves(Net):
        def forward(self, x):
            with torch.no_grad():
                x.mul_(0.5)
            return super().forward(x)

    model = Halves(lock=threading.Lock())  # which can't be copied
    x = X.clone().requires_grad_()
    ask((lambda x: model(x)) if closure else model, x)
    assert torch.equal(x, X)


def test_inputs_of_any_kind_are_as_before():
    class Batch:
        def __init__(self):
            self.x, self.n = X.clone(), 0

    def model(batch, more):
        batch.x.mul_(0)
        batch.n += 1
        more["x"].mul_(0)
        return batch.x

    batch, more = Batch(), UserDict(x=X.clone())
    trace_shapes(model, batch, more)
    assert torch.equal(batch.x, X)
    assert torch.equal(more["x"], X)
    assert batch.n == 0


NORM = nn.BatchNorm1d(2)


class ReadsAGlobal(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)

    def forward(self, x):
        return self.fc(NORM(x.mT).mT)


@pytest.mark.parametrize("ask", INSTRUMENTS)
def test_a_module_that_forward_reads_from_its_file_is_as_before(ask):
    model = ReadsAGlobal()
    NORM(torch.rand(4, 2, 3))
    before = copy.deepcopy(NORM.state_dict())
    found = ask(model, X)
    assert all(torch.equal(value, before[name]) for name, value in NORM.state_dict().items())
    assert NORM.training
    assert ask is not check_model or "samples        Each sample's" in str(found)


def test_what_other_threads_train_meanwhile_is_theirs():
    """The other instruments change the default dtype for a while, which all threads see."""
    other, stop = nn.Linear(2, 1), threading.Event()

    def train():
        while not stop.is_set():
            other(torch.rand(3, 2))
            with torch.no_grad():
                other.weight += 1

    thread = threading.Thread(target=train)
    before = other.weight.max().item()
    thread.start()
    try:
        found = trace_shapes(Net(), X)
    finally:
        stop.set()
        thread.join()
    steps = round(other.weight.max().item() - before)
    assert steps > 0
    assert [step.operation for step in found.steps] == ["LSTM", "output[:, -1]", "Linear"]


def test_a_copy_that_shares_a_parameter_is_not_asked():
    class Shares(nn.Module):
        def __init__(self, weight):
            super().__init__()
            self.weight = weight

        def __deepcopy__(self, memo):
            return Shares(self.weight)

        def forward(self, x):
            return x @ self.weight

    model = Shares(nn.Parameter(torch.rand(2, 1)))
    assert check_model(model, X).ok
    assert model.weight.dtype == torch.float32
    assert model(X).dtype == torch.float32


def test_in_inference_mode_a_right_model_is_right():
    models = Net(), Net(lock=threading.Lock())
    with torch.inference_mode():
        for model in models:
            assert check_model(model, X).ok
            assert not dependencies(model, X).mixes_samples
            assert trace_shapes(model, X).error is None


def test_a_softmax_by_hand_is_right_also_where_it_can_only_be_asked_in_float32():
    class ByHand(Net):
        def forward(self, x):
            h = self.lstm(x)[0]
            e = torch.exp(h - h.max())
            return self.fc((e / e.sum(1, keepdim=True) * h).sum(1))

    for seed in range(6):
        torch.manual_seed(seed)
        model = ByHand()
        assert check_model(lambda x, model=model: model(x), X).ok


@pytest.mark.parametrize("ask", INSTRUMENTS)
def test_attributes_and_hooks_of_tensors_are_put_back(ask):
    class Marks(Net):
        def forward(self, x):
            self.fc.weight.calls = 1
            self.fc.weight.register_hook(lambda g: g)
            return super().forward(x)

    model = Marks()
    ask(model, X)
    assert not hasattr(model.fc.weight, "calls")
    assert not model.fc.weight._backward_hooks


def test_what_a_wrapper_does_around_a_compiled_model_is_seen():
    compiled = torch.compile(nn.Linear(2, 1), backend="eager")

    class Wrapper(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = compiled

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

        def forward(self, x):
            return self.inner(x).repeat(1, 1, 4)

    assert trace_shapes(Wrapper(), X).outputs[0].sizes == (5, 12, 4)


def test_a_model_may_write_bytes_to_the_standard_output():
    def model(x):
        sys.stdout.buffer.write(b"here")
        return x

    assert trace_shapes(model, X).error is None


def test_one_tensor_given_thrice_stays_one():
    attention = nn.MultiheadAttention(2, 1, batch_first=True)
    trace = trace_shapes(attention, X, X, X)
    assert trace.inputs[0].names == trace.inputs[2].names


def test_a_layer_that_an_interrupt_left_open_swallows_no_step():
    class Stops(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    class Catches(Net):
        def forward(self, x):
            with suppress(KeyboardInterrupt):
                self.stops(x)
            return super().forward(x)

    trace = trace_shapes(Catches(stops=Stops()), X)
    assert [step.operation for step in trace.steps] == ["LSTM", "output[:, -1]", "Linear"]


@pytest.mark.parametrize("ask", [trace_shapes, dependencies, check_model])
def test_an_input_that_no_memory_can_hold_is_refused_before_the_model_runs(ask):
    calls = []
    huge = torch.ones(1).expand(2**40, 12, 2)  # one number in memory, but a copy would hold all
    with pytest.raises(ValueError, match=r"copy of \(1099511627776, 12, 2\).*no memory. Choose sm"):
        ask(calls.append, huge)
    with pytest.raises(ValueError, match=r"a copy of .* there is no memory"):
        ask(lambda x, mask: calls.append(x), torch.rand(3, 5, 2), kwargs={"mask": [huge]})
    assert calls == []


@pytest.mark.parametrize("ask", [dependencies, check_model])
def test_what_is_to_be_changed_needs_numbers(ask):
    x = torch.rand(3, 5, 2)
    with pytest.raises(ValueError, match=r"\(3, 5, 2\) is on the device meta.*device='cpu'"):
        ask(lambda x: x * 2, x.to("meta"))
    assert ask(lambda x: x * 2, torch.rand_like(x, device="cpu"))
    assert trace_shapes(lambda x: x * 2, x.to("meta")).error is None
