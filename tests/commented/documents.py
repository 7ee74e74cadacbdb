"""A vector for each sentence, read in turn as a sequence of sentences; and a linear forecaster."""

import torch
from torch import nn


class Documents(nn.Module):
    def __init__(self, embed_dim, hidden_dim, num_labels):
        super().__init__()
        self.words = nn.GRU(embed_dim, hidden_dim, batch_first=True)
        self.sentences = nn.GRU(hidden_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, num_labels)

    def forward(self, document):
        # document is (sentences, words, embed_dim): one document
        outputs, h_n = self.words(
            document
        )  # (sentences, words, hidden_dim); h_n: (1, sentences, hidden_dim)
        vectors = h_n  # (batch, seq, hidden_dim): one document, a step for each sentence
        out, _ = self.sentences(vectors)  # (1, seq, hidden_dim)
        return self.fc(out[:, -1])  # (1, num_labels)


def model():
    return Documents(embed_dim=3, hidden_dim=6, num_labels=4)


def inputs():
    return (torch.rand(5, 7, 3),)
