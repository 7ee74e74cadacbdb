"""One process, or several that share each batch: what `fit` and `predict` do otherwise then.

Several processes hold the same weights and walk the same batches. Each computes the gradient of its
share, the gradients are added up, and so all take the same step.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import nn

from lstm_helpers._digest import digest
from lstm_helpers._held import Held
from lstm_helpers._interrupts import Interrupts
from lstm_helpers._messages import Messages
from lstm_helpers._shares import Shares, every
from lstm_helpers._surroundings import Randomness, on_device, seed_all
from lstm_helpers._typing import Tensor
from lstm_helpers._weights import Weights, on

ALONE = {"processes": 1, "mixed_precision": "no"}


class Alone:
    """One process, and plain torch."""

    size, is_main, skips_steps, asked = 1, True, False, ALONE

    def together(self, interrupts: Interrupts, seed: int):
        return nullcontext()

    def begin(self, weights: Weights, held: Held) -> None:
        pass

    def shares(self, data: Iterable, name: str, begun: bool = False) -> Iterator:
        return iter(data)

    def computing(self, compare: Callable) -> Callable:
        return compare

    def backward(self, loss: Tensor) -> None:
        loss.backward()

    def summed(self, loss: float, windows: int, optimizer) -> tuple[float, int]:
        return loss, windows

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        optimizer.step()

    def settle(self, held: Held) -> None:
        pass

    def mean(self, losses: list[tuple[float, int]]) -> float:
        return mean(losses)

    def from_main(self, make: Callable):
        return make()

    def agree(self) -> None:
        pass

    def state(self) -> dict:
        return {}

    def restore(self, run: dict) -> None:
        pass

    def placed(self, model: nn.Module):
        return nullcontext()

    def spread(self, run: Callable, batches: Iterable, model: nn.Module) -> list[Tensor]:
        return list(map(run, batches))


class Shared:
    """Processes under an `accelerate.Accelerator`, one or more."""

    def __init__(self, accelerator):
        self._accelerator, self._scaler = accelerator, accelerator.scaler
        device, self.size = accelerator.device, accelerator.num_processes
        self.device = torch.device("cpu") if device.type == "cpu" else device  # there is only one
        self._rank, self.is_main = accelerator.process_index, accelerator.is_main_process
        self.asked = {"processes": self.size, "mixed_precision": accelerator.mixed_precision}
        self._shares, self._own = Shares(self._rank, self.size), None
        self._messages = Messages(accelerator, self._shares)
        self.from_main, self.agree = self._messages.from_main, self._messages.agree

    def together(self, interrupts: Interrupts, seed: int):
        """What ends one process ends all of them, in words."""
        self._seed, self._usual = seed, Randomness(self.device)
        return self._messages.together(interrupts)

    def begin(self, weights: Weights, held: Held) -> None:
        """All start where the main process does, each with random numbers of its own."""
        if self.size == 1:
            return
        self._weights = weights
        self._take(held, weights.now)
        self._messages.weights = weights
        common = torch.Generator().manual_seed(self._seed)
        seeds = torch.randint(2**62, (self.size,), generator=common)
        with self._usual.kept():
            seed_all(int(seeds[self._rank]), self.device)
            self._own = self._usual.state()

    def shares(self, data: Iterable, name: str, begun: bool = False) -> Iterator:
        """The own share of each batch; None where it is too small to have one."""
        if self.size == 1:
            return iter(data)
        return self._shares.cut(data, name) if begun else self._shares.of(data, name)

    def computing(self, compare: Callable) -> Callable:
        """The same comparison, in mixed precision where it is wanted; of no share it is nothing."""

        def compare_share(number: int, batch):
            if batch is None:
                return None, 0.0, 0
            with self._own_draws(), self._accelerator.autocast():
                result = compare(number, batch)
            if self._is_mixed:
                torch.clear_autocast_cache()  # an autocast around ours would keep weights
            return result

        return compare_share

    def backward(self, loss: Tensor | None) -> None:
        if loss is not None:
            self._accelerator.backward(loss)

    def summed(self, loss: float, windows: int, optimizer) -> tuple[float, int]:
        """The loss and the number of windows of the whole batch, whose gradient is left."""
        if self.size > 1:
            loss, windows = self._messages.sum_gradients(loss, windows)
        self._accelerator.unscale_gradients(optimizer)
        return loss, windows

    @property
    def skips_steps(self) -> bool:
        """Whether float16 may still find a scale at which the gradient is finite."""
        return self._scaler is not None and self._scaler.get_scale() > 1

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        if self._scaler is None:
            optimizer.step()
        else:
            self._scaler.step(optimizer)
            self._scaler.update()

    def settle(self, held: Held) -> None:
        """After an epoch: buffers and counts are the main process's, others saw other windows."""
        if self.size > 1:
            self._take(held, self._weights.buffers)

    def _take(self, held: Held, what: Callable) -> None:
        mine = held.now()
        values, counts = self.from_main(lambda: (what(), mine))
        self._weights.restore(on(self.device, values))
        held.put(held.differing(mine, counts))

    def mean(self, losses: list[tuple[float, int]]) -> float:
        if self.size == 1:
            return mean(losses)
        windows = sum(size for _, size in losses)
        return self._messages.mean(sum(loss * size for loss, size in losses), windows)

    def state(self) -> dict:
        """Where the random numbers of each process stand, and the scale of float16."""
        state = {} if self._scaler is None else {"scaler": self._scaler.state_dict()}
        if self.size > 1:
            self.agree()
            state["own"] = self._messages.gathered(self._own)
        return state

    def restore(self, run: dict) -> None:
        if self.size > 1:
            self._own = run["own"][self._rank]
        if self._scaler is not None:
            self._scaler.load_state_dict(run["scaler"])

    def placed(self, model: nn.Module):
        """The model on the accelerator's device for a while."""
        has_a_place = any(True for _ in model.parameters())
        return on_device(model, self.device, None) if has_a_place else nullcontext()

    def spread(self, run: Callable, batches: Iterable, model: nn.Module) -> list[Tensor]:
        """What comes of each batch, in their order; each is run by one process."""
        if self.size == 1:
            return [self._wide(run, batch) for batch in batches]
        mine, error = [], None
        try:
            mine = [self._wide(run, batch) for batch in every(batches, self._rank, self.size)]
        except Exception as failure:
            error = failure
        said = error and f"{type(error).__name__}: {error}"
        letters = digest(model.state_dict())
        found = self._messages.gathered((mine, said, letters))
        if error is not None:
            raise error
        self._messages.raise_failed([said for _, said, _ in found])
        if len({letters for *_, letters in found}) > 1:
            raise ValueError(
                f"the {self.size} processes hold models of other weights, but each predicts a part "
                "of the windows: train or load the same model in each."
            )
        longest = max(len(results) for results, *_ in found)
        rounds = [results[n : n + 1] for n in range(longest) for results, *_ in found]
        return [yhat for one in rounds for yhat in one]

    def _wide(self, run: Callable, batch) -> Tensor:
        with self._accelerator.autocast():
            yhat = run(batch)
        return yhat.float() if self._is_mixed and yhat.is_floating_point() else yhat

    @property
    def _is_mixed(self) -> bool:
        return self.asked["mixed_precision"] != "no"

    @contextmanager
    def _own_draws(self):
        """Dropout differs from process to process; the order of batches is drawn outside."""
        if self._own is None:
            yield
            return
        common = self._usual.state()
        self._usual.restore(self._own)
        try:
            yield
        finally:
            self._own = self._usual.state()
            self._usual.restore(common)


def mean(losses: list[tuple[float, int]]) -> float:
    """The mean loss of a window: a smaller last batch counts for less."""
    windows = sum(size for _, size in losses)
    return sum(loss * size for loss, size in losses) / windows
