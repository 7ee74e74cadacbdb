"""Attention, over one window and over the steps so far."""

import torch
from torch import nn

from .build import Built, encoder
from .data import BATCH, HIDDEN, SEQ, target
from .registry import right, wrong


@right(y=target(BATCH, 1, 1), spared={"score.bias": "it shifts all scores of a softmax alike"})
class AttentionOverTheWindow(nn.Module):
    """Additive attention: the last state asks, all states answer."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, HIDDEN, batch_first=True)
        self.key = nn.Linear(HIDDEN, 8)
        self.query = nn.Linear(HIDDEN, 8, bias=False)
        self.score = nn.Linear(8, 1)
        self.fc = nn.Linear(2 * HIDDEN, 1)

    def forward(self, x):
        out, (h_n, _) = self.lstm(x)
        scores = self.score(torch.tanh(self.key(out) + self.query(h_n[-1]).unsqueeze(1)))
        context = torch.bmm(scores.softmax(dim=1).transpose(1, 2), out)
        return self.fc(torch.cat([context, h_n[-1:].transpose(0, 1)], dim=-1))


@right(y=target(BATCH, 1))
class MultiheadAttentionOverTheWindow(nn.Module):
    """MultiheadAttention with `batch_first=True`, averaged over the window."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 8, batch_first=True)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        h, _ = self.gru(x)
        mixed, _ = self.attend(h, h, h)
        return self.fc((h + mixed).mean(dim=1))


@right(y=target(BATCH, 1))
class OwnAttentionHeads(nn.Module):
    """Heads split by `view(batch, seq, heads, size)` and then transposed."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 8, batch_first=True)
        self.qkv = nn.Linear(8, 24)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        n, t, _ = x.shape
        h, _ = self.lstm(x)
        q, k, v = (p.reshape(n, t, 2, 4).transpose(1, 2) for p in self.qkv(h).chunk(3, dim=-1))
        mixed = (q @ k.transpose(-2, -1) / 2).softmax(dim=-1) @ v
        return self.fc(mixed.transpose(1, 2).reshape(n, t, 8)[:, -1])


@right(y=target(BATCH, 1))
class TransformerEncoder(nn.Module):
    """A transformer encoder without a mask, read at the last step: one answer a window."""

    def __init__(self):
        super().__init__()
        self.project = nn.Linear(2, 8)
        self.place = nn.Parameter(torch.randn(1, SEQ, 8) / 3)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        return self.fc(self.encoder(self.project(x) + self.place)[:, -1])


@right()
class HeadsByViewAndTranspose(nn.Module):
    """Two heads of four, written for a window of twelve steps."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(2, 8, batch_first=True)
        self.qkv = nn.Linear(8, 24)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        h = self.rnn(x)[0]
        q, k, v = (p.view(len(x), 12, 2, 4).transpose(1, 2) for p in self.qkv(h).chunk(3, -1))
        mixed = torch.softmax(q @ k.transpose(-1, -2) / 2, -1) @ v
        return self.fc(mixed.transpose(1, 2).reshape(len(x), 12, 8)[:, -1])


@wrong(
    "attention to later steps",
    causal=True,
    cause="attention without a mask (multi_head_attention_forward in t.layers.0.self_attn): "
    "every step weighs all steps.",
)
def attention_without_a_mask():
    """The encoder layers of a transformer, one output a step, and no mask."""
    return Built(lambda self, x: self.t(self.e(x)), e=nn.Linear(2, 4), t=encoder(batch_first=True))


@wrong(
    "attention to later steps",
    causal=True,
    cause="attention that lets some later steps in (matmul).",
)
class MaskOneStepTooWide(nn.Module):
    """`tril(1)`: every step sees the one after it."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(2, 9)
        self.fc = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        seen = torch.ones(SEQ, SEQ).tril(1).bool()
        return self.fc((q @ k.mT).masked_fill(~seen, -1e9).softmax(-1) @ v)
