"""Forecast further than a model does: its forecasts become its inputs."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from lstm_helpers._arguments import a_model, at_least, check_room, shown
from lstm_helpers._batch_checks import check_dtype, check_tensor
from lstm_helpers._hints import explain
from lstm_helpers._named_columns import features
from lstm_helpers._surroundings import kept_mode
from lstm_helpers._typing import Tensor
from lstm_helpers._values import numbers
from lstm_helpers.models import EncoderDecoderLSTM
from lstm_helpers.predicting import rows_at_once
from lstm_helpers.shapes import named
from lstm_helpers.windowing import Windows


def roll_out(
    model: nn.Module, x: Tensor | Windows, steps: int, *, target=None, known=None, future=None
) -> Tensor:
    """Forecast `steps` steps: what the model has forecast is what it reads next.

    A model with `step`, such as `ManyToManyLSTM`, reads x once and then each forecast, and carries
    its state along: it has seen the whole past, and each further step costs the same. Any other
    model reads a window of as many steps as x has, which slides along. If it forecasts several
    steps at once, the window slides by as many; of the last block only the steps that are asked
    for are kept. Of a model with an output for each step of its window the last output is the
    forecast.

    The model runs in evaluation mode, without gradients and on its own device; its mode
    afterwards is the one before. It is handed copies: x is not written to.

    Args:
        model: maps x (batch, seq, feature) to yhat (batch, horizon, target), or has
            `step(x, state) -> (yhat, state)`, or is an `EncoderDecoderLSTM`.
        x: (batch, seq, feature), such as `windows.newest()`, or a `Windows`: all of its windows,
            in their order, as in `predict`.
        steps: to forecast after the last step of x.
        target: the features of x that are forecast, in the order of yhat, as positions or
            `windows.target`; by default all that are not known ahead. A `Windows` knows them.
        known: the features of x that are known ahead, as positions or `windows.known`: x[:, t]
            holds their value of the step after t. A `Windows` knows them.
        future: (batch, steps - 1, known), in the units of x: the known features from where x ends
            with them. The last step of x holds those of the first forecast, so future[:, 0] are
            those of the second one; what is longer is not read. For a `Windows` it is taken from
            its table, where `steps` is no more than its horizon.

    Returns:
        (batch, steps, target), on the CPU, in the units of yhat.

    Raises:
        TypeError: the model is no module, or returns no tensor; x is no tensor and no `Windows`;
            `steps` is no whole number; `future` holds no numbers.
        ValueError: x has other axes, or no window; a feature is neither forecast nor known ahead,
            or both; `future` is missing, of other sizes, or has NaN; windows have a gap before
            their targets; the model can't run on x, or returns other sizes.

    Source: iterated forecasts, beside direct ones, in Marcellino, Stock and Watson, "A comparison
    of direct and iterated multistep AR methods for forecasting macroeconomic time series", 2006.

    >>> import torch
    >>> from lstm_helpers import ManyToManyLSTM
    >>> x = torch.rand(5, 12, 3)  # feature 1 is known ahead
    >>> model = ManyToManyLSTM(input_size=3, hidden_size=4, output_size=2)
    >>> roll_out(model, x, 7, known=1, future=torch.rand(5, 6, 1)).shape
    torch.Size([5, 7, 2])
    """
    model, steps = a_model(model), at_least(1, steps=steps)
    if stepped := callable(getattr(model, "step", None)):
        _check_step(model)
    if isinstance(x, Windows):
        _check_windows(x, steps, target, known, future)
        target, known = x.target, x.known
        sizes = len(x), *x[0][0].shape
    else:
        sizes = _check_x(x)
    roles = _Roles(sizes[2], target, known)
    if isinstance(model, EncoderDecoderLSTM):
        _check_made_for(model, roles)
    rows, needed = sizes[0], (sizes[0], steps - 1, len(roles.known))
    check_room(rows * steps * len(roles.target), f"steps={steps} for {rows} windows")
    if future is not None or not isinstance(x, Windows):
        future = _check_future(future, needed)
    home = next((p.device for p in model.parameters()), None)
    results = []
    with kept_mode(model), torch.no_grad(), torch.random.fork_rng(devices=[]):
        model.eval()
        for part, ahead in _parts(model, x, future, needed):
            part = part.to(home, copy=True)
            check_dtype(part, model)
            ask = _stepping(model) if stepped else _sliding(model, part, roles)
            results.append(_roll(ask, part, ahead.to(part), steps, roles).cpu())
    return torch.cat(results)


class _Roles:
    """Which features of x are forecast, and which are known ahead: positions, together all.

    Raises:
        ValueError: a feature is neither, or both.
    """

    def __init__(self, size: int, target, known):
        self.known = [] if known is None else features(size, known, "known")
        others = [n for n in range(size) if n not in self.known]
        self.target = others if target is None else features(size, target, "target")
        if both := sorted({*self.target} & {*self.known}):
            raise ValueError(
                f"target and known share {both}, but a feature that is known ahead needs no "
                "forecast: name each in one of them."
            )
        if not self.target:
            raise ValueError(
                f"x has {size} features, and none of them is forecast: name fewer in known=, or "
                "one in target=."
            )
        if rest := [n for n in others if n not in self.target]:
            raise ValueError(
                f"x has {size} features, of which {self.target} are forecast and {self.known} are "
                f"known ahead, but after the first forecast {rest} have no value: name them in "
                "known= and pass their future=, or use a model that forecasts them, too, or one "
                "with horizon=steps in predict."
            )
        self._order = sorted(range(size), key=[*self.target, *self.known].__getitem__)

    def rows(self, forecasts: Tensor, future: Tensor) -> Tensor:
        """What a model reads next, (batch, steps, feature)."""
        rows = torch.cat((forecasts, future), dim=2) if self.known else forecasts
        return rows if self._order == sorted(self._order) else rows[..., self._order]


def _check_made_for(model: EncoderDecoderLSTM, roles: _Roles) -> None:
    if model.known_size not in (0, len(roles.known)):
        raise ValueError(
            f"the model was built with known_size={model.known_size}, but {len(roles.known)} "
            f"features of x are known ahead: name {model.known_size} in known=."
        )
    if model.target != roles.target:
        raise ValueError(
            f"the model was built with target={model.target}, but {roles.target} of x are to be "
            f"forecast: pass target={model.target}, or build it with target={roles.target}."
        )


def _roll(ask: Callable, x: Tensor, future: Tensor, steps: int, roles: _Roles) -> Tensor:
    """Forecasts for a batch, block by block: each becomes the next rows that the model reads.

    `ask` gets the rows that are new, and the known features after them.
    """
    blocks, rows, done = [], x, 0
    while True:
        block = ask(rows, future[:, done:])
        _check_block(block, x, roles)
        blocks.append(block)
        before, done = done, done + block.shape[1]
        if done >= steps:
            return torch.cat(blocks, dim=1)[:, :steps]
        rows = roles.rows(block.to(x), future[:, before:done])


def _stepping(model) -> Callable:
    """Asks a model that remembers: it reads only what is new."""
    state = None

    def ask(rows, future):
        nonlocal state
        with _in_words(model, rows):
            result = model.step(rows, state)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise TypeError(
                f"the model's step returns a {type(result).__name__}, but a pair (yhat, state) is "
                "needed: return both, or call the method otherwise."
            )
        yhat, state = result
        check_tensor(yhat)
        return yhat[:, -1:]

    return ask


def _sliding(model, x: Tensor, roles: _Roles) -> Callable:
    """Asks a model that reads a whole window each time."""
    seq, window, each_step = x.shape[1], x[:, :0], None
    with_future = isinstance(model, EncoderDecoderLSTM) and model.known_size

    def ask(rows, future):
        nonlocal window, each_step
        window = torch.cat((window, rows), dim=1)[:, -seq:]
        inputs = [window.clone()]  # a model may write to it
        if with_future:
            now = window[:, -1:, roles.known]
            ahead = torch.cat((now, future), dim=1)[:, : model.horizon]
            # no forecast that is kept reads these: they are of steps behind the last one
            more = ahead[:, -1:].expand(-1, model.horizon - ahead.shape[1], -1)
            inputs.append(torch.cat((ahead, more), dim=1))
        with _in_words(model, window):
            yhat = model(*inputs)
        check_tensor(yhat)
        if each_step is None:
            each_step = _has_an_output_for_each_step(model, inputs, yhat)
        return yhat[:, -1:] if each_step else yhat

    return ask


def _check_step(model) -> None:
    """A method of this name may be something else."""
    try:
        inspect.signature(model.step).bind(None, None)
    except TypeError as error:
        raise TypeError(
            f"the model's step can't be called with x and a state ({error}): let it be "
            "step(x, state) -> (yhat, state), or call the method otherwise."
        ) from None
    except ValueError:  # no signature to look at
        return


def _has_an_output_for_each_step(model, inputs: list[Tensor], yhat: Tensor) -> bool:
    """Whether yhat has as many steps as the window because it is one for each.

    Where it is as long by chance, it is as long for a shorter window, too.
    """
    window, *others = inputs
    seq = window.shape[1]
    if seq == 1 or yhat.ndim != 3 or yhat.shape[1] != seq:
        return False
    try:
        shorter = model(window[:, 1:].clone(), *others)
    except Exception:  # a model for windows of this length only
        return False
    return isinstance(shorter, Tensor) and shorter.shape[1:2] == (seq - 1,)


@contextmanager
def _in_words(model, x: Tensor):
    try:
        yield
    except RuntimeError as error:
        raise ValueError(explain(error, model, x, "a batch")) from error


def _parts(model, x, future: Tensor | None, needed: tuple) -> Iterator[tuple[Tensor, Tensor]]:
    """Some windows at a time, with their known features after x."""
    one = x[0][0] if isinstance(x, Windows) else x[0]
    for number in torch.arange(needed[0]).split(rows_at_once(model, one)):
        part = x[number][0] if isinstance(x, Windows) else x[number.to(x.device)]
        ahead = _of_table(x, number, needed[1]) if future is None else future[number]
        yield part, ahead


def _of_table(windows: Windows, number: Tensor, steps: int) -> Tensor:
    """The known columns of so many steps, beginning where each window ends with them.

    The table of the windows holds them one row early, as x does.
    """
    rows = windows._starts(number)[:, None] + windows.seq_len + torch.arange(steps)
    return windows._values[:, windows.known.at][rows]


def _check_windows(windows: Windows, steps: int, target, known, future) -> None:
    for name, value in (("target", target), ("known", known)):
        if value is not None:
            raise ValueError(
                f"{name} was passed, but the windows know their columns, {name} "
                f"{list(getattr(windows, name))}: drop it, or cut windows with {name}=."
            )
    if windows.gap:
        raise ValueError(
            f"the windows have a gap of {windows.gap} steps before their targets, but a forecast "
            "becomes the next step of a window: cut windows without gap."
        )
    if windows.known and future is None and steps > windows.horizon:
        raise ValueError(
            f"steps is {steps}, but behind each window the table is sure to have {windows.horizon} "
            f"rows with {list(windows.known)}: cut windows with horizon={steps}, or pass future=, "
            f"(window={len(windows)}, steps={steps - 1}, known={len(windows.known)})."
        )


def _check_x(x) -> tuple[int, ...]:
    """The sizes of x, (batch, seq, feature)."""
    needed = "x (batch, seq, feature) or a Windows is needed"
    if not isinstance(x, Tensor):
        advice = "pass windows.newest(), or the Windows"
        if isinstance(x, np.ndarray | list | tuple):
            advice = "pass torch.as_tensor(x, dtype=torch.float32)"
        raise TypeError(f"x is {shown(x)}, but {needed}: {advice}.")
    if x.layout is not torch.strided or x.is_meta:
        kind, advice = "is sparse", "pass x.to_dense()"
        if x.is_meta:
            kind, advice = "holds no numbers", "make it anew on the CPU"
        raise ValueError(f"x {tuple(x.shape)} {kind}, but {needed}: {advice}.")
    if not x.is_floating_point():
        raise ValueError(
            f"x {tuple(x.shape)} has dtype {x.dtype}, but forecasts become its next steps: "
            f"use x{'.real' * x.is_complex()}.to(torch.float32)."
        )
    if x.ndim != 3:
        advice = "one window is x[None]" if x.ndim == 2 else "keep these three axes"
        raise ValueError(f"x is {tuple(x.shape)}, but {needed}: {advice}.")
    if not x.numel():
        raise ValueError(
            f"x is {named(x.shape, _AXES)}, without a number, but one window with one step is "
            "needed at least: pass more rows."
        )
    return tuple(x.shape)


_AXES = ("batch", "seq", "feature")


def _check_future(future, needed: tuple[int, int, int]) -> Tensor:
    """The known features of the steps after x, as many as are read."""
    batch, steps, known = needed
    shape = named(needed, ("batch", "steps", "known"))
    if not known:
        if future is not None:
            raise ValueError(
                "future was passed, but no feature is known ahead: name them in known=, or drop "
                "future."
            )
        return torch.empty(needed)
    if future is None:
        if not steps:
            return torch.empty(needed)
        raise ValueError(
            f"{known} features of x are known ahead, but future is None: pass their values after "
            f"those in x, {shape}."
        )
    values = torch.as_tensor(numbers(future=future))
    if values.ndim != 3 or values.shape[0] != batch or values.shape[2] != known:
        advice = "for one window, add its axis, future[None]" * (values.ndim == 2)
        raise ValueError(
            f"future is {tuple(values.shape)}, but {shape} is needed, from the step after those "
            f"that x holds: {advice or 'pass one row of the known features for each step'}."
        )
    if values.shape[1] < steps:
        raise ValueError(
            f"future has {values.shape[1]} steps, but {steps + 1} steps of a forecast read "
            f"{steps}, since x holds the first: pass {shape}, or ask for fewer steps."
        )
    values = values[:, :steps]
    if missing := int((~values.isfinite()).sum()):
        raise ValueError(
            f"future has NaN or infinity in {missing} of {values.numel()} places that are read, "
            "but what is known ahead has to be known: fill them, or ask for fewer steps."
        )
    return values


def _check_block(block, x: Tensor, roles: _Roles) -> None:
    check_tensor(block)
    if block.ndim != 3 or len(block) != len(x) or not block.shape[1]:
        advice = "keep the batch first, and both other axes"
        if block.ndim == 2 and len(block) == len(x):
            advice = "keep the axis of the step, yhat[:, None]"
        raise ValueError(
            f"the model returns {tuple(block.shape)} for x {named(x.shape, _AXES)}, but (batch, "
            f"horizon, target) is needed, with a row for each window: {advice}."
        )
    targets = len(roles.target)
    if block.shape[2] != targets:
        raise ValueError(
            f"the model forecasts target={block.shape[2]}, but of feature={x.shape[2]} of x "
            f"{targets} are to be forecast, {roles.target}, and {len(roles.known)} are known "
            "ahead: what a model reads next has to be either. Name what is known in known=, or "
            f"use a model with {targets} targets."
        )
