"""What a model of the zoo is, the mistakes there are, and the decorators that enter a model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import torch

from .data import windows

MISTAKES = {
    "batch_first forgotten": "A layer that wants time first gets the batch first, and walks "
    "through the samples as if they were steps.",
    "time first for a layer with batch_first": "x was turned for a layer that wants the batch "
    "first, or came with time first: it walks through the samples as if they were steps.",
    "the batch read as one sequence": "The axis of samples is lost before the layer, which reads "
    "all of them as one long sequence.",
    "view where transpose was needed": "`view` or `reshape` gives the shape that a transpose would "
    "give, but leaves the numbers in their order.",
    "h_n flattened by view": "h_n is (layers * directions, batch, hidden): a view that starts with "
    "the batch joins states of different samples.",
    "the last sample for the last step": "`out[-1]` of an output with the batch first is the last "
    "sample, not the last step.",
    "one sample's number for all": "A part of one sample is given to all of them.",
    "a state given to another sample": "The states of a layer are not in the samples' order.",
    "samples that do not meet their own": "Two tensors keep the samples apart, each its way, and "
    "are joined as if it were the same.",
    "samples in another order": "The answers come back in another order than the samples.",
    "statistics over the batch": "A mean, an extreme or a softmax is taken over the samples, so "
    "that an answer changes with the company it comes in.",
    "a target without its axis": "The target has other axes than the output, and the loss compares "
    "each with each.",
    "as many answers as input steps": "The output has an answer for each step of x, and the "
    "target those of other steps: no loss takes both.",
    "two directions at every step": "A forecaster with one output a step has a backward direction, "
    "which has read the answers.",
    "one layer over all steps": "A layer maps the whole window to all outputs at once, so that the "
    "first forecast reads the last input.",
    "attention to later steps": "Attention has no mask over the future, or one that leaves a gap.",
    "padding on both sides": "A convolution or a moving average is centred: half of what it reads "
    "lies in the future.",
    "a statistic over the whole window": "Every step is scaled by a number that the later steps "
    "have a part in.",
    "the last state at every step": "The state that has seen the whole window is given to each of "
    "its steps.",
    "one of the last states for each forecast": "Seven forecasts are decoded from the last seven "
    "states, and the first of these has not seen the newest inputs.",
    "the last step of two directions": "`out[:, -1]` of an output with two directions: there the "
    "backward half has read one step only.",
    "one of two directions": "The layer has two directions, and the head reads one of them.",
    "the state of the first layer": "`h_n[0]` is the first layer's state: what the others compute "
    "is never read.",
    "a layer that forward forgets": "A layer is made and never called.",
    "the newest step ignored": "The steps that tell most about the next one do not reach the "
    "output.",
    "x ignored": "Nothing of x reaches the output, which is the same for every window.",
    "no gradient gets through": "numpy, rounding or detach stands between the weights and the "
    "output: they are used, and never trained.",
    "padding read": "The steps after a sample's end change its answer, or stand where its last "
    "real step was meant.",
    "a state kept between calls": "What one call leaves behind changes the answer of the next.",
    "random in eval mode": "Dropout or noise that does not stop when training does.",
    "one decision for the whole batch": "`if` on a number of all samples: which way the model goes "
    "for one depends on the others.",
    "a state never handed on": "Each step of a loop starts from the same state: what the steps "
    "before have seen is lost.",
    "a backward pass not turned round": "The outputs of a pass over the reversed window stand "
    "beside the forward ones as they come: step 0 beside the last.",
    "a row that nothing fills": "Some samples' answers stay as they were made.",
    "layers that no optimizer hears of": "Layers in a plain list or dict run, and "
    "`model.parameters()` does not list them.",
    "another output mixes samples": "Not the first result, but another one that is returned, "
    "depends on other samples.",
    "a pair given to the next layer": "A recurrent layer returns (output, states), and the layer "
    "after it wants a tensor.",
    "an axis missing where two tensors meet": "A number of each sample meets the numbers of each "
    "unit: (batch,) against (batch, hidden), which raises where there are not as many of both.",
}
RAISING = {"a pair given to the next layer", "an axis missing where two tensors meet"}


@dataclass(frozen=True, eq=False)
class Model:
    """A model, one batch for it, and what there is to say about it.

    Attributes:
        make: builds it, the same weights each time; the random state outside stays as it was.
        inputs: one batch, as a tuple.
        how: keyword arguments of `check_model`.
        mistake: one of `MISTAKES`; None: the model is right.
        cause, says, repair: what each wrong finding has to say, in order and to the letter.
            None in `says` and `repair` is not compared: there the cause alone says all.
        question: words of what a right model is rightly asked.
        golden: its trace is stored under this name, and `make` and `inputs` take `Sizes`.
        meant: wrong models of the views: what should stand where `view` or `reshape` does.
        other: other valid values for a part of x.
        spared: the name of a proof, or a parameter without a gradient -> why it is spared.
    """

    name: str
    make: Callable
    inputs: Callable[..., tuple]
    how: dict[str, Any]
    mistake: str | None = None
    cause: tuple[str, ...] = ()
    says: tuple[str | None, ...] = ()
    repair: tuple[str | None, ...] = ()
    question: str = ""
    golden: str = ""
    meant: Callable | None = None
    other: Callable | None = None
    spared: dict[str, str] = field(default_factory=dict)

    @property
    def raises(self) -> bool:
        """Whether it does not run at all."""
        return self.mistake in RAISING

    @property
    def axes(self) -> list[str]:
        """The names of the axes of x."""
        return self.how.get("axes", "batch seq feature").split()

    def __str__(self):
        return self.name


WRONG: list[Model] = []
RIGHT: list[Model] = []


def wrong(mistake, inputs=windows, *, cause, says=None, repair=None, **more):
    """Enter the class, or the function that builds the model, as a wrong model.

    Arguments that are no fields of `Model` are those of `check_model`.
    """
    assert mistake in MISTAKES, mistake
    cause = _each(cause)
    says, repair = (_each(part) or (None,) * len(cause) for part in (says, repair))

    def enter(make):
        WRONG.append(
            _model(make, inputs, more, mistake=mistake, cause=cause, says=says, repair=repair)
        )
        return make

    return enter


def right(inputs=windows, *, seeds: tuple[int, ...] = (0,), **more):
    """Enter the class, or the function that builds the model, as a right model, once a seed."""

    def enter(make):
        for seed in seeds:
            name = make.__name__ + (f"_seed_{seed}" if len(seeds) > 1 else "")
            RIGHT.append(_model(make, inputs, more, seed=seed, name=name))
        return make

    return enter


def seeded(make: Callable, seed: int = 0) -> Callable:
    """`make` with its weights drawn from `seed`; the random state outside stays as it was."""

    @wraps(make)
    def build(*args):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return make(*args)

    return build


def _model(make, inputs, more, *, seed=0, name=None, **fields):
    own = {key: more[key] for key in more if key in Model.__dataclass_fields__}
    how = {key: more[key] for key in more if key not in own}
    return Model(name or make.__name__, seeded(make, seed), inputs, how, **own, **fields)


def _each(texts):
    return (texts,) if isinstance(texts, str) else tuple(texts or ())
