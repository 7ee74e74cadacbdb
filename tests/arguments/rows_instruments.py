"""The rows of `trace_shapes`, `dependencies` and `check_model`, and of what they return."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from arguments.table import Case, row, switch, tensor
from lstm_helpers import (
    History,
    ManyToManyLSTM,
    ManyToOneLSTM,
    check_model,
    dependencies,
    exercises,
    trace_shapes,
)

INSTRUMENTS = {f.__name__: f for f in (trace_shapes, dependencies, check_model)}
ASKING = ("dependencies", "check_model")  # these vary their first input


def model(sizes, kind=ManyToOneLSTM):
    with torch.random.fork_rng(devices=[]):
        return kind(sizes.feature, sizes.hidden)


def batch(sizes):
    return tensor(sizes.batch, sizes.seq, sizes.feature)


def refused(names, argument, mode, error, wrong, text, right):
    """Rows of an argument by name; `wrong`, `text` and `right` may be functions of sizes."""
    for name in [names] if isinstance(names, str) else names:

        def use(sizes, value, ask=INSTRUMENTS[name]):
            how = {argument: value(sizes) if callable(value) else value}
            return ask(model(sizes), batch(sizes), **how)

        row(name, argument, mode)(
            lambda sizes, use=use: Case(
                lambda: use(sizes, wrong),
                error,
                text.format(**vars(sizes)),
                lambda: use(sizes, right),
            )
        )


for name, ask in INSTRUMENTS.items():

    def asked(mode, wrong, text, name=name, ask=ask):
        @row(name, "model", mode)
        def _(sizes):
            one = model(sizes)
            return Case(
                lambda: ask(wrong, batch(sizes)),
                TypeError,
                text,
                lambda: ask(one, batch(sizes)),
                [one],
            )

    call = "which can't be called: pass a module or a function of tensors, and then what it is"
    asked("None", None, f"model is None of type NoneType, {call} called with.")
    asked("a number", 3, f"model is 3 of type int, {call} called with.")
    asked(
        "a class",
        ManyToOneLSTM,
        "model is the class ManyToOneLSTM, but a model is needed: make one of it, "
        "ManyToOneLSTM(...).",
    )

for name in ASKING:

    @row(name, "model", "returns no tensor")
    def _(sizes, ask=INSTRUMENTS[name]):
        one = model(sizes)

        def silent(x):
            one(x)

        return Case(
            lambda: ask(silent, batch(sizes)),
            TypeError,
            "the model returned None, but a tensor is needed to ask what it depends on: return a "
            "tensor, or a tuple, list, dict or dataclass that starts with one.",
            lambda: ask(lambda x: {"yhat": one(x)}, batch(sizes)),
            [one],
        )

    def given(mode, error, wrong, text, right=lambda sizes: [batch(sizes)], name=name):
        @row(name, "inputs", mode)
        def _(sizes, ask=INSTRUMENTS[name]):
            one = model(sizes)
            return Case(
                lambda: ask(one, *wrong(sizes)),
                error,
                text.format(**vars(sizes)),
                lambda: ask(one, *right(sizes)),
                [one],
            )

    first = (
        "but its steps and samples are to be varied: pass a tensor first, and what else the model "
        "takes after it."
    )
    given("none", TypeError, lambda sizes: [], f"the first input is None, {first}")
    given(
        "an array",
        TypeError,
        lambda sizes: [batch(sizes).numpy()],
        f"the first input is a ndarray ({{batch}}, {{seq}}, {{feature}}), {first}",
    )
    given(
        "no sample",
        ValueError,
        lambda sizes: [batch(sizes)[:0]],
        "the first input is (batch=0, seq={seq}, feature={feature}): nothing to vary. Pass at "
        "least one sample with one step.",
    )

    @row(name, "inputs", "complex")
    def _(sizes, ask=INSTRUMENTS[name]):
        with torch.random.fork_rng(devices=[]):
            one = nn.Linear(sizes.feature, sizes.target, dtype=torch.complex64)
        x = torch.complex(batch(sizes), 2 * batch(sizes))
        return Case(
            lambda: ask(one, x),
            TypeError,
            f"the first input (batch={sizes.batch}, seq={sizes.seq}, feature={sizes.feature}) is "
            "complex, but its values are to be replaced by other real ones: wrap the model, as in "
            "lambda parts: model(torch.view_as_complex(parts.unflatten(-1, (-1, 2)))), and pass "
            "real and imaginary parts as features, torch.view_as_real(x).flatten(-2).",
            lambda: ask(
                lambda parts: one(torch.view_as_complex(parts.unflatten(-1, (-1, 2)))),
                torch.view_as_real(x).flatten(-2),
            ),
            [one, x],
        )


@row("trace_shapes", "inputs", "more texts than tensors")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: trace_shapes(one, axes=["batch seq feature", "layer batch hidden"]),
        ValueError,
        "axes has 2 texts, ['batch seq feature', 'layer batch hidden'], but the model gets 0 input "
        "tensors: give one text for each tensor, in their order.",
        lambda: trace_shapes(one, batch(sizes), axes=["batch seq feature"]),
        [one],
    )


# axes
for mode, wrong, came in (
    ("a number", 3, "3 of type int"),
    ("bytes", b"ab", "b'ab' of type bytes"),
    ("a dict", {"batch": 0}, "of type dict"),
    ("with a number", ["batch", 3], "a list with others than texts"),
    ("an array without an axis", np.array(3), "of type ndarray"),
):
    refused(
        "trace_shapes",
        "axes",
        mode,
        TypeError,
        wrong,
        f"axes is {came}; input 0 is ({{batch}}, {{seq}}, {{feature}}): give the names of a "
        "tensor's axes in one text, a word for each, and for several tensors a list of such texts. "
        "Try axes='batch seq feature', with the names that you know.",
        "batch seq feature",
    )
refused(
    "trace_shapes",
    "axes",
    "too few names",
    ValueError,
    "batch seq",
    "input 0 is ({batch}, {seq}, {feature}): 3 axes, but axes gives it 2 names ('batch seq'): give "
    "each axis one name.",
    "batch seq ?",
)
refused(
    "trace_shapes",
    "axes",
    "a text for each axis",
    ValueError,
    ["batch", "seq", "feature"],
    "axes has 3 texts, ['batch', 'seq', 'feature'], but the model gets 1 input tensor: give one "
    "text for each tensor, in their order. Try axes='batch seq feature'.",
    "batch seq feature",
)
for mode, wrong in (
    ("None", None),
    ("a number", 3),
    ("with a number", ["batch", 3]),
    ("bytes", b"ab"),
):
    refused(
        ASKING,
        "axes",
        mode,
        TypeError,
        wrong,
        f"axes is {wrong!r}, but the names of the first input's axes are needed: "
        'axes="batch seq feature", or a list of names.',
        ["batch", "seq", "feature"],
    )
for mode, wrong, names in (
    ("too few names", "batch seq", 2),
    ("one name twice", "batch seq batch", 3),
    ("no seq", ["batch", "step", "feature"], 3),
):
    refused(
        ASKING,
        "axes",
        mode,
        ValueError,
        wrong,
        f"the first input is ({{batch}}, {{seq}}, {{feature}}): 3 axes, but axes={wrong!r} names "
        f"{names}: each axis needs one name of its own, one of them seq. Try "
        'axes="batch seq feature".',
        "batch seq feature",
    )


for name in ASKING:

    @row(name, "axes", "of tokens")
    def _(sizes, ask=INSTRUMENTS[name]):
        x = tensor(sizes.batch, sizes.seq)
        return Case(
            lambda: ask(torch.sin, x),
            ValueError,
            f"the first input is ({sizes.batch}, {sizes.seq}): 2 axes, but axes='batch seq "
            "feature' names 3: each axis needs one name of its own, one of them seq. Try "
            'axes="batch seq" (tokens, one variable) or "seq feature" (one unbatched sequence).',
            lambda: [ask(torch.sin, x, axes="batch seq"), ask(torch.sin, x, axes="seq feature")],
            [x],
        )


# output
for mode, wrong, came in (
    ("a number", 3, "3 of type int"),
    ("a dict", {"batch": 0}, "of type dict"),
    ("with a number", ["batch", 3], "a list with others than texts"),
    ("an array without an axis", np.array(3), "of type ndarray"),
):
    refused(
        "trace_shapes",
        "output",
        mode,
        TypeError,
        wrong,
        f"output is {came}: give the names of a tensor's axes in one text, a word for each, and "
        "for several tensors a list of such texts. Try output='batch horizon target', with the "
        "names that you use.",
        "batch horizon target",
    )
OUT = "output is (batch={batch}, 1, 1)"
refused(
    "trace_shapes",
    "output",
    "too few names",
    ValueError,
    "batch target",
    f"{OUT}, with 3 axes, but output gives it 2 names ('batch target'): give each axis one name. "
    "Try 'batch target ?' for output.",
    "batch target ?",
)
refused(
    "trace_shapes",
    "output",
    "one name twice",
    ValueError,
    "batch target target",
    f"{OUT}, but output calls axis 1 and axis 2 target ('batch target target'): give each axis a "
    "name of its own, or '?' where you have none. Try 'batch target ?' for output.",
    "batch target ?",
)
refused(
    "trace_shapes",
    "output",
    "a text for each axis",
    ValueError,
    ["batch", "horizon", "target"],
    "output has 3 texts, ['batch', 'horizon', 'target'], but what comes out is output "
    "(batch={batch}, 1, 1): give one text for each tensor, in their order. Try "
    "output='batch horizon target'.",
    "batch horizon target",
)


# kwargs
@row("trace_shapes", "kwargs", "an array")
def _(sizes):
    one = model(sizes)
    return Case(
        lambda: trace_shapes(one, kwargs=batch(sizes).numpy()),
        TypeError,
        f"kwargs is a ndarray ({sizes.batch}, {sizes.seq}, {sizes.feature}), but a dict of the "
        'arguments that the model takes by name is needed: kwargs={"mask": mask}.',
        lambda: trace_shapes(one, kwargs={"x": batch(sizes)}),
        [one],
    )


for mode, wrong, came in (
    (
        "a number",
        3,
        "kwargs is 3, but a dict of the arguments that the model takes by name is needed",
    ),
    (
        "pairs",
        [("mask", 1)],
        "kwargs is [('mask', 1)], but a dict of the arguments that the model takes by name is "
        "needed",
    ),
    ("a number as name", {2: 1}, "kwargs has the name 2, but names of arguments are text"),
):
    for name, ask in INSTRUMENTS.items():

        @row(name, "kwargs", mode)
        def _(sizes, ask=ask, wrong=wrong, came=came):
            def masked(x, mask=1.0):
                return x * mask

            return Case(
                lambda: ask(masked, batch(sizes), kwargs=wrong),
                TypeError,
                f'{came}: kwargs={{"mask": mask}}.',
                lambda: ask(masked, batch(sizes), kwargs={"mask": 2.0}),
            )


# the other arguments of check_model
for mode, wrong, came in (
    ("an array", lambda sizes: np.ones((sizes.batch, 1, 1)), "a ndarray ({batch}, 1, 1)"),
    ("a list", [0.5, 1.5], "[0.5, 1.5]"),
):
    refused(
        "check_model",
        "y",
        mode,
        TypeError,
        wrong,
        f"y is {came}, but a tensor is needed, as the loss gets it: pass torch.as_tensor(y), or "
        "drop y.",
        lambda sizes, wrong=wrong: torch.as_tensor(wrong(sizes) if callable(wrong) else wrong),
    )
for wrong in (1, "yes"):
    refused(
        "check_model",
        "causal",
        repr(wrong),
        TypeError,
        wrong,
        f"causal is {wrong!r}, but it has to be True or False.",
        np.True_,
    )


def padded(sizes) -> list[int]:
    return [1 + n % sizes.seq for n in range(sizes.batch)]


REAL = "give each sample its number of real steps, 1 to {seq}."
FIRST = f"but the first input has batch={{batch}} and seq={{seq}}: {REAL}"
for mode, error, wrong, came in (
    ("text", TypeError, "12", "'12'"),
    ("fractions", TypeError, [0.5, 1.5], "[0.5, 1.5]"),
    ("a mask", TypeError, [True, False], "[True, False]"),
    ("no real step", ValueError, [0, 1], "[0, 1]"),
    ("of too many samples", ValueError, [1] * 15, str([1] * 15)),
    ("a number", ValueError, 2, "2"),
):
    refused("check_model", "lengths", mode, error, wrong, f"lengths is {came}, {FIRST}", padded)


@row("check_model", "lengths", "past the last step")
def _(sizes):
    one, lengths = model(sizes), torch.tensor([sizes.seq + 1])
    return Case(
        lambda: check_model(one, batch(sizes), lengths=lengths),
        ValueError,
        f"lengths is [{sizes.seq + 1}], {FIRST.format(**vars(sizes))}",
        lambda: check_model(one, batch(sizes), lengths=torch.tensor(padded(sizes))),
        [one, lengths],
    )


@row("check_model", "lengths", "of one unbatched sequence")
def _(sizes):
    x = batch(sizes)[0]
    return Case(
        lambda: check_model(torch.sin, x, axes="seq feature", lengths=[2]),
        ValueError,
        "lengths is [2], but axes names no batch, so no sample is padded: drop lengths.",
        lambda: check_model(torch.sin, x, axes="seq feature"),
        [x],
    )


CHECKS = (
    "the checks are runs, answers, target, samples, views, look_ahead, newest_step, padding, "
    "directions, parameters, the_rest: choose from these."
)
for mode, error, wrong, text in (
    (
        "a number",
        TypeError,
        3,
        "ignore is 3, but names of checks are needed: one as text, or a list.",
    ),
    (
        "bytes",
        TypeError,
        b"views",
        "ignore is b'views', but names of checks are needed: one as text, or a list.",
    ),
    (
        "an array without an axis",
        TypeError,
        np.array(3),
        "ignore is array(3), but names of checks are needed: one as text, or a list.",
    ),
    ("as printed", ValueError, "look-ahead", f"ignore names look-ahead, but {CHECKS}"),
    ("with a number", ValueError, ["views", 3], f"ignore names 3, but {CHECKS}"),
):
    refused("check_model", "ignore", mode, error, wrong, text, ["look_ahead", "views"])


# what they return
def chart(sizes):
    """Small: of the sizes in the texts only seq counts."""
    small = SimpleNamespace(**vars(sizes) | {"batch": 2, "feature": 1, "hidden": 3})
    return dependencies(model(small, ManyToManyLSTM), batch(small))


switch(
    "ShapeTrace.text",
    "patterns",
    lambda sizes, value: trace_shapes(model(sizes), batch(sizes)).text(patterns=value),
)
switch(
    "Report.raise_if_wrong",
    "questions",
    lambda sizes, value: check_model(torch.sin, batch(sizes)).raise_if_wrong(questions=value),
)

for argument, known, other in (
    ("output_axis", "batch, seq, target", "feature"),
    ("input_axis", "batch, seq, feature", "hidden"),
):
    for mode, wrong in (("a number", 1), ("None", None), ("another name", other)):

        @row("Dependencies.between", argument, mode)
        def _(sizes, argument=argument, wrong=wrong, known=known):
            found = chart(sizes)
            right = {"output_axis": "seq", "input_axis": "batch"}
            return Case(
                lambda: found.between(**right | {argument: wrong}),
                ValueError,
                f"no axis {wrong!r}: the axes are {known}: name one of them.",
                lambda: [found.between(**right | {argument: n}) for n in known.split(", ")],
            )


def named(mode, error, wrong, text):
    @row("Dependencies.plot", "names", mode)
    def _(sizes):
        found = chart(sizes)

        def plot(names):
            plt.close(found.plot(names=names).figure)

        return Case(
            lambda: plot(wrong(sizes)),
            error,
            text.format(**vars(sizes)),
            lambda: [plot(kind(map(str, range(sizes.seq)))) for kind in (list, tuple)],
        )


EACH = "but a name for each input step is needed: pass a list, an array or an index."
named("a number", TypeError, lambda sizes: 3, f"names is 3, {EACH}")
named("bytes", TypeError, lambda sizes: b"ab", f"names is b'ab', {EACH}")
named(
    "an array without an axis", TypeError, lambda sizes: np.array(3), f"names is array(3), {EACH}"
)
named(
    "two",
    ValueError,
    lambda sizes: ["Jan", "Feb"],
    "2 names for {seq} input steps: give each step one name, oldest first.",
)

AX = (
    "but one of matplotlib's Axes is needed: pass ax of _, ax = plt.subplots(), one of several as "
    "axes[0], or drop ax."
)


def drawn(name, draw):
    """The rows of `ax`: `draw(sizes, ax)` draws there."""

    def close(ax):
        plt.close(ax.figure)

    @row(name, "ax", "several")
    def _(sizes):
        figure, axes = plt.subplots(2)
        plt.close(figure)
        return Case(
            lambda: draw(sizes, axes),
            TypeError,
            f"ax is a ndarray (2,), {AX}",
            lambda: [close(draw(sizes, axes[0])), close(draw(sizes, None))],
        )

    @row(name, "ax", "a figure")
    def _(sizes):
        figure, ax = plt.subplots()
        plt.close(figure)
        return Case(
            lambda: draw(sizes, figure),
            TypeError,
            f"ax is {figure!r}, {AX}",
            lambda: [close(draw(sizes, ax))],
        )


drawn("ShapeTrace.plot", lambda sizes, ax: trace_shapes(model(sizes), batch(sizes)).plot(ax))
drawn("Dependencies.plot", lambda sizes, ax: chart(sizes).plot(ax))
drawn(
    "History.plot",
    lambda sizes, ax: History([{"epoch": 1, "steps": sizes.other, "train_loss": 0.5}], 1).plot(ax),
)

for name in ("check", "verdict"):
    for mode, wrong in (("a number", 1.1), ("of another lesson", "1.1"), ("None", None)):

        @row(f"exercises.{name}", "exercise", mode)
        def _(sizes, name=name, wrong=wrong):
            known, ask = list(exercises._CHECKS), getattr(exercises, name)
            return Case(
                lambda: ask(wrong, ...),
                ValueError,
                f"there is no exercise {wrong!r}: choose from {', '.join(known)}.",
                lambda: [ask(each, ...) for each in known],
            )
