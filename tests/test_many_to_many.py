"""`ManyToManyLSTM` against the same semantics, written as loops."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lstm_helpers import ManyToManyLSTM, ManyToOneLSTM

sizes = st.fixed_dictionaries(
    {
        "batch": st.integers(1, 5),
        "seq": st.integers(1, 9),
        "feature": st.integers(1, 4),
        "hidden": st.integers(1, 6),
        "target": st.integers(1, 3),
        "layers": st.integers(1, 3),
    }
)


def drawn(batch, seq, feature, hidden, target, layers):
    """A model, and x and y to go with it, in float64."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model = ManyToManyLSTM(feature, hidden, target, num_layers=layers).double()
        x = torch.randn(batch, seq, feature, dtype=torch.float64)
        return model, x, torch.randn(batch, seq, target, dtype=torch.float64)


def cells_of(lstm):
    """The layers as cells with the same weights."""
    cells = []
    for layer in range(lstm.num_layers):
        cell = nn.LSTMCell(lstm.input_size if layer == 0 else lstm.hidden_size, lstm.hidden_size)
        weights = {name: getattr(lstm, f"{name}_l{layer}") for name in cell.state_dict()}
        cells.append(cell.double())
        cell.load_state_dict(weights)
    return cells


@given(sizes)
def test_equals_a_loop_over_steps_and_cells(sizes):
    model, x, _ = drawn(**sizes)
    cells = cells_of(model.lstm)
    states, steps = [None] * len(cells), []
    for x_t in x.unbind(1):
        h = x_t
        for i, cell in enumerate(cells):
            states[i] = cell(h, states[i])
            h = states[i][0]
        steps.append(h @ model.linear.weight.T + model.linear.bias)
    yhat, state = model.step(x)
    torch.testing.assert_close(yhat, torch.stack(steps, dim=1))
    for part, ours in enumerate(state):
        torch.testing.assert_close(ours, torch.stack([both[part] for both in states]))


@given(sizes)
def test_one_example_equals_the_many_to_one_examples_of_its_prefixes(sizes):
    """The loss and every gradient."""
    model, x, y = drawn(**sizes)
    nn.functional.mse_loss(model(x), y).backward()

    one = ManyToOneLSTM(
        sizes["feature"], sizes["hidden"], sizes["target"], num_layers=sizes["layers"]
    ).double()
    one.load_state_dict(model.state_dict())
    losses = [
        nn.functional.mse_loss(one(x[:, : t + 1]), y[:, t : t + 1]) for t in range(sizes["seq"])
    ]
    loss = torch.stack(losses).mean()
    loss.backward()

    torch.testing.assert_close(loss, nn.functional.mse_loss(model(x), y))
    for ours, theirs in zip(model.parameters(), one.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)
