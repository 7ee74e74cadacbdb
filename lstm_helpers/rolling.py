"""Forecast further than a model does: its forecasts become its inputs."""

from collections.abc import Callable, Iterator

import torch
from torch import nn

from lstm_helpers._arguments import a_model, at_least, check_room
from lstm_helpers._batch_checks import check_dtype, check_tensor
from lstm_helpers._hints import explain
from lstm_helpers._roll_arguments import (
    AXES,
    Roles,
    check_future,
    check_made_for,
    check_step,
    check_windows,
    check_x,
)
from lstm_helpers._surroundings import kept_mode
from lstm_helpers._typing import Tensor
from lstm_helpers.encoder_decoder import EncoderDecoderLSTM
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
        check_step(model)
    if isinstance(x, Windows):
        check_windows(x, steps, target, known, future)
        target, known = x.target, x.known
        sizes = len(x), *x[0][0].shape
    else:
        sizes = check_x(x)
    roles = Roles(sizes[2], target, known)
    if isinstance(model, EncoderDecoderLSTM):
        check_made_for(model, roles)
    rows, needed = sizes[0], (sizes[0], steps - 1, len(roles.known))
    check_room(rows * steps * len(roles.target), f"steps={steps} for {rows} windows")
    if future is not None or not isinstance(x, Windows):
        future = check_future(future, needed)
    home = next((p.device for p in model.parameters()), None)
    results = []
    with kept_mode(model), torch.no_grad(), torch.random.fork_rng(devices=[]):
        model.eval()
        for part, ahead in _parts(model, x, future, needed):
            part = part.to(home, copy=True)
            check_dtype(part, model)
            ahead = ahead.to(part)
            ask = _stepping(model) if stepped else _sliding(model, part, ahead, roles)
            results.append(_roll(ask, part, ahead, steps, roles).cpu())
    return torch.cat(results)


def _roll(ask: Callable, x: Tensor, future: Tensor, steps: int, roles: Roles) -> Tensor:
    """Forecasts for a batch, block by block: each becomes the next rows that the model reads.

    `ask` gets the rows that are new, and how many steps are forecast already.
    """
    blocks, rows, done = [], x, 0
    while True:
        block = ask(rows, done)
        _check_block(block, x, roles)
        blocks.append(block)
        before, done = done, done + block.shape[1]
        if done >= steps:
            return torch.cat(blocks, dim=1)[:, :steps]
        rows = roles.rows(block.to(x), future, slice(before, done))


def _stepping(model) -> Callable:
    """Asks a model that remembers: it reads only what is new."""
    state = None

    def ask(rows, done):
        nonlocal state
        result = _answer(model, model.step, rows, state)
        if not isinstance(result, tuple | list) or len(result) != 2:
            raise TypeError(
                f"the model's step returns a {type(result).__name__}, but a pair (yhat, state) is "
                "needed: return both, or call the method otherwise."
            )
        yhat, state = result
        check_tensor(yhat)
        return yhat[:, -1:]

    return ask


def _sliding(model, x: Tensor, future: Tensor, roles: Roles) -> Callable:
    """Asks a model that reads a whole window each time."""
    seq, window, each_step = x.shape[1], x[:, :0], None
    with_future = isinstance(model, EncoderDecoderLSTM) and model.known_size

    def ask(rows, done):
        nonlocal window, each_step
        window = torch.cat((window, rows), dim=1)[:, -seq:]
        inputs = [window.clone()]  # a model may write to it
        if with_future:
            now = window[:, -1:, roles.known]
            ahead = torch.cat((now, future[:, done:]), dim=1)[:, : model.horizon]
            # no forecast that is kept reads these: they are of steps behind the last one
            more = ahead[:, -1:].expand(-1, model.horizon - ahead.shape[1], -1)
            inputs.append(torch.cat((ahead, more), dim=1))
        yhat = _answer(model, model, *inputs)
        check_tensor(yhat)
        if each_step is None:
            each_step = _has_an_output_for_each_step(model, inputs, yhat)
        return yhat[:, -1:] if each_step else yhat

    return ask


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


def _answer(model, call: Callable, x: Tensor, *others):
    """What a model returns, or why it can't."""
    try:
        return call(x, *others)
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
    rows = windows._starts.rows(number)[:, None] + windows.seq_len + torch.arange(steps)
    return windows._values[:, windows.known.at][rows]


def _check_block(block, x: Tensor, roles: Roles) -> None:
    check_tensor(block)
    if block.ndim != 3 or len(block) != len(x) or not block.shape[1]:
        advice = "keep the batch first, and both other axes"
        if block.ndim == 2 and len(block) == len(x):
            advice = "keep the axis of the step, yhat[:, None]"
        raise ValueError(
            f"the model returns {tuple(block.shape)} for x {named(x.shape, AXES)}, but (batch, "
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
