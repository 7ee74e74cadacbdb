"""`fit` and `predict` under an Accelerator: as one process, and as two that share each batch."""

import re
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

accelerate = pytest.importorskip("accelerate")

import sharing  # noqa: E402
import sharing_child as child  # noqa: E402
from accelerate.state import GradientState  # noqa: E402
from children import same  # noqa: E402
from sharing import Group, came_of, free_port, launched  # noqa: E402

from lstm_helpers import Windows, fit, predict  # noqa: E402

WINDOWS = Windows(child.FLIGHTS, 12)
JOBS = [name for name in child.JOBS if "kill" not in name and name not in ("mixed", "one_hangs")]
ALONE = ["twenty_steps", "starts_of_their_own", "stops_early", "goes_on", "predicts", "reads"]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """As in the processes: sums are added up in another order by two."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def accelerator():
    return accelerate.Accelerator(cpu=True)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Number of processes -> the folder and the group that did all jobs, once."""

    @cache
    def run(size):
        folder = tmp_path_factory.mktemp(f"processes{size}")
        group = Group(folder, *(JOBS if size > 1 else ALONE), size=size)
        return folder, group, group.wait()

    def ended(size):
        folder, group, codes = run(size)
        assert codes == [0] * size, "\n\n".join(map(group.said, range(size)))
        return folder, group

    return ended


@pytest.fixture(scope="module")
def came(ran):
    """(job, number of processes) -> what came of it, for each process."""
    return lambda job, size=2: came_of(ran(size)[0], job, size)


def largest(a, b):
    return (a - b).abs().max().item()


@pytest.mark.slow
def test_two_processes_end_where_one_does(came):
    """20 steps; the last batches have 4, 3 and 1 windows, so that one process idles."""
    two, other = came("twenty_steps")
    for name, *cut in child.cuts():
        one = child.trained(*cut)
        ours = two[name]
        assert largest(one["weights"], ours["weights"]) < 1e-6, name
        assert one["weights"].ne(child.weights(child.make_model(len(cut[0].columns)))).all()
        assert ours["records"][-1]["steps"] == one["records"][-1]["steps"] == 20
        losses = [[record["train_loss"] for record in run["records"]] for run in (one, ours)]
        assert np.allclose(*losses, rtol=1e-5, atol=0)
        assert same(ours, other[name])


@pytest.mark.slow
def test_one_process_ends_where_plain_torch_does_bit_for_bit(came):
    (ours,) = came("twenty_steps", 1)
    for name, *cut in child.cuts():
        assert same(ours[name], child.trained(*cut))
    drawn = child.many(None, 4, draw=True)
    assert same(came("goes_on", 1)[0]["drawn"], drawn)


def in_parts(parts, steps, lr):
    """A plain loop that adds the gradients of parts of each batch; one part is the whole."""
    model = child.make_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loader = WINDOWS.loader(43, shuffle=True, seed=3)
    taken = 0
    while taken < steps:
        for x, y in loader:
            optimizer.zero_grad()
            for n in range(parts):
                share = len(x[n::parts]) / len(x)
                (F.mse_loss(model(x[n::parts]), y[n::parts]) * share).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            taken += 1
    return child.weights(model)


def test_so_much_rounding_differs_in_one_process_that_adds_two_halves():
    assert 0 < largest(in_parts(1, 20, 1e-3), in_parts(2, 20, 1e-3)) < 1e-6


@pytest.mark.slow
def test_all_start_from_the_weights_of_the_main_process(came):
    (one, held), (two, other) = came("starts_of_their_own")
    assert same(one, two)
    assert held == other == 0
    assert largest(one["weights"], came("starts_of_their_own", 1)[0][0]["weights"]) < 1e-6


@pytest.mark.slow
def test_early_stopping_agrees(came):
    two, other = came("stops_early")
    (one,) = came("stops_early", 1)
    assert same(two, other)
    assert len(one["records"]) == len(two["records"]) < 40
    assert 0 < one["best_epoch"] == two["best_epoch"] < len(two["records"])
    assert largest(one["weights"], two["weights"]) < 1e-3  # 5e-2 is a large lr


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2])
def test_a_run_goes_on_bit_for_bit(came, size):
    runs = came("goes_on", size)
    for run in runs:
        assert same(run["never stopped"], run["once more"])
        assert same(run["never stopped"], run["gone on"])
        assert same(run["drawn"], run["drawn, gone on"])
        assert same(run, runs[0])


def plain(path):
    return child.many(None, 6, path)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2])
def test_another_number_of_processes_is_refused(ran, size):
    """A file of one process is one of plain torch."""
    path = ran(size)[0] / f"run{size}.pt"
    if size == 1:
        assert len(plain(path)["records"]) == 6
        return
    with pytest.raises(ValueError) as caught:
        plain(path)
    assert str(caught.value) == (
        f"checkpoint {str(path)!r} holds another run: processes was 2 and is 1. It is left as it "
        "is: call fit as then, or name another file."
    )


@pytest.mark.slow
def test_each_process_gets_every_prediction_once_in_order(came):
    for size in (1, 2):
        for run in came("predicts", size):
            for name, (ours, alone) in run.items():
                assert ours.shape == alone.shape
                exact = size == 1 or name in ("loader", "torch", "a list")  # the same batches
                assert torch.equal(ours, alone) if exact else largest(ours, alone) < 1e-6, name
                assert len(ours.unique()) > 0.9 * len(ours)  # so that no two rows are taken for one


@pytest.mark.slow
def test_predict_says_what_is_wrong_on_all_processes(came):
    texts = {text for text, _ in came("predicts_by_other_weights")}
    assert texts == {
        "ValueError: the 2 processes hold models of other weights, but each predicts a part of "
        "the windows: train or load the same model in each."
    }
    (told, _), (failed, _) = came("one_fails_to_predict")
    assert failed.startswith("ValueError: the model can't run on a batch of data")
    assert told == f"ConnectionError: of 2 processes process 1 has failed, {failed}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a table on the disk", "a list of series", "files"])
def test_each_window_is_read_once_by_one_process(came, name):
    """Those over a cut between two shares, too; and in another order in each epoch."""
    lengths = {"a table on the disk": [200], "a list of series": [200], "files": [70, 11, 119]}
    begins = {"a list of series": [*range(61), *range(70, 72), *range(81, 191)]}.get(name)
    every = [
        (rows, n) for rows in lengths[name] for n in (begins or range(rows - 9))
    ]  # a window has 9 steps, and a target
    shares = [run[name] for run in came("reads")]
    (whole,) = came("reads", 1)
    for epoch in (0, 1):
        read = [share[epoch] for share in shares]
        assert sorted(read[0] + read[1]) == sorted(every)
        assert abs(len(read[0]) - len(read[1])) <= -(-len(every) // 31)
        batches = [whole[name][epoch][n : n + 31] for n in range(0, len(every), 31)]
        for rank in (0, 1):  # the order is that of one process
            assert [w for batch in batches for w in batch[rank::2]] == read[rank]
    assert shares[0][0] != shares[0][1]


REFUSED = {
    "sum": "loss_fn has reduction 'sum', but to be shared by processes the loss has to be a mean "
    "over windows: use one with reduction='mean' and without weights of classes, such as "
    "torch.nn.MSELoss().",
    "a class left out": "batch 1 of train: y has the class -100, which the loss leaves out, so "
    "that windows do not count alike; to be shared by processes they have to: leave those steps "
    "out in forward, or train in one process.",
    "another size": "batch 0 of train has a tensor (3, 7, 2) in it, but to be shared by processes "
    "each part has to be a tensor with the windows as its first axis, of size 7: put what belongs "
    "to the whole batch into forward, and lengths into a tensor.",
    "no tensor": "batch 0 of train has 'text' in it, but to be shared by processes each part has "
    "to be a tensor with the windows as its first axis, of size 7: put what belongs to the whole "
    "batch into forward, and lengths into a tensor.",
    "empty": "batch 1 of train is empty, x (0, 12, 1), but at least one window is needed: leave "
    "it out.",
    "shuffled by rank": "the 2 processes walk different batches, but each takes its share of the "
    "same ones: shuffle with a common seed, as in windows.loader(64, shuffle=True, seed=0), and "
    "hand all of the data to each process.",
    "lr": "the loss is inf in epoch 1, but training needs finite numbers; the model has the "
    "weights of epoch 0 again (0 is the start). Try a smaller lr or clip_norm, and look for "
    "extreme values in the data.",
}
REFUSED["a list by rank"] = REFUSED["shuffled by rank"]


@pytest.mark.slow
def test_what_can_not_be_shared_is_refused_on_all_processes(came):
    for run in came("refuses"):
        said = dict(run)
        for name, text in REFUSED.items():
            assert said.pop(name).endswith(f"ValueError: {text}"), name
        for name in ("rmse", "class weights"):
            assert "as the mean of each, but to be shared" in said.pop(name), name
        assert "holds NaN or infinity" in said.pop("NaN")
        assert "which is a folder" in said.pop("a path")
        assert said == {"in order again": "nothing was raised"}


@pytest.mark.slow
def test_batches_of_other_kinds_are_shared_as_well(came):
    two, other = came("batches_of_other_kinds")
    one = child.batches_of_other_kinds(None, None)
    assert same(two, other)
    assert largest(one["weights"], two["weights"]) < 1e-6


@pytest.mark.slow
def test_a_part_that_is_not_used_is_left_as_it_is(came):
    two, other = came("seldom_used")
    one = child.seldom_used(None, None)
    assert same(two, other)
    assert largest(one["weights"], two["weights"]) < 1e-6


@pytest.mark.slow
def test_each_process_draws_numbers_of_its_own_and_the_same_again(came):
    runs = [np.array(drawn) for drawn in came("draws")]
    for drawn in runs:
        first, again = np.split(drawn, 2)
        assert np.array_equal(first, again)
        assert len(first) == 2 * 5
        assert len(np.unique(first)) == first.size
    assert not np.intersect1d(*runs).size


@pytest.mark.slow
def test_what_fails_on_one_process_ends_all_in_words(came):
    tolds, fails = came("one_fails")
    for (told, records), (failed, own) in zip(tolds, fails, strict=True):
        assert failed == "KeyError: 'a mishap'"
        assert told == f"ConnectionError: of 2 processes process 1 has failed, {failed}"
        assert records == own
    assert len(tolds[0][1]) == 1  # the history of the epoch before


@pytest.mark.slow
def test_an_interrupt_of_one_process_ends_all_at_the_same_step(came, ran):
    mine, others = came("one_is_interrupted")
    whole = child.trained(WINDOWS, 32, 1)
    for run, other in zip(mine, others, strict=True):
        assert run["interrupted"]
        assert same(run, other)
        assert len(run["records"]) == run["best_epoch"] == 1  # of the second there were two steps
        assert largest(run["weights"], whole["weights"]) < 1e-6
    said = "fit: interrupted: the history holds 1 epoch, and the model has the weights of epoch 1."
    assert said in ran(2)[1].said(0)
    assert "fit:" not in ran(2)[1].said(1)  # the first process speaks


@pytest.mark.slow
def test_an_interrupt_between_two_messages_leaves_all_with_the_same_epochs(came):
    runs, others = came("one_is_interrupted_between")
    for run, other in zip(runs, others, strict=True):
        assert run["interrupted"]
        assert same(run, other)
    assert {len(run["records"]) for run in runs} >= {0, 1, 2}


GONE = "ConnectionError: another of 2 processes is gone, or did not answer in time"


@pytest.mark.slow
def test_a_kill_of_one_ends_the_run_which_goes_on_when_it_is_started_again(tmp_path):
    killed = Group(tmp_path, "one_is_killed")
    assert killed.wait() == [0, -9]
    (text, records), _ = torch.load(tmp_path / "one_is_killed.2.0.pt")
    assert text.startswith(f"{GONE} (")
    assert text.endswith(
        "): look for its own message, and start all of them again. With checkpoint= they go on "
        "after the last epoch."
    )
    assert len(records) == 2
    again = Group(tmp_path, "goes_on_after_the_kill")
    assert again.wait() == [0, 0], again.said(0)
    for (error, end), (_, never_stopped) in came_of(tmp_path, "goes_on_after_the_kill"):
        assert error == ("nothing was raised", None)
        assert torch.equal(end, never_stopped)


@pytest.mark.slow
def test_none_waits_longer_than_its_group_does(tmp_path):
    assert Group(tmp_path, "one_hangs").wait() == [0, 3]
    text, records = torch.load(tmp_path / "one_hangs.2.0.pt")
    assert text.startswith(f"{GONE} (")
    assert len(records) == 1


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2])
def test_mixed_precision(tmp_path, size):
    group = Group(tmp_path, "mixed", size=size)
    assert group.wait() == [0] * size, group.said(0)
    runs = came_of(tmp_path, "mixed", size)
    full = child.trained(WINDOWS, 32, 8, lr=0.01)
    for run in runs:
        assert same(run, runs[0])
        assert run["weights"].dtype == run["yhat"].dtype == torch.float32
        assert 1e-4 < largest(run["weights"], full["weights"]) < 0.1
        assert 0 < largest(run["yhat"], run["plain"]) < 0.1
        assert run["records"][-1]["train_loss"] < 0.9 * run["records"][0]["train_loss"]


class Scaled(accelerate.Accelerator):
    """As for float16 on a GPU, with a scale that is too large at first."""

    @property
    def mixed_precision(self):
        return "fp16"


@pytest.fixture
def scaled():
    one = Scaled(cpu=True)
    one.native_amp, one.scaler = True, torch.amp.GradScaler("cpu", init_scale=2.0**127)
    return one


def test_the_scale_of_float16_is_found_and_goes_on(scaled, tmp_path):
    def trained(epochs, path=None):
        scaled.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127, growth_interval=4)
        return child.trained(WINDOWS, 32, epochs, accelerator=scaled, checkpoint=path)

    whole = trained(6)
    assert 1 < scaled.scaler.get_scale() < 2.0**127
    assert whole["records"][-1]["train_loss"] < whole["records"][0]["train_loss"]
    for epochs in (2, 6):
        parts = trained(epochs, tmp_path / "run.pt")
    assert same(parts, whole)
    full = child.trained(WINDOWS, 32, 6)
    assert largest(whole["weights"], full["weights"]) < 0.02  # some first steps were left out


def test_a_gradient_that_no_scale_makes_finite_is_an_error(scaled):
    class Endless(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient * torch.inf

    def loss_fn(yhat, y):
        return F.mse_loss(Endless.apply(yhat), y)

    with pytest.raises(ValueError, match=r"the gradient is (nan|inf) in epoch"):
        child.trained(WINDOWS, 32, 60, accelerator=scaled, loss_fn=loss_fn)


def test_nothing_of_it_is_imported_unasked():
    code = (
        "import sys, torch; from lstm_helpers import *; w = Windows(load_flights(), 12); "
        "m = ManyToOneLSTM(1, 3); fit(m, w, epochs=1, progress=False); predict(m, w); "
        "print('accelerate' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_processes_that_do_not_know_of_each_other_are_refused(accelerator, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ValueError) as caught:
        fit(child.make_model(), WINDOWS, epochs=1, accelerator=accelerator)
    assert str(caught.value) == (
        "3 processes were started, but the accelerator knows of 1, so each would work alone: make "
        "it with accelerate.Accelerator(cpu=True), or set the environment variable "
        "ACCELERATE_USE_CPU=1."
    )


REFUSED_ARGUMENTS = {
    "a class": (
        lambda: {"accelerator": accelerate.Accelerator},
        "accelerator is the class Accelerator, but one made of it is needed: "
        "accelerate.Accelerator().",
    ),
    "another device": (
        lambda: {"accelerator": accelerate.Accelerator(cpu=True), "device": "cuda"},
        "device is 'cuda', but the accelerator has chosen cpu: drop device, or make it with "
        "accelerate.Accelerator(cpu=True) for the CPU.",
    ),
    "several batches a step": (
        lambda: {"accelerator": accelerate.Accelerator(cpu=True, gradient_accumulation_steps=4)},
        "accelerator has gradient_accumulation_steps 4, but fit takes a step for each batch: drop "
        "it, and use larger batches.",
    ),
}


@pytest.mark.parametrize("mode", REFUSED_ARGUMENTS)
def test_what_fits_no_accelerator_is_refused(mode):
    make, text = REFUSED_ARGUMENTS[mode]
    how = {"epochs": 1, "progress": False}
    with pytest.raises((TypeError, ValueError)) as caught:
        fit(child.make_model(), WINDOWS, **make(), **how)
    assert str(caught.value) == text
    GradientState._reset_state()  # all accelerators of a process share it
    fit(child.make_model(), WINDOWS, accelerator=accelerate.Accelerator(cpu=True), **how)


def test_what_was_prepared_is_refused(accelerator):
    loader = torch.utils.data.DataLoader(WINDOWS, 32)
    prepared = accelerator.prepare(loader)
    how = {"epochs": 1, "accelerator": accelerator, "progress": False}
    text = (
        "a DataLoaderShard was passed, but the work is shared without it: pass the model, the "
        "optimizer and the loader as you made them, without accelerator.prepare."
    )
    for call in (
        lambda loader: fit(child.make_model(), loader, **how),
        lambda loader: predict(child.make_model(), loader, accelerator=accelerator),
    ):
        with pytest.raises(ValueError) as caught:
            call(prepared)
        assert str(caught.value) == text
        call(loader)


LAUNCHERS = {
    "torchrun": ("torch.distributed.run", "--nproc-per-node", 2, "--master-port"),
    "accelerate": (
        *("accelerate.commands.launch", "--multi_gpu", "--num_processes", 2, "--num_machines", 1),
        *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port"),
    ),
}


TRAIN_MANY = sharing.ROOT / "docs" / "train_many.py"


def check_output(text, size):
    trained, error = text.splitlines()  # each line once
    assert trained.startswith(f"{size} processes: History: 4 epochs, 348 optimizer steps")
    # as many departures as in the hour before is off by 11.1
    assert 5 < float(re.fullmatch(r"off by (.*) departures an hour", error)[1]) < 9


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [None, *LAUNCHERS])
def test_the_script_of_the_page_runs_as_one_process_and_as_two(launcher, tmp_path):
    how = [] if launcher is None else ["-m", *LAUNCHERS[launcher], free_port()]
    (done,) = launched((tmp_path, *how, TRAIN_MANY), ACCELERATE_USE_CPU="1")
    assert done.returncode == 0, done.stderr
    check_output(done.stdout, 1 if launcher is None else 2)
    assert [path.name for path in tmp_path.iterdir()] == ["departures.pt"]
    assert len(TRAIN_MANY.read_text(encoding="utf-8").splitlines()) <= 25


@pytest.mark.slow
def test_the_script_runs_on_two_machines_that_share_no_disk(tmp_path):
    """Two launchers with a folder each; the second time there is nothing left to train."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    for left in (True, False):
        port, how = free_port(), ("torch.distributed.run", "--nnodes", 2, "--nproc-per-node", 1)
        where = "--master-addr", "localhost", "--master-port", port, "--node-rank"
        commands = [(folder, "-m", *how, *where, n, TRAIN_MANY) for n, folder in enumerate(folders)]
        runs = launched(*commands, ACCELERATE_USE_CPU="1")
        for run in runs:
            assert run.returncode == 0, run.stderr
            check_output(run.stdout, 2)
        trained_nothing = "departures.pt' has its 4 epochs, so nothing was trained"
        assert [trained_nothing in run.stderr for run in runs] == [not left, False]
        assert list(tmp_path.rglob("departures.pt*")) == [folders[0] / "departures.pt"]
