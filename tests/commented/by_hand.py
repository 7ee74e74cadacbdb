"""An LSTM written out, and an answer that grows by a step each time."""

import torch
from torch import nn


class ByHand(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.W = nn.Parameter(
            torch.rand(input_size, 4 * hidden_size)
        )  # (input_size, 4 * hidden_size)
        self.U = nn.Parameter(torch.rand(hidden_size, 4 * hidden_size))
        self.out = nn.Linear(hidden_size, input_size)

    def step(self, x_t, h, c):
        # x_t: (B, D), h and c: (B, H)
        gates = x_t @ self.W + h @ self.U  # (B, D) @ (D, 4H) + (B, H) @ (H, 4H) -> (B, 4H)
        i, f, g, o = gates.chunk(4, dim=1)  # (B, H), (B, H), (B, H), (B, H)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # (B, H)
        h = o.sigmoid() * c.tanh()  # (B, H)
        return h, c  # (B, H), (B, H)

    def forward(self, x, steps=3):
        """x: (B, T, D) -> (B, T + steps, D)"""
        B, T, D = x.shape
        h = torch.zeros(B, self.hidden_size)  # (B, H)
        c = torch.zeros_like(h)  # (B, H)
        for t in range(T):
            h, c = self.step(x[:, t], h, c)
            seen = x[:, : t + 1]  # (B, t+1, D)
        y = self.out(h)  # (B, D)
        for _ in range(steps):
            seen = torch.cat([seen, y[:, None]], dim=1)  # (B, T+1, D)
            h, c = self.step(y, h, c)  # (B, H)
            y = self.out(h)  # (B, D)
        return seen  # (B, T + steps, D)


def model():
    return ByHand(input_size=3, hidden_size=6)


def inputs():
    return (torch.rand(5, 7, 3),)
