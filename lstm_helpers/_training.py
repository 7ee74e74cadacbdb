"""One epoch of training: a step for each batch, then the validation loss."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from math import inf, isfinite

import torch
from torch import nn

from lstm_helpers._batch_checks import check_finite
from lstm_helpers._comparison import Comparison, NotFinite
from lstm_helpers._digest import digest
from lstm_helpers._fit_arguments import Asked
from lstm_helpers._held import Held
from lstm_helpers._hints import explain_step
from lstm_helpers._interrupts import Interrupts
from lstm_helpers._running.snapshot import unchanged
from lstm_helpers._sharing import mean
from lstm_helpers._surroundings import Randomness, moved, no_batch, to_device
from lstm_helpers._weights import Weights


@dataclass(frozen=True)
class Reached:
    """Where training stands after an epoch. It is replaced as a whole: no interrupt splits it."""

    records: tuple[dict, ...]
    best_epoch: int
    best: dict  # the weights of the best epoch

    def with_epoch(self, record: dict, weights: Weights) -> "Reached":
        records = (*self.records, record)
        if self.best_epoch and record.get("val_loss", -inf) >= self.lowest:
            return Reached(records, self.best_epoch, self.best)
        return Reached(records, record["epoch"], weights.copy())

    @property
    def lowest(self) -> float:
        return self.records[self.best_epoch - 1].get("val_loss", inf)

    @property
    def steps(self) -> int:
        return self.records[-1]["steps"] if self.records else 0

    def has_waited(self, patience: int | None) -> bool:
        """Whether so many epochs brought no lower validation loss."""
        return patience is not None and len(self.records) - self.best_epoch >= patience


class Batches:
    """Batches whose first one may be looked at before the first epoch.

    A loader or a list is simply begun anew. Another iterable may count how often it is begun, so
    the first epoch goes on with what was begun for the look, unless the look drew random numbers
    or counted in a plain attribute, which is put back.
    """

    def __init__(self, name: str, data, randomness: Randomness, held: Held, sharing):
        self.name, self._data, self._begun, self._sharing = name, data, None, sharing
        self._randomness, self._held = randomness, held

    def first(self):
        """The first batch; what is drawn for it was never drawn."""
        if self._begun is not None:
            return self._begun[0]
        before, numbers = self._randomness.state(), self._held.now()
        with self._randomness.kept():
            begun = iter(self._data)
            try:
                first = next(begun)
            except StopIteration:
                raise ValueError(no_batch(self.name)) from None
            drew = digest(self._randomness.state()) != digest(before)
        counted, _ = self._held.moved(since=numbers)
        self._held.put(counted)  # a sampler may count how often it is begun
        plain = isinstance(self._data, list | tuple | torch.utils.data.DataLoader)
        if not (drew or counted or plain):
            self._begun = first, begun
        return first

    def __iter__(self) -> Iterator:
        begun, self._begun = self._begun, None
        if begun is None:
            return self._sharing.shares(self._data, self.name)
        return self._sharing.shares(chain([begun[0]], begun[1]), self.name, begun=True)


class Training:
    """A model on its device, with its batches, its loss and its optimizer."""

    def __init__(self, asked: Asked, randomness: Randomness, interrupts: Interrupts):
        self.asked, self.model, self.optimizer = asked, asked.model, asked.optimizer
        self.held = Held(asked.model, asked.loss_fn, train=asked.train, val=asked.val)
        how = randomness, self.held, asked.sharing
        self.train = Batches("train", asked.train, *how)
        self.val = None if asked.val is None else Batches("val", asked.val, *how)
        self.device, self._randomness, self._interrupts = asked.device, randomness, interrupts
        self._sharing = asked.sharing
        comparisons = [
            Comparison(name, asked.model, asked.forward, asked.loss_fn) for name in ("train", "val")
        ]
        self._compare, self._compare_val = map(self._sharing.computing, comparisons)
        self._check_mean = comparisons[0].check_mean

    def look(self) -> None:
        """Before the first step: parameters without a size get one, and `val` is tried."""
        with self._randomness.kept(), torch.no_grad():
            self.model.eval()
            if any(nn.parameter.is_lazy(p) for p in self.model.parameters()):
                numbers = self.held.now()
                with suppress(NotFinite):
                    self._compare(0, to_device(self.train.first(), self.device))
                counted, _ = self.held.moved(since=numbers)
                self.held.put(counted)
            held = self.model, self.asked.forward, self.asked.loss_fn
            if self.val is not None:
                batch = to_device(self.val.first(), self.device)
                with unchanged(*held), suppress(NotFinite):
                    self._compare_val(0, batch)
            if self._sharing.size > 1:
                batch = to_device(self.train.first(), self.device)
                with unchanged(*held):
                    self._check_mean(batch)

    def first(self, name: str):
        """The first batch of "train" or "val"."""
        return (self.train if name == "train" else self.val).first()

    def begin(self) -> Weights:
        """The weights as they are; from here on their set is known."""
        self.weights = Weights(self.model, self.optimizer)
        self._known = self._ids()
        self._sharing.begin(self.weights, self.held)
        self.held.begin()
        return self.weights

    def make_optimizer(self) -> torch.optim.Optimizer:
        if self.optimizer is None:
            parameters = list(self.model.parameters())
            # the kernel knows no complex numbers, and takes the memory of a weight for one piece
            fused = all(
                p.is_floating_point() and p.is_contiguous() and p.device.type == "cpu"
                for p in parameters
            )
            self.optimizer = torch.optim.Adam(parameters, lr=self.asked.lr, fused=fused)
        return self.optimizer

    def epoch(self, number: int, steps: int) -> dict:
        """Train for one epoch; its record."""
        losses = list(self._steps())
        self._interrupts.raise_lost()
        self._sharing.settle(self.held)
        record = {"epoch": number, "steps": steps + len(losses), "train_loss": mean(losses)}
        if self.val is not None:
            record["val_loss"] = self._sharing.mean(self._evaluate())
            self._interrupts.raise_lost()
        self._check_weights()
        return record

    @torch.no_grad()
    def _check_weights(self) -> None:
        """A last step may have overflowed, which no loss shows any more."""
        for parameter in self.weights.parameters():
            if parameter.requires_grad and parameter.numel():
                largest = torch.linalg.vector_norm(parameter, inf).item()
                if not isfinite(largest):
                    raise NotFinite(f"the largest weight is {largest:.3g}")

    def _steps(self) -> Iterator[tuple[float, int]]:
        """One optimizer step a batch; each batch's loss and its number of windows."""
        self.model.train()
        clip = self.asked.clip_norm or inf
        for number, batch in enumerate(moved(self.train, self.device, "train")):
            loss, value, windows = self._compare(number, batch)
            parameters = self._trained(number)
            try:
                for parameter in parameters:
                    parameter.grad = None
                self._sharing.backward(loss)
                value, windows = self._sharing.summed(value, windows, self.optimizer)
                norm = _clip(parameters, clip)
                if not (isfinite(norm) or self._sharing.skips_steps):
                    if self.asked.forward is None:
                        check_finite(f"batch {number} of train", batch)
                    raise NotFinite(f"the gradient is {norm:.3g}")
                self._sharing.step(self.optimizer)
            except RuntimeError as error:
                said = explain_step(error, self.model, f"batch {number} of train")
                if said is None:
                    raise
                raise ValueError(said) from error
            yield value, windows

    def _trained(self, number: int) -> list[nn.Parameter]:
        """The parameters of this step, of which the optimizer has to know."""
        parameters = self.weights.parameters()
        ids = list(map(id, parameters))
        if ids != self._known:
            if self.optimizer is not None:
                raise ValueError(self._made_late(number, parameters))
            self._known = ids
        if self.optimizer is None:
            self.make_optimizer()
        return parameters

    def _made_late(self, number: int, parameters: list[nn.Parameter]) -> str:
        new = [name for name, p in self.model.named_parameters() if id(p) not in set(self._known)]
        what = f"makes {', '.join(new)}" if new else "drops parameters"
        return (
            f"batch {number} of train: the model {what} in forward, after its optimizer was made, "
            "which would not train it: make all parameters in __init__, or run the model once on "
            "a batch before you call fit."
        )

    def _ids(self) -> list[int]:
        return list(map(id, self.weights.parameters()))

    @torch.no_grad()
    def _evaluate(self) -> list[tuple[float, int]]:
        self.model.eval()
        batches = enumerate(moved(self.val, self.device, "val"))
        return [self._compare_val(number, batch)[1:] for number, batch in batches]


def _clip(parameters: list[nn.Parameter], most: float) -> float:
    """Shorten the gradient to `most`; how long it was."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    # torch's own knows no sparse gradients
    dense = [g.coalesce().values() if g.is_sparse else g for g in gradients]
    norm = nn.utils.get_total_norm(dense)
    length = norm.item()
    if length + 1e-6 > most:
        scale = (most / (norm + 1e-6)).clamp(max=1.0)  # as clip_grad_norm_ has it, to the bit
        for gradient in gradients:
            gradient.mul_(scale.to(gradient.device))
    return length
