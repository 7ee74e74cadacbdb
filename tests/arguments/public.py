"""Every public name that can be called, and right values for each of its arguments."""

import warnings
from collections.abc import Callable
from contextlib import chdir
from copy import deepcopy
from dataclasses import dataclass, field
from functools import wraps
from inspect import isclass, isfunction, signature
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import torch
from sklearn.preprocessing import MinMaxScaler
from torch import nn

import lstm_helpers
from arguments.results import (
    are_forecasts,
    are_parts,
    are_windows,
    batches_of,
    dates_of,
    frame_of,
    of,
    place_in,
    shaped,
)
from lstm_helpers import (
    Dependencies,
    EncoderDecoderLSTM,
    Forecaster,
    History,
    LSTMFromScratch,
    ManyToManyLSTM,
    ManyToOneLSTM,
    Report,
    ShapeTrace,
    Windows,
    check_model,
    check_preparation,
    dependencies,
    exercises,
    plots,
    trace_shapes,
)

# These are made by the package alone: what may be handed to them is what their methods take.
RESULTS = (Dependencies, Forecaster, History, Report, ShapeTrace, exercises.Verdict)

INSIDE = {"seq": 12, "feature": 2}
TABLE = pd.DataFrame(
    np.random.default_rng(0).normal(size=(40, 2)),
    pd.date_range("2024-02-27", periods=40, freq="h"),
    ["load", "hour"],
)
WINDOWS = Windows(TABLE, 12, 3)
KNOWN = Windows(TABLE, 12, 3, known="hour")
SEVERAL = Windows([TABLE, TABLE[:20]], 12)
SHIFTED = Windows(TABLE, 12, shifted=True)
ONE, MANY, BARE = ManyToOneLSTM(2, 3), ManyToManyLSTM(2, 4), nn.LSTM(2, 3, batch_first=True)
X = torch.rand(5, 12, 2)
SCALER = MinMaxScaler().fit(TABLE)
SCRATCH = LSTMFromScratch(2, 3, 2, batch_first=True, bidirectional=True)
WRITER = EncoderDecoderLSTM(2, 5, horizon=3, target=[0], known_size=1)
MODELS = (ONE, MANY, BARE, SCRATCH, WRITER)


@dataclass
class Public:
    """A public function or method.

    Attributes:
        call: what is called; a method belongs to an object here.
        right: argument -> values that it takes; `*inputs` are lists.
        needed: arguments without a default.
        also: what it may raise beside ValueError and TypeError.
        draws: its result is made of random numbers.
    """

    call: Callable
    right: dict[str, list]
    also: tuple = ()
    draws: bool = False
    check: Callable = field(default=lambda result: None)

    @property
    def needed(self) -> list[str]:
        own = signature(self.call).parameters.values()
        return [p.name for p in own if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]

    def __call__(self, given: dict):
        """Call it with these arguments, those of `*inputs` one by one."""
        given = dict(given)
        names = list(signature(self.call).parameters)
        if "inputs" not in names:
            return self.call(**given)
        inputs = given.pop("inputs", ())
        inputs = inputs if isinstance(inputs, list) else [inputs]
        return self.call(given.pop("model"), *inputs, **given)


SIZES = [1, 2, 5, np.int64(3), np.uint8(4), torch.tensor(2)]
SWITCH = [True, False, np.True_]
LAYERS = {
    "input_size": SIZES,
    "hidden_size": SIZES,
    "output_size": SIZES,
    "num_layers": [2, 3, np.int32(2)],
    "dropout": [0, 0.0, 0.25, np.float32(0.5), 1],
}
ASKED = {"model": [ONE, MANY, BARE, lambda x: x * 2], "inputs": [[X], [torch.rand(3, 7, 2)]]}
AXES = ["batch seq feature", ["batch", "seq", "feature"], ("batch", "seq", "feature")]
TABLES = [TABLE, TABLE["load"], TABLE.to_numpy(), torch.as_tensor(TABLE.to_numpy()), [TABLE, TABLE]]
AX = [None]
TRACE, CHART = trace_shapes(ONE, X), dependencies(MANY, torch.rand(2, 5, 2))
REPORT = check_model(ONE, torch.rand(3, 7, 2))
HISTORY = History([{"epoch": 1, "steps": 4, "train_loss": 0.5}], 1)


@wraps(lstm_helpers.fit)
def _fit_a_copy(**given):
    """`fit`, but no model is changed, no file stays, and nobody waits for very many epochs."""
    if isinstance(given.get("model"), nn.Module):
        given["model"] = deepcopy(given["model"])
    if isinstance(given.get("epochs"), int) and given["epochs"] > 60:
        given["epochs"] = 1
    with TemporaryDirectory() as folder, chdir(folder):
        return lstm_helpers.fit(**given)


@wraps(lstm_helpers.roll_out)
def _roll_out(**given):
    """`roll_out`, but nobody waits for very many steps."""
    if isinstance(given.get("steps"), int) and 60 < given["steps"] < 2**60:
        given["steps"] = 60
    return lstm_helpers.roll_out(**given)


def _forecast(history, horizon, future):
    """As many numbers as are asked for, of a table or of a list of them."""
    if isinstance(history, list):
        return [_forecast(one, horizon, future and future[0]) for one in history]
    columns = 1 if history.ndim == 1 else history.shape[1]
    return np.full((horizon, columns - (future is not None)), 0.5)


LOAD = Windows(TABLE, 12, target="load")


@wraps(lstm_helpers.save_forecaster)
def _save_elsewhere(**given):
    with TemporaryDirectory() as folder, chdir(folder):
        return lstm_helpers.save_forecaster(**given)


@wraps(lstm_helpers.load_forecaster)
def _load_elsewhere(**given):
    with TemporaryDirectory() as folder, chdir(folder):
        Path("f.pt").write_bytes(FILE)
        return lstm_helpers.load_forecaster(**given)


with TemporaryDirectory() as folder:
    path = Path(folder) / "f.pt"
    lstm_helpers.save_forecaster(path, ONE, LOAD, scaler=SCALER)
    FILE = path.read_bytes()
    lstm_helpers.save_forecaster(path, ONE, Windows(TABLE, 12, known="hour"))
    FORECASTER = lstm_helpers.load_forecaster(path)


PUBLIC = {
    "EncoderDecoderLSTM": Public(
        EncoderDecoderLSTM,
        {
            **LAYERS,
            "horizon": SIZES,
            "target": [None, 0, [0], KNOWN.target, torch.tensor([1])],
            "known_size": [0, 1, np.int8(3)],
        },
        draws=True,
        check=of(EncoderDecoderLSTM),
    ),
    "EncoderDecoderLSTM.forward": Public(
        WRITER.forward,
        {
            "x": [X, X[:, :1]],
            "future": [torch.rand(5, 3, 1)],
            "y": [None, torch.rand(5, 3, 1)],
        },
        check=shaped(5, 3, 1),
    ),
    "ManyToOneLSTM": Public(
        ManyToOneLSTM, {**LAYERS, "horizon": SIZES}, draws=True, check=of(ManyToOneLSTM)
    ),
    "ManyToOneLSTM.forward": Public(ONE.forward, {"x": [X, X[:, :1]]}, check=shaped(None, 1, 1)),
    "ManyToManyLSTM": Public(ManyToManyLSTM, LAYERS, draws=True, check=of(ManyToManyLSTM)),
    "ManyToManyLSTM.forward": Public(
        MANY.forward, {"x": [X, X[:, :1]]}, check=shaped(None, None, 1)
    ),
    "ManyToManyLSTM.step": Public(
        MANY.step, {"x": [X, X[:, :1]], "state": [None, MANY.step(X)[1]]}, check=of(tuple)
    ),
    "LSTMFromScratch": Public(
        LSTMFromScratch,
        {
            "input_size": SIZES,
            "hidden_size": [4, 7, np.int64(5), torch.tensor(6)],
            "num_layers": SIZES,
            "batch_first": SWITCH,
            "bidirectional": SWITCH,
            "proj_size": [0, 2, np.int8(3)],
        },
        draws=True,
        check=of(LSTMFromScratch),
    ),
    "LSTMFromScratch.forward": Public(
        SCRATCH.forward,
        {"x": [X, X[:, :1], X[0]], "state": [None, SCRATCH(X)[1], SCRATCH(X[0])[1]]},
        check=of(tuple),
    ),
    "Windows": Public(
        Windows,
        {
            "series": TABLES,
            "seq_len": SIZES,
            "horizon": SIZES,
            "shifted": SWITCH,
            "target": [None, 0, [0], np.array([0]), torch.tensor([0])],
            "known": [None, [1], np.int64(1)],
            "gap": [0, 1, np.int8(2)],
            "stride": SIZES,
            "freq": [None, "h", pd.Timedelta("1h"), 1],
            "dtype": [torch.float32, torch.float64],
        },
        check=are_windows,
    ),
    "Windows.__getitem__": Public(
        WINDOWS.__getitem__,
        {"index": [0, -1, slice(1, 5), [1, 2], np.array([3, 0]), torch.tensor(2), np.uint8(3)]},
        also=(IndexError,),
        check=of(tuple),
    ),
    "Windows.dates": Public(
        WINDOWS.dates, {"i": [0, -1, np.int16(3)]}, also=(IndexError,), check=dates_of(WINDOWS)
    ),
    "Windows.place": Public(
        SEVERAL.place, {"i": [0, -1, np.int16(3)]}, also=(IndexError,), check=place_in(SEVERAL)
    ),
    "Windows.loader": Public(
        WINDOWS.loader,
        {
            "batch_size": SIZES,
            "shuffle": SWITCH,
            "seed": [0, 1, np.int64(7), 2**64 - 1],
            "drop_last": SWITCH,
        },
        check=batches_of(WINDOWS),
    ),
    "Windows.newest": Public(
        KNOWN.newest,
        {"future": [pd.DataFrame({"hour": [3.0]}, [TABLE.index[-1] + pd.Timedelta("1h")])]},
        check=shaped(1, 12, 2),
    ),
    "Windows.newest of several": Public(SEVERAL.newest, {"future": [None]}, check=shaped(2, 12, 2)),
    "Windows.to_frame": Public(
        WINDOWS.to_frame,
        {"yhat": [WINDOWS.y, WINDOWS.y.numpy(), torch.rand(1, 3, 2)], "newest": SWITCH},
        check=frame_of(WINDOWS),
    ),
    "backtest": Public(
        lstm_helpers.backtest,
        {
            "table": TABLES,
            "forecast": [_forecast],
            "origins": [20, -8, [4, np.int8(9)], torch.tensor([5, 7]), range(3, 9, 2)],
            "horizon": [1, 3, np.int8(2)],
            "known": [(), None, [1], np.int64(1)],
        },
        check=are_forecasts,
    ),
    "split_by_time": Public(
        lstm_helpers.split_by_time,
        {
            "table": TABLES,
            "val": [0, 4, 0.25, np.float32(0.25), torch.tensor(0.25)],
            "test": [0, 4, 0.25, np.int16(4)],
            "context": [0, 3, np.int64(2)],
        },
        check=are_parts,
    ),
    "inverse_target": Public(
        lstm_helpers.inverse_target,
        {
            "scaler": [SCALER],
            "values": [torch.rand(5, 3, 1), np.ones((4, 1)), [[0.5]], [torch.rand(5, 1)]],
            "columns": ["load", ["load"], Windows(TABLE, 3, target="hour").target],
        },
        check=of(np.ndarray, list),
    ),
    "save_forecaster": Public(
        _save_elsewhere,
        {
            "path": ["f.pt", Path("f.pt")],
            "model": [ONE, ManyToOneLSTM(2, 5)],
            "windows": [LOAD, Windows(TABLE, 9, target="load", known="hour")],
            "scaler": [None, SCALER],
        },
        also=(OSError,),
    ),
    "load_forecaster": Public(
        _load_elsewhere,
        {"path": ["f.pt", Path("f.pt")], "model": [None, ONE]},
        check=of(Forecaster),
    ),
    "Forecaster.forecast": Public(
        FORECASTER.forecast,
        {
            "table": [TABLE, TABLE[:12], TABLE[["hour", "load"]]],
            "future": [[[3.0]], np.array([[3.0]]), torch.tensor([[3.0]])],
        },
        check=of(pd.DataFrame),
    ),
    "label": Public(
        lstm_helpers.label,
        {"x": [X, TABLE], "axes": ["batch seq feature", "a b"]},
        check=of(str),
    ),
    "check_same_shape": Public(
        lstm_helpers.check_same_shape, {"yhat": [X, TABLE], "y": [X, torch.rand(5), TABLE]}
    ),
    "expect_error": Public(
        lambda kind, match=None: _expect(kind, match),
        {"kind": [ValueError, KeyError, Exception, UserWarning], "match": [None, "wrong size"]},
    ),
    "explore_shapes": Public(lstm_helpers.explore_shapes, {"height": [200, np.int16(900), 5000]}),
    "last_value": Public(
        lstm_helpers.last_value,
        {"x": [X, X.numpy(), [1.0, 2, 3], WINDOWS, TABLE], "horizon": [None, 3, np.int8(3)]},
        check=of(np.ndarray, torch.Tensor),
    ),
    "seasonal_naive": Public(
        lstm_helpers.seasonal_naive,
        {
            "x": [X, X.numpy(), [1.0, 2, 3], WINDOWS, SHIFTED],
            "season": [1, 2, np.int8(3)],
            "horizon": [None, 3, np.int8(3)],
        },
        check=of(np.ndarray, torch.Tensor),
    ),
    "mase": Public(
        lstm_helpers.mase,
        {
            "y": [[1.0, 2.0], np.array([3, 4])],
            "yhat": [[1.5, 2.0], torch.rand(2), pd.Series([3, 4])],
            "history": [[1.0, 2, 4, 7], TABLE["load"]],
            "season": [1, 2, np.int8(2)],
        },
        check=of(float),
    ),
    "fit": Public(
        _fit_a_copy,
        {
            "model": [ONE, BARE, nn.Sequential(nn.Flatten(), nn.LazyLinear(2))],
            "train": [[(X, torch.rand(5, 1, 1))], Windows(TABLE, 12, target="load"), [X, X]],
            "val": [None, [(X, torch.rand(5, 1, 1))], Windows(TABLE, 9, target="load").loader(7)],
            "epochs": [1, 2, np.uint8(1)],
            "lr": [None, 0.01, np.float32(0.1), 1],
            "loss_fn": [None, nn.L1Loss(), lambda yhat, y: (yhat - y).square().mean()],
            "optimizer": [None],
            "clip_norm": [None, 1, 0.5],
            "patience": [None, 1, np.int8(2)],
            "checkpoint": [None, "run.pt"],
            "seed": [0, np.int64(3), 2**64 - 1],
            "device": ["cpu", "auto", torch.device("cpu")],
            "progress": [False, np.False_],
            "forward": [None, lambda model, x, y: (model(x), y)],
            "accelerator": [None],  # another one is in tests/test_accelerate.py
        },
        also=(OSError,),
        check=of(History),
    ),
    "predict": Public(
        lstm_helpers.predict,
        {
            "model": [ONE, MANY],
            "data": [X, WINDOWS, WINDOWS.loader(7), [(X,)]],
            "forward": [None, lambda model, *batch: model(batch[0])],
            "accelerator": [None],
        },
        check=of(torch.Tensor),
    ),
    "roll_out": Public(
        _roll_out,
        {
            "model": [ManyToManyLSTM(2, 3, 2), WRITER, ManyToOneLSTM(2, 3, horizon=5)],
            "x": [X, WINDOWS, KNOWN, X[:, :1]],
            "steps": [1, 2, np.int8(4)],
            "target": [None, 0, KNOWN.target],
            "known": [None, [1], KNOWN.known],
            "future": [None, torch.rand(5, 3, 1), np.ones((5, 4, 1))],
        },
        check=of(torch.Tensor),
    ),
    "trace_shapes": Public(
        trace_shapes,
        {
            **ASKED,
            "axes": [None, AXES[0], [AXES[0]]],
            "output": [None],
            "kwargs": [None, {}],
        },
        check=lambda trace: str(trace),
    ),
    "ShapeTrace.text": Public(TRACE.text, {"patterns": SWITCH}, check=of(str)),
    "ShapeTrace.plot": Public(TRACE.plot, {"ax": AX}),
    "dependencies": Public(
        dependencies, {**ASKED, "axes": AXES, "kwargs": [None, {}]}, check=of(Dependencies)
    ),
    "Dependencies.between": Public(
        CHART.between,
        {"output_axis": ["seq", "hidden", "target"], "input_axis": ["batch", "seq", "feature"]},
        check=of(np.ndarray),
    ),
    "Dependencies.plot": Public(
        CHART.plot,
        {
            "ax": AX,
            "names": [None, list("abcde"), "abcde"],
            "ahead": [None, 1, np.int8(3)],
        },
    ),
    "check_model": Public(
        check_model,
        {
            **ASKED,
            "y": [None, torch.rand(5, 1, 1)],
            "axes": AXES,
            "causal": [None, *SWITCH],
            "lengths": [None, [12, 3, 5, 2, 7], torch.tensor([12, 3, 5, 2, 7])],
            "kwargs": [None, {}],
            "ignore": ["views", ["padding", "samples"], ()],
        },
        check=of(Report),
    ),
    "check_preparation": Public(
        check_preparation,
        {
            "prepare": [lambda table: table, lambda table: Windows(table, 3), lambda table: 3],
            "table": [*TABLES[:-1], TABLE.reset_index()],
            "known": [(), None, [1], np.int64(1)],
            "target": [(), None, []],
            "train": [None, 20, 0.5, np.float32(0.25), torch.tensor(20)],
            "cuts": [0, 1, np.int8(2)],
        },
        check=of(Report),
    ),
    "Report.raise_if_wrong": Public(REPORT.raise_if_wrong, {"questions": SWITCH}),
    "History.plot": Public(HISTORY.plot, {"ax": AX}),
    "exercises.check": Public(
        exercises.check, {"exercise": list(exercises._CHECKS), "answer": [..., (40, 24, 1), 95]}
    ),
    "exercises.verdict": Public(
        exercises.verdict,
        {"exercise": list(exercises._CHECKS), "answer": [..., (40, 24, 1), lambda *given: X]},
        check=of(exercises.Verdict),
    ),
    "plots.plot_series": Public(
        plots.plot_series,
        {"table": [TABLE, TABLE["load"]], "held_out": [0, 5], "unit": ["", "MW"], "ax": AX},
    ),
    "plots.plot_windows": Public(
        plots.plot_windows,
        {"table": [TABLE], "windows": [WINDOWS], "numbers": [(0, 1), [3], np.arange(2)], "ax": AX},
        also=(IndexError,),
    ),
    "plots.plot_history": Public(plots.plot_history, {"history": [HISTORY], "ax": AX}),
    "plots.plot_forecasts": Public(
        plots.plot_forecasts,
        {"y": [TABLE["load"]], "forecasts": [{}, {"a": TABLE["hour"]}, TABLE], "ax": AX},
    ),
    "plots.plot_errors": Public(
        plots.plot_errors,
        {"table": [TABLE.reset_index(drop=True)], "unit": ["", "MW"], "ax": AX},
    ),
    "plots.plot_steps": Public(
        plots.plot_steps,
        {
            "x": [X[0], X[0].numpy(), TABLE[:12]],
            "out": [torch.rand(12, 3), BARE(X)[0][0]],
            "dates": [TABLE.index[:12], list(range(12)), np.arange(12)],
            "ax": AX,
        },
    ),
    "plots.plot_strips": Public(
        plots.plot_strips,
        {
            "strips": [
                pd.DataFrame({"in order": ["train"] * 9 + ["test"] * 3}, TABLE.index[:12]),
                pd.DataFrame([["x", ""], ["y", None], ["other", "x"]], columns=["a", 2]),
            ],
            "ax": AX,
        },
    ),
    "plots.plot_cell": Public(
        plots.plot_cell,
        {
            "lstm": [BARE, nn.LSTM(2, 5, bias=False).double()],
            "x": [X[0], X[0].numpy(), TABLE[:12]],
            "step": [0, 11, np.int8(2)],
            "ax": AX,
        },
    ),
    "plots.plot_states": Public(
        plots.plot_states,
        {
            "layer": [BARE, nn.GRU(2, 5, 2), nn.RNN(2, 3, bidirectional=True)],
            "batch": SIZES,
            "seq_len": SIZES,
            "ax": AX,
        },
    ),
    "plots.plot_rows": Public(
        plots.plot_rows,
        {
            "steps": [TABLE],
            "samples": [TABLE, TABLE["load"]],
            "seq_len": [1, 4, np.int8(3)],
            "rows": [4, 6, np.int16(7)],
            "ax": AX,
        },
    ),
    "plots.plot_known": Public(
        plots.plot_known,
        {
            "table": [TABLE],
            "windows": [KNOWN],
            "i": [0, -1, np.int8(2)],
            "steps": [1, 3, np.int8(2)],
            "ax": AX,
        },
        also=(IndexError,),
    ),
    "plots.plot_table": Public(
        plots.plot_table, {"table": [TABLE], "windows": [WINDOWS], "ax": AX}
    ),
}


def _expect(kind, match):
    with lstm_helpers.expect_error(kind, match):
        if issubclass(kind, Warning):
            warnings.warn("of a wrong size", kind, stacklevel=2)
        else:
            raise kind("of a wrong size")


def public_arguments() -> set[tuple[str, str]]:
    """Each argument of each public function and method, as (name, argument)."""
    found = set()
    for home, before in ((lstm_helpers, ""), (plots, "plots."), (exercises, "exercises.")):
        for name in home.__all__:
            thing = getattr(home, name)
            if not (isclass(thing) and thing in RESULTS):
                found |= {(before + name, argument) for argument in signature(thing).parameters}
            if isclass(thing):
                found |= set(_of_methods(before + name, thing))
    return found


def _of_methods(name: str, kind: type):
    for method, function in vars(kind).items():
        if isfunction(function) and (method == "__getitem__" or not method.startswith("_")):
            for argument in list(signature(function).parameters)[1:]:
                yield f"{name}.{method}", argument
