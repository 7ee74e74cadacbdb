"""`check_preparation`, asked about every preparation of the zoo.

What is wrong is found with its column and how far ahead it reads, nothing right is accused, and
where nobody can tell there is a question. The table, and the random states, are as before.
"""

import random
import re

import numpy as np
import pandas as pd
import pytest
import torch
from preparations import END, RIGHT, SHARED, TRAIN, WRONG, AtLeast

from lstm_helpers import check_preparation

pytestmark = pytest.mark.slow
TOLD = [entry for entry in WRONG if not entry.asked]
NOT_TOLD = [entry for entry in WRONG if entry.asked]
QUESTIONS = {  # right ones that are asked about, and what of
    "array against its past": "rows",
    "lowest frequencies of two years before": "rows",
}
CAUSES = {  # where there is evidence for one
    "scaled with numbers of later rows, too": 5,
    "filled with what comes from later rows, too": 3,
    "filled from later rows": 2,
    "filled from later ones": 1,
    "moved back": 3,
    "a random split": 3,
    "columns are chosen by all rows": 1,
}
NAMED = {  # several columns share a line: which of them are named
    "filled by neighbours": 'out["dep_delay"] reads table["dep_delay"] to the end, likewise '
    'out["temp"].',
    "pipeline fitted on everything": 'out[:, 0] reads table["dep_delay"] to the end, likewise '
    "out[:, 1], out[:, 2] and 1 more.",
    "gaps filled with the mean": 'out["dep_delay"] reads table["dep_delay"] to the end, likewise '
    'out["temp"].',
    "main axes of everything": "out[:, 0] reads table to the end, likewise out[:, 1].",
    "scaled then split": 'out[0]["dep_delay"] reads table["dep_delay"] to the end, past the '
    'training part, likewise out[0]["departures"], out[0]["temp"] and 9 more.',
    "columns transformed then split": 'out[0][:, 0] reads table["dep_delay"] to the end, past the '
    "training part, likewise out[0][:, 1], out[1][:, 0] and 1 more.",
    "imputed then split": 'out[0]["dep_delay"] reads table["dep_delay"] to the end, past the '
    'training part, likewise out[0]["temp"].',
    "columns chosen on everything": 'Whether there is out[0]["pressure"] depends on later rows, '
    'likewise out[1]["pressure"].',
    "windows of a table scaled before": 'out[0].x[:, :, 0] reads table["dep_delay"] to the end, '
    "past the training part, likewise out[0].x[:, :, 1], out[0].x[:, :, 2] and 5 more.",
    "decomposed then split": 'out[0]["rest"] reads table["passengers"] to the end, past the '
    'training part, likewise out[1]["rest"].',
    "missing days by a line": 'out["dep_delay"] reads table["dep_delay"] 1 row ahead, in its '
    'gaps, likewise out["departures"].',
}
OF_A_SCALER = "centred mean then split and scaled"  # its scaler's training part reads ahead, too


def each(entries):
    return [pytest.param(entry, id=str(entry)) for entry in entries]


def asked(entry):
    return check_preparation(entry.prepare, entry.table(), **entry.how)


def said_of(found) -> str:
    return " ".join(f.says for f in found)


@pytest.mark.parametrize("entry", each(TOLD))
def test_what_is_wrong_is_found_with_column_and_distance(entry):
    wrong = asked(entry).wrong
    says = said_of(wrong)
    if entry.ahead == SHARED:
        assert [f.check for f in wrong] == ["split"]
        assert re.search(r"[1-9]\d* of the \d+ rows", says)
        return
    assert {f.check for f in wrong} <= {"look-ahead", "windows"}
    columns = re.findall(r'table\["(\w+)"\]', says)
    if "likewise" in says:
        assert says == NAMED[entry.name]
    else:
        assert entry.column in columns
    assert all(f.repair for f in wrong)
    if entry.ahead in (END, TRAIN):
        assert "to the end" in says or "depends on later rows" in says
        return
    far = [
        (bool(least), int(count))
        for least, count in re.findall(r"reads .*?(at least )?(\d+) (?:row|date)s? ahead", says)
    ]
    if isinstance(entry.ahead, AtLeast):
        assert any(least and count >= entry.ahead.rows for least, count in far)
    elif entry.name == OF_A_SCALER:
        assert far == [(True, 13)]
    else:
        blocks = [count for least, count in far if least]
        assert (False, entry.ahead) in far or 0 < max(blocks) <= entry.ahead


@pytest.mark.parametrize("entry", each(NOT_TOLD))
def test_what_nobody_can_tell_is_a_question(entry):
    report = asked(entry)
    assert report.ok
    assert any(f.verdict == "question" for f in report.findings)


@pytest.mark.parametrize("entry", each(RIGHT))
def test_nothing_right_is_accused(entry):
    report = asked(entry)
    assert report.ok, report
    questions = {f.check for f in report.findings if f.verdict == "question"}
    assert questions == {QUESTIONS[entry.name]} if entry.name in QUESTIONS else not questions


@pytest.mark.parametrize("entry", each([*WRONG, *RIGHT]))
def test_the_table_and_the_random_states_are_as_before(entry):
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    table, kept = entry.table(), entry.table()
    check_preparation(entry.prepare, table, cuts=1, **entry.how)
    pd.testing.assert_frame_equal(table, kept)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert (before[2] == np.random.get_state()[1]).all()


def test_how_many_are_found_asked_about_and_right(capsys):
    """The table of all: printed, and pinned."""
    rows, causes = [], dict.fromkeys(CAUSES, 0)
    for entry in [*WRONG, *RIGHT]:
        report = asked(entry)
        question = any(f.verdict == "question" for f in report.findings)
        told = "wrong" if report.wrong else "question" if question else "right"
        rows.append((entry.mistake or "none", told))
        for words in causes:
            causes[words] += any(words in f.cause for f in report.wrong)
    table = pd.DataFrame(rows, columns=["mistake", "told"])
    counted = pd.crosstab(table["mistake"], table["told"])
    with capsys.disabled():
        print(f"\n{counted.to_string()}")
    assert causes == CAUSES
    said = pd.Series([told for kind, told in rows if kind != "none"]).value_counts().to_dict()
    assert said == {"wrong": len(TOLD), "question": len(NOT_TOLD)}
    said = pd.Series([told for kind, told in rows if kind == "none"]).value_counts().to_dict()
    assert said == {"right": len(RIGHT) - len(QUESTIONS), "question": len(QUESTIONS)}
