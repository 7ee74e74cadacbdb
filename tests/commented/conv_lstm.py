"""A convolutional LSTM over pictures."""

import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, in_channels, hidden_dim):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.conv = nn.Conv2d(in_channels + hidden_dim, 4 * hidden_dim, 3, padding=1)

    def forward(self, x, state):
        h, c = state
        combined = torch.cat([x, h], dim=1)  # (B, in_channels + hidden_dim, H, W)
        gates = self.conv(combined)  # (B, 4*hidden_dim, H, W)
        i, f, o, g = torch.split(gates, self.hidden_dim, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)  # [B, hidden_dim, H, W]
        h = torch.sigmoid(o) * torch.tanh(c)  # [B, hidden_dim, H, W]
        return h, c


class ConvLSTM(nn.Module):
    def __init__(self, in_channels, hidden_dim):
        super().__init__()
        self.hidden_dim = hidden_dim
        self.cell = Cell(in_channels, hidden_dim)
        self.head = nn.Conv2d(hidden_dim, 1, 1)

    def forward(self, x):  # x: (B, T, C, H, W)
        B, T, C, H, W = x.shape
        h = x.new_zeros(B, self.hidden_dim, H, W)  # B x hidden_dim x H x W
        c = torch.zeros_like(h)
        outputs = []
        for t in range(T):
            frame = x[:, t]  # (B, C, H, W)
            h, c = self.cell(frame, (h, c))  # (B, hidden_dim, H, W)
            outputs.append(h)
        out = torch.stack(outputs, dim=1)  # (B, T, hidden_dim, H, W)
        flat = out.view(B * T, self.hidden_dim, H, W)  # (B*T, hidden_dim, H, W)
        picture = self.head(flat)  # (B*T, 1, H, W)
        return picture.view(B, T, 1, H, W)  # (B, T, 1, H, W)


def model():
    return ConvLSTM(in_channels=3, hidden_dim=5)


def inputs():
    return (torch.rand(2, 4, 3, 6, 7),)
