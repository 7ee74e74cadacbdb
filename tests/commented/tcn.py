"""A temporal convolutional network."""

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, c_in, c_out, dilation):
        super().__init__()
        self.c_out = c_out
        self.pad = 2 * dilation
        self.conv = nn.Conv1d(c_in, c_out, kernel_size=3, dilation=dilation)
        self.skip = nn.Conv1d(c_in, c_out, 1)

    def forward(self, x):
        # x: (N, C_in, L)
        y = F.pad(x, (self.pad, 0))  # (N, C_in, L + pad)
        y = self.conv(y)  # (N, C_out, L)
        return F.relu(y + self.skip(x))  # (N, c_out, L)


class TCN(nn.Module):
    def __init__(self, num_inputs, channels, horizon):
        super().__init__()
        pairs = zip([num_inputs, *channels], channels, strict=False)
        self.blocks = nn.Sequential(*(Block(a, b, 2**i) for i, (a, b) in enumerate(pairs)))
        self.linear = nn.Linear(channels[-1], horizon)

    def forward(self, x):
        """x is (batch, seq, feature)."""
        x = x.transpose(1, 2)  # conv1d wants (batch, channels, seq)
        y = self.blocks(x)  # (batch, cnn_channels[-1], seq)
        last = y[:, :, -1]  # (batch, channels): the last step
        yhat = self.linear(last)  # (batch, horizon)
        return yhat.unsqueeze(-1)  # (batch, horizon, 1)


def model():
    return TCN(num_inputs=3, channels=[4, 6, 5], horizon=2)


def inputs():
    return (torch.rand(7, 11, 3),)
