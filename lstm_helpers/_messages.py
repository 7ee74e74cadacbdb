"""What processes that train together tell each other: one kind of message for everything.

A step's message is the gradient of a process's share, and all are added up. Whatever else they have
to agree on goes in messages of the same form, so that a process that fails, or is interrupted, can
say so at any moment, and none waits for an answer that never comes.
"""

from collections.abc import Callable
from contextlib import contextmanager, suppress

import torch

from lstm_helpers._interrupts import Interrupts
from lstm_helpers._shares import Shares
from lstm_helpers._typing import Tensor
from lstm_helpers._weights import Weights


class Messages:
    """The messages of one process.

    Attributes:
        weights: of the model, once they are known; from then on a message has room for them.

    Raises:
        ConnectionError: another process has failed, or is gone.
        KeyboardInterrupt: one of them was interrupted.
        ValueError: they walk different batches.
    """

    def __init__(self, accelerator, shares: Shares):
        import accelerate.utils  # it is there: this is one of its accelerators

        self._accelerator, self._tools, self._shares = accelerator, accelerate.utils, shares
        self._size, self._is_main = accelerator.num_processes, accelerator.is_main_process
        self._over = self._size == 1  # nobody is there to talk to, or all know that it ends
        self.weights: Weights | None = None

    @contextmanager
    def together(self, interrupts: Interrupts):
        """What ends one process ends all of them, in words."""
        self._interrupts = interrupts
        try:
            yield
            self.agree()
        except BaseException as error:
            if not self._over:
                self._over = True
                if isinstance(error, KeyboardInterrupt):  # that of a signal waits for the others
                    interrupts.came = True
                with suppress(ConnectionError):
                    self._exchange(error=None if interrupts.came else error)
            raise

    def agree(self) -> None:
        """Wait for all, and end where one has failed or was interrupted."""
        if self._size > 1:
            self._exchange()

    def mean(self, loss: float, windows: int) -> float:
        """The mean loss of a window, of sums over the own ones."""
        _, loss, windows = self._exchange(loss, windows)
        return loss / windows

    def sum_gradients(self, loss: float, windows: int) -> tuple[float, int]:
        """Put the gradient of the whole batch in place of those of the shares.

        Args:
            loss, windows: the mean loss of the own share, and how many windows it has.

        Returns:
            Those of the whole batch.
        """
        parameters = self._trained()
        if any(p.grad is not None and p.grad.is_sparse for p in parameters):
            raise ValueError(
                "the model has sparse gradients, which are not added up over processes: "
                "use nn.Embedding(..., sparse=False)."
            )
        came, loss, windows = self._exchange(loss * windows, windows, is_step=True)
        gradients, counts = came[: -len(parameters)], came[-len(parameters) :].tolist()
        gradients /= windows
        pieces = gradients.split([_numbers(p) for p in parameters])
        for parameter, piece, count in zip(parameters, pieces, counts, strict=True):
            if not count:  # it plays no part in any share
                continue
            if parameter.grad is None:
                parameter.grad = torch.empty_like(parameter)
            grad = _real(parameter.grad)
            grad.copy_(piece.view_as(grad))
        return loss / windows, round(windows)

    def from_main(self, make: Callable):
        """What the main process makes, on all of them."""
        if self._size == 1:
            return make()
        made = make() if self._is_main else None
        self.agree()
        made = _on_cpu(made)  # another machine may have no such GPU
        return self._talk(self._tools.broadcast_object_list, [made])[0]

    def gathered(self, mine) -> list:
        """What each process has, in their order."""
        return self._talk(self._tools.gather_object, [mine])

    def raise_failed(self, errors: list[str | None]) -> None:
        if any(errors):
            said = [f"process {n} has failed, {error}" for n, error in enumerate(errors) if error]
            raise ConnectionError(f"of {self._size} processes {'; '.join(said)}")

    def _exchange(
        self, loss: float = 0.0, windows: int = 0, is_step: bool = False, error=None
    ) -> tuple[Tensor, float, float]:
        """One message: the sums over all processes of (gradient * windows, loss, windows).

        Behind the gradients stands how many processes have one, for each parameter. Where it is
        about no step there are zeros.
        """
        trained, walked = self._trained(), self._shares.walked
        has = [is_step and p.grad is not None for p in trained]
        gradients = [
            _real(p.grad if one else torch.zeros_like(p)).reshape(-1)
            for p, one in zip(trained, has, strict=True)
        ]
        said = [loss, windows, error is not None, self._interrupts.came, walked, walked**2]
        double = any(each.dtype == torch.float64 for each in gradients)
        numbers = torch.tensor([*has, *said], dtype=torch.float64 if double else torch.float32)
        sent = torch.cat([*gradients, numbers.to(self._accelerator.device)])
        sent[: -len(numbers)] *= windows
        came = self._talk(self._accelerator.reduce, sent, "sum")
        loss, windows, failed, interrupted, way, ways = came[-6:].tolist()
        knew, self._over = (
            self._over,
            bool(self._over or failed or interrupted or way**2 != self._size * ways),
        )
        if failed:
            errors = self.gathered(error and f"{type(error).__name__}: {error}")
            if not knew:
                self.raise_failed(errors)
        elif interrupted and not knew:
            self._interrupts.agreed()
        elif self._over and not knew:
            raise ValueError(
                f"the {self._size} processes walk different batches, but each takes its share of "
                "the same ones: shuffle with a common seed, as in windows.loader(64, shuffle=True, "
                "seed=0), and hand all of the data to each process."
            )
        return came[:-6], loss, windows

    def _trained(self) -> list:
        weights = [] if self.weights is None else self.weights.parameters()
        return [p for p in weights if p.requires_grad]

    def _talk(self, function: Callable, *arguments):
        try:
            return function(*arguments)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            self._over = True
            raise ConnectionError(
                f"another of {self._size} processes is gone, or did not answer in time "
                f"({str(error).splitlines()[0][:80]}): look for its own message, and start all of "
                "them again. With checkpoint= they go on after the last epoch."
            ) from error


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
