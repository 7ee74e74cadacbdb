"""An autoencoder for sequences, with a latent vector between two LSTMs."""

import torch
from torch import nn


class VAE(nn.Module):
    def __init__(self, input_size, hidden_size, latent_size):
        super().__init__()
        self.hidden_size, self.latent_size = hidden_size, latent_size
        self.encoder = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.mu = nn.Linear(hidden_size, latent_size)
        self.logvar = nn.Linear(hidden_size, latent_size)
        self.unlatent = nn.Linear(latent_size, hidden_size)
        self.decoder = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, input_size)

    def encode(self, x):
        _, (h, _) = self.encoder(x)
        h = h[-1]  # (batch, hidden_size)
        return self.mu(h), self.logvar(h)  # each (batch, latent_size)

    def sample(self, mu, logvar):
        noise = torch.ones_like(mu)  # (batch, latent_size)
        return mu + noise * (0.5 * logvar).exp()  # z: (batch, latent_size)

    def forward(self, x):  # (batch, seq, input_size)
        batch_size, seq_len, input_size = x.shape
        mu, logvar = self.encode(x)  # (batch, latent), (batch, latent)
        z = self.sample(mu, logvar)  # (batch_size, latent_size)
        h = self.unlatent(z).unsqueeze(0)  # (1, batch_size, hidden_size)
        state = (h, torch.zeros_like(h))  # two of (1, batch_size, hidden_size)
        first = x.new_zeros(
            batch_size, 1, input_size
        )  # a step of zeros, (batch_size, 1, input_size)
        shifted = torch.cat([first, x[:, :-1]], dim=1)  # (batch_size, seq_len, input_size)
        out, state = self.decoder(shifted, state)  # (batch_size, seq_len, hidden_size)
        return (
            self.out(out),
            mu,
            logvar,
        )  # (batch, seq, input_size), (batch, latent), (batch, latent)


def model():
    return VAE(input_size=3, hidden_size=8, latent_size=4)


def inputs():
    return (torch.rand(5, 7, 3),)
