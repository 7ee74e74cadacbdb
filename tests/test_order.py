"""Whatever holds the dates, rows out of order are refused, with code that mends them."""

import datetime
import re
from decimal import Decimal
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest

from lstm_helpers import Windows, split_by_time

DAYS = pd.date_range("2024-01-25", periods=20)
KINDS = {
    "text": DAYS.strftime("%Y-%m-%d"),
    "text, day first": DAYS.strftime("%d/%m/%Y"),
    "text, month first": DAYS.strftime("%m/%d/%Y"),
    "text, months by name": DAYS.strftime("%d %b %Y"),
    "text and zones": DAYS.tz_localize("Europe/Berlin").strftime("%Y-%m-%d %H:%M%z"),
    "text of numbers": pd.Index([str(n) for n in range(95, 115)]),
    "category": pd.CategoricalIndex(DAYS.strftime("%Y-%m-%d")),
    "dates": pd.Index(DAYS.date),
    "datetimes": pd.Index(DAYS.to_pydatetime(), dtype=object),
    "long ago": pd.Index([datetime.date(900 + n, 1, 1) for n in range(20)]),
    "periods": DAYS.to_period("D"),
    "period objects": pd.Index(list(DAYS.to_period("D")), dtype=object),
    "a zone": DAYS.tz_localize("Europe/Berlin"),
    "durations": DAYS - DAYS[0],
    "whole numbers": pd.Index(range(95, 115)),
    "numbers": pd.Index(np.arange(20) / 4),
    "nullable": pd.Index(range(20), dtype="Int64"),
    "decimals": pd.Index([Decimal(n) for n in range(20)], dtype=object),
    "times of day": pd.Index([datetime.time(n) for n in range(20)], dtype=object),
    "intervals": pd.interval_range(0, 20),
}
if find_spec("pyarrow"):
    KINDS["pyarrow dates"] = pd.Index(DAYS.date).astype("date32[pyarrow]")
    KINDS["pyarrow text"] = pd.Index(DAYS.strftime("%Y-%m-%d")).astype("string[pyarrow]")


def table(index):
    return pd.DataFrame({"a": np.arange(len(index)) + 0.5, "b": 7.0}, index)


def refused(bad, use=lambda bad: Windows(bad, 5)):
    with pytest.raises(ValueError) as caught:
        use(bad)
    return str(caught.value)


def repaired(said, bad):
    """The code that a message advises, run."""
    code = re.search(r"(table\.(set_axis|sort_index).*|\[part.*\])\.$", said)[1]
    return eval(code, {"pd": pd, "np": np, "table": bad})


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_order_are_taken_and_others_are_told_how_to_sort(kind):
    right = table(KINDS[kind])
    expected = Windows(right, 5)
    assert len(expected) == 15
    for order in (slice(None, None, -1), [*range(7), 8, 7, *range(9, 20)]):
        bad = right.iloc[order]
        row = 1 if isinstance(order, slice) else 8
        for name, use in (
            ("series", lambda bad: Windows(bad, 5)),
            ("table", lambda bad: split_by_time(bad, val=3, test=4)),
            ("table[1]", lambda bad: split_by_time([right, bad], val=3, test=4)),
        ):
            said = refused(bad, use)
            assert said.startswith(f"{name} is out of order: row {row} is ")
            mended = Windows(repaired(said, bad), 5)
            assert (mended.x == expected.x).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_comes_once_and_is_never_missing(kind):
    index = KINDS[kind]
    twice = index[[0, 1, 1, *range(2, 19)]]
    assert "in row 1 and in row 2, but a time can come only once: if the" in refused(table(twice))
    if kind in ("whole numbers", "intervals"):
        return
    missing = index.where(np.arange(20) != 3)
    assert refused(table(missing)).startswith("series has no date in row 3, but every row needs")


@pytest.mark.parametrize(
    "index",
    [["a", "c", "b"] * 3, ["Wed", "Mon", "Tue"] * 3, [True, False, True], [f"s{n}" for n in "910"]],
)
def test_words_have_no_order(index):
    assert len(Windows(table(pd.Index(index)), 2)) == len(index) - 2


@pytest.mark.parametrize("names", [["store", "day"], [None, None]])
@pytest.mark.parametrize("time_first", [False, True])
def test_several_levels_become_a_list_of_tables(names, time_first):
    parts = [table(DAYS), table(DAYS[:11]) * 3]
    panel = pd.concat(parts, keys=["north", "south"], names=names)
    if time_first:
        panel = panel.swaplevel()
    for use in (lambda bad: Windows(bad, 5), lambda bad: split_by_time(bad, val=3, test=4)):
        said = refused(panel, use)
        assert "has rows of 2 levels" in said
        listed = repaired(said, panel)
        for got, expected in zip(Windows(listed, 5).x, Windows(parts, 5).x, strict=True):
            assert (got == expected).all()


@pytest.mark.parametrize("minutes", [60, 15])
@pytest.mark.parametrize("text", [False, True])
def test_the_hour_that_comes_twice(minutes, text):
    zone = pd.date_range("2022-10-29", periods=200, freq=f"{minutes}min", tz="Europe/Berlin")
    clock = zone.tz_localize(None)
    bad = table(clock.strftime("%Y-%m-%d %H:%M") if text else clock)
    said = refused(bad)
    assert "t is the hour that comes twice when clocks go back." in said
    mended = repaired(said, bad)
    assert list(mended.index) == list(zone)
    assert len(Windows(mended, 5, freq=pd.Timedelta(minutes=minutes)).x) == 195  # and no gap


@pytest.mark.parametrize("kind", ["whole numbers", "a zone", "dates", "text", "periods"])
def test_tables_that_were_glued_together_are_taken_apart(kind):
    parts = [table(KINDS[kind]), table(KINDS[kind][:9]) * 3, table(KINDS[kind][2:]) * 5]
    bad = pd.concat(parts)
    said = refused(bad)
    assert "row 20 is" in said
    assert "and begins anew. If tables were glued together there" in said
    mended = repaired(said, bad)
    for got, expected in zip(Windows(mended, 5).x, Windows(parts, 5).x, strict=True):
        assert (got == expected).all()


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (pd.date_range("2024", periods=20, freq="h"), ""),
        (
            pd.date_range("2024", periods=20, freq="h").delete([3, 9, 10]),
            "1 h apart, 2 longer gaps",
        ),
        (pd.date_range("2024", periods=20, freq="MS"), ""),
        (pd.date_range("2024", periods=20, freq="MS").delete(3), "1 M apart, 1 longer gap"),
        (pd.date_range("2024", periods=20, freq="ME"), ""),
        (pd.bdate_range("2024", periods=20), ""),
        (pd.date_range("2022-10-20", periods=20, tz="Europe/Berlin"), ""),
        (DAYS.delete(3).strftime("%Y-%m-%d"), "1 d apart, 1 longer gap"),
        (pd.Index(DAYS.date).delete(3), "1 d apart, 1 longer gap"),
        (pd.period_range("2024", periods=20, freq="M").delete(3), "1 M apart, 1 longer gap"),
        (pd.Index([*range(0, 80, 5), 78, 100]), "5 apart, 1 longer gap, 1 shorter gap"),
        (pd.to_datetime([f"2024-01-01 00:{n * n:02}" for n in range(7)]), "1 min to 11 min apart"),
        (pd.Index(list("cabdefg")), ""),
        (None, ""),
    ],
)
def test_repr_says_what_the_index_shows(index, said):
    values = np.arange(20.0 if index is None else len(index))
    series = values if index is None else pd.Series(values, index)
    both = Windows(series, 3), Windows([series, series], 3)
    twice = lambda found: f"{2 * int(found[1])} {found[2]} gaps"  # noqa: E731
    doubled = re.sub(r"(\d) (longer|shorter) gaps?", twice, said)
    for windows, expected in zip(both, (said, doubled), strict=True):
        shown = repr(windows)
        assert shown.endswith(f"target=1); rows {expected}" if said else "target=1)")


@pytest.mark.parametrize(
    ("index", "freq", "message"),
    [
        (DAYS, 1, 'freq is 1, but the rows of series are dated: pass a step such as "h"'),
        (range(20), "h", "freq is 'h', but the rows of series are numbered, not dated: pass a"),
        (list("abcdefghijklmnopqrst"), "h", "freq is 'h', but the index of series holds neither"),
        (DAYS, "fortnight", "freq is 'fortnight', which is no step between the rows of series ("),
        (DAYS, "2D", "freq is '2D', but row 1 of series is 2024-01-26 and row 0 is 2024-01-25, "),
        (DAYS, "-1D", "freq is '-1D', but the step has to be above 0: pass"),
        (
            DAYS,
            "12h",
            "freq is '12h', but no row of series comes such a step after the row before it: ",
        ),
        (DAYS.to_period("D"), "M", "freq is 'M', which is no step between the rows of series (its"),
        (DAYS - DAYS[0], "MS", "freq is 'MS', which is no step between the rows of series (durat"),
        (range(20), 0, "freq is 0, but the step has to be above 0: pass the"),
    ],
)
def test_a_freq_that_does_not_fit_is_refused(index, freq, message):
    with pytest.raises(ValueError) as caught:
        Windows(table(pd.Index(index)), 5, freq=freq)
    assert str(caught.value).startswith(message)
