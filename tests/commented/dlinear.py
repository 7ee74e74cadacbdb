"""A forecast by two linear layers over the time axis."""

import torch
from torch import nn


class DLinear(nn.Module):
    def __init__(self, seq_len, pred_len):
        super().__init__()
        self.seq_len, self.pred_len = seq_len, pred_len
        self.pool = nn.AvgPool1d(3, stride=1)
        self.trend, self.season = nn.Linear(seq_len, pred_len), nn.Linear(seq_len, pred_len)

    def forward(self, x):  # [Batch, Input length, Channel]
        front, end = x[:, :1], x[:, -1:]  # (batch, 1, channel)
        padded = torch.cat([front, x, end], dim=1)  # (batch, seq_len + 2, channel)
        trend = self.pool(padded.permute(0, 2, 1)).permute(0, 2, 1)  # (batch, seq_len, channel)
        season = x - trend  # (batch, seq_len, channel)
        season, trend = season.permute(0, 2, 1), trend.permute(0, 2, 1)  # (batch, channel, seq_len)
        yhat = self.season(season) + self.trend(trend)  # (batch, channel, pred_len)
        return yhat.permute(0, 2, 1)  # to [Batch, Output length, Channel]


def model():
    return DLinear(seq_len=7, pred_len=4)


def inputs():
    return (torch.rand(5, 7, 3),)
