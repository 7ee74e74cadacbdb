"""The rows of the models."""

from functools import partial

import numpy as np
import pandas as pd
import torch

from arguments.table import Case, row, tensor, whole
from lstm_helpers import EncoderDecoderLSTM, ManyToManyLSTM, ManyToOneLSTM, Windows

KINDS = {
    "ManyToOneLSTM": ManyToOneLSTM,
    "ManyToManyLSTM": ManyToManyLSTM,
    "EncoderDecoderLSTM": partial(EncoderDecoderLSTM, target=[0]),
}
MUCH = 2**50  # numbers, more than any memory holds


def model(name, sizes, **how):
    with torch.random.fork_rng(devices=[]):
        how = {"input_size": sizes.feature, "hidden_size": sizes.hidden, **how}
        return KINDS[name](**how)


def batch(sizes):
    return tensor(sizes.batch, sizes.seq, sizes.feature)


def weights(input_size, hidden_size, outputs) -> int:
    """How many numbers a model of one layer holds."""
    return 4 * hidden_size * (input_size + hidden_size + 2) + (hidden_size + 1) * outputs


def sized(name, argument):
    """The rows of a size: what is no size, and what is too large."""
    whole(name, argument, lambda sizes, value: model(name, sizes, **{argument: value}), least=1)

    @row(name, argument, "no memory")
    def _(sizes):
        chosen = {"input_size": sizes.feature, "hidden_size": sizes.hidden}
        chosen |= {argument: MUCH} if argument in chosen else {}
        outputs = 1 if argument in chosen else MUCH
        return Case(
            lambda: model(name, sizes, **{argument: MUCH}),
            ValueError,
            f"the weights for input_size={chosen['input_size']}, "
            f"hidden_size={chosen['hidden_size']}, num_layers=1 and {outputs} outputs: that is "
            f"{weights(*chosen.values(), outputs)} numbers, for which there is no memory. "
            "Choose smaller sizes.",
            lambda: model(name, sizes, **{argument: sizes.other}),
        )


def dropped(name):
    def use(sizes, value, num_layers=2):
        return model(name, sizes, num_layers=num_layers, dropout=value)

    for mode, value, error in (
        ("text", "0.5", TypeError),
        ("a bool", True, TypeError),
        ("negative", -0.5, ValueError),
        ("in percent", 20, ValueError),
        ("not a number", np.nan, ValueError),
    ):
        row(name, "dropout", mode)(
            lambda sizes, value=value, error=error: Case(
                lambda: use(sizes, value),
                error,
                f"dropout is {value!r}, but it has to be a number from 0 to 1.",
                lambda: use(sizes, np.float32(0.25)),
            )
        )

    @row(name, "dropout", "in one layer")
    def _(sizes):
        return Case(
            lambda: use(sizes, 0.25, num_layers=1),
            ValueError,
            "dropout is 0.25, but it drops values between two layers, and num_layers is 1: use "
            "num_layers=2 or more, or drop dropout.",
            lambda: [use(sizes, 0.25, num_layers=2), model(name, sizes)],
        )


def reads(method):
    """The rows of x, which all methods read alike; `method` is as in "ManyToOneLSTM.forward"."""
    name, call = method.split(".")

    def add(mode, error, wrong, text, right=batch):
        @row(method, "x", mode)
        def _(sizes):
            one = model(name, sizes)
            x = wrong(sizes)
            return Case(
                lambda: getattr(one, call)(x),
                error,
                text(sizes),
                lambda: getattr(one, call)(right(sizes)),
                [one, *([] if getattr(x, "is_meta", False) else [x])],
            )

    needed = "but the model needs a tensor (batch, seq, feature): pass"
    cut = f"{needed} x of Windows(table, seq_len), or a batch of its loader()."
    convert = f"{needed} torch.as_tensor(x, dtype=torch.float32)."
    axes = "axes, but the model needs three, (batch, seq, feature):"

    def table(sizes):
        return pd.DataFrame(tensor(30, sizes.feature).numpy())

    def shape(sizes):
        return f"(batch={sizes.batch}, seq={sizes.seq}, feature={sizes.feature})"

    add("None", TypeError, lambda sizes: None, lambda sizes: f"x is None, {cut}")
    add(
        "a table",
        TypeError,
        table,
        lambda sizes: f"x is a DataFrame (30, {sizes.feature}), {cut}",
        lambda sizes: next(iter(Windows(table(sizes), sizes.seq).loader()))[0],
    )
    add(
        "an array",
        TypeError,
        lambda sizes: batch(sizes).double().numpy(),
        lambda sizes: f"x is a ndarray ({sizes.batch}, {sizes.seq}, {sizes.feature}), {convert}",
        lambda sizes: torch.as_tensor(batch(sizes).double().numpy(), dtype=torch.float32),
    )
    add(
        "one value",
        ValueError,
        lambda sizes: tensor(),
        lambda sizes: f"x is (), with 0 {axes} one value of one variable is x[None, None, None].",
        lambda sizes: tensor()[None, None, None].expand(-1, -1, sizes.feature),
    )
    add(
        "one axis",
        ValueError,
        lambda sizes: tensor(sizes.seq),
        lambda sizes: (
            f"x is ({sizes.seq},), with 1 axis, but the model needs three, (batch, seq, feature): "
            "one window of one variable is x[None, :, None]."
        ),
        lambda sizes: tensor(sizes.seq)[None, :, None].expand(-1, -1, sizes.feature),
    )
    add(
        "one window",
        ValueError,
        lambda sizes: batch(sizes)[0],
        lambda sizes: (
            f"x is ({sizes.seq}, {sizes.feature}), with 2 {axes} one window is a batch of one, "
            "x[None]."
        ),
        lambda sizes: batch(sizes)[0][None],
    )
    add(
        "five axes",
        ValueError,
        lambda sizes: batch(sizes)[None, None],
        lambda sizes: (
            f"x is (1, 1, {sizes.batch}, {sizes.seq}, {sizes.feature}), with 5 {axes} merge those "
            "before seq, x.flatten(0, 2)."
        ),
        lambda sizes: batch(sizes)[None, None].flatten(0, 2),
    )
    add(
        "no step",
        ValueError,
        lambda sizes: batch(sizes)[:, :0],
        lambda sizes: (
            f"x is (batch={sizes.batch}, seq=0, feature={sizes.feature}), but one step is needed "
            "at least: pass longer windows."
        ),
        lambda sizes: batch(sizes)[:, :1],
    )
    add(
        "another dtype",
        ValueError,
        lambda sizes: batch(sizes).long(),
        lambda sizes: (
            f"x {shape(sizes)} has dtype torch.int64, but the model's weights have torch.float32: "
            "use x.to(torch.float32)."
        ),
        lambda sizes: batch(sizes).long().to(torch.float32),
    )
    add(
        "complex",
        ValueError,
        lambda sizes: batch(sizes).to(torch.complex64),
        lambda sizes: (
            f"x {shape(sizes)} has dtype torch.complex64, but the model's weights have "
            "torch.float32: use x.real.to(torch.float32)."
        ),
        lambda sizes: batch(sizes).to(torch.complex64).real.to(torch.float32),
    )
    add(
        "sparse",
        ValueError,
        lambda sizes: batch(sizes).to_sparse(),
        lambda sizes: (
            f"x {shape(sizes)} is torch.sparse_coo, but the model reads dense tensors: use "
            "x.to_dense()."
        ),
        lambda sizes: batch(sizes).to_sparse().to_dense(),
    )
    add(
        "on meta",
        ValueError,
        lambda sizes: batch(sizes).to("meta"),
        lambda sizes: (
            f"x {shape(sizes)} is on the device meta, but the model's weights are on cpu: on meta "
            "there are no numbers, so make x anew with device='cpu'."
        ),
        lambda sizes: torch.rand(
            sizes.batch,
            sizes.seq,
            sizes.feature,
            device="cpu",
            generator=torch.Generator().manual_seed(0),
        ),
    )

    @row(method, "x", "in double precision")
    def _(sizes):
        one, x = model(name, sizes), batch(sizes).double()
        return Case(
            lambda: getattr(one, call)(x),
            ValueError,
            f"x {shape(sizes)} has dtype torch.float64, but the model's weights have "
            "torch.float32: use x.to(torch.float32), or model.to(torch.float64).",
            lambda: [
                getattr(one, call)(x.to(torch.float32)),
                getattr(model(name, sizes).to(torch.float64), call)(x),
            ],
            [one, x],
        )

    @row(method, "x", "the model is on meta")
    def _(sizes):
        one, x = model(name, sizes).to("meta"), batch(sizes)
        return Case(
            lambda: getattr(one, call)(x),
            ValueError,
            f"x {shape(sizes)} is on the device cpu, but the model's weights are on meta: use "
            "x.to('meta').",
            lambda: getattr(one, call)(x.to("meta")),
            [x],
        )

    @row(method, "x", "other features")
    def _(sizes):
        one, x = model(name, sizes), tensor(sizes.batch, sizes.seq, sizes.other)
        return Case(
            lambda: getattr(one, call)(x),
            ValueError,
            f"x is (batch={sizes.batch}, seq={sizes.seq}, feature={sizes.other}), but the model "
            f"was built with input_size={sizes.feature}: build it with input_size={sizes.other}, "
            "or pass the features it was made for.",
            lambda: [
                getattr(model(name, sizes, input_size=sizes.other), call)(x),
                getattr(one, call)(batch(sizes)),
            ],
            [one, x],
        )


for kind in KINDS:
    if kind != "EncoderDecoderLSTM":  # its two layers have other sizes
        for size in ("input_size", "hidden_size", "output_size"):
            sized(kind, size)
    whole(
        kind,
        "num_layers",
        lambda sizes, value, kind=kind: model(kind, sizes, num_layers=value),
        least=1,
        most=1000,
    )
    dropped(kind)
sized("ManyToOneLSTM", "horizon")
for each in (
    "ManyToOneLSTM.forward",
    "ManyToManyLSTM.forward",
    "ManyToManyLSTM.step",
    "EncoderDecoderLSTM.forward",
):
    reads(each)


def stated(mode, error, wrong, text):
    """`wrong` makes a state of the right one; `text` is what is said before the advice."""

    @row("ManyToManyLSTM.step", "state", mode)
    def _(sizes):
        one, x = model("ManyToManyLSTM", sizes, num_layers=sizes.layer), batch(sizes)
        with torch.no_grad():
            _, right = one.step(x)
        state = wrong(*right)
        return Case(
            lambda: one.step(x, state),
            error,
            f"{text(sizes)}: pass the state that the call before returned, or None to start "
            "afresh.",
            lambda: [one.step(x, right), one.step(x, None)],
            [one, x, *right],
        )


def has(sizes, **other) -> str:
    """The axes of a state, some of other sizes than this model's."""
    axes = {"layer": sizes.layer, "batch": sizes.batch, "hidden": sizes.hidden, **other}
    return f"({', '.join(f'{name}={size}' for name, size in axes.items())})"


def other_axes(part, came):
    return lambda sizes: (
        f"{part} of the state is {came(sizes)}, but this model and x (batch={sizes.batch}, "
        f"seq={sizes.seq}, feature={sizes.feature}) need {has(sizes)}"
    )


PAIR = "but the pair (h_n, c_n) is needed"
stated("text", TypeError, lambda h, c: "state", lambda sizes: f"state is 'state', {PAIR}")
stated("h_n alone", TypeError, lambda h, c: (h,), lambda sizes: f"state is of length 1, {PAIR}")
stated(
    "h_n itself",
    TypeError,
    lambda h, c: h,
    lambda sizes: f"state is a Tensor ({sizes.layer}, {sizes.batch}, {sizes.hidden}), {PAIR}",
)
stated(
    "without c_n",
    TypeError,
    lambda h, c: (h, None),
    lambda sizes: "c_n is None, but a tensor is needed",
)
stated(
    "of another dtype",
    ValueError,
    lambda h, c: (h.double(), c),
    lambda sizes: "h_n has dtype torch.float64, but x has torch.float32",
)
stated(
    "of fewer samples",
    ValueError,
    lambda h, c: (h[:, 1:], c),
    other_axes("h_n", lambda sizes: has(sizes, batch=sizes.batch - 1)),
)
stated(
    "of another model",
    ValueError,
    lambda h, c: (h, c[..., 1:]),
    other_axes("c_n", lambda sizes: has(sizes, hidden=sizes.hidden - 1)),
)
stated(
    "without an axis",
    ValueError,
    lambda h, c: (h[0], c),
    other_axes("h_n", lambda sizes: f"({sizes.batch}, {sizes.hidden})"),
)
stated(
    "on another device",
    ValueError,
    lambda h, c: (h, c.to("meta")),
    lambda sizes: "c_n of the state is on the device meta, but the model's weights are on cpu",
)


@row("ManyToManyLSTM.step", "state", "sparse")
def _(sizes):
    one, x = model("ManyToManyLSTM", sizes), batch(sizes)
    with torch.no_grad():
        _, (h, c) = one.step(x)
    c = c.to_sparse()
    return Case(
        lambda: one.step(x, (h, c)),
        ValueError,
        "c_n of the state is torch.sparse_coo, but the model reads dense tensors: use "
        "c_n.to_dense().",
        lambda: one.step(x, (h, c.to_dense())),
        [one, x, h],
    )
