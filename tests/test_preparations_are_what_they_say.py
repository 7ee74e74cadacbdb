"""Every preparation of the zoo is wrong or right, as it says: shown without any checker.

Rows of the table get other values, the preparation is made anew, and the cells that belong to
earlier rows are compared with what they were.
"""

import inspect
import random
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from preparations import END, MISTAKES, RIGHT, SHARED, TRAIN, WRONG, AtLeast
from torch.utils.data import Subset

from lstm_helpers import Windows

pytestmark = pytest.mark.slow
ALL = [*WRONG, *RIGHT]


def each(entries):
    return [pytest.param(entry, id=str(entry)) for entry in entries]


def when(frame) -> pd.Index:
    """To which date, or row number, each row of a table belongs."""
    dated = "hour" in getattr(frame, "columns", ())
    return pd.DatetimeIndex(frame["hour"]) if dated else frame.index


def other_values(column: pd.Series, way: int) -> np.ndarray:
    """As many others of the same kind; missing ones stay missing.

    Way 0 goes above all values that the column has; way 1 has them in reversed order.
    """
    if way == 1 or not pd.api.types.is_numeric_dtype(column):
        words = column.to_numpy()[::-1]
        return words if way == 1 else np.roll(column.to_numpy(), 1)
    low, high = column.min(), column.max()
    return high + (high - low) * (1 + np.arange(len(column)) % 7 / 3)


def replaced(entry, table, at, columns=None, way=0):
    """The table with other values in these rows: a mask."""
    known, changed = entry.how.get("known", ()), table.copy()
    for name in columns or [n for n in table if n not in (*known, "hour", "airport", "part")]:
        others = pd.Series(other_values(table[name], way), table.index)
        rows = at & table[name].notna().to_numpy() & others.notna().to_numpy()
        changed[name] = table[name].where(~rows, others.astype(table[name].dtype))
    return changed


def parts(entry, table, result) -> list:
    """What was returned, as pairs: the date of each row, the row's cells."""
    several = result if isinstance(result, tuple | list) else [result]
    dates = entry.rows(table) if entry.rows else [None] * len(several)
    return [pair for one, when_ in zip(several, dates, strict=True) for pair in _pairs(one, when_)]


def _pairs(one, dates) -> list:
    if isinstance(one, Windows | Subset):
        windows, numbers = _numbered(one)
        batch = windows[numbers]
        places = [[d[-1] for d in windows.dates(i)] for i in numbers]
        return [
            (pd.Index(ends), b.flatten(1).numpy())
            for ends, b in zip(zip(*places, strict=True), batch, strict=True)
        ]
    if isinstance(one, np.ndarray):
        return [(dates, one.reshape(len(one), -1))]
    return [(when(one), one.to_frame() if isinstance(one, pd.Series) else one)]


def _numbered(one) -> tuple[Windows, list[int]]:
    """Windows, or some of them: whose they are, and which."""
    if isinstance(one, Subset):
        return one.dataset, list(one.indices)
    return one, list(range(len(one)))


def cells_before(entry, table, first) -> list:
    """All cells that belong to dates before `first`, part by part; None: all of them."""
    allowed = entry.how.get("target", ())
    found = []
    for dates, cells in parts(entry, table, entry.prepare(table)):
        if isinstance(cells, pd.DataFrame):
            cells = cells[[c for c in cells if c not in (allowed, "hour", "airport", "part")]]
        found.append(cells if first is None else cells[np.asarray(dates < first)])
    return found


def differ(these, those) -> bool:
    """Whether any cell is another one, by more than rounding."""
    for one, other in zip(these, those, strict=True):
        if one.shape != other.shape or list(getattr(one, "columns", [])) != list(
            getattr(other, "columns", [])
        ):
            return True
        one, other = (np.asarray(part, dtype=float) for part in (one, other))
        most = np.nanmax(np.abs(one), initial=1)
        if not np.allclose(one, other, rtol=0, atol=1e-9 * most, equal_nan=True):
            return True
    return False


def times(table) -> pd.Index:
    return when(table).unique().sort_values()


# The proofs that a preparation is wrong.

READ_AHEAD = [e for e in WRONG if isinstance(e.ahead, int | AtLeast)]
TO_THE_END = [e for e in WRONG if e.ahead == END]
TRAINED = [e for e in WRONG if e.ahead == TRAIN]
IN_COMMON = [e for e in WRONG if e.ahead == SHARED]


@pytest.mark.parametrize("entry", each(READ_AHEAD))
def test_reads_so_many_rows_ahead(entry):
    """The row so far ahead changes a cell; where it is a number, all rows after it change none."""
    table = entry.table()
    time, cut = times(table), entry.cut or len(times(table)) // 2
    far = entry.ahead.rows if isinstance(entry.ahead, AtLeast) else entry.ahead
    before = cells_before(entry, table, time[cut + 1])
    one = replaced(entry, table, np.asarray(when(table) == time[cut + far]), [entry.column])
    assert differ(before, cells_before(entry, one, time[cut + 1]))
    later = replaced(entry, table, np.asarray(when(table) > time[cut + far]))
    assert differ(before, cells_before(entry, later, time[cut + 1])) == (
        isinstance(entry.ahead, AtLeast)
    )


@pytest.mark.parametrize("entry", each(TO_THE_END))
def test_reads_to_the_end(entry):
    """The last quarter changes cells of the first half."""
    table = entry.table()
    time = times(table)
    cut, last = entry.cut or len(time) // 2, time[-(len(time) // 4)]
    before = cells_before(entry, table, time[cut + 1])
    others = [
        replaced(entry, table, np.asarray(when(table) >= last), [entry.column], way)
        for way in (0, 1)
    ]
    assert any(differ(before, cells_before(entry, other, time[cut + 1])) for other in others)


@pytest.mark.parametrize("entry", each(TRAINED))
def test_the_training_part_depends_on_later_parts(entry):
    table = entry.table()
    joint = parts(entry, table, entry.prepare(table))[0][0][-1]
    after = np.asarray(when(table) > joint)
    assert 30 <= after.sum() <= len(table) - 30
    far = after & np.asarray(when(table) > when(table)[after][15])  # not just the next rows
    first = [
        parts(entry, t, entry.prepare(t))[0][1]
        for t in (table, replaced(entry, table, far, [entry.column]))
    ]
    assert differ(first[:1], first[1:])


@pytest.mark.parametrize("entry", each(IN_COMMON))
def test_training_and_test_have_rows_in_common(entry):
    """Targets of test windows are rows of training windows; rows stand in both tables."""
    table = entry.table()
    trained, tested = _rows_of_both(entry, table)
    assert len(trained & tested) > 10


def test_right_ones_have_no_row_in_common():
    """Of training and test, where there are two; a whole series held out shares dates only."""
    looked = 0
    for entry in RIGHT:
        table = entry.table()
        if isinstance(entry.prepare(table), tuple) and "held out" not in entry.name:
            if entry.rows and not entry.reads:
                continue  # arrays in the table's order, or x and y
            trained, tested = _rows_of_both(entry, table)
            assert min(len(trained), len(tested)) > 20, entry
            assert not trained & tested, entry
            looked += 1
    assert looked >= 9


@pytest.mark.parametrize("entry", each(RIGHT))
@pytest.mark.parametrize("way", [0, 1])
def test_no_later_row_changes_an_earlier_cell(entry, way):
    table = entry.table()
    time = times(table)
    inside = max(entry.inside, entry.how.get("train", 0)) * len(time) // len(table)
    first = max(inside, 3)
    for cut in sorted({*np.linspace(first, len(time) - 2, 7, dtype=int), *_gaps(table, first)}):
        other = replaced(entry, table, np.asarray(when(table) >= time[cut]), way=way)
        before, after = (cells_before(entry, t, time[cut]) for t in (table, other))
        assert not differ(before, after), f"{entry}: rows from {time[cut]} on change earlier cells"
        if cut == first:  # later cells change, of course
            assert differ(*(cells_before(entry, t, None) for t in (table, other)))


def _gaps(table, first):
    """The rows where something is missing, and the first one after it."""
    missing = np.flatnonzero(table.isna().any(axis=1)).tolist()
    return {row for m in missing for row in (m, m + 1) if first <= row < len(table) - 1}


def _rows_of_both(entry, table) -> tuple[set, set]:
    """All rows that training has in it, and those that the test asks for."""
    result = entry.prepare(table)
    if isinstance(result[0], Windows | Subset):
        (train, trained), *_, (test, tested) = map(_numbered, result)
        rows = [(train.place(i)[0], d) for i in trained for ds in train.dates(i) for d in ds]
        return set(rows), {(test.place(i)[0], d) for i in tested for d in test.dates(i)[1]}
    # the dates of tables, or those of the y in x_train, x_test, y_train, y_test
    dates = entry.rows(table) if entry.rows else [part.index for part in result]
    trained, tested = dates[-2], dates[-1]
    if not entry.rows:
        trained = dates[0]
    at = table.index.get_indexer(trained)
    return {table.index[a - k] for a in at for k in range(entry.reads + 1)}, set(tested)


# Of all of them.


@pytest.mark.parametrize("entry", each(ALL))
def test_gives_the_same_twice_and_leaves_its_table_and_the_random_states(entry):
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    table, kept = entry.table(), entry.table()
    first = parts(entry, table, entry.prepare(table))
    pd.testing.assert_frame_equal(table, kept)
    again = parts(entry, kept, entry.prepare(kept))
    for (dates, cells), (others, same) in zip(first, again, strict=True):
        assert len(dates) == len(cells)
        assert dates.equals(others)
        assert not differ([cells], [same]) if isinstance(cells, np.ndarray) else cells.equals(same)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert (before[2] == np.random.get_state()[1]).all()


def test_what_is_said_stands_in_the_preparation():
    """The cause is a piece of the preparation's own source, and its column one of the table's."""
    for entry in WRONG:
        assert entry.cause in inspect.getsource(entry.prepare).split("def ")[1], entry
        assert entry.column in [*entry.table(), *[""] * (entry.ahead == SHARED)], entry


def test_each_mistake_is_there_and_each_name_once():
    assert {entry.mistake for entry in WRONG} == set(MISTAKES)
    assert max(Counter(entry.name for entry in ALL).values()) == 1
    assert len(WRONG) >= 40
    assert len(RIGHT) >= 45
