"""Gated residuals and a choice of variables, as temporal fusion transformers have them."""

import torch
from torch import nn
from torch.nn import functional as F


class GRN(nn.Module):
    def __init__(self, d_in, d_hidden, d_out):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(d_in, d_hidden), nn.Linear(d_hidden, 2 * d_out)
        self.skip, self.norm = nn.Linear(d_in, d_out), nn.LayerNorm(d_out)

    def forward(self, a):  # [*, d_in] -> [*, d_out]
        hidden = F.elu(self.fc1(a))  # [*, d_hidden]
        gated = F.glu(self.fc2(hidden), dim=-1)  # [*, d_out]
        return self.norm(self.skip(a) + gated)  # [*, d_out]


class VariableSelection(nn.Module):
    def __init__(self, n_vars, d_model):
        super().__init__()
        self.n_vars, self.d_model = n_vars, d_model
        self.each = nn.ModuleList(nn.Linear(1, d_model) for _ in range(n_vars))
        self.weights = GRN(n_vars * d_model, d_model, n_vars)

    def forward(self, x):
        B, T, V = x.shape  # (batch, time, variables)
        embedded = [
            fc(x[..., i : i + 1]) for i, fc in enumerate(self.each)
        ]  # n_vars x (B, T, d_model)
        stacked = torch.stack(embedded, dim=2)  # (B, T, V, d_model)
        flat = stacked.flatten(2)  # (B, T, V * d_model)
        weights = torch.softmax(self.weights(flat), dim=-1)  # (B, T, n_vars)
        weights = weights.unsqueeze(-1)  # (B, T, n_vars, 1)
        # (B, T, d_model): the variables, weighed
        return (weights * stacked).sum(dim=2)


class TFT(nn.Module):
    def __init__(self, n_vars, d_model, horizon, quantiles):
        super().__init__()
        self.horizon, self.quantiles = horizon, quantiles
        self.select = VariableSelection(n_vars, d_model)
        self.lstm = nn.LSTM(d_model, d_model, batch_first=True)
        self.out = nn.Linear(d_model, horizon * quantiles)

    def forward(self, x):
        selected = self.select(x)  # (batch, time, d_model)
        lstm_out, (h_n, c_n) = self.lstm(selected)  # (batch, time, d_model), (1, batch, d_model) x2
        gated = lstm_out + selected  # (batch, time, d_model)
        last = gated[:, -1, :]  # (batch, d_model)
        out = self.out(last)  # (batch, horizon * quantiles)
        out = out.view(-1, self.horizon, self.quantiles)  # (batch, horizon, quantiles)
        return out, h_n  # (batch, horizon, quantiles), (1, batch, d_model)


def model():
    return TFT(n_vars=3, d_model=8, horizon=4, quantiles=2)


def inputs():
    return (torch.rand(5, 7, 3),)
