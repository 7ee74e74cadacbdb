"""When training goes wrong or is interrupted, the last good weights are there."""

import signal
import threading
from contextlib import suppress

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader
from training import make_model, quietly, sine_windows, weights


def exploding(after, how):
    """A loss that goes wrong after some calls."""
    calls = 0

    def loss_fn(yhat, y):
        nonlocal calls
        calls += 1
        loss = nn.functional.mse_loss(yhat, y)
        if calls <= after:
            return loss
        if how == "loss":
            return loss * torch.nan
        if how == "gradient":  # finite loss, infinite gradient
            return loss + (yhat - yhat.detach()).abs().sqrt().sum()
        raise KeyboardInterrupt

    return loss_fn


@pytest.mark.parametrize(
    ("how", "text"),
    [("loss", "the loss is nan in epoch 3"), ("gradient", "the gradient is nan in epoch 3")],
)
def test_a_loss_that_turns_nan_stops_with_the_last_good_weights(how, text):
    windows = sine_windows()
    batches = [(windows.x[:50], windows.y[:50]), (windows.x[50:], windows.y[50:])]
    good, model = make_model(), make_model()
    quietly(good, batches, epochs=2)
    with pytest.raises(ValueError, match=text) as caught:
        quietly(model, batches, epochs=9, loss_fn=exploding(5, how))
    assert "the model has the weights of epoch 2 again" in str(caught.value)
    assert torch.equal(weights(model), weights(good))


def test_nan_in_validation_and_steps_that_overflow_are_noticed():
    windows = sine_windows()
    batches = [(windows.x, windows.y)]
    before = weights(make_model())
    for how, text in [
        (
            {"val": [(windows.x, windows.y)], "loss_fn": exploding(1, "loss")},
            "validation loss is nan",
        ),
        ({"lr": 1e308}, "the largest weight is inf"),
    ]:
        model = make_model()
        with pytest.raises(ValueError, match=rf"{text} in epoch 1.*weights of epoch 0 again"):
            quietly(model, batches, **how)
        assert torch.equal(weights(model), before)


def test_an_interrupt_returns_the_history_and_the_weights_of_the_best_epoch(capsys):
    windows = sine_windows()
    batches = [(windows.x, windows.y)]
    good, model = make_model(), make_model()
    expected = quietly(good, batches, epochs=4)
    history = quietly(model, batches, epochs=9, loss_fn=exploding(4, "interrupt"))
    assert history.interrupted
    assert history.records == expected.records
    assert repr(history) == f"{expected!r}, interrupted"
    assert capsys.readouterr().err == (
        "fit: interrupted: the history holds 4 epochs, and the model has the weights of epoch 4.\n"
    )
    assert torch.equal(weights(model), weights(good))
    assert model.training


def test_an_interrupt_in_the_first_epoch_leaves_the_weights_of_the_start():
    windows, model = sine_windows(), make_model()
    batches = [(windows.x[:7], windows.y[:7]), (windows.x[7:], windows.y[7:])]
    history = quietly(model, batches, loss_fn=exploding(1, "interrupt"))
    assert repr(history) == "History: 0 epochs, interrupted"
    assert list(history.to_frame().columns) == ["steps", "train_loss"]
    assert not len(history.to_frame())
    assert torch.equal(weights(model), weights(make_model()))


def interrupt():
    """As Ctrl-C does: the handler of the moment is called."""
    signal.raise_signal(signal.SIGINT)


WINDOWS = sine_windows()
TWO = [(WINDOWS.x[:70], WINDOWS.y[:70]), (WINDOWS.x[70:], WINDOWS.y[70:])]


class Interrupting:
    """Batches that call something when their iterator is begun, ends or is deleted."""

    def __init__(self, batches, **moments):
        self.batches, self.moments, self.passes = batches, moments, 0

    def __iter__(self):
        self.passes += 1
        return Iterating(self)


class Iterating:
    def __init__(self, of):
        self.of, self.rest, self.number = of, iter(of.batches), of.passes
        self.call("begin")

    def call(self, moment):
        if self.number == 3:
            self.of.moments.get(moment, lambda: None)()

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self.rest)
        except StopIteration:
            self.call("end")
            raise

    def __del__(self):
        self.call("delete")


def fail():
    raise OSError("no more")


def interrupt_unseen():
    with suppress(KeyboardInterrupt):
        interrupt()


def then_fail():
    """A worker that Ctrl-C ended, whose interrupt was lost."""
    interrupt_unseen()
    fail()


def assert_interrupted(model, history, epochs):
    good = make_model()
    expected = quietly(good, TWO, epochs=epochs)
    assert history.interrupted
    assert history.records == expected.records
    assert history.best_epoch == epochs
    assert torch.equal(weights(model), weights(good))
    assert model.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("moment", ["begin", "end", "delete"])
@pytest.mark.parametrize("action", [interrupt, interrupt_unseen, then_fail])
def test_no_interrupt_is_lost_wherever_it_comes(moment, action):
    """What is raised in `__del__` is printed and forgotten by Python itself."""
    if moment == "delete" and action is not interrupt_unseen:
        action = interrupt_unseen  # the others would be printed
    model = make_model()
    batches = Interrupting(TWO, **{moment: action})
    assert_interrupted(model, quietly(model, batches, epochs=9), 2)


def test_an_interrupt_in_forward_and_in_validation():
    calls = 0

    def forward(model, x, y):
        nonlocal calls
        calls += 1
        if calls == 6:
            interrupt()
        return model(x), y

    model = make_model()
    assert_interrupted(model, quietly(model, TWO, forward=forward, epochs=9), 2)

    model = make_model()  # its first pass is the look before the first epoch, which goes on
    history = quietly(model, TWO, Interrupting(TWO, end=interrupt), epochs=9)
    good = make_model()
    expected = quietly(good, TWO, TWO, epochs=2)
    assert history.interrupted
    assert history.records == expected.records
    assert torch.equal(weights(model), weights(good))


def test_an_error_after_training_is_raised_and_carries_the_history():
    model = make_model()
    with pytest.raises(OSError, match="no more") as caught:
        quietly(model, Interrupting(TWO, begin=fail), epochs=9)
    assert caught.value.__notes__ == [
        "fit: the history holds 2 epochs, and the model has the weights of epoch 2; error.history "
        "holds it."
    ]
    assert repr(caught.value.history) == repr(quietly(make_model(), TWO, epochs=2))


class Stubborn(nn.Module):
    """Does something when its weights are put back, or when it is moved."""

    def __init__(self, restored=lambda: None, moved=lambda: None):
        super().__init__()
        self.inner, self.restored, self.was_moved, self.moves = make_model(), restored, moved, 0

    def forward(self, x):
        return self.inner(x)

    def get_extra_state(self):
        return 0

    def set_extra_state(self, state):
        self.restored()

    def to(self, *arguments, **how):
        self.moves += 1
        if self.moves == 2:  # on the way back
            self.was_moved()
        return super().to(*arguments, **how)


def broken():
    raise LookupError("can't be put back")


LOST = "the history holds 2 epochs, but the model's weights could not be put back"
KEPT = "the history holds 2 epochs, and the model has the weights of epoch 2"


@pytest.mark.parametrize(("where", "left"), [("restored", LOST), ("moved", KEPT)])
def test_cleaning_up_that_fails_hides_no_error(where, left):
    with pytest.raises(OSError, match="no more") as caught:
        quietly(Stubborn(**{where: broken}), Interrupting(TWO, begin=fail), epochs=9)
    assert caught.value.__notes__ == [
        "Cleaning up failed, too: LookupError: can't be put back",
        f"fit: {left}; error.history holds it.",
    ]


@pytest.mark.parametrize(("where", "left"), [("restored", LOST), ("moved", KEPT)])
@pytest.mark.parametrize("batches", [TWO, Interrupting(TWO, begin=interrupt)])
def test_cleaning_up_that_fails_is_raised_where_there_is_no_other_error(where, left, batches):
    with pytest.raises(LookupError, match="can't be put back") as caught:
        quietly(Stubborn(**{where: broken}), batches, epochs=2 if batches is TWO else 9)
    assert caught.value.__notes__ == [f"fit: {left}; error.history holds it."]
    assert len(caught.value.history.records) == 2
    if batches is not TWO:
        batches.passes = 0
        assert isinstance(caught.value.__cause__, KeyboardInterrupt)


@pytest.mark.parametrize("where", ["restored", "moved"])
def test_an_interrupt_waits_until_all_is_cleaned_up(where):
    """It comes once more; after an error; and at the end of training."""
    model = Stubborn(**{where: interrupt})
    assert_interrupted(model, quietly(model, Interrupting(TWO, begin=interrupt), epochs=9), 2)
    model = Stubborn(**{where: interrupt})
    assert_interrupted(model, quietly(model, TWO, epochs=2), 2)
    model = Stubborn(**{where: interrupt})
    with pytest.raises(OSError, match="no more"):
        quietly(model, Interrupting(TWO, begin=fail), epochs=9)
    assert model.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class Closed(Exception):
    """Takes neither attributes nor notes."""

    def __setattr__(self, name, value):
        if name != "__traceback__":  # which Python sets
            raise TypeError("closed")
        super().__setattr__(name, value)

    def add_note(self, note):
        raise TypeError("closed")


class Slotted(Exception):
    __slots__ = ()


@pytest.mark.parametrize("kind", [Closed, Slotted])
@pytest.mark.parametrize("restored", [broken, lambda: None])
def test_an_error_that_takes_nothing_is_raised_as_it_is(kind, restored):
    error = kind("odd")

    def odd():
        raise error

    with pytest.raises(kind, match="odd") as caught:
        quietly(Stubborn(restored), Interrupting(TWO, begin=odd), epochs=9)
    assert caught.value is error


def test_training_in_a_thread_has_no_signals_and_needs_none():
    model, good, histories = make_model(), make_model(), []
    thread = threading.Thread(target=lambda: histories.append(quietly(model, TWO)))
    thread.start()
    thread.join()
    assert histories == [quietly(good, TWO)]
    assert torch.equal(weights(model), weights(good))


@pytest.mark.slow
def test_a_loader_with_persistent_workers_is_usable_after_an_interrupt():
    how = {"num_workers": 2, "persistent_workers": True, "multiprocessing_context": "fork"}
    loader = DataLoader(WINDOWS, 40, **how)
    in_order = DataLoader(WINDOWS, 40)
    calls = 0

    def forward(model, x, y):
        nonlocal calls
        calls += 1
        if calls == 8:
            interrupt()
        return model(x), y

    model, good = make_model(), make_model()
    history = quietly(model, loader, forward=forward, epochs=9)
    assert history.interrupted
    assert history.records == quietly(good, DataLoader(WINDOWS, 40, **how), epochs=2).records
    assert torch.equal(weights(model), weights(good))
    for _ in range(2):
        for (x, y), (x_in_order, y_in_order) in zip(loader, in_order, strict=True):
            assert torch.equal(x, x_in_order)
            assert torch.equal(y, y_in_order)
