"""Names beside sizes, and the rule that guards a loss."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from lstm_helpers import check_same_shape, label, load_flights

SIZE = st.integers(2, 6)


def test_label_takes_whatever_has_a_shape():
    assert label(torch.rand(5, 12, 2), "batch seq feature") == (
        "(5, 12, 2)  batch=5 · seq=12 · feature=2"
    )
    assert label(load_flights(), "month column") == "(144, 1)  month=144 · column=1"
    assert label(np.zeros(()), "") == "()  "


@given(st.lists(SIZE, max_size=4), st.integers(0, 5))
def test_label_refuses_another_number_of_names(shape, names):
    axes = " ".join("abcde"[:names])
    if names == len(shape):
        label(torch.rand(shape), axes)
        return
    with pytest.raises(ValueError) as caught:
        label(torch.rand(shape), axes)
    assert str(caught.value) == (
        f"x is {tuple(shape)}, with {len(shape)} axes, but {axes!r} names {names}: "
        "one name is needed for each axis. Add or drop names."
    )


@given(st.integers(2, 9))
def test_a_bare_target_is_refused(n):
    with pytest.raises(ValueError) as caught:
        check_same_shape(torch.rand(n, 1, 1), torch.rand(n))
    assert str(caught.value) == (
        f"yhat is (batch={n}, horizon=1, target=1) but y is (batch={n}): "
        f"the loss would broadcast both to ({n}, 1, {n}). Give y its axes: y[:, None, None]."
    )


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_the_index_that_is_offered_repairs_the_shape(shape, data):
    """Whatever axes of size 1 were dropped, following the advice gives equal shapes."""
    few = [size for size in shape if size > 1 or data.draw(st.booleans())]
    yhat, y = torch.rand(shape), torch.rand(few)
    if yhat.shape == y.shape:
        check_same_shape(yhat, y)
        return
    with pytest.raises(ValueError, match="Give y its axes") as caught:
        check_same_shape(yhat, y)
    index = str(caught.value).split("y[")[-1].removesuffix("].")
    assert eval(f"y[{index}]").shape == yhat.shape
    with pytest.raises(ValueError, match=r"Give yhat its axes: yhat\["):
        check_same_shape(y, yhat)


@pytest.mark.parametrize(
    ("yhat", "y", "message"),
    [
        (
            (8, 12, 1),
            (8, 1, 1),
            "yhat is (batch=8, horizon=12, target=1) but y is (batch=8, horizon=1, target=1): "
            "the loss would broadcast both to (8, 12, 1). "
            "One step is asked for: keep the last one, yhat[:, -1:].",
        ),
        (
            (8, 1, 3),
            (8, 3, 1),
            "yhat is (batch=8, horizon=1, target=3) but y is (batch=8, horizon=3, target=1): "
            "the loss would broadcast both to (8, 3, 3). "
            "The axes are the same in another order: use transpose or permute, not view.",
        ),
        (
            (96, 1),
            (8, 5),
            "yhat is (batch=96, target=1) but y is (batch=8, target=5): "
            "they can't be compared element by element. Both need the same "
            "(batch, horizon, target): change the model's output or the target.",
        ),
    ],
)
def test_other_shapes_get_their_own_advice(yhat, y, message):
    with pytest.raises(ValueError) as caught:
        check_same_shape(torch.rand(yhat), torch.rand(y))
    assert str(caught.value) == message


def test_what_is_refused_is_what_broadcasts():
    """The error's claim, checked: the loss really would have that many terms."""
    yhat, y = torch.rand(8, 1, 1), torch.rand(8)
    with pytest.warns(UserWarning, match="different to the input size"):
        assert F.mse_loss(yhat, y, reduction="none").shape == (8, 1, 8)
