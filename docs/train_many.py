"""One file for one process and for many:

python train_many.py
torchrun --nproc-per-node 2 train_many.py    (ACCELERATE_USE_CPU=1 before it, without a GPU)
"""

import torch
from accelerate import Accelerator

from lstm_helpers import ManyToOneLSTM, Windows, fit, load_nyc_departures, predict, split_by_time

accelerator = Accelerator()  # finds the others, and the device of this process
departures = load_nyc_departures()[["departures"]] / 20
train, val, test = split_by_time(departures, val=0.1, test=0.1, context=24)
torch.manual_seed(0)
model = ManyToOneLSTM(input_size=1, hidden_size=32)
windows = Windows(train, seq_len=24).loader(64, shuffle=True, seed=0)  # a common seed
how = {"epochs": 4, "lr": 0.005, "checkpoint": "departures.pt", "accelerator": accelerator}
history = fit(model, windows, Windows(val, 24), **how)
test = Windows(test, 24)
error = (predict(model, test, accelerator=accelerator) - test.y).abs().mean()
accelerator.print(f"{accelerator.num_processes} processes: {history}")  # once on each machine
accelerator.print(f"off by {20 * error:.2f} departures an hour")
accelerator.end_training()
