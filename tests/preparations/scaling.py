"""Scaled, encoded, chosen: by all rows, or by those that were known."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    StandardScaler,
)

from lstm_helpers import Windows, split_by_time

from .data import departures, flights, from_row, gaps, labelled, numbered
from .registry import END, TRAIN, right, wrong

ALL = "statistics of all rows"
TRAINED = "the training part knows later parts"


@wrong(ALL, flights, column="passengers", ahead=END, cause="fit_transform(table)")
def standard_scaler_on_everything(table):
    return StandardScaler().set_output(transform="pandas").fit_transform(table)


@right(flights, train=100)
def standard_scaler_on_the_training_rows(table):
    scaler = StandardScaler().set_output(transform="pandas").fit(table[:100])
    return scaler.transform(table)


@right(flights)
def expanding_standard_scaler(table):
    past = table.expanding(min_periods=12)
    return ((table - past.mean()) / past.std()).dropna()


@wrong(ALL, departures, column="departures", ahead=END, cause='["departures"].max()')
def one_column_by_its_extremes(table):
    low, high = table["departures"].min(), table["departures"].max()
    return table.assign(departures=(table["departures"] - low) / (high - low))


@wrong(TRAINED, departures, column="dep_delay", ahead=TRAIN, cause="MinMaxScaler", inside=279)
def scaled_then_split(table):
    scaled = MinMaxScaler().set_output(transform="pandas").fit_transform(table)
    return split_by_time(scaled, val=57, test=63)


@right(departures, inside=279)
def split_then_scaled(table):
    parts = split_by_time(table, val=57, test=63)
    scaler = MinMaxScaler().set_output(transform="pandas").fit(parts[0])
    return tuple(scaler.transform(part) for part in parts)


@wrong(ALL, gaps, column="pressure", ahead=END, cause="fit_transform(table)", rows=from_row(0))
def pipeline_fitted_on_everything(table):
    return make_pipeline(SimpleImputer(), StandardScaler()).fit_transform(table)


@right(gaps, train=250, rows=from_row(0))
def pipeline_fitted_on_the_training_rows(table):
    return make_pipeline(SimpleImputer(), StandardScaler()).fit(table[:250]).transform(table)


@wrong(
    TRAINED,
    labelled,
    column="departures",
    ahead=TRAIN,
    cause="fit_transform(table)",
    inside=300,
    rows=lambda table: [table.index[:300], table.index[300:]],
)
def columns_transformed_then_split(table):
    kinds = ("number", StandardScaler(), ["dep_delay", "departures"]), (
        "word", OneHotEncoder(), ["part"]
    )  # fmt: skip
    values = ColumnTransformer(kinds).fit_transform(table)
    return values[:300], values[300:]


@right(labelled, inside=300, rows=lambda table: [table.index[:300], table.index[300:]])
def columns_transformed_as_in_training(table):
    kinds = ("number", StandardScaler(), ["dep_delay", "departures"]), (
        "word", OneHotEncoder(), ["part"]
    )  # fmt: skip
    fitted = ColumnTransformer(kinds).fit(table[:300])
    return fitted.transform(table[:300]), fitted.transform(table[300:])


@right(labelled)
def one_hot_by_fixed_categories(table):
    fixed = pd.Categorical(table["part"], categories=["morning", "noon", "evening", "night"])
    return pd.concat([table[["dep_delay"]], pd.get_dummies(fixed).set_index(table.index)], axis=1)


@wrong(ALL, gaps, column="temp", ahead=END, cause=".fillna(table.mean())", cut=210)
def gaps_filled_with_the_mean(table):
    return table.fillna(table.mean())


@wrong(TRAINED, gaps, column="temp", ahead=TRAIN, cause="SimpleImputer", inside=250)
def imputed_then_split(table):
    filled = SimpleImputer(strategy="median").set_output(transform="pandas").fit_transform(table)
    return filled[:250], filled[250:]


@right(gaps, inside=250)
def imputed_by_the_training_part(table):
    imputer = SimpleImputer(strategy="median").set_output(transform="pandas").fit(table[:250])
    return imputer.transform(table[:250]), imputer.transform(table[250:])


@wrong(ALL, departures, column="dep_delay", ahead=END, cause='transform("mean")')
def hours_encoded_by_their_mean_delay(table):
    hour = table.index.hour
    return table.assign(hour_says=table["dep_delay"].groupby(hour).transform("mean"))


@right(departures)
def hours_encoded_by_their_mean_so_far(table):
    by_hour = table["dep_delay"].groupby(table.index.hour)
    so_far = by_hour.transform(lambda delay: delay.shift().expanding().mean())
    return table.assign(hour_says=so_far)[19:]


@wrong(ALL, departures, column="pressure", ahead=END, cause="PCA(2)", rows=from_row(0))
def main_axes_of_everything(table):
    return PCA(2).fit_transform(table)


@right(departures, inside=300, rows=lambda table: [table.index[:300], table.index[300:]])
def main_axes_of_the_training_part(table):
    axes = PCA(2).fit(table[:300])
    return axes.transform(table[:300]), axes.transform(table[300:])


@wrong(TRAINED, departures, column="pressure", ahead=TRAIN, cause="SelectKBest", inside=200)
def columns_chosen_on_everything(table):
    x, y = table.iloc[:-1, 1:], table["dep_delay"].shift(-1).iloc[:-1]
    best = SelectKBest(f_regression, k=1).set_output(transform="pandas").fit_transform(x, y)
    return best[:200], best[200:]


@right(departures, inside=200)
def columns_chosen_in_training(table):
    x, y = table.iloc[:-1, 1:], table["dep_delay"].shift(-1).iloc[:-1]
    chosen = SelectKBest(f_regression, k=1).set_output(transform="pandas").fit(x[:199], y[:199])
    return chosen.transform(x[:200]), chosen.transform(x[200:])


@wrong(ALL, flights, column="passengers", ahead=END, cause="pd.qcut")
def classes_of_equal_size(table):
    return pd.qcut(table["passengers"], 4, labels=False).to_frame("quarter")


@right(flights)
def classes_by_fixed_bounds(table):
    bounds = [-np.inf, 150, 250, 350, np.inf]
    return pd.cut(table["passengers"], bounds, labels=False).to_frame("class")


@right(departures, train=266)
def classes_by_the_training_part(table):
    bins = KBinsDiscretizer(5, encode="ordinal", quantile_method="averaged_inverted_cdf")
    bins.set_output(transform="pandas").fit(table[:266])
    return bins.transform(table)


@wrong(ALL, numbered, column="dep_delay", ahead=END, cause=".rank(pct=True)")
def ranks_among_all_rows(table):
    return table.assign(rank=table["dep_delay"].rank(pct=True))


@right(numbered)
def rank_among_the_last_day(table):
    return table.assign(rank=table["dep_delay"].rolling(19).rank(pct=True))[18:]


@wrong(ALL, departures, column="dep_delay", ahead=END, cause=".quantile(0.95)")
def outliers_clipped_by_all_rows(table):
    delay = table["dep_delay"]
    return table.assign(dep_delay=delay.clip(delay.quantile(0.05), delay.quantile(0.95)))


@right(departures)
def outliers_clipped_by_the_past(table):
    past = table["dep_delay"].expanding(min_periods=19)
    return table.assign(dep_delay=table["dep_delay"].clip(upper=past.quantile(0.95)))[19:]


@wrong(TRAINED, departures, column="departures", ahead=TRAIN, cause="PowerTransformer", inside=300)
def windows_of_a_table_scaled_before(table):
    scaled = PowerTransformer().set_output(transform="pandas").fit_transform(table)
    return Windows(scaled[:300], seq_len=12), Windows(scaled[288:], seq_len=12)


@right(departures, inside=300)
def windows_scaled_by_the_training_part(table):
    train, _, test = split_by_time(table, val=0, test=99, context=12)
    scaler = PowerTransformer().set_output(transform="pandas").fit(train)
    return tuple(Windows(scaler.transform(part), seq_len=12) for part in (train, test))


@right(departures)
def logarithms_and_fixed_scales(table):
    return pd.DataFrame({"flights": np.log1p(table["departures"]), "temp": table["temp"] / 100})
