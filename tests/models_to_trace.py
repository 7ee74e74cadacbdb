"""Models of many styles, each with inputs whose sizes all differ; `sizes` are set by the test."""

from types import SimpleNamespace

import torch
from torch import nn

SIZES = dict(batch=5, seq=12, feature=2, hidden=3)


class Newcomer(nn.Module):
    """The class of the conversation that this course answers."""

    def __init__(self):
        super().__init__()
        self.hidden_size = 3
        self.lstm = nn.LSTM(1, 3, 1, batch_first=True)
        self.fc = nn.Linear(3, 1)
        self.hidden = (torch.zeros(1, 1, 3), torch.zeros(1, 1, 3))

    def forward(self, x):
        x = x.view(1, 12, 1)
        out, self.hidden = self.lstm(x, self.hidden)
        out = out.view(-1, self.hidden_size)
        out = self.fc(out)
        return out[-1]
