"""The file of a forecaster is whole at each moment, and no other file is taken for one."""

import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import torch
from places import Code, as_usual_user, room_for
from saving_child import WINDOWS, make_model, save

from lstm_helpers import ManyToOneLSTM, load_flights, load_forecaster, save_forecaster

FLIGHTS = load_flights()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The bytes of two good files."""
    path = tmp_path_factory.mktemp("files") / "flights.pt"
    found = []
    for seed in range(2):
        save(path, seed)
        found.append(path.read_bytes())
    return found


@pytest.fixture(scope="module")
def forecasts(files, tmp_path_factory):
    """What each of them forecasts."""
    path = tmp_path_factory.mktemp("forecasts") / "flights.pt"
    found = []
    for content in files:
        path.write_bytes(content)
        found.append(load_forecaster(path).forecast(FLIGHTS))
    assert not found[0].equals(found[1])
    return found


def assert_refused(path, why):
    """To be loaded and to be written over; nothing is touched, and the advice works."""
    content, entries = path.read_bytes(), sorted(path.parent.iterdir())
    for call in (lambda: load_forecaster(path), lambda: save(path, 1)):
        with pytest.raises(ValueError) as caught:
            call()
        assert str(caught.value) == (
            f"file {str(path)!r} {why}, and is left as it is: name another file, or remove this "
            "one and save a forecaster anew."
        )
        assert path.read_bytes() == content
        assert sorted(path.parent.iterdir()) == entries
    path.unlink()
    save(path, 1)
    assert len(load_forecaster(path).forecast(FLIGHTS)) == 3


NONE = "holds no forecaster, or was cut short"
OTHER_VERSION = "holds no forecaster of this version"


@pytest.mark.parametrize("part", [n / 20 for n in range(20)])
def test_a_file_that_was_cut_short(part, files, tmp_path):
    path = tmp_path / "flights.pt"
    path.write_bytes(files[0][: int(part * len(files[0]))])
    assert_refused(path, NONE)


def test_all_but_the_last_byte(files, tmp_path):
    path = tmp_path / "flights.pt"
    path.write_bytes(files[0][:-1])
    assert_refused(path, NONE)


def test_a_changed_number_is_noticed(files, tmp_path):
    """torch itself loads the file without a word."""
    path = tmp_path / "flights.pt"
    path.write_bytes(files[0])
    weight = torch.load(path, weights_only=True)["forecaster"]["weights"]["linear.weight"]
    changed = bytearray(files[0])
    changed[files[0].index(weight.numpy().tobytes())] ^= 1
    path.write_bytes(changed)
    other = torch.load(path, weights_only=True)["forecaster"]["weights"]["linear.weight"]
    assert not torch.equal(other, weight)
    assert_refused(path, "is damaged")


def test_any_flipped_bit_is_refused_or_changes_nothing(files, forecasts, tmp_path):
    path, draw, outcomes = tmp_path / "flights.pt", random.Random(0), Counter()
    for _ in range(60):
        changed = bytearray(files[0])
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        try:
            forecaster = load_forecaster(path)
        except ValueError as error:
            assert "and is left as it is" in str(error)  # noqa: PT017 (it may be read instead)
            outcomes["refused"] += 1
        else:  # padding, or a date
            pd.testing.assert_frame_equal(
                forecaster.forecast(FLIGHTS), forecasts[0], check_exact=True
            )
            outcomes["read"] += 1
        assert path.read_bytes() == changed
    assert outcomes["refused"] > 30


def text(path):
    FLIGHTS.to_csv(path)


def state_dict(path):
    torch.save(make_model(0).state_dict(), path)


def whole_model(path):
    torch.save(make_model(0), path)


def another_version(path):
    torch.save({"kind": "a forecaster of lstm_helpers, 0", "forecaster": {}}, path)


def a_run_of_fit(path):
    torch.save({"kind": "a run of lstm_helpers.fit, 2", "run": {}}, path)


def nothing_behind_the_kind(path):
    torch.save({"kind": "a forecaster of lstm_helpers, 1"}, path)


def pickle_with_code(path):
    path.write_bytes(pickle.dumps({"kind": Code(path.with_name("ran"))}))


def torch_with_code(path):
    torch.save({"kind": Code(path.with_name("ran"))}, path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Path.touch, NONE),
        (text, NONE),
        (state_dict, OTHER_VERSION),
        (whole_model, NONE),
        (another_version, OTHER_VERSION),
        (a_run_of_fit, OTHER_VERSION),
        (nothing_behind_the_kind, "is damaged"),
        (pickle_with_code, NONE),
        (torch_with_code, NONE),
    ],
)
def test_another_file_is_left_alone_and_no_code_of_it_runs(make, why, tmp_path):
    make(tmp_path / "flights.pt")
    assert_refused(tmp_path / "flights.pt", why)  # nothing else lies there: no code has run


def assert_not_written(path, why):
    with pytest.raises(OSError, match=why) as caught:
        save(path, 1)
    assert caught.value.strerror == (
        f"file {str(path)!r} can't be written ({why}), and what it held before is left: make room, "
        "or name a file in another folder"
    )


@pytest.mark.parametrize("size", [1, 5_000, 200_000])
def test_a_full_disk(size, files, forecasts, tmp_path):
    path = tmp_path / "flights.pt"
    path.write_bytes(files[0])
    with room_for(size):
        assert_not_written(path, "File too large")
    assert path.read_bytes() == files[0]
    assert list(tmp_path.iterdir()) == [path]
    save(path, 1)
    pd.testing.assert_frame_equal(
        load_forecaster(path).forecast(FLIGHTS), forecasts[1], check_exact=True
    )


def test_a_disk_that_was_full_from_the_start(tmp_path):
    with room_for(9_000):
        assert_not_written(tmp_path / "flights.pt", "File too large")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_may_not_be_written_to(files):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.pt"
        path.write_bytes(files[0])
        Path(folder).chmod(0o555)
        with as_usual_user():
            assert_not_written(path, "Permission denied")
            assert len(load_forecaster(path).forecast(FLIGHTS)) == 3
        assert path.read_bytes() == files[0]
        assert os.listdir(folder) == ["flights.pt"]
        Path(folder).chmod(0o755)


def test_a_file_that_may_not_be_read(files):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.pt"
        path.write_bytes(files[0])
        Path(folder).chmod(0o777)
        path.chmod(0)
        with as_usual_user(), pytest.raises(ValueError) as caught:
            load_forecaster(path)
        assert str(caught.value) == (
            f"file {str(path)!r} can't be read (Permission denied), and is left as it is: name "
            "another file, or remove this one and save a forecaster anew."
        )


def test_extra_state_that_would_run_code_is_not_written(tmp_path):
    class Stateful(ManyToOneLSTM):
        def get_extra_state(self):
            return Code(tmp_path / "ran")

    with pytest.raises(TypeError) as caught:
        save_forecaster(tmp_path / "flights.pt", Stateful(1, 5, horizon=3), WINDOWS)
    assert str(caught.value) == (
        "the model's extra state holds what can't be loaded again without running code, so it "
        "can't be kept in a file: keep tensors, numbers and text there."
    )
    assert not list(tmp_path.iterdir())


class Saver:
    """One warm process, which forks one that saves two forecasters in turn until it is killed."""

    def __init__(self):
        self._server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("saving_child.py")],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True},
        )

    def start(self, path):
        self._server.stdin.write(f"{path}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def kill(self, child):
        os.kill(child, signal.SIGKILL)
        assert self._server.stdout.readline() == "ended\n"

    def close(self):
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


@pytest.fixture(scope="module")
def saver():
    one = Saver()
    yield one
    one.close()


def kill_again_and_again(saver, path, files, times):
    """After each kill the file is one of the two, to the last byte, or not there yet."""
    seed = int(os.environ.get("KILLS_SEED", random.SystemRandom().randrange(10**9)))
    print(f"KILLS_SEED={seed}")
    draw, moments, part = random.Random(seed), Counter(), path.with_name("flights.pt.part")
    for _ in range(times):
        part.unlink(missing_ok=True)
        child = saver.start(path)
        time.sleep(draw.uniform(0, 0.1))
        patience = time.monotonic() + 0.5 * (draw.random() < 0.7)
        while not part.exists() and time.monotonic() < patience:
            pass
        saver.kill(child)
        moments["while writing" if part.exists() else "else"] += 1
        assert not path.exists() or path.read_bytes() in files
    print(dict(moments))
    return moments


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_kills_leave_the_old_file_or_the_new_one(saver, files, forecasts, tmp_path):
    path = tmp_path / "flights.pt"
    moments = kill_again_and_again(saver, path, files, 25)
    assert moments["while writing"]
    save(path, 1)  # also over what a kill has left beside it
    assert list(tmp_path.iterdir()) == [path]
    pd.testing.assert_frame_equal(
        load_forecaster(path).forecast(FLIGHTS), forecasts[1], check_exact=True
    )


@pytest.mark.stress
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_many_kills_leave_the_old_file_or_the_new_one(saver, files, tmp_path):
    assert kill_again_and_again(saver, tmp_path / "flights.pt", files, 300)["while writing"] > 30
