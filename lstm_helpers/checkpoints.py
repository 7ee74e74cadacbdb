"""What survives a kill: one file that holds a whole run of training."""

from lstm_helpers._files import Kind, read, try_folder, write
from lstm_helpers._fingerprints import describe
from lstm_helpers._fit_arguments import Asked
from lstm_helpers._sharing import ALONE
from lstm_helpers._surroundings import Randomness, afterwards
from lstm_helpers._training import Reached, Training
from lstm_helpers._weights import on

_FILE = Kind(
    name="checkpoint",
    mark="a run of lstm_helpers.fit, 2",
    part="run",
    holds="run of fit",
    instead="name another file, or remove this one to begin anew",
    not_loaded="the model's extra state, the optimizer or the loss holds what can't be loaded "
    "again without running code, so it can't be kept in a checkpoint: keep tensors, numbers and "
    "text there.",
)


class Checkpoint:
    """The file of one call of `fit`."""

    def __init__(self, asked: Asked, training: Training, randomness: Randomness):
        """Raises OSError where nothing can be written."""
        self._path, self._epochs, self._patience = asked.checkpoint, asked.epochs, asked.patience
        self._training, self._randomness, self._sharing = training, randomness, asked.sharing
        self._found, held = self._sharing.from_main(self._look), training.held
        before = held.now()
        with randomness.kept(), afterwards(lambda: held.put(held.moved(since=before)[0])):
            if self._found is not None:  # it is told from others by where it began
                held.put(self._found["started"])
                held.begin()
            self._asked = describe(asked, training.make_optimizer(), training.first, held.of)

    def _look(self) -> dict | None:
        try_folder(self._path, _FILE)  # before anything is trained
        return read(self._path, _FILE)

    def resume(self) -> Reached | None:
        """Put the model, the optimizer and the generators where the file has them.

        Raises:
            ValueError: the file holds another run, or none.
        """
        run = self._found
        if run is None:
            return None
        if other := differences(ALONE | run["asked"], ALONE | self._asked):
            raise ValueError(
                f"checkpoint {str(self._path)!r} holds another run: {'; '.join(other)}. It is left "
                "as it is: call fit as then, or name another file."
            )
        if len(run["records"]) > self._epochs:
            raise ValueError(
                f"checkpoint {str(self._path)!r} has trained {len(run['records'])} epochs, but "
                f"epochs is {self._epochs}: raise epochs, or name another file."
            )
        training = self._training
        training.weights.restore(on(training.device, run["weights"]))
        training.optimizer.load_state_dict(run["optimizer"])
        self._randomness.restore(run["random"])
        self._sharing.restore(run)
        training.held.put(run["held"])
        best = on(training.device, run["best"])
        return Reached(tuple(run["records"]), run["best_epoch"], best)

    def write(self, reached: Reached) -> None:
        # Persistent workers would go on with random numbers that no file can hold.
        self._randomness.stop_workers()
        started, held = self._training.held.moved()
        run = {
            "asked": self._asked,
            "records": list(reached.records),
            "best_epoch": reached.best_epoch,
            "best": reached.best,
            "weights": self._training.weights.now(),
            "optimizer": self._training.optimizer.state_dict(),
            "random": self._randomness.state(),
            "started": started,
            "held": held,
            **self._sharing.state(),
        }
        if self._sharing.is_main:
            write(self._path, _FILE, run)
        self._sharing.agree()

    def nothing_left(self, reached: Reached) -> str:
        """Why nothing is trained."""
        epochs = f"{len(reached.records)} epoch{'s' * (len(reached.records) != 1)}"
        if reached.has_waited(self._patience):
            return (
                f"{str(self._path)!r} stopped early after {epochs}, {self._patience} of them "
                "without a lower validation loss, so nothing was trained."
            )
        return (
            f"{str(self._path)!r} has its {epochs}, so nothing was trained; raise epochs to go on."
        )


def differences(then: dict, now: dict) -> list[str]:
    """What two runs were asked for differently, in words."""
    said = []
    for name in dict.fromkeys((*then, *now)):
        before, after = then.get(name), now.get(name)
        if before != after:
            numbers = name not in ("model", "train", "val", "loss_fn", "forward", "optimizer")
            said.append(f"{name} was {before} and is {after}" if numbers else f"another {name}")
    return said
