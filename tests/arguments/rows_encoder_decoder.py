"""The rows of `EncoderDecoderLSTM` beside those that it shares with the other models."""

from functools import partial

import torch

from arguments.rows_models import MUCH, batch
from arguments.table import Case, refused, row, tensor, whole
from lstm_helpers import EncoderDecoderLSTM, Windows

NAME = "EncoderDecoderLSTM"


def model(s, **how):
    """Of as many features as sizes say; the first one is the target."""
    how = {"input_size": s.feature, "hidden_size": s.hidden, "target": [0], **how}
    with torch.random.fork_rng(devices=[]):
        return EncoderDecoderLSTM(**how)


def sized(argument, what, count, least=1):
    """The rows of a size; `what` and `count` say what there is no memory for, and how much."""

    def use(s, value):
        return model(s, **{argument: value})

    whole(NAME, argument, use, least=least)

    @row(NAME, argument, "no memory")
    def _(s):
        return Case(
            lambda: use(s, MUCH),
            ValueError,
            f"{what(s)}: that is {count(s)} numbers, for which there is no memory. Choose smaller "
            "sizes.",
            lambda: use(s, 1),
        )


def layer(reads, hidden, outputs):
    return 4 * hidden * (reads + hidden + 2) + (hidden + 1) * outputs


def weights(reads, hidden, outputs):
    return (
        f"the weights for input_size={reads}, hidden_size={hidden}, num_layers=1 and {outputs} "
        "outputs"
    )


def of_layer(reads, hidden, outputs):
    """What is said of a layer, and how large it is, of sizes that are functions of the drawn."""
    return (
        lambda s: weights(reads(s), hidden(s), outputs),
        lambda s: layer(reads(s), hidden(s), outputs),
    )


sized("input_size", *of_layer(lambda s: MUCH, lambda s: s.hidden, 0))
sized("hidden_size", *of_layer(lambda s: s.feature, lambda s: MUCH, 0))
sized("known_size", lambda s: f"horizon=1 with {MUCH + 1} columns", lambda s: MUCH + 1, least=0)
sized("output_size", lambda s: f"horizon=1 with {MUCH} columns", lambda s: MUCH)
sized("horizon", lambda s: f"horizon={MUCH} with 1 columns", lambda s: MUCH)


def named(s, target):
    return model(s, target=target)


def target(mode, wrong, text, *right):
    for each in right:
        refused(
            NAME,
            "target",
            mode,
            named,
            wrong,
            ValueError,
            text,
            each,
        )


target(
    "none of several features",
    None,
    lambda s: (
        f"x has {s.feature} features and the model predicts 1 of them, but target is None: pass "
        "target=, where they stand in x, such as windows.target."
    ),
    [0],
    lambda s: Windows(tensor(30, s.feature), s.seq, target=[1]).target,
)
target(
    "a column that is not there",
    "load",
    lambda s: (
        f"target names 'load', but the columns are {list(range(s.feature))}: choose from these, or "
        f"give a position from 0 to {s.feature - 1}."
    ),
    lambda s: s.feature - 1,
)
target("twice", [1, 1], "target names a column twice: [1, 1]. Name each once.", [1])
target(
    "of another table",
    lambda s: Windows(tensor(30, s.other), s.seq, target=[1]).target,
    lambda s: (
        f"target is [1] of a table with {s.other} columns, but x has {s.feature} features: give "
        "their positions in x."
    ),
    [1],
)


@row(NAME, "target", "other outputs")
def _(s):
    return Case(
        lambda: model(s, target=[1, 0]),
        ValueError,
        "target names 2 features, [1, 0], but output_size is 1: use output_size=2, or name 1.",
        lambda: [model(s, target=[1, 0], output_size=2), model(s, target=[1])],
    )


@row(NAME, "output_size", "more than features")
def _(s):
    many = s.feature + 1
    return Case(
        lambda: model(s, output_size=many, target=None),
        ValueError,
        f"output_size is {many}, but x has {s.feature} features, and the decoder begins with the "
        f"last values of its targets, which are among them: use output_size={s.feature} or less.",
        lambda: model(s, output_size=s.feature, target=None),
    )


def beside(s, axis):
    """A model that takes both, and what is right beside x."""
    made = model(s, horizon=s.horizon, output_size=2, target=[1, 0], known_size=s.other)
    size = {"known": s.other, "target": 2}
    named = f"(batch={s.batch}, horizon={s.horizon}, {axis}={size[axis]})"
    return made, {a: tensor(s.batch, s.horizon, n) for a, n in size.items()}, named


def part(name, axis, mode, error, wrong, text, right=lambda value: value):
    """A row of `future` or `y`: `wrong` spoils the right one, and `right` mends it."""

    @row(f"{NAME}.forward", name, mode)
    def _(s):
        made, parts, needed = beside(s, axis)
        value, x = wrong(parts[axis]), batch(s)

        def call(value):
            given = {"future": parts["known"], name: value}
            return made(x, **given)

        return Case(
            lambda: call(value),
            error,
            text(s, needed),
            lambda: call(right(value) if right(value) is not value else parts[axis]),
            [made, x, *([] if getattr(value, "is_meta", False) else [value])],
        )


for name, axis in (("future", "known"), ("y", "target")):
    both = partial(part, name, axis)
    both(
        "text",
        TypeError,
        lambda value: "hour",
        lambda s, needed, name=name, axis=axis: (
            f"{name} is 'hour', but the model needs a tensor {needed}: pass y of Windows(table, "
            f"seq_len, horizon={s.horizon}, target={axis}), or a batch of it."
        ),
    )
    both(
        "an array",
        TypeError,
        lambda value: value.numpy(),
        lambda s, needed, name=name, axis=axis: (
            f"{name} is a ndarray ({s.batch}, {s.horizon}, {s.other if axis == 'known' else 2}), "
            f"but the model needs a tensor {needed}: pass torch.as_tensor({name}, "
            "dtype=torch.float32)."
        ),
        lambda value: torch.as_tensor(value, dtype=torch.float32),
    )
    both(
        "too short",
        ValueError,
        lambda value: value[:, 1:],
        lambda s, needed, name=name: (
            f"{name} is {needed.replace(f'horizon={s.horizon}', f'horizon={s.horizon - 1}')}, but "
            f"the model and x (batch={s.batch}, seq={s.seq}, feature={s.feature}) need {needed}: "
            f"pass the {s.horizon} steps after each window."
        ),
    )
    both(
        "one window",
        ValueError,
        lambda value: value[0],
        lambda s, needed, name=name, axis=axis: (
            f"{name} is ({s.horizon}, {s.other if axis == 'known' else 2}), but the model and x "
            f"(batch={s.batch}, seq={s.seq}, feature={s.feature}) need {needed}: pass the "
            f"{s.horizon} steps after each window."
        ),
    )
    both(
        "in double precision",
        ValueError,
        lambda value: value.double(),
        lambda s, needed, name=name: (
            f"{name} {needed} has dtype torch.float64, but the model's weights have torch.float32: "
            f"use {name}.to(torch.float32), or model.to(torch.float64)."
        ),
        lambda value: value.to(torch.float32),
    )
    both(
        "sparse",
        ValueError,
        lambda value: value.to_sparse(),
        lambda s, needed, name=name: (
            f"{name} {needed} is torch.sparse_coo, but the model reads dense tensors: use "
            f"{name}.to_dense()."
        ),
        lambda value: value.to_dense(),
    )
    both(
        "on meta",
        ValueError,
        lambda value: value.to("meta"),
        lambda s, needed, name=name: (
            f"{name} {needed} is on the device meta, but the model's weights are on cpu: on meta "
            f"there are no numbers, so make {name} anew with device='cpu'."
        ),
    )


part(
    "future",
    "known",
    "none",
    TypeError,
    lambda value: None,
    lambda s, needed: (
        f"future is None, but the model needs a tensor {needed}: pass y of Windows(table, seq_len, "
        f"horizon={s.horizon}, target=known), or a batch of it."
    ),
)


@row(f"{NAME}.forward", "future", "without known columns")
def _(s):
    made, x, future = model(s), batch(s), tensor(s.batch, 1, s.other)
    return Case(
        lambda: made(x, future),
        ValueError,
        "future was passed, but the model was built with known_size=0: build it with known_size=, "
        "or drop future.",
        lambda: [model(s, known_size=s.other)(x, future), made(x)],
        [made, x, future],
    )
