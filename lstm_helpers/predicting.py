"""Predict with a trained model: one row for each window, in their order."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from lstm_helpers._accelerator import check_accelerator
from lstm_helpers._arguments import a_forward, a_model
from lstm_helpers._batch_checks import call_forward, check_dtype, check_tensor, first_part
from lstm_helpers._hints import explain
from lstm_helpers._index_batches import IndexBatches
from lstm_helpers._surroundings import kept_mode, no_batch, to_device
from lstm_helpers._typing import Tensor
from lstm_helpers.windowing import Windows

_BYTES = 2**28  # that the widest layer's results may take, for the windows that run at a time
_ROWS = 4096  # ... and so many windows at most


def predict(
    model: nn.Module,
    data: Tensor | Windows | Iterable,
    *,
    forward: Callable | None = None,
    accelerator=None,
) -> Tensor:
    """Predictions for windows, in their order: one row for each, or an error.

    The model runs in evaluation mode, without gradients and on its own device; its mode
    afterwards is the one before. It is handed copies: `data` is not written to.

    Args:
        model: maps x (batch, seq, feature) to yhat (batch, horizon, target).
        data: x itself, a `Windows`, or batches (x, y) whose order is known: `windows.loader()`,
            a DataLoader that does not shuffle, or a list or tuple of batches; y is not read.
        forward: as in `fit`, (model, *batch) -> (yhat, y), or yhat alone. A batch that is a dict
            is handed over whole, (model, batch).
        accelerator: as in `fit`. Its processes share the windows, and each returns all rows.

    Returns:
        (window, horizon, target), on the CPU. Large x is run in parts, to bound the memory.

    Raises:
        TypeError: `data` is a Dataset, which yields windows and no batches, or none of these;
            the model is no module, or returns no tensor; `forward` is no function.
        ValueError: the order is not known; windows are left out; there is no batch; the model
            can't run on a batch, or returns more or fewer rows than it has; the processes of
            an accelerator hold other weights.
        ConnectionError: another of these has failed, or is gone.

    >>> import torch
    >>> from lstm_helpers import ManyToOneLSTM
    >>> predict(ManyToOneLSTM(input_size=2, hidden_size=3), torch.rand(5, 12, 2)).shape
    torch.Size([5, 1, 1])
    """
    model = a_model(model)
    if forward is not None:
        forward = a_forward(forward)
    sharing = check_accelerator(accelerator, "auto", model, data)
    batches, expected = _batches(model, data, sharing.size)

    def run(batch) -> Tensor:
        batch = to_device(batch, home)
        yhat, rows = _run(model, batch, forward)
        if yhat.ndim == 0 or len(yhat) != rows:
            raise ValueError(_other_rows(yhat, rows, batch))
        return yhat.to("cpu", copy=True)  # a view would keep the whole batch

    with kept_mode(model), torch.no_grad(), torch.random.fork_rng(devices=[]):
        model.eval()
        with sharing.placed(model):
            home = next((p.device for p in model.parameters()), None)
            results = sharing.spread(run, batches, model)
    if not results:
        raise ValueError(no_batch("data"))
    result = torch.cat(results)
    if expected is not None and len(result) != expected:
        raise ValueError(
            f"the loader yields {len(result)} rows, but its data set has {expected}: every window "
            "needs its prediction. Pass a list of batches to predict what it yields."
        )
    return result


def _batches(model: nn.Module, data, processes: int) -> tuple[Iterable, int | None]:
    """What to run the model on, and how many rows have to come of it, where that is known."""
    if isinstance(data, Windows):
        return data.loader(_at_once(model, data[0][0], len(data), processes)), len(data)
    if isinstance(data, Tensor):
        if data.layout is not torch.strided or data.device.type == "meta":
            kind = "holds no numbers" if data.device.type == "meta" else "is sparse"
            raise ValueError(
                f"x {tuple(data.shape)} {kind}, but windows of plain numbers are needed: "
                "pass x.to_dense(), or make it anew on the CPU."
            )
        if data.ndim < 2:
            raise ValueError(
                f"x is {tuple(data.shape)}, but it has to be (batch, seq, feature): "
                "one window is x[None]."
            )
        if not len(data):
            raise ValueError(
                f"x is {tuple(data.shape)} and has no window, but at least one is needed: "
                "pass more rows."
            )
        size = _at_once(model, data[0], len(data), processes)
        return [(x,) for x in data.split(size)], len(data)
    if isinstance(data, DataLoader):
        return data, _length(data)
    if isinstance(data, Dataset):
        raise TypeError(
            f"data is a {type(data).__name__}, which yields one window at a time, but batches "
            "are needed: pass torch's DataLoader(data, batch_size=32)."
        )
    if not isinstance(data, list | tuple):
        raise TypeError(_no_batches(data))
    bare = [part for part in data if isinstance(part, Tensor)]
    if len(bare) == len(data) == 2 and bare[0].shape[:1] == bare[1].shape[:1]:
        raise ValueError(
            f"data is two tensors of {len(bare[0])} rows each, {tuple(bare[0].shape)} and "
            f"{tuple(bare[1].shape)}, which may be x and y or two batches: "
            "pass x alone, data[0], or a list of batches, [(x,) for x in data]."
        )
    return data, None


def rows_at_once(model: nn.Module, row: Tensor) -> int:
    """How many windows to run: by the bytes of the widest result that a step has."""
    layers = (module for module in model.modules() if not isinstance(module, nn.Embedding))
    widths = [len(p) for layer in layers for p in layer.parameters(recurse=False) if p.ndim > 1]
    values = max(row.numel(), len(row) * max(widths, default=1)) if row.ndim else 1
    return max(1, min(_ROWS, _BYTES // max(1, values * row.element_size())))


def _at_once(model: nn.Module, row: Tensor, rows: int, processes: int) -> int:
    """So many that each process has some, where there are enough."""
    return min(rows_at_once(model, row), -(-rows // processes))


def _length(loader: DataLoader) -> int | None:
    """How many windows the loader's data set has.

    Raises:
        ValueError: its order is not known to be theirs, or it leaves some out.
    """
    batches = loader.sampler if loader.batch_sampler is None else loader.batch_sampler
    sampler = getattr(batches, "sampler", batches)
    if isinstance(sampler, RandomSampler):
        raise ValueError(
            "the loader shuffles its windows, but predictions have to line up with dates: "
            "use a loader with shuffle=False."
        )
    known = type(batches) in (BatchSampler, IndexBatches, SequentialSampler)
    if not (known and type(sampler) is SequentialSampler and getattr(loader, "in_order", True)):
        raise ValueError(
            f"the order of the loader's windows is not known ({type(sampler).__name__}), but "
            "predictions have to line up with dates: use a loader with shuffle=False, "
            "or pass a list of batches, which are taken as they come."
        )
    if getattr(batches, "drop_last", False) and (drops := len(sampler) % batches.batch_size):
        raise ValueError(
            f"the loader drops its last {drops} of {len(sampler)} windows, but each needs its "
            "prediction: use drop_last=False."
        )
    together = loader.batch_size is not None or loader.batch_sampler is not None
    return len(sampler) if together or isinstance(loader.dataset, Windows) else None


def _no_batches(data) -> str:
    came = f"data is {'None' if data is None else f'a {type(data).__name__}'}"
    if type(data).__name__ == "ndarray":
        return f"{came}, but a tensor is needed: pass torch.as_tensor(data)."
    if hasattr(data, "iloc"):
        return f"{came}, but windows are needed: pass Windows(data, seq_len)."
    if isinstance(data, Mapping):
        return f"{came}, but batches are needed: pass [data] for one batch, with forward=."
    if isinstance(data, Iterator | Iterable):
        return (
            f"{came}, whose order is not known, but predictions have to line up with dates: "
            "pass list(data), which is taken as it comes."
        )
    return (
        f"{came}, but x (batch, seq, feature), a Windows or batches are needed: pass one of them."
    )


def _run(model: nn.Module, batch, forward: Callable | None) -> tuple[Tensor, int]:
    """A batch's predictions, and how many windows it has."""
    first = first_part(batch)
    if forward is None and not isinstance(first, Tensor):
        raise TypeError(
            f"a batch of data is a {type(batch).__name__} that begins with a "
            f"{type(first).__name__}, but x, or (x, y), is needed: "
            "for other batches pass forward=, a function (model, *batch) -> (yhat, y)."
        )
    try:
        if forward is None:
            check_dtype(first, model)
            yhat, y = model(first), first
        else:
            yhat, y = call_forward(forward, model, batch), None
            if isinstance(yhat, tuple | list) and len(yhat) == 2:
                yhat, y = yhat
    except RuntimeError as error:
        raise ValueError(explain(error, model, first, "a batch of data")) from error
    check_tensor(yhat)
    counted = y if isinstance(y, Tensor) else next(_tensors(batch), None)
    if counted is None:
        raise ValueError(
            "a batch of data holds no tensor, so its windows can't be counted: "
            "let forward return (yhat, y), with y of one row for each window."
        )
    return yhat, len(counted) if counted.ndim else 1


def _tensors(part) -> Iterator[Tensor]:
    if isinstance(part, Tensor):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _tensors(value)
    elif isinstance(part, tuple | list):
        for value in part:
            yield from _tensors(value)


def _other_rows(yhat: Tensor, rows: int, batch) -> str:
    """How many rows came, and what most likely took the others."""
    x = next(_tensors(batch), yhat)
    steps = x.shape[1] if x.ndim > 1 else None
    if yhat.ndim > 1 and yhat.shape[1] == rows:
        advice = "the windows are axis 1 of it, as in h_n: use yhat[-1] for the last layer"
    elif yhat.ndim and len(yhat) == steps:
        advice = "out[-1] is the last window: use out[:, -1] for the last step of each"
    elif yhat.ndim and steps and len(yhat) == rows * steps:
        advice = "a view has merged the windows with their steps: keep (batch, seq) apart"
    else:
        advice = "keep the batch as the first axis of what forward returns"
    came = len(yhat) if yhat.ndim else "no"
    return (
        f"the model returns {tuple(yhat.shape)} for x {tuple(x.shape)}: {came} rows for {rows} "
        f"windows, but each needs one. In forward, {advice}."
    )
