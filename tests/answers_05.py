"""Right and wrong answers to the exercises of lesson 05, each wrong one with its diagnosis."""

import torch


def entries(lstm):
    return lstm.num_layers * (1 + lstm.bidirectional)


def zeros(lstm, x):
    h_0 = x.new_zeros(entries(lstm), len(x), lstm.hidden_size)
    return h_0, h_0


def zeros_from_the_layer(lstm, x):
    _, (h_n, c_n) = lstm(x)
    return [torch.zeros_like(h_n), torch.zeros_like(c_n)]


def zeros_of(*sizes):
    """A wrong answer: the pair of zeros whose sizes these functions of (lstm, x) return."""

    def state(lstm, x):
        h_0 = x.new_zeros([size(lstm, x) if callable(size) else size for size in sizes])
        return h_0, h_0

    return state


def batch(lstm, x):
    return x.shape[0]


def hidden(lstm, x):
    return lstm.hidden_size


def rows(lstm, x):
    return entries(lstm)


def float32(lstm, x):
    h_0 = torch.zeros(entries(lstm), len(x), lstm.hidden_size)
    return h_0, h_0


def pieces(lstm, x, size, cut=lambda state: tuple(s.detach() for s in state)):
    parts, state = [], None
    for piece in x.split(size, dim=1):
        part, state = lstm(piece, state)
        state = cut(state)
        parts.append(part)
    return torch.cat(parts, dim=1)


def by_hand(lstm, x, size):
    parts, (h, c) = [], (x.new_zeros(1, len(x), lstm.hidden_size) for _ in range(2))
    for start in range(0, x.shape[1], size):
        part, (h, c) = lstm(x[:, start : start + size], (h.detach(), c.detach()))
        parts.append(part)
    return torch.cat(parts, dim=1)


def fresh(lstm, x, size):
    return torch.cat([lstm(piece)[0] for piece in x.split(size, dim=1)], dim=1)


def detach_not_assigned(lstm, x, size):
    return pieces(lstm, x, size, cut=lambda state: [s.detach() for s in state] and state)


def only_h_is_cut(lstm, x, size):
    return pieces(lstm, x, size, cut=lambda state: (state[0].detach(), state[1]))


def last_piece(lstm, x, size):
    return pieces(lstm, x, size)[:, (x.shape[1] - 1) // size * size :]


def no_short_piece(lstm, x, size):
    return pieces(lstm, x, size)[:, : x.shape[1] // size * size]


RIGHT = {
    "05.1": [(6, 8, 5), [6, 8, 5], torch.Size([6, 8, 5])],
    "05.2": [zeros, zeros_from_the_layer],
    "05.3": [pieces, by_hand],
}
WRONG = {
    "05.1": [
        ((8, 6, 5), "puts the batch first"),
        ((3, 8, 5), "counts the layers alone"),
        ((2, 8, 5), "counts the directions alone"),
        ((5, 8, 5), "adds layers and directions"),
        ((3, 8, 10), "puts the directions side by side"),
        ((6, 20, 5), "has the 20 steps in it"),
        ((6, 8, 4), "ends with the features of x"),
        ((6, 5), "the state of one unbatched sequence"),
        ((8, 20, 10), "is out: every step"),
        ("6, 8, 5", "A shape is a tuple of whole numbers"),
    ],
    "05.2": [
        (lambda lstm, x: zeros(lstm, x)[0], "an LSTM needs a pair of tensors, (h_0, c_0)"),
        (zeros_of(rows, 32, hidden), "its batch is fixed at 32"),
        (zeros_of(lambda lstm, x: lstm.num_layers, batch, hidden), "it counts the layers alone"),
        (zeros_of(1, batch, hidden), "it has one entry"),
        (zeros_of(batch, rows, hidden), "it puts the batch first"),
        (zeros_of(rows, lambda lstm, x: x.shape[1], hidden), "has the steps of x"),
        (zeros_of(rows, batch, lambda lstm, x: x.shape[2]), "ends with the features of x"),
        (zeros_of(batch, hidden), "it lacks axis 0"),
        (zeros_of(rows, batch, 5), "(6, 7, 4) is needed: layer*direction, batch, hidden"),
        (float32, "x.new_zeros takes the dtype of x"),
        (lambda lstm, x: lstm(x)[1], "it is not all zeros"),
        (lambda lstm, x: (zeros(lstm, x)[0], None), "c_0 has to be a tensor; it is None"),
        (lambda lstm, x: None, "Is `return` missing?"),
        ((6, 8, 5), "The answer has to be a function"),
    ],
    "05.3": [
        (fresh, "each piece begins from zeros"),
        (lambda lstm, x, size: lstm(x)[0], "reaches steps before 8, where its piece begins"),
        (detach_not_assigned, "reaches steps before 8, where its piece begins"),
        (only_h_is_cut, "reaches steps before 8, where its piece begins"),
        (lambda lstm, x, size: by_hand(lstm, x, 1), "Cut between the pieces only"),
        (lambda lstm, x, size: pieces(lstm, x, size).detach(), "out has no gradient at all"),
        (lambda lstm, x, size: pieces(lstm, x.detach(), size), "no gradient leads from out to x"),
        (last_piece, "the last piece alone"),
        (no_short_piece, "the last, shorter piece is missing"),
        (lambda lstm, x, size: lstm(x)[1][0], "h_n. All steps are needed"),
        (lambda lstm, x, size: lstm(x)[0][:, -1], "the last step alone"),
        (lambda lstm, x, size: pieces(lstm, x, size).transpose(0, 1), "its steps stand first"),
        (lambda lstm, x, size: 2 * lstm(x)[0], "but other numbers"),
        (lambda lstm, x, size: x, "but (4, 11, 3) is needed"),
        (lambda lstm, x, size: lstm(x), "returns a tuple, not a tensor"),
        (lambda lstm, x, size: None, "Is `return` missing?"),
    ],
}
