"""`fit` and `predict` under an Accelerator: as one process, and as two that share each batch."""

from functools import cache

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

accelerate = pytest.importorskip("accelerate")

import sharing_child as child  # noqa: E402
from children import same  # noqa: E402
from sharing import Group, came_of  # noqa: E402

from lstm_helpers import Windows  # noqa: E402

WINDOWS = Windows(child.FLIGHTS, 12)
JOBS = [name for name in child.JOBS if "kill" not in name and name != "mixed"]
ALONE = ["twenty_steps", "starts_of_their_own", "stops_early", "goes_on", "predicts", "reads"]


@pytest.fixture
def accelerator():
    return accelerate.Accelerator(cpu=True)


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    """(job, number of processes) -> what came of it, for each process."""

    @cache
    def run(size):
        folder = tmp_path_factory.mktemp(f"processes{size}")
        group = Group(folder, *(JOBS if size > 1 else ALONE), size=size)
        codes = group.wait()
        assert codes == [0] * size, "\n\n".join(map(group.said, range(size)))
        return folder, group

    def of(job, size=2):
        return came_of(run(size)[0], job, size)

    of.said = lambda rank: run(2)[1].said(rank)
    return of


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
    one, two = came("starts_of_their_own")
    assert same(one, two)
    assert largest(one["weights"], came("starts_of_their_own", 1)[0]["weights"]) < 1e-6


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


@pytest.mark.slow
def test_another_number_of_processes_is_refused(came, tmp_path):
    came("goes_on")  # it leaves a file
    path = next(came.folder.glob("run2.pt")) if hasattr(came, "folder") else None
    assert path is None
