"""The rows of `LSTMFromScratch`."""

import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from arguments.table import Case, row, switch, tensor, whole
from lstm_helpers import LSTMFromScratch, Windows

NAME, FORWARD = "LSTMFromScratch", "LSTMFromScratch.forward"
MUCH = 2**50  # numbers, more than any memory holds


def model(sizes, **how):
    with torch.random.fork_rng(devices=[]):
        how = {"input_size": sizes.feature, "hidden_size": sizes.hidden, **how}
        return LSTMFromScratch(**how)


def batch(sizes):
    return tensor(sizes.seq, sizes.batch, sizes.feature)


for argument, least, most in (
    ("input_size", 1, None),
    ("hidden_size", 1, None),
    ("num_layers", 1, 1000),
    ("proj_size", 0, None),
):
    whole(
        NAME,
        argument,
        lambda sizes, value, argument=argument: model(sizes, **{argument: value}),
        least,
        most,
    )
for argument in ("batch_first", "bidirectional"):
    switch(
        NAME,
        argument,
        lambda sizes, value, argument=argument: model(sizes, **{argument: value}),
    )


@row(NAME, "proj_size", "as long as the hidden state")
def _(sizes):
    return Case(
        lambda: model(sizes, proj_size=sizes.hidden),
        ValueError,
        f"proj_size is {sizes.hidden}, but a projection shortens the hidden state of "
        f"hidden_size={sizes.hidden}: use a smaller one, or 0 for no projection.",
        lambda: [model(sizes, proj_size=sizes.hidden - 1), model(sizes, proj_size=0)],
    )


def too_large(argument, count):
    """`count` is how many numbers two layers in both directions would hold."""

    @row(NAME, argument, "no memory")
    def _(sizes):
        how = {"input_size": sizes.feature, "hidden_size": sizes.hidden, argument: MUCH}
        return Case(
            lambda: model(sizes, num_layers=2, bidirectional=True, **{argument: MUCH}),
            ValueError,
            f"the weights for input_size={how['input_size']}, hidden_size={how['hidden_size']}, "
            f"num_layers=2: that is {count(**how)} numbers, for which there is no memory. "
            "Choose smaller sizes.",
            lambda: model(sizes, num_layers=2, bidirectional=True, **{argument: sizes.other}),
        )


def two_layers(input_size, hidden_size) -> int:
    """Numbers in two layers of both directions."""
    first = 4 * hidden_size * (input_size + hidden_size + 2)
    return 2 * (first + 4 * hidden_size * (2 * hidden_size + hidden_size + 2))


too_large("input_size", two_layers)
too_large("hidden_size", two_layers)


def reads(mode, error, wrong, text, *advice, **how):
    """A row of x: `advice` makes from it, or from the sizes, what the text says."""

    @row(FORWARD, "x", mode)
    def _(sizes):
        one, x = model(sizes, **how), wrong(sizes)
        return Case(
            lambda: one(x),
            error,
            text(sizes),
            lambda: [one(right(x, sizes)) for right in advice],
            [one, x] if isinstance(x, torch.Tensor) and not x.is_meta else [one],
        )


def windows(sizes):
    return Windows(tensor(20, sizes.feature).numpy(), sizes.seq)


NEEDED = "but the model needs a tensor"
CUT = "x of Windows(table, seq_len), or a batch of its loader()"
EITHER = "but the model needs three, (seq, batch, feature), or two for one sequence, (seq, feature)"
FIRST = "but the model needs three, (batch, seq, feature), or two for one sequence, (seq, feature)"


def has(sizes, **other) -> str:
    axes = {"seq": sizes.seq, "batch": sizes.batch, "feature": sizes.feature, **other}
    return f"({', '.join(f'{name}={size}' for name, size in axes.items())})"


reads(
    "None",
    TypeError,
    lambda sizes: None,
    lambda sizes: (
        f"x is None, {NEEDED} (seq, batch, feature): pass "
        "Windows(table, seq_len).x.transpose(0, 1)."
    ),
    lambda x, sizes: windows(sizes).x.transpose(0, 1),
)
reads(
    "None, where the batch comes first",
    TypeError,
    lambda sizes: None,
    lambda sizes: f"x is None, {NEEDED} (batch, seq, feature): pass {CUT}.",
    lambda x, sizes: windows(sizes).x,
    lambda x, sizes: next(iter(windows(sizes).loader()))[0],
    batch_first=True,
)
reads(
    "an array",
    TypeError,
    lambda sizes: batch(sizes).numpy(),
    lambda sizes: (
        f"x is a ndarray ({sizes.seq}, {sizes.batch}, {sizes.feature}), {NEEDED} "
        "(seq, batch, feature): pass torch.as_tensor(x, dtype=torch.float32)."
    ),
    lambda x, sizes: torch.as_tensor(x, dtype=torch.float32),
)
for batch_first in (False, True):
    reads(
        f"packed, batch_first={batch_first}",
        TypeError,
        lambda sizes: pack_sequence([tensor(sizes.seq, sizes.feature)] * sizes.batch),
        lambda sizes, batch_first=batch_first: (
            f"x is a PackedSequence, {NEEDED} "
            f"{'(batch, seq, feature)' if batch_first else '(seq, batch, feature)'}: read it with "
            f"nn.LSTM, or pass pad_packed_sequence(x, batch_first={batch_first})[0], of which the "
            "padding is read, too."
        ),
        lambda x, sizes, batch_first=batch_first: pad_packed_sequence(x, batch_first)[0],
        batch_first=batch_first,
    )
reads(
    "one value",
    ValueError,
    lambda sizes: tensor(),
    lambda sizes: f"x is (), with 0 axes, {EITHER}: one value of one variable is x[None, None].",
    lambda x, sizes: x[None, None],
    input_size=1,
)
reads(
    "one axis",
    ValueError,
    lambda sizes: tensor(sizes.seq),
    lambda sizes: (
        f"x is ({sizes.seq},), with 1 axis, {EITHER}: one sequence of one variable is x[:, None]."
    ),
    lambda x, sizes: x[:, None],
    input_size=1,
)
reads(
    "four axes",
    ValueError,
    lambda sizes: tensor(sizes.seq, sizes.other, sizes.batch, sizes.feature),
    lambda sizes: (
        f"x is ({sizes.seq}, {sizes.other}, {sizes.batch}, {sizes.feature}), with 4 axes, "
        f"{EITHER}: merge those between seq and feature, x.flatten(1, 2)."
    ),
    lambda x, sizes: x.flatten(1, 2),
)
reads(
    "four axes, where the batch comes first",
    ValueError,
    lambda sizes: tensor(sizes.other, sizes.batch, sizes.seq, sizes.feature),
    lambda sizes: (
        f"x is ({sizes.other}, {sizes.batch}, {sizes.seq}, {sizes.feature}), with 4 axes, "
        f"{FIRST}: merge those before seq, x.flatten(0, 1)."
    ),
    lambda x, sizes: x.flatten(0, 1),
    batch_first=True,
)
reads(
    "one sequence of other features",
    ValueError,
    lambda sizes: tensor(sizes.seq, sizes.other),
    lambda sizes: (
        f"x is (seq={sizes.seq}, feature={sizes.other}), but the model was built with "
        f"input_size={sizes.feature}: build it with input_size={sizes.other}, or pass the features "
        "it was made for."
    ),
    lambda x, sizes: batch(sizes)[:, 0],
)


@row(FORWARD, "x", "other features")
def _(sizes):
    one, x = model(sizes), tensor(sizes.seq, sizes.batch, sizes.other)
    return Case(
        lambda: one(x),
        ValueError,
        f"x is {has(sizes, feature=sizes.other)}, but the model was built with "
        f"input_size={sizes.feature}: build it with input_size={sizes.other}, or pass the features "
        "it was made for.",
        lambda: [model(sizes, input_size=sizes.other)(x), one(batch(sizes))],
        [one, x],
    )


reads(
    "no step",
    ValueError,
    lambda sizes: batch(sizes)[:0],
    lambda sizes: (
        f"x is {has(sizes, seq=0)}, but one step is needed at least: pass longer windows."
    ),
    lambda x, sizes: batch(sizes)[:1],
)
reads(
    "whole numbers",
    ValueError,
    lambda sizes: batch(sizes).long(),
    lambda sizes: (
        f"x {has(sizes)} has dtype torch.int64, but the model's weights have torch.float32: use "
        "x.to(torch.float32)."
    ),
    lambda x, sizes: x.to(torch.float32),
)
reads(
    "on meta",
    ValueError,
    lambda sizes: batch(sizes).to("meta"),
    lambda sizes: (
        f"x {has(sizes)} is on the device meta, but the model's weights are on cpu: on meta there "
        "are no numbers, so make x anew with device='cpu'."
    ),
    lambda x, sizes: torch.ones(x.shape, device="cpu"),
)
reads(
    "sparse",
    ValueError,
    lambda sizes: batch(sizes).to_sparse(),
    lambda sizes: (
        f"x {has(sizes)} is torch.sparse_coo, but the model reads dense tensors: use x.to_dense()."
    ),
    lambda x, sizes: x.to_dense(),
)


def stated(mode, error, wrong, text, one_sequence=False, **how):
    """`wrong` makes a state of the right one; `text` is what is said before the advice."""

    @row(FORWARD, "state", mode)
    def _(sizes):
        one, x = model(sizes, num_layers=sizes.layer, **how), batch(sizes)
        x = x[:, 0] if one_sequence else x
        with torch.no_grad():
            _, right = one(x)
        state = wrong(*right)
        return Case(
            lambda: one(x, state),
            error,
            f"{text(sizes)}: pass the state that the call before returned, or None to start "
            "afresh.",
            lambda: [one(x, right), one(x, None)],
            [one, x, *right],
        )


PAIR = "but the pair (h_n, c_n) is needed"
stated("text", TypeError, lambda h, c: "state", lambda sizes: f"state is 'state', {PAIR}")
stated("h_n alone", TypeError, lambda h, c: [h], lambda sizes: f"state is of length 1, {PAIR}")
stated(
    "h_n itself",
    TypeError,
    lambda h, c: h,
    lambda sizes: f"state is a Tensor ({sizes.layer}, {sizes.batch}, {sizes.hidden}), {PAIR}",
)
stated(
    "without h_n",
    TypeError,
    lambda h, c: (None, c),
    lambda sizes: "h_n is None, but a tensor is needed",
)
stated(
    "of another dtype",
    ValueError,
    lambda h, c: (h, c.double()),
    lambda sizes: "c_n has dtype torch.float64, but x has torch.float32",
)
stated(
    "on another device",
    ValueError,
    lambda h, c: (h.to("meta"), c),
    lambda sizes: "h_n of the state is on the device meta, but the model's weights are on cpu",
)
stated(
    "of fewer samples",
    ValueError,
    lambda h, c: (h[:, 1:], c),
    lambda sizes: (
        f"h_n of the state is (layer={sizes.layer}, batch={sizes.batch - 1}, "
        f"hidden={sizes.hidden}), but this model and x {has(sizes)} need (layer={sizes.layer}, "
        f"batch={sizes.batch}, hidden={sizes.hidden})"
    ),
)
stated(
    "of one direction",
    ValueError,
    lambda h, c: (h, c[::2]),
    lambda sizes: (
        f"c_n of the state is (layer*direction={sizes.layer}, batch={sizes.batch}, "
        f"hidden={sizes.hidden}), but this model and x {has(sizes)} need "
        f"(layer*direction={2 * sizes.layer}, batch={sizes.batch}, hidden={sizes.hidden})"
    ),
    bidirectional=True,
)
stated(
    "h_n as long as c_n",
    ValueError,
    lambda h, c: (c, c),
    lambda sizes: (
        f"h_n of the state is (layer={sizes.layer}, batch={sizes.batch}, proj={sizes.hidden}), but "
        f"this model and x {has(sizes)} need (layer={sizes.layer}, batch={sizes.batch}, proj=2)"
    ),
    proj_size=2,
)
stated(
    "of a batch, for one sequence",
    ValueError,
    lambda h, c: (h[:, None], c[:, None]),
    lambda sizes: (
        f"h_n of the state is ({sizes.layer}, 1, {sizes.hidden}), but this model and x "
        f"(seq={sizes.seq}, feature={sizes.feature}) need (layer={sizes.layer}, "
        f"hidden={sizes.hidden})"
    ),
    one_sequence=True,
)
