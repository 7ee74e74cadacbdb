"""Columns that hold no numbers, and what makes numbers of them."""

import re
import warnings

import pandas as pd

from lstm_helpers._arguments import shown

_TRUE = ("true", "yes", "on", "t", "y")
_FALSE = ("false", "no", "off", "f", "n")
_POWERS = {"k": "e3", "K": "e3", "M": "e6", "B": "e9", "%": "e-2"}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"


def check_columns(table: pd.DataFrame, name: str) -> None:
    """Refuse columns of one name, of dates, of text.

    Raises:
        ValueError: with code that makes numbers of what the column holds.
    """
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise ValueError(
            f"{name} has two columns {twice!r}, but every column needs its own name: rename one, "
            "or keep the first, table.loc[:, ~table.columns.duplicated()]."
        )
    for column, dtype in table.dtypes.items():
        if pd.api.types.is_complex_dtype(dtype):
            kind, repair = "complex numbers", f"{_set(column)}.to_numpy().real"
        elif pd.api.types.is_numeric_dtype(dtype):
            continue
        elif pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
            kind = "dates"
            repair = f"make it the index, table.set_index({column!r})"
        elif pd.api.types.is_timedelta64_dtype(dtype):
            kind, repair = "durations", f"{_set(column)}.dt.total_seconds()"
        else:
            kind, repair = _read(table[column], column)
        raise ValueError(
            f"column {column!r} of {name} holds {kind}, but windows need numbers: {repair}."
        )


def _read(values: pd.Series, column) -> tuple[str, str]:
    """What a column of objects, text or categories holds, and the repair."""
    there = values.astype(object).dropna()
    if isinstance(values.dtype, pd.CategoricalDtype):
        if pd.api.types.is_numeric_dtype(values.cat.categories):
            return f"categories such as {there.iloc[0]!r}", f"{_set(column)}.astype(float)"
        return f"categories such as {there.iloc[0]!r}", _one_for_each_word(column)
    if not len(there):
        return "nothing", f"drop it, table.drop(columns={column!r})"
    if there.map(lambda value: isinstance(value, bool)).all():
        return f"objects such as {there.iloc[0]!r}", f"{_set(column)}.astype(float)"
    texts = there.map(_text).str.strip()
    no_number = pd.to_numeric(texts, errors="coerce").isna()
    if not no_number.any():
        return f"text such as {there.iloc[0]!r}", f"{_set(column, 'pd.to_numeric(')})"
    odd = texts[no_number]
    return f"text such as {shown(there[no_number.to_numpy()].iloc[0])}", _repair_text(
        column, odd, some_are_numbers=len(odd) < len(texts)
    )


def _text(value) -> str:
    """Its words, where it has some: an object of somebody's own may raise."""
    try:
        return str(value)
    except Exception:
        return f"a {type(value).__name__}"


def _repair_text(column, odd: pd.Series, some_are_numbers: bool) -> str:
    """What to try with text, by what all of it that is no number looks like."""

    def all_are(pattern: str) -> bool:
        return bool(odd.map(lambda text: re.fullmatch(pattern, text) is not None).all())

    words = set(odd.str.lower())
    if words <= {*_TRUE, *_FALSE} and not some_are_numbers:
        true = [word for word in _TRUE if word in words]
        return f"{_set(column)}.str.strip().str.lower().isin({true})"
    if all_are(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?"):
        return f'{_set(column)}.str.replace(",", "").astype(float)'
    if all_are(r"[-+]?[\d.]*\d,\d+"):
        dots = ', thousands="."' if odd.str.contains(".", regex=False).any() else ""
        return f'read the file with decimal commas, pd.read_csv(..., decimal=","{dots})'
    if all_are(r"[-+]?[$€£]? ?(\d+|\d{1,3}(,\d{3})+)(\.\d*)? ?[kKMB%]?"):
        used = {sign: new for sign, new in _POWERS.items() if odd.str.contains(sign).any()}
        dropped = {f"[{sign}]": "" for sign in "$€£, " if odd.str.contains(sign, regex=False).any()}
        return f"{_set(column)}.replace({dropped | used}, regex=True).astype(float)"
    if all_are(rf"{_NUMBER}\s*[A-Za-z°/²³]+"):
        return f'{_set(column)}.str.extract(r"({_NUMBER})")[0].astype(float)'
    if _are_dates(odd):
        day = ", with dayfirst=True if the day comes before the month"
        return (
            "turn it into dates and make them the index, table.set_index(pd.to_datetime(table.pop"
            f"({column!r})))" + day * bool(re.match(r"\d{1,2}[-/.]\d{1,2}[-/.]\d+", odd.iloc[0]))
        )
    if some_are_numbers:
        numbers = f'{_set(column, "pd.to_numeric(")}, errors="coerce")'
        return f"take it for a gap and fill it, {numbers}.ffill()"
    return f"drop it, table.drop(columns={column!r}), or {_one_for_each_word(column)}"


def _are_dates(texts: pd.Series) -> bool:
    if not texts.str.contains(r"\d.*\d.*\d").all():
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for how in ({}, {"format": "mixed", "dayfirst": True}):
            try:
                pd.to_datetime(texts, **how)
                return True
            except (ValueError, TypeError, OverflowError):
                continue
    return False


def _set(column, start: str = "") -> str:
    """The beginning of a line that gives the column new values."""
    return f"table[{column!r}] = {start}table[{column!r}]"


def _one_for_each_word(column) -> str:
    return f"make a column of 0 and 1 for each word, pd.get_dummies(table, columns=[{column!r}])"
