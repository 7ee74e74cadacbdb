"""Smoothed, decomposed, transformed: with rows on both sides, or with the past alone."""

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, detrend, filtfilt, lfilter, savgol_filter
from sklearn.preprocessing import StandardScaler
from statsmodels.tsa.seasonal import seasonal_decompose

from lstm_helpers import Windows, split_by_time

from .data import departures, flights, from_row
from .registry import END, TRAIN, AtLeast, right, wrong

BOTH = "a window over both sides"
ALL = "statistics of all rows"


@wrong(BOTH, departures, column="temp", ahead=2, cause="center=True")
def centred_mean_of_five(table):
    return table.assign(temp=table["temp"].rolling(5, center=True, min_periods=1).mean())


@wrong(BOTH, departures, column="departures", ahead=3, cause="center=True")
def centred_median_of_seven(table):
    smooth = table["departures"].rolling(7, center=True).median()
    return pd.DataFrame({"delay": table["dep_delay"], "smooth": smooth}).dropna()


@wrong(BOTH, departures, column="temp", ahead=2, cause="center=True", cut=330)
def centred_mean_then_split_and_scaled(table):
    smooth = table["temp"].rolling(5, center=True, min_periods=1).mean()
    train, _, test = split_by_time(table.assign(smooth=smooth), val=0, test=99, context=12)
    scaler = StandardScaler().set_output(transform="pandas").fit(train)
    return tuple(Windows(scaler.transform(part), seq_len=12) for part in (train, test))


@right(departures)
def mean_of_the_last_five(table):
    return table.assign(temp=table["temp"].rolling(5, min_periods=1).mean())


@right(departures)
def mean_of_the_five_before(table):
    return table.assign(before=table["temp"].rolling(5, closed="left", min_periods=2).mean())[2:]


@wrong(BOTH, flights, column="passengers", ahead=2, cause='"same"', rows=from_row(0))
def convolved_in_the_middle(table):
    return np.convolve(table["passengers"], np.ones(5) / 5, "same")


@right(flights, rows=from_row(0))
def convolved_with_the_past(table):
    return np.convolve(table["passengers"], np.ones(5) / 5, "full")[: len(table)]


@wrong(BOTH, departures, column="pressure", ahead=3, cause="savgol_filter")
def savitzky_golay(table):
    return table.assign(pressure=savgol_filter(table["pressure"], 7, 2))


@wrong(BOTH, flights, column="passengers", ahead=8, cause="gaussian_filter1d", rows=from_row(0))
def gaussian_weights(table):
    return gaussian_filter1d(table["passengers"].to_numpy(), sigma=2)


@wrong(BOTH, departures, column="temp", ahead=AtLeast(6), cause="filtfilt")
def filtered_forth_and_back(table):
    b, a = butter(2, 0.3)
    return table.assign(temp=filtfilt(b, a, table["temp"]))


@right(departures)
def filtered_forth_only(table):
    b, a = butter(2, 0.3)
    return table.assign(temp=lfilter(b, a, table["temp"]))


@wrong(BOTH, departures, column="dep_delay", ahead=AtLeast(10), cause="[::-1].ewm")
def exponential_mean_of_the_reversed_series(table):
    return table.assign(soft=table["dep_delay"][::-1].ewm(span=5).mean()[::-1])


@right(departures)
def exponential_mean(table):
    return table.assign(soft=table["dep_delay"].ewm(span=5).mean())


@wrong(ALL, flights, column="passengers", ahead=END, cause="rfft", rows=from_row(0))
def lowest_frequencies_of_everything(table):
    spectrum = np.fft.rfft(table["passengers"])
    spectrum[12:] = 0
    return np.fft.irfft(spectrum, len(table))


@right(flights, rows=from_row(23))
def lowest_frequencies_of_two_years_before(table):
    pieces = np.lib.stride_tricks.sliding_window_view(table["passengers"], 24)
    spectrum = np.fft.rfft(pieces, axis=1)
    spectrum[:, 4:] = 0
    return np.fft.irfft(spectrum, 24, axis=1)[:, -1:]


@wrong(BOTH, departures, column="temp", ahead=6, cause="reshape(-1, 7)", cut=203)
def haar_wavelets_of_blocks(table):
    means = table["temp"].to_numpy().reshape(-1, 7).mean(axis=1)  # 399 rows are 57 blocks
    return table.assign(coarse=np.repeat(means, 7))


@right(departures)
def haar_wavelets_of_the_past(table):
    coarse = table["temp"].rolling(4).mean()
    return pd.DataFrame({"coarse": coarse, "detail": coarse - coarse.shift(4)}).dropna()


@wrong(ALL, flights, column="passengers", ahead=END, cause="seasonal_decompose")
def decomposed_as_a_whole(table):
    parts = seasonal_decompose(table["passengers"], period=12)
    return pd.DataFrame({"trend": parts.trend, "seasonal": parts.seasonal}).dropna()


@wrong(
    "the training part knows later parts", flights, column="passengers", ahead=TRAIN,
    cause="seasonal_decompose", inside=114,
)  # fmt: skip
def decomposed_then_split(table):
    parts = seasonal_decompose(table["passengers"], model="multiplicative", period=12)
    rest = parts.resid.dropna().to_frame("rest")
    return rest["1949":"1958-06"], rest["1958-07":]


@right(flights, inside=108)
def season_of_the_training_part(table):
    train, test = table[:108], table[108:]
    season = seasonal_decompose(train["passengers"], period=12).seasonal
    season = season.groupby(season.index.month).first()
    return tuple(part.sub(season[part.index.month].to_numpy(), axis=0) for part in (train, test))


@right(flights)
def change_of_a_year(table):
    return np.log(table).diff(12).dropna()


@wrong(ALL, flights, column="passengers", ahead=END, cause="detrend", rows=from_row(0))
def trend_of_everything_taken_out(table):
    return detrend(table["passengers"])


@right(flights, train=96)
def trend_of_the_training_part_taken_out(table):
    rows = np.arange(len(table))
    line = np.polyfit(rows[:96], table["passengers"][:96], 1)
    return table.assign(passengers=table["passengers"] - np.polyval(line, rows))
