"""Character by character: an embedding, an LSTM of two layers, a decoder."""

import torch
from torch import nn


class CharLSTM(nn.Module):
    def __init__(self, n_chars, embed_dim, n_hidden, n_layers):
        super().__init__()
        self.n_hidden, self.n_layers, self.n_chars = n_hidden, n_layers, n_chars
        self.embed = nn.Embedding(n_chars, embed_dim)
        self.lstm = nn.LSTM(embed_dim, n_hidden, n_layers, batch_first=True)
        self.fc = nn.Linear(n_hidden, n_chars)

    def forward(self, x, hidden=None):
        """x: (N, L), a number for each character."""
        if hidden is None:
            hidden = self.init_hidden(x.size(0))
        embedded = self.embed(x)  # N x L x embed_dim
        r_output, (h_n, c_n) = self.lstm(embedded, hidden)  # N x L x n_hidden
        # h_n, c_n: (n_layers, N, n_hidden)
        out = r_output.contiguous().view(-1, self.n_hidden)  # [N*L, n_hidden]
        out = self.fc(out)  # [N*L, n_chars]
        return out.view(x.size(0), x.size(1), -1), (h_n, c_n)  # out: (N, L, n_chars)

    def init_hidden(self, batch_size):
        weight = next(self.parameters())
        h_0 = weight.new_zeros(
            self.n_layers, batch_size, self.n_hidden
        )  # (n_layers, batch_size, n_hidden)
        c_0 = torch.zeros_like(h_0)  # same: (num_layers, batch, hidden_size)
        return h_0, c_0


def model():
    return CharLSTM(n_chars=13, embed_dim=3, n_hidden=8, n_layers=2)


def inputs():
    return (torch.randint(0, 13, (5, 7)),)
