"""One LSTM and a linear layer, trained by this package, by darts and by neuralforecast.

Each library is asked for the same: train on all windows of a table, then forecast each of the last
rows from those before it. All of them get float32, the CPU and one thread; no progress bar, no
logger and no checkpoint.
"""

import logging
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from darts import TimeSeries
from darts.models import BlockRNNModel
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MAE, MSE
from neuralforecast.models import LSTM
from torch import nn

from lstm_helpers import ManyToOneLSTM, Windows, fit, predict

QUIET = {
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "enable_checkpointing": False,
    "logger": False,
}
LOSSES = {"squared": nn.MSELoss(), "absolute": nn.L1Loss()}
LOSSES_OF_NEURALFORECAST = {"squared": MSE, "absolute": MAE}
# neuralforecast's LSTM has two layers, a decoder of two, and scales each window
AS_THE_OTHERS = {"encoder_n_layers": 1, "decoder_layers": 1, "scaler_type": "identity"}


@dataclass(frozen=True)
class Setting:
    """How to train. `own` are arguments that only one of the libraries has."""

    seq_len: int
    hidden_size: int
    batch_size: int
    epochs: int
    lr: float = 1e-3
    loss: str = "squared"
    own: dict = field(default_factory=dict)


def silence() -> None:
    warnings.filterwarnings("ignore")
    for name in ("pytorch_lightning", "lightning_fabric", "darts", "neuralforecast"):
        logging.getLogger(name).setLevel(logging.ERROR)


class Ours:
    """x and y as lesson 12 has them: the known columns are those of the step after.

    Args:
        table: scaled, in float32; the target is its first column, the known ones are its last.
        known: columns that are known ahead.
    """

    name = "lstm_helpers"

    def __init__(self, table: pd.DataFrame, known: list, setting: Setting):
        self.known, self.setting = known, setting
        self.windows = self.cut(table)

    def cut(self, table: pd.DataFrame) -> Windows:
        return Windows(table, self.setting.seq_len, target=[0], known=self.known)

    def train(self, seed: int) -> None:
        how = self.setting
        torch.manual_seed(seed)
        self.model = ManyToOneLSTM(len(self.windows.columns), how.hidden_size)
        batches = self.windows.loader(how.batch_size, shuffle=True, seed=seed)
        training = {"lr": how.lr, "loss_fn": LOSSES[how.loss], "epochs": how.epochs}
        if fit(self.model, batches, progress=False, **training).interrupted:
            raise KeyboardInterrupt

    def forecast(self, table: pd.DataFrame, rows: int) -> np.ndarray:
        """Of the last rows, each from those before it."""
        windows = self.cut(table[-rows - self.setting.seq_len :])
        return predict(self.model, windows).flatten().numpy()


class Darts:
    """BlockRNNModel; it has past covariates only, so those that are known come a step earlier."""

    name = "darts"

    def __init__(self, table: pd.DataFrame, known: list, setting: Setting):
        self.known, self.setting = known, setting
        self.series = self.cut(table)

    def cut(self, table: pd.DataFrame) -> dict:
        beside = table.iloc[:, 1:].copy()
        beside[self.known] = beside[self.known].shift(-1, fill_value=0.0)  # no window reads the 0
        series = {"series": TimeSeries.from_values(table.iloc[:, :1].to_numpy())}
        if len(beside.columns):
            series["past_covariates"] = TimeSeries.from_values(beside.to_numpy())
        return series

    def train(self, seed: int) -> None:
        how = self.setting
        self.model = BlockRNNModel(
            how.seq_len,
            1,
            model="LSTM",
            hidden_dim=how.hidden_size,
            batch_size=how.batch_size,
            n_epochs=how.epochs,
            optimizer_kwargs={"lr": how.lr},
            loss_fn=LOSSES[how.loss],
            random_state=seed,
            pl_trainer_kwargs=QUIET,
        )
        self.model.fit(**self.series)

    def forecast(self, table: pd.DataFrame, rows: int) -> np.ndarray:
        found = self.model.historical_forecasts(
            **self.cut(table), start=len(table) - rows, retrain=False, verbose=False
        )
        return found.values()[:, 0]


class Neuralforecast:
    """LSTM; it draws each batch anew from all windows, so its steps are counted, not epochs."""

    name = "neuralforecast"

    def __init__(self, table: pd.DataFrame, known: list, setting: Setting):
        self.known, self.setting = known, setting
        self.columns = [column for column in table.columns[1:] if column not in known]
        self.table, self.windows = self.cut(table), len(table) - setting.seq_len

    def cut(self, table: pd.DataFrame) -> pd.DataFrame:
        table = table.rename(columns={table.columns[0]: "y"})
        return table.assign(unique_id="series", ds=np.arange(len(table)))

    def train(self, seed: int) -> None:
        how = self.setting
        steps = how.epochs * -(-self.windows // how.batch_size)
        model = LSTM(
            h=1,
            input_size=how.seq_len,
            encoder_hidden_size=how.hidden_size,
            hist_exog_list=self.columns,
            futr_exog_list=self.known,
            max_steps=steps,
            windows_batch_size=how.batch_size,
            learning_rate=how.lr,
            loss=LOSSES_OF_NEURALFORECAST[how.loss](),
            random_seed=seed,
            **how.own,
            **QUIET,
        )
        self.model = NeuralForecast([model], freq=1)
        self.model.fit(self.table)

    def forecast(self, table: pd.DataFrame, rows: int) -> np.ndarray:
        how = {"n_windows": None, "test_size": rows, "use_fitted": True}
        return self.model.cross_validation(self.cut(table), **how)["LSTM"].to_numpy()
