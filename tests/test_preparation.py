"""check_preparation: what is read of later rows is found, how far, and of which column."""

import random
import re
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.signal import filtfilt, lfilter, savgol_filter
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from statsmodels.tsa.seasonal import seasonal_decompose
from torch.utils.data import Subset, TensorDataset, random_split

from lstm_helpers import Windows, check_preparation, load_flights, split_by_time

ROWS, TRAIN, SEQ = 97, 61, 5
DRAWN = np.random.default_rng(3)
TABLE = pd.DataFrame(
    DRAWN.gamma(3.0, 10.0, (ROWS, 3)) + np.arange(3) * 7,
    pd.date_range("2024-02-27", periods=ROWS, freq="h"),
    ["load", "temp", "wind"],
)
GAPS = TABLE.copy()
GAPS.iloc[30:34, 1] = np.nan
PANEL = pd.concat(
    [
        pd.DataFrame(
            {
                "day": pd.date_range("2024-02-27", periods=41),
                "shop": shop,
                "sold": DRAWN.gamma(3.0, 10.0, 41) * (2 + number),
            }
        )
        for number, shop in enumerate(["north", "south", "west"])
    ],
    ignore_index=True,
)
NO = "right     look-ahead     No row that was checked reads a later one."
IN_ORDER = "right     split          {}: each part lies after the one before it."
FIT = "fit it on the training part only, .fit(train), and .transform the others"
UP_TO = "compute each row from rows up to its own."
WINDOW = "a window that ends with its own row, without center=True"


def lines(prepare, table=TABLE, **how) -> list[str]:
    return str(check_preparation(prepare, table, **how)).splitlines()


def line(prepare, table=TABLE, **how) -> str:
    (only,) = lines(prepare, table, **how)
    return only


def wrong(said: str) -> str:
    return f"wrong     look-ahead     {said}"


def question(said: str) -> str:
    return f"question  look-ahead     {said}"


# how far


@pytest.mark.parametrize("width", [3, 5, 7])
def test_a_centred_mean_reads_half_its_width(width):
    many = f"{width // 2} row{'s' * (width > 3)} ahead"
    assert line(lambda table: table.assign(x=table["temp"].rolling(width, center=True).mean())) == (
        wrong(f'out["x"] reads table["temp"] {many}. Repair: {WINDOW}, or '
              f'out["x"].shift({width // 2}).')
    )  # fmt: skip


@pytest.mark.parametrize("width", [3, 5, 7])
def test_both_repairs_of_a_centred_mean_help(width):
    def moved(table):
        out = table.assign(x=table["temp"].rolling(width, center=True).mean())
        return out.assign(x=out["x"].shift(width // 2))

    assert line(moved) == NO
    assert line(lambda table: table.rolling(width).mean()) == NO


@pytest.mark.parametrize("far", [1, 2, 3])
def test_a_column_moved_back(far):
    assert line(lambda table: table.assign(next=table["temp"].shift(-far))) == wrong(
        f'out["next"] reads table["temp"] {far} row{"s" * (far > 1)} ahead. Cause: out["next"] is '
        f'table["temp"] moved back: table["temp"].shift(-{far}). Repair: leave it out, or, if it '
        'is what is predicted, say target="next".'
    )


@pytest.mark.parametrize("name", ['temp "outside"', "temp\\now", "früh", 2024, ("temp", 3)])
def test_a_column_is_written_as_it_is_typed(name):
    said = line(lambda t: t.shift(-1), pd.DataFrame({name: TABLE.temp}))
    there = {"out": {name: 41}, "table": {name: 43}}
    assert eval(re.search(r"(out\[.+\]) reads", said)[1], there) == 41
    assert eval(re.search(r"reads (table\[.+\]) 1 row", said)[1], there) == 43
    assert eval(re.search(r"say target=(.+)\.$", said)[1]) == name


def test_a_target_may_read_later_rows():
    def prepare(table):
        return table.assign(next=table["temp"].shift(-2))

    assert line(prepare, target="next") == f'{NO[:-1]}; out["next"] may, as a target.'
    assert line(prepare, target=["next", "load"]) == f'{NO[:-1]}; out["next"] may, as a target.'


def test_a_target_is_not_scaled_by_all_rows():
    """It is a column of the table: what scales it, scales an input."""
    assert line(lambda table: (table - table.mean()) / table.std(), target="temp").startswith(
        wrong('out["load"] reads table["load"] to the end, likewise out["temp"] and out["wind"].')
    )


def test_a_target_that_counts_to_the_end():
    def prepare(table):
        return table.assign(left=table["load"][::-1].cumsum()[::-1])

    assert line(prepare, target="left") == f'{NO[:-1]}; out["left"] may, as a target.'
    assert line(prepare).startswith(wrong('out["left"] reads table["load"] to the end.'))


def test_what_is_known_ahead_may_be_read_ahead():
    def prepare(table):
        return table.assign(temp=table["temp"].shift(-3), load=table["load"].diff())

    assert line(prepare, known="temp") == NO
    assert line(prepare, known=[1]) == NO
    assert line(prepare).startswith(wrong('out["temp"] reads table["temp"] 3 rows ahead.'))


@pytest.mark.parametrize("width", [1, 3, 4])
def test_a_gap_filled_from_its_end(width):
    table = TABLE.copy()
    table.iloc[40 : 40 + width, 2] = np.nan
    for fill in (pd.DataFrame.bfill, pd.DataFrame.interpolate):
        assert line(fill, table) == wrong(
            f'out["wind"] reads table["wind"] {width} row{"s" * (width > 1)} ahead, in its gaps. '
            'Cause: gaps in table["wind"] are filled from later rows. Repair: '
            'table["wind"].ffill().'
        )
    assert line(lambda table: table.assign(wind=table["wind"].ffill()), table) == NO


def test_a_gap_filled_by_a_curve_through_all_rows():
    """Rows after the gap count the less the later they are."""
    report = check_preparation(lambda table: table.interpolate("cubic"), GAPS)
    (finding,) = report.wrong
    assert finding.says.startswith('out["temp"] reads table["temp"] at least ')


def test_a_gap_filled_with_a_mean():
    assert line(lambda table: table.fillna(table.mean()), GAPS) == wrong(
        'out["temp"] reads table["temp"] to the end. Cause: gaps in table["temp"] are filled with '
        f"what comes from later rows, too. Repair: {FIT}; or .ffill()."
    )
    assert line(lambda table: table.fillna(table[:TRAIN].mean()), GAPS, train=TRAIN) == (
        f"{NO[:-1]}; statistics end with the training part, at row 60, 2024-02-29 12:00:00."
    )


def test_rows_that_the_table_lacks():
    table = TABLE.drop(TABLE.index[50:56])
    assert line(lambda table: table[["temp"]].asfreq("h").interpolate(), table) == wrong(
        'out["temp"] reads table["temp"] 1 row ahead, in its gaps. Cause: rows that the table '
        "lacks are filled from later ones. Repair: .ffill()."
    )
    assert line(lambda table: table[["temp"]].asfreq("h").ffill(), table) == NO


def test_what_fades_out_is_at_least_so_many_rows():
    for prepare in (
        lambda table: table[::-1].ewm(halflife=0.4).mean()[::-1],
        lambda table: table.apply(lambda column: filtfilt([0.7], [1, -0.3], column)),
    ):
        found = line(prepare)
        assert found.startswith(wrong('out["load"] reads table["load"] at least '))
        assert found.endswith(f"Repair: {UP_TO}")
    assert line(lambda table: table.ewm(halflife=0.4).mean()) == NO
    assert line(lambda table: table.apply(lambda c: lfilter([0.7], [1, -0.3], c))) == NO


def test_a_savitzky_golay_filter():
    def prepare(table):
        return table.assign(wind=savgol_filter(table["wind"], 9, 2))

    assert line(prepare).startswith(wrong('out["wind"] reads table["wind"] 4 rows ahead.'))


def test_a_day_known_at_its_first_hour():
    def prepare(table):
        return table.assign(day=table["load"].resample("D").transform("mean"))

    found = line(prepare)
    assert found.startswith(wrong('out["day"] reads table["load"] at least '))
    far = int(found.split("at least ")[1].split()[0])
    assert 12 < far <= 23


def test_days_alone_are_a_question():
    """Whoever reads them by their date may know that a day is over only then."""
    found = line(lambda table: table.resample("D").sum())
    assert found.startswith(question('out["load"] reads table["load"] at least '))
    assert found.endswith(
        'Is a block read only when it is over? label="right" would make it plain.'
    )
    assert line(lambda table: table.resample("D", label="right").sum()) == NO


# to the end


def test_a_scaler_fitted_on_everything():
    says = 'out["load"] reads table["load"] to the end, likewise out["temp"] and out["wind"].'
    assert line(StandardScaler().set_output(transform="pandas").fit_transform) == wrong(
        f'{says} Cause: table["load"] is scaled with numbers of later rows, too. Repair: {FIT}.'
    )


def test_a_scaler_fitted_on_the_training_part():
    def prepare(table):
        scaler = StandardScaler().set_output(transform="pandas").fit(table[:TRAIN])
        return scaler.transform(table)

    until = "statistics end with the training part, at row 60, 2024-02-29 12:00:00."
    for train in (TRAIN, TRAIN / ROWS, "2024-02-29 12:00", TABLE.index[60], np.int16(TRAIN)):
        assert line(prepare, train=train) == f"{NO[:-1]}; {until}"
    asked = line(prepare)
    assert asked.startswith(question('out["load"] reads table["load"] up to about row 60, '))
    assert asked.endswith("No row after that is read: the training part? Say so: train=61.")
    assert line(prepare, train=30).startswith(wrong('out["load"] reads table["load"] up to about'))


def test_a_training_part_that_knows_later_ones():
    def prepare(table):
        scaler = MinMaxScaler().set_output(transform="pandas").fit(table)
        return tuple(scaler.transform(part) for part in split_by_time(table, val=17, test=19))

    assert lines(prepare)[0] == wrong(
        'out[0]["load"] reads table["load"] to the end, past the training part, likewise '
        'out[0]["temp"], out[0]["wind"] and 6 more. Cause: table["load"] is scaled with numbers '
        f"of later rows, too. Repair: {FIT}."
    )


def test_rows_that_are_read_after_others_that_are_not():
    """Nothing changes after row 60, but again after row 82."""

    def prepare(table):
        out = table.copy()
        out.iloc[:9, 0] -= table.iloc[:61, 0].mean()
        out.iloc[80:83, 0] -= table.iloc[80:91, 0].mean()
        return out

    asked = line(prepare)
    assert asked.startswith(question('out["load"] reads table["load"] up to about row 90, '))
    assert asked.endswith("No row after that is read: the training part? Say so: train=91.")


def test_a_range_that_later_rows_can_not_leave():
    """That of all rows is found at least up to its last end."""
    low, high = TABLE.min(), TABLE.max()

    def prepare(table):
        if ((table < low) | (table > high)).any(axis=None):
            raise ValueError("out of range")
        return (table - table.min()) / (table.max() - table.min())

    temp = max(TABLE.index.get_indexer([TABLE.temp.idxmin(), TABLE.temp.idxmax()]))
    asked = lines(prepare)[0]
    assert asked.startswith(
        question(f'out["temp"] reads table["temp"] up to at least row {temp}, ')
    )
    assert asked.endswith(
        "Later rows may be read, too: prepare refuses numbers beyond the range of a column. Is "
        "there a training part? Say where it ends: train=."
    )


def test_split_first_and_fitted_on_the_training_part():
    def prepare(table):
        parts = split_by_time(table, val=17, test=19)
        scaler = MinMaxScaler().fit(parts[0])
        return {"train": scaler.transform(parts[0]), "test": scaler.transform(parts[2])}

    assert lines(prepare) == [
        f"{NO[:-1]}; statistics end with the training part, at row 60, 2024-02-29 12:00:00.",
        IN_ORDER.format('out["train"], out["test"]'),
    ]


def test_each_part_scaled_by_itself():
    def prepare(table):
        return [(part - part.mean()) / part.std() for part in split_by_time(table, val=17, test=19)]

    found = check_preparation(prepare, TABLE)
    assert [f.says.split(" reads")[0] for f in found.wrong] == ['out[1]["load"]', 'out[2]["load"]']


def test_a_pipeline_and_its_columns():
    def prepare(table, rows):
        steps = ColumnTransformer(
            [
                ("all", make_pipeline(SimpleImputer(), StandardScaler()), ["load", "temp"]),
                ("none", "passthrough", ["wind"]),
            ]
        )
        return steps.fit(table[:rows]).transform(table)

    found = line(lambda table: prepare(table, ROWS), GAPS)
    says = 'out[:, 0] reads table["load"] to the end, likewise out[:, 1].'
    assert found.startswith(wrong(f'{says} Cause: table["load"] is scaled'))
    assert line(lambda table: prepare(table, TRAIN), GAPS, train=TRAIN).startswith(NO[:-1])


def test_a_decomposition_before_the_split():
    def prepare(table):
        rest = seasonal_decompose(table["passengers"], period=12).resid.dropna().to_frame("rest")
        return rest[:100], rest[100:]

    says = 'out[0]["rest"] reads table["passengers"] to the end, past the training part, likewise'
    assert lines(prepare, load_flights())[0].startswith(wrong(f'{says} out[1]["rest"].'))


def test_frequencies_of_everything_and_of_the_past():
    def low(values):
        spectrum = np.fft.rfft(values)
        spectrum[4:] = 0
        return np.fft.irfft(spectrum, len(values))

    def past(table):
        return table.assign(temp=table["temp"].rolling(8).apply(lambda v: low(v)[-1], raw=True))

    found = line(lambda table: table.assign(temp=low(table["temp"].to_numpy())))
    assert found.startswith(wrong('out["temp"] reads table["temp"] to the end.'))
    assert line(past) == NO


def test_columns_chosen_by_all_rows():
    def prepare(table):
        return table[table.std().sort_values().index[:2]]

    found = line(prepare)
    assert found.startswith(wrong("Whether there is out["))
    assert found.endswith(
        "Cause: columns are chosen by all rows. Repair: choose them by the training part."
    )


def test_which_columns_are_read():
    """By halving: two of five, and more than a few."""
    table = TABLE.assign(rain=TABLE["wind"] * DRAWN.random(ROWS), sun=DRAWN.random(ROWS))
    assert line(lambda t: t.assign(x=t["temp"].shift(-3) + t["sun"].shift(-1)), table) == wrong(
        f'out["x"] reads table["temp"] and table["sun"] 3 rows ahead. Repair: {WINDOW}, or '
        'out["x"].shift(3).'
    )
    assert line(lambda t: t.sum(axis=1).shift(-1), table).startswith(
        wrong("out reads table 1 row ahead.")
    )


# what kind of table


def test_a_panel_is_cut_by_date():
    def prepare(table):
        sold = table.groupby("shop")["sold"]
        return table.assign(past=sold.transform(lambda s: s.expanding().mean()), back=sold.shift())

    assert line(prepare, PANEL) == NO
    assert line(prepare, PANEL.sample(frac=1, random_state=0).sort_values("day")) == NO
    assert line(lambda t: t.assign(x=t.groupby("shop")["sold"].shift(-2)), PANEL) == wrong(
        f'out["x"] reads table["sold"] 2 dates ahead. Repair: {WINDOW}, or out["x"].shift(2).'
    )
    found = line(lambda t: t.assign(x=t.groupby("shop")["sold"].transform("mean")), PANEL)
    assert found.startswith(wrong('out["x"] reads table["sold"] to the end.'))


def test_a_panel_with_two_levels():
    table = PANEL.set_index(["shop", "day"])
    found = line(lambda t: t.groupby(level="shop").shift(-1), table)
    assert found.startswith(wrong('out["sold"] reads table["sold"] 1 date ahead.'))
    assert line(lambda t: t.groupby(level="shop").shift(1), table) == NO


@pytest.mark.parametrize("kind", [np.asarray, torch.tensor])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_arrays_and_tensors(kind, dtype):
    table = kind(TABLE.to_numpy().astype(dtype))
    assert line(lambda t: (t - t.mean(0)) / t.std(0), table).startswith(
        wrong("out[:, 0] reads table[:, 0] to the end, likewise out[:, 1] and out[:, 2].")
    )
    assert line(lambda t: t / 10, table) == NO


def test_a_series_of_its_own():
    series = TABLE["temp"]
    assert line(lambda s: s.diff(), series) == NO
    assert line(lambda s: s.diff(-1), series) == wrong(
        f'out reads table["temp"] 1 row ahead. Repair: {WINDOW}.'
    )


def test_categories_and_whole_numbers_keep_their_kind():
    table = TABLE.assign(
        part=pd.Categorical(np.where(TABLE.index.hour < 9, "early", "late")),
        count=TABLE["wind"].astype("int32"),
        since=np.arange(ROWS) ** 2,
        flag=TABLE["load"] > 40,
    )

    def prepare(t):
        assert t.dtypes.equals(table.dtypes)
        assert t["since"].is_monotonic_increasing
        assert (t["count"] >= 0).all()
        assert t["part"].isin(["early", "late"]).all()
        return t.assign(x=t["count"].shift(-1).where(t["part"] == "early"))

    assert line(prepare, table).startswith(wrong('out["x"] reads '))


def test_prepare_refuses_other_numbers():
    """Numbers within the range are tried; where these are refused too, it is a question."""
    highest = TABLE.to_numpy().max()

    def picky(table):
        if table.to_numpy().max() > highest:
            raise ValueError("too much load")
        return table.shift(-1)

    def narrow(table):
        if not table.equals(TABLE):
            raise ValueError("another table")
        return table.shift(-1)

    assert line(lambda table: picky(table).shift(1)) == (
        f"{NO[:-1]}; numbers beyond the range of their column were refused."
    )
    assert line(picky).startswith(wrong('out["load"] reads table["load"] 1 row ahead'))
    assert line(narrow) == question(
        "Does it look ahead? prepare refuses other rows: ValueError: another table."
    ) or lines(narrow)[0].startswith("question  runs ")


# arrays without an index


def test_rows_of_an_array_are_lined_up_by_a_column_that_was_scaled():
    def prepare(table):
        x = StandardScaler().fit(table[:50]).transform(table)[9:]
        return np.column_stack([x, table["temp"].rolling(3, center=True).mean()[9:]])

    assert line(prepare, train=50).startswith(wrong('out[:, 3] reads table["temp"] 1 row ahead.'))


def test_an_array_that_nothing_lines_up_is_a_question():
    def prepare(table):
        return table["temp"].rolling(5).mean().dropna().to_numpy()

    assert line(prepare) == (
        "question  rows           Which rows of the table are those of out? That can be told of a "
        "DataFrame with the table's index, or of an array with a column of the table in it."
    )
    assert line(lambda table: prepare(table), TABLE, cuts=0).startswith("question  rows")


def test_rows_are_lined_up_by_the_one_that_answers_most():
    def prepare(table):
        turned = table[:TRAIN].to_numpy() @ [[0.6, 0.8], [0.8, -0.6], [0.1, 0.2]]
        return turned, table[TRAIN:].to_numpy() @ [[0.6, 0.8], [0.8, -0.6], [0.1, 0.2]]

    assert lines(prepare) == [NO, IN_ORDER.format("out[0], out[1]")]


def test_an_array_of_lags_and_targets_is_asked_about():
    def prepare(table):
        temp = table["temp"].to_numpy()
        return np.stack([temp[:-2], temp[2:]], axis=1)

    says = "question  rows           out[0] holds rows 0 to 2 of the table"
    assert lines(prepare)[0].startswith(says)
    assert line(lambda table: prepare(table), target=[1]) == (
        f"{NO[:-1]}; out[:, 1] may, as a target."
    )


def test_arrays_of_lags_beside_a_y_with_dates():
    """The way most tables are prepared for scikit-learn."""

    def prepare(table):
        x = pd.DataFrame({f"{k} ago": table["temp"].shift(k) for k in range(1, 5)}).dropna()
        y = table["temp"].loc[x.index]
        x_train, x_test, y_train, y_test = train_test_split(x, y, shuffle=False, test_size=23)
        scaler = StandardScaler().fit(x_train)
        return scaler.transform(x_train), scaler.transform(x_test), y_train, y_test

    assert lines(prepare) == [
        f"{NO[:-1]}; statistics end with the training part, at row 73, 2024-03-01 01:00:00.",
        IN_ORDER.format("out[0], out[1]"),
    ]


# windows


def test_windows_of_a_table_with_a_later_column():
    def prepare(table):
        return Windows(table.assign(soon=table["temp"].shift(-1)).dropna(), SEQ, target="temp")

    assert line(prepare).startswith(
        wrong('out.x[:, :, 3] reads table["temp"] 1 row ahead. Cause: out.x[:, :, 3] is ')
    )
    assert line(lambda table: Windows(table / 9, SEQ, target="temp")) == NO


def slid(table, ahead):
    temp = table["temp"].to_numpy()
    count = len(temp) - SEQ - 1
    x = np.stack([temp[i : i + SEQ] for i in range(count)])[:, :, None]
    return x, temp[SEQ - 1 + ahead :][:count]


def test_windows_whose_x_holds_y():
    assert lines(lambda table: slid(table, 0)) == [
        NO,
        "wrong     windows        out[0][:, 4, 0] is out[1]: x holds its own y. Repair: begin y "
        "one row after the last row of x.",
    ]
    assert lines(lambda table: slid(table, 1)) == [
        NO,
        "right     windows        No window holds its own y.",
    ]


def samples(table):
    """A (window, target) for each row that has both."""
    values = table.to_numpy()
    return [(values[n : n + 9], values[n + 9, :1]) for n in range(len(values) - 9)]


def test_samples_in_a_list_are_windows():
    assert lines(samples) == [NO, "right     windows        No window holds its own y."]
    smooth = lines(lambda t: samples(t.assign(load=t.load.rolling(5, center=True).mean())[4:]))
    assert smooth[0] == wrong(
        f'out[i][0][:, 0] reads table["load"] 2 rows ahead. Repair: {WINDOW}.'
    )


def test_samples_whose_window_holds_its_target():
    def held(table):
        values = table.to_numpy()
        return [{"x": values[n : n + 9], "y": values[n + 8, 0]} for n in range(len(values) - 8)]

    assert lines(held)[-1] == (
        'wrong     windows        out[i]["x"][8, 0] is out[i]["y"]: x holds its own y. '
        "Repair: begin y one row after the last row of x."
    )


def test_tables_in_a_list_say_themselves_where_they_stand():
    """Days: the mean of each is known at its first hour."""

    def days(table):
        table = table.assign(load=table.load.groupby(np.arange(len(table)) // 8).transform("mean"))
        return [table[n : n + 8] for n in range(0, 96, 8)]

    assert len(days(TABLE)) == 12
    assert '[1]["load"] reads' in str(check_preparation(days, TABLE))


def test_samples_scaled_by_all_rows_and_divided():
    def scaled(table):
        values = StandardScaler().fit_transform(table)
        windows = [(values[n : n + 9], values[n + 9, :1]) for n in range(len(values) - 9)]
        return windows[:50], windows[59:]

    said = lines(scaled)
    assert said[0].startswith(wrong('out[0][i][0][:, 0] reads table["load"] to the end'))
    assert said[1] == IN_ORDER.format("out[0][i][0], out[1][i][0]")


def test_a_list_of_series_is_no_list_of_samples():
    days = pd.date_range("2024-02-27", periods=9)
    shops = pd.MultiIndex.from_product([range(13), days], names=["shop", "day"])
    sold = pd.Series(DRAWN.gamma(3.0, 10.0, len(shops)), shops, name="sold").reset_index()

    def moved(table):
        return [part.sold.shift(-2).to_numpy()[:-2] for _, part in table.groupby("shop")]

    assert [len(part) for part in moved(sold)] == [7] * 13
    assert "out[0]" in str(check_preparation(moved, sold))


def test_what_samples_cost_grows_as_they_do():
    def calls(rows: int) -> int:
        table = pd.DataFrame(DRAWN.gamma(3.0, 10.0, (rows, 2)))
        count = 0

        def counts(frame, event, given):
            nonlocal count
            count += event == "call"

        sys.setprofile(counts)
        try:
            check_preparation(samples, table)
        finally:
            sys.setprofile(None)
        return count

    assert calls(809) < 4.5 * calls(209)


def test_windows_scaled_with_their_target():
    def prepare(table, own):
        x, y = slid(table, 1)
        by = x[:, -1] if own else np.maximum(x.max(axis=1), y[:, None])
        return x / by[:, None], y / by[:, 0]

    assert lines(lambda table: prepare(table, False))[0] == wrong(
        f'out[0][:, :, 0] reads table["temp"] at least 1 row ahead. Repair: {UP_TO}'
    )  # where y is the largest
    assert lines(lambda table: prepare(table, True))[0].startswith(NO[:-1])


def test_windows_beside_other_windows_are_no_split():
    """Those of a decoder, and of targets at every step."""

    def prepare(table):
        temp = table[["temp"]].to_numpy()
        first = range(len(temp) - SEQ - 3)
        x, decoder, y = (
            np.stack([temp[i + begin : i + end] for i in first])
            for begin, end in ((0, SEQ), (SEQ - 1, SEQ + 2), (SEQ, SEQ + 3))
        )
        return x, decoder, y

    assert line(prepare) == NO
    assert line(lambda table: prepare(table)[1:]) == NO


# between the parts


def test_rows_divided_at_random():
    assert lines(lambda table: train_test_split(table, test_size=23, random_state=1))[1] == (
        "wrong     split          72 of the 74 rows of out[0] come after out[1] begins. Cause: a "
        "random split. Repair: split_by_time(table, val=..., test=...) first, then windows of each "
        "part."
    )
    assert lines(lambda table: train_test_split(table, test_size=23, shuffle=False)) == [
        NO,
        IN_ORDER.format("out[0], out[1]"),
    ]


def test_windows_divided_at_random():
    def prepare(table):
        return random_split(Windows(table, SEQ), [70, 22])

    torch.manual_seed(0)  # as the checker does
    train, test = (set(part.indices) for part in prepare(TABLE))
    read = {row for i in train for row in range(i, i + SEQ + 1)}
    shared = len(read & {i + SEQ for i in test})
    assert 10 < shared < 22
    assert lines(prepare)[1] == (
        f"wrong     split          {shared} of the 22 rows that out[1] is to forecast are in "
        "windows of out[0]. Cause: a random split. Repair: split_by_time(table, "
        "val=..., test=...) first, then windows of each part."
    )


def test_shares_of_two_tensors_are_named_as_they_are_reached():
    def prepare(table):
        values = torch.tensor(table.to_numpy(float)[:, :2])
        values = values - values.mean(dim=0)
        both = TensorDataset(values[:, :1], values[:, 1:])
        return Subset(both, list(range(70))), Subset(both, list(range(70, len(values))))

    assert "out[0][:][0][:, 0] reads" in lines(prepare)[0]
    assert "likewise out[0][:][1][:, 0], out[1][:][0][:, 0]" in lines(prepare)[0]
    assert prepare(TABLE)[1][:][1].shape[1] == 1


def test_arrays_of_windows_divided_at_random():
    found = lines(lambda table: train_test_split(*slid(table, 1), random_state=1))
    assert found[1].startswith("wrong     split  ")
    assert "Cause: a random split." in found[1]


def test_targets_that_training_has_too():
    def prepare(table, begin):
        return Windows(table[:60], SEQ, 2), Windows(table[begin:], SEQ, 2)

    assert lines(lambda table: prepare(table, 50))[1] == (
        "wrong     split          5 of the 42 rows that out[1] is to forecast are in windows of "
        "out[0]. Repair: split_by_time(table, val=..., test=...) first, then windows of each part."
    )
    assert lines(lambda table: prepare(table, 55)) == [NO, IN_ORDER.format("out[0], out[1]")]


def test_rows_before_a_part_are_a_question_for_a_table_and_none_for_windows():
    def prepare(table):
        return split_by_time(table, val=17, test=19, context=SEQ)

    assert lines(prepare)[1] == (
        "question  split          out[1] begins with the last 5 rows of out[0]: are they read "
        "only, and never forecast? Windows can tell: return these."
    )
    assert lines(lambda table: [Windows(part, SEQ) for part in prepare(table)]) == [
        NO,
        IN_ORDER.format("out[0], out[1], out[2]"),
    ]


def test_rows_in_both_parts():
    assert lines(lambda table: (table[:70], table[20:90]))[1].startswith("question  split ")
    assert lines(lambda table: (table, table[50:60]))[1] == (
        "wrong     split          out[1] shares 10 rows with out[0]. Repair: split_by_time(table, "
        "val=..., test=...) first, then windows of each part."
    )


def test_folds_are_asked_about_one_by_one():
    def prepare(table):
        return [(table[:50], table[50:70]), (table[:70], table[70:90])]

    assert lines(prepare)[1] == (
        "question  split          These are several splits. Ask about each: "
        "lambda table: prepare(table)[0]."
    )
    assert lines(lambda table: prepare(table)[0]) == [NO, IN_ORDER.format("out[0], out[1]")]


def test_pairs_of_x_and_y():
    def prepare(table):
        x, y = slid(table, 1)
        return TensorDataset(*map(torch.tensor, (x[:60], y[:60]))), (x[60 + SEQ :], y[60 + SEQ :])

    assert lines(prepare)[:2] == [NO, IN_ORDER.format("out[0].tensors[0], out[1][0]")]


def test_a_series_beside_its_inputs_may_be_the_target():
    def prepare(table):
        return table[["load", "wind"]], table["temp"].shift(-1)

    assert line(prepare) == question(
        'out[1] reads table["temp"] 1 row ahead. Is it the target? Say so: target="temp".'
    )
    assert line(prepare, target="temp") == f"{NO[:-1]}; out[1] may, as a target."


# what can't be told


def test_no_evidence_is_a_question():
    runs = "question  runs           "
    assert line(lambda table: TABLE.rolling(3, center=True).mean()) == (
        f"{runs}out is the same whatever is in the table: does prepare read it from elsewhere?"
    )
    assert line(lambda table: None).startswith(f"{runs}prepare returns no table")
    noise = np.random.default_rng(0)
    assert line(lambda table: table + noise.normal(size=table.shape)) == (
        f"{runs}prepare(table) is not the same twice: seed what draws in it, and ask again."
    )


def test_an_error_of_prepare_is_a_line():
    assert line(lambda table: table["snow"]) == (
        "wrong     runs           prepare(table) raises KeyError: 'snow'."
    )


def test_what_the_instrument_fails_at_is_a_question(monkeypatch):
    def fails(*given):
        raise RuntimeError("no idea")

    monkeypatch.setattr("lstm_helpers._preparing.look_ahead.readings", fails)
    monkeypatch.delenv("LSTM_HELPERS_DEBUG")
    assert lines(lambda table: train_test_split(table, shuffle=False))[0] == question(
        "This check failed itself, and saw nothing. RuntimeError: no idea."
    )


def test_all_is_as_before():
    """The table, and the generators; what is drawn is drawn from the same state each time."""
    kept = GAPS.copy()
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()

    def prepare(table):
        table["noise"] = np.random.normal(size=len(table)) + random.random()
        return table.drop(columns="temp")

    assert line(prepare, GAPS) == NO
    pd.testing.assert_frame_equal(GAPS, kept)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == random.getstate()
    assert (before[2] == np.random.get_state()[1]).all()


def test_how_often_prepare_is_called():
    """Two times, and two for each cut, where nothing is found."""
    calls = []
    check_preparation(lambda table: calls.append(1) or table.diff(), TABLE, cuts=4)
    assert len(calls) == 2 + 2 * (4 + 1)


def test_it_speaks_once(capsys):
    check_preparation(lambda table: print("filling") or table.diff(), TABLE)
    assert capsys.readouterr().out == "filling\n"


def test_a_table_that_no_copy_can_be_made_of_is_refused():
    table = torch.ones(1, 3).expand(2**40, 3)
    with pytest.raises(ValueError, match=r"a copy of \(1099511627776, 3\): .* no memory"):
        check_preparation(lambda table: table.diff(dim=0), table)
