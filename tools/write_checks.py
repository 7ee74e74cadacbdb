"""Write docs/checks.md: every mistake that `check_model` finds, from the models of the tests.

python tools/write_checks.py
"""

import inspect
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from models import MISTAKES, RIGHT, WRONG  # noqa: E402

from lstm_helpers import check_model  # noqa: E402

PAGE = ROOT / "docs" / "checks.md"
HEAD = """# What check_model finds

{count} mistakes that run without an error, each with a small model that makes it, what the report
says of that model, and a model that does it right. This page is written by
`tools/write_checks.py` from the models that the tests ask: no word of a report is typed in.
`Built`, `net` and the like are short ways to write a module, in
[tests/models/build.py](../tests/models/build.py); the batch has 5 samples, 12 steps and 2 features
where nothing else is said.
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


def source(model) -> str:
    """The class or function as it stands in the tests, without its decorator."""
    lines = textwrap.dedent(inspect.getsource(model.make.__wrapped__)).splitlines()
    start = next(i for i, line in enumerate(lines) if re.match("class |def ", line))
    return "\n".join(lines[start:])


def section(mistake: str) -> str:
    them = [m for m in WRONG if m.mistake == mistake]
    # Those of the stored traces are built from classes that stand elsewhere.
    wrong = min(them, key=lambda m: (bool(m.golden), len(source(m))))
    right = next(m for m in RIGHT if m.name == DONE_RIGHT[mistake])
    report = check_model(wrong.make(), *wrong.inputs(), **wrong.how)
    return "\n".join([
        f"## {mistake}\n",
        f"{MISTAKES[mistake]}\n",
        f"```python\n{source(wrong)}\n```\n",
        "The report:\n",
        "```\n" + "\n".join(map(str, report.wrong)) + "\n```\n",
        f"Right:\n\n```python\n{source(right)}\n```\n",
    ])  # fmt: skip


def page() -> str:
    return "\n".join([HEAD.format(count=len(MISTAKES)), *map(section, MISTAKES)])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(MISTAKES)} mistakes")
