"""Train a model on batches."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import torch
from torch import nn

from lstm_helpers._comparison import NotFinite
from lstm_helpers._fit_arguments import Asked, checked
from lstm_helpers._interrupts import Interrupts, undisturbed
from lstm_helpers._surroundings import Randomness, afterwards, on_device, seeded, with_gradients
from lstm_helpers._training import Reached, Training
from lstm_helpers.checkpoints import Checkpoint
from lstm_helpers.windowing import Windows


@dataclass
class History:
    """What `fit` recorded, one record an epoch.

    Attributes:
        records: dicts with `epoch`, `steps` (optimizer steps so far), `train_loss` (mean over the
            epoch, while the weights moved) and, with validation data, `val_loss` (after it).
        best_epoch: the epoch whose weights the model has now; 0 for the starting weights, None
            where an error tells that they could not be put back.
        interrupted: whether Ctrl-C, or Jupyter's interrupt, ended it.

    >>> history = History([{"epoch": 1, "steps": 4, "train_loss": 0.9}], best_epoch=1)
    >>> float(history.to_frame().loc[1, "train_loss"])
    0.9
    """

    records: list[dict] = field(default_factory=list)
    best_epoch: int | None = 0
    interrupted: bool = False

    def to_frame(self) -> pd.DataFrame:
        """One row an epoch: the index is `epoch`, the other values are columns."""
        columns = self.records[0] if self.records else ("epoch", "steps", "train_loss")
        return pd.DataFrame(self.records, columns=list(columns)).set_index("epoch")

    def plot(self, ax=None):
        """Draw the losses over the epochs; returns the Axes."""
        from lstm_helpers.plots import plot_history

        return plot_history(self, ax=ax)

    def __repr__(self) -> str:
        end = ", interrupted" if self.interrupted else ""
        if not self.best_epoch:
            return f"History: {len(self.records)} epochs{end}"
        best = self.records[self.best_epoch - 1]
        losses = ", ".join(f"{name} {best[name]:.4g}" for name in best if name.endswith("loss"))
        return (
            f"History: {len(self.records)} epochs, {self.records[-1]['steps']} optimizer steps, "
            f"weights of epoch {self.best_epoch} ({losses}){end}"
        )


def fit(
    model: nn.Module,
    train: Windows | Iterable,
    val: Windows | Iterable | None = None,
    *,
    epochs: int = 100,
    lr: float | None = None,
    loss_fn: Callable | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    clip_norm: float | None = 1.0,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    seed: int = 0,
    device: str | torch.device = "auto",
    progress: bool = True,
    forward: Callable | None = None,
    accelerator=None,
) -> History:
    """Train a model, and leave it with the weights of its best epoch.

    Best is the lowest validation loss; without validation data, the last epoch. The model is
    trained on `device` and comes back to the device and the mode that it had. Each batch is
    checked before its step: features, dtypes, NaN, and `yhat.shape == y.shape` (for a loss of
    your own, that yhat and y are not stretched against each other); `val` before the first one.
    The same seed and starting weights give the same weights, bit for bit. The usual random
    generators (torch, numpy, random) and those of loaders and samplers are left as they
    were; those inside a data set can't be seen, and persistent workers are stopped.

    Ctrl-C, or Jupyter's interrupt, ends training in order: the `History` comes back, with
    `history.interrupted`, and the model has the weights of its best epoch. It has these after any
    other error, too, which carries the history as `error.history`.

    Args:
        model: maps x (batch, seq, feature) to yhat (batch, horizon, target).
        train: a `Windows`, of which it takes `loader(32, shuffle=True, seed=seed)`, or batches
            (x, y) that can be iterated once an epoch, such as `windows.loader(64)`.
        val: the same for validation; a `Windows` is read in order.
        epochs: passes over `train`.
        lr: learning rate of Adam, 0.001 by default; not beside an `optimizer`.
        loss_fn: (yhat, y) -> a number to minimise; mean squared error by default.
        optimizer: made from the model's parameters, with its own learning rate; a fused Adam by
            default.
        clip_norm: gradients longer than this are shortened to it; None for no limit.
        patience: stop after this many epochs without a lower validation loss.
        checkpoint: the path of a file that holds the run after each epoch. Where it is there,
            training goes on from it, and ends as if it had never stopped, bit for bit, with the
            same package versions and number of workers, on the same kind of device. `epochs` may
            be raised; all else has to be as it was. Numbers that a model, a loss or a sampler
            counts in its attributes are in the file; what else a model keeps there is not, nor a
            generator or a counter inside a data set, nor what a function counts outside itself.
        seed: of dropout and whatever else draws from torch, numpy or random.
        device: "auto" takes a CUDA GPU where there is one, else the CPU.
        progress: show a bar. The environment variable TQDM_DISABLE=1 switches it off.
        forward: (model, *batch) -> (yhat, y), for batches that are no pair (x, y). A batch that
            is a dict is handed over whole, (model, batch).
        accelerator: an `accelerate.Accelerator()`, whose device and precision are taken. Where it
            stands for several processes, each calls fit with the same arguments and trains on its
            share of each batch; they end with the weights that one process would have, but for
            rounding and for what is drawn (dropout). The loss has to be a mean over windows. The
            page "Beyond one machine" shows how they are started.

    Raises:
        TypeError: an argument is of another kind; `train` or `val` can't be iterated in batches,
            again and again; forward or the loss returns something else.
        ValueError: an argument or a batch does not fit; the loss or the gradient is no longer
            finite; the file of `checkpoint` is of another run, or no such file.
        OSError: the checkpoint can't be written. A ConnectionError, which is one, says that
            another process has failed or is gone.

    >>> from lstm_helpers import ManyToOneLSTM, Windows, load_flights
    >>> windows = Windows(load_flights() / 100, seq_len=12)
    >>> model = ManyToOneLSTM(input_size=1, hidden_size=3)
    >>> history = fit(model, windows, epochs=2, progress=False)
    >>> history.to_frame()["steps"].tolist()
    [5, 10]
    """
    asked = checked(
        model,
        train,
        val,
        epochs,
        lr,
        loss_fn,
        optimizer,
        clip_norm,
        patience,
        checkpoint,
        seed,
        device,
        progress,
        forward,
        accelerator,
    )
    history, interrupts = History(), Interrupts(waits=asked.sharing.size > 1)
    try:
        randomness = Randomness(asked.device, asked.train, asked.val)
        with (
            interrupts.noted(),
            with_gradients(asked.device),
            seeded(asked.seed, randomness, asked.device),
            on_device(asked.model, asked.device, asked.optimizer),
            asked.sharing.together(interrupts, asked.seed),
        ):
            _run(asked, history, randomness, interrupts)
    except KeyboardInterrupt:
        with undisturbed():
            history.interrupted = True
            _say(asked, f"interrupted: {_left(history)}.")
    except Exception as error:
        _carry(error, history)
        raise
    return history


def _run(asked: Asked, history: History, randomness: Randomness, interrupts: Interrupts) -> None:
    """Train, with the bar; at the end, however it comes, the model has its best weights."""
    training = Training(asked, randomness, interrupts)
    with interrupts.none_lost():
        training.look()
    weights = training.begin()
    reached = Reached((), 0, weights.copy())

    def end():
        history.records, history.best_epoch = list(reached.records), None
        weights.restore(reached.best)
        history.best_epoch = reached.best_epoch

    bar = _bar(asked)
    with afterwards(end, bar.close), interrupts.none_lost():
        file = None if asked.checkpoint is None else Checkpoint(asked, training, randomness)
        if file is not None and (earlier := file.resume()):
            reached = earlier
            bar.update(len(reached.records))
            if reached.has_waited(asked.patience) or len(reached.records) == asked.epochs:
                _say(asked, file.nothing_left(reached))
        while len(reached.records) < asked.epochs and not reached.has_waited(asked.patience):
            epoch = len(reached.records) + 1
            try:
                record = training.epoch(epoch, reached.steps)
            except NotFinite as error:
                raise ValueError(
                    f"{error} in epoch {epoch}, but training needs finite numbers; the model has "
                    f"the weights of epoch {reached.best_epoch} again (0 is the start). Try a "
                    "smaller lr or clip_norm, and look for extreme values in the data."
                ) from None
            reached = reached.with_epoch(record, weights)
            bar.set_postfix(record, refresh=False)
            bar.update()
            if file is not None:
                file.write(reached)
        bar.total = len(reached.records)  # done, not broken off


def _bar(asked: Asked):
    from tqdm.auto import tqdm

    # tqdm's notebook bar does not read its own environment variable
    shown = asked.progress and asked.sharing.is_main
    silent = not shown or os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(total=asked.epochs, unit="epoch", disable=silent)


def _say(asked: Asked, text: str) -> None:
    if asked.sharing.is_main:
        print(f"fit: {text}", file=sys.stderr)


def _left(history: History) -> str:
    """What there is after training was broken off."""
    epochs = f"{len(history.records)} epoch{'s' * (len(history.records) != 1)}"
    if history.best_epoch is None:
        return f"the history holds {epochs}, but the model's weights could not be put back"
    of = f"epoch {history.best_epoch}" if history.best_epoch else "the start"
    return f"the history holds {epochs}, and the model has the weights of {of}"


def _carry(error: Exception, history: History) -> None:
    try:
        error.history = history
        error.add_note(f"fit: {_left(history)}; error.history holds it.")
    except Exception:  # one that takes no attribute
        pass
