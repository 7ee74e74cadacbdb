"""Right and wrong answers to the exercises of lesson 08, each wrong one with its diagnosis."""

import torch
from torch.nn.utils.rnn import pad_packed_sequence, pad_sequence


def mask(out, lengths):
    return (torch.arange(out.shape[1]) < lengths[:, None])[:, :, None]


def mean(out, lengths):
    return (mask(out, lengths) * out).sum(dim=1) / lengths[:, None]


def mean_one_by_one(out, lengths):
    return torch.stack([out[i, :n].mean(dim=0) for i, n in enumerate(lengths.tolist())])


def mean_of_packed(out, lengths):
    how = {"batch_first": True, "enforce_sorted": False}
    packed = torch.nn.utils.rnn.pack_padded_sequence(out, lengths, **how)
    return pad_packed_sequence(packed, batch_first=True)[0].sum(1) / lengths[:, None]


def collated(pairs, batch_first=True, padding=0, kind=torch.int64):
    rows, classes = zip(*pairs, strict=True)
    x = pad_sequence(list(rows), batch_first=batch_first, padding_value=padding)
    return x, torch.tensor([len(row) for row in rows]), torch.tensor(classes, dtype=kind)


def collated_as_list(pairs):
    return list(collated(pairs))


def changed(**parts):
    """A wrong answer: one part of the right one, made into another by a function."""

    def collate(pairs):
        found = dict(zip(("x", "lengths", "y"), collated(pairs), strict=True))
        return tuple(parts.get(name, lambda part: part)(part) for name, part in found.items())

    return collate


def sorted_by_length(pairs):
    return collated(sorted(pairs, key=lambda pair: -len(pair[0])))


RIGHT = {
    "08.1": [(7, 20, 60), [7, 20, 60], torch.Size([7, 20, 60])],
    "08.2": [mean, mean_one_by_one, mean_of_packed],
    "08.3": [collated, collated_as_list],
}
WRONG = {
    "08.1": [
        ((7, 20, 30), "has one direction"),
        ((7, 20, 50), "what the embedding gives out"),
        ((7, 20, 5000), "ends with the vocabulary"),
        ((7, 20, 120), "counts the layers, too"),
        ((7, 20), "is the tensor of indices"),
        ((7, 20, 1), "the indices with an axis more"),
        ((20, 7, 60), "has the steps first"),
        ((4, 7, 30), "is h_n"),
        ((7, 60), "one state for each sentence"),
        ((140, 60), "as packed data"),
        ("7, 20, 60", "A shape is a tuple of whole numbers"),
    ],
    "08.2": [
        (lambda out, lengths: out.mean(dim=1), "The padding counts along"),
        (lambda out, lengths: (mask(out, lengths) * out).sum(dim=1), "Divide it by the lengths"),
        (lambda out, lengths: (mask(out, lengths) * out).mean(dim=1), "divided by seq"),
        (lambda out, lengths: out.sum(dim=1) / lengths[:, None], "padding too"),
        (lambda out, lengths: out[torch.arange(len(out)), lengths - 1], "the last real state"),
        (lambda out, lengths: out[mask(out, lengths)[:, :, 0]].mean(dim=0), "Each needs its own"),
        (lambda out, lengths: mean(out, lengths).mean(dim=1), "Keep that axis"),
        (lambda out, lengths: mean(out, lengths)[:, None], "no keepdim there"),
        (lambda out, lengths: out, "but (4, 3) is needed"),
        (lambda out, lengths: 2 * mean(out, lengths), "but other numbers"),
        (lambda out, lengths: out[:, lengths].mean(dim=1), "raised IndexError"),
        (lambda out, lengths: None, "Is `return` missing?"),
        (lambda out, lengths: 0.5, "not a tensor"),
        ((4, 3), "The answer has to be a function"),
    ],
    "08.3": [
        (lambda pairs: collated(pairs, batch_first=False), "pad_sequence(..., batch_first=True)"),
        (lambda pairs: collated(pairs, padding=-1), "the padding is not 0"),
        (lambda pairs: collated(pairs)[:2], "x, lengths and y are needed"),
        (lambda pairs: collated(pairs, kind=torch.float32), "y has torch.float32"),
        (changed(y=lambda y: y[:, None]), "y is (3, 1): it has an axis too many"),
        (changed(y=lambda y: y.tolist()), "y has to be a tensor; it is [1, 0, 2]"),
        (changed(lengths=lambda n: n.clamp(7, 7)), "Take the lengths before padding"),
        (changed(lengths=lambda n: n - 1), "it has other numbers"),
        (changed(x=lambda x: x[:, :-1]), "(3, 7) is needed"),
        (changed(x=lambda x: x.flip(1)), "its steps are in reverse"),
        (changed(x=lambda x: x.float()), "x has torch.float32"),
        (changed(y=lambda y: y.flip(0)), "its rows are in another order"),
        (sorted_by_length, "its rows are in another order"),
        (lambda pairs: pad_sequence([row for row, _ in pairs]), "x, lengths and y are needed"),
        (lambda pairs: None, "Is `return` missing?"),
        ((3, 7), "The answer has to be a function"),
    ],
}
