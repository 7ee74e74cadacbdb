"""Right and wrong answers to the exercises of lesson 10, each wrong one with its diagnosis."""

import torch


def read(states, axis=True):
    """A reader's function that gives these states of an LSTM to the head."""

    def repaired(lstm, linear, x):
        out, (h_n, _) = lstm(x)
        yhat = linear(states(out, h_n))
        return yhat[:, None] if axis else yhat

    return repaired


def alone(model, x):
    return torch.cat([model(x[i : i + 1]) for i in range(len(x))])


def mixes(model, x):
    return not torch.allclose(model(x), alone(model, x), atol=1e-5)


def by_other_windows(model, x):
    """One window stays, all others are replaced."""
    found = []
    for i in range(len(x)):
        other = 1 - x
        other[i] = x[i]
        found.append((model(other)[i] - model(x)[i]).abs().max() > 1e-4)
    return torch.stack(found).any()


def exactly(model, x):
    return not torch.equal(model(x), alone(model, x))


def first_only(model, x):
    return not torch.allclose(model(x)[:1], model(x[:1]), atol=1e-5)


def last_only(model, x):
    return not torch.allclose(model(x)[-1:], model(x[-1:]), atol=1e-5)


def both_ends(model, x):
    return first_only(model, x) or last_only(model, x)


def each_window(model, x):
    return (model(x) - alone(model, x)).abs().flatten(1).amax(1) > 1e-5


RIGHT = {
    "10.1": [
        "the state of the first layer",
        "### The state of the first layer",
        ["The state of  the first layer."],
    ],
    "10.2": [
        read(lambda out, h_n: torch.cat((h_n[-2], h_n[-1]), dim=1)),
        read(lambda out, h_n: h_n[-2:].transpose(0, 1).flatten(1)),
        read(lambda out, h_n: torch.cat((out[:, -1, :5], out[:, 0, 5:]), dim=1)),
    ],
    "10.3": [mixes, by_other_windows],
}
WRONG = {
    "10.1": [
        ("h_n flattened by view", "No view is there"),
        ("one of two directions", "So what are the two entries of h_n?"),
        ("The newest step ignored", "h_n has no axis seq"),
        ("the last sample for the last step", "`:` takes all of them"),
        ("batch_first forgotten", "batch_first=True is there"),
        ("a target without its axis", "gives the output its axis"),
        ("a layer that forward forgets", "the LSTM itself has two"),
        ("view where transpose was needed", "and no view"),
        ("another output mixes samples", "returns one output"),
        ("the last step of two directions", "one direction and two layers."),
        ("h_n[0]", "Ask check_model"),
        (0, "The heading of one entry is needed"),
    ],
    "10.2": [
        (read(lambda out, h_n: h_n[-2:].reshape(len(out), -1)), "view still joins"),
        (read(lambda out, h_n: torch.cat((h_n[-1], h_n[-2]), dim=1)), "the other way round"),
        (read(lambda out, h_n: out[:, -1]), "backward half of out[:, -1]"),
        (read(lambda out, h_n: out[:, 0]), "forward half of out[:, 0]"),
        (read(lambda out, h_n: torch.cat((h_n[-1], h_n[-1]), dim=1)), "h_n[-1] twice"),
        (read(lambda out, h_n: torch.cat((h_n[-2], h_n[-2]), dim=1)), "h_n[-2] twice"),
        (read(lambda out, h_n: torch.cat((h_n[0], h_n[1]), dim=1)), "the lower layer is read"),
        (read(lambda out, h_n: torch.cat((h_n[-2], h_n[-1]), dim=1), axis=False), "axis horizon"),
        (read(lambda out, h_n: out.mean(1)), "the numbers are not"),
        (read(lambda out, h_n: out), "but (4, 1, 1) is needed"),
        (lambda lstm, linear, x: None, "Is `return` missing?"),
        ("torch.cat", "The answer has to be a function"),
    ],
    "10.3": [
        (first_only, "There window 0 gets the same answer alone"),
        (last_only, "There the last window gets the same answer"),
        (both_ends, "only the windows in the middle change"),
        (exactly, "which is rounding"),
        (lambda model, x: True, "which is rounding"),
        (
            lambda model, x: mixes(model, x) and torch.equal(model(x[:3])[:2], model(x)[:2]),
            "There the last window gets the same answer",
        ),
        (
            lambda model, x: mixes(model, x) and not torch.allclose(model(x), model(x - 1)),
            "takes the mean over the batch",
        ),
        (each_window, "True or False is needed"),
        (lambda model, x: None, "Is `return` missing?"),
        (True, "The answer has to be a function"),
    ],
}
