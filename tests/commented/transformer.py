"""A transformer encoder, time first, as torch.nn has it by default."""

import math

import torch
from torch import nn


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=20):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)  # (max_len, 1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)  # (max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        # x: [seq_len, batch_size, embedding_dim]
        return x + self.pe[: x.size(0)]  # [seq_len, batch_size, embedding_dim]


class Transformer(nn.Module):
    def __init__(self, input_size, d_model, nhead, num_classes):
        super().__init__()
        self.d_model, self.num_classes = d_model, num_classes
        self.embed = nn.Linear(input_size, d_model)
        self.position = PositionalEncoding(d_model)
        self.attention = nn.MultiheadAttention(d_model, nhead)
        self.norm = nn.LayerNorm(d_model)
        self.decoder = nn.Linear(d_model, num_classes)

    def forward(self, src):
        # (N, S, F) -> (S, N, F)
        src = src.permute(1, 0, 2)
        src = self.embed(src) * math.sqrt(self.d_model)  # (S, N, d_model)
        src = self.position(src)  # (S, N, E)
        mask = nn.Transformer.generate_square_subsequent_mask(len(src))  # (S, S)
        attended, weights = self.attention(src, src, src, attn_mask=mask)  # (S, N, E), (N, S, S)
        src = self.norm(src + attended)  # shape: (seq_len, batch, d_model)
        pooled = src.mean(dim=0)  # seq_len is gone: (batch, d_model)
        logits = self.decoder(pooled)  # logits: (N, num_classes)
        return logits, weights  # (N, num_classes), (N, S, S)


def model():
    return Transformer(input_size=3, d_model=8, nhead=2, num_classes=6)


def inputs():
    return (torch.rand(5, 7, 3),)
