"""Training as one of several processes: each job leaves what came of it in a file for each rank.

    python sharing_child.py FOLDER JOB ...

The jobs run one after the other in the same processes, so that an error has to leave them fit for
more. `start` in sharing.py begins all processes of a group.
"""

import os
import random
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator, InitProcessGroupKwargs
from torch import nn
from torch.nn import functional as F
from torch.utils.data import ConcatDataset, DataLoader

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_flights, load_nyc_departures, predict
from lstm_helpers._digest import digest

FLIGHTS = load_flights() / 100
DEPARTURES = load_nyc_departures().iloc[:, :2].iloc[:400] / 20
JOBS = {}
PATIENCE = 4  # seconds


def job(function):
    JOBS[function.__name__] = function
    return function


def make_model(inputs=1, seed=0, **how):
    torch.manual_seed(seed)
    return ManyToOneLSTM(inputs, 8, output_size=inputs, **how)


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def cuts():
    """name -> windows and a batch size whose last batches have 4, 3 and 1 of them; epochs."""
    for rest, size, epochs in ((4, 32, 4), (3, 43, 5), (1, 131, 10)):
        yield f"flights, {rest}", Windows(FLIGHTS, 12), size, epochs
    for rest in (4, 3, 1):
        yield f"departures, {rest}", Windows(DEPARTURES[: 4 * 64 + rest + 24], 24), 64, 4


def trained(windows, size, epochs, model=None, val=None, **how):
    """What comes of training; the epochs times the batches are steps."""
    model = make_model(len(windows.columns)) if model is None else model
    train = windows.loader(size, shuffle=True, seed=3) if isinstance(windows, Windows) else windows
    how = {"device": "cpu", "progress": False, **how}
    if how.get("accelerator"):
        del how["device"]
    history = fit(model, train, val, epochs=epochs, **how)
    return {
        "weights": weights(model),
        "state": digest(model.state_dict()),
        "records": history.records,
        "best_epoch": history.best_epoch,
        "interrupted": history.interrupted,
    }


def failing(function, *arguments, **how):
    """What is raised, in words."""
    try:
        function(*arguments, **how)
    except Exception as error:
        history = getattr(error, "history", None)
        return f"{type(error).__name__}: {error}", history and history.records
    return "nothing was raised", None


@job
def twenty_steps(accelerator, folder):
    return {name: trained(*cut, accelerator=accelerator) for name, *cut in cuts()}


@job
def starts_of_their_own(accelerator, folder):
    """The weights of the main process count, whatever the others begin with."""
    rank = accelerator.process_index if accelerator else 0
    model = make_model(seed=rank)
    model.started = rank  # a number that it holds
    how = {"accelerator": accelerator, "checkpoint": folder / "starts.pt"}
    return trained(Windows(FLIGHTS, 12), 32, 4, model, **how), model.started


@job
def stops_early(accelerator, folder):
    parts = Windows(FLIGHTS[:100], 12), Windows(FLIGHTS[88:], 12)
    return trained(parts[0], 20, 40, val=parts[1], lr=0.05, patience=3, accelerator=accelerator)


class Many(nn.Module):
    """Dropout, batch statistics, a count, and a part that seldom plays a part."""

    def __init__(self):
        super().__init__()
        self.lstm = make_model(num_layers=2, dropout=0.3)
        self.norm, self.seldom, self.never = nn.BatchNorm1d(12), nn.Linear(1, 1), nn.Linear(1, 1)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        yhat = self.lstm(self.norm(x))
        return yhat + self.seldom(yhat) if x.max() > 5 else yhat


def many(accelerator, epochs, path=None, draw=False, **how):
    windows = Windows(FLIGHTS[:101], 12)  # the last batch has five
    if draw:  # its order is drawn from the same numbers as dropout
        how["windows"] = DataLoader(windows, 28, shuffle=True)
    model = Many()
    how = {"windows": windows, "lr": 0.01, "checkpoint": path, **how}
    val = Windows(FLIGHTS[88:], 12)
    came = trained(how.pop("windows"), 28, epochs, model, val, accelerator=accelerator, **how)
    return {**came, "calls": model.calls}


@job
def goes_on(accelerator, folder):
    """Bit for bit, with the random numbers of each process."""
    size = accelerator.num_processes
    came = {"never stopped": many(accelerator, 5), "once more": many(accelerator, 5)}
    for epochs in (2, 3, 5):
        came["gone on"] = many(accelerator, epochs, folder / f"run{size}.pt")
    came["drawn"] = many(accelerator, 4, draw=True)
    for epochs in (1, 4):
        came["drawn, gone on"] = many(
            accelerator, epochs, folder / f"drawn{accelerator.num_processes}.pt", draw=True
        )
    return came


@job
def predicts(accelerator, folder):
    model = make_model(seed=5)
    windows = Windows(FLIGHTS, 12)
    data = {
        "windows": windows,
        "x": windows.x,
        "three": windows.x[:3],
        "one": windows.x[:1],
        "loader": windows.loader(50),
        "torch": DataLoader(windows, 50),
        "a list": [(windows.x[:5],), (windows.x[5:7],), (windows.x[7:],)],
    }
    ours = {name: predict(model, one, accelerator=accelerator) for name, one in data.items()}
    return {name: (yhat, predict(model, data[name])) for name, yhat in ours.items()}


@job
def predicts_by_other_weights(accelerator, folder):
    model = make_model(seed=accelerator.process_index)
    return failing(predict, model, torch.rand(7, 12, 1), accelerator=accelerator)


@job
def one_fails_to_predict(accelerator, folder):
    class Fails(nn.Module):
        def forward(self, x):
            if accelerator.process_index:
                raise RuntimeError("a mishap")
            return x

    return failing(predict, Fails(), torch.rand(7, 12, 1), accelerator=accelerator)


@job
def reads(accelerator, folder):
    """Which windows are read, epoch by epoch: a table on the disk, a list, and several files."""
    table = np.lib.format.open_memmap(
        folder / f"table{accelerator.process_index}.npy", "w+", np.float32, (200, 1)
    )
    table[:] = np.sin(np.arange(200) / 3)[:, None]
    parts = [np.array(table[:70]), np.array(table[70:81]), np.array(table[81:])]
    files = [Windows(table[:70], 9), Windows(table[70:81], 9), Windows(table[81:], 9)]
    order = torch.Generator().manual_seed(2)
    data = {
        "a table on the disk": Windows(table, 9).loader(31, shuffle=True),
        "a list of series": Windows(parts, 9).loader(31, shuffle=True),
        "files": DataLoader(ConcatDataset(files), 31, shuffle=True, generator=order),
    }
    read = []
    by_number = Windows.__getitem__

    def noted(windows, index):
        x, y = by_number(windows, index)
        # a window is known by its table and its numbers
        rows = windows._starts.rows(index).reshape(-1).tolist()
        read.extend((len(windows._values), row) for row in rows)
        return x, y

    came = {}
    Windows.__getitem__ = noted
    try:
        for name, loader in data.items():
            read.clear()
            fit(make_model(), loader, epochs=2, accelerator=accelerator, progress=False)
            own = read[31:] if accelerator.num_processes > 1 else read  # all look at the first one
            came[name] = own[: len(own) // 2], own[len(own) // 2 :]
    finally:
        Windows.__getitem__ = by_number
    return came


@job
def refuses(accelerator, folder):
    """What every process refuses at once; afterwards all go on."""
    windows = Windows(FLIGHTS, 12)
    rank = accelerator.process_index
    x, y = torch.rand(7, 12, 1), torch.rand(7, 1, 1)

    def said(train=windows, **how):
        model = how.pop("model", None) or make_model()
        how |= {"accelerator": accelerator, "progress": False, "epochs": 2}
        return failing(fit, model, train, **how)[0]

    def rmse(yhat, y):
        return F.mse_loss(yhat, y).sqrt()

    classes = [(x, torch.tensor([0, 1, 2, 0, 2, 2, -100]))]
    sizes = [(x, y, torch.rand(3, 7, 2))]
    return {
        "sum": said(loss_fn=nn.MSELoss(reduction="sum")),
        "rmse": said(loss_fn=rmse),
        "class weights": said(
            [(x, classes[0][1].abs() % 3)],
            loss_fn=nn.CrossEntropyLoss(torch.tensor([0.1, 1.0, 3.0])),
            model=nn.Sequential(nn.Flatten(), nn.Linear(12, 3)),
        ),
        "a class left out": said(
            [(x[:6], classes[0][1][:6]), *classes],
            loss_fn=nn.CrossEntropyLoss(),
            model=nn.Sequential(nn.Flatten(), nn.Linear(12, 3)),
        ),
        "another size": said(sizes, forward=lambda model, x, y, h: (model(x), y)),
        "no tensor": said([(x, y, "text")], forward=lambda model, x, y, h: (model(x), y)),
        "empty": said([(x, y), (x[:0], y[:0])]),
        "shuffled by rank": said(windows.loader(32, shuffle=True, seed=rank)),
        "a list by rank": said([(x + rank, y)]),
        "NaN": said([(x, y), (x / (x > 2), y)]),
        "lr": said(lr=1e30),
        "a path": said(checkpoint=folder),
        "in order again": said(),
    }


@job
def batches_of_other_kinds(accelerator, folder):
    """Named, nested and not in pairs; the last one too small for all."""
    windows = Windows(FLIGHTS, 12)
    batches = [{"x": x, "more": [y, (y * 2,)]} for x, y in windows.loader(131)]

    def forward(model, batch):
        return model(batch["x"]), batch["more"][0] + batch["more"][1][0]

    return trained(batches, None, 4, make_model(), forward=forward, accelerator=accelerator)


@job
def seldom_used(accelerator, folder):
    """A part without a gradient in some batches, which Adam then leaves as it is."""
    model = nn.ModuleDict({"always": make_model(), "seldom": nn.Linear(1, 1)})
    windows = Windows(FLIGHTS, 12)
    flags = [torch.full((len(x),), n % 2) for n, (x, _) in enumerate(windows.loader(43))]
    batches = [(*pair, flag) for pair, flag in zip(windows.loader(43), flags, strict=True)]

    def forward(model, x, y, flag):
        yhat = model["always"](x)
        return (model["seldom"](yhat) if flag.all() else yhat), y

    return trained(batches, None, 5, model, forward=forward, accelerator=accelerator)


@job
def draws(accelerator, folder):
    """What a model draws while it trains, on each process."""
    drawn = []

    def forward(model, x, y):
        drawn.append([torch.rand(1).item(), np.random.rand(), random.random()])
        return model(x), y

    windows = Windows(FLIGHTS, 12)
    for _ in range(2):
        trained(windows, 32, 2, make_model(), forward=forward, accelerator=accelerator)
    return drawn


def at_step(accelerator, number, does):
    """A loss that does something at a step, on the last process alone."""
    steps = 0

    def loss_fn(yhat, y):
        nonlocal steps
        steps += torch.is_grad_enabled()
        last = accelerator is None or accelerator.process_index == accelerator.num_processes - 1
        if last and torch.is_grad_enabled() and steps == number:
            does()
        return F.mse_loss(yhat, y)

    return loss_fn


def stopped(accelerator, does, number=7, **how):
    """Five batches an epoch, so that step 7 is in the second one."""
    how = {"epochs": 4, "loss_fn": at_step(accelerator, number, does), "progress": False, **how}
    return failing(fit, make_model(), Windows(FLIGHTS, 12), accelerator=accelerator, **how)


@job
def one_fails(accelerator, folder):
    def fail():
        raise KeyError("a mishap")

    in_a_step = stopped(accelerator, fail)

    class Fails(nn.Module):
        """In evaluation mode, on one process."""

        def __init__(self):
            super().__init__()
            self.inner, self.times = make_model(), 0

        def forward(self, x):
            self.times += not self.training
            if self.times > 3 and accelerator.process_index:
                raise KeyError("a mishap")
            return self.inner(x)

    windows = Windows(FLIGHTS, 12)
    how = {"epochs": 4, "accelerator": accelerator, "progress": False}
    evaluating = failing(fit, Fails(), windows, windows, **how)

    def sampled():
        for n, batch in enumerate(windows.loader(32)):
            if n == 3 and accelerator.process_index:
                raise KeyError("a mishap")
            yield batch

    class Reads:
        def __iter__(self):
            return sampled()

    return in_a_step, evaluating, failing(fit, make_model(), Reads(), **how)


@job
def one_is_interrupted(accelerator, folder):
    came = []
    for does in (lambda: os.kill(os.getpid(), signal.SIGINT), lambda: signal.raise_signal(2)):
        loss_fn = at_step(accelerator, 7, does)
        model, windows = make_model(), Windows(FLIGHTS, 12)
        came.append(trained(windows, 32, 4, model, loss_fn=loss_fn, accelerator=accelerator))
    return came


@job
def one_is_interrupted_between(accelerator, folder):
    """Just after a message, on the last process alone: after each of some in turn."""
    came, reduce = [], accelerator.reduce
    for last in range(3, 17):
        sent = 0

        def counted(*arguments, last=last):
            nonlocal sent
            summed, sent = reduce(*arguments), sent + 1
            if sent == last and accelerator.is_last_process:
                signal.raise_signal(signal.SIGINT)
            return summed

        accelerator.reduce = counted
        parts = Windows(FLIGHTS[:60], 12), Windows(FLIGHTS[50:], 12)
        came.append(trained(parts[0], 20, 4, val=parts[1], lr=0.01, accelerator=accelerator))
    accelerator.reduce = reduce
    return came


KILLED = {}  # a dict, so that the loss stays the same one in a checkpoint


def kept(accelerator, path, kill_at=None):
    """Training that is killed at a step, on the last process alone."""
    KILLED.update(step=0, at=kill_at if accelerator.is_last_process else None)

    def loss_fn(yhat, y):
        KILLED["step"] += torch.is_grad_enabled()
        if KILLED["step"] == KILLED["at"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return F.mse_loss(yhat, y)

    model, parts = make_model(num_layers=2, dropout=0.3), [FLIGHTS, FLIGHTS[:60]]
    train, val = (Windows(part, 12) for part in parts)
    how = {"loss_fn": loss_fn, "checkpoint": path, "progress": False, "accelerator": accelerator}
    error = failing(fit, model, train, val, epochs=5, lr=0.01, **how)
    return error, weights(model)


@job
def one_is_killed(accelerator, folder):
    """In the third epoch: the file holds two."""
    return kept(accelerator, folder / "killed.pt", kill_at=12)


@job
def one_hangs(accelerator, folder):
    """Longer than the others wait."""

    def hang():
        time.sleep(4 * PATIENCE)
        os._exit(3)

    return stopped(accelerator, hang)


@job
def goes_on_after_the_kill(accelerator, folder):
    return kept(accelerator, folder / "killed.pt"), kept(accelerator, folder / "never.pt")


@job
def mixed(accelerator, folder):
    windows = Windows(FLIGHTS, 12)
    came = trained(windows, 32, 8, lr=0.01, accelerator=accelerator)
    yhat = predict(make_model(), windows, accelerator=accelerator)
    return {**came, "yhat": yhat, "plain": predict(make_model(), windows)}


def main(folder: Path, *jobs: str):
    torch.set_num_threads(1)
    precision = "bf16" if jobs == ("mixed",) else "no"
    waits = InitProcessGroupKwargs(
        timeout=timedelta(seconds=PATIENCE if "one_hangs" in jobs else 90)
    )
    accelerator = Accelerator(cpu=True, mixed_precision=precision, kwargs_handlers=[waits])
    for name in jobs:
        came = JOBS[name](accelerator, folder)
        end = f"{name}.{accelerator.num_processes}.{accelerator.process_index}.pt"
        torch.save(came, folder / end)
    accelerator.end_training()


def last(status: int) -> None:
    """End here: torch may abort while Python takes itself down, when all has been done."""
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), *sys.argv[2:])
    except BaseException:
        traceback.print_exc()
        last(1)
    last(0)
