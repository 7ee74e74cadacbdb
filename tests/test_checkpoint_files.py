"""What is no checkpoint is refused and left alone; one that can't be written says why."""

import os
import pickle
import random
import tempfile
from pathlib import Path

import pytest
import torch
from places import Code, as_usual_user, room_for
from torch import nn
from training import make_model, quietly, sine_windows, weights

WINDOWS = sine_windows()
BATCHES = [(WINDOWS.x[:50], WINDOWS.y[:50]), (WINDOWS.x[50:], WINDOWS.y[50:])]


def run(path, epochs=3, **how):
    model = make_model()
    return (
        weights(model),
        model,
        lambda: quietly(model, BATCHES, epochs=epochs, lr=0.01, checkpoint=path, **how),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a good file."""
    path = tmp_path_factory.mktemp("whole") / "run.pt"
    run(path)[2]()
    return path.read_bytes()


def assert_refused(path, why):
    """With the exact text; nothing is touched, and the advice works."""
    content, entries = path.read_bytes(), sorted(path.parent.iterdir())
    before, model, go_on = run(path, 4)
    with pytest.raises(ValueError) as caught:
        go_on()
    assert str(caught.value) == (
        f"checkpoint {str(path)!r} {why}, and is left as it is: name another file, or remove this "
        "one to begin anew."
    )
    assert path.read_bytes() == content
    assert sorted(path.parent.iterdir()) == entries
    assert torch.equal(weights(model), before)
    assert caught.value.history.records == []


NO_RUN = "holds no run of fit, or was cut short"


@pytest.mark.parametrize("part", [n / 20 for n in range(20)])
def test_a_file_that_was_cut_short(part, whole, tmp_path):
    path = tmp_path / "run.pt"
    path.write_bytes(whole[: int(part * len(whole))])
    assert_refused(path, NO_RUN)
    path.unlink()
    assert len(run(path)[2]().records) == 3


def test_all_but_the_last_byte(whole, tmp_path):
    path = tmp_path / "run.pt"
    path.write_bytes(whole[:-1])
    assert_refused(path, NO_RUN)


def test_a_changed_number_is_noticed(whole, tmp_path):
    """torch itself loads the file without a word."""
    path = tmp_path / "run.pt"
    path.write_bytes(whole)
    number = torch.load(path)["run"]["best"]["lstm.weight_ih_l0"]
    at = whole.index(number.detach().numpy().tobytes())
    changed = bytearray(whole)
    changed[at] ^= 1
    path.write_bytes(changed)
    assert not torch.equal(torch.load(path)["run"]["best"]["lstm.weight_ih_l0"], number)
    assert_refused(path, "is damaged")


def test_any_flipped_bit_is_refused_or_changes_nothing(whole, tmp_path):
    path, draw = tmp_path / "run.pt", random.Random(0)
    expected, model, go_on = run(None, 4)
    go_on()
    outcomes = {"went on": 0, "refused": 0}
    for _ in range(40):
        changed, at = bytearray(whole), draw.randrange(len(whole))
        changed[at] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        _, again, go_on = run(path, 4)
        try:
            go_on()
        except ValueError as error:
            assert "and is left as it is" in str(error)  # noqa: PT017 (it may go on instead)
            assert path.read_bytes() == changed
            outcomes["refused"] += 1
        else:  # padding, or a date
            assert torch.equal(weights(again), weights(model))
            outcomes["went on"] += 1
    assert outcomes["refused"] > 20


def text(path):
    path.write_text("epoch,train_loss\n1,0.25\n")


def state_dict(path):
    torch.save(make_model().state_dict(), path)


def tensor(path):
    torch.save(torch.arange(3.0), path)


def another_version(path):
    torch.save({"kind": "a run of lstm_helpers.fit, 0", "run": {}}, path)


def pickle_with_code(path):
    path.write_bytes(pickle.dumps({"kind": Code(path.with_name("ran"))}))


def torch_with_code(path):
    torch.save({"kind": Code(path.with_name("ran"))}, path)


OTHER_VERSION = "holds no run of fit of this version"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Path.touch, NO_RUN),
        (text, NO_RUN),
        (state_dict, OTHER_VERSION),
        (tensor, OTHER_VERSION),
        (another_version, OTHER_VERSION),
        (pickle_with_code, NO_RUN),
        (torch_with_code, NO_RUN),
    ],
)
def test_another_file_is_left_alone_and_no_code_of_it_runs(make, why, tmp_path):
    make(tmp_path / "run.pt")
    assert_refused(tmp_path / "run.pt", why)  # nothing else lies there: no code has run


def test_the_code_would_run_elsewhere(tmp_path):
    pickle.loads(pickle.dumps(Code(tmp_path / "ran")))
    assert (tmp_path / "ran").is_dir()


def assert_goes_on(path, epochs):
    """To the same end as one that never stopped."""
    _, model, go_on = run(path, epochs)
    _, expected, never_stopped = run(None, epochs)
    assert go_on() == never_stopped()
    assert torch.equal(weights(model), weights(expected))


def assert_not_written(path, go_on, why, model, records):
    """An OSError that says why, with the weights of the epoch that could not be written."""
    with pytest.raises(OSError, match=why) as caught:
        go_on()
    assert caught.value.strerror == (
        f"checkpoint {str(path)!r} can't be written ({why}), and what it held before is left: "
        "make room, or name a file in another folder"
    )
    history = caught.value.history
    assert len(history.records) == history.best_epoch == records
    assert not history.interrupted
    _, expected, never_stopped = run(None, records)
    if records:
        assert never_stopped().records == history.records
    assert torch.equal(weights(model), weights(expected))


@pytest.mark.parametrize("size", [1, 5_000, 20_000])
def test_a_full_disk(size, whole, tmp_path):
    path = tmp_path / "run.pt"
    path.write_bytes(whole)
    _, model, go_on = run(path, 6)
    with room_for(size):
        assert_not_written(path, go_on, "File too large", model, records=4)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]
    assert_goes_on(path, 6)


def test_a_disk_that_was_full_from_the_start(tmp_path):
    path = tmp_path / "run.pt"
    _, model, go_on = run(path, 6)
    with room_for(9_000):
        assert_not_written(path, go_on, "File too large", model, records=1)
    assert not list(tmp_path.iterdir())
    assert_goes_on(path, 6)


def test_a_folder_that_vanishes_meanwhile(tmp_path):
    folder, away = tmp_path / "runs", tmp_path / "away"
    folder.mkdir()
    calls = 0

    def loss_fn(yhat, y):
        nonlocal calls
        calls += 1
        if calls == 5:  # in epoch 3 of two batches each
            folder.rename(away)
        return nn.functional.mse_loss(yhat, y)

    path = folder / "run.pt"
    _, model, go_on = run(path, 6, loss_fn=loss_fn)
    assert_not_written(path, go_on, "No such file or directory", model, records=3)
    assert [one.name for one in away.iterdir()] == ["run.pt"]
    away.rename(folder)
    expected = make_model()
    quietly(expected, BATCHES, epochs=6, lr=0.01)
    model = make_model()
    assert len(quietly(model, BATCHES, epochs=6, lr=0.01, loss_fn=loss_fn, checkpoint=path).records)
    assert torch.equal(weights(model), weights(expected))


def test_a_folder_that_may_not_be_written_to(whole):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        path.write_bytes(whole)
        Path(folder).chmod(0o555)
        before, model, go_on = run(path, 6)
        with as_usual_user():
            assert_not_written(path, go_on, "Permission denied", model, records=0)
        assert path.read_bytes() == whole
        assert os.listdir(folder) == ["run.pt"]
        Path(folder).chmod(0o755)
        assert_goes_on(path, 6)


def test_a_file_that_may_not_be_read(whole):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        path.write_bytes(whole)
        Path(folder).chmod(0o777)
        path.chmod(0)
        before, model, go_on = run(path, 6)
        with as_usual_user(), pytest.raises(ValueError) as caught:
            go_on()
        assert str(caught.value) == (
            f"checkpoint {str(path)!r} can't be read (Permission denied), and is left as it is: "
            "name another file, or remove this one to begin anew."
        )
        assert os.listdir(folder) == ["run.pt"]
        assert torch.equal(weights(model), before)
        path.chmod(0o644)
        assert_goes_on(path, 6)
