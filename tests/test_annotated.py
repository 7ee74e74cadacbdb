"""`trace.annotated()`: what it shows, beside whom it runs, and what it leaves as it was."""

import bdb
import os
import pdb
import pickle
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import models_to_annotate as styles
import nbformat
import pytest
import torch
from as_before import left_as_it_was
from nbclient import NotebookClient
from page import Page
from torch import nn

from lstm_helpers import ManyToManyLSTM, trace_shapes
from lstm_helpers._running.frames import Frames
from lstm_helpers._tracing.line_recorder import LineRecorder

X = torch.rand(5, 12, 2)
GOLDEN = Path(__file__).parent / "golden" / "annotated"
ALL = {
    kind.__name__: kind
    for kind in vars(styles).values()
    if isinstance(kind, type) and kind.__module__ == styles.__name__ and hasattr(kind, "forward")
} | {"closure": styles.closure, "only_lambda": lambda: styles.only_lambda}
for other in ("Base", "Keeps", "Reader", "Raises", "Stops"):
    del ALL[other]


RAISES = """\
Raises.forward
    def forward(self, x):  # x (batch=5, seq=12, feature=2)
        y = x.tanh()       # y (batch=5, seq=12, feature=2)
        y = self.reader(y)
        # RuntimeError in Reader.forward

Reader.forward
    def forward(self, x):      # x (batch=5, seq=12, feature=2)
        out, _ = self.lstm(x)  # out (batch=5, seq=12, hidden=3)
        for t in range(12):
            if t == 2:
                out = nn.functional.linear(
                    out, self.fc.weight[:, :2]
                )              # stops here: (batch=5, seq=12, hidden=3) and (?=4, ?=2)
                # RuntimeError: mat1 and mat2 shapes cannot be multiplied (60x3 and 2x4)
            out = out + 1      # out (batch=5, seq=12, hidden=3) × 2"""


def annotated(model, *inputs, axes="batch seq feature"):
    return trace_shapes(model, *(inputs or [X]), axes=axes).annotated()


def behind(text) -> dict[str, str]:
    """What stands behind each line of code."""
    pairs = re.findall(r"^ *(\S.*?) *# (.*)$", str(text), re.M)
    return {code: ours for code, ours in pairs if code != "#"}


@pytest.mark.parametrize("name", ALL)
def test_ways_to_write_a_line(name, request):
    """The files were read by a person; --rewrite-golden writes them anew."""
    file, text = GOLDEN / f"{name}.txt", f"{annotated(ALL[name]())}\n"
    if request.config.getoption("--rewrite-golden"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_way_to_write_has_a_file():
    assert {file.stem for file in GOLDEN.glob("*.txt")} == ALL.keys()


def test_our_own_models_are_shown_without_their_checks():
    text = str(annotated(ManyToManyLSTM(2, 3)))
    assert [line for line in text.splitlines() if line and not line.startswith(" ")] == [
        "ManyToManyLSTM.forward",
        "ManyToManyLSTM.step",
    ]
    assert "(batch, seq, feature), one step or several" not in text


def test_the_call_is_the_same_whatever_became_of_the_model():
    """Before the first call it has no state; the copy of its weights and of x is the old one."""
    model, x = styles.Keeps(), X.clone()
    trace = trace_shapes(model, x)
    model(x), model(x)
    x.zero_()
    state = model.state
    with left_as_it_was(model, [x]):
        lines = behind(trace.annotated())
    assert model.state is state
    assert "h = None if self.state is None else self.state[0]" not in lines
    assert lines["out, self.state = self.lstm(x, self.state)"].startswith("out (batch=5, seq=12,")
    assert str(trace.annotated()) == str(trace_shapes(styles.Keeps(), X).annotated())


def test_no_copy_of_large_weights_is_kept():
    model = nn.Sequential(nn.Linear(2, 2**10), nn.Linear(2**10, 2**11), styles.Unpacks().fc)
    large = model[1].weight
    trace = trace_shapes(lambda x: model[:2](x)[..., :3], X, axes="batch seq feature")
    kept = trace._again.snapshot.things
    assert not any(thing is large for thing in kept)
    assert any(thing is model[0].weight for thing in kept)
    large.data.mul_(2)
    with left_as_it_was(model, [X]):
        assert "(batch=5, seq=12, feature=3)" in str(trace.annotated())


def test_a_run_that_can_not_be_repeated_is_told():
    left = iter([12, 3])
    told = "took other steps"
    assert told in str(annotated(lambda x: x[:, : next(left)]))
    assert "other steps" not in str(annotated(styles.Unpacks()))


def test_a_stored_trace_has_no_model():
    trace = trace_shapes(styles.Unpacks(), X)
    stored = pickle.loads(pickle.dumps(trace))
    assert stored == trace
    with pytest.raises(ValueError, match=r"call trace_shapes\(model, x\) here"):
        stored.annotated()


# Errors


def test_the_source_ends_where_the_model_raises():
    assert str(annotated(styles.Raises())) == RAISES
    (last,) = (
        line for line in trace_shapes(styles.Raises(), X).lines if line.last - line.number == 2
    )
    assert last.runs == []  # what `out` was before is not shown where it was to be bound


def test_an_error_of_ours_is_not_the_models(monkeypatch):
    monkeypatch.delenv("LSTM_HELPERS_DEBUG")
    monkeypatch.setattr(LineRecorder, "_bound", lambda *_: 1 / 0)
    trace = trace_shapes(styles.Unpacks(), X)
    text = str(trace.annotated())
    assert trace.error is None
    *_, line, said, _ = text.splitlines()
    assert line.strip() == "out, (h_n, _) = self.lstm(x)"
    assert said.strip().startswith("# Here following failed (ZeroDivisionError")


# What has no source


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")
def test_what_has_no_source_says_what_to_do():
    space = {"__name__": "__main__"}
    exec("def made(x):\n    return x.mean(1)", space)
    assert " ".join(str(annotated(space["made"])).split()) == (
        "made can't be shown: code that exec or %%time runs has no source. Define it in a file, "
        "or in a cell that does not start with %%time."
    )
    advice = "Sequential runs no code of yours: print(trace) shows its steps."
    assert str(annotated(nn.Sequential(nn.Linear(2, 3)))) == advice
    scripted = torch.jit.script(nn.Sequential(nn.Linear(2, 3)))
    assert "print(trace) shows its steps" in str(annotated(scripted))


def test_a_file_that_was_edited_since_is_told(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "edited_since.py"
    file.write_text("def mean(x):\n    return x.mean(1)\n")
    import edited_since

    assert behind(annotated(edited_since.mean))["return x.mean(1)"] == "(batch=5, feature=2)"
    file.write_text("import torch\n\n\ndef mean(x):\n    return x.mean(1)\n")
    assert "was changed after it was imported: import it again" in str(annotated(edited_since.mean))


@pytest.mark.parametrize("with_pygments", [True, False])
def test_html_escapes_and_says_the_same(with_pygments, monkeypatch):
    if not with_pygments:
        monkeypatch.setitem(sys.modules, "pygments", None)

    def model(x):
        x = x.mean(1)  # <script>alert(1)</script>
        raise ValueError("<img src=x>")

    shown = annotated(model)
    page = Page(shown._repr_html_())
    assert page.tags <= {"b", "p", "pre", "div", "span"}
    assert ("span" in page.tags) == with_pygments
    assert "".join(page.text.split()) == "".join(str(shown).split())
    assert repr(shown) == str(shown)


@pytest.mark.parametrize("with_pygments", [True, False])
def test_long_lines_scroll_and_every_colour_is_legible_on_white_and_on_black(
    with_pygments, monkeypatch
):
    if not with_pygments:
        monkeypatch.setitem(sys.modules, "pygments", None)

    def model(x):
        return x.mean(1) + len("two")  # (batch, feature)

    page = annotated(model)._repr_html_()
    (style,) = re.findall(r'<pre style="(.*?)"', page)
    assert {"white-space: pre", "overflow-x: auto"} <= set(style.split("; "))
    colours = set(re.findall("#[0-9A-Fa-f]{6}", page))
    assert len(colours) == 3 * with_pygments  # keywords, strings, comments
    for colour in colours:
        light = luminance(colour)
        assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) > 4.2, colour
    assert "background" not in page


def luminance(colour: str) -> float:
    """How light a colour is, from 0 to 1, as the guidelines on contrast count it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_the_words_of_a_true_comment_stay_behind_what_was_seen():
    def model(x):
        last = x[:, -1]  # newest step: (batch, feature), of 12
        mean = x.mean(1)  # mean: (batch, feature)
        return last + mean  # (batch, feature): both in one

    lines = behind(annotated(model))
    assert lines["last = x[:, -1]"] == "last (batch=5, feature=2); newest step, of 12"
    assert lines["mean = x.mean(1)"] == "mean (batch=5, feature=2)"
    assert lines["return last + mean"] == "(batch=5, feature=2); both in one"


# Beside other tracers


class Everything:
    """A tracer that notes all events in one file, local ones too."""

    def __init__(self):
        self.events = []

    def __call__(self, frame, event, arg):
        if frame.f_code.co_filename != styles.__file__:
            return None
        self.events.append((frame.f_code.co_name, event, frame.f_lineno))
        return self

    def during(self, run):
        before = sys.gettrace()
        sys.settrace(self)
        try:
            return run()
        finally:
            assert sys.gettrace() is self
            sys.settrace(before)


@pytest.mark.parametrize("name", ALL)
def test_another_tracer_sees_what_it_would_see_alone(name):
    model, alone, beside = ALL[name](), Everything(), Everything()
    trace = alone.during(lambda: trace_shapes(model, X, axes="batch seq feature"))
    shown = beside.during(trace.annotated)
    assert beside.events == alone.events != []
    assert str(shown) == str(annotated(model))


WITHOUT_COLUMNS = """
import torch, models_to_annotate as styles
from lstm_helpers import trace_shapes
for kind in (styles.Calls, lambda: styles.only_lambda, styles.Tries):
    print(trace_shapes(kind(), torch.rand(5, 12, 2), axes="batch seq feature").annotated())
"""


@pytest.mark.slow
def test_code_without_columns_shows_the_same():
    run = [sys.executable, "-c", WITHOUT_COLUMNS]
    here = Path(__file__).parent
    environment = os.environ | {"PYTHONNODEBUGRANGES": "1"}
    shown = subprocess.check_output(run, cwd=here, env=environment, text=True)
    files = [GOLDEN / f"{name}.txt" for name in ("Calls", "only_lambda", "Tries")]
    assert shown == "".join(file.read_text(encoding="utf-8") for file in files)


COVERED = """
import sys, coverage
core, how = sys.argv[1:]
measured = coverage.Coverage(data_file=None, branch=True, config_file=False)
measured.set_option("run:core", core)
measured.start()
import torch, models_to_annotate as styles
from lstm_helpers import trace_shapes
for kind in (styles.Unpacks, styles.Loops, styles.Calls, styles.Tries, styles.Raises):
    model, x, tracer = kind(), torch.rand(5, 12, 2), sys.gettrace()
    trace = trace_shapes(model, x)
    if how == "annotated":
        str(trace.annotated())
    assert sys.gettrace() is tracer is not None
measured.stop()
data = measured.get_data()
print(sorted(data.arcs(styles.__file__)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("core", ["ctrace", "pytrace"])
def test_coverage_covers_the_same(core):
    pytest.importorskip("coverage")
    found = [
        subprocess.run(
            [sys.executable, "-c", COVERED, core, how],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for how in ("traced", "annotated")
    ]
    assert found[0] == found[1]
    assert len(found[0]) > 500


def test_a_breakpoint_in_forward_is_hit_and_the_source_ends_there(monkeypatch):
    said = StringIO()
    debugger = pdb.Pdb(stdin=StringIO("p tuple(y.shape)\nc\n"), stdout=said, nosigint=True)
    model, before = styles.Stops(), sys.gettrace()
    monkeypatch.setattr(sys, "breakpointhook", lambda: None)
    trace = trace_shapes(model, X, axes="batch seq feature")
    monkeypatch.setattr(sys, "breakpointhook", debugger.set_trace)
    try:
        text = str(trace.annotated())
    finally:
        sys.settrace(before)
    assert "(5, 2)" in said.getvalue()
    assert text.splitlines()[-2:] == [
        "        breakpoint()",
        "        # Here a debugger took over: what came after was not seen.",
    ]


def test_a_debugger_that_was_there_stops_at_its_breakpoint():
    class Debugger(bdb.Bdb):
        def user_line(self, frame):
            hit.append((frame.f_code.co_name, frame.f_lineno))
            self.set_continue()

    hit, debugger = [], Debugger()
    trace = trace_shapes(styles.Loops(), X, axes="batch seq feature")
    line = styles.Loops.forward.__code__.co_firstlineno + 5
    debugger.set_break(styles.__file__, line)
    text = str(debugger.runcall(trace.annotated))
    assert hit[-7:] == [("forward", line)] * 7
    assert text == str(annotated(styles.Loops()))


def test_only_the_calling_thread_is_followed():
    from threading import Thread

    def elsewhere(x):
        return x.mean(1)

    def model(x):
        thread = Thread(target=elsewhere, args=(x,))
        thread.start()
        thread.join()
        return x.sum(1)

    text = str(annotated(model))
    assert "return x.sum(1)" in behind(text)
    assert "elsewhere\n" not in text


def test_frames_put_the_tracer_back_only_where_it_is_still_theirs():
    mine, theirs, before = (lambda *_: None), (lambda *_: None), sys.gettrace()
    try:
        sys.settrace(mine)
        with Frames(LineRecorder()) as frames:
            pass
        assert sys.gettrace() is mine
        assert not frames.taken_over
        with Frames(LineRecorder()) as frames:
            sys.settrace(theirs)
        assert sys.gettrace() is theirs
        assert frames.taken_over
    finally:
        sys.settrace(before)


# Notebooks

CELLS = [
    """import torch
from torch import nn
from lstm_helpers import trace_shapes
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
    def forward(self, x):
        "Not shown."
        out, _ = self.lstm(x)
        return out[:, -1]""",
    "print(trace_shapes(Model(), torch.rand(5, 12, 2)).annotated())",
    "trace_shapes(Model(), torch.rand(5, 12, 2)).annotated()",
    "%%time\ndef timed(x):\n    return x.mean(1)",
    "print(trace_shapes(timed, torch.rand(5, 12, 2)).annotated())",
    "def mean(x):  # (batch, seq, feature)\n    return x.mean(1)\nof_steps = mean",
    """import math

def mean(x):
    return of_steps(x) + x[:, 0]
print(trace_shapes(mean, torch.rand(5, 12, 2), axes="batch seq feature").annotated())""",
    """trace_shapes(of_steps, torch.rand(5, 12, 2), axes="batch seq feature").comments()""",
]


def run_cells():
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS)))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.slow
def test_cells_of_a_notebook():
    first, second = run_cells(), run_cells()
    _, printed, shown, _, timed, _, twice, comments = first
    lines = behind(printed[0].text)
    assert lines == {
        "def forward(self, x):": "x (batch=5, seq=12, feature=2)",
        "out, _ = self.lstm(x)": "out (batch=5, seq=12, hidden=3)",
        "return out[:, -1]": "(batch=5, hidden=3)",
    }
    page = Page(shown[0].data["text/html"])
    assert "".join(page.text.split()) == "".join(printed[0].text.split())
    assert "timed can't be shown" in timed[0].text or behind(timed[0].text)
    assert re.findall(r"^mean.*", twice[0].text, re.M) == ["mean (cell:3)", "mean (cell:1)"]
    assert "right       cell:1  # (batch, seq, feature)" in comments[0].data["text/plain"]
    # Stored outputs are the same in another kernel: no ids, and no files of this one.
    del first[3], second[3]  # what %%time says
    assert first == second
    assert "ipykernel" not in str(first)


@pytest.mark.parametrize("steps", [3, 200])
def test_a_long_loop_is_as_short_as_a_short_one(steps):
    lines = str(annotated(styles.Rolls(), torch.rand(5, steps, 2))).splitlines()
    assert len(lines) == 9
    assert sum(line.endswith(f"× {steps}") for line in lines) == 4


@pytest.mark.parametrize(
    "edited",
    [
        "# new\n\ndef mean(x):\n    y = x.tanh()\n    return y.mean(1)\n",
        "def mean(x):\n    y = x.tanh(); return y.mean(1)\n",
        "def mean(x):\n    y = x.tanh()\n    y = y + 1\n    return y.mean(1)\n",
        "def mean(x):\n    y = x.cumsum(1)\n    return y.amax(1)\n",
    ],
    ids=["lines added above", "lines taken away", "a line added inside", "lines changed"],
)
def test_a_function_that_stands_elsewhere_by_now_is_told(edited, tmp_path, monkeypatch):
    file, name = tmp_path / f"moved_{len(edited)}.py", f"moved_{len(edited)}"
    file.write_text("def mean(x):\n    y = x.tanh()\n    return y.mean(1)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    mean = __import__(name).mean
    file.write_text(edited)
    assert str(annotated(mean)) == (
        "mean can't be shown: its file was changed after it was imported: import it again."
    )


def makes_a_layer(x):
    class Double(nn.Module):
        def forward(self, x):
            return 2 * x

    return Double()(x)


def test_the_body_of_a_class_is_no_function_without_a_source():
    text = str(annotated(makes_a_layer))
    assert "can't be shown" not in text
    assert behind(text)["return 2 * x"] == "(batch=5, seq=12, feature=2)"
