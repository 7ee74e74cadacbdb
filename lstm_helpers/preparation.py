"""One call that looks for what a table's own preparation reads of later rows."""

from collections.abc import Callable, Iterator

import numpy as np

from lstm_helpers._arguments import a_function, at_least
from lstm_helpers._checking.finding import Finding, sentence
from lstm_helpers._preparing.arguments import read_known, read_target, read_train
from lstm_helpers._preparing.asking import Asked, Refused
from lstm_helpers._preparing.comparing import difference
from lstm_helpers._preparing.cuts import cuts_of
from lstm_helpers._preparing.given import read_given
from lstm_helpers._preparing.look_ahead import look_ahead
from lstm_helpers._preparing.parts import end_of_training, parts_of, split, unclear_rows
from lstm_helpers._preparing.seen import see
from lstm_helpers._preparing.windows import windows
from lstm_helpers._preparing.words import likewise
from lstm_helpers._progress import progress
from lstm_helpers._running.debug import let_through
from lstm_helpers.checks import Report


def check_preparation(
    prepare: Callable, table, *, known=(), target=(), train=None, cuts: int = 3
) -> Report:
    """Look for what a table's preparation takes from the future, where no model can be asked.

    `out = prepare(table)` is made again and again, each time with other rows after a cut. What
    belongs to rows up to the cut has to stay. A mistake in it never raises here: it is a line of
    the report.

    Args:
        prepare: (table) -> out: all that you do before the model, from the table as you read it
            on. out is a table, an array, a tensor, `Windows`, or several of them, such as
            (train, val, test), in a tuple, list or dict; what else is among them is left out. A
            long list of samples of one shape, such as (window, target), is taken as stacked.
        table: a DataFrame, Series, array or tensor (time, feature), at least 8 rows. Rows of
            several series are cut by their date, in the index or in a column. It is never changed.
        known: columns of the table that are known ahead, by name or position: they stay.
        target: columns of the table, or of out, that are predicted: they may read later rows.
        train: the end of the training part, as a number of rows, a fraction, or the date of its
            last row. By default that of the first of several parts. Up to there statistics of all
            rows, such as those of a scaler, are right.
        cuts: how many cuts there are beside the ends of the parts, of the longest gaps and of the
            table.

    Returns:
        `Report`, with `.ok` and `.raise_if_wrong()`. How far ahead is counted in rows of the
        table, in dates where several rows share one.

    Raises:
        TypeError: `prepare` can't be called, `table` is no table, or `cuts` no whole number.
        ValueError: the table is too short, or two columns share a name; a column in `known` or
            `target` is unknown; `train` is no row.

    How: index, dates, `known`, gaps and dtypes stay; the values become those of other rows, then
    numbers beyond the range of their column. About two calls for each cut. Rows of an array are
    lined up with the table by a column that was copied or scaled.

    What can't be told: a scaler that was fitted before, a file that `prepare` reads itself,
    numbers that somebody chose after a look at all rows, how gaps are filled where the table has
    none, and whether rows that are left out were left out on purpose.

    >>> from lstm_helpers import load_flights
    >>> def smooth(table):
    ...     return table.rolling(5, center=True).mean()
    >>> report = check_preparation(smooth, load_flights())
    >>> report.ok
    False
    >>> print(report.wrong[0].says)
    out["passengers"] reads table["passengers"] 2 rows ahead.
    >>> check_preparation(lambda table: table.rolling(5).mean(), load_flights()).ok
    True
    """
    prepare = a_function("(table) -> out", prepare=prepare)
    given, cuts = read_given(table), at_least(0, 1000, cuts=cuts)
    keep, train = read_known(given, known), read_train(given, train)
    with progress("check_preparation", "runs") as step:
        asked = Asked(prepare, given, keep, step)
        try:
            pieces = asked.first()
        except Exception as error:
            says = f"prepare(table) raises {type(error).__name__}: {sentence(error)}"
            return Report((Finding("runs", "wrong", says),))
        target = read_target(given, pieces, target)
        with np.errstate(all="ignore"):  # tables may hold infinity
            return Report(tuple(_as_far_as_it_goes(_findings, asked, target, train, cuts)))


def _findings(asked: Asked, target: list, train: int | None, cuts: int) -> Iterator[Finding]:
    """The questions in order."""
    if not asked.pieces:
        says = "prepare returns no table: return a DataFrame, an array, Windows, or several."
        yield Finding("runs", "question", says)
        return
    asked.line_up(target)
    base = asked.base
    if finding := _is_the_same_twice(asked):
        yield finding
        return
    whole = zip(base.pieces, base.lines, strict=True)
    lost = [piece.name for piece, lines in whole if lines is None]
    if lost:
        says = (
            f"Which rows of the table are those of {lost[0]}{likewise(lost[1:])}? That can be told "
            "of a DataFrame with the table's index, or of an array with a column of the table in "
            "it."
        )
        yield Finding("rows", "question", says)
    if len(lost) == len(base.pieces):
        return
    yield from unclear_rows(base)
    parts = parts_of(base)
    train = end_of_training(base, parts, asked.given) if train is None else train
    seen = see(asked, cuts_of(asked.given, base, train, cuts), train)
    if seen.differences and not asked.reads_the_table:
        says = "out is the same whatever is in the table: does prepare read it from elsewhere?"
        yield Finding("runs", "question", says)
        return
    yield from _as_far_as_it_goes(look_ahead, seen, target)
    yield from _as_far_as_it_goes(split, parts or [], asked.given)
    yield from _as_far_as_it_goes(windows, base)


def _is_the_same_twice(asked: Asked) -> Finding | None:
    try:
        changed = difference(asked.base, asked.again(), asked.given.last)
    except Refused as error:
        says = f"prepare(table) raises when it is called again: {sentence(error)}"
        return Finding("runs", "question", says)
    if changed.changes or changed.unlike or changed.rows or changed.columns:
        says = "prepare(table) is not the same twice: seed what draws in it, and ask again."
        return Finding("runs", "question", says)
    return None


def _as_far_as_it_goes(check, *given) -> Iterator[Finding]:
    """What a check finds; where it fails itself, a question that says so."""
    try:
        yield from check(*given)
    except Exception as error:
        let_through()
        name = {"_findings": "the rest"}.get(check.__name__, check.__name__.replace("_", "-"))
        said = sentence(f"{type(error).__name__}: {error}")
        yield Finding(name, "question", f"This check failed itself, and saw nothing. {said}")
