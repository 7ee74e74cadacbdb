"""Write docs/checks.md: the mistakes that the checks find, from the zoos of the tests.

python tools/write_checks.py
"""

import inspect
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import preparations  # noqa: E402
from models import MISTAKES, RIGHT, WRONG  # noqa: E402

from lstm_helpers import check_model, check_preparation  # noqa: E402

PAGE = ROOT / "docs" / "checks.md"
HEAD = """# What check_model finds

{count} mistakes that run without an error, each with a small model that makes it, what the report
says of that model, and a model that does it right. This page is written by
`tools/write_checks.py` from the models that the tests ask: no word of a report is typed in.
`Built`, `net` and the like are short ways to write a module, in
[tests/models/build.py](../tests/models/build.py); the batch has 5 samples, 12 steps and 2 features
where nothing else is said. [Further down](#what-check_preparation-finds): what `check_preparation`
finds, before there is a model.
"""
DONE_RIGHT = {
    "batch_first forgotten": "TransposedForATimeFirstLayer",
    "the batch read as one sequence": "NoFeatureAxis",
    "view where transpose was needed": "LagsTransposed",
    "h_n flattened by view": "AllStatesPermutedFirst",
    "the last sample for the last step": "closure",
    "one sample's number for all": "ResidualOnTheLastValue",
    "a state given to another sample": "StackedCells",
    "samples in another order": "PackedTwoLayers",
    "statistics over the batch": "NormalisedPerWindow",
    "time first for a layer with batch_first": "TransposedForATimeFirstLayer",
    "samples that do not meet their own": "TimeSpansOfEachSample",
    "a target without its axis": "one_number_for_each_sample",
    "as many answers as input steps": "DirectHorizon",
    "two directions at every step": "Tagger",
    "one layer over all steps": "LinearOverTime",
    "attention to later steps": "CausalAttentionOverStates",
    "padding on both sides": "CausalConvolution",
    "a statistic over the whole window": "running_mean",
    "the last state at every step": "RepeatedState",
    "one of the last states for each forecast": "DirectHorizon",
    "the last step of two directions": "BothEndsOfTheOutput",
    "one of two directions": "BothDirectionsToOne",
    "the state of the first layer": "LayersByView",
    "a layer that forward forgets": "TwoTowers",
    "the newest step ignored": "naive_forecast",
    "x ignored": "scores_of_four_classes",
    "no gradient gets through": "window_normalised_and_back",
    "padding read": "LastRealStep",
    "a state kept between calls": "OutputAndState",
    "random in eval mode": "DropoutEverywhere",
    "one decision for the whole batch": "WeighedVariables",
    "a state never handed on": "CellLoop",
    "a backward pass not turned round": "backward_outputs_turned_round",
    "a row that nothing fills": "SlidingRollOut",
    "layers that no optimizer hears of": "StackedCells",
    "another output mixes samples": "SeveralOutputs",
    "a pair given to the next layer": "sequential_with_adapter",
    "an axis missing where two tensors meet": "time_span_with_its_axis",
}


PREPARED = """## What check_preparation finds

{count} mistakes that are made before there is a model, from the preparations that the tests ask;
their tables are in [tests/preparations/data.py](../tests/preparations/data.py).
"""
PREPARED_RIGHT = {
    "statistics of all rows": "standard scaler on the training rows",
    "the training part knows later parts": "split then scaled",
    "a window over both sides": "mean of the last five",
    "a later row": "target beside its inputs",
    "a gap filled from its end": "filled forwards",
    "a block known at its start": "worst hour of the day before",
    "a window that knows its target": "windows and known hours",
    "shared by training and test": "windows of three parts",
    "a random split": "lags divided in order",
}


def source(made) -> str:
    """The class or function as it stands in the tests, without its decorator."""
    lines = textwrap.dedent(inspect.getsource(made)).splitlines()
    start = next(i for i, line in enumerate(lines) if re.match("class |def ", line))
    return "\n".join(lines[start:])


def _model(model) -> str:
    return source(model.make.__wrapped__)


def prepared(mistake: str) -> str:
    """A preparation that makes a mistake, what is said of it, and one that does not make it."""
    them = [entry for entry in preparations.WRONG if entry.mistake == mistake]
    for wrong in sorted(them, key=lambda entry: len(source(entry.prepare))):
        report = check_preparation(wrong.prepare, wrong.table(), **wrong.how)
        if not report.ok:
            break
    right = next(e for e in preparations.RIGHT if e.name == PREPARED_RIGHT[mistake])
    return "\n".join([
        f"### {mistake}\n",
        f"{preparations.MISTAKES[mistake]}\n",
        f"```python\n{source(wrong.prepare)}\n```\n",
        "The report:\n",
        "```\n" + "\n".join(map(str, report.wrong)) + "\n```\n",
        f"Right:\n\n```python\n{source(right.prepare)}\n```\n",
    ])  # fmt: skip


def section(mistake: str) -> str:
    them = [m for m in WRONG if m.mistake == mistake]
    # Those of the stored traces are built from classes that stand elsewhere.
    wrong = min(them, key=lambda m: (bool(m.golden), len(_model(m))))
    right = next(m for m in RIGHT if m.name == DONE_RIGHT[mistake])
    report = check_model(wrong.make(), *wrong.inputs(), **wrong.how)
    return "\n".join([
        f"## {mistake}\n",
        f"{MISTAKES[mistake]}\n",
        f"```python\n{_model(wrong)}\n```\n",
        "The report:\n",
        "```\n" + "\n".join(map(str, report.wrong)) + "\n```\n",
        f"Right:\n\n```python\n{_model(right)}\n```\n",
    ])  # fmt: skip


def page() -> str:
    before = (
        PREPARED.format(count=len(preparations.MISTAKES)),
        *map(prepared, preparations.MISTAKES),
    )
    return "\n".join([HEAD.format(count=len(MISTAKES)), *map(section, MISTAKES), *before])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(MISTAKES)} and {len(preparations.MISTAKES)} mistakes")
