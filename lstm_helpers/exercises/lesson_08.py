"""Exercises of lesson 08: the shape of embedded words, a mean without padding, a collate_fn."""

import torch

from lstm_helpers.exercises._answers import show
from lstm_helpers.exercises._verdict import (
    Verdict,
    call,
    check_shape,
    first_wrong,
    no_result,
    not_a_tensor,
    right,
    same,
    wrong,
)


def shape_of_out(answer) -> Verdict:
    """out of two layers in two directions, for 7 sentences of 20 words, hidden_size=30."""
    return check_shape(
        answer,
        (7, 20, 60),
        "batch=7, seq=20, direction*hidden=60.",
        {
            (7, 20, 30): "(7, 20, 30) has one direction. Both stand side by side in out: 2 * 30.",
            (7, 20, 50): "(7, 20, 50) is what the embedding gives out: it goes into the LSTM.",
            (7, 20, 5000): "(7, 20, 5000) ends with the vocabulary. Its size is only the number of "
            "rows in the embedding's table; out ends with the directions' states.",
            (7, 20, 120): "(7, 20, 120) counts the layers, too. Only the last layer is in out.",
            (7, 20): "(7, 20) is the tensor of indices: the embedding adds an axis.",
            (7, 20, 1): "(7, 20, 1) is the indices with an axis more; out ends with the states.",
            (20, 7, 60): "(20, 7, 60) has the steps first. batch_first=True puts the batch there.",
            (4, 7, 30): "(4, 7, 30) is h_n: an entry for each layer and direction. "
            "out has every step.",
            (7, 60): "(7, 60) is one state for each sentence. out has every step.",
            (140, 60): "(140, 60) has one row for each word, as packed data. "
            "Unpacked, batch and seq are two axes again.",
        },
    )


def mean_of_real(answer) -> Verdict:
    """A function (out, lengths) -> the mean of each sequence's real steps, (batch, hidden)."""
    return first_wrong(answer, _is_mean, [(4, 9, 3, [5, 9, 1, 7]), (3, 6, 5, [2, 6, 4])])


def _is_mean(function, case) -> Verdict:
    batch, seq, hidden, ends = case
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        out = torch.rand(batch, seq, hidden)
    lengths = torch.tensor(ends)
    given = f"For out {(batch, seq, hidden)} and lengths {ends}"
    mean = call(function, out, lengths)
    if problem := not_a_tensor(mean, given):
        return problem
    real = torch.stack([row[:end].mean(0) for row, end in zip(out, ends, strict=True)])
    if same(mean, real):
        return right("The real steps' sum, divided by their number.")
    sums = real * lengths[:, None]
    mask = torch.arange(seq) < lengths[:, None]
    last = out[torch.arange(batch), lengths - 1]
    diagnoses = [
        (out.mean(1), "the mean of all steps. The padding counts along: leave it out."),
        (sums, "the sum. Divide it by the lengths."),
        (sums / seq, "the real steps' sum, divided by seq. Divide by the lengths."),
        (out.sum(1) / lengths[:, None], "the sum of all steps, padding too, by the real lengths."),
        (last, "the last real state. The mean of all real ones is asked for."),
        (out[mask].mean(0), "one mean over all sequences. Each needs its own: sum over dim=1."),
        (real.mean(1), "a mean over hidden, too. Keep that axis."),
        (real[:, None], "the right numbers with an axis of size 1 more: no keepdim there."),
    ]
    for other, diagnosis in diagnoses:
        if same(mean, other):
            return wrong(f"{given} you return {tuple(mean.shape)}: {diagnosis}")
    if tuple(mean.shape) != (batch, hidden):
        return wrong(
            f"{given} you return {tuple(mean.shape)}, but {(batch, hidden)} is needed: "
            "(batch, hidden)."
        )
    return wrong(f"{given} your result has the right shape, but other numbers.")


def collate_labelled(answer) -> Verdict:
    """A function: list of (indices, class) -> x (batch, seq), lengths (batch,), y (batch,)."""
    return first_wrong(answer, _collates, [([4, 2, 7], [1, 0, 2]), ([3, 6, 1, 5], [0, 1, 1, 0])])


def _collates(function, case) -> Verdict:
    ends, classes = case
    rows = [torch.arange(1, end + 1) + 10 * place for place, end in enumerate(ends)]
    given = f"For {len(ends)} sequences of {ends} words"
    result = call(function, list(zip(rows, classes, strict=True)))
    if problem := no_result(result, f"{given} your function"):
        return problem
    if not isinstance(result, tuple | list) or len(result) != 3:
        return wrong(f"{given} you return {show(result)}, but x, lengths and y are needed.")
    x, lengths, y = result
    longest = max(ends)
    padded = torch.zeros(len(ends), longest, dtype=torch.int64)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    expected = {"x": (x, padded), "lengths": (lengths, torch.tensor(ends))}
    expected["y"] = (y, torch.tensor(classes))
    for name, (part, needed) in expected.items():
        if not isinstance(part, torch.Tensor):
            return wrong(
                f"{given} your function returns {show(result)}, but {name} has to be a tensor; "
                f"it is {show(part)}."
            )
        if problem := not_a_tensor(part, given, f"{name} of your function"):
            return problem
        if why := _unlike(name, part, needed):
            return wrong(f"{given} {name} is {tuple(part.shape)}: {why}")
        if part.dtype != torch.int64:
            return wrong(
                f"{given} {name} has {part.dtype}, but torch.int64 is needed: "
                "indices, lengths and classes are whole numbers."
            )
    return right("x for the embedding, lengths for packing, y for cross_entropy.")


def _unlike(name: str, part, needed) -> str | None:
    """What is wrong with the shape or the numbers of a part; None where they are right."""
    if same(part, needed):
        return None
    if part.ndim == needed.ndim == 2 and same(part, needed.T):
        return "it has the steps first. Write pad_sequence(..., batch_first=True)."
    if same(part, needed[:, None]):
        return "it has an axis too many."
    if name == "x" and same(part, needed.flip(1)):
        return "its steps are in reverse."
    if name == "x" and part.shape == needed.shape and same(part[needed > 0], needed[needed > 0]):
        return "the padding is not 0."
    if name == "lengths" and same(part, torch.full_like(needed, int(needed.max()))):
        return "it has the padded length for all. Take the lengths before padding."
    if tuple(part.shape) != tuple(needed.shape):
        return f"{tuple(needed.shape)} is needed."
    ordered = part[(part if part.ndim == 1 else part[:, 0]).argsort()]
    if same(ordered, needed[(needed if needed.ndim == 1 else needed[:, 0]).argsort()]):
        return "its rows are in another order."
    return "it has other numbers."


CHECKS = {
    "08.1": shape_of_out,
    "08.2": mean_of_real,
    "08.3": collate_labelled,
}
