"""One process, or several that share each batch: what `fit` does together with the others.

Several processes hold the same weights and walk the same batches. Each computes the gradient of its
share; the gradients are added up, so that all take the same step. That is one message for each
step. Whatever else they have to agree on goes in messages of the same form, so that a process that
fails, or is interrupted, can say so at any moment, and none waits for one that never comes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import torch

from lstm_helpers._held import Held
from lstm_helpers._interrupts import Interrupts
from lstm_helpers._shares import Shares
from lstm_helpers._surroundings import Randomness, seed_all
from lstm_helpers._typing import Tensor
from lstm_helpers._weights import Weights, on

ALONE = {"processes": 1, "mixed_precision": "no"}


class Alone:
    """One process, and plain torch."""

    size, is_main, skips_steps = 1, True, False

    def __init__(self):
        self.asked = ALONE

    def together(self, interrupts: Interrupts, seed: int):
        return nullcontext()

    def begin(self, weights: Weights) -> None:
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

    def agree(self) -> None:
        pass

    def from_main(self, make: Callable):
        return make()

    def state(self) -> dict:
        return {}

    def restore(self, run: dict) -> None:
        pass


class Shared(Alone):
    """Processes under an `accelerate.Accelerator`, one or more."""

    def __init__(self, accelerator):
        import accelerate.utils

        self._accelerator, self._tools = accelerator, accelerate.utils
        self.device, self.size = accelerator.device, accelerator.num_processes
        self.rank, self.is_main = accelerator.process_index, accelerator.is_main_process
        self.asked = {"processes": self.size, "mixed_precision": accelerator.mixed_precision}
        self._shares, self._weights = Shares(self.rank, self.size), None
        self._over = self.size == 1  # nobody is there to talk to, or they have all been told

    @contextmanager
    def together(self, interrupts: Interrupts, seed: int):
        """What ends one process ends all of them, in words."""
        self._interrupts, self._seed = interrupts, seed
        try:
            yield
            self.agree()
        except BaseException as error:
            if not self._over:
                self._over = True
                with suppress(ConnectionError):
                    self._tell(error)
            raise

    def begin(self, weights: Weights) -> None:
        """All start from the weights of the main process, each with random numbers of its own."""
        if self.size == 1:
            return
        start = self.from_main(weights.now)
        weights.restore(on(self.device, start))
        self._weights, self._usual = weights, Randomness(self.device)
        common = torch.Generator().manual_seed(self._seed)
        seeds = torch.randint(2**62, (self.size,), generator=common)
        with self._usual.kept():
            seed_all(int(seeds[self.rank]), self.device)
            self._own = self._usual.state()

    def shares(self, data: Iterable, name: str, begun: bool = False) -> Iterator:
        if self.size == 1:
            return iter(data)
        return self._shares.cut(data, name) if begun else self._shares.of(data, name)

    def computing(self, compare: Callable) -> Callable:
        """The same comparison, in mixed precision where it is wanted, and of no share, nothing."""

        def compare_share(number: int, batch):
            if batch is None:
                return None, 0.0, 0
            with self._own_draws(), self._accelerator.autocast():
                result = compare(number, batch)
            if self.asked["mixed_precision"] != "no":
                torch.clear_autocast_cache()  # an autocast around ours would keep weights
            return result

        return compare_share

    def backward(self, loss: Tensor | None) -> None:
        if loss is not None:
            self._accelerator.backward(loss)

    def summed(self, loss: float, windows: int, optimizer) -> tuple[float, int]:
        """The loss and the number of windows of the whole batch, whose gradient is left."""
        if self.size > 1:
            loss, windows = self._sum_gradients(loss, windows)
        self._accelerator.unscale_gradients(optimizer)
        return loss, windows

    @property
    def skips_steps(self) -> bool:
        """Whether float16 may still find a scale at which the gradient is finite."""
        scaler = self._accelerator.scaler
        return scaler is not None and scaler.get_scale() > 1

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        scaler = self._accelerator.scaler
        if scaler is None:
            optimizer.step()
        else:
            scaler.step(optimizer)
            scaler.update()

    def settle(self, held: Held) -> None:
        """After an epoch: buffers and counts are the main process's, others saw other windows."""
        if self.size == 1:
            return
        mine = held.now()
        buffers, counts = self.from_main(lambda: (self._weights.buffers(), mine))
        self._weights.restore(on(self.device, buffers))
        held.put(held.differing(mine, counts))

    def mean(self, losses: list[tuple[float, int]]) -> float:
        if self.size == 1:
            return mean(losses)
        windows = sum(size for _, size in losses)
        loss, windows = self._exchange(sum(loss * size for loss, size in losses), windows)[1:]
        return loss / windows

    def agree(self) -> None:
        """Wait for all, and end where one has failed or was interrupted."""
        if self.size > 1:
            self._exchange()

    def from_main(self, make: Callable):
        """What the main process makes, on all."""
        if self.size == 1:
            return make()
        made = make() if self.is_main else None
        self.agree()
        made = _on_cpu(made)  # another machine has no such GPU
        return self._talk(self._tools.broadcast_object_list, [made])[0]

    def gathered(self, mine) -> list:
        """What each process has, in their order."""
        return self._talk(self._tools.gather_object, [mine])

    def state(self) -> dict:
        """Random numbers of each process, and the scale of float16."""
        scaler = self._accelerator.scaler
        state = {} if scaler is None else {"scaler": scaler.state_dict()}
        if self.size > 1:
            self.agree()
            state["own"] = self.gathered(self._own)
        return state

    def restore(self, run: dict) -> None:
        if self.size > 1:
            self._own = run["own"][self.rank]
        if "scaler" in run:
            self._accelerator.scaler.load_state_dict(run["scaler"])

    @contextmanager
    def _own_draws(self):
        """Dropout differs from process to process; the order of batches is drawn outside."""
        if self.size == 1 or self._weights is None:
            yield
            return
        common = self._usual.state()
        self._usual.restore(self._own)
        try:
            yield
        finally:
            self._own = self._usual.state()
            self._usual.restore(common)

    def _sum_gradients(self, loss: float, windows: int) -> tuple[float, int]:
        parameters = self._trained()
        if any(p.grad is not None and p.grad.is_sparse for p in parameters):
            raise ValueError(
                "the model has sparse gradients, which are not added up over processes: "
                "use nn.Embedding(..., sparse=False)."
            )
        flat, loss, total = self._exchange(loss * windows, windows, parameters)
        has = flat[-len(parameters) :].tolist()
        pieces = flat.split([*map(_numbers, parameters), len(parameters)])
        for parameter, piece, count in zip(parameters, pieces, has, strict=False):
            if not count:
                continue
            gradient = piece.div_(total).to(_real(parameter).dtype).view_as(_real(parameter))
            if parameter.grad is None:
                parameter.grad = torch.empty_like(parameter)
            _real(parameter.grad).copy_(gradient)
        return loss / total, round(total)

    def _exchange(self, loss=0.0, windows=0, parameters=(), error=None) -> tuple:
        """One message: what the others sent, added to ours: (gradients, loss, windows).

        Where it is about no step there are zeros for the gradients.
        """
        trained, walked = self._trained(), self._shares.walked
        dtype = torch.float64 if any(_real(p).dtype == torch.float64 for p in trained) else None
        flat = torch.zeros(
            sum(map(_numbers, trained)) + len(trained) + 6,
            dtype=dtype or torch.float32,
            device=self.device,
        )
        begin = 0
        for number, parameter in enumerate(parameters):
            if parameter.grad is not None:
                end = begin + _numbers(parameter)
                flat[begin:end].copy_(_real(parameter.grad).reshape(-1)).mul_(windows)
                flat[number - len(trained) - 6] = 1
            begin += _numbers(parameter)
        came = self._interrupts.came
        numbers = [loss, windows, error is not None, came, walked, walked**2]
        flat[-6:] = torch.tensor(numbers, dtype=flat.dtype)
        flat = self._talk(self._accelerator.reduce, flat, "sum")
        loss, windows, failed, came, way, ways = flat[-6:].tolist()
        if failed:
            told, self._over = self._over, True
            said = self._whose(self.gathered(error and f"{type(error).__name__}: {error}"))
            if not told:
                raise ConnectionError(said)
        if self._over:
            return flat[:-6], loss, windows
        if came:
            self._over = True
            self._interrupts.agreed()
        if way**2 != self.size * ways:
            self._over = True
            raise ValueError(
                f"the {self.size} processes walk different batches, but each takes its share of "
                "the same ones: shuffle with a common seed, as in windows.loader(64, shuffle=True, "
                "seed=0), and hand all of the data to each process."
            )
        return flat[:-6], loss, windows

    def _trained(self) -> list:
        weights = [] if self._weights is None else self._weights.parameters()
        return [p for p in weights if p.requires_grad]

    def _tell(self, error: BaseException) -> None:
        """To the others, who have sent a message, or will."""
        if isinstance(error, KeyboardInterrupt):  # not of a signal, which waits for the others
            self._interrupts.came, error = True, None
        self._exchange(error=error)

    def _whose(self, errors: list[str | None]) -> str:
        said = [f"process {n} has failed, {error}" for n, error in enumerate(errors) if error]
        return f"of {self.size} processes that train together {'; '.join(said)}"

    def _talk(self, function: Callable, *arguments):
        try:
            return function(*arguments)
        except RuntimeError as error:
            self._over = True
            raise ConnectionError(
                f"another of the {self.size} processes that train together is gone, or did not "
                f"answer in time ({str(error).splitlines()[0][:80]}): look for its own message, "
                "and start all of them again. With checkpoint= they go on after the last epoch."
            ) from error


def mean(losses: list[tuple[float, int]]) -> float:
    """The mean loss of a window: a smaller last batch counts for less."""
    windows = sum(size for _, size in losses)
    return sum(loss * size for loss, size in losses) / windows


def _real(tensor: Tensor) -> Tensor:
    return torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor.detach()


def _numbers(parameter: Tensor) -> int:
    return parameter.numel() * (1 + parameter.is_complex())


def _on_cpu(content):
    if isinstance(content, Tensor):
        return content.detach().cpu()
    if isinstance(content, dict):
        return {key: _on_cpu(value) for key, value in content.items()}
    return tuple(map(_on_cpu, content)) if isinstance(content, tuple) else content
