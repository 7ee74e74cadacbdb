"""When training goes wrong or is interrupted, the last good weights are there."""

import pytest
import torch
from torch import nn
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
        "fit: interrupted in epoch 5: the history holds 4 epochs, and the model has the weights of "
        "epoch 4.\n"
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
