"""Exercises of lesson 10: a broken model is named, another repaired, and a repair is proved."""

import torch
from torch import nn

from lstm_helpers.exercises._answers import as_names, as_truth, show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    first_wrong,
    no_result,
    not_a_tensor,
    right,
    same,
    wrong,
)

_OTHER_NAMES = {
    "h_n flattened by view": "No view is there. transpose(0, 1) moves axes, and each sample keeps "
    "its own states. Which of them does [:, 0] take?",
    "another output mixes samples": "The model returns one output, and keeps the samples apart.",
    "one of two directions": "The LSTM has one direction and two layers. So what are the two "
    "entries of h_n?",
    "the last step of two directions": "The LSTM has one direction and two layers.",
    "the newest step ignored": "h_n has no axis seq: all of it belongs to the newest step. On "
    "which axis does [:, 0] stand, after transpose(0, 1)?",
    "the last sample for the last step": "After transpose(0, 1) the samples are axis 0, and `:` "
    "takes all of them. On which axis does the 0 stand?",
    "batch_first forgotten": "batch_first=True is there.",
    "a target without its axis": "[:, None] gives the output its axis, (batch, 1, 1).",
    "a layer that forward forgets": "forward calls both layers. But the LSTM itself has two: "
    "which of them is never read?",
    "view where transpose was needed": "transpose is there, and no view.",
}


def name_of_the_mistake(answer) -> Verdict:
    """The heading of the mistake in a model that reads the state of layer 0."""
    names = as_names(answer)
    if names is None or len(names) != 1:
        return wrong(
            "The heading of one entry is needed, as text, such as 'x ignored'; this is "
            f"{show(answer)}."
        )
    (text,) = names
    said = " ".join(text.replace("`", "").strip(" #.").lower().split())
    if said == "the state of the first layer":
        return right("[:, 0] is layer 0. What layer 1 computes is never read.")
    if said in _OTHER_NAMES:
        return wrong(_OTHER_NAMES[said])
    return wrong(f"It is not {show(text)}. Ask check_model, and look for its words in section 4.")


def both_directions(answer) -> Verdict:
    """A function (lstm, linear, x) -> forecasts (batch, 1, 1) from both directions."""
    return first_wrong(answer, _read_both, [(4, 7, 1), (3, 6, 2)])


def _read_both(function, case) -> Verdict:
    batch, seq, layers = case
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        lstm = nn.LSTM(2, 5, layers, batch_first=True, bidirectional=True)
        linear, x = nn.Linear(10, 1), torch.rand(batch, seq, 2)
    given = f"For x {(batch, seq, 2)} and {layers} layer{'s' * (layers > 1)}"
    result = call(function, lstm, linear, x)
    if problem := not_a_tensor(result, given):
        return problem
    with torch.no_grad():
        out, (h_n, _) = lstm(x)
        needed = linear(torch.cat((h_n[-2], h_n[-1]), dim=1))[:, None]
        halves = {
            "the directions are the other way round: forward, h_n[-2], comes first.": torch.cat(
                (h_n[-1], h_n[-2]), dim=1
            ),
            "the backward half of out[:, -1] has read one step. Take it from h_n.": out[:, -1],
            "the forward half of out[:, 0] has read one step. Take it from h_n.": out[:, 0],
            "h_n[-1] twice: one of the two has to be h_n[-2].": h_n[-1].repeat(1, 2),
            "h_n[-2] twice: one of the two has to be h_n[-1].": h_n[-2].repeat(1, 2),
            "the lower layer is read: count the entries of h_n from the end.": torch.cat(
                (h_n[0], h_n[1]), dim=1
            ),
            "view still joins states of different samples: h_n is (layers * directions, batch, "
            "hidden).": h_n[-2:].reshape(batch, -1),
        }
        others = {words: linear(half)[:, None] for words, half in halves.items()}
    if same(result, needed):
        return right("Each row holds both directions of one window.")
    for words, other in others.items():
        if same(result, other):
            return wrong(f"{given} {words}")
    got, shape = tuple(result.shape), (batch, 1, 1)
    if got == (batch, 1):
        return wrong(f"{given} you return {got}: the axis horizon is missing, [:, None].")
    if got == shape:
        return wrong(f"{given} the shape {got} is right, the numbers are not.")
    return wrong(f"{given} you return {got}, but {shape} is needed.")


def _layers() -> tuple[nn.LSTM, nn.LSTM, nn.Linear]:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        return nn.LSTM(2, 3, batch_first=True), nn.LSTM(2, 3), nn.Linear(3, 1)


_LSTM, _TIME_FIRST, _LINEAR = _layers()


def _apart(x):
    """Each window alone, but for the rounding of a larger batch."""
    return _LINEAR(_LSTM(x)[0][:, -1])[:, None] + 1e-8 * len(x)


def _forgotten(x):
    return _LINEAR(_TIME_FIRST(x)[0][:, -1])[:, None]


def _forgotten_from_the_end(x):
    return _LINEAR(_TIME_FIRST(x.flip(0))[0].flip(0)[:, -1])[:, None]


def _mean_of_all(x):
    return _apart(x - x.mean(0))


def _neighbours_only(x):
    yhat = _apart(x)
    yhat[1:-1] += x[1:-1, -1:, :1] - x[2:, -1:, :1]
    return yhat


_MODELS = [  # a model, whether it mixes windows, what is said of an answer that is not so
    (
        _forgotten,
        True,
        "a model that mixes windows is called clean: batch_first was forgotten. There window 0 "
        "gets the same answer alone. Look at the other windows, too.",
    ),
    (
        _forgotten_from_the_end,
        True,
        "a model that mixes windows is called clean. There the last window gets the same answer "
        "alone. Look at all of them.",
    ),
    (
        _apart,
        False,
        "a model that keeps windows apart is said to mix them: its answers differ by 0.0000001, "
        "which is rounding. Use torch.allclose with a tolerance such as atol=1e-5.",
    ),
    (_mean_of_all, True, "a model that takes the mean over the batch is called clean."),
    (
        _neighbours_only,
        True,
        "a model that mixes windows is called clean. There only the windows in the middle change: "
        "look at each one.",
    ),
]


def mixes(answer) -> Verdict:
    """A function (model, x) -> whether the answer to a window depends on the other windows."""
    return first_wrong(answer, _convicts, _MODELS)


def _convicts(function, case) -> Verdict:
    model, mixed, diagnosis = case
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(2)
        x = torch.rand(5, 7, 2)
    result = call(function, model, x)
    if problem := no_result(result):
        return problem
    found = as_truth(result)
    if found is None:
        return wrong(
            f"True or False is needed; this is {show(result)}. One answer for all windows."
        )
    if found != mixed:
        return wrong(f"Tried on five models: {diagnosis}")
    return right("Five models, three kinds of mixing, and rounding is no mixing.")


CHECKS = {"10.1": name_of_the_mistake, "10.2": both_directions, "10.3": mixes}
