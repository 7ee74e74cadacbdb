"""Train a model on batches."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

import pandas as pd
import torch
from torch import nn

from lstm_helpers._fit_checks import check_batches, check_first_batch, check_settings
from lstm_helpers._surroundings import moved, on_device, seeded
from lstm_helpers.windowing import Windows


@dataclass
class History:
    """What `fit` recorded, one record an epoch.

    Attributes:
        records: dicts with `epoch`, `steps` (optimizer steps so far), `train_loss` (mean over the
            epoch, while the weights moved) and, with validation data, `val_loss` (after it).
        best_epoch: the epoch whose weights the model has now; 0 for the starting weights.
    """

    records: list[dict] = field(default_factory=list)
    best_epoch: int = 0

    def to_frame(self) -> pd.DataFrame:
        """One row an epoch: the index is `epoch`, the other values are columns."""
        return pd.DataFrame(self.records).set_index("epoch")

    def plot(self, ax=None):
        """Draw the losses over the epochs; returns the Axes."""
        from lstm_helpers.plots import plot_history

        return plot_history(self, ax=ax)

    def __repr__(self) -> str:
        if not self.best_epoch:
            return f"History: {len(self.records)} epochs"
        best = self.records[self.best_epoch - 1]
        losses = ", ".join(f"{name} {best[name]:.4g}" for name in best if name.endswith("loss"))
        return (
            f"History: {len(self.records)} epochs, {self.records[-1]['steps']} optimizer steps, "
            f"weights of epoch {self.best_epoch} ({losses})"
        )


def fit(
    model: nn.Module,
    train: Windows | Iterable,
    val: Windows | Iterable | None = None,
    *,
    epochs: int = 100,
    lr: float = 1e-3,
    loss_fn: Callable | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    clip_norm: float | None = 1.0,
    patience: int | None = None,
    seed: int = 0,
    device: str | torch.device = "auto",
    progress: bool = True,
    forward: Callable | None = None,
) -> History:
    """Train a model, and leave it with the weights of its best epoch.

    Best is the lowest validation loss; without validation data, the last epoch. The model is
    trained on `device` and comes back to the device and the mode that it had. The first batch is
    checked before the first step: `yhat.shape == y.shape`, features, dtypes, NaN. The same seed
    and starting weights give the same weights, bit for bit. The global random state and the
    loaders' own generators are left as they were.

    Args:
        model: maps x (batch, seq, feature) to yhat (batch, horizon, target).
        train: a `Windows`, of which it takes `loader(32, shuffle=True, seed=seed)`, or batches
            (x, y) that can be iterated once an epoch, such as `windows.loader(64)`.
        val: the same for validation; a `Windows` is read in order.
        epochs: passes over `train`.
        lr: learning rate of Adam.
        loss_fn: (yhat, y) -> a number to minimise; mean squared error by default.
        optimizer: made from the model's parameters, with its own learning rate; Adam by default.
        clip_norm: gradients longer than this are shortened to it; None for no limit.
        patience: stop after this many epochs without a lower validation loss.
        seed: of dropout and whatever else draws from torch's generator.
        device: "auto" takes a CUDA GPU where there is one, else the CPU.
        progress: show a bar. The environment variable TQDM_DISABLE=1 switches it off.
        forward: (model, *batch) -> (yhat, y), for batches that are no pair (x, y). A batch that
            is a dict is handed over whole, (model, batch).

    Raises:
        TypeError: `train` or `val` can't be iterated in batches, again and again.
        ValueError: the first batch does not fit; or the loss or the gradient is no longer
            finite: then the model has the weights of its best epoch so far.

    >>> from lstm_helpers import ManyToOneLSTM, Windows, load_flights
    >>> windows = Windows(load_flights() / 100, seq_len=12)
    >>> model = ManyToOneLSTM(input_size=1, hidden_size=3)
    >>> history = fit(model, windows, epochs=2, progress=False)
    >>> history.to_frame()["steps"].tolist()
    [5, 10]
    """
    from tqdm.auto import tqdm

    if isinstance(train, Windows):
        train = train.loader(32, shuffle=True, seed=seed)
    if isinstance(val, Windows):
        val = val.loader()
    check_batches(train, "train")
    check_batches(val, "val")
    check_settings(model, val, epochs, optimizer, clip_norm, patience)
    loss_fn = loss_fn or nn.MSELoss()
    compute, compute_val = (check_first_batch(forward, loss_fn) for _ in ("train", "val"))
    history, lowest, steps = History(), inf, 0
    with on_device(model, device) as device, seeded(seed, device, train, val):
        optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=lr)
        best = _copy_weights(model)
        # tqdm's notebook bar does not read its own environment variable
        silent = not progress or os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
        bar = tqdm(total=epochs, unit="epoch", disable=silent)
        try:
            for epoch in range(1, epochs + 1):
                batches = moved(train, device, "train")
                losses = list(_train(model, batches, compute, loss_fn, optimizer, clip_norm or inf))
                steps += len(losses)
                record = {"epoch": epoch, "steps": steps, "train_loss": _mean(losses)}
                if val is not None:
                    batches = moved(val, device, "val")
                    record["val_loss"] = _mean(_evaluate(model, batches, compute_val, loss_fn))
                _require_finite("validation loss", record.get("val_loss", 0.0))
                _require_finite("largest weight", _largest(model))
                history.records.append(record)
                bar.set_postfix(record, refresh=False)
                bar.update()
                if val is None or record["val_loss"] < lowest:
                    best, lowest = _copy_weights(model), record.get("val_loss", inf)
                    history.best_epoch = epoch
                elif patience and epoch - history.best_epoch >= patience:
                    bar.total = epoch  # done, not broken off
                    break
        except _NotFinite as error:
            raise ValueError(
                f"{error} in epoch {epoch}, but training needs finite numbers; the model has the "
                f"weights of epoch {history.best_epoch} again (0 is the start). Try a smaller lr "
                "or clip_norm, and look for extreme values in the data."
            ) from None
        finally:
            model.load_state_dict(best)
            bar.close()
    return history


class _NotFinite(Exception):
    """Ends an epoch; `fit` turns it into its message."""


def _train(model, batches, compute, loss_fn, optimizer, clip_norm) -> Iterator[tuple[float, int]]:
    """One optimizer step a batch; yields each batch's loss and its number of windows."""
    model.train()
    for batch in batches:
        yhat, y = compute(model, batch)
        loss = loss_fn(yhat, y)
        if loss.numel() != 1:
            raise ValueError(
                f"loss_fn returns {tuple(loss.shape)}, but one number is needed: take its mean."
            )
        _require_finite("loss", loss.item())
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        _require_finite("gradient", norm)
        optimizer.step()
        yield loss.item(), len(y)


@torch.no_grad()
def _evaluate(model, batches, compute, loss_fn) -> list[tuple[float, int]]:
    model.eval()
    results = (compute(model, batch) for batch in batches)
    return [(loss_fn(yhat, y).item(), len(y)) for yhat, y in results]


def _mean(losses: list[tuple[float, int]]) -> float:
    """The mean loss of a window: a smaller last batch counts for less."""
    windows = sum(size for _, size in losses)
    return sum(loss * size for loss, size in losses) / windows


def _require_finite(name: str, value) -> None:
    if not torch.as_tensor(value).isfinite():
        raise _NotFinite(f"the {name} is {value:.3g}")


def _largest(model: nn.Module) -> float:
    return max(p.detach().abs().max().item() for p in model.parameters() if p.numel())


def _copy_weights(model: nn.Module) -> dict:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}
