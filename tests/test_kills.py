"""Training that is killed, or interrupted, at random moments ends as if it had never stopped."""

import os
import random
import signal
import time
from collections import Counter
from functools import cache, partial

import pytest
import torch
from children import Trainer, end, said, same

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
KINDS = ["no workers", "workers", "persistent workers"]


@pytest.fixture(scope="module")
def trainer():
    one = Trainer()
    yield one
    one.close()


@pytest.fixture(scope="module")
def never_stopped(trainer, tmp_path_factory):
    """kind -> the folder of a run that was left in peace, what came of it, and its seconds."""

    @cache
    def run(kind):
        out = tmp_path_factory.mktemp("never_stopped")
        came = trainer.run(out, kind=kind)
        begun, ended = ((out / name).stat().st_mtime for name in ("begun", "end.pt"))
        return out, came, ended - begun

    return run


@pytest.fixture(scope="module")
def after_each(trainer, never_stopped, tmp_path_factory):
    """kind -> what an interrupt has to leave after 0, 1, 2 ... epochs."""

    @cache
    def run(kind):
        epochs = len(never_stopped(kind)[1]["records"])
        out = tmp_path_factory.mktemp("after_each")
        return trainer.run(out, kind=kind, what="best of each", epochs=epochs)

    return run


@pytest.fixture
def draw():
    """Another moment each time; KILLS_SEED=... repeats those of a failure."""
    seed = int(os.environ.get("KILLS_SEED", random.SystemRandom().randrange(10**9)))
    print(f"KILLS_SEED={seed}")
    return random.Random(seed)


def await_writing(process, out, times):
    """Until the file has begun to be written so many times, or the run has ended."""
    part, was = out / "run.pt.part", False
    while times and not has_ended(process):
        now = part.exists()
        times -= now and not was
        was = now


def has_ended(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def where(out):
    """In which moment a run was killed."""
    part = out / "run.pt.part"
    if part.exists():
        return f"while writing ({'some' if part.stat().st_size else 'no'} bytes)"
    return "after an epoch" if (out / "run.pt").exists() else "in the first epoch"


@pytest.fixture
def kill(trainer, never_stopped, draw, tmp_path):
    return partial(kill_again_and_again, trainer, never_stopped, draw, tmp_path)


def kill_again_and_again(trainer, never_stopped, draw, tmp_path, kind, kills):
    """So many kills, in as many runs as they need, each of which has to come to the same end."""
    folder, expected, seconds = never_stopped(kind)
    moments, runs, out = Counter(), 0, tmp_path
    while kills or end(out) is None:
        if out == tmp_path or end(out) is not None:
            runs += 1
            out = tmp_path / f"run {runs}"
        process = trainer.start(out, kind=kind)
        if kills:
            if draw.random() < 0.5:
                time.sleep(draw.uniform(0, 0.3 * seconds))
            else:
                await_writing(process, out, draw.randint(1, 4))
                time.sleep(draw.choice([0, draw.uniform(0, 0.003)]))
            if not has_ended(process):
                os.kill(process, signal.SIGKILL)
        trainer.wait()
        if end(out) is None:
            assert kills, said(out)  # nobody killed it
            kills -= 1
            moments[where(out)] += 1
            print(kind, "killed", where(out), sep=", ")
        else:
            assert same(end(out), expected)
            assert same(*(torch.load(one / "run.pt") for one in (out, folder)))
            assert not (out / "run.pt.part").exists()
    print(kind, f"{runs} runs", dict(moments), sep=", ")
    trainer.sweep()


def test_the_runs_mean_something(never_stopped):
    ends = [never_stopped(kind)[1] for kind in ("no workers", "workers")]
    assert ends[0]["best_epoch"] < len(ends[0]["records"]) < 14  # stopped early
    assert not same(ends[0]["weights"], ends[1]["weights"])  # workers draw other noise


@pytest.mark.parametrize("kind", ["no workers", "workers"])
def test_the_file_changes_nothing(trainer, never_stopped, tmp_path, kind):
    assert same(trainer.run(tmp_path, kind=kind, checkpoint=None), never_stopped(kind)[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill(kill, kind):
    kill(kind, 1)


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_thirty_kills(kill, kind):
    kill(kind, 30)


@pytest.fixture
def interrupt(trainer, never_stopped, after_each, draw, tmp_path):
    return partial(interrupt_and_go_on, trainer, never_stopped, after_each, draw, tmp_path)


def interrupt_and_go_on(
    trainer, never_stopped, after_each, draw, tmp_path, kind, times, interrupts=1
):
    """Ctrl-C reaches all processes of a group. It comes once or twice, so many times."""
    _, expected, seconds = never_stopped(kind)
    after = after_each(kind)
    run, outcomes = 0, Counter()
    while times:
        run += 1
        out = tmp_path / f"run {run}"
        group = trainer.start(out, kind=kind, progress=True)
        patience = time.monotonic() + 60
        while not (out / "begun").exists():
            assert time.monotonic() < patience, said(out)
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.8 * seconds))
        for n in range(interrupts):
            if not has_ended(group):
                os.killpg(group, signal.SIGINT)
            if n < interrupts - 1:
                time.sleep(draw.uniform(0, 0.03))
        trainer.wait()
        assert end(out), said(out)
        outcome = check_end(end(out), expected, after, said(out), interrupts, kind)
        times -= outcome != "too late"
        outcomes[outcome] += 1
        assert same(trainer.run(out, kind=kind), expected)
    print(kind, dict(outcomes), sep=", ")
    assert trainer.left_behind() == []


def check_end(came, expected, after, words, interrupts, kind):
    if came["records"] is None:  # before fit began, or while it said the last words
        assert came["error"][0] == "KeyboardInterrupt"
        start = same(came["weights"], after[0]["weights"])
        assert start or interrupts > 1
        assert any(same(came["weights"], one["weights"]) for one in after)
        return "before" if start else "while it said so"
    if not came["interrupted"]:
        assert came["error"] is None, words
        assert same(came, expected)
        return "too late"
    epochs, best = len(came["records"]), came["best_epoch"]
    assert same(came["records"], expected["records"][:epochs])
    assert best == after[epochs]["best_epoch"]
    assert same(came["weights"], after[epochs]["weights"])
    assert same(came["generators"], expected["generators"])
    assert same(came["usual"], expected["usual"])
    assert (
        f"fit: interrupted: the history holds {epochs} epoch{'s' * (epochs != 1)}, "
        "and the model has the weights of "
        f"{f'epoch {best}' if best else 'the start'}.\n"
    ) in words
    assert not epochs or "epoch/s" in words or "s/epoch" in words  # the bar
    if kind == "no workers":  # torch's workers may say that they were interrupted
        assert "Traceback" not in words
    return "in the first epoch" if not epochs else "later"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("interrupts", [1, 2])
def test_an_interrupt_and_one_more_while_it_cleans_up(interrupt, kind, interrupts):
    interrupt(kind, 1, interrupts)


@pytest.mark.stress
@pytest.mark.parametrize("kind", ["no workers", "workers"])
@pytest.mark.parametrize("interrupts", [1, 2])
def test_many_interrupts(interrupt, kind, interrupts):
    interrupt(kind, 10, interrupts)
