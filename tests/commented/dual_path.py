"""LSTMs along one axis and then along another, and a mixer whose Linear reads the time."""

import torch
from torch import nn


class DualPath(nn.Module):
    def __init__(self, channels, hidden, seq_len, horizon):
        super().__init__()
        self.over_frequency = nn.LSTM(channels, hidden, batch_first=True)
        self.over_time = nn.LSTM(hidden, hidden, batch_first=True)
        self.mix_time = nn.Linear(seq_len, horizon)

    def forward(self, x):
        # x: (batch, time, freq, channels)
        B, T, F, C = x.shape
        y = x.reshape(B * T, F, C)  # (batch*time, freq, channels)
        y, _ = self.over_frequency(y)  # (batch*time, freq, hidden)
        y = y.reshape(B, T, F, -1)  # (batch, time, freq, hidden)
        y = y.transpose(1, 2).reshape(B * F, T, -1)  # (batch*freq, time, hidden)
        y, (h, _) = self.over_time(y)  # y: (batch*freq, time, hidden), h: (1, batch*freq, hidden)
        y = y.mT  # (batch*freq, hidden, time)
        y = self.mix_time(y)  # (batch*freq, hidden, horizon)
        y = y.view(B, F, -1, y.size(-1))  # (batch, freq, hidden, horizon)
        return y.mean(1), h  # (batch, hidden, horizon), (layer, batch*freq, hidden)


def model():
    return DualPath(channels=3, hidden=6, seq_len=7, horizon=4)


def inputs():
    return (torch.rand(2, 7, 5, 3),)
